"""`auditor judge`: a stored run or a journal, judged again by other rules, laws or dates."""

from datetime import datetime

import click

from auditor.cli.common import DATE, CommonOptions, judging, option
from auditor.cli.compare import show_laws
from auditor.cli.flow import report
from auditor.run.judge import judge


@click.command("judge", short_help="Judge a stored run or a journal again.")
@click.argument("run_or_journal", metavar="RUN|JOURNAL", default="last")
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
        show_laws(run_or_journal, common, compare_dates)
        return
    ctx.exit(report(judge(run_or_journal, common, common.person), common))
