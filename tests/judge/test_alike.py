"""Devices alike but for their MACs are judged once, and each as if it were judged alone."""

import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime

from auditor import pipeline
from auditor.assets import survey
from auditor.judge import judge
from auditor.judge.alike import Precedent
from auditor.model import Fact, Observation, Run, Target, Waiver, about_address, about_mac
from auditor.normal import spelled
from auditor.rules.likeness import Likeness
from auditor.rules.match import match

AT = datetime(2026, 11, 21, 5, tzinfo=UTC)
KNOWN = pipeline.learn()
CASE = pipeline.AuditCase(run=Run(id="r", started=AT), finished=AT, as_of=AT.date())
TERMS = pipeline.terms_of(KNOWN.book, KNOWN.registry)
LIKENESS = Likeness(KNOWN.book, KNOWN.registry)
CAMERAS, COMPUTERS, NOBODY = "bcad28", "001422", "7c0000"


def rows(digits, vlan="20", port="Gi1/0/1", where="dot1qTpFdbPort.20."):
    place = where + ".".join(map(str, bytes.fromhex(digits)))
    words = (("fdb.mac", spelled(digits)), ("fdb.port", port), ("fdb.vlan", vlan))
    return [Fact(kind=kind, value=value, where=place, about=about_mac(digits)) for kind, value in words]


def resolved(digits, address):
    return [Fact(kind="arp.mac", value=spelled(digits), where="table", about=about_address(address))]


def switch(address, *facts, site="hq"):
    own = Fact(kind="snmp.sysname", value=f"sw-{address}", where="1.3.6.1.2.1.1.5.0")
    return Observation(target=Target(address=address, site=site), collector="snmp", at=AT, facts=(own, *facts))


def network():
    macs = [f"{prefix}{number:06x}" for prefix in (CAMERAS, COMPUTERS, NOBODY) for number in range(1, 12)]
    first = [fact for mac in macs for fact in rows(mac, vlan=str(int(mac[-1], 16) % 3))]
    second = [fact for mac in macs[::2] for fact in rows(mac, port="Te1/1/1")]
    second += [fact for number in (1, 2) for fact in rows(f"{CAMERAS}0000a{number}")]
    second += [fact for mac in macs[::3] for fact in resolved(mac, f"10.0.1.{macs.index(mac)}")]
    elsewhere = [fact for mac in macs[:4] for fact in rows(mac)]
    return [switch("10.0.0.1", *first), switch("10.0.0.2", *second), switch("10.0.0.3", *elsewhere, site="barn")]


def test_each_is_judged_as_if_it_were_judged_alone():
    audit = pipeline.audit(network(), KNOWN, CASE)
    items = {item.asset.key: item for item in audit.assets}

    for asset in survey(network(), KNOWN.identifies, KNOWN.fillers, KNOWN.ports).assets:
        own = judge(asset, match(KNOWN.book, asset, KNOWN.registry), TERMS, CASE.as_of)
        item = items[asset.key]
        findings = tuple(replace(one, obligations=()) for one in item.findings)
        assert replace(item, findings=findings, vendor="", role="") == own


def test_those_of_one_owner_in_the_same_tables_are_alike_and_no_others():
    assets = {asset.key: asset for asset in survey(network(), KNOWN.identifies, KNOWN.fillers, KNOWN.ports).assets}
    sign = {key.removeprefix("hq/mac:"): LIKENESS.of(asset) for key, asset in assets.items()}

    assert sign["bcad28000002"] == sign["bcad28000008"] is not None
    assert sign["bcad28000002"] != sign["001422000002"]
    assert sign["bcad28000002"] != sign["bcad28000001"]
    assert sign["bcad28000002"] != LIKENESS.of(assets["barn/mac:bcad28000002"])
    assert LIKENESS.of(assets["hq/10.0.0.1"]) is None


def test_what_asks_for_more_than_the_owner_is_no_precedent():
    (asset, *_) = [one for one in survey(network(), KNOWN.identifies).assets if one.key == "hq/mac:bcad28000001"]
    verdict = judge(asset, match(KNOWN.book, asset, KNOWN.registry), TERMS, CASE.as_of)

    assert Precedent.of(verdict) is not None
    assert Precedent.of(replace(verdict, parts=verdict.findings)) is None
    assert Precedent.of(replace(verdict, asset=replace(verdict.asset, hearsay=()))) is None


def test_each_has_an_id_and_a_waiver_of_its_own():
    cameras = [item for item in pipeline.audit(network(), KNOWN, CASE).assets if item.findings]
    (finding,) = cameras[-1].findings
    waiver = Waiver(finding=finding.id, who="w", why="y", authority="a", until=AT.date())

    again = pipeline.audit(network(), KNOWN, replace(CASE, waivers=(waiver,)))
    waivers = {one.id: one.waiver for item in again.assets for one in item.findings}

    assert len(waivers) == len(cameras) == 11 + 2 + 4
    assert {number for number, one in waivers.items() if one is not None} == {finding.id}


def test_of_many_alike_what_they_share_is_held_once():
    macs = [f"{prefix}{number:06x}" for prefix in (CAMERAS, COMPUTERS) for number in range(1000)]
    records = [switch("10.0.0.1", *(fact for mac in macs for fact in rows(mac)))]
    pipeline.audit(records, KNOWN, CASE)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()

    audit = pipeline.audit(records, KNOWN, CASE)

    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(audit.assets) == len(macs) + 1
    assert (after - before) / len(macs) < 100
