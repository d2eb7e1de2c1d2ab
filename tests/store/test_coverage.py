"""What a run examined, and which runs may be compared with."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

from auditor.model import EmptySweep, Observation, Reason, SweepNote, Target, Unread
from auditor.store.baseline import RunTimes, Standing, standing
from auditor.store.coverage import SiteCoverage, coverage
from tests.tools.lives import at
from tests.tools.records import AT, seen


def swept(address, *ranges, cut=False):
    note = SweepNote(ranges=ranges, cut=cut)
    return Observation(target=Target(address=address, site="hq"), collector="sweep", at=AT, facts=(), sweep=note)


def unread(address, reason, detail="", collector="snmp"):
    target = Target(address=address, site="hq")
    return Unread(target=target, collector=collector, at=AT, reason=reason, detail=detail)


RECORDS = [
    swept("192.0.2.1", "192.0.2.0-192.0.2.127"),
    swept("192.0.2.130", "192.0.2.128-192.0.2.255", "2001:db8::-2001:db8::ff"),
    seen("192.0.2.1"),
    seen("198.51.100.4", collector="ssh"),
    unread("198.51.100.4", Reason.PARTIAL, "the table of MACs ends early", collector="ssh"),
    unread("192.0.2.130", Reason.AUTHENTICATION),
    unread("192.0.2.131", Reason.INTERRUPTED),
]


def test_a_coverage_is_the_same_text_whatever_the_order_of_records():
    texts = {coverage(order)["hq"].text() for order in permutations(RECORDS)}
    assert len(texts) == 1
    own = coverage(RECORDS)["hq"]
    assert SiteCoverage.parse(own.text()) == own
    assert SiteCoverage.parse("") == SiteCoverage()


def test_what_was_swept_read_failed_and_cut():
    own = coverage(RECORDS)["hq"]
    assert own.answered == ("192.0.2.1", "192.0.2.130", "198.51.100.4")
    assert own.swept == ("192.0.2.0-192.0.2.255", "2001:db8::-2001:db8::ff")
    assert [own.is_swept(one) for one in ("192.0.2.77", "2001:db8::7", "198.51.100.5", "core.walk")] == [
        True, True, False, False,
    ]  # fmt: skip
    assert own.failed == (("192.0.2.130", "snmp", "authentication"), ("192.0.2.131", "snmp", "interrupted"))
    assert own.unread == {"192.0.2.130": "authentication", "192.0.2.131": "interrupted"}
    assert own.tables(whole=True) == {"192.0.2.1": frozenset({"snmp"})}
    assert own.gaps.keys() == {"192.0.2.130", "192.0.2.131", "198.51.100.4"}


def test_a_sweep_without_any_answer_examined_its_ranges():
    empty = EmptySweep(target=Target(address="", site="hq"), collector="sweep", at=AT, ranges=("192.0.2.0-192.0.2.9",))
    own = coverage([empty])["hq"]
    assert (own.answered, own.swept, own.is_asked("192.0.2.7")) == ((), ("192.0.2.0-192.0.2.9",), True)


def test_a_sweep_that_was_stopped_examined_nobody_but_who_answered():
    own = coverage([swept("192.0.2.1", "192.0.2.0-192.0.2.127", cut=True)])["hq"]
    assert (own.answered, own.swept) == (("192.0.2.1",), ())


def test_an_imported_list_is_a_reporter_and_no_device():
    own = coverage([seen("arp.txt", collector="table")])["hq"]
    assert (own.answered, own.tables(whole=True)) == ((), {"arp.txt": frozenset({"table"})})


def test_a_run_that_overlaps_or_is_ahead_of_the_clock_is_no_baseline():
    hour = timedelta(hours=1)
    first = RunTimes(started=at(1), ended=at(1) + hour, digest="a")
    now = at(1) + 2 * hour
    assert standing(first, [], now) is Standing.BASELINE
    late = replace(first, started=at(1) + hour / 2, digest="b")
    assert standing(late, [first], now) is Standing.LATE
    assert standing(replace(late, started=at(1) + hour), [first], now) is Standing.BASELINE
    ahead = replace(first, started=now + timedelta(minutes=6), ended=now + hour)
    assert standing(ahead, [first], now) is Standing.AHEAD
    assert standing(replace(ahead, started=now + timedelta(minutes=4)), [first], now) is Standing.BASELINE
    kept = replace(ahead, standing=Standing.AHEAD)
    assert standing(replace(first, started=now), [first, kept], now) is Standing.BASELINE


def test_two_runs_of_one_moment_are_late_only_with_the_same_records():
    first = RunTimes(started=at(1), ended=at(1, 3), digest="a")
    assert standing(replace(first, digest="b"), [first], at(2)) is Standing.BASELINE
    assert standing(first, [first], at(2)) is Standing.LATE
