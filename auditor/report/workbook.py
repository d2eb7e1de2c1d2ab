"""What stands in the workbooks: the whole audit, or the rip-and-replace list alone."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from auditor.formats.fields import instant
from auditor.model import Audit
from auditor.report import ooxml
from auditor.report.agenda import GAPS_TITLE, TITLE, gaps, task_lines
from auditor.report.base import Options
from auditor.report.coverage import NO_SITE, coverage, scope_line, scope_lines
from auditor.report.coverage import columns as coverage_columns
from auditor.report.dates import date_rows, laws_told
from auditor.report.laws import CONTEXT, HEADINGS, age, clauses, jurisdictions, title
from auditor.report.lens import ELSEWHERE, reader_line
from auditor.report.next_steps import next_steps
from auditor.report.ooxml import Sheet, Value
from auditor.report.parts import PartRow, part_rows
from auditor.report.parts import cells as part_cells
from auditor.report.rows import DeviceRow, FindingRow, UnreadRow, cells, columns, device_rows, finding_row, unread_rows
from auditor.report.sheets import REPLACE_COLUMNS, replace_rows, signed
from auditor.report.views import device_findings, name_of, notes, section
from auditor.report.words import DISCLAIMER, SILENCE, about, counts, headline

MOST_SCOPE = 200
_NUMBERS = ("vlan", "findings", "applies_to", "depends_on_use", "undecided", "no")
_DAYS = ("since", "until", "due", "due_passed", "next_date", "in_force_since", "by", "waived_until", "list_read_on")
# What reads the text of a column whose cells are no texts.
_READERS: dict[str, Callable[[str], Value]] = {"at": instant}
_READERS |= dict.fromkeys(_NUMBERS, int) | dict.fromkeys(_DAYS, date.fromisoformat)
WIDTH = 14.0
WIDTHS = {
    "verdict": 12, "site": 14, "device": 24, "address": 16, "mac": 19, "maker": 12, "brand": 12, "model": 22,
    "serial": 22,
    "why": 60, "duty": 60, "citation": 36, "missing": 30, "because": 60, "value": 60, "means": 28, "detail": 40,
    "against": 40,
    "at": 19, "addresses": 24, "makers": 24, "condition": 40, "law": 36, "force": 30, "place": 18, "list": 30,
    "port": 24, "place_words": 40, "conflicts": 40, "parts": 60,
    "description": 40, "vendor": 16, "who_is_bound": 36, "decided_by": 30, "needs": 30, "source": 40,
    "title": 36, "finding": 16, "rules": 30, "policies": 40, "applies": 40, "captures": 30, "rule": 26,
}  # fmt: skip
EVIDENCE_COLUMNS = (
    "finding", "site", "device", "maker", "side", "rule", "strength", "because", "source", "witness", "kind",
    "where", "value",
    "captures", "reported_by",
)  # fmt: skip
OBLIGATION_COLUMNS = (
    "finding", "site", "device", "maker", "policy", "title", "place", "applies", "duty", "since", "until", "due",
    "citation",
    "condition", "who_is_bound", "needs", "source", "evidence_class",
)  # fmt: skip


BY_LAW_COLUMNS = (
    "law", "place", "who_is_bound", "applies_to", "depends_on_use", "undecided", "no", "next_date", "in_force_since",
    "citation",
)  # fmt: skip
STEP_COLUMNS = ("site", "heard_by", "maker", "model", "findings", "next_step")
DATE_COLUMNS = ("by", "when", "law", "duty", "answer", "decided_by", "findings", "citation")
LISTS = {"covered": "Findings", "components": "Components", "watched": "Watched makers"}
LAW_COLUMNS = (
    "place", "force", "law", "duty", "who_is_bound", "condition", "decided_by", "citation", "since", "until", "due",
    "list_read_on", "list",
    "findings", "source", "evidence_class",
)  # fmt: skip


def as_xlsx(audit: Audit, options: Options) -> bytes:
    """Return the audit as a workbook: a sheet for each list, ready to print."""
    sheets = (
        summary_sheet(audit, options),
        *(table(name, *signed(columns(FindingRow), map(cells, _rows_of(audit, key)))) for key, name in LISTS.items()),
        table("By law", BY_LAW_COLUMNS, (_plain(law.cells()) for law in laws_told(audit))),
        table("Dates", DATE_COLUMNS, map(_plain, date_rows(audit, options))),
        *_elsewhere(options),
        table("Only heard of", *signed(STEP_COLUMNS, next_steps(audit, options))),
        table("Unread", columns(UnreadRow), map(cells, unread_rows(audit))),
        table("Assets", *signed(columns(DeviceRow), map(cells, device_rows(audit)))),
        table("Parts", *signed(columns(PartRow), map(part_cells, part_rows(audit)))),
        table("Evidence", *signed(EVIDENCE_COLUMNS, evidence_rows(audit))),
        *_reconcile(options),
        coverage_sheet(audit),
        laws_sheet(audit, options),
        table("Obligations", *signed(OBLIGATION_COLUMNS, obligation_rows(audit))),
        about_sheet(audit, options),
    )
    return ooxml.book(sheets, title=options.title, created=audit.finished)


def as_replace_xlsx(audit: Audit, options: Options) -> bytes:
    """Return the rip-and-replace list as a workbook; what nobody knows yet is told before it."""
    sheets = (
        summary_sheet(audit, options),
        replace(table("Replace", *signed(REPLACE_COLUMNS, replace_rows(audit, options))), lead=2, wraps=True),
        table("Parts", *signed(columns(PartRow), map(part_cells, part_rows(audit, only_covered=True)))),
        about_sheet(audit, options),
    )
    return ooxml.book(sheets, title=options.title, created=audit.finished)


def table(name: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Sheet:
    """Return a sheet of texts in which numbers, days and times are typed as such."""
    readers = {index: _READERS[label] for index, label in enumerate(head) if label in _READERS}
    return Sheet(
        name=name,
        head=[label.replace("_", " ").capitalize() for label in head],
        rows=(_values(row, readers) for row in rows),
        widths={index: WIDTHS.get(label, WIDTH) for index, label in enumerate(head)},
    )


def summary_sheet(audit: Audit, options: Options) -> Sheet:
    """Return the answer and its counts as a sheet of notes."""
    rows: list[tuple[Value, ...]] = [(headline(audit),), (reader_line(options),), (), (TITLE,)]
    rows += [(line,) for line in task_lines(audit, options)]
    rows += [
        (),
        (GAPS_TITLE,),
        *((name, int(number.replace(",", "")), how) for name, number, how in gaps(audit, options)),
    ]
    rows += [(), (scope_line(audit),), ()]
    rows += [(label, number, means) for label, number, means in counts(audit)]
    rows += [(), (SILENCE,), (DISCLAIMER,), *((note,) for note in notes(audit))]
    return Sheet(name="Summary", title=options.title, rows=rows, widths={0: 16, 1: 12, 2: 70})


def _elsewhere(options: Options) -> Iterator[Sheet]:
    """Yield the sheet of laws that cannot bind the reader, where there is a reader."""
    if options.elsewhere is not None:
        yield table(ELSEWHERE, BY_LAW_COLUMNS, (_plain(law.cells()) for law in laws_told(options.elsewhere)))


def _reconcile(options: Options) -> Iterator[Sheet]:
    """Yield the sheet of books beside the run, where there are any that bear no pseudonyms."""
    if not options.redacted and (lines := options.books()):
        yield table("Reconcile", *signed(lines[0], map(list, lines[1:])))


def about_sheet(audit: Audit, options: Options) -> Sheet:
    """Return where the audit comes from as a sheet of notes."""
    rows = [*about(audit, options), ("Silence", SILENCE), ("Notice", DISCLAIMER)]
    rows += [("Contacted", line) for line in scope_lines(audit, MOST_SCOPE)]
    return Sheet(name="About", rows=rows, widths={0: 32, 1: 90})


def coverage_sheet(audit: Audit) -> Sheet:
    """Return what was contacted and what came of it, a line per site, numbers typed as such."""
    lines = coverage(audit)
    names = coverage_columns(lines)
    return Sheet(
        name="Coverage",
        head=[name.replace("_", " ").capitalize() for name in names],
        rows=([getattr(line, name) or (NO_SITE if name == "site" else 0) for name in names] for line in lines),
        widths={0: 24} | dict.fromkeys(range(1, len(names)), 13),
    )


def _plain(row: Iterable[str]) -> list[str]:
    """Return cells with numbers as a spreadsheet reads them; texts stay as they are."""
    return [cell.replace(",", "") if cell.replace(",", "").isdecimal() else cell for cell in row]


def laws_sheet(audit: Audit, options: Options) -> Sheet:
    """Return each clause that may bind once, the sure ones first, mere lists last."""
    return table("Laws", LAW_COLUMNS, _law_rows(audit, options))


def _law_rows(audit: Audit, options: Options) -> Iterator[list[str]]:
    asked_of = clauses(audit)
    read_on = {policy: day.isoformat() for policy, day in audit.tables.policies}
    mere: list[list[str]] = []
    for place_of_law in jurisdictions(asked_of):
        for applies, items in place_of_law.asks:
            for item in items:
                since, until, due = _cells(item.since, item.until, item.due)
                yield [
                    place_of_law.name, HEADINGS[applies], title(item), options.asks(item.duty), item.bound,
                    item.condition,
                    "; ".join(item.needs), item.cite, since, until, due, read_on.get(item.policy, ""),
                    age(item.policy, audit),
                    str(asked_of[item]), item.url, item.evidence_class,
                ]  # fmt: skip
        mere += [[place_of_law.name, CONTEXT, name, *[""] * 13] for name in place_of_law.context]
    yield from mere


def _rows_of(audit: Audit, section_name: str) -> Iterator[FindingRow]:
    return (finding_row(pair, audit.as_of) for pair in device_findings(audit) if section(pair) == section_name)


def evidence_rows(audit: Audit) -> Iterator[list[str]]:
    """Yield every piece of evidence, for and against, with the finding it belongs to."""
    for pair in device_findings(audit):
        finding, asset = pair.finding, pair.item.asset
        head = [finding.id, asset.site, name_of(pair), finding.maker]
        sides = [("for", item) for item in finding.evidence] + [("against", item) for item in finding.against]
        for side, item in sides:
            captures = ", ".join(f"{name}={value}" for name, value in item.captures)
            fact = item.fact
            yield [
                *head, side, item.rule, item.strength.word, item.because, item.source, item.witness, fact.kind,
                fact.where,
                fact.value, captures, item.by,
            ]  # fmt: skip


def obligation_rows(audit: Audit) -> Iterator[list[str]]:
    """Yield what each policy asks about each finding, those included that ask nothing."""
    for pair in device_findings(audit):
        finding, asset = pair.finding, pair.item.asset
        for item in finding.obligations:
            since, until, due = _cells(item.since, item.until, item.due)
            yield [
                finding.id, asset.site, name_of(pair), finding.maker, item.policy, item.title, item.jurisdiction,
                item.applies.value,
                item.duty, since, until, due, item.cite, item.condition, item.bound, "; ".join(item.needs), item.url,
                item.evidence_class,
            ]  # fmt: skip


def _cells(*days: date | None) -> list[str]:
    return ["" if day is None else day.isoformat() for day in days]


def _values(row: Sequence[str], readers: Mapping[int, Callable[[str], Value]]) -> Sequence[Value]:
    values: list[Value] = list(row)
    for index, read in readers.items():
        if text := row[index]:
            values[index] = read(text)
    return values
