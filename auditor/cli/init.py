"""`auditor init`: a first auditor.toml by questions, or files that scan every night."""

import shutil
import sys
from pathlib import Path

import click

from auditor.cli.common import config_file, option, takes
from auditor.cli.person import AtTerminal
from auditor.cli.terminal import note
from auditor.errors import UsageError
from auditor.run.deploy import FILES, PROGRAM, deploy
from auditor.run.first_config import FirstAnswers, ask, write_first_config
from auditor.run.person import Absent
from auditor.targets.interfaces import own_subnets


@click.command("init", short_help="Write a first auditor.toml, or files that scan every night.")
@takes(FirstAnswers, "answers")
@option("--yes", is_flag=True, help="Ask nothing; what is not said takes its default.")
@option("--cron", metavar="DIR", default="", help="Write a table for cron there instead.")
@option("--systemd", metavar="DIR", default="", help="Write a hardened service and its timer there instead.")
@option("--docker", metavar="DIR", default="", help="Write a Dockerfile and a Compose file there instead.")
@option("--hub", metavar="DIR", default="", help="Write services for a hub and the workers of its sites there instead.")
@option("--program", metavar="FILE", default="", help=f"Where auditor is installed (default: found, or {PROGRAM}).")
def init_command(answers: FirstAnswers, yes: bool, program: str, **folders: str) -> None:  # noqa: FBT001 - a flag
    """Write a first auditor.toml by a few questions; nothing that is there is written over.

    No secret is asked and none is written, only where each comes from. With --cron, --systemd, --docker or --hub write
    files that run the scan every night, silent when nothing happened; their first lines say how they are installed.
    """
    if any(folders.values()):
        _deploy({kind: folder for kind, folder in folders.items() if folder}, program)
        return
    # Nobody who is not there can say yes to a subnet that was found and not named.
    subnets = own_subnets() if sys.stdin.isatty() and not (yes or answers.subnet) else ()
    answers = ask(answers, Absent() if yes else AtTerminal(), subnets)
    left = write_first_config(answers)
    note(f"wrote {answers.output}")
    for line in left:
        note(f"still to do: {line}")


def _deploy(folders: dict[str, str], program: str) -> None:
    if len(set(folders.values())) < len(folders):
        raise UsageError("each of them wants a folder of its own", where=", ".join(f"--{kind}" for kind in folders))
    place = program or shutil.which("auditor") or PROGRAM
    for kind in FILES:
        for path in deploy(kind, Path(folders[kind]), place, config_file()) if kind in folders else ():
            note(f"wrote {path}")
