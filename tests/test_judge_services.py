"""Who spoke, with the real rules: one service is one witness in many replies."""

from datetime import date

import pytest

from auditor.model import CollectedAsset, Fact, Seen, Verdict
from auditor.pipeline import Knowledge
from auditor.rules.load import load
from auditor.rules.oui import Registry
from tests.tools.judging import judge_one

TODAY = date(2026, 11, 21)
# Each is strong evidence for Huawei by itself and no proof.
SERVER, TITLE = ("http.server", "HUAWEI-BMC"), ("http.title", "HUAWEI HG8245H")
CERTIFICATE = ("tls.subject", "CN=ont.huawei.com")
SHELL, CALLS = ("ssh.banner", "SSH-2.0-DOPRA-1.5"), ("sip.server", "Huawei")
NUMBER, ENGINE = ("snmp.enterprise", "2011"), ("snmp.engineid", "800007db03001e10aabb01")
LABEL = ("entity.mfg", "Huawei")


@pytest.fixture(scope="module")
def known():
    """Return the rules and the registry; no law is asked here."""
    return Knowledge(book=load(), registry=Registry.load())


@pytest.fixture
def verdict(known):
    """Return a function that says how sure the given words make that Huawei built it."""

    def judged(*said):
        facts = tuple(Fact(kind=kind, value=value) for kind, value in said)
        asset = CollectedAsset(key="hq/1", site="hq", seen=Seen.READ, facts=facts)
        found = judge_one(asset, known, TODAY).findings
        return next((one.verdict for one in found if one.maker == "huawei"), None)

    return judged


@pytest.mark.parametrize("alone", [SERVER, TITLE, CERTIFICATE, SHELL, CALLS, NUMBER, ENGINE, LABEL])
def test_one_strong_word_is_probable(verdict, alone):
    assert verdict(alone) is Verdict.PROBABLE


def test_what_one_web_server_says_thrice_confirms_nothing(verdict):
    assert verdict(SERVER, TITLE, CERTIFICATE) is Verdict.PROBABLE


def test_what_one_snmp_agent_says_thrice_confirms_nothing(verdict):
    assert verdict(NUMBER, ENGINE, LABEL) is Verdict.PROBABLE


@pytest.mark.parametrize("pair", [(TITLE, SHELL), (SERVER, NUMBER), (CERTIFICATE, CALLS), (SHELL, LABEL)])
def test_two_services_of_one_device_confirm_each_other(verdict, pair):
    assert verdict(*pair) is Verdict.CONFIRMED


def test_two_hints_of_one_web_server_stay_one_hint(known):
    page = Fact(kind="http.response", value='seajs.web_version="V4.0.1build190215"', where="/")
    header = Fact(kind="http.server", value="MWS 0.01")
    number = Fact(kind="snmp.sysobjectid", value="1.3.6.1.4.1.39165.1.1")

    def sure(*facts):
        asset = CollectedAsset(key="hq/1", site="hq", seen=Seen.READ, facts=facts)
        return [(one.maker, one.verdict) for one in judge_one(asset, known, TODAY).findings]

    assert sure(page, header) == [("hikvision", Verdict.POSSIBLE)]
    assert sure(page, number) == [("hikvision", Verdict.PROBABLE)]
