"""A filled-in filing as files: CSV and XLSX, HTML and PDF to sign, the gaps."""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from auditor.model import OURS, SAID_BY
from auditor.normal import one_line
from auditor.paperwork.filled import DECIDE_NAME, GAP_HEAD, FilledFiling, Table
from auditor.paperwork.form_files import form_sheet, help_sheet
from auditor.paperwork.layout import LINE, ROW, breakable, layout, words
from auditor.report import ooxml
from auditor.report.ooxml import Sheet, Value
from auditor.report.page import template
from auditor.report.pdf import typeset
from auditor.report.sheets import table

WIDTH_CAP = 70
WIDTH_LEAST = 9
MOST_FROZEN = 3  # columns before the device; a device further right goes to the front
DIGITS = 15
# Columns whose cells are whole numbers or days; all else is text, since a serial number must not lose a zero.
NUMBERS = frozenset({
    "row", "missing for", "quantity", "devices", "findings", "targets_not_wholly_read",
    "of_these_read_in_part", "devices_known",
    "spoke_for_themselves",
    "only_heard_of", "targets_never_read", "match", "no_match", "undetermined", "unread", "in_inventory",
    "gear_removed", "replaced",
    "disposed", "remaining", "qty", "cap_pct", "units_of_maker_seen", "units_of_covered_makers_seen", "to_remove",
    "set_aside",
    "already_removed", "total", "reimbursable_yes", "reimbursable_unknown", "reimbursable_no", "step", "visit",
    "number", "days_from_today", "removed_in_period", "disposed_in_period", "units_without_amount",
    "hangs_on_it_in_the_plan", "hangs_on_it_besides", "units_priced", "units_unpriced", "ports_in_use_seen",
    "fed_over_ethernet",
    "replacement_ports", "optics_named", "other_devices_there", "addresses_contacted", "addresses_that_answered",
    "addresses_silent",
})  # fmt: skip
DAYS = frozenset({
    "date_obtained", "as_of", "scan_date", "removed", "disposed", "sanitized", "at", "date", "deadline",
    "sam_exclusion_check", "day", "due", "first_seen", "last_seen", "claim_day", "paid_on",
})  # fmt: skip
OFFICIAL_NAME, OURS_NAME, GAPS_NAME = "Named by the text", "Our columns", "Gaps"
GAPS_IN_BRIEF = 12
TITLE, NAME, SHORT = 50, 24, 30  # em, from which on a word of them is broken
SIGNATURE = ("Name", "Title", "Date", "Signature")
UNCONFIRMED = "The text behind this filing was not read at its source; treat every column of it as unconfirmed."


def files(sheet: FilledFiling, at: datetime, *, pdf: bool = False) -> dict[str, bytes]:
    """Return the files of a filing by name; the same filing and moment give the same bytes."""
    stem = sheet.filing.id
    contents = {f"{stem}.xlsx": workbook(sheet, at), f"{stem}-gaps.csv": table(GAP_HEAD, _gap_rows(sheet))}
    for number, one in enumerate(sheet.tables):
        contents[f"{stem}.csv" if number == 0 else f"{stem}-{one.name}.csv"] = table(one.head, one.rows)
    if sheet.filing.signed and not sheet.refusal:
        contents[f"{stem}.html"] = page(sheet, at)
        if pdf:
            contents[f"{stem}.pdf"] = typeset("filing.typ", paper_in_print(sheet, at))
    return contents


def workbook(sheet: FilledFiling, at: datetime) -> bytes:
    """Return a workbook: instructions, the filing, its gaps, sheets to fill in."""
    sheets = [_sheet(part) for one in sheet.tables for part in apart(one)]
    gaps = _sheet(Table(name=GAPS_NAME, head=GAP_HEAD, rows=tuple(_gap_rows(sheet))), is_ours=False)
    to_fill = [help_sheet(sheet.forms), *map(form_sheet, sheet.forms)] if sheet.forms else []
    return ooxml.book([_instructions(sheet, at), *sheets, gaps, *to_fill], title=sheet.title, created=at)


def _instructions(sheet: FilledFiling, at: datetime) -> Sheet:
    """Return the sheet that says what the others hold and what must not be read into them."""
    parts = [part for one in sheet.tables for part in apart(one)]
    rows: list[tuple[Value, ...]] = [(f"Sheet {part.name}", _holds(part)) for part in parts]
    rows.append((f"Sheet {GAPS_NAME}", "What is missing, for how many rows, which, and how to get it."))
    rows += [
        (f"Sheet {form.name}", "To be filled in, and read back with `auditor filings fill`.") for form in sheet.forms
    ]
    rows += notice(sheet, at)
    return Sheet(name="Instructions", title=sheet.title, rows=rows, widths={0: 26, 1: 110}, wraps=True)


def _holds(part: Table) -> str:
    if part.head[-1].endswith("(OFFICIAL)"):
        return "The columns the text cited names, as they are asked for; an empty cell is for you to fill in."
    return "Our own columns; a row has the same number on every sheet." if part.head[0] == ROW else "Our own columns."


def apart(one: Table) -> list[Table]:
    """Return a table as its official columns and ours, a row number joining them."""
    whole = _narrow(one)
    split = sum(label.endswith("(OFFICIAL)") for label in whole.head)
    if split in {0, len(whole.head)}:
        return [whole]
    halves = ((OFFICIAL_NAME, slice(split)), (OURS_NAME, slice(split, None)))
    return [
        Table(
            name=name,
            head=(ROW, *whole.head[half]),
            rows=tuple((str(number), *row[half]) for number, row in enumerate(whole.rows, 1)),
        )
        for name, half in halves
    ]


def notice(sheet: FilledFiling, at: datetime) -> Iterable[tuple[str, str]]:
    """Yield what stands beside the table: who files, why, what must not be read into it."""
    filing = sheet.filing
    yield from (("Statement", text) for text in sheet.says)
    yield "Who files", filing.filer
    yield "What for", filing.purpose
    yield "Written in", f"{filing.cite} {filing.url}".strip()
    yield "Columns", "OFFICIAL: named by that text. DERIVED: ours, to be carried over by hand. " + confirmation(sheet)
    yield "Written", at.isoformat(sep=" ", timespec="minutes")
    yield from (("Caution", text) for text in sheet.cautions)
    for name, day, age in sheet.ages:
        yield name, f"{day.isoformat()}, {age} days old"
    if sheet.stale:
        old = "; ".join(sheet.stale)
        yield "Too old", f"{old}: written all the same because it was asked for; check each list first."
    names = {name for name, _, _ in sheet.ages}
    yield from (entry for entry in sheet.about if entry[0] not in names)


def confirmation(sheet: FilledFiling) -> str:
    """Return whether the text behind a filing was read."""
    ev = sheet.filing.evidence_class
    if ev == "unconfirmed":
        return UNCONFIRMED
    if ev in {"S", "I"}:
        return "Known from secondary sources; read the text itself before signing."
    return "Read at its source; check that it has not changed before signing."


def _gap_rows(sheet: FilledFiling) -> list[tuple[str, ...]]:
    return [gap.cells() for gap in sheet.gaps]


def _sheet(one: Table, *, is_ours: bool = True) -> Sheet:
    """Return a table as a sheet; what we concluded is no second witness where it comes back."""
    order, lead = _lead(one.head)
    names = [words(one.head[index]).replace(" ", "_") for index in order]
    widths = [max(map(len, name.split("_"))) + 4 for name in names]
    rows = [[row[index] for index in order] for row in one.rows]
    for row in rows[:1000]:
        widths = [max(width, len(text) + 1) for width, text in zip(widths, row, strict=True)]
    head, last = ([*names, SAID_BY], [OURS]) if is_ours else (names, [])
    return Sheet(
        name=one.name[:31],
        head=[name.replace("_", " ").capitalize() for name in head],
        rows=[[*(cell_value(name, text) for name, text in zip(names, row, strict=True)), *last] for row in rows],
        widths={
            index: max(WIDTH_LEAST, min(WIDTH_CAP, width)) for index, width in enumerate([*widths, *map(len, last)])
        },
        lead=lead,
        wraps=True,
    )


def _lead(head: Sequence[str]) -> tuple[list[int], int]:
    """Return the order of a sheet's columns, and how many stay in sight: up to the device."""
    names, order = [words(label) for label in head], list(range(len(head)))
    device = next((names.index(name) for name in ("device", "devices") if name in names), -1)
    if device > MOST_FROZEN:
        order.insert(1 if names[0] == ROW else 0, order.pop(device))
        device = order.index(device)
    return order, device + 1 if device >= 0 else int(names[0] == ROW)


def cell_value(column: str, text: str) -> Value:
    """Return a cell as a number or a day where its column holds such and the text is one."""
    if column in NUMBERS and text.isascii() and text.isdecimal() and len(text) <= DIGITS:
        return int(text)
    if column in DAYS and text:
        with contextlib.suppress(ValueError):
            return date.fromisoformat(text)
    return text


def paper(sheet: FilledFiling, at: datetime) -> dict[str, object]:
    """Return what the signed forms print; what is signed first, our columns last."""
    parts = [(one, whole) for whole in sheet.tables for one in apart(whole)]
    gaps = Table(name="gaps", head=GAP_HEAD, rows=tuple(_gap_rows(sheet)))
    return {
        "title": one_line(sheet.title),
        "written": at.date().isoformat(),
        "date": [at.year, at.month, at.day],
        "says": [one_line(text, 4096) for text in sheet.says],
        "open": _open(sheet),
        "notice": [[name, one_line(text, 4096)] for name, text in notice(sheet, at) if name != "Statement"],
        "summary": _print((one for one, whole in parts if whole.is_summary), sheet),
        "tables": _print((one for one, whole in parts if not whole.is_summary and one.name != OURS_NAME), sheet),
        "appendix": _print((one for one, _ in parts if one.name == OURS_NAME), sheet),
        "gaps": [asdict(one) for one in layout(gaps, "What is missing", has_notes=False)] if sheet.gaps else [],
        "signature": SIGNATURE,
    }  # fmt: skip


def paper_in_print(sheet: FilledFiling, at: datetime) -> dict[str, Any]:
    """Return what a signed form prints on paper, its long words cut."""
    return _breakable(paper(sheet, at))


def _breakable(data: Mapping[str, Any]) -> dict[str, object]:
    """Return what is printed with its long words cut, which a page on a screen does by itself."""
    lines = {key: [breakable(text, LINE) for text in data[key]] for key in ("says", "open")}
    entries = [[breakable(name, NAME), breakable(text, SHORT)] for name, text in data["notice"]]
    return {**data, **lines, "notice": entries, "title": breakable(data["title"], TITLE)}


def _open(sheet: FilledFiling) -> list[str]:
    """Return what is missing before somebody can sign, in one sentence."""
    if not sheet.gaps:
        return []
    first = [f"{words(gap.what)} ({gap.number})" for gap in sheet.gaps[:GAPS_IN_BRIEF]]
    more = len(sheet.gaps) - len(first)
    rest = f"; and {more} more" if more > 0 else ""
    return [one_line(f"Missing before it can be signed: {'; '.join(first)}{rest}. The list of it says how to get each.",
        4096)]  # fmt: skip


def _print(tables: Iterable[Table], sheet: FilledFiling) -> list[dict[str, object]]:
    return [asdict(part) for one in tables for part in layout(one, _heading(one, sheet))]


def _heading(one: Table, sheet: FilledFiling) -> str:
    if one.name == sheet.filing.id:
        return "What stands here"
    return "To decide before it is signed" if one.name == DECIDE_NAME else one.name.replace("_", " ").capitalize()


def _narrow(one: Table) -> Table:
    """Return a table without the notice of each CSV line; on paper it stands once."""
    if not one.head or not one.head[-1].startswith("notice"):
        return one
    return replace(one, head=one.head[:-1], rows=tuple(row[:-1] for row in one.rows))


def page(sheet: FilledFiling, at: datetime) -> bytes:
    """Return one self-contained HTML page to read, print and sign."""
    text: str = template("filing.html").render(paper(sheet, at))
    return text.encode()
