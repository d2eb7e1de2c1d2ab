"""`auditor diff`: what changed between two runs, laws apart from devices."""

import json
from dataclasses import asdict

import click

from auditor.cli.common import STORE, STYLE
from auditor.cli.terminal import tell
from auditor.normal import one_line
from auditor.report.text import aligned
from auditor.run.compare import compare_runs
from auditor.store.diff import Change


@click.command("diff", short_help="Show what changed between two runs.")
@click.argument("old", default="previous")
@click.argument("new", default="last")
@STYLE
@STORE
@click.pass_context
def diff_command(ctx: click.Context, old: str, new: str, style: str, store: str) -> None:
    """Show what is new, gone, changed or moved from run OLD to run NEW.

    What only the law changed is shown apart. Prints nothing where nothing changed. Exits 1 where something did, as
    diff(1) does.
    """
    changes = compare_runs(old, new, store)
    tell(
        json.dumps([asdict(change) for change in changes], indent=1) if style == "json" else _lines(changes),
        nl=bool(changes),
    )
    ctx.exit(1 if changes else 0)


TITLES = {
    "new": "New",
    "gone": "Gone: not seen in the newer run, which does not show that they were removed",
    "changed": "Changed",
    "moved": "Moved",
    "policy": "Asked something else by law; the device is the same",
}


def _lines(changes: tuple[Change, ...]) -> str:
    """Return the changes below one heading a sort, what was and what is now side by side."""
    out: list[str] = []
    for sort, title in TITLES.items():
        group = [change for change in changes if change.sort == sort]
        if not group:
            continue
        rows = [(change.site, change.address or change.key, _both(change)) for change in group]
        out += [*[""][: len(out)], f"{title} ({len(group):,})", *(f"  {line}" for line in aligned(rows))]
    return "\n".join(out)


def _both(change: Change) -> str:
    before, after = (one_line(text).replace("no_match", "no match") for text in (change.before, change.after))
    return f"{before} -> {after}" if before and after else before or after
