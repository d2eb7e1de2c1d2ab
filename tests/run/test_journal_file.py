"""A journal can be gone on with whatever ended its run: turns whole, failures asked again."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from auditor.errors import InputError
from auditor.formats import journal
from auditor.model import Fact, Observation, Reason, Run, SweepNote, Target, Unread
from auditor.run.journal_file import journal_file, resume

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
RUN = Run(id="run-1", started=NOW)


def read(number, collector="snmp"):
    fact = Fact(kind="snmp.sysname", value=f"sw{number}")
    return Observation(target=Target(address=f"192.0.2.{number}"), collector=collector, at=NOW, facts=(fact,))


def failed(number, reason, collector="snmp"):
    return Unread(target=Target(address=f"192.0.2.{number}"), collector=collector, at=NOW, reason=reason)


def written(path, *records, run=RUN):
    with journal_file(path, run) as opened:
        assert list(opened.keep(records)) == list(records)


def gone_on(path, run="run-1"):
    warnings = []
    return list(resume(path, run, warnings.append).records), warnings


def test_a_resumed_run_is_the_run_its_journal_says_it_is(tmp_path):
    """Judged again from the journal alone, its audit is the same: start and scope."""
    path = tmp_path / "j"
    run = replace(RUN, sites=("hq",), addresses=254, scope=("hq: 192.0.2.1",))
    written(path, read(1), run=Run(id="older", started=NOW))
    written(path, read(1), run=run)

    assert resume(path, "run-1", print).run == run


def test_a_resumed_run_takes_over_what_was_read_and_what_of_it_was_not(tmp_path):
    path = tmp_path / "j"
    done = (read(1), failed(1, Reason.PARTIAL), read(1, "ssh"))
    written(path, *done, failed(2, Reason.TIMEOUT), read(3, "ssh"), failed(3, Reason.AUTHENTICATION, "ssh"))

    assert gone_on(path) == (list(done), [])
    assert path.read_text().splitlines() == [journal.encode_run(RUN), *map(journal.encode, done)]
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_address_a_sweep_had_not_asked_in_every_way_stands_in_the_journal_once(tmp_path):
    path = tmp_path / "j"
    whole, cut = (replace(read(number, "sweep"), sweep=SweepNote(cut=cut)) for number, cut in ((1, False), (2, True)))
    written(path, whole, cut)

    assert gone_on(path) == ([whole], [])


@pytest.mark.parametrize("cut", [10, 60, 120])
def test_a_turn_that_was_cut_short_is_asked_again_and_no_other(tmp_path, cut):
    path = tmp_path / "j"
    written(path, read(1), read(2), failed(2, Reason.PARTIAL))
    whole = path.read_bytes()
    last = whole.rstrip(b"\n").rfind(b"\n") + 1
    path.write_bytes(whole[: last + cut])

    records, warnings = gone_on(path)

    # Too little of a line to tell whose it was leaves the turn before it standing.
    assert records == ([read(1), read(2)] if cut == 10 else [read(1)])
    assert "torn" in warnings[0]
    assert path.read_bytes().endswith(b"\n")


def test_lines_of_other_runs_and_other_programs_are_left_alone(tmp_path):
    path = tmp_path / "j"
    written(path, failed(9, Reason.TIMEOUT), run=Run(id="older", started=NOW))
    written(path, read(1))
    with path.open("a") as file:
        file.write('{"type":"remark","text":"by hand"}\n')
    before = path.read_bytes()

    assert gone_on(path) == ([read(1)], [])
    assert path.read_bytes() == before


def test_a_run_that_is_not_in_the_journal_cannot_be_gone_on_with(tmp_path):
    written(tmp_path / "j", read(1))

    with pytest.raises(InputError, match="holds no run other"):
        gone_on(tmp_path / "j", "other")


def test_a_turn_is_on_disk_when_the_next_begins_and_when_all_ends_badly(tmp_path):
    path = tmp_path / "j"

    def coming():
        yield read(1)
        yield read(2)
        assert journal.encode(read(1)) in path.read_text()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drained(path, coming())
    assert path.read_text().splitlines()[1:] == [journal.encode(read(1)), journal.encode(read(2))]


def drained(path, records):
    with journal_file(path, RUN) as opened:
        list(opened.keep(records))
