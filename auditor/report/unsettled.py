"""Rows of devices nobody can tell of yet: no table passes over them in silence."""

from collections.abc import Iterator
from dataclasses import replace

from auditor.model import Audit, AuditedAsset, Outcome
from auditor.normal import one_line
from auditor.report.failures import failures
from auditor.report.rows import DeviceRow, FindingRow, columns, device_row
from auditor.report.views import CELL, by_site, join
from auditor.report.words import OUTCOMES

_EMPTY = FindingRow(**dict.fromkeys(columns(FindingRow), ""))
_SHARED = [name for name in columns(DeviceRow) if name in columns(FindingRow)]
_OPEN = frozenset({Outcome.UNREAD, Outcome.UNDETERMINED})


def unsettled_rows(audit: Audit) -> Iterator[FindingRow]:
    """Yield a row for each device unread, undetermined or read in part; it accuses nobody."""
    errors = failures(audit)
    for item in sorted(audit.assets, key=by_site):
        why = [reason for at in _places(item) for reason in errors.pop(at, ())]
        if item.outcome in _OPEN or (why and item.outcome is not Outcome.MATCH):
            yield _of_asset(item, why)
    for (site, address), why_not in errors.items():
        cells = {"site": one_line(site, CELL), "address": one_line(address, CELL), "why": join(why_not)}
        yield replace(_EMPTY, outcome=OUTCOMES[Outcome.UNREAD], device=cells["address"], **cells)


def _places(item: AuditedAsset) -> list[tuple[str, str]]:
    addresses = dict.fromkeys((item.asset.address, *item.asset.addresses))
    return [(item.asset.site, address) for address in addresses]


def _of_asset(item: AuditedAsset, errors: list[str]) -> FindingRow:
    row = device_row(item)
    return replace(
        _EMPTY, **{name: getattr(row, name) for name in _SHARED} | {"why": join([row.why.rstrip("."), *errors])}
    )
