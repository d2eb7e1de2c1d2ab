"""A price list and a catalogue to fill in: a row for each kind of device that has to go."""

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.model import OURS, SAID_BY
from auditor.normal import one_line
from auditor.paperwork.case import FilingCase
from auditor.paperwork.costs import KINDS
from auditor.paperwork.prices import PRICES, REPLACEMENTS, shape
from auditor.report.views import CELL


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceForm:
    """One list to fill in: which, its columns, its rows as texts."""

    kind: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def price_forms(cases: Sequence[FilingCase]) -> tuple[PriceForm, ...]:
    """Return both lists of a removal plan, or none where no plan is among the filings."""
    plans = [case for case in cases if case.filing.rows == "plan"]
    goods = sorted({
        (finding.maker, one_line(finding.model, CELL), finding.category)
        for case in plans for finding in (pair.finding for pair in case.pairs)
    })  # fmt: skip
    if not goods:
        return ()
    prices = [(kind, *one) for one in goods for kind in KINDS]
    return (
        _form(PRICES, ("kind", "maker", "model", "category"), prices),
        _form(REPLACEMENTS, ("maker", "model", "category"), goods),
    )


def _form(kind: str, leads: Sequence[str], rows: Sequence[tuple[str, ...]]) -> PriceForm:
    others = [column.name for column in shape(kind) if column.name not in leads]
    head = (*leads, *others, SAID_BY)  # we say which devices there are, should the sheet be imported
    return PriceForm(kind=kind, head=head, rows=tuple((*row, *[""] * len(others), OURS) for row in rows))
