"""What a person, a log and a program see of a run under way."""

import pytest

from auditor.cli import progress
from auditor.collect.events import CollectEvent, Notice
from auditor.model import Target
from auditor.run.meter import Meter

HQ = Target(address="192.0.2.1", site="hq")


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_a_sweep_is_measured_in_packets_and_a_stage_in_devices(clock):
    meter = Meter(clock=clock)
    meter.begin("hq", "sweep", 1000)
    clock.now = 2.0
    meter.note(Notice(CollectEvent.PACKETS, HQ, 250))

    (line,) = meter.lines()

    assert (line["done"], line["total"], line["rate"], line["left"]) == (250, 1000, 125.0, 6.0)
    meter.begin("hq", "snmp", 2)
    meter.note(Notice(CollectEvent.ASKED, HQ))
    meter.note(Notice(CollectEvent.READ, HQ))
    assert [(one["stage"], one["done"], one["total"]) for one in meter.lines()] == [("snmp", 1, 2)]


def test_the_clock_of_a_stage_that_is_over_stands_still(clock):
    meter = Meter(clock=clock)
    meter.begin("hq", "snmp", 1)
    clock.now = 2.0
    meter.note(Notice(CollectEvent.READ, HQ))
    clock.now = 100.0

    (line,) = meter.lines()

    assert (line["rate"], line["left"]) == (0.5, None)


def test_each_site_has_a_line_and_is_named_in_it(clock):
    meter = Meter(clock=clock)
    meter.begin("hq", "snmp", 1)
    meter.begin("lab\x1b[2J", "ssh", 1)

    assert [progress.heading(line) for line in meter.lines()] == [
        "hq: reading over SNMP",
        f"{progress.normal.printable('lab' + chr(27) + '[2J')}: reading over SSH",
    ]
    assert "\x1b" not in progress.heading(meter.lines()[1])


def test_a_pace_is_told_in_words(clock):
    meter = Meter(clock=clock)
    meter.begin("hq", "snmp", 1201)
    clock.now = 1.0
    meter.note(Notice(CollectEvent.READ, HQ))

    assert progress.pace(meter.lines()[0]) == "1.0/s, 20 min left; 1 read"
    assert [progress.duration(seconds) for seconds in (1, 150, 8000, 200_000)] == ["1 s", "2 min", "2 h", "2 d"]
