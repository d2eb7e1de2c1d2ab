"""One run, whole."""

from dataclasses import dataclass, field
from datetime import date, datetime

from auditor.model.facts import Run, Unread
from auditor.model.verdicts import AuditedAsset


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Which knowledge a run was judged with: versions and dates of rules, registry and policies."""

    rules: str
    oui: date | None
    policies: tuple[tuple[str, date], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """One run, whole; every report is a function of it."""

    tool: str
    tables: Tables
    run: Run
    finished: datetime
    as_of: date
    assets: tuple[AuditedAsset, ...]
    unread: tuple[Unread, ...]
    notes: tuple[str, ...] = field(default=())
