"""Replies as terminals, pagers and people alter them: the same words must give the same rows.

python -m tests.tools.varied_replies [ALTERATION…]          print what an alteration costs, and the sums
"""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from auditor import normal
from tests.tools.first_sight import LookedUpReply, faults, replies
from tests.tools.transcript_score import read

_RULE = re.compile(r"[ \t]*-{3,}(?:[ \t]+-{2,})+[ \t]*")
_EVERY = 4
_LEGEND = """Capability codes: (R) Router, (B) Bridge, (T) Telephone, (C) DOCSIS Cable Device
                  (W) WLAN Access Point, (P) Repeater, (S) Station, (O) Other

"""
_CODES = """Flags: D - Dynamic, S - Static, I - Interface, * - Primary
       A - Aging, R - Router

"""


def session(command: str, text: str, prompt: str = "sw1#") -> str:
    """Return a session's log with one command."""
    return f"{prompt}{command}\n{text}\n{prompt}\n"


def _between(text: str, mark: str, every: int = _EVERY) -> str:
    """Return text with a pager's mark before every few lines: it stands where the next line begins."""
    lines = text.split("\n")
    return "\n".join(f"{mark}{line}" if number and number % every == 0 else line for number, line in enumerate(lines))


def _painted(text: str) -> str:
    """Return text as a terminal paints it: words in colour, lines that begin with a cleared line."""
    return "\n".join("\x1b[K" + re.sub(r"(\S+)", "\x1b[0;1m\\1\x1b[0m", line, count=1) for line in text.split("\n"))


def _stamped(log: str) -> str:
    """Return a log as terminal programs keep it on request: the time before every line."""
    return "\n".join(f"[2026-11-30 10:{number % 60:02}:07.{number % 1000:03}] {line}" for number, line in
                     enumerate(log.split("\n")))  # fmt: skip


def _head_again(text: str) -> str:
    """Return a table whose titles and rule stand again in its middle, as on the next page."""
    lines = text.split("\n")
    at = next((number for number, line in enumerate(lines) if number and _RULE.fullmatch(line)), 0)
    rows = next((n for n in range(at + 1, len(lines)) if not lines[n].strip() or _RULE.fullmatch(lines[n])), len(lines))
    if not at or rows - at < 3:
        return text
    first = next((n for n in range(at - 1, -1, -1) if not lines[n].strip()), -1) + 1
    middle = (at + 1 + rows) // 2
    return "\n".join([*lines[:middle], "", *lines[first : at + 1], *lines[middle:]])


class _Ruled:
    """A plain table under titles of one line and a rule of dashes; others are left alone."""

    def __init__(self, text: str) -> None:
        self.lines = [line.rstrip() for line in text.expandtabs().split("\n")]
        rules = [number for number, line in enumerate(self.lines) if _RULE.fullmatch(line)]
        self.rule = rules[0] if len(rules) == 1 else 0
        rows = range(self.rule + 1, len(self.lines))
        self.end = next((number for number in rows if not self.lines[number].strip()), len(self.lines))
        runs = list(re.finditer(r"-+", self.lines[self.rule]))
        self._starts = [run.start() for run in runs]
        self.widths = [after - start for start, after in pairwise([*self._starts, max(map(len, self.lines)) + 2])]
        table = (self.lines[self.rule - 1], *(self.lines[number] for number in rows if number < self.end))
        inside = all(self._is_inside(line, [run.span() for run in runs]) for line in table)
        above = self.lines[self.rule - 2].strip() if self.rule > 1 else ""
        self.is_plain = self.rule > 0 and self.end > self.rule + 1 and inside and not above

    def _is_inside(self, line: str, runs: Sequence[tuple[int, int]]) -> bool:
        gaps = all(not line[start - 1 : start].strip() for start in self._starts if start)
        return gaps and all(line[start : start + 1].strip() or not line[start:end].strip() for start, end in runs)

    def cells(self, line: str) -> list[str]:
        """Return what stands in the columns of a line."""
        return [line[start:end].strip() for start, end in pairwise([*self._starts, None])]

    def text(self, head: Sequence[str], row: Callable[[str], str], foot: Sequence[str] = ()) -> str:
        """Return the table with other lines of titles and each row made anew."""
        rows = map(row, self.lines[self.rule + 1 : self.end])
        return "\n".join([*self.lines[: self.rule - 1], *head, *rows, *foot, *self.lines[self.end :]])


def _turned(text: str) -> str:
    """Return a ruled table with its columns in the other order."""
    table = _Ruled(text)

    def turn(line: str) -> str:
        cells = (cell.ljust(width) for cell, width in zip(table.cells(line), table.widths, strict=True))
        return " ".join(reversed(list(cells))).rstrip()

    return table.text(list(map(turn, table.lines[table.rule - 1 : table.rule + 1])), turn) if table.is_plain else text


def _boxed(text: str) -> str:
    """Return a ruled table in a box of bars."""
    table = _Ruled(text)
    edge = "+" + "+".join("-" * (width + 1) for width in table.widths) + "+"

    def box(line: str) -> str:
        cells = zip(table.cells(line), table.widths, strict=True)
        return "|" + "|".join(f" {cell.ljust(width)}" for cell, width in cells) + "|"

    return table.text([edge, box(table.lines[table.rule - 1]), edge], box, [edge]) if table.is_plain else text


def _wrapped_titles(text: str) -> str:
    """Return a ruled table with each title over two lines."""
    table = _Ruled(text)
    halves = [title.partition(" ") for title in table.cells(table.lines[table.rule - 1])]
    upper = [one if other else "" for one, _, other in halves]
    lower = [other or one for one, _, other in halves]
    head = [
        "".join(cell.ljust(width) for cell, width in zip(half, table.widths, strict=True)) for half in (upper, lower)
    ]
    return table.text([*head, table.lines[table.rule]], str) if table.is_plain else text


def _without_rule(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not _RULE.fullmatch(line))


def _tabbed(text: str) -> str:
    """Return a ruled table as a spreadsheet hands it on: tabs between its cells."""
    table = _Ruled(text)

    def tabs(line: str) -> str:
        return "\t".join(table.cells(line))

    return table.text([tabs(table.lines[table.rule - 1])], tabs) if table.is_plain else text


# What pagers leave in a log, by whose they are: where the next line begins.
_PAGERS = {
    "IOS": " --More-- " + "\b" * 10 + " " * 10 + "\b" * 10,
    "IOS, by a return": " --More-- \r          \r",
    "VRP": "  ---- More ----\x1b[16D                \x1b[16D",
    "any, kept as a line": "--More--\n",
    "ASA": "<--- More --->\r              \r",
    "ProCurve": "-- MORE --, next page: Space, next line: Enter, quit: Control-C\x1b[24;1H\x1b[2K\x1b[24;1H",
    "Junos": "---(more 27%)---\r                \r",
    "D-Link": "CTRL+C ESC q Quit SPACE n Next Page ENTER Next Entry a All\n",
    "FASTPATH": "--More-- or (q)uit\n",
    "OmniSwitch": "Press any key to continue (Q to quit)\n",
    "EXOS": "Press <SPACE> to continue or <Q> to quit:\r                                         \r",
    "less": "\x1b[7mlines 1-23\x1b[27m\r\x1b[K",
}
_PROMPTS = {
    "VRP": "<sw1>", "RouterOS": "[admin@sw1] > ", "Linux": "admin@sw1:~$ ", "FASTPATH": "(sw1) #",
    "IOS, the time before it": "10:07:01 sw1#", "IOS, painted": "\x1b[1;32msw1#\x1b[0m ",
}  # fmt: skip
# What happens to the text of a reply, and to a whole log.
_TEXTS: dict[str, Callable[[str], str]] = {
    "indented": lambda text: "\n".join(f"  {line}" for line in text.split("\n")),
    "painted": _painted,
    "titles again": _head_again,
    "a legend before": lambda text: _LEGEND + text,
    "codes before": lambda text: _CODES + text,
    "the time above": lambda text: f"Mon Nov 30 10:07:01.007 UTC\n\n{text}",
    "blank lines around": lambda text: f"\n\n{text}\n\n\n",
    "a sum below": lambda text: f"{text}\n\nTotal entries displayed: 1\n",
    "columns turned": _turned,
    "boxed": _boxed,
    "titles wrapped": _wrapped_titles,
    "no rule": _without_rule,
    "tabs": _tabbed,
}
_LOGS: dict[str, Callable[[str], str]] = {
    "CR LF": lambda log: log.replace("\n", "\r\n"),
    "CR CR LF": lambda log: log.replace("\n", "\r\r\n"),
    "trailing blanks": lambda log: log.replace("\n", "   \n"),
    "the time before lines": _stamped,
    "commands around": lambda log: (
        session("show clock", "10:07:01.007 UTC Mon Nov 30 2026") + log + session("exit", "")
    ),
}
NAMES = (*(f"pager of {name}" for name in _PAGERS), *(f"prompt of {name}" for name in _PROMPTS), *_TEXTS, *_LOGS)


def altered(reply: LookedUpReply, name: str) -> str:
    """Return the log of a reply altered in a way, empty where the way does not apply."""
    sort, _, whose = name.partition(" of ")
    mark = _PROMPTS[whose] if sort == "prompt" else "sw1#"
    text = _between(reply.text, _PAGERS[whose]) if sort == "pager" else _TEXTS.get(name, str)(reply.text)
    log = _LOGS.get(name, str)(session(reply.command, text, mark))
    return "" if log == session(reply.command, reply.text) else log


def costs(name: str, these: Iterable[LookedUpReply]) -> dict[str, Sequence[str]]:
    """Return the faults that an alteration brings into replies that are right without it."""
    logs = ((reply, altered(reply, name)) for reply in these if not reply.sight.endswith("still"))
    return {reply.name: faults(reply, read(log, "sw1.log")) for reply, log in logs if log}


def main() -> None:
    """Print the faults each alteration brings, and how many replies it leaves right."""
    sums: Counter[str] = Counter()
    for name in sys.argv[1:] or NAMES:
        lists = costs(name, replies().values())
        for reply, found in lists.items():
            if found:
                sys.stdout.write(f"{name}: {reply}: {normal.one_line(found[0], 200)}\n")
        sums[name] = sum(not found for found in lists.values())
        sys.stdout.write(f"{name}: {sums[name]} of {len(lists)} right\n")


if __name__ == "__main__":
    main()
