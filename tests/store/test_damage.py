"""A store damaged at random octets: one clear line, never a traceback, never a wrong verdict."""

import random
import sqlite3
import zlib
from contextlib import closing

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.store.database import ROW_CAP
from auditor.store.documents import CAP
from tests.tools.damage import answers, make, trial


def test_a_damaged_store_is_a_line_or_the_same_answer(tmp_path):
    whole, chance = tmp_path / "auditor.db", random.Random(20261130)
    make(whole, nights=2)
    want = answers(whole)
    trials = [trial(whole, want, chance) for _ in range(6)]

    assert [code for code, _, _ in want] == [0, 0, 0, 0]
    assert [one.wrong for one in trials] == [()] * 6
    assert any(one.is_noticed for one in trials)


def swollen():
    """Return an endless document, packed to a few hundred kilobytes."""
    packer, block = zlib.compressobj(1), bytes(1 << 20)
    return b"".join(packer.compress(block) for _ in range((CAP >> 20) + 1)) + packer.flush()


@pytest.mark.parametrize(
    ("body", "told"), [(None, f"a row is larger than {ROW_CAP >> 20} MB"), (swollen, f"more than {CAP >> 20} MB")]
)
@pytest.mark.parametrize("words", [("report", "-f", "json"), ("store", "check")])
def test_a_row_that_swells_is_one_line_before_it_is_in_memory(tmp_path, body, told, words):
    path = tmp_path / "auditor.db"
    make(path, nights=1)
    with closing(sqlite3.connect(path)) as base, base:
        longest = base.execute("SELECT id FROM document ORDER BY length(body) DESC").fetchone()[0]
        octets = body() if body else bytes(ROW_CAP + 1)
        base.execute("UPDATE document SET body = ? WHERE id = ?", (octets, longest))

    shown = CliRunner().invoke(main, [*words, "--store", str(path)])

    assert shown.exit_code in {1, 2}
    assert told in shown.stdout + shown.stderr
    assert "Traceback" not in shown.stderr


def test_a_damaged_statement_that_sqlite_cannot_even_quote_is_a_line(tmp_path):
    """SQLite names what it does not understand, and Python cannot read that name."""
    path = tmp_path / "auditor.db"
    make(path, nights=1)
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE link", b"CREATE \xc4ABLE link"))

    for words in (["runs"], ["devices", "list"], ["report"]):
        done = CliRunner().invoke(main, [*words, "--store", str(path)])
        assert (done.exit_code, done.stderr.count("\n"), type(done.exception)) == (2, 1, SystemExit), words
