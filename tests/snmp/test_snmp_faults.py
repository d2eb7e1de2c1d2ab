"""Every way an agent can misbehave, all at once and next to healthy ones (R1 to R4, R12)."""

import time
import tracemalloc

import pytest

from auditor.model import Reason
from tests.tools import snmp_faults as faults
from tests.tools.snmp_faults import FAULTS, ROWS, Zoo, is_as_it_should_be, reason, rows, survive


@pytest.fixture(scope="module")
def zoo():
    with Zoo(77) as playing:
        yield playing


@pytest.fixture(scope="module")
def results(zoo):
    began = time.monotonic()
    found = survive(zoo, (*FAULTS, *zoo.healthy))
    assert time.monotonic() - began < faults.LIMITS.deadline * 1.2
    return found


@pytest.mark.parametrize("name", FAULTS)
def test_a_faulty_agent_is_read_as_far_as_it_can_be_believed(results, name):
    result = results[name]
    told = (reason(result), rows(result), result.counts, result.fault, [answer.why for answer in result.value])
    assert is_as_it_should_be(name, result), told


def test_healthy_agents_next_to_faulty_ones_are_read_whole(zoo, results):
    for name in zoo.healthy:
        assert rows(results[name]) == ROWS
        assert reason(results[name]) is None
        assert results[name].counts.retries == 0


def test_nothing_is_ever_written(zoo, results):
    assert results
    assert zoo.stats["set"] == 0


def test_forged_answers_are_counted(results):
    assert results["spoofed before true, port"].counts.spoofed >= 3
    assert results["spoofed before true, address"].counts.spoofed >= 3
    assert results["v3 wrong digest"].counts.spoofed == 3
    assert results["v3 plaintext downgrade"].counts.spoofed == 3


@pytest.mark.parametrize("name", ["loop", "same row again", "decreasing"])
def test_a_walk_in_circles_ends_with_the_reply_that_shows_it(results, name):
    assert results[name].counts.requests <= 5


def test_a_jump_backwards_is_told_from_the_end_of_a_table(results):
    assert "did not increase" in results["jumps back"].value[1].why
    assert "left" in results["jumps out of the table"].value[1].why


def test_a_value_as_the_device_sent_it_reaches_the_script(results):
    values = {bind.oid: bind for bind in results["60 kB string"].value[1].varbinds}
    assert values[f"{faults.COLUMN}.7"].raw == b"x" * 60_000
    values = {bind.oid: bind for bind in results["hostile text"].value[1].varbinds}
    assert values[f"{faults.COLUMN}.7"].raw == faults.HOSTILE


def test_a_table_read_across_a_restart_is_read_again(zoo, results):
    for name in ("restarts half-way", "v3 restart half-way"):
        assert results[name].value[1].complete
        assert zoo.scenes[name].player.stats["begun"] > zoo.scenes["healthy 0"].player.stats["begun"]


def test_rows_read_before_a_device_died_are_kept_and_marked(results):
    first, table = results["dies half-way"].value
    assert first.complete
    assert not table.complete
    assert table.reason is Reason.TIMEOUT
    assert 0 < rows(results["dies half-way"]) < ROWS


def test_a_closed_port_is_known_at_once(zoo):
    job = (zoo.agent("silent", port=9), faults.pull())
    began = time.monotonic()
    (result,) = faults.Client(faults.LIMITS).run([job])
    assert result.fault is not None
    assert result.fault.reason is Reason.CLOSED
    assert time.monotonic() - began < faults.LIMITS.timeout


def test_an_endless_table_costs_little_memory(zoo):
    tracemalloc.start()
    survive(zoo, ["endless", "60 kB string", "flood of 200"])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000
