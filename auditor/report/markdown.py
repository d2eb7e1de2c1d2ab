"""The report for a ticket or a wiki: Markdown tables in which device text stays text."""

import re
from collections.abc import Iterable, Iterator, Sequence

from auditor.model import Audit, Tier
from auditor.normal import one_line
from auditor.report.base import Options
from auditor.report.rows import Found, asked, device, finding_row, found, place, unread_rows
from auditor.report.words import DISCLAIMER, SILENCE, about, counts, headline

# What CommonMark or GFM could take for markup, a link, a mention or an entity.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#!|&~@$]|:(?=//))")
_WWW = re.compile(r"www\.", re.IGNORECASE)


def as_markdown(audit: Audit, options: Options) -> bytes:
    """Return the report as GitHub-flavoured Markdown."""
    return ("\n".join(_lines(audit, options)) + "\n").encode()


def escaped(text: str) -> str:
    """Return a text in which no character starts markup, a link or a mention."""
    quoted = _MARKUP.sub(r"\\\1", one_line(text))
    return _WWW.sub(lambda match: match[0][:3] + r"\.", quoted)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table whose cells are escaped."""
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(escaped(cell) for cell in row) + " |"


def _lines(audit: Audit, options: Options) -> Iterator[str]:
    yield f"# {escaped(headline(audit))}"
    yield ""
    yield from table(
        ("Count", "Number", "Meaning"), ((label, f"{number:,}", means) for label, number, means in counts(audit))
    )
    pairs = found(audit)
    covered = [pair for pair in pairs if pair.finding.tier is Tier.COVERED]
    listed = [pair for pair in pairs if pair.finding.tier is not Tier.COVERED]
    for title, chosen in (("Findings", covered), ("Makers on other lists only", listed)):
        if chosen:
            yield from ("", f"## {title}", "")
            yield from table(_HEAD, (_cells(pair, options) for pair in chosen))
    rows = unread_rows(audit)
    yield from ("", "## Unread", "")
    if rows:
        body = ((row.site, row.address, row.collector, row.reason, row.detail or row.means) for row in rows)
        yield from table(("Site", "Address", "Collector", "Reason", "Detail"), body)
    else:
        yield "No target failed. What was never a target was not looked at."
    yield from ("", "## About", "")
    yield from table(("What", "Value"), [*about(audit, options), *(("Note", note) for note in audit.notes)])
    yield from ("", SILENCE, "", DISCLAIMER)


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
    "Waived until",
)


def _cells(pair: Found, options: Options) -> list[str]:
    row, asset = finding_row(pair), pair.item.asset
    component = " (component)" if row.part else ""
    return [
        row.verdict + component, row.site, device(asset), row.address, options.name(row.maker), options.label(row.maker, row.brand), row.model, row.serial,
        place(asset), row.why, asked(pair.finding), row.waived_until,
    ]  # fmt: skip
