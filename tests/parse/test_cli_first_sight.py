"""Replies typed after texts that were looked up; `tests.tools.first_sight` says how many were read right, and when."""

import pytest

from tests.tools.first_sight import FILES, faults, replies
from tests.tools.replies import FOLDER


@pytest.mark.parametrize("name", replies())
def test_a_reply_that_was_looked_up_gives_its_rows(name: str) -> None:
    reply = replies()[name]

    assert (faults(reply) == []) is (not reply.sight.endswith("still"))


def test_at_least_a_hundred_replies_name_where_they_were_seen() -> None:
    assert len(replies()) >= 100
    assert all(reply.source.startswith(("https://", "stored text ")) for reply in replies().values())


def test_no_two_replies_that_were_looked_up_bear_one_name() -> None:
    lines = [line for path in FOLDER.glob(FILES) for line in path.read_text(encoding="utf-8").splitlines()]

    assert len([line for line in lines if line.startswith("=== ") and "|" in line]) == len(replies())
