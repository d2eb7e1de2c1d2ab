"""What a run is judged with: rules and policies, the user's over ours, the newest registry."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from auditor import pipeline
from auditor.errors import UsageError
from auditor.model import Organisation, Tables
from auditor.report.base import Options
from auditor.rules.oui_update import folder_in
from auditor.run.home import data_home

OUI_AGE = 365
# Days since a law or list was read. The FCC Covered List changed four times in 218 days (2025-12-22 to 2026-07-28),
# never more than 106 days apart: after 120 a list has likely changed, after 180 nothing should rest on it.
POLICY_WARNED = 120
POLICY_AGE = 180
# How long before its end a table is told of.
AHEAD = timedelta(days=30)


def knowledge(
    folders: Sequence[str | Path] = (), policies: Sequence[str] = (), countries: Sequence[str] = ()
) -> pipeline.Knowledge:
    """Return what a judgement rests on, with the user's refreshed MAC registry if there is one."""
    choice = pipeline.PolicyChoice(ids=policies, countries=countries)
    return pipeline.learn(rule_folders(folders), choice, folder_in(data_home()))


def ageing(tables: Tables, today: date) -> str:
    """Return what is too old to certify anything from, or will be within 30 days; or nothing."""
    ends = [(day + timedelta(days=POLICY_AGE), f"policy {name}") for name, day in tables.policies]
    if tables.oui is not None:
        ends.append((tables.oui + timedelta(days=OUI_AGE), "the registry of MAC prefixes"))
    soon = sorted(end for end in ends if end[0] < today + AHEAD)
    if not soon:
        return ""
    others = f" and {len(soon) - 1} more" if len(soon) > 1 else ""
    return f"Too old to rest on after {soon[0][0]}: {soon[0][1]}{others}; 'auditor doctor' lists them."


def look(basis: pipeline.Knowledge, asking: Organisation | None = None) -> Options:
    """Return how reports look: words as people spell them, and whom each law can bind."""
    return Options(names=basis.names(), idle=basis.book.words.idle, organisation=asking, reach=basis.reach())


def rule_folders(folders: Sequence[str | Path]) -> list[Path]:
    """Return the user's own rule folders, later over earlier; no folder is a `UsageError`."""
    for folder in folders:
        if not Path(folder).is_dir():
            raise UsageError(f"'{folder}' is no folder", where="--rules")
    return [Path(folder) for folder in folders]
