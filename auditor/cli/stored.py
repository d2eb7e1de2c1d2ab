"""`auditor runs`, `auditor assets`, `auditor explain`: what is kept, and why it says so."""

import json
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.common import COUNTRY, POLICY, RULES, STORE, STYLE, config_file, option, styles
from auditor.cli.terminal import emit, tell
from auditor.normal import one_line
from auditor.report.columns import aligned
from auditor.run.home import runs
from auditor.run.options import Judging
from auditor.store.numbers import spelled

if TYPE_CHECKING:
    from auditor.store.directory import DeviceEntry


@click.command("runs", short_help="List the stored runs.")
@STYLE
@STORE
def runs_command(style: str, store: str) -> None:
    """List the stored runs, oldest first: number, id, when, sites, and what was found."""
    rows = runs(store)
    if style == "json":
        keys = ("number", "id", "started", "journal")
        entries = [{key: getattr(row, key) for key in keys} | {"summary": json.loads(row.summary)} for row in rows]
        tell(json.dumps(entries, indent=1))
        return
    lines = [
        (str(row.number), row.id, row.started[:16].replace("T", " "), one_line(row.sites), _counts(row.summary))
        for row in rows
    ]
    tell("\n".join(aligned(lines)), nl=bool(lines))


def _counts(summary: str) -> str:
    counts = json.loads(summary)
    words = ("match", "no_match", "undetermined", "unread")
    text = ", ".join(f"{counts.get(key, 0):,} {key.replace('_', ' ')}" for key in words)
    return f"{counts.get('assets', 0):,} assets: {text}"


@click.command("assets", short_help="List the assets of a run, or of all runs with the days they were seen.")
@click.argument("run", default="last")
@option("--all", "every", is_flag=True, help="Every device of the store, with the days it was first and last seen.")
@STYLE
@STORE
def assets_command(run: str, *, every: bool, style: str, store: str) -> None:
    """List the assets of RUN: site, address, name, read or heard of, outcome, makers, key.

    With --all: every device of the store, what the last run that saw it said, the days it was first and last seen, in
    how many runs, and its number.
    """
    from auditor.run.assets import asset_cells
    from auditor.run.devices import devices

    rows = list(map(_days, devices(store))) if every else asset_cells(run, store)
    if style == "json":
        tell(json.dumps(rows, indent=1))
        return
    lines = [row | {"outcome": row["outcome"].replace("_", " ")} for row in rows]
    tell("\n".join(aligned([[one_line(cell) for cell in line.values()] for line in lines])))


def _days(entry: "DeviceEntry") -> dict[str, str]:
    words = {name: getattr(entry, name) for name in ("site", "address", "name", "outcome", "makers")}
    words |= {"first": entry.first[:10], "last": entry.last[:10]}
    words |= {"runs": f"{entry.runs} runs" if entry.runs > 1 else "1 run", "key": entry.key}
    return words | {"device": spelled(entry.number)}


@click.command("explain", short_help="Show every fact and rule behind one verdict.")
@click.argument("asset")
@click.argument("run", default="last")
@styles("text", "markdown", "json")
@POLICY
@COUNTRY
@RULES
@STORE
def explain_command(asset: str, run: str, style: str, **words: Any) -> None:
    """Show every fact of ASSET, the rules that fired, what speaks against, what laws ask.

    ASSET is an address, a MAC, a serial, a name, a number such as D-42, a finding's id, or a key that `auditor assets`
    prints, of this run or an older one.
    """
    from auditor.run.assets import explanations

    text = "\n\n".join(explanations(asset, run, style, Judging(config=config_file(), **words)))
    if style == "json":
        emit(text, nl=True)
    else:
        tell(text)
