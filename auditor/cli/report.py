"""`auditor report`: reports of a stored run, as often and in as many formats as wanted."""

from dataclasses import replace
from typing import Any

import click

from auditor.cli.common import FORMAT, OUTPUT, QUIET, REDACT, RULES, STABLE, STORE, CommonOptions, config_file
from auditor.cli.deliver import looks, write_reports
from auditor.run.configuration import places
from auditor.run.happenings import kept_counts, kept_link
from auditor.run.knowledge import knowledge
from auditor.run.recorded import kept_runs, stored_audit


@click.command("report", short_help="Write reports of a stored run.")
@click.argument("run", default="last")
@FORMAT
@OUTPUT
@STABLE
@STORE
@RULES
@REDACT
@QUIET
def report_command(run: str, **words: Any) -> None:
    """Write reports of a stored RUN (id, number, `last`, `previous`); it is not judged again."""
    common = CommonOptions(**words, config=config_file())
    audit = stored_audit(run, common.store)
    options = looks(knowledge(common.rules).names(), places(common.config))
    store = kept_runs(common.store)
    counts, link = kept_counts(store, audit.run.id), kept_link(store, audit.run.id)
    write_reports(audit, replace(options, events=counts, ledger=link), common)
