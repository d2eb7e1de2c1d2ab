"""A shared copy says the same and names nobody."""

import re
from dataclasses import replace

import pytest

from auditor.formats.document import to_json
from auditor.model import Audit, Fact
from auditor.report.base import Options
from auditor.report.coverage import scope_line
from auditor.report.redact import Pseudonyms, redact
from auditor.report.registry import FORMATS, render
from tests.tools.audits import audit, device_of, large

KEY = b"a key of this test"
SECRETS = (
    "2102350DLS10000001", "sw-hq-1", "192.0.2.1", "198.51.100.1", "192.0.2.77", "00e0fc000001", "00:e0:fc:00:00:01",
    "e0:50:8b:00:00:07", "e0508b000007", "FTX0000A001", '"hq"', "depot", "A. Auditor", "rt-1", "224.80.139",
)  # fmt: skip


@pytest.mark.parametrize("name", [name for name, kind in FORMATS.items() if not kind.binary])
def test_no_identifier_is_left_in_any_report(name: str) -> None:
    told = render(redact(audit(), KEY), name, Options(redacted=True)).decode()

    assert [secret for secret in SECRETS if secret in told] == []


def test_the_findings_stay_the_same() -> None:
    def verdicts(made: Audit) -> list[tuple[str, str, str]]:
        return sorted((f.maker, f.verdict.word, f.model) for item in made.assets for f in item.findings)

    assert verdicts(redact(audit(), KEY)) == verdicts(audit())
    assert len({item.asset.key for item in redact(large(500, 50), KEY).assets}) == 500


def test_one_key_gives_the_same_names_again_and_another_key_others() -> None:
    assert to_json(redact(audit(), KEY)) == to_json(redact(audit(), KEY))
    assert redact(audit(), KEY).assets[0].asset.site != redact(audit(), b"another").assets[0].asset.site


def test_who_reported_whom_is_still_to_be_seen() -> None:
    shared = redact(audit(), KEY)

    by_mac = {item.asset.macs: item for item in shared.assets}
    switch, camera = by_mac["00e0fcxxxxxx",], by_mac["e0508bxxxxxx",]
    assert camera.asset.hearsay[0].by == switch.asset.key
    assert camera.findings[0].evidence[0].by == switch.asset.key
    assert camera.asset.place is not None
    assert camera.asset.place.switch == switch.asset.name


def test_the_registry_half_of_a_mac_stays() -> None:
    assert ("e0508bxxxxxx",) in {item.asset.macs for item in redact(audit(), KEY).assets}


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("mac 00e0-fc00-0001 on Gi1", "0001"),
        ("mac 00e0.fc12.3456 on Gi1", "3456"),
        ("Serial Number: ABC12345X", "ABC12345X"),
        ("ESN of master: 210235924610B7000123", "210235924610B7000123"),
        ("peer 203.0.113.9:22", "203.0.113.9"),
        ("peer 2001:db8::1 port 22", "2001:db8::1"),
        ("peer fe80::1%eth0", "fe80::1"),
        ("S/N: 12-3456789", "3456789"),
    ],
)
def test_free_text_loses_what_looks_like_an_identifier(text: str, gone: str) -> None:
    assert gone not in Pseudonyms(KEY).text(text)


@pytest.mark.parametrize(
    "text", ["VRP (R) software, Version 5.170", "V200R011C10SPC600", "12:30:00 up 4 days", "1.3.6.1.4.1.2011.2.23.95"]
)
def test_what_the_finding_rests_on_stays(text: str) -> None:
    assert Pseudonyms(KEY).text(text) == text


def test_what_the_operator_named_is_replaced_whole() -> None:
    from auditor.report.redact import _fact

    told = _fact(Fact(kind="snmp.sysname", value="Vault 7, Main Street"), Pseudonyms(KEY))

    assert re.fullmatch("text-[0-9a-f]{10}", told.value)


def test_the_index_of_a_table_gives_no_mac_away() -> None:
    from auditor.report.redact import _fact

    told = _fact(
        Fact(
            kind="fdb.mac", value="", where="1.3.6.1.2.1.17.7.1.2.2.1.2.20.224.80.139.0.0.7", about="mac:e0508b000007"
        ),
        Pseudonyms(KEY),
    )

    assert told.where == "1.3.6.1.2.1.17.7.1.2.2.1.2.20.…"
    assert "e0508b" not in told.about


def test_an_empty_key_is_refused() -> None:
    with pytest.raises(ValueError, match="a key is needed"):
        redact(audit(), b"")


@pytest.mark.parametrize("name", [name for name, kind in FORMATS.items() if not kind.binary])
@pytest.mark.parametrize(
    "where",
    ["ipNetToMediaPhysAddress.41.192.0.2.1", "1.3.6.1.2.1.4.22.1.2.41.192.0.2.1", "dot1dTpFdbPort.0.224.252.0.0.1"],
)
def test_neither_scope_nor_a_table_index_gives_an_address_away(name: str, where: str) -> None:
    made = audit()
    item = device_of(made, "f-0001")
    finding = item.findings[0]
    evidence = replace(finding.evidence[0], fact=Fact(kind="arp.mac", value="00e0.fc00.0001", where=where))
    item = replace(item, findings=(replace(finding, evidence=(evidence,)),))
    run = replace(made.run, scope=("hq: 192.0.2.1 to 192.0.2.254, 254 addresses", "depot: 2001:db8::1"), addresses=255)
    told = render(
        redact(replace(made, run=run, assets=(item, *(one for one in made.assets if one.order != item.order))), KEY),
        name,
        Options(),
    ).decode()

    for secret in ("192.0.2.", "2001:db8", "224.252.0", '"hq: ', "depot"):
        assert secret not in told
    if name == "text":
        assert "255 addresses contacted at 2 sites" in told


def test_a_shared_copy_counts_what_answered_as_the_original_does() -> None:
    made = audit()
    scope = ("hq: 192.0.2.0 to 192.0.2.255, 256 addresses", "depot: 192.0.2.9", "depot: 192.0.2.10")
    made = replace(made, run=replace(made.run, scope=scope, addresses=258))

    assert scope_line(redact(made, KEY)) == scope_line(made)
    assert "3 answered" in scope_line(made)
