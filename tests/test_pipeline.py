"""The rooms together: records in, one audit out; silence is not a clean bill."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from auditor import pipeline
from auditor.errors import RuleError
from auditor.formats.document import summary, to_document
from auditor.formats.fields import dump
from auditor.imports.registry import read
from auditor.imports.source import SourceFile
from auditor.model import Fact, Observation, Outcome, Reason, Run, Seen, Target, Unread, Verdict, Waiver
from auditor.policy.oblige import Circumstances
from auditor.report.base import Options
from auditor.report.coverage import coverage
from auditor.report.coverage import table as coverage_table
from auditor.report.sheets import replace_rows
from auditor.report.views import device_findings

AT = datetime(2026, 11, 21, 5, tzinfo=UTC)
KNOWN = pipeline.learn()
CASE = pipeline.AuditCase(run=Run(id="r", started=AT), finished=AT, as_of=AT.date())
VRP = "Huawei Versatile Routing Platform Software \r\n VRP (R) software,Version 5.170 (S5720 V200R010C00SPC600)"
CISCO = "Cisco IOS Software, C2960 Software (C2960-LANBASEK9-M), Version 15.0(2)SE11"
HIKVISION_MAC = "bcad28000001"


def fact(kind, value, about="", where=""):
    return Fact(kind=kind, value=value, about=about, where=where)


def seen(address, *facts, site="hq", collector="snmp"):
    return Observation(target=Target(address=address, site=site), collector=collector, at=AT, facts=facts)


def lost(address, site="hq"):
    return Unread(
        target=Target(address=address, site=site), collector="snmp", at=AT, reason=Reason.TIMEOUT, detail="no reply"
    )


def audit(*records, case=CASE):
    return pipeline.audit(records, KNOWN, case)


def one(judged, key):
    return next(
        item for item in judged.assets if key in {item.asset.key, item.asset.address, item.asset.name, *item.asset.macs}
    )


def test_a_neighbours_maker_never_flags_the_reporter():
    tables = (
        fact("snmp.sysdescr", CISCO),
        fact("fdb.mac", HIKVISION_MAC, f"mac:{HIKVISION_MAC}"),
        fact("lldp.sysdescr", VRP, "lldp:1.1"),
        fact("lldp.chassis", "00:e0:fc:00:00:01", "lldp:1.1"),
    )

    judged = audit(seen("192.0.2.1", *tables))

    assert one(judged, "192.0.2.1").findings == ()
    assert {finding.maker for item in judged.assets if item.asset.seen is Seen.HEARD for finding in item.findings} == {
        "hikvision",
        "huawei",
    }


def test_a_covered_optic_is_a_part_and_not_its_host():
    judged = audit(seen("192.0.2.1", fact("snmp.sysdescr", CISCO), fact("entity.mfg", "HUAWEI", "part:67", "67")))

    switch = one(judged, "192.0.2.1")
    assert switch.findings == ()
    assert {finding.maker for finding in switch.parts} <= {"huawei"}
    assert switch.outcome is not Outcome.MATCH


def test_an_olt_is_not_what_hangs_behind_it():
    sample = Path(__file__).parents[1] / "samples" / "others" / "vsol-v1600g1.snmprec"
    judged = audit(*read(SourceFile(path=sample, site="hill", at=AT, warn=lambda _text: None)))

    told = {item.asset.name or item.asset.key: [finding.maker for finding in item.findings] for item in judged.assets}
    places = {
        item.asset.name: item.asset.place.port for item in judged.assets if item.asset.serial and item.asset.place
    }

    assert (told["hill-olt1"], told["HWTCAA0000F1"], told["ZTEGAA0000F2"]) == ([], ["huawei"], ["zte"])
    assert told["hill/mac:bcad280000f1"] == ["hikvision"]
    assert places["ZTEGAA0000F2"] == "PON 1 ONT 2"


def test_each_member_of_a_stack_is_a_unit_to_replace():
    stack = seen(
        "192.0.2.1",
        fact("snmp.sysobjectid", "1.3.6.1.4.1.2011.2.23.291"),
        fact("entity.mfg", "Huawei", where="67108867"),
        fact("entity.serial", "2102359579DMHC000288", where="67108867"),
        *(
            fact(kind, value, "part:134217731", "134217731")
            for kind, value in (
                ("entity.mfg", "Huawei"),
                ("entity.serial", "2102359579DMHC000289"),
                ("entity.name", "Unit 2"),
                ("entity.model", "S5735-L24P4S-A1"),
                ("entity.class", "chassis"),
            )
        ),
        *(
            fact(kind, value, "part:134217999", "134217999")
            for kind, value in (
                ("entity.mfg", "Huawei"),
                ("entity.serial", "2102359579DMHC000777"),
                ("entity.class", "module"),
            )
        ),
    )

    switch = one(audit(stack), "192.0.2.1")

    assert [finding.serial for finding in switch.findings] == ["2102359579DMHC000288"]
    assert [(part.unit, part.serial, part.model, part.category) for part in switch.parts] == [
        ("Unit 2", "2102359579DMHC000289", "S5735-L24P4S-A1", switch.findings[0].category)
    ]
    assert not any(part.is_component for part in switch.parts)


def test_a_member_of_a_stack_is_enough_to_fail_on_where_the_first_says_nothing():
    rows = [fact("entity.class", "chassis", "part:2", "2"), fact("entity.mfg", "Huawei", "part:2", "2")]
    judged = audit(seen("192.0.2.1", fact("snmp.sysname", "sw1"), *rows))

    assert one(judged, "192.0.2.1").findings == ()
    assert (pipeline.exit_code(judged, "possible"), pipeline.exit_code(judged, "never")) == (1, 0)


def test_a_prefix_alone_never_confirms():
    judged = audit(seen("192.0.2.1", fact("if.mac", HIKVISION_MAC)))

    assert [finding.verdict for finding in one(judged, HIKVISION_MAC).findings] == [Verdict.PROBABLE]


def test_silence_is_not_a_clean_bill():
    judged = audit(lost("192.0.2.1"))

    assert (judged.assets, len(judged.unread)) == ((), 1)
    assert pipeline.exit_code(judged, "never") == 3


def test_a_device_only_heard_of_and_not_readable_is_unread():
    arp = fact("arp.mac", "00:00:5e:00:53:01", "ip:192.0.2.9")

    judged = audit(seen("192.0.2.1", fact("snmp.sysdescr", CISCO), arp), lost("192.0.2.9"))

    assert one(judged, "00005e005301").outcome is Outcome.UNREAD
    assert one(judged, "00005e005301").why.startswith("Heard, not read: it could not be read over snmp (timeout)")


def test_a_covered_device_only_heard_of_stays_a_match_though_unread():
    arp = fact("arp.mac", HIKVISION_MAC, "ip:192.0.2.9")

    judged = audit(seen("192.0.2.1", fact("snmp.sysdescr", CISCO), arp), lost("192.0.2.9"))

    assert one(judged, HIKVISION_MAC).outcome is Outcome.MATCH


def test_a_switch_heard_of_that_refused_us_is_one_match_and_says_so():
    announced = (
        fact("lldp.chassis", "00:e0:fc:00:00:09", "lldp:5.1"),
        fact("lldp.sysdescr", "S5735 Huawei Versatile Routing Platform Software VRP (R) V200R021", "lldp:5.1"),
        fact("lldp.localport", "Gi1/0/5", "lldp:5.1"),
        fact("lldp.address", "192.0.2.9", "lldp:5.1"),
    )
    refusal = replace(lost("192.0.2.9"), reason=Reason.NO_CREDENTIAL)

    judged = audit(seen("192.0.2.1", fact("snmp.sysdescr", CISCO), *announced), refusal)

    (item,) = [item for item in judged.assets if "192.0.2.9" in item.asset.addresses]
    assert (len(judged.assets), item.outcome, item.asset.place.port) == (2, Outcome.MATCH, "Gi1/0/5")
    assert item.why.startswith("Heard, refused us: it could not be read over snmp (no-credential). Huawei: ")


def test_generic_words_leave_a_device_undetermined():
    judged = audit(
        seen("192.0.2.1", fact("snmp.sysobjectid", "1.3.6.1.4.1.8072.3.2.10"), fact("snmp.sysdescr", "Linux box 5.10"))
    )

    assert one(judged, "192.0.2.1").outcome is Outcome.UNDETERMINED


def test_what_a_site_serves_decides_a_purpose_clause():
    camera = seen("192.0.2.1", fact("http.server", "Hikvision-Webs"), collector="probe")
    asked = {}
    for purposes in (None, (), ("public-safety",)):
        case = replace(CASE, circumstances={"hq": Circumstances(purposes=purposes)})
        (finding,) = one(audit(camera, case=case), "192.0.2.1").findings
        asked[purposes] = {duty.applies.value for duty in finding.obligations if duty.policy == "us-fcc-covered-list"}

    assert "if-purpose" in asked[None]
    assert "if-purpose" not in asked[()] | asked["public-safety",]
    assert "yes" in asked["public-safety",]


def test_a_waiver_holds_until_its_last_day_and_no_longer():
    huawei = seen("192.0.2.1", fact("snmp.sysdescr", VRP))
    (finding,) = one(audit(huawei), "192.0.2.1").findings
    waiver = Waiver(finding=finding.id, who="A", why="B", authority="C", until=date(2026, 11, 21))

    held = audit(huawei, case=replace(CASE, waivers=(waiver,)))
    ended = audit(huawei, case=replace(CASE, waivers=(waiver,), as_of=date(2026, 11, 22)))

    assert one(held, "192.0.2.1").findings[0].waiver == waiver
    assert pipeline.exit_code(held, "probable") == 0
    assert one(ended, "192.0.2.1").findings[0].waiver is None
    assert pipeline.exit_code(ended, "probable") == 1


def test_the_order_of_records_changes_no_byte():
    records = [
        seen("192.0.2.1", fact("snmp.sysdescr", VRP), fact("fdb.mac", HIKVISION_MAC, f"mac:{HIKVISION_MAC}")),
        seen("192.0.2.2", fact("snmp.sysdescr", CISCO)),
        seen("192.0.2.2", fact("http.server", "x"), collector="probe"),
        lost("192.0.2.3"),
        lost("192.0.2.4"),
    ]

    assert dump(to_document(audit(*records))) == dump(to_document(audit(*records[::-1])))


def test_an_unknown_policy_names_the_known_ones():
    with pytest.raises(RuleError, match="us-fcc-covered-list"):
        pipeline.learn(choice=pipeline.PolicyChoice(ids=["us-law"]))


def test_a_day_nobody_can_read_is_a_day_nobody_knows():
    dated = seen("192.0.2.1", fact("snmp.sysdescr", VRP), fact("inventory.acquired", "last spring"))

    assert one(audit(dated), "192.0.2.1").outcome is Outcome.MATCH


def test_what_stands_in_place_of_a_serial_is_in_no_report():
    cameras = [
        seen(
            f"192.0.2.{n}",
            fact("inventory.vendor", "Hikvision"),
            fact("inventory.model", "DS-2CD2143G2-I"),
            fact("inventory.mac", f"bc:ad:28:00:00:0{n}"),
            fact("inventory.serial", text),
            collector="csv",
        )
        for n, text in enumerate(["pending", "pending", "see label", "To be filled by O.E.M."], 1)
    ]

    judged = audit(*cameras)

    assert [(item.asset.key, item.asset.serial) for item in judged.assets] == [
        (f"hq/mac:bcad2800000{n}", "") for n in range(1, 5)
    ]
    assert {finding.serial for item in judged.assets for finding in item.findings} == {""}


def test_a_member_of_a_stack_whose_serial_was_never_written_shows_none():
    chassis = [
        fact(kind, value, "part:2", "2")
        for kind, value in (
            ("entity.class", "chassis"),
            ("entity.mfg", "Huawei"),
            ("entity.model", "S5720-28X-SI-AC"),
            ("entity.serial", "Chassis Serial Number"),
        )
    ]

    (item,) = audit(seen("192.0.2.1", fact("snmp.sysname", "stack"), *chassis)).assets

    assert [(part.unit, part.serial) for part in item.parts] == [("2", "")]


def test_own_rules_bring_own_words_for_a_serial_nobody_wrote(tmp_path):
    (tmp_path / "serials.toml").write_text('exact = [{ text = "lager77", example = "LAGER-77" }]\n', encoding="utf-8")
    records = [seen("192.0.2.1", fact("inventory.serial", "Lager 77"))]

    (item,) = pipeline.audit(records, pipeline.learn([tmp_path]), CASE).assets

    assert (item.asset.key, item.asset.serial) == ("hq/192.0.2.1", "")


@pytest.mark.parametrize(
    ("reason", "detail", "confidence"),
    [
        (Reason.PARTIAL, "forwarding table: limit, dot1dTpFdbPort has more than 200000 rows", "medium"),
        (Reason.LIMIT, "", "medium"),
        (Reason.PARTIAL, "the walk was not finished: Timeout: No Response", "medium"),
        (Reason.PARTIAL, "display mac-address: it could not be read", "medium"),
        (Reason.PARTIAL, "display elabel: it could not be read", "high"),
        (Reason.PARTIAL, "2 lines of the recording could not be read; the first: line 7", "high"),
        (Reason.PARTIAL, "ENTITY-MIB: timeout, no reply to 3 requests", "high"),
        (Reason.AUTHENTICATION, "", "high"),
    ],
)
def test_a_table_known_to_end_early_makes_no_place_sure(reason, detail, confidence):
    camera = fact("fdb.mac", "bc:ad:28:00:00:01", "mac:bcad28000001"), fact("fdb.port", "Gi1/0/7", "mac:bcad28000001")
    switch = seen("192.0.2.2", fact("snmp.sysname", "acc"), fact("entity.serial", "SNACC0001"), *camera)
    note = replace(lost("192.0.2.2"), reason=reason, detail=detail)

    judged = audit(switch, note)

    assert one(judged, HIKVISION_MAC).asset.place.confidence == confidence


def learned(digits, port):
    return fact("fdb.mac", digits, f"mac:{digits}"), fact("fdb.port", port, f"mac:{digits}")


def test_a_virtual_machine_is_no_device_and_on_no_list_of_what_to_replace():
    judged = audit(
        seen("192.0.2.1", fact("snmp.sysdescr", CISCO), *learned("005056000001", "Gi1"), *learned(HIKVISION_MAC, "Gi2"))
    )

    counts = summary(judged)
    assert (len(judged.assets), counts["assets"], counts["virtual"], counts["heard"]) == (3, 2, 1, 1)
    guest = one(judged, "005056000001")
    software = replace(guest, outcome=Outcome.MATCH, findings=one(judged, HIKVISION_MAC).findings, asset=guest.asset)
    both = replace(judged, assets=(*judged.assets, software))
    wares = len(one(judged, HIKVISION_MAC).findings)
    assert (len(device_findings(both)), len(replace_rows(both, Options()))) == (2 * wares, wares)
    assert summary(both)["match"] == 2


def test_macs_nobody_registered_are_told_as_a_number_and_by_reporter():
    reporter = seen(
        "192.0.2.1", fact("snmp.sysdescr", CISCO), *learned("02aabbccdd01", "Gi1"), *learned("06aabbccdd02", "Gi2")
    )

    judged = audit(reporter)

    assert [item.asset.local_macs for item in judged.assets] == [2]
    (note,) = judged.notes
    assert note.startswith("2 locally administered MACs in the tables of 1 device count as no device: telephones, ")
    assert [line.local_macs for line in coverage(judged)] == [2]
    assert ("Local MACs" in coverage_table(judged)[0], "Virtual" in coverage_table(judged)[0]) == (True, False)


def test_one_such_mac_is_told_in_the_singular():
    (note,) = audit(seen("192.0.2.1", fact("snmp.sysdescr", CISCO), *learned("02aabbccdd01", "Gi1"))).notes

    assert note.startswith("1 locally administered MAC in the tables of 1 device counts as no device: telephones, ")


def test_a_random_mac_on_the_port_of_a_hypervisor_is_its_guest_and_elsewhere_a_number():
    host = (fact("snmp.sysdescr", "VMware ESXi 7.0.3 build-1"), fact("if.mac", "00:25:b5:00:00:01"))
    rows = [*learned("0025b5000001", "Gi1"), *learned("02aabbccdd01", "Gi1"), *learned("02aabbccdd02", "Gi2")]

    judged = audit(seen("192.0.2.1", fact("snmp.sysdescr", CISCO), *rows), seen("192.0.2.9", *host))

    assert one(judged, "02aabbccdd01").asset.is_virtual
    assert (len(judged.assets), one(judged, "192.0.2.1").asset.local_macs) == (3, 1)


def test_a_device_that_showed_no_mark_is_told_to_be_known_by_its_address_only():
    judged = audit(
        seen("192.0.2.1", fact("snmp.sysdescr", CISCO)), seen("192.0.2.2", fact("entity.serial", "FOC1234X0AB"))
    )

    assert [len(item.asset.remarks) for item in judged.assets] == [1, 0]
    assert judged.assets[0].asset.remarks[0].startswith("Known by its address only")
