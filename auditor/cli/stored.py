"""`auditor runs` and `auditor assets`: what is kept."""

import json
from collections.abc import Iterator
from dataclasses import asdict

import click

from auditor.cli.common import STORE, STYLE, option, store_url
from auditor.cli.report import kept, stored_audit
from auditor.cli.terminal import tell
from auditor.normal import one_line
from auditor.report.text import aligned
from auditor.store.history import Sighting, history
from auditor.store.sqlite import open_store


@click.command("runs", short_help="List the stored runs.")
@STYLE
@STORE
def runs_command(style: str, store: str) -> None:
    """List the stored runs, oldest first: number, id, when, sites, and what was found."""
    base = open_store(store_url(store))
    rows = base.runs() if base and base.path.is_file() else ()
    if style == "json":
        listed = [
            {
                "number": row.number,
                "id": row.id,
                "started": row.started,
                "journal": row.journal,
                "summary": json.loads(row.summary),
            }
            for row in rows
        ]
        tell(json.dumps(listed, indent=1))
        return
    told = [
        (str(row.number), row.id, row.started[:16].replace("T", " "), one_line(row.sites), _counted(row.summary))
        for row in rows
    ]
    tell("\n".join(aligned(told)), nl=bool(told))


def _counted(summary: str) -> str:
    counts = json.loads(summary)
    told = ", ".join(
        f"{counts.get(key, 0):,} {key.replace('_', ' ')}" for key in ("match", "no_match", "undetermined", "unread")
    )
    return f"{counts.get('assets', 0):,} assets: {told}"


@click.command("assets", short_help="List the assets of a run, or of all runs with the days they were seen.")
@click.argument("run", default="last")
@option(
    "--all", "every", is_flag=True, help="Every asset of every stored run, with the days it was first and last seen."
)
@STYLE
@STORE
def assets_command(run: str, *, every: bool, style: str, store: str) -> None:
    """List the assets of RUN: site, address, name, whether it was read or heard of, outcome, makers, key.

    With --all: the assets of every stored run, what the last run that held it said, the days it was first and last seen, in how many runs.
    """
    listed = [_over_time(seen) for seen in history(_documents(store))] if every else _of_run(run, store)
    lines = (
        [json.dumps(listed, indent=1)]
        if style == "json"
        else aligned(
            [
                [one_line(cell) for cell in (cells | {"outcome": cells["outcome"].replace("_", " ")}).values()]
                for cells in listed
            ]
        )
    )
    tell("\n".join(lines))


def _of_run(run: str, store: str) -> list[dict[str, str]]:
    return [
        {
            "site": item.asset.site,
            "address": item.asset.address,
            "name": item.asset.name,
            "seen": item.asset.seen.value,
            "outcome": item.outcome.value,
            "makers": ", ".join(f"{finding.maker} ({finding.verdict.word})" for finding in item.findings),
            "key": item.asset.key,
        }
        for item in stored_audit(run, store).assets
    ]


def _documents(store: str) -> Iterator[dict[str, object]]:
    base = kept(store)
    for run in base.runs():
        yield base.audit(run)


def _over_time(seen: Sighting) -> dict[str, str]:
    return asdict(seen) | {
        "first": seen.first[:10],
        "last": seen.last[:10],
        "runs": f"{seen.runs} runs" if seen.runs > 1 else "1 run",
    }
