"""The door: one small file per command group, loaded when called, so that `--help` is quick."""

import importlib
import os
import sys
from functools import partial
from itertools import pairwise
from typing import Any

import click

from auditor import ownership
from auditor.cli.exits import exit_code_of
from auditor.cli.logs import last_resort
from auditor.cli.terminal import forsake, shaped
from auditor.version import VERSION

# command: (module, what it does); the help text stands here so that listing the commands imports none of them.
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("init", "Write a first auditor.toml, or files that scan every night."),
    "scan": ("scan", "Read devices now."),
    "enrol": ("enrol", "List, export and import SSH host keys."),
    "import": ("imports", "Read what others recorded."),
    "judge": ("judge", "Judge a stored run or a journal again."),
    "report": ("report", "Write reports of a stored run."),
    "explain": ("stored", "Show every fact and rule behind one verdict."),
    "topology": ("topology", "Show who carries whom, and what is cut off."),
    "diff": ("diff", "Show what changed between two runs."),
    "runs": ("stored", "List the stored runs."),
    "assets": ("stored", "List the assets of a run."),
    "devices": ("devices", "List devices over all runs; merge and split them."),
    "waive": ("waive", "Set a finding aside, with a reason and an end."),
    "removal": ("removal", "Follow the removal of a device."),
    "reconcile": ("reconcile", "Compare inventories with what scans saw."),
    "beside": ("beside", "Show facts beside the verdict, from files you give."),
    "netbox": ("netbox", "Read NetBox, or write a run into it."),
    "librenms": ("netbox", "Read the devices of LibreNMS."),
    "netdisco": ("netbox", "Read the devices of Netdisco."),
    "filings": ("filings", "Write the paperwork laws ask for."),
    "store": ("store", "Look after what is kept."),
    "verify": ("verify", "Prove that a run, judged again, gives the same bytes."),
    "rules": ("rules", "List, show, test, try and update rules."),
    "policies": ("policies", "List and show policies and their dates."),
    "check": ("check", "Check every data file, ours or your own."),
    "demo": ("demo", "Play the sample network on loopback, scan it, report on it."),
    "config": ("config", "Show what is in force, and where each value comes from."),
    "hub": ("hub", "Read many sites through a worker at each."),
    "worker": ("worker", "Read one site for a hub."),
    "serve": ("serve", "Show the store to people and programs on a network."),
    "doctor": ("doctor", "Check configuration, credentials, file modes and table ages."),
    "completion": ("completion", "Complete commands, options and values with the Tab key."),
}


class LazyGroup(click.Group):
    """A group that imports its commands when wanted, and ends errors in a line and their code."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the commands in the order a user meets them."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """Return one command, imported now."""
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"auditor.cli.{COMMANDS[name][0]}")
        command: click.Command = getattr(module, f"{name}_command")
        from auditor.cli.settings import add_trust

        return add_trust(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command a word names; where it names none, the nearest is offered."""
        if not (ctx.resilient_parsing or args[0].startswith("-") or self.get_command(ctx, args[0])):
            import difflib

            near = difflib.get_close_matches(args[0], self.list_commands(ctx), 1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            ctx.fail(f"No such command {args[0]!r:.80}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        rows = [(name, COMMANDS[name][1]) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def main(self, *args: Any, standalone_mode: bool = True, **settings: Any) -> Any:
        """Run a command and exit: user errors in one line, a bug as a traceback under its own code."""
        run = partial(super().main, *args, standalone_mode=False, **settings)
        words = settings.get("args") or (args[0] if args else None) or sys.argv[1:]
        with shaped(_log_format([str(word) for word in words])), last_resort():
            return sys.exit(exit_code_of(run)) if standalone_mode else run()

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; `auditor … | head` is no fault."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Without this the interpreter complains once more while it closes stdout.
            forsake(sys.stdout)
            ctx.exit(0)


def _log_format(words: list[str]) -> str:
    """Return how stderr is to be written, as far as that is said before any word is understood."""
    for word, after in pairwise((*words, "")):
        if word == "--log-format" or word.startswith("--log-format="):
            return after if word == "--log-format" else word.partition("=")[2]
    return os.environ.get("AUDITOR_LOG_FORMAT", "")


def _vouch(ctx: click.Context, _param: click.Parameter, folders: tuple[str, ...]) -> None:
    ctx.with_resource(ownership.trust(folders))


def _version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's own way
    if wanted and not ctx.resilient_parsing:
        from auditor.cli.terminal import tell_line
        from auditor.run.doctor import table_ages

        tell_line(f"auditor, version {VERSION}")
        for line in table_ages():
            tell_line(line)
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "-V",
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version and how old each table is, and exit.",
)
@click.option(
    "--config", type=click.Path(), envvar="AUDITOR_CONFIG", help="Read this file instead of the usual auditor.toml."
)
@click.option(
    "--trust", multiple=True, expose_value=False, callback=_vouch, metavar="FOLDER", help="As --trust of each command."
)
@click.pass_context
def main(ctx: click.Context, config: str | None) -> None:
    """Say which network gear a restricted maker made, rebrands included, how surely, and why.

    stdout carries data only. Exit codes: 0 examined, nothing found; 1 findings; 2 usage; 3 something was not examined;
    4 rules or
    waivers invalid or expired; 5 another run holds the lock; 70 a fault of auditor itself; 130 interrupted.
    """
    from auditor.run.home import passwords_in

    ctx.obj = config or ""
    ctx.with_resource(passwords_in(ctx.obj))
