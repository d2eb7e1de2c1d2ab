"""Tables as CSV; no cell of them can become a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import chain

from auditor.model import OURS, SAID_BY, Applies, Audit, Finding, Tier
from auditor.normal import one_line
from auditor.report.base import Options
from auditor.report.parts import all_in_words
from auditor.report.rows import FindingRow, cells, columns, finding_row, finding_rows
from auditor.report.unsettled import unsettled_rows
from auditor.report.views import DeviceFinding, binding, device_findings, join, name_of, removal

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# The mark of what this program concluded: a table that comes back with it is no second witness.
REPLACE_COLUMNS = (
    "site", "device", "address", "maker", "brand", "model", "serial", "switch", "port", "vlan",
    "verdict", "duty", "citation", "due", "missing", "parts", "place_confidence", "place_words", "conflicts",
)  # fmt: skip


def inert(text: str) -> str:
    """Return a text no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return CSV (RFC 4180, UTF-8), every cell quoted so that no other separator can split it."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([inert(cell) for cell in row] for row in rows)
    return out.getvalue().encode()


def signed(head: Sequence[str], rows: Iterable[Sequence[str]]) -> tuple[list[str], Iterator[list[str]]]:
    """Return a table with a last column that says who concluded what stands in it."""
    return [*head, SAID_BY], ([*row, OURS] for row in rows)


def as_csv(audit: Audit, _options: Options) -> bytes:
    """Return a line per finding, then one per device nobody can tell of yet."""
    return table(*signed(columns(FindingRow), map(cells, chain(finding_rows(audit), unsettled_rows(audit)))))


def as_replace_csv(audit: Audit, options: Options) -> bytes:
    """Return the rip-and-replace list: a line per unit, with duty, citation and gaps."""
    return table(*signed(REPLACE_COLUMNS, replace_rows(audit, options)))


def replace_rows(audit: Audit, options: Options) -> list[list[str]]:
    """Return the rip-and-replace list: members of a stack and waived findings, no components."""
    return [
        replace_row(pair, options, audit.as_of)
        for pair in device_findings(audit, components=False)
        if pair.finding.tier is Tier.COVERED and not pair.item.asset.is_virtual
    ]


def replace_row(pair: DeviceFinding, options: Options, as_of: date) -> list[str]:
    """Return one line of the rip-and-replace list in the order of `REPLACE_COLUMNS`."""
    row = finding_row(pair, as_of)
    waiver_note = f" (waived until {row.waived_until})" if row.waived_until else ""
    again = [removal(pair.item.removal)] if pair.item.removal else []
    texts = {
        **{name: getattr(row, name, "") for name in REPLACE_COLUMNS},
        "device": name_of(pair),
        "maker": options.name(row.maker),
        "verdict": one_line(row.verdict + waiver_note),
        "conflicts": join([*again, row.conflicts]),
        "duty": _duties(pair.finding, options),
        "parts": all_in_words(pair.item, pair.finding),
    }
    return [texts[name] for name in REPLACE_COLUMNS]


def _duties(finding: Finding, options: Options) -> str:
    cells_made = []
    duties_asked = binding(finding)
    for applies, opening in _OPENINGS.items():
        duties = join(options.asks(item.duty) for item in duties_asked if item.applies is applies)
        if duties:
            cells_made.append(opening + duties)
    open_policies = len({item.policy for item in duties_asked if item.applies is Applies.UNDECIDABLE})
    if open_policies:
        cells_made.append(f"Undecided: {open_policies} more, see the column of what is missing")
    return one_line(". ".join(cells_made))


_OPENINGS = {Applies.YES: "", Applies.IF_PURPOSE: "If the site is used for what the law names: "}
