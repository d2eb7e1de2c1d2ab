"""`auditor judge`: a stored run or a journal, judged again by other rules, laws or dates."""

from datetime import datetime

import click

from auditor.cli.common import DATE, CommonOptions, judging, option
from auditor.cli.deliver import report
from auditor.cli.terminal import tell
from auditor.cli.values import RUN
from auditor.run.compare import compare_laws
from auditor.run.conclude import judge


@click.command("judge", short_help="Judge a stored run or a journal again.")
@click.argument("run_or_journal", metavar="RUN|JOURNAL", default="last", shell_complete=RUN)
@option(
    "--compare-dates", nargs=2, type=DATE, metavar="DATE DATE", help="Show what a change of law alone adds or removes."
)
@judging
@click.pass_context
def judge_command(
    ctx: click.Context, /, run_or_journal: str, compare_dates: tuple[datetime, datetime] | None, common: CommonOptions
) -> None:
    """Judge a stored run (id, number, or `last`) or a journal again; no device is contacted.

    A collection is judged as often as you like: with newer rules, another law (--policy) or another day (--as-of).
    """
    if compare_dates:
        _show_laws(run_or_journal, common, compare_dates)
        return
    ctx.exit(report(judge(run_or_journal, common, common.person), common))


def _show_laws(name: str, common: CommonOptions, days: tuple[datetime, datetime]) -> None:
    """Print each group of devices of which the laws of two days ask different things, and what."""
    old, new = (day.date() for day in days)
    changes = compare_laws(name, common, (old, new), common.person)
    for change in changes:
        lines = [f"  - {ask}" for ask in change.no_longer] + [f"  + {ask}" for ask in change.anew]
        tell("\n".join([", ".join(change.devices), *lines]))
    count = sum(len(change.devices) for change in changes)
    common.person.say(f"{count} assets are asked something else on {new} than on {old}; no device changed.")
