"""One run, whole."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from auditor.model.asset_list import AssetList
from auditor.model.assets import Gateway, Link
from auditor.model.facts import Run, Unread
from auditor.model.order import order, put_in_order
from auditor.model.verdicts import AuditedAsset


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Which knowledge a run was judged with: versions and dates of rules, registry and policies."""

    rules: str
    oui: date | None
    policies: tuple[tuple[str, date], ...] = ()

    def __post_init__(self) -> None:
        put_in_order(self, "policies")


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """One run, whole: it holds what its document holds, and every report is a function of it.

    `links` are those between assets that carry others; what else hangs where is each asset's `place`.
    """

    tool: str
    tables: Tables
    run: Run
    finished: datetime
    as_of: date
    assets: Sequence[AuditedAsset]
    unread: tuple[Unread, ...]
    notes: tuple[str, ...] = field(default=())
    links: tuple[Link, ...] = ()
    gateways: tuple[Gateway, ...] = ()

    def __post_init__(self) -> None:
        put_in_order(self, "unread", "links", "gateways", key=order)
        if not isinstance(self.assets, AssetList):
            put_in_order(self, "assets", key=order)
