"""`auditor doctor`: what would go wrong before it does; touches no device."""

import click

from auditor.cli.common import RULES, STORE, WAIVERS, config_file
from auditor.cli.terminal import note, tell_line
from auditor.run.doctor import diagnose


@click.command("doctor", short_help="Check configuration, credentials, file modes and table ages.")
@RULES
@WAIVERS
@STORE
@click.pass_context
def doctor_command(ctx: click.Context, rules: tuple[str, ...], waivers: str, store: str) -> None:
    """Check what a run will rest on: configuration, secrets by name, file modes, ages of tables.

    Touches no device and no network. Exits 2 where the configuration is wrong, 4 where a table or a waiver is too
    old; a list not compared with its source for 120 days is a warning.
    """
    diagnosis = diagnose(config_file(), store, rules, waivers, note)
    problems = (*diagnosis.faults, *diagnosis.lapses, *diagnosis.warnings)
    for problem in problems:
        tell_line(problem)
    if not problems:
        note("nothing to put right")
    ctx.exit(2 if diagnosis.faults else 4 if diagnosis.lapses else 0)
