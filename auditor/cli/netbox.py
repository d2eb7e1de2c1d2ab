"""`auditor netbox`, `librenms`, `netdisco`: inventories of other programs over their APIs."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from auditor.books.netbox import CREATE, KEEP, REFUSE, UPDATE, EntryChange, NetBox
from auditor.cli.common import QUIET, STORE, STYLE, F, config_file, option
from auditor.cli.person import AtTerminal
from auditor.cli.terminal import emit, tell
from auditor.cli.values import OF_OPTIONS, RUN
from auditor.report.columns import aligned
from auditor.run.inventory import JSON, TARGETS, read_inventory, server, write_netbox
from auditor.store.files import write

HEAD = ("ACTION", "SORT", "NAME", "DETAIL")
WORDS = {CREATE: "created", UPDATE: "updated", KEEP: "left to who wrote it", REFUSE: "refused"}


def _credential(kind: str) -> Callable[[F], F]:
    return option(
        "--credential",
        default=kind,
        show_default=True,
        metavar="NAME",
        shell_complete=OF_OPTIONS["credential"],
        help="The credential of auditor.toml with its address and token.",
    )


def _reading(kind: str, title: str) -> click.Command:
    """Return the command `read` of one sort of inventory."""

    @click.command("read", short_help="Fetch every device.")
    @_credential(kind)
    @option("-f", "--format", "style", type=click.Choice((JSON, TARGETS)), default=JSON, show_default=True, help="How.")
    @option("-o", "--output", default="", metavar="FILE", help="Write there instead of stdout.")
    @QUIET
    def read_command(credential: str, style: str, output: str, **words: Any) -> None:
        content = read_inventory(kind, credential, style, config_file(), AtTerminal(quiet=words["quiet"]))
        write(Path(output), content) if output else emit(content)

    read_command.help = (
        f"Fetch every device of {title}: JSON as `auditor import` and `auditor reconcile` take it, or targets, one a"
        " line, for `auditor scan -`. No device is contacted."
    )
    return read_command


@click.group("netbox", short_help="Read NetBox, or write a run into it.")
def netbox_command() -> None:
    """Read the devices of a NetBox (4.2 or newer) over its API, or write a run into it."""


@click.group("librenms", short_help="Read the devices of LibreNMS.")
def librenms_command() -> None:
    """Read the devices of a LibreNMS over its API."""


@click.group("netdisco", short_help="Read the devices of Netdisco.")
def netdisco_command() -> None:
    """Read the devices of a Netdisco over its API."""


@netbox_command.command("write")
@click.argument("run", default="last", shell_complete=RUN)
@option("--apply", "is_real", is_flag=True, help="Write; without it nothing is sent but questions.")
@_credential("netbox")
@STORE
@STYLE
@QUIET
@click.pass_context
def write_command(ctx: click.Context, /, run: str, style: str, **words: Any) -> None:
    """Say what a kept RUN (default: last) would write into NetBox; with --apply, write it.

    What is missing is made, what we wrote before is kept up to date, what a person changed stays. Devices that are
    gone are tagged auditor-gone, nothing is deleted. Exits 3 where NetBox refused something.
    """
    person, is_real = AtTerminal(quiet=words["quiet"]), words["is_real"]
    netbox = NetBox(server("netbox", words["credential"], config_file(), person).server, is_real=is_real)
    changes = write_netbox(run, words["store"], netbox, person)
    if style == "json":
        emit(json.dumps([asdict(one) for one in changes], indent=1), nl=True)
    elif changes:
        tell("\n".join(aligned([HEAD, *((one.action, one.sort, one.name, one.detail) for one in changes)])))
    person.say(_summary(changes, is_real=is_real))
    ctx.exit(3 if any(one.action == REFUSE for one in changes) else 0)


def _summary(changes: Sequence[EntryChange], *, is_real: bool) -> str:
    counts = Counter(one.action for one in changes)
    what = ", ".join(f"{counts[action]:,} {word}" for action, word in WORDS.items() if counts[action])
    if not is_real:
        return f"would be: {what}; nothing was written, --apply writes" if what else "nothing would change"
    return what or "nothing changed"


for _group, _kind, _title in (
    (netbox_command, "netbox", "NetBox"),
    (librenms_command, "librenms", "LibreNMS"),
    (netdisco_command, "netdisco", "Netdisco"),
):
    _group.add_command(_reading(_kind, _title))
