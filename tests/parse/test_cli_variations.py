"""The same reply through other terminals, pagers, prompts and hands gives the same rows."""

import pytest

from tests.tools.first_sight import REMEMBERED, faults, replies
from tests.tools.varied_replies import NAMES, costs

# Which of the replies an alteration is tried on here; `make replies` tries each on all.
_EACH = 9


@pytest.mark.parametrize("name", NAMES)
def test_an_altered_reply_gives_the_rows_of_the_plain_one(name: str) -> None:
    first = NAMES.index(name)
    some = [reply for number, reply in enumerate(replies().values()) if number % _EACH == first % _EACH]

    assert {reply: found for reply, found in costs(name, some).items() if found} == {}


@pytest.mark.parametrize("name", replies(REMEMBERED))
def test_a_reply_typed_from_knowledge_gives_its_rows(name: str) -> None:
    assert faults(replies(REMEMBERED)[name]) == []
