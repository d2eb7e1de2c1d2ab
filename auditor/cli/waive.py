"""`auditor waive`: a person sets a finding aside, on the record and not for ever."""

from datetime import datetime

import click

from auditor.cli.common import DATE, STORE, WAIVERS, now, option
from auditor.cli.explain import find
from auditor.cli.report import stored_audit
from auditor.cli.terminal import warn
from auditor.errors import UsageError
from auditor.model import Waiver
from auditor.store.waivers import add


@click.command("waive", short_help="Set a finding aside, with a reason and an end.")
@click.argument("finding")
@option("--who", required=True, help="Who decides this.")
@option("--why", required=True, help="The reason, in a sentence.")
@option("--authority", required=True, help="On whose authority: a contract clause, a waiver number, a decision.")
@option("--until", type=DATE, required=True, help="The last day it holds.")
@WAIVERS
@STORE
def waive_command(finding: str, until: datetime, waivers: str, store: str, **said: str) -> None:
    """Write a waiver of FINDING (its id, as in `auditor explain`) to the waivers file; the finding is still reported."""
    if until.date() < now().date():
        raise UsageError("has passed; a waiver holds until a day to come", where=f"--until {until:%Y-%m-%d}")
    known = {one.id for item in find(stored_audit("last", store), finding) for one in (*item.findings, *item.parts)}
    if finding not in known:
        raise UsageError(
            f"'{finding}' names an asset; its findings are {', '.join(sorted(known)) or 'none'}", where="FINDING"
        )
    path = add(Waiver(finding=finding, until=until.date(), **said), waivers)
    warn(f"waived {finding} until {until:%Y-%m-%d} in {path}")
