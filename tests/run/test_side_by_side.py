"""Collections side by side: no turn mixed or lost, few at a time, one word stops them all."""

import threading
import time
from datetime import UTC, datetime
from itertools import groupby, pairwise

import pytest

from auditor.model import Reason, Target, Unread
from auditor.run.side_by_side import AT_ONCE, side_by_side
from auditor.snmp.pace import Gate, StoppedError

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def said(site, number, word):
    target = Target(address=f"192.0.2.{number}", site=site)
    return Unread(target=target, collector="snmp", at=NOW, reason=Reason.PARTIAL, detail=word)


def site(name, turns=20):
    for number in range(turns):
        for word in ("first", "second", "third"):
            time.sleep(0.0002)
            yield said(name, number, word)


def test_a_turn_comes_in_one_piece_and_every_record_once():
    records = list(side_by_side([site(f"site-{number}") for number in range(12)], Gate(0.0)))

    turns = [(key, [one.detail for one in turn]) for key, turn in groupby(records, key=lambda one: one.target)]
    assert len(turns) == 12 * 20
    assert {tuple(words) for _, words in turns} == {("first", "second", "third")}


def test_few_collections_run_at_a_time():
    lock, now, most = threading.Lock(), [0], [0]

    def counted(number):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        yield from site(f"site-{number}", 5)
        with lock:
            now[0] -= 1

    assert len(list(side_by_side([counted(number) for number in range(3 * AT_ONCE)], Gate(0.0)))) == 3 * AT_ONCE * 15
    assert most[0] <= AT_ONCE


def test_whoever_stops_listening_stops_them_all():
    gate = Gate(0.0)

    def endless(name):
        while True:
            gate.check()
            yield from site(name, 2)

    coming = side_by_side([endless("a"), endless("b")], gate)
    assert next(coming).detail == "first"
    coming.close()

    assert not [thread for thread in threading.enumerate() if thread.name.startswith("site-")]


def test_a_bug_in_one_ends_all_and_is_raised_after_what_was_read():
    gate, records = Gate(0.0), []

    def broken():
        yield said("a", 1, "read before")
        raise ZeroDivisionError("a bug")

    def waiting():
        yield said("b", 2, "read as well")
        while True:
            gate.check()
            time.sleep(0.01)

    with pytest.raises(ZeroDivisionError, match="a bug"):
        records.extend(side_by_side([broken(), waiting()], gate))


def test_a_gate_gives_each_moment_once_and_none_once_it_is_closed():
    gate = Gate(100.0, clock=lambda: 5.0)
    moments = [gate.book(1) for _ in range(50)]

    assert [round(later - sooner, 6) for sooner, later in pairwise(moments)] == [0.01] * 49
    gate.close()
    with pytest.raises(StoppedError):
        gate.book(1)
