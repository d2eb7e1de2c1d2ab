"""`auditor removal`: where the removal of a device stands, and who says so."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from auditor.cli.common import DATE, FILE, STORE, STYLE, option
from auditor.cli.terminal import emit, tell, warn
from auditor.report.columns import aligned
from auditor.run.removal import STATES, Removal, moment, note_steps, removals
from auditor.store.rows import Step

HEAD = ("NUMBER", "SITE", "ADDRESS", "MODEL", "STATE", "DAY", "WHO", "PROOF", "NEXT", "SEEN AGAIN")


@click.group("removal", short_help="Follow the removal of a device.")
def removal_command() -> None:
    """Follow a covered device from the finding to its disposal."""


@removal_command.command("note")
@click.argument("assets", nargs=-1, metavar="[ASSET]...")
@click.argument("state", type=click.Choice(STATES))
@option("--who", required=True, help="Who says so.")
@option("--note", default="", help="What else there is to say: a ticket, an order.")
@option("--proof", default="", help="From 'disposed' on: a certificate of destruction, a receipt.")
@option("--at", type=DATE, help="The day it happened (default: now).")
@option("--csv", "table", type=FILE, metavar="FILE", help="A table of devices: asset, and state, at, who, note, proof.")
@STORE
def note_command(assets: tuple[str, ...], at: object, table: Path | None, store: str, **words: Any) -> None:
    """Note that each ASSET has reached STATE; of several all are noted or none.

    ASSET is a device of any run: a number such as D-42, a serial number, a MAC, an address, a name, an old key.
    """
    step = Step(asset="", at=moment(str(at)[:10] if at else ""), **words)
    for line in note_steps(assets, step, store, table):
        warn(line)


@removal_command.command("list")
@STORE
@STYLE
@click.pass_context
def list_command(ctx: click.Context, store: str, style: str) -> None:
    """List where each removal stands; exits 1 if a removed device was seen again, by any mark."""
    rows = removals(store)
    if style == "json":
        emit(json.dumps([asdict(row) for row in rows], indent=1), nl=True)
    elif rows:
        tell("\n".join(aligned([HEAD, *map(_cells, rows)])))
    ctx.exit(1 if any(row.seen_again for row in rows) else 0)


def _cells(row: Removal) -> tuple[str, ...]:
    what = row.address or row.asset
    stand = (row.state, row.at[:10], row.who, row.proof or row.note, row.next.partition(",")[0], row.seen_again)
    return (row.number, row.site, what, row.model, *stand)
