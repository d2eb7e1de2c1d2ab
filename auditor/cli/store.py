"""`auditor store`: what is kept, its ledger; prune, copy, check, export it."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from auditor.cli.common import OWN_FOLDER, STORE, STYLE, WAIVERS, option
from auditor.cli.terminal import note, tell, tell_line
from auditor.normal import one_line
from auditor.report.columns import aligned
from auditor.run import upkeep

DAMAGED = 1
NEW_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group("store", short_help="Look after what is kept.", invoke_without_command=True)
@STYLE
@STORE
@click.pass_context
def store_command(ctx: click.Context, style: str, store: str) -> None:
    """Show what is kept: schema, size, runs, devices, the oldest and the newest run."""
    if ctx.invoked_subcommand is None:
        cells = asdict(upkeep.overview(store))
        if style == "json":
            tell(json.dumps(cells, indent=1))
            return
        rows = [(word, ", ".join(cell) if isinstance(cell, tuple) else str(cell)) for word, cell in cells.items()]
        tell("\n".join(aligned([(word, one_line(cell)) for word, cell in rows])))


@store_command.command("head")
@STORE
def head_command(store: str) -> None:
    """Print the newest link of the ledger: number, digest, time. Keep it elsewhere."""
    head = upkeep.head(store)
    tell_line(f"{head.links}  {head.digest}  {head.at}")


@store_command.command("prune")
@option("--keep", default="90d", show_default=True, metavar="TIME", help="Content of runs that are younger stays.")
@option("--keep-last", default=1, show_default=True, type=click.IntRange(1), help="So many runs of each site stay.")
@option("--device", default="", metavar="D-42", help="Let go what is stored of one device instead.")
@option("--yes", is_flag=True, help="Do it; without it only what would go is said.")
@WAIVERS
@STORE
def prune_command(device: str, store: str, *, yes: bool, **rule: Any) -> None:
    """Let the content of old runs go: sightings, documents, journals.

    Stays: that a run was, its digest, who made it; and what a device was last seen in, a filing, a removal step or a
    waiver rests on.
    """
    if device:
        _prune_device(device, store, yes=yes)
        return
    what = upkeep.pruning(store, rule["keep"], rule["keep_last"], rule["waivers"])
    for run, reason in what.stay.items():
        note(f"run {run} stays: {reason}")
    for run in what.runs:
        tell_line(f"{'goes' if yes else 'would go'}: run {run}")
    if yes:
        journals = upkeep.prune_runs(store, what)
        note(f"{len(what.runs)} runs, {len(journals)} journals; 'auditor store vacuum' gives the space back")
    else:
        note("nothing was changed; --yes does it")


def _prune_device(device: str, store: str, *, yes: bool) -> None:
    if not yes:
        note(f"would let go what is stored of {device}; nothing was changed; --yes does it")
        return
    for run in upkeep.prune_device(store, device):
        tell_line(f"the journal of run {run} still tells of it")


@store_command.command("backup")
@click.argument("file", type=NEW_FILE)
@STORE
def backup_command(file: Path, store: str) -> None:
    """Copy the store into FILE while others may use it (SQLite; for PostgreSQL use pg_dump)."""
    note(f"{file}: {upkeep.backup(store, file):,} octets")


@store_command.command("check")
@STORE
@click.pass_context
def check_command(ctx: click.Context, store: str) -> None:
    """Look for damage: the file, digests of documents, the ledger; exits 1 where there is any."""
    problems = [one_line(line, 300) for line in upkeep.damage(store)]
    for line in problems:
        tell_line(f"damaged: {line}")
    if not problems:
        note("no damage was found")
    ctx.exit(DAMAGED if problems else 0)


@store_command.command("vacuum")
@STORE
def vacuum_command(store: str) -> None:
    """Give the space of what was pruned back to the disk."""
    before, after = upkeep.vacuum(store)
    note(f"{before:,} octets before, {after:,} after" if before else "done")


@store_command.command("export")
@click.argument("folder", type=OWN_FOLDER)
@STORE
def export_command(folder: Path, store: str) -> None:
    """Write every table into FOLDER: Parquet where pyarrow is there, else CSV and JSON Lines."""
    for path in upkeep.export(store, folder):
        tell_line(str(path))
