"""One opener of what was kept.

A journal by its path or by its run, with everything its head says.
"""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.errors import InputError, UsageError
from auditor.formats import journal
from auditor.model import Fact, Observation, Run, Target
from auditor.run import recorded
from auditor.store.runs import Store
from tests.tools.stores import keep, row

AT = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
HEAD = Run(id="night", started=AT, tool="1.0.0", sites=("hq", "mill"), addresses=254, scope=("hq: 192.0.2.1",))
SWITCH = Observation(
    target=Target(address="192.0.2.1", site="hq"),
    collector="snmp",
    at=AT,
    facts=(Fact(kind="snmp.sysname", value="sw1", where="1.3.6.1.2.1.1.5.0"),),
)


def written(path: Path, *, packed: bool = False, head: str = "") -> Path:
    text = "\n".join([head or journal.encode_run(HEAD), journal.encode(SWITCH)]) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    return path


def stored(store: Path, path: str) -> None:
    keep(Store(store), row("night", journal=path))


def test_a_journal_by_its_path_is_the_run_its_head_says(tmp_path: Path) -> None:
    opened = recorded.recorded(str(written(tmp_path / "j.jsonl")))

    assert (opened.run, opened.records) == (HEAD, (SWITCH,))


def test_a_stored_run_keeps_its_sites_and_its_scope(tmp_path: Path) -> None:
    stored(tmp_path / "s.db", str(written(tmp_path / "j.jsonl")))

    opened = recorded.recorded("last", str(tmp_path / "s.db"))

    assert (opened.run, opened.path) == (HEAD, tmp_path / "j.jsonl")


@pytest.mark.parametrize("mark", ["", "\ufeff", " "])
def test_a_packed_journal_keeps_its_head(tmp_path: Path, mark: str) -> None:
    path = written(tmp_path / "j.jsonl.gz", packed=True, head=mark + journal.encode_run(HEAD))

    assert recorded.recorded(str(path)).run == HEAD


def test_a_head_longer_than_a_megabyte_is_read_whole(tmp_path: Path) -> None:
    scope = tuple(f"hq: 10.{number >> 16}.{number >> 8 & 255}.{number & 255}" for number in range(70_000))
    long = Run(id="wide", started=AT, sites=("hq",), addresses=70_000, scope=scope)

    assert recorded.recorded(str(written(tmp_path / "j.jsonl", head=journal.encode_run(long)))).run == long


def test_a_journal_without_a_head_is_a_run_of_its_oldest_record(tmp_path: Path) -> None:
    run = recorded.recorded(str(written(tmp_path / "j.jsonl", head=journal.encode(SWITCH)))).run

    assert (run.started, run.sites) == (AT, ("hq",))


def test_a_journal_that_is_gone_is_named(tmp_path: Path) -> None:
    stored(tmp_path / "s.db", str(tmp_path / "gone.jsonl"))

    with pytest.raises(InputError, match=r"the journal of run night is gone \(.*gone.jsonl\)"):
        recorded.recorded("last", str(tmp_path / "s.db"))


def test_a_store_that_holds_nothing_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="keeps no run yet"):
        recorded.kept_runs(str(tmp_path / "s.db"))
    assert not (tmp_path / "s.db").exists()
