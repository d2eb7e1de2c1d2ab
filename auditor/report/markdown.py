"""The report for a ticket or a wiki: Markdown tables in which device text stays text."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from auditor.model import REPORT_MARK, Audit, Obligation
from auditor.normal import one_line
from auditor.report import laws, views
from auditor.report.agenda import GAP_HEAD, GAPS_TITLE, TITLE, gaps, task_lines
from auditor.report.base import Options
from auditor.report.coverage import scope_line
from auditor.report.coverage import table as coverage_table
from auditor.report.dates import COUNTED, DATE_HEAD, LAW_HEAD, date_rows, laws_told
from auditor.report.lens import ELSEWHERE, reader_line
from auditor.report.next_steps import HEARD_ENDS, HEARD_TITLE, STEP_HEAD, next_steps
from auditor.report.rows import due_in_words, finding_row, unread_rows, waiver_in_words
from auditor.report.words import DISCLAIMER, SILENCE, about, counts, headline

# What CommonMark or GFM could take for markup, a link, a mention or an entity.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#!|&~@$]|:(?=//))")
_WWW = re.compile(r"www\.", re.IGNORECASE)


def as_markdown(audit: Audit, options: Options) -> bytes:
    """Return the report as GitHub-flavoured Markdown."""
    return ("\n".join(_lines(audit, options)) + "\n").encode()


def escaped(text: str) -> str:
    """Return a text in which no character starts markup, a link or a mention."""
    line = _MARKUP.sub(r"\\\1", one_line(text))
    return _WWW.sub(lambda match: match[0][:3] + r"\.", line)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table whose cells are escaped."""
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(escaped(cell) for cell in row) + " |"


def _lines(audit: Audit, options: Options) -> Iterator[str]:
    yield REPORT_MARK
    yield f"# {escaped(headline(audit))}"
    yield ""
    yield from _agenda(audit, options)
    yield from table(
        ("Count", "Number", "Meaning"), ((label, f"{number:,}", means) for label, number, means in counts(audit))
    )
    yield from ("", escaped(scope_line(audit)))
    pairs = views.device_findings(audit)
    for name, heading in views.SECTIONS.items():
        listing = [pair for pair in pairs if views.section(pair) == name]
        if listing:
            yield from ("", f"## {heading} ({len(listing):,})", "")
            yield from table(_HEAD, (_cells(pair, options, audit.as_of) for pair in listing))
    steps = next_steps(audit, options)
    if steps:
        yield from ("", f"## {HEARD_TITLE} ({len(steps):,})", "", HEARD_ENDS, "")
        yield from table(STEP_HEAD, steps)
    rows = unread_rows(audit)
    yield from ("", "## Unread", "")
    if rows:
        body = ((row.site, row.address, row.collector, row.reason, row.detail or row.means) for row in rows)
        yield from table(("Site", "Address", "Collector", "Reason", "Detail"), body)
    else:
        yield "No target failed. What was never a target was not looked at."
    head, lines = coverage_table(audit)
    yield from ("", "## Coverage by site", "")
    yield from table(head, lines)
    yield from _laws(audit, options)
    yield from _elsewhere(options)
    yield from ("", "## About", "")
    yield from table(("What", "Value"), [*about(audit, options), *(("Note", note) for note in views.notes(audit))])
    yield from ("", SILENCE, "", DISCLAIMER)


def _agenda(audit: Audit, options: Options) -> Iterator[str]:
    yield from (escaped(reader_line(options)), "", f"## {TITLE}", "")
    yield from (f"- {escaped(line)}" for line in task_lines(audit, options))
    if missing := gaps(audit, options):
        yield from ("", f"## {GAPS_TITLE}", "")
        yield from table(GAP_HEAD, missing)
    yield ""


def _elsewhere(options: Options) -> Iterator[str]:
    others = laws_told(options.elsewhere) if options.elsewhere else []
    if others:
        yield from ("", f"## {ELSEWHERE}", "")
        yield from table(LAW_HEAD, (law.cells() for law in others))


def _laws(audit: Audit, options: Options) -> Iterator[str]:
    asked_of = laws.clauses(audit)
    if not asked_of:
        return
    yield from ("", "## What each law asks", "", escaped(COUNTED), "")
    yield from table(LAW_HEAD, (law.cells() for law in laws_told(audit)))
    rows = list(date_rows(audit, options))
    if rows:
        yield from ("", f"## What is due when ({len(rows):,})", "")
        yield from table(DATE_HEAD, rows)
    yield from ("", "## Every clause", "")
    for place_of_law in laws.jurisdictions(asked_of):
        yield from (f"### {place_of_law.name}", "")
        for applies, items in place_of_law.asks:
            body = (_clause(item, asked_of[item], audit, options) for item in items)
            yield from (f"{laws.HEADINGS[applies]}:", "")
            yield from table(_CLAUSE_HEAD, body)
            yield ""
        if place_of_law.context:
            yield from (escaped(laws.in_context(place_of_law)), "")


def _clause(item: Obligation, findings: int, audit: Audit, options: Options) -> tuple[str, ...]:
    force = ", ".join(filter(None, (laws.doubt(item), laws.in_force(item))))
    return (
        laws.title(item), options.asks(item.duty), item.bound, item.condition, "; ".join(item.needs),
        str(item.due or ""), item.cite, force, laws.age(item.policy, audit), f"{findings:,}",
    )  # fmt: skip


_CLAUSE_HEAD = ("Law", "Duty", "Binds", "Condition", "Decided by", "By", "Citation", "In force", "List", "Findings")
_HEAD = (
    "Verdict",
    "Site",
    "Device",
    "Address",
    "Maker",
    "Brand",
    "Model",
    "Serial",
    "Place",
    "Why",
    "Policies",
    "Next date",
    "Waived",
)


def _cells(pair: views.DeviceFinding, options: Options, as_of: date) -> list[str]:
    row, asset = finding_row(pair, as_of), pair.item.asset
    return [
        row.verdict, row.site, views.name_of(pair), row.address, options.name(row.maker),
        options.label(row.maker, row.brand), row.model, row.serial, views.component(pair.finding) or views.place(asset),
        row.why, views.answers_in_brief(pair.finding), due_in_words(row), waiver_in_words(row),
    ]  # fmt: skip
