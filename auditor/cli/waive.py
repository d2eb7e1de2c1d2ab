"""`auditor waive`: a person sets a finding aside, on the record and not for ever."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from auditor.cli.common import DATE, STORE, STYLE, WAIVERS, option
from auditor.cli.terminal import emit, tell, warn
from auditor.errors import UsageError
from auditor.model import Waiver
from auditor.report.columns import aligned
from auditor.run.home import now
from auditor.run.waivers import end, waive, waive_in_file, waiver_lines
from auditor.store.rows import WaiverRow

HEAD = ("N", "STATE", "WHAT", "UNTIL", "WHO", "WHY", "AUTHORITY", "ENDED BY")
SET = "set"


class WaiveGroup(click.Group):
    """A group in which what names no other command is a waiver to write."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take `waive FINDING …` for `waive set FINDING …`."""
        if args and args[0] not in self.commands and args[0] not in {"--help", "-h"}:
            args = [SET, *args]
        return super().parse_args(ctx, args)


@click.group("waive", cls=WaiveGroup, short_help="Set a finding aside, with a reason and an end.")
def waive_command() -> None:
    """Set findings aside; they are still reported.

    `auditor waive FINDING …` is `auditor waive set FINDING …`.
    """


@waive_command.command(SET)
@click.argument("finding", default="", metavar="[FINDING|ASSET]")
@option("--maker", default="", metavar="ID", help="Instead of a finding: all of this maker at --at-site.")
@option("--at-site", "site", default="", metavar="NAME", help="The site of --maker, or of --silence.")
@option("--law", default="", metavar="POLICY", help="Only what this policy asks is waived.")
@option("--silence", is_flag=True, help="No waiver: tell no events of the device or site until then (maintenance).")
@option("--who", required=True, help="Who decides this.")
@option("--why", required=True, help="The reason, in a sentence.")
@option("--authority", default="", help="On whose authority: a contract clause, a waiver number, a decision.")
@option("--until", type=DATE, required=True, help="The last day it holds.")
@WAIVERS
@STORE
def set_command(until: datetime, waivers: str, store: str, *, silence: bool, **words: Any) -> None:
    """Waive FINDING (its id), all findings of ASSET, or those of a maker at a site.

    It is kept in the store, or with --waivers in that file. `auditor explain` shows the ids of findings.
    """
    if not (words["authority"] or silence):
        raise UsageError("a waiver needs the authority it rests on", where="--authority")
    if waivers:
        own = {name: words[name] for name in ("finding", "who", "why", "authority")}
        path = waive_in_file(Waiver(until=until.date(), **own), waivers, store)
        warn(f"waived {own['finding']} until {until.date()} in {path}")
        return
    name = words.pop("finding")
    row = WaiverRow(until=until.date().isoformat(), silence=now().date().isoformat() if silence else "", **words)
    warn(waive(name, row, store))


@waive_command.command("list")
@WAIVERS
@STYLE
@STORE
def list_command(waivers: str, style: str, store: str) -> None:
    """List waivers and silences: in force, expiring within 30 days, ended; N is 0 in a file."""
    lines = waiver_lines(waivers, store)
    if style == "json":
        emit(json.dumps([asdict(line) for line in lines], indent=1), nl=True)
    elif lines:
        tell("\n".join(aligned([HEAD, *([str(cell) for cell in asdict(line).values()] for line in lines)])))


@waive_command.command("end")
@click.argument("number")
@option("--who", required=True, help="Who decides this.")
@option("--why", default="", help="The reason, in a sentence.")
@STORE
def end_command(number: str, who: str, why: str, store: str) -> None:
    """End waiver NUMBER before its day; what it set aside counts again."""
    warn(end(number, who, why, store))
