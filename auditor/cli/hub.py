"""`auditor hub`: one run over many sites, read by a worker at each."""

from dataclasses import replace
from pathlib import Path

import click

from auditor.cli.common import OWN_FOLDER, STORE, CommonOptions, judging, option, takes
from auditor.cli.deliver import report
from auditor.cli.terminal import note, tell_line
from auditor.errors import AuditorError
from auditor.run.attend import attend
from auditor.run.conclude import Conclusion
from auditor.run.hub_authority import write_server_files
from auditor.run.hub_run import BATCH, STALL_S, SitesRequest, here_or_there, state_line
from auditor.run.hub_sites import JOIN_PORT, invite, join_server, postgres_engine
from auditor.run.interrupt import end_at_once
from auditor.run.request import ScanRequest

# What `certificate` writes, as postgresql.conf names it.
SERVER_SETTINGS = ("ssl_key_file", "ssl_cert_file", "ssl_ca_file")
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
@option("--join", "url", default="", metavar="URL", help="Where it joins by certificate: https://…, see 'hub listen'.")
@STORE
@click.pass_context
def invite_command(ctx: click.Context, site: str, address: str, url: str, store: str) -> None:
    """Print a token with which a worker of SITE joins once, within 15 minutes."""
    tell_line(invite(site, store, address, ctx.find_object(str) or "", url).token)


@hub_command.command("certificate")
@click.argument("hosts", nargs=-1, required=True, metavar="HOST…")
@option("--output", "-o", required=True, type=OWN_FOLDER, metavar="DIR", help="Write the files there.")
def certificate_command(hosts: tuple[str, ...], output: Path) -> None:
    """Write what the hub's PostgreSQL needs as HOST: key, certificate, authority of its sites."""
    for setting, path in zip(SERVER_SETTINGS, write_server_files(hosts, output), strict=True):
        tell_line(f"{setting} = '{path}'")


@hub_command.command("listen")
@click.argument("host")
@option("--port", default=JOIN_PORT, show_default=True, type=click.IntRange(0, 65_535), help="The TCP port.")
@option("--bind", default="", metavar="ADDRESS", help="Listen there alone (default: HOST).")
@STORE
def listen_command(host: str, port: int, bind: str, store: str) -> None:
    """Let invited sites join at https://HOST:PORT, until interrupted."""
    server = join_server(host, (bind or host, port), store, note)
    note(f"sites join at https://{host}:{server.server_port}")
    end_at_once()
    server.serve_forever()
