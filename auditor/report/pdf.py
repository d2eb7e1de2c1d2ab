"""The report on paper, set by Typst (extra `pdf`); device text never becomes markup."""

from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

from auditor.errors import UsageError
from auditor.formats.fields import dump
from auditor.model import Audit
from auditor.normal import one_line
from auditor.report import laws, views
from auditor.report.agenda import GAP_HEAD, GAPS_TITLE, TITLE, gaps, task_lines
from auditor.report.base import Options
from auditor.report.coverage import scope_line, table
from auditor.report.dates import COUNTED, DATE_HEAD, LAW_HEAD, date_rows, laws_told
from auditor.report.failures import unread_groups
from auditor.report.lens import ELSEWHERE, reader_line
from auditor.report.next_steps import HEARD_ENDS, HEARD_TITLE, STEP_HEAD, next_steps
from auditor.report.rows import due_in_words, finding_row, waiver_in_words
from auditor.report.words import DISCLAIMER, SILENCE, about, counts, headline

# Typesetting holds every row in memory; a reader of paper needs the surest, not ten thousand of them.
MOST = 1000
MOST_PAGES = 60


def as_pdf(audit: Audit, options: Options) -> bytes:
    """Return the PDF; without the extra installed it is a `UsageError` that names it."""
    return typeset("report.typ", paper(audit, options))


def typeset(template: str, data: dict[str, object], root: Path | None = None) -> bytes:
    """Return a PDF of a Typst template of this room; `data` is `sys.inputs.data`, JSON.

    Files the data names are looked for in `root` and nowhere else.
    """
    source = resources.files("auditor.report").joinpath("templates", template).read_bytes()
    document: bytes = typesetter().compile(source, root=root, format="pdf", sys_inputs={"data": dump(data)})
    return document


def typesetter() -> Any:
    """Return Typst; without the extra installed it is a `UsageError` that names it."""
    try:
        import typst
    except ImportError:
        raise UsageError(
            "PDF reports need the extra 'pdf': pip install 'network-equipment-auditor[pdf]'", where="format"
        ) from None
    return typst


def pages_of(root: Path, path: str, most: int = MOST_PAGES) -> range:
    """Return the pages of a PDF that can be shown, from 1 and `most` at most; a picture has one.

    An empty range is a file that cannot be shown at all: damaged, or locked by a password.
    """
    low, high = 0, 1
    while high <= most and _is_page(root, path, high):
        low, high = high, high * 2
    high = min(high, most + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _is_page(root, path, middle) else (low, middle)
    return range(1, low + 1)


def _is_page(root: Path, path: str, page: int) -> bool:
    typst = typesetter()
    source, inputs = b"#image(sys.inputs.path, page: int(sys.inputs.page))", {"path": f"/{path}", "page": f"{page}"}
    try:
        typst.compile(source, root=root, format="pdf", sys_inputs=inputs)
    except typst.TypstError:
        return False
    return True


def paper(audit: Audit, options: Options) -> dict[str, object]:
    """Return what the PDF prints, every text clean and on one line."""
    pairs = views.device_findings(audit)
    return {
        "title": one_line(options.title),
        "date": [audit.finished.year, audit.finished.month, audit.finished.day],
        "as_of": audit.as_of.isoformat(),
        "answer": headline(audit),
        "reader": reader_line(options),
        "agenda": {"title": TITLE, "lines": task_lines(audit, options)},
        "gaps": {"title": GAPS_TITLE, "head": GAP_HEAD, "rows": gaps(audit, options)},
        "counts": [[label, f"{number:,}", means] for label, number, means in counts(audit)],
        "notes": views.notes(audit),
        "scope": scope_line(audit),
        "coverage": _coverage(audit),
        "lists": [
            _list(heading, [pair for pair in pairs if views.section(pair) == name], options, audit.as_of)
            for name, heading in views.SECTIONS.items()
        ],
        "by_law": {"counted": COUNTED, "head": LAW_HEAD, "rows": [law.cells() for law in laws_told(audit)]},
        "dates": {"head": DATE_HEAD, "rows": list(date_rows(audit, options))},
        "steps": {"title": HEARD_TITLE, "says": HEARD_ENDS, "head": STEP_HEAD, "rows": next_steps(audit, options)},
        "laws": _laws(audit, options),
        "elsewhere": _elsewhere(options),
        "unread": _unread(audit),
        "about": [[name, one_line(value, 4096)] for name, value in about(audit, options)],
        "silence": SILENCE,
        "disclaimer": DISCLAIMER,
    }


def _finding(pair: views.DeviceFinding, options: Options, as_of: date) -> dict[str, str]:
    row, asset = finding_row(pair, as_of), pair.item.asset
    return {
        "verdict": row.verdict,
        "site": row.site,
        "device": views.name_of(pair),
        "address": row.address if row.address != row.device else "",
        "maker": options.name(row.maker),
        "brand": options.label(row.maker, row.brand),
        "model": row.model,
        "serial": row.serial,
        "place": views.place(asset),
        "why": row.why,
        "part": views.component(pair.finding),
        "waived": f"waived {waiver_in_words(row)}" if row.waived_until else "",
        "asked": views.answers_in_brief(pair.finding),
        "due": due_in_words(row),
        "missing": "; ".join(views.missing(pair)),
    }


def _list(heading: str, pairs: list[views.DeviceFinding], options: Options, as_of: date) -> dict[str, object]:
    """Return one list of findings, the surest of them where they are too many for paper."""
    rows = [_finding(pair, options, as_of) for pair in pairs[:MOST]]
    return {"title": f"{heading} ({len(pairs):,})", "rows": rows, "left": _left(len(pairs), "findings")}


def _left(number: int, what: str) -> str:
    if number <= MOST:
        return ""
    return (
        f"The first {MOST:,} of {number:,} {what} are printed; the workbook, CSV and page of this audit list every one."
    )


def _unread(audit: Audit) -> dict[str, object]:
    groups = unread_groups(audit)
    rows = [
        [group.site, ", ".join(group.names) + (" (read in part)" if group.partly else ""), "; ".join(group.reasons)]
        for group in groups[:MOST]
    ]
    return {"rows": rows, "left": _left(len(groups), "groups of failures")}


def _coverage(audit: Audit) -> dict[str, object]:
    head, rows = table(audit)
    return {"head": head, "rows": rows[:MOST], "left": _left(len(rows), "sites")}


def _elsewhere(options: Options) -> str:
    """Return in a sentence which laws cannot bind the reader, or an empty text."""
    others = laws_told(options.elsewhere) if options.elsewhere else []
    return f"{ELSEWHERE}: {'; '.join(f'{law.title} ({law.place})' for law in others)}." if others else ""


def _laws(audit: Audit, options: Options) -> list[dict[str, object]]:
    asked_of = laws.clauses(audit)
    return [
        {
            "place": place_of_law.name,
            "asks": [
                {
                    "heading": laws.HEADINGS[applies],
                    "clauses": [list(laws.clause(item, asked_of[item], audit, options).values()) for item in items],
                }
                for applies, items in place_of_law.asks
            ],
            "context": laws.in_context(place_of_law),
        }
        for place_of_law in laws.jurisdictions(asked_of)
    ]
