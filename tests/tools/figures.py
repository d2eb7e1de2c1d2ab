"""Figures that were measured, by promise: what the long targets leave for `make faults` and docs/promises.md.

    python -m tests.tools.figures     write the last figures into the table of docs/promises.md

A target keeps a figure only where it ran in full; what is kept says on which day, by which version and whether it held.
"""

import json
import re
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from auditor.version import VERSION

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "tests" / "golden" / "figures.json"
TABLE = ROOT / "docs" / "promises.md"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure of one target: what came out, whether it held, when, by which version."""

    target: str
    figure: str
    held: bool
    day: str
    version: str

    def words(self) -> str:
        return f"{self.figure} ({self.day}, {self.version}, `make {self.target}`{'' if self.held else ', NOT HELD'})"


def kept() -> dict[str, list[Figure]]:
    """Return the figures kept, by promise."""
    read = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.is_file() else {}
    return {number: [Figure(**one) for one in figures] for number, figures in read.items()}


def keep(number: str, target: str, figure: str, held: bool) -> None:  # noqa: FBT001 - a measured pair, word and verdict
    """Keep a figure in the place of the last one of this target for this promise, and redraw the table."""
    made = Figure(target=target, figure=figure, held=held, day=f"{datetime.now(UTC):%Y-%m-%d}", version=VERSION)
    figures = kept()
    others = [one for one in figures.get(number, []) if one.target != target]
    figures[number] = sorted([*others, made], key=lambda one: one.target)
    rows = {name: [asdict(one) for one in figures[name]] for name in sorted(figures, key=_order)}
    KEPT.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    TABLE.write_text(table(TABLE.read_text(encoding="utf-8"), figures), encoding="utf-8")


def _order(number: str) -> tuple[int, str]:
    digits = re.sub(r"\D", "", number)
    return int(digits or 99), number


def table(text: str, figures: dict[str, list[Figure]]) -> str:
    """Return the page with the figures kept in the last column of its table, where a row has any."""
    lines = []
    for line in text.split("\n"):
        cells = line.split(" | ")
        figure = figures.get(cells[0].removeprefix("| "), [])
        last = "; ".join(one.words() for one in figure)
        lines.append(" | ".join([*cells[:-1], f"{last} |"]) if figure else line)
    return "\n".join(lines)


def main() -> None:
    TABLE.write_text(table(TABLE.read_text(encoding="utf-8"), kept()), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
