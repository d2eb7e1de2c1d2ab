"""What stands in the workbooks: the whole audit, or the rip-and-replace list alone."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from auditor.journal import instant
from auditor.model import Audit
from auditor.report import ooxml
from auditor.report.base import Options
from auditor.report.ooxml import Sheet, Value
from auditor.report.rows import (
    DeviceRow,
    FindingRow,
    UnreadRow,
    cells,
    columns,
    device,
    device_rows,
    finding_rows,
    found,
    unread_rows,
)
from auditor.report.sheets import REPLACE_COLUMNS, replace_rows
from auditor.report.words import DISCLAIMER, SILENCE, about, counts, headline

NUMBERS = frozenset({"vlan"})
DAYS = frozenset({"since", "until", "waived_until"})
MOMENTS = frozenset({"at"})
WIDTH = 14.0
WIDTHS = {
    "verdict": 12, "site": 14, "device": 24, "address": 16, "mac": 19, "maker": 12, "brand": 12, "model": 22, "serial": 22,
    "why": 60, "duty": 60, "citation": 36, "missing": 30, "because": 60, "value": 60, "means": 28, "detail": 40, "against": 40,
    "at": 19, "addresses": 24, "makers": 24, "condition": 40,
}  # fmt: skip
EVIDENCE_COLUMNS = (
    "finding", "site", "device", "maker", "side", "rule", "strength", "because", "source", "witness", "kind", "where", "value",
    "captures", "reported_by",
)  # fmt: skip
OBLIGATION_COLUMNS = (
    "finding", "site", "device", "maker", "policy", "title", "applies", "duty", "since", "until", "citation", "condition",
    "who_is_bound", "needs", "source", "evidence_class",
)  # fmt: skip


def as_xlsx(audit: Audit, options: Options) -> bytes:
    """Return the whole audit as a workbook of seven sheets, headers frozen, filters set, ready to print."""
    sheets = (
        summary_sheet(audit, options),
        table("Findings", columns(FindingRow), map(cells, finding_rows(audit))),
        table("Evidence", EVIDENCE_COLUMNS, evidence_rows(audit)),
        table("Assets", columns(DeviceRow), map(cells, device_rows(audit))),
        table("Unread", columns(UnreadRow), map(cells, unread_rows(audit))),
        table("Obligations", OBLIGATION_COLUMNS, obligation_rows(audit)),
        about_sheet(audit, options),
    )
    return ooxml.book(sheets, title=options.title, created=audit.finished)


def as_replace_xlsx(audit: Audit, options: Options) -> bytes:
    """Return the rip-and-replace list as a workbook."""
    sheets = (table("Replace", REPLACE_COLUMNS, replace_rows(audit, options)), about_sheet(audit, options))
    return ooxml.book(sheets, title=options.title, created=audit.finished)


def table(name: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Sheet:
    """Return a sheet of texts in which the columns known to hold numbers, days and times are typed as such."""
    typed = {index: label for index, label in enumerate(head) if label in NUMBERS | DAYS | MOMENTS}
    return Sheet(
        name=name,
        head=[label.replace("_", " ").capitalize() for label in head],
        rows=(_typed(row, typed) for row in rows),
        widths={index: WIDTHS.get(label, WIDTH) for index, label in enumerate(head)},
    )


def summary_sheet(audit: Audit, options: Options) -> Sheet:
    """Return the answer and its counts as a sheet of notes."""
    rows: list[tuple[Value, ...]] = [(headline(audit),), ()]
    rows += [(label, number, means) for label, number, means in counts(audit)]
    rows += [(), (SILENCE,), (DISCLAIMER,), *((note,) for note in audit.notes)]
    return Sheet(name="Summary", title=options.title, rows=rows, widths={0: 16, 1: 12, 2: 70})


def about_sheet(audit: Audit, options: Options) -> Sheet:
    """Return where the audit comes from as a sheet of notes."""
    rows = [*about(audit, options), ("Silence", SILENCE), ("Notice", DISCLAIMER)]
    return Sheet(name="About", rows=rows, widths={0: 32, 1: 90})


def evidence_rows(audit: Audit) -> Iterator[list[str]]:
    """Yield every piece of evidence, for and against, with the finding it belongs to."""
    for pair in found(audit):
        finding, asset = pair.finding, pair.item.asset
        head = [finding.id, asset.site, device(asset), finding.maker]
        sides = [("for", item) for item in finding.evidence] + [("against", item) for item in finding.against]
        for side, item in sides:
            captures = ", ".join(f"{name}={value}" for name, value in item.captures)
            fact = item.fact
            yield [
                *head, side, item.rule, item.strength.word, item.because, item.source, item.witness, fact.kind, fact.where,
                fact.value, captures, item.by,
            ]  # fmt: skip


def obligation_rows(audit: Audit) -> Iterator[list[str]]:
    """Yield what each policy asks about each finding, those included that ask nothing."""
    for pair in found(audit):
        finding, asset = pair.finding, pair.item.asset
        for item in finding.obligations:
            since = "" if item.since is None else item.since.isoformat()
            until = "" if item.until is None else item.until.isoformat()
            yield [
                finding.id, asset.site, device(asset), finding.maker, item.policy, item.title, item.applies.value, item.duty,
                since, until, item.cite, item.condition, item.bound, "; ".join(item.needs), item.url, item.evidence_class,
            ]  # fmt: skip


def _typed(row: Sequence[str], typed: dict[int, str]) -> Sequence[Value]:
    if not typed:
        return row
    values: list[Value] = list(row)
    for index, label in typed.items():
        text = row[index]
        if not text:
            continue
        if label in NUMBERS:
            values[index] = int(text)
        else:
            values[index] = date.fromisoformat(text) if label in DAYS else instant(text)
    return values
