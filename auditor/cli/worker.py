"""`auditor worker`: reads one site for a hub that cannot reach it."""

import sys
import threading

import click

from auditor.cli.common import CommonOptions, judging, option
from auditor.cli.terminal import note
from auditor.run.hub_sites import desk_of, join
from auditor.run.interrupt import INTERRUPTED, stoppable
from auditor.run.site_worker import work


@click.group("worker", short_help="Read one site for a hub.")
def worker_command() -> None:
    """Read one site for a hub.

    The worker dials out, reads with its own credentials, hands in what devices say.
    """


@worker_command.command("join")
@click.argument("word", metavar="TOKEN", default="-")
def join_command(word: str) -> None:
    """Join with the TOKEN of 'auditor hub invite', once, within 15 minutes.

    Without one it is read from stdin, where no list of processes shows it.
    """
    own = join(sys.stdin.readline().strip() if word == "-" else word)
    note(f"joined as the worker of {own.site}; now: auditor worker run --site {own.site}")


@worker_command.command("run")
@option("--idle", default=0.0, metavar="SECONDS", help="End once nothing was to be done for so long (0: never).")
@judging
@click.pass_context
def run_command(ctx: click.Context, common: CommonOptions, idle: float) -> None:
    """Do the jobs of --site until interrupted.

    What it was doing then, it goes on with when it is started again.
    """
    desk = desk_of(common.site)
    try:
        with stoppable(common.person.line):
            number = work(desk, common, common.person, threading.Event(), idle=idle)
    except KeyboardInterrupt:
        ctx.exit(INTERRUPTED)
    finally:
        desk.close()
    common.person.say(f"{number} jobs done")
