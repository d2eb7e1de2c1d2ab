"""Where a reply begins and ends on a terminal: after the echo, before the prompt."""

import time
from itertools import dropwhile
from typing import Protocol

from auditor.collect.ssh.errors import SessionError
from auditor.model import Reason
from auditor.parse.cli import clean, pager_waits

_ECHO_WAIT = 2.0
_ECHO_WITHIN = 65_536
_SETTLED = 0.5
_NUDGE = 3.0
_QUIET = 0.1
_MARKS = (">", "#", "]", "$", "%")
_PAUSE = 0.01
_TAIL = 4_096


class Terminal(Protocol):
    """What is read from and written to."""

    def read_channel(self) -> str:
        """Return what has arrived by now."""

    def write_channel(self, out_data: str) -> None:
        """Send text."""


def find_prompt(terminal: Terminal, newline: str, patience: float) -> str:
    """Return what a device writes last when it waits: the line it repeats after empty ones.

    One look is not enough: on a slow line it shows what an earlier command left behind.
    """
    until = time.monotonic() + patience
    before, wait = "", _QUIET
    while time.monotonic() < until:
        terminal.write_channel(newline)
        line = clean(_until_quiet(terminal, wait, until)).rpartition("\n")[2].strip()
        if line and line == before and line.endswith(_MARKS):
            return line
        before, wait = line, min(wait * 1.5, _NUDGE)
    raise SessionError(Reason.TIMEOUT, "the device shows no prompt")


def _until_quiet(terminal: Terminal, wait: float, until: float) -> str:
    parts: list[str] = []
    last = time.monotonic()
    while (now := time.monotonic()) < until and now - last < wait:
        if part := terminal.read_channel():
            parts.append(part)
            last = now
        time.sleep(_PAUSE)
    return "".join(parts)[-_TAIL:]


class ReplyReader:
    """Reads one command's reply; what comes before the echo belongs to an earlier prompt."""

    def __init__(self, terminal: Terminal, prompt: str, newline: str, *, patience: float, echoes: bool = True) -> None:
        self.terminal = terminal
        self.prompt = prompt
        self.newline = newline
        self.patience = patience
        self._parts: list[str] = []
        self._size = 0
        self._tail = ""
        self.echoes = echoes
        self._echoed = not echoes
        self._nudged = False

    def to(self, command: str) -> str:
        """Send a command and return its reply; silence for `patience` seconds is a timeout."""
        self.terminal.read_channel()
        self.terminal.write_channel(command + self.newline)
        last = time.monotonic()
        while True:
            part = self.terminal.read_channel()
            now = time.monotonic()
            if part:
                last = now
                self._take(part, command)
                if self._complete():
                    return self._text(command)
                continue
            if self._silent(now - last):
                return self._text(command)
            time.sleep(_PAUSE)

    def _take(self, part: str, command: str) -> None:
        self._parts.append(part)
        self._size += len(part)
        self._tail = (self._tail + part)[-_TAIL:]
        if not self._echoed and self._size <= _ECHO_WITHIN:
            raw = "".join(self._parts)
            for text in (raw, clean(raw, _ECHO_WITHIN)):
                _before, echo, after = text.rpartition(command)
                if echo:
                    self._echoed, self._parts, self._tail = True, [after], after[-_TAIL:]
                    break
        self._echoed = self._echoed or self._size > _ECHO_WITHIN

    def _complete(self) -> bool:
        """Tell whether the prompt stands last and alone; turn the page where a pager waits."""
        if not self._echoed:
            return False
        if clean(self._tail).rstrip().rpartition("\n")[2].strip() == self.prompt:
            return True
        if pager_waits(self._tail):
            self.terminal.write_channel(" ")
            self._tail = ""
        return False

    def _silent(self, idle: float) -> bool:
        """Tell whether silence of so many seconds means the reply is whole; nudge the device once."""
        if idle > self.patience:
            raise SessionError(Reason.TIMEOUT, f"no prompt for {self.patience:g} s after the command")
        if idle > _ECHO_WAIT:
            # This one does not repeat what it is told.
            self.echoes, self._echoed = self._echoed, True
        line = clean(self._tail).rstrip()
        # Some commands forget the end of their last line, so that the prompt follows on it.
        if self._echoed and idle > _SETTLED and line.endswith(self.prompt):
            return True
        # A log line may have come between the prompt and us; the device shows it again for an empty line.
        if not self._nudged and idle > _NUDGE and self.prompt in line:
            self._nudged = True
            self.terminal.write_channel(self.newline)
        return False

    def _text(self, command: str) -> str:
        whole = "".join(self._parts)
        reply = clean(whole, len(whole)).lstrip("\n")
        # RouterOS paints the line it was given again.
        lines = dropwhile(lambda line: command in line, reply.split("\n"))
        return _before(self.prompt, "\n".join(lines)).strip("\n")


def _before(prompt: str, text: str) -> str:
    """Return text without the prompts it ends in, at the cost of their own length."""
    end, rest = len(text), -1
    while end != rest:
        rest = end
        while end and text[end - 1].isspace():
            end -= 1
        if text.endswith(prompt, 0, end):
            end -= len(prompt)
    return text[:end]
