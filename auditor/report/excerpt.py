"""The lines of a long reply that matter, and a line either side."""

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.normal import printable

WHOLE = 8
MOST = 12
CAP = 65536
LINE = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """Lines of a reply; `cut` says which they are, and is empty where they are all."""

    lines: tuple[str, ...]
    cut: str = ""

    @property
    def text(self) -> str:
        """Return the lines as one text, with a first line that says what was left out."""
        return "\n".join((f"[{self.cut}]", *self.lines) if self.cut else self.lines)


def excerpt(value: str, needles: Iterable[str]) -> Excerpt:
    """Return a short reply whole, else the lines with the needles in them or its first ones."""
    lines = [line.rstrip()[:LINE] for line in printable(value, CAP).splitlines() if line.strip()]
    if len(lines) <= WHOLE:
        return Excerpt(lines=tuple(lines))
    phrases = {needle.casefold() for needle in needles if needle.strip()}
    hits = [index for index, line in enumerate(lines) if any(needle in line.casefold() for needle in phrases)]
    near = sorted({at for hit in hits or [0, 1, 2] for at in (hit - 1, hit, hit + 1) if 0 <= at < len(lines)})[:MOST]
    pieces: list[str] = []
    for place, at in enumerate(near):
        if place and at != near[place - 1] + 1:
            pieces.append("…")
        pieces.append(lines[at])
    return Excerpt(lines=tuple(pieces), cut=f"{len(near)} of {len(lines):,} lines")
