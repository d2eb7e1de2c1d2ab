"""Columns and lines by the cells a terminal shows, wide and combining characters too."""

import unicodedata
from collections.abc import Sequence

from auditor.normal import one_line

GAP = 2


def cell_width(text: str) -> int:
    """Return how many terminal cells a text takes: wide two, combining none (UAX 11)."""
    if text.isascii():
        return len(text)
    return sum(_char_width(char) for char in text)


def _char_width(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cut(text: str, size: int) -> str:
    """Return a text that fills so many cells, its end cut off where it is longer."""
    if cell_width(text) <= size:
        return text + " " * (size - cell_width(text))
    kept_line, used = "", 0
    for char in text:
        if used + _char_width(char) > size - 1:
            break
        kept_line += char
        used += _char_width(char)
    return kept_line + "…" + " " * (size - used - 1)


def widths(rows: Sequence[Sequence[str]]) -> list[int]:
    """Return the cells that the widest text of each column takes."""
    return [max(cell_width(row[index]) for row in rows) for index in range(len(rows[0]))]


def line_of(cells: Sequence[str], sizes: Sequence[int]) -> str:
    """Return one row as a line, each text cut or filled to the cells of its column."""
    return " " * GAP + (" " * GAP).join(cut(cell, size) for cell, size in zip(cells, sizes, strict=True)).rstrip()


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as aligned lines, nothing cut: a program splits them at two spaces."""
    clean = [[one_line(cell) or "-" for cell in row] for row in rows]
    sizes = widths(clean) if clean else []
    return [line_of(row, sizes).strip() for row in clean]


def wrapped(text: str, width: int, first: str = "") -> list[str]:
    """Return lines of at most `width` cells; `first` opens the first and indents the others."""
    pad = " " * min(cell_width(first), width // 2)
    lines, line = [], first
    for word in text.split():
        if line.strip() and line != first and cell_width(line) + 1 + cell_width(word) > width:
            lines.append(line)
            line = pad + word
        else:
            line += word if line in {first, pad} else f" {word}"
        while cell_width(line) > width:
            head = cut(line, width + 1).rstrip("… ")
            lines.append(head)
            line = pad + line[len(head) :]
    return [*lines, line]
