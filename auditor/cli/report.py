"""`auditor report`: reports of a stored run, as often and in as many formats as wanted."""

from typing import Any

import click

from auditor.cli.common import (
    COUNTRY,
    FORMAT,
    OUTPUT,
    POLICY,
    QUIET,
    REDACT,
    RULES,
    STABLE,
    STORE,
    CommonOptions,
    config_file,
)
from auditor.cli.deliver import looks, write_reports
from auditor.cli.values import RUN
from auditor.run.configuration import places
from auditor.run.report import kept_report


@click.command("report", short_help="Write reports of a stored run.")
@click.argument("run", default="last", shell_complete=RUN)
@FORMAT
@OUTPUT
@STABLE
@STORE
@RULES
@POLICY
@COUNTRY
@REDACT
@QUIET
def report_command(run: str, **words: Any) -> None:
    """Write reports of a stored RUN (id, number, `last`, `previous`); it is not judged again."""
    common = CommonOptions(**words, config=config_file())
    stored = kept_report(run, common)
    write_reports(stored.audit, looks(stored.look, places(common.config)), common)
