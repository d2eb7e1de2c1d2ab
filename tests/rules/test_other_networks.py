"""Network and radio gear of other makers accuses none of the makers looked for.

`other_networks.tsv` holds one text a line: the kind, the text, whose it is and where that can be looked up.
"""

import csv
from datetime import date
from pathlib import Path

import pytest

from auditor.model import AuditedAsset, CollectedAsset, Fact, Seen, Tier, Verdict
from auditor.pipeline import Knowledge
from auditor.rules.load import load
from auditor.rules.oui import Registry
from tests.tools.judging import judge_one

TODAY = date(2026, 11, 21)
TEXTS = Path(__file__).parent / "other_networks.tsv"
SAID_AS = {
    "model": ("inventory.model", "entity.model", "entity.name", "http.title", "snmp.sysdescr", "lldp.sysdescr"),
    "radio": ("inventory.model", "entity.model", "http.title", "snmp.sysdescr"),
    "sysdescr": ("snmp.sysdescr", "lldp.sysdescr", "cdp.platform", "inventory.description"),
    "ssh": ("ssh.banner",),
    "telnet": ("telnet.banner", "banner.other"),
    "ftp": ("ftp.banner", "banner.other"),
    "realm": ("http.auth",),
    "title": ("http.title",),
    "server": ("http.server", "http.response"),
    "gpon": ("gpon.serial", "inventory.serial"),
}
# A unit of another maker may be set to the vendor code of a covered one, which is then a sign of it, and no more than
# that.
CODED = "terminal"
LINES = TEXTS.read_text(encoding="utf-8").splitlines()
ROWS = [tuple(row) for row in csv.reader(LINES[1:], delimiter="\t", quoting=csv.QUOTE_NONE)]


@pytest.fixture(scope="module")
def judged():
    """Return a function that judges a device which said only the facts given."""
    known = Knowledge(book=load(), registry=Registry.load())

    def ask(*facts: tuple[str, str]) -> AuditedAsset:
        said = tuple(Fact(kind=kind, value=value) for kind, value in facts)
        return judge_one(CollectedAsset(key="hq/1", site="hq", seen=Seen.READ, facts=said), known, TODAY)

    return ask


def verdicts(audited: AuditedAsset) -> dict[str, Verdict]:
    return {found.maker: found.verdict for found in audited.findings if found.tier is Tier.COVERED}


def test_the_list_is_long_and_every_line_says_whose_it_is_and_where_from() -> None:
    kinds = [row[0] for row in ROWS]
    assert len(ROWS) - kinds.count("radio") >= 200
    assert kinds.count("radio") >= 55
    assert {kind for kind in kinds if kind not in SAID_AS} == {CODED}
    assert [row for row in ROWS if len(row) != 4 or not all(row)] == []
    assert len([row for row in ROWS if row[3].startswith("https://")]) >= 200
    assert len({row[:2] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize(("kind", "value", "whose"), [row[:3] for row in ROWS if row[0] != CODED])
def test_another_makers_words_accuse_nobody(judged, kind: str, value: str, whose: str) -> None:
    text = value.replace("\\r", "\r").replace("\\n", "\n")
    accused = {said_as: verdicts(judged((said_as, text))) for said_as in SAID_AS[kind]}
    if kind in {"model", "radio"}:
        accused["beside its vendor"] = verdicts(judged(("inventory.vendor", whose), ("inventory.model", text)))
    assert {said_as: found for said_as, found in accused.items() if found} == {}


@pytest.mark.parametrize(("value", "whose"), [row[1:3] for row in ROWS if row[0] == CODED])
def test_a_vendor_code_on_another_makers_terminal_is_possible_at_most(judged, value: str, whose: str) -> None:
    model, serial = value.rsplit(" ", 1)
    row = (("inventory.vendor", whose), ("inventory.model", model), ("inventory.serial", serial))
    assert set(verdicts(judged(*row)).values()) <= {Verdict.POSSIBLE}
