"""The report for a terminal: the first screen is the answer. Plain text; colour only when told."""

import unicodedata
from collections.abc import Callable, Iterator, Sequence

from auditor.model import Audit, Tier
from auditor.normal import one_line
from auditor.report.base import Options
from auditor.report.rows import Found, device, found, place, unread_rows, why
from auditor.report.words import DISCLAIMER, SILENCE, counted, counts, headline, tables

GAP = 2
MIN_WIDTH = 40
MAX_UNREAD = 50
MAX_POLICIES = 3
_TINT = {"confirmed": "\x1b[1;31m", "probable": "\x1b[33m", "possible": "\x1b[36m"}
_PLAIN = "\x1b[0m"


def as_text(audit: Audit, options: Options) -> bytes:
    """Return counts, findings and what was left unread, no line wider than the terminal."""
    width = max(options.width, MIN_WIDTH)
    pairs = found(audit)
    lines = [*wrapped(headline(audit), width), "", *_counts(audit, width)]
    for title, wanted in _SECTIONS:
        chosen = [pair for pair in pairs if wanted(pair)]
        if chosen:
            lines += ["", f"{title} ({len(chosen):,})", "", *_findings(chosen, width, options)]
    lines += ["", *_unread(audit, width)]
    for note in audit.notes:
        lines += wrapped(f"Note: {one_line(note)}", width)
    lines += ["", *wrapped(f"Judged as of {audit.as_of.isoformat()} with {one_line(_judged(audit))}.", width)]
    lines += ["", *wrapped(SILENCE, width), *wrapped(DISCLAIMER, width)]
    return ("\n".join(line.rstrip() for line in lines) + "\n").encode()


_SECTIONS: tuple[tuple[str, Callable[[Found], bool]], ...] = (
    ("Findings on covered makers", lambda pair: pair.finding.tier is Tier.COVERED and not pair.finding.part),
    ("Components inside other devices", lambda pair: pair.finding.tier is Tier.COVERED and bool(pair.finding.part)),
    ("Makers on other lists only", lambda pair: pair.finding.tier is not Tier.COVERED),
)


def _judged(audit: Audit) -> str:
    named = [
        f"{name[:1].lower() if name[1].islower() else name[:1]}{name[1:]} {value}" for name, value in tables(audit)
    ]
    days = sorted(day for _name, day in audit.tables.policies)
    if len(days) <= MAX_POLICIES:
        return ", ".join(named)
    kept = named[: len(named) - len(days)]
    return f"{', '.join(kept)}, {len(days)} policies read between {days[0]} and {days[-1]}"


def _counts(audit: Audit, width: int) -> list[str]:
    shown = [(label, number, means) for label, number, means in counts(audit) if number or label != "Waived"]
    digits = max(len(f"{number:,}") for _label, number, _means in shown)
    return [
        line
        for label, number, means in shown
        for line in wrapped(means, width, first=f"  {label:<13}{number:>{digits},}  ")
    ]


def _findings(pairs: Sequence[Found], width: int, options: Options) -> Iterator[str]:
    head = ("VERDICT", "SITE", "DEVICE", "MAKER", "BRAND", "MODEL", "PLACE")
    body = [_cells(pair, options) for pair in pairs]
    used = [index for index in range(len(head)) if any(row[index] for row in body)]
    rows = [[row[index] for index in used] for row in body]
    sizes = _sizes([[head[index] for index in used], *rows], width)
    yield _line([head[index] for index in used], sizes)
    last = ""
    for pair, row in zip(pairs, rows, strict=True):
        yield _tinted(_line(row, sizes), row[0], colour=options.colour)
        reason = why(pair.finding) + _set_aside(pair)
        # Where many devices in a row share a reason, it is said once.
        if reason != last:
            yield from wrapped(reason, width, first="    ")
        last = reason


def _cells(pair: Found, options: Options) -> list[str]:
    asset, finding = pair.item.asset, pair.finding
    name = device(asset)
    address = one_line(asset.address)
    return [
        finding.verdict.word,
        one_line(asset.site),
        name if address in {name, ""} else f"{name} {address}",
        options.name(finding.maker),
        one_line(options.label(finding.maker, finding.brand)),
        one_line(finding.model),
        place(asset) or one_line(finding.part),
    ]


def _set_aside(pair: Found) -> str:
    waived = pair.finding.waived
    return (
        ""
        if waived is None
        else f" Waived until {waived.until.isoformat()} by {one_line(waived.who)}: {one_line(waived.why)}."
    )


def _unread(audit: Audit, width: int) -> Iterator[str]:
    rows = unread_rows(audit)
    if not rows:
        yield "Unread: none of the targets given failed; what was never a target was not looked at."
        return
    yield f"Unread ({counted(len(rows), 'failure')})"
    yield ""
    body = [[row.site, row.address, row.collector, row.reason, row.detail or row.means] for row in rows[:MAX_UNREAD]]
    sizes = _sizes(body, width)
    yield from (_line(row, sizes) for row in body)
    if len(rows) > MAX_UNREAD:
        yield f"  and {len(rows) - MAX_UNREAD:,} more; every other format lists them all"


def cell_width(text: str) -> int:
    """Return how many terminal cells a text takes: wide characters two, combining ones none (UAX 11)."""
    if text.isascii():
        return len(text)
    return sum(_char_width(char) for char in text)


def _char_width(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _cut(text: str, size: int) -> str:
    if cell_width(text) <= size:
        return text + " " * (size - cell_width(text))
    kept, used = "", 0
    for char in text:
        if used + _char_width(char) > size - 1:
            break
        kept += char
        used += _char_width(char)
    return kept + "…" + " " * (size - used - 1)


def _sizes(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    sizes = [max(cell_width(row[index]) for row in rows) for index in range(len(rows[0]))]
    room = width - GAP * len(sizes)
    # The widest column gives way first, so that short words such as verdicts stay whole.
    while sum(sizes) > room and max(sizes) > 1:
        sizes[sizes.index(max(sizes))] -= 1
    return sizes


def _line(cells: Sequence[str], sizes: Sequence[int]) -> str:
    return " " * GAP + (" " * GAP).join(_cut(cell, size) for cell, size in zip(cells, sizes, strict=True)).rstrip()


def _tinted(line: str, verdict: str, *, colour: bool) -> str:
    if not colour:
        return line
    return line.replace(verdict, f"{_TINT[verdict]}{verdict}{_PLAIN}", 1)


def wrapped(text: str, width: int, first: str = "") -> list[str]:
    """Return a text as lines of at most `width` cells; `first` opens the first, and is what the others are indented by."""
    pad = " " * cell_width(first)
    lines, line = [], first
    for word in text.split():
        if line.strip() and line != first and cell_width(line) + 1 + cell_width(word) > width:
            lines.append(line)
            line = pad + word
        else:
            line += word if line in {first, pad} else f" {word}"
        while cell_width(line) > width:
            head = _cut(line, width + 1).rstrip("… ")
            lines.append(head)
            line = pad + line[len(head) :]
    return [*lines, line]
