"""`auditor diff`: what happened to each device between two runs, laws and rules apart."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.common import STORE, STYLE
from auditor.cli.terminal import note, tell
from auditor.normal import one_line
from auditor.report.columns import aligned
from auditor.run.compare import compare_runs
from auditor.store.events import Event, Happening
from auditor.store.numbers import spelled

if TYPE_CHECKING:
    from auditor.store.compare import SiteEvents


@click.command("diff", short_help="Show what happened to devices between two runs.")
@click.argument("old", default="")
@click.argument("new", default="")
@STYLE
@STORE
@click.pass_context
def diff_command(ctx: click.Context, old: str, new: str, style: str, store: str) -> None:
    """Show what happened to each device from run OLD to run NEW; without OLD, in the last run.

    The last run is told of by site, each device against the last run of its site that examined it. What only rules or
    laws changed is shown apart. Prints nothing where nothing happened. Exits 1 where something did, as diff(1) does.
    """
    sites = compare_runs(old, new, store)
    for site in sites:
        note(one_line(heading(site)))
    events = [event for site in sites for event in site.events]
    if style == "json":
        tell(json.dumps([cells(event) for event in events], indent=1))
    else:
        tell("\n".join(event_lines(events)), nl=bool(events))
    ctx.exit(1 if events else 0)


def heading(site: "SiteEvents") -> str:
    """Return which runs were compared at a site."""
    place = f"at {site.site}: " if site.site else ""
    if site.standing != "baseline":
        return f"{place}run {site.new} is {site.standing}: no run is compared with it"
    return f"{place}run {site.new} against {f'run {site.old}' if site.old else 'nothing, it is the first'}"


TITLES = {
    Happening.NEW: "New",
    Happening.GONE: "Gone: long silent, which does not show that they were removed",
    Happening.SILENT: "Silent: examined, and neither answered nor heard",
    Happening.EVIDENCE: "Changed by evidence",
    Happening.RULES: "Changed by rules; the device is the same",
    Happening.LAW: "Asked something else by law; the device is the same",
}


def event_lines(events: Iterable[Event]) -> list[str]:
    """Return events below one heading a sort, what was and what is now side by side."""
    groups: dict[Happening, list[Event]] = {}
    for event in events:
        groups.setdefault(event.sort, []).append(event)
    out: list[str] = []
    for sort in Happening:
        if group := groups.get(sort):
            rows = [(spelled(one.device), one.site, one.address or one.key, _both(one)) for one in group]
            title = TITLES.get(sort, sort.value.capitalize())
            out += [*[""][: len(out)], f"{title} ({len(group):,})", *(f"  {line}" for line in aligned(rows))]
    return out


def cells(event: Event) -> dict[str, Any]:
    """Return an event as JSON has it."""
    words = ("site", "key", "address", "before", "after", "because")
    return {"sort": event.sort.value, "device": spelled(event.device)} | {word: getattr(event, word) for word in words}


def _both(event: Event) -> str:
    before, after = (one_line(text).replace("no_match", "no match") for text in (event.before, event.after))
    words = f"{before} -> {after}" if before and after else before or after
    return f"{words} ({one_line(event.because)})" if event.because else words
