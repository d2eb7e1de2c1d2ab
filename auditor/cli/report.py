"""`auditor report`: reports of a stored run, as often and in as many formats as wanted."""

from typing import Any

import click

from auditor.cli.common import FORMAT, OUTPUT, QUIET, REDACT, RULES, STORE
from auditor.cli.deliver import Delivery, write_reports
from auditor.cli.terminal import warn
from auditor.run.configuration import places
from auditor.run.knowledge import knowledge
from auditor.run.recorded import stored_audit


@click.command("report", short_help="Write reports of a stored run.")
@click.argument("run", default="last")
@FORMAT
@OUTPUT
@STORE
@RULES
@REDACT
@QUIET
@click.pass_context
def report_command(ctx: click.Context, /, run: str, store: str, **words: Any) -> None:
    """Write reports of a stored RUN (id, number, `last`, `previous`); it is not judged again."""
    audit = stored_audit(run, store)
    delivery = Delivery(
        formats=words["format"] or ("text",),
        output=words["output"],
        redact=words["redact"],
        places=places((ctx.obj or {}).get("config") or ""),
        say=(lambda _message: None) if words["quiet"] else warn,
    )
    write_reports(audit, knowledge(words["rules"]).names(), delivery)
