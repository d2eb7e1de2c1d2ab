"""`auditor removal`: found, confirmed, planned, removed, disposed; who says so, and an alarm when a removed box answers again."""

import json

import click

from auditor.cli.common import STORE, now, option, store_url
from auditor.cli.explain import find
from auditor.cli.report import stored_audit
from auditor.errors import UsageError
from auditor.journal import stamp
from auditor.store.sqlite import Step, Store, open_store

STATES = ("found", "confirmed", "planned", "removed", "disposed")
GONE = frozenset({"removed", "disposed"})


@click.group("removal", short_help="Follow the removal of a device.")
def removal_command() -> None:
    """Follow a covered device from the finding to its disposal."""


@removal_command.command("note")
@click.argument("asset")
@click.argument("state", type=click.Choice(STATES))
@click.option("--who", required=True, help="Who says so.")
@click.option("--note", default="", help="Proof: a ticket, a certificate of destruction, a receipt.")
@STORE
def note(asset: str, state: str, who: str, note: str, store: str) -> None:
    """Note that ASSET has reached STATE."""
    (found,) = find(stored_audit("last", store), asset)[:1]
    _store(store).step(Step(asset=found.asset.key, at=stamp(now()), state=state, who=who, note=note))
    click.echo(f"{found.asset.key}: {state}", err=True)


@removal_command.command("list")
@STORE
@option(
    "-f",
    "--format",
    "style",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print it.",
)
@click.pass_context
def listed(ctx: click.Context, store: str, style: str) -> None:
    """List where each removal stands; exits 1 where a removed box was read or heard again in the last run."""
    latest = {step.asset: step for step in _store(store).steps()}
    present = {item.asset.key for item in stored_audit("last", store).assets}
    rows = [
        {
            "asset": step.asset,
            "state": step.state,
            "at": step.at,
            "who": step.who,
            "note": step.note,
            "seen_again": step.state in GONE and step.asset in present,
        }
        for step in latest.values()
    ]
    for row in (
        [json.dumps(rows, indent=1)]
        if style == "json"
        else ["\t".join(str(cell) for cell in row.values()) for row in rows]
    ):
        click.echo(row)
    ctx.exit(1 if any(row["seen_again"] for row in rows) else 0)


def _store(url: str) -> Store:
    base = open_store(store_url(url))
    if base is None:
        raise UsageError("a removal has to be kept somewhere; name a --store", where="--store none")
    return base
