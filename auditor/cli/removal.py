"""`auditor removal`: found, confirmed, planned, removed, disposed; who says so, and an alarm when a removed box answers again."""

import json

import click

from auditor.cli.common import STORE, STYLE, now, option, store_url
from auditor.cli.explain import find
from auditor.cli.report import stored_audit
from auditor.cli.terminal import emit, tell_line, warn
from auditor.errors import UsageError
from auditor.formats.journal import stamp
from auditor.normal import one_line
from auditor.run.removal import GONE, STATES
from auditor.store.diff import identity
from auditor.store.sqlite import Step, Store, open_store


@click.group("removal", short_help="Follow the removal of a device.")
def removal_command() -> None:
    """Follow a covered device from the finding to its disposal."""


@removal_command.command("note")
@click.argument("asset")
@click.argument("state", type=click.Choice(STATES))
@option("--who", required=True, help="Who says so.")
@option("--note", default="", help="Proof: a ticket, a certificate of destruction, a receipt.")
@STORE
def note(asset: str, state: str, who: str, note: str, store: str) -> None:
    """Note that ASSET has reached STATE."""
    found = [item.asset.key for item in find(stored_audit("last", store), asset)]
    if len(found) > 1:
        raise UsageError(
            f"'{asset}' stands for {len(found)} assets; name one by its key: {', '.join(found)}", where="ASSET"
        )
    _store(store).step(Step(asset=found[0], at=stamp(now()), state=state, who=who, note=note))
    warn(f"{found[0]}: {state}")


@removal_command.command("list")
@STORE
@STYLE
@click.pass_context
def listed(ctx: click.Context, store: str, style: str) -> None:
    """List where each removal stands; exits 1 where a removed box was read or heard again in the last run."""
    latest = {step.asset: step for step in _store(store).steps()}
    present = {identity(item.asset.key) for item in stored_audit("last", store).assets}
    rows = [
        {
            "asset": step.asset,
            "state": step.state,
            "at": step.at,
            "who": step.who,
            "note": step.note,
            "seen_again": step.state in GONE and identity(step.asset) in present,
        }
        for step in latest.values()
    ]
    if style == "json":
        emit(json.dumps(rows, indent=1), nl=True)
    for row in rows if style == "text" else ():
        tell_line("\t".join(one_line(str(cell)) for cell in row.values()))
    ctx.exit(1 if any(row["seen_again"] for row in rows) else 0)


def _store(url: str) -> Store:
    base = open_store(store_url(url))
    if base is None:
        raise UsageError("a removal has to be kept somewhere; name a --store", where="--store none")
    return base
