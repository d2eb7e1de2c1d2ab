"""`auditor removal`: where the removal of a device stands, and who says so."""

import json
from dataclasses import asdict

import click

from auditor.cli.common import STORE, STYLE, option
from auditor.cli.terminal import emit, tell_line, warn
from auditor.normal import one_line
from auditor.run.removal import STATES, note_step, removals


@click.group("removal", short_help="Follow the removal of a device.")
def removal_command() -> None:
    """Follow a covered device from the finding to its disposal."""


@removal_command.command("note")
@click.argument("asset")
@click.argument("state", type=click.Choice(STATES))
@option("--who", required=True, help="Who says so.")
@option("--note", default="", help="Proof: a ticket, a certificate of destruction, a receipt.")
@STORE
def note_command(asset: str, state: str, who: str, note: str, store: str) -> None:
    """Note that ASSET has reached STATE."""
    warn(f"{note_step(asset, state, who, note, store)}: {state}")


@removal_command.command("list")
@STORE
@STYLE
@click.pass_context
def list_command(ctx: click.Context, store: str, style: str) -> None:
    """List where each removal stands; exits 1 if a removed box was there again in the last run."""
    rows = [asdict(removal) for removal in removals(store)]
    if style == "json":
        emit(json.dumps(rows, indent=1), nl=True)
    for row in rows if style == "text" else ():
        tell_line("\t".join(one_line(str(cell)) for cell in row.values()))
    ctx.exit(1 if any(row["seen_again"] for row in rows) else 0)
