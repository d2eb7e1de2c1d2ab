"""The report for a terminal: the first screen is the answer. Colour only when asked for."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain

from auditor.model import Audit, Outcome
from auditor.normal import one_line
from auditor.report import views
from auditor.report.agenda import GAPS_TITLE, TITLE, gaps, task_lines
from auditor.report.base import Options
from auditor.report.columns import GAP, line_of, widths, wrapped
from auditor.report.coverage import scope_line, table
from auditor.report.dates import days, laws_told
from auditor.report.failures import unread_groups
from auditor.report.lens import ELSEWHERE, reader_line
from auditor.report.next_steps import HEARD_TITLE, next_steps
from auditor.report.rows import ANSWERS
from auditor.report.words import DISCLAIMER, SILENCE, counted, counts, headline, tables

HEAD = ("VERDICT", "SITE", "DEVICE", "ADDRESS", "MAKER", "MODEL", "PLACE")
MIN_WIDTH = 40
MAX_UNREAD = 50
MAX_POLICIES = 3
MAX_NAMES = 12
MAX_WATCHED = 50
MANY_SITES = 2
MAX_SITES = 30
MAX_DATES = 5
MAX_STEPS = 10
_TINT = {"confirmed": "\x1b[1;31m", "probable": "\x1b[33m", "possible": "\x1b[36m"}
_PLAIN = "\x1b[0m"


def as_text(audit: Audit, options: Options) -> bytes:
    """Return counts, findings and what was left unread, no line wider than the terminal."""
    width = max(options.width, MIN_WIDTH)
    pairs = views.device_findings(audit)
    lines = [*wrapped(headline(audit), width), "", *_counts(audit, width), "", *wrapped(scope_line(audit), width)]
    for name, heading in views.SECTIONS.items():
        pairs_listed = [pair for pair in pairs if views.section(pair) == name]
        if pairs_listed:
            lines += ["", *wrapped(f"{heading} ({len(pairs_listed):,})", width), ""]
            lines += _listing(pairs_listed, width, options)
    lines += [*_steps(audit, width, options), "", *_unread(audit, width), *_coverage(audit, width)]
    lines += ["", *_agenda(audit, width, options), *_dates(audit, width, options)]
    for note in views.notes(audit):
        lines += ["", *wrapped(f"Note: {note}", width)]
    lines += ["", *wrapped(f"Judged as of {audit.as_of.isoformat()} with {one_line(_basis(audit))}.", width)]
    lines += wrapped(f"Kept as {one_line(options.ledger)}.", width) if options.ledger else []
    lines += wrapped(f"Journal from elsewhere: {one_line(options.origin)}.", width) if options.origin else []
    lines += ["", *wrapped(SILENCE, width), *wrapped(DISCLAIMER, width)]
    return ("\n".join(line.rstrip() for line in lines) + "\n").encode("utf-8", "replace")


def _agenda(audit: Audit, width: int, options: Options) -> Iterator[str]:
    """Yield what must be done and what is missing, where anything was found, and for whom."""
    if any(item.outcome is Outcome.MATCH for item in audit.assets):
        yield TITLE
        for line in task_lines(audit, options):
            yield from wrapped(line, width, first="  ")
        yield GAPS_TITLE
        for name, number, how in gaps(audit, options):
            yield from wrapped(f"{number} {name}: {how}", width, first="  ")
    yield from wrapped(reader_line(options), width)


def _basis(audit: Audit) -> str:
    policies = [
        f"{name[:1].lower() if name[1].islower() else name[:1]}{name[1:]} {value}" for name, value in tables(audit)
    ]
    days = sorted(day for _name, day in audit.tables.policies)
    if len(days) <= MAX_POLICIES:
        return ", ".join(policies)
    short = policies[: len(policies) - len(days)]
    age = (audit.as_of - days[0]).days
    return f"{', '.join(short)}, {len(days)} policies read between {days[0]} ({counted(age, 'day')} old) and {days[-1]}"


def _counts(audit: Audit, width: int) -> list[str]:
    table_rows = [(label, number, means) for label, number, means in counts(audit) if number or label != "Waived"]
    digits = max(len(f"{number:,}") for _label, number, _means in table_rows)
    lines = (wrapped(means, width, first=f"  {label:<13}{number:>{digits},}  ") for label, number, means in table_rows)
    return list(chain.from_iterable(lines))


def _listing(pairs: Sequence[views.DeviceFinding], width: int, options: Options) -> Iterator[str]:
    if len(pairs) > MAX_WATCHED and views.section(pairs[0]) == "watched":
        makers = Counter(options.name(pair.finding.maker) for pair in pairs)
        line = ", ".join(f"{name} {number:,}" for name, number in makers.most_common())
        yield from wrapped(f"{line}; every other format lists them.", width, first="  ")
        return
    yield from _findings(pairs, width, options)


def _findings(pairs: Sequence[views.DeviceFinding], width: int, options: Options) -> Iterator[str]:
    brand_below, place_below, rows = _layout(pairs, width, options)
    used = [index for index in range(len(HEAD) - place_below) if any(row[index] for row in rows)]
    table_rows = [[row[index] for index in used] for row in rows]
    sizes = _sizes([[HEAD[index] for index in used], *table_rows], width)
    yield line_of([HEAD[index] for index in used], sizes)
    last = ""
    for pair, row, cells in zip(pairs, rows, table_rows, strict=True):
        yield _tint(line_of(cells, sizes), cells[0], colour=options.colour)
        line = [_label_line(pair, options) if brand_below else "", row[-1] if place_below else ""]
        if any(line):
            yield from wrapped(", ".join(part for part in line if part), width, first="    ")
        reason = views.why(pair.finding) + _set_aside(pair)
        # Where many devices in a row share a reason, it is said once.
        if reason != last:
            yield from wrapped(reason, width, first="    ")
        last = reason


def _layout(pairs: Sequence[views.DeviceFinding], width: int, options: Options) -> tuple[bool, bool, list[list[str]]]:
    """Return whether brand and place go below the row, where a terminal is narrow."""
    rows = [_cells(pair, options) for pair in pairs]
    if _fits(rows, width):
        return False, False, rows
    rows = [_cells(pair, options, with_brand=False) for pair in pairs]
    return True, not _fits(rows, width), rows


def _fits(rows: list[list[str]], width: int) -> bool:
    sizes = [size for size in widths(rows) if size]
    heads = [max(size, len(name)) for size, name in zip(widths(rows), HEAD, strict=True) if size]
    return sum(heads) + GAP * len(sizes) <= width


def _label_line(pair: views.DeviceFinding, options: Options) -> str:
    brand = one_line(options.label(pair.finding.maker, pair.finding.brand))
    return f"sold as {brand}" if brand else ""


def _cells(pair: views.DeviceFinding, options: Options, *, with_brand: bool = True) -> list[str]:
    asset, finding = pair.item.asset, pair.finding
    name = views.name_of(pair)
    address = one_line(asset.address)
    brand = _label_line(pair, options) if with_brand else ""
    maker = options.name(finding.maker)
    return [
        finding.verdict.word,
        one_line(asset.site),
        name,
        "" if address == views.device(asset) else address,
        f"{maker}, {brand}" if brand else maker,
        one_line(finding.model),
        views.component(finding) or views.place(asset),
    ]


def _steps(audit: Audit, width: int, options: Options) -> Iterator[str]:
    steps = next_steps(audit, options)
    if not steps:
        return
    yield from ("", *wrapped(f"{HEARD_TITLE} ({len(steps):,})", width), "")
    for site, by, maker, model, number, step in steps[:MAX_STEPS]:
        what = " ".join(filter(None, (maker, model)))
        where = f"{site}: " if site else ""
        yield from wrapped(f"{where}{by} heard {number} x {what}. {step}", width, first="  ")
    if len(steps) > MAX_STEPS:
        yield f"  and {counted(len(steps) - MAX_STEPS, 'line')} more; every other report lists them all"


def _set_aside(pair: views.DeviceFinding) -> str:
    waiver = pair.finding.waiver
    if waiver is None:
        return ""
    return f" Waived until {waiver.until} by {one_line(waiver.who)}: {one_line(waiver.why).rstrip('.')}."


def _unread(audit: Audit, width: int) -> Iterator[str]:
    if not audit.unread:
        yield from wrapped("Unread: no target that was tried failed; what was never a target was not looked at.", width)
        return
    groups = unread_groups(audit)
    devices = sum(len(group.names) for group in groups)
    yield f"Unread ({counted(devices, 'device')}, {counted(len(audit.unread), 'failure')})"
    yield ""
    for group in groups[:MAX_UNREAD]:
        names = ", ".join(group.names[:MAX_NAMES])
        more = f" and {len(group.names) - MAX_NAMES:,} more" if len(group.names) > MAX_NAMES else ""
        partly = " (read in part)" if group.partly else ""
        yield from wrapped(f"{group.site}: {names}{more}{partly}", width, first="  ")
        for reason in group.reasons:
            yield from wrapped(reason, width, first="    ")
    if len(groups) > MAX_UNREAD:
        left = sum(len(group.names) for group in groups[MAX_UNREAD:])
        yield f"  and {counted(left, 'device')} more; every other format lists them all"


def _coverage(audit: Audit, width: int) -> Iterator[str]:
    head, rows = table(audit)
    if len(rows) < MANY_SITES:
        return
    # Silent is contacted less answered; a terminal has no room for what can be subtracted.
    kept_line = [index for index, name in enumerate(head) if name != "Silent"]
    table_rows = [[row[index] for index in kept_line] for row in ([name.upper() for name in head], *rows[:MAX_SITES])]
    sizes = _sizes(table_rows, width)
    yield from ("", f"Coverage by site ({len(rows):,})", "")
    yield from (line_of(cells, sizes) for cells in table_rows)
    if len(rows) > MAX_SITES:
        yield f"  and {counted(len(rows) - MAX_SITES, 'site')} more; every other format lists them all"


def _dates(audit: Audit, width: int, options: Options) -> Iterator[str]:
    """Yield the days that come next and how many have passed; no laws, for want of room."""
    days_due = days(audit)
    coming = [line for line in days_due if line[0] >= audit.as_of]
    if not days_due:
        return
    yield from ("", *wrapped(f"Dates that laws set for what was found ({len(days_due):,})", width), "")
    for due, answer, law, duty, number in coming[:MAX_DATES]:
        line = f"{law}: {one_line(options.asks(duty))} ({ANSWERS[answer]}, {counted(number, 'finding')})"
        yield from wrapped(line, width, first=f"  {due.isoformat()}  ")
    left = [
        f"{len(coming) - MAX_DATES:,} later" if len(coming) > MAX_DATES else "",
        f"{len(days_due) - len(coming):,} passed" if len(days_due) > len(coming) else "",
    ]
    if options.elsewhere is not None and (others := laws_told(options.elsewhere)):
        line = f"{ELSEWHERE}: {counted(len(others), 'law')} cannot bind the reader; the page lists each."
        yield from wrapped(line, width, first="  ")
    if any(left):
        line = f"{' and '.join(filter(None, left))}; page, workbook, PDF and Markdown list every one."
        yield from wrapped(line, width, first="  ")


def _sizes(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    sizes = widths(rows)
    room = width - GAP * len(sizes)
    # The widest column gives way first, so that short words such as verdicts stay whole.
    while sum(sizes) > room and max(sizes) > 1:
        sizes[sizes.index(max(sizes))] -= 1
    return sizes


def _tint(line: str, verdict: str, *, colour: bool) -> str:
    if not colour:
        return line
    return line.replace(verdict, f"{_TINT[verdict]}{verdict}{_PLAIN}", 1)
