"""`auditor hub`: one run over many sites, read by a worker at each."""

from dataclasses import replace

import click

from auditor.cli.common import STORE, CommonOptions, judging, option, takes
from auditor.cli.deliver import report
from auditor.cli.terminal import tell_line
from auditor.errors import AuditorError
from auditor.run.attend import attend
from auditor.run.conclude import Conclusion
from auditor.run.hub_run import BATCH, STALL_S, SitesRequest, here_or_there, state_line
from auditor.run.hub_sites import invite, postgres_engine
from auditor.run.interrupt import end_at_once
from auditor.run.request import ScanRequest

HOW = (
    option("--batch", default=BATCH, show_default=True, type=click.IntRange(1, 10_000), help="Addresses a job."),
    option(
        "--stall",
        default=STALL_S,
        show_default=True,
        type=click.FloatRange(1),
        metavar="SECONDS",
        help="A worker silent for so long loses its job to the next.",
    ),
)


def how(command: "click.decorators.FC") -> "click.decorators.FC":
    """Give a command the options of a run over sites."""
    for one in reversed(HOW):
        command = one(command)
    return command


@click.group("hub", short_help="Read many sites through a worker at each.")
def hub_command() -> None:
    """Plan runs over many sites, hand them to workers there, join and judge what they read.

    Jobs and results stand in the store's PostgreSQL; with a store in a file this process reads the sites itself.
    """


@hub_command.command("run")
@click.argument("targets", nargs=-1, metavar="[TARGET]…")
@how
@takes(ScanRequest, "request")
@judging
@click.pass_context
def run_command(ctx: click.Context, /, request: ScanRequest, common: CommonOptions, batch: int, stall: float) -> None:
    """Read TARGETs, or every site of auditor.toml, through the sites' workers.

    --resume joins what the sites read for a run whose hub was interrupted.
    """
    how = SitesRequest(batch=batch, stall=stall)
    ctx.exit(attend(lambda: _run(request, how, common), request.ping, common, common.person))


def _run(request: ScanRequest, how: SitesRequest, common: CommonOptions) -> tuple[int, Conclusion]:
    conclusion = here_or_there(request, how, common, common.person)
    return report(conclusion, common), conclusion


@hub_command.command("status")
@STORE
def status_command(store: str) -> None:
    """Show the sites that were invited, and how far each run under way is."""
    engine = postgres_engine(store)
    for site, role, silent in engine.sites():
        tell_line(f"site {site}: role {role}, " + ("no worker yet" if silent is None else f"heard {silent:.0f} s ago"))
    for run in engine.runs():
        for state in engine.states(run):
            tell_line(f"run {run}, {state_line(state)}")
            for line in state.progress:
                tell_line(f"  {line.get('stage')}: {line.get('done')} of {line.get('total')}")


@hub_command.command("schedule")
@click.argument("cron", metavar="CRON")
@click.argument("targets", nargs=-1, metavar="[TARGET]…")
@how
@takes(ScanRequest, "request")
@judging
def schedule_command(cron: str, request: ScanRequest, common: CommonOptions, batch: int, stall: float) -> None:
    """Run whenever CRON says so ("0 2 * * *", UTC), until interrupted; reports go to --output."""
    how = SitesRequest(batch=batch, stall=stall)
    usual = replace(common, output=common.output or ".", stable=True)
    engine = postgres_engine(common.store)
    end_at_once()
    engine.every(cron, lambda: _run_of_many(request, how, usual))


def _run_of_many(request: ScanRequest, how: SitesRequest, common: CommonOptions) -> None:
    """Do one of the runs of a schedule; the next is due whatever comes of it."""
    try:
        code = attend(lambda: _run(request, how, common), request.ping, common, common.person)
    except AuditorError as exc:
        common.person.warn(str(exc))
    else:
        common.person.say(f"the run ended with {code}")


@hub_command.command("invite")
@click.argument("site")
@option("--address", default="", metavar="URL", help="Where its worker dials PostgreSQL (default: as the store says).")
@STORE
@click.pass_context
def invite_command(ctx: click.Context, site: str, address: str, store: str) -> None:
    """Print a token with which a worker of SITE joins once, within 15 minutes."""
    tell_line(invite(site, store, address, ctx.find_object(str) or "").token)
