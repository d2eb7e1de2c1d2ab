"""`auditor devices`: boxes over all runs, and what people decide of them."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from auditor.cli.common import DATE, STORE, STYLE, option
from auditor.cli.terminal import tell, warn
from auditor.normal import one_line
from auditor.report.columns import aligned
from auditor.run.devices import device_history, devices, events_of_period, merge, split, undo
from auditor.run.home import account, now
from auditor.store.numbers import spelled

HEAD = ("NUMBER", "SITE", "ADDRESS", "NAME", "SEEN", "MAKERS", "FIRST", "LAST", "RUNS")
# What `show` lists, each a heading and the cells of a line.
SECTIONS = {
    "marks": ("kind", "value", "site"),
    "stays": ("first", "last", "runs", "site", "address", "place"),
    "findings": ("maker", "part", "highest", "since", "id"),
    "steps": ("at", "state", "who", "note", "proof"),
    "waivers": ("id", "state", "finding", "until", "who", "why"),
    "decisions": ("id", "sort", "devices", "mark", "at", "who", "why", "undone"),
    "events": ("at", "site", "sort", "before", "after", "because"),
}
TITLES = {"stays": "where it was", "steps": "removal"}


def decides(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command who decides and why."""
    who = option("--who", default=lambda: account() or "unknown", help="Who decides this (default: your login).")
    return who(option("--why", default="", help="The reason, in a sentence.")(command))


@click.group("devices", short_help="List devices over all runs; merge and split them.")
def devices_command() -> None:
    """Show devices over all runs; say which are one and which are two.

    DEVICE is a number such as D-42, a serial number, a MAC, an address, a name, a finding's id, or an old key.
    """


@devices_command.command("list")
@option("--site", default="", metavar="NAME", help="Only those last seen at this site.")
@STYLE
@STORE
def list_command(site: str, style: str, store: str) -> None:
    """List every device: number, site, address, name, read or heard, makers, first, last, runs."""
    entries = devices(store, site)
    if style == "json":
        tell(json.dumps([asdict(entry) | {"number": spelled(entry.number)} for entry in entries], indent=1))
        return
    rows = (
        (spelled(one.number), one.site, one.address, one.name, one.seen, one.makers, one.first[:10], one.last[:10],
         str(one.runs))
        for one in entries
    )  # fmt: skip
    tell("\n".join(aligned([HEAD, *rows])))


@devices_command.command("show")
@click.argument("device")
@STYLE
@STORE
def show_command(device: str, style: str, store: str) -> None:
    """Show all that is kept of DEVICE: marks, places, findings, removal, waivers, decisions."""
    entry = device_history(device, store)
    tell(json.dumps(entry, indent=1) if style == "json" else "\n".join(_lines(entry)))


def _lines(entry: Mapping[str, Any]) -> Iterator[str]:
    cells = ("number", "site", "address", "name", "seen", "makers")
    yield "  ".join(one_line(str(entry[name])) for name in cells if entry[name])
    yield f"seen in {entry['runs']} runs, from {entry['first'][:10]} to {entry['last'][:10]}"
    if younger := entry["numbers"][1:]:
        yield f"also {', '.join(younger)}"
    for name, columns in SECTIONS.items():
        if rows := entry.get(name):
            yield f"\n{TITLES.get(name, name).capitalize()}"
            yield from (f"  {line}" for line in aligned([[_cell(row[column]) for column in columns] for row in rows]))


def _cell(value: object) -> str:
    text = str(value)
    is_moment = len(text) > 10 and text[4:5] == text[7:8] == "-" and text[10] == "T"  # noqa: PLR2004 - RFC 3339
    return text[:16].replace("T", " ") if is_moment else text


@devices_command.command("events")
@option("--since", type=DATE, required=True, help="The first day (UTC).")
@option("--until", type=DATE, help="The last day (default: today).")
@option("--site", default="", metavar="NAME", help="Only those of this site.")
@STYLE
@STORE
def events_command(since: datetime, until: datetime | None, site: str, style: str, store: str) -> None:
    """List what happened in a period: when, site, number, address, name, event, change, why.

    Of the first run of a site, in which everything is new, too.
    """
    rows = events_of_period(store, since.date(), (until or now()).date(), site)
    if style == "json":
        tell(json.dumps([row._asdict() for row in rows], indent=1))
        return
    lines = [
        (_cell(row.at), row.site, row.device, row.address, row.name, row.sort,
         " -> ".join(filter(None, (row.before, row.after))), row.because)
        for row in rows
    ]  # fmt: skip
    tell("\n".join(aligned(lines)), nl=bool(lines))


@devices_command.command("merge")
@click.argument("device", nargs=-1, required=True)
@decides
@STORE
def merge_command(device: tuple[str, ...], who: str, why: str, store: str) -> None:
    """Say that devices are one box; the oldest number stands for all of them from then on."""
    warn(merge(device, who, why, store))


@devices_command.command("split")
@click.argument("device")
@option("--mark", "marks", multiple=True, required=True, metavar="KIND:VALUE", help="serial:…, mac:… (repeatable).")
@decides
@STORE
def split_command(device: str, marks: tuple[str, ...], who: str, why: str, store: str) -> None:
    """Say that what shows a mark of DEVICE is another box; it gets a number of its own."""
    warn(split(device, marks, who, why, store))


@devices_command.command("undo")
@click.argument("decision")
@decides
@STORE
def undo_command(decision: str, who: str, why: str, store: str) -> None:
    """Take a merge or a split back; `devices show` lists them with their numbers."""
    warn(undo(decision, who, why, store))
