"""A person sets a finding aside, on the record and not for ever."""

from pathlib import Path

from auditor.errors import UsageError
from auditor.model import Waiver
from auditor.run.assets import matches
from auditor.run.home import now
from auditor.run.recorded import stored_audit
from auditor.store.waivers import add


def waive(waiver: Waiver, file: str, url: str) -> Path:
    """Write a waiver of a finding of the last run to the waivers file and return that file."""
    if waiver.until < now().date():
        raise UsageError("has passed; a waiver holds until a day to come", where=f"--until {waiver.until}")
    items = matches(stored_audit("last", url), waiver.finding)
    ids = {finding.id for item in items for finding in (*item.findings, *item.parts)}
    if waiver.finding not in ids:
        raise UsageError(
            f"'{waiver.finding}' names an asset; its findings are {', '.join(sorted(ids)) or 'none'}", where="FINDING"
        )
    return add(waiver, file)
