"""`auditor waive`: a person sets a finding aside, on the record and not for ever."""

from datetime import datetime

import click

from auditor.cli.common import DATE, STORE, WAIVERS, option
from auditor.cli.terminal import warn
from auditor.model import Waiver
from auditor.run.assets import waive


@click.command("waive", short_help="Set a finding aside, with a reason and an end.")
@click.argument("finding")
@option("--who", required=True, help="Who decides this.")
@option("--why", required=True, help="The reason, in a sentence.")
@option("--authority", required=True, help="On whose authority: a contract clause, a waiver number, a decision.")
@option("--until", type=DATE, required=True, help="The last day it holds.")
@WAIVERS
@STORE
def waive_command(until: datetime, waivers: str, store: str, **words: str) -> None:
    """Write a waiver of FINDING (its id) to the waivers file; the finding is still reported.

    `auditor explain` shows the ids of findings.
    """
    waiver = Waiver(until=until.date(), **words)
    path = waive(waiver, waivers, store)
    warn(f"waived {waiver.finding} until {waiver.until} in {path}")
