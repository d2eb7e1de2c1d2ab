"""What to do about devices that only others spoke of.

One step for a line of them, and a mark where they stand on papers.
"""

from datetime import UTC, datetime

from auditor import pipeline
from auditor.model import Fact, Observation, Run, Target
from auditor.report.base import Options
from auditor.report.next_steps import next_steps
from auditor.report.registry import render

AT = datetime(2026, 11, 21, 5, tzinfo=UTC)
KNOWN = pipeline.learn(choice=pipeline.PolicyChoice(ids=["us-fcc-covered-list"]))


def line_terminal(name, serials):
    """Return an OLT that lists terminals by their serial numbers (ITU-T G.984.3)."""
    own = (Fact(kind="snmp.sysdescr", value="Calix E7-2, 22.2.0.1"), Fact(kind="snmp.sysname", value=name))
    listed = tuple(Fact(kind="gpon.serial", value=serial, about=f"gpon:{serial}") for serial in serials)
    return Observation(target=Target(address=name, site="north"), collector="snmp", at=AT, facts=(*own, *listed))


def audit():
    records = [
        line_terminal("olt1", [f"HWTC0000A{at:03X}" for at in range(40)]),
        line_terminal("olt2", [f"ZTEGC0000{at:03X}" for at in range(3)]),
    ]
    case = pipeline.AuditCase(run=Run(id="r", started=AT), finished=AT, as_of=AT.date())
    return pipeline.audit(records, KNOWN, case)


def test_forty_terminals_behind_one_line_terminal_are_one_step():
    steps = next_steps(audit(), Options())

    assert [(site, by, number) for site, by, _, _, number, _ in steps] == [
        ("north", "olt1", "40"),
        ("north", "olt2", "3"),
    ]


def test_each_report_people_read_holds_the_steps():
    for name in ("text", "md", "html"):
        text = render(audit(), name, Options()).decode()
        assert "Only heard of: what to do next" in text
        assert "olt1" in text


def test_a_device_that_is_read_has_no_such_step():
    case = pipeline.AuditCase(run=Run(id="r", started=AT), finished=AT, as_of=AT.date())
    read = Observation(
        target=Target(address="192.0.2.1", site="north"),
        collector="snmp",
        at=AT,
        facts=(Fact(kind="snmp.sysobjectid", value="1.3.6.1.4.1.2011.2.23.95"),),
    )

    judged = pipeline.audit([read], KNOWN, case)

    assert [len(item.findings) for item in judged.assets] == [1]
    assert next_steps(judged, Options()) == []
    assert "Only heard of" not in render(judged, "md", Options()).decode()
