"""Where a reply ends on a terminal, whatever a device makes of it."""

import time

import pytest

from auditor.collect.ssh.reply import ReplyReader

COMMAND, PROMPT = "display version", "<sw1>"


class Terminal:
    """Says what it was given once it is asked."""

    def __init__(self, text: str) -> None:
        self.text, self.asked = text, False

    def read_channel(self) -> str:
        said, self.text = (self.text, "") if self.asked else ("", self.text)
        return said

    def write_channel(self, _out_data: str) -> None:
        self.asked = True


def reply(text: str) -> str:
    return ReplyReader(Terminal(text), PROMPT, "\n", patience=1.0).to(COMMAND)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{COMMAND}\r\nVRP\r\n{PROMPT}", "VRP"),
        (f"{COMMAND}\n[sw1] {COMMAND}\nVRP\n{PROMPT}", "VRP"),
        (f"{COMMAND}\nVRP\n{PROMPT}\n{PROMPT}  \n{PROMPT}", "VRP"),
        (f"{COMMAND}\n{PROMPT} is a prompt\n{PROMPT}", f"{PROMPT} is a prompt"),
        (f"{COMMAND}\n{PROMPT}", ""),
    ],
)
def test_a_reply_stands_between_the_echo_and_the_prompt(text: str, said: str) -> None:
    assert reply(text) == said


@pytest.mark.parametrize("line", [COMMAND, PROMPT], ids=["echo", "prompt"])
def test_a_device_that_repeats_itself_without_end_costs_no_more_than_any_other(line: str) -> None:
    """A reply may have twice as much.

    Cutting it off line by line would take half a minute that no deadline ends.
    """
    began = time.process_time()
    reply(f"{COMMAND}\nVRP\n" + f"{line}\n" * (2_000_000 // (len(line) + 1)) + PROMPT)

    assert time.process_time() - began < 3
