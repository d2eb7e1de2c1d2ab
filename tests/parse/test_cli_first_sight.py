"""Replies typed after texts that were looked up; `tests.tools.first_sight` says how many were read right, and when."""

import pytest

from tests.tools.first_sight import faults, replies


@pytest.mark.parametrize("name", replies())
def test_a_reply_that_was_looked_up_gives_its_rows(name: str) -> None:
    reply = replies()[name]

    assert (faults(reply) == []) is (not reply.sight.endswith("still"))


def test_at_least_a_hundred_replies_name_where_they_were_seen() -> None:
    assert len(replies()) >= 100
    assert all(reply.source.startswith(("https://", "stored text ")) for reply in replies().values())
