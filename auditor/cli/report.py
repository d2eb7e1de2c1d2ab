"""`auditor report`: reports of a stored run, as often and in as many formats as wanted."""

import click

from auditor import document
from auditor.cli.common import FORMAT, OUTPUT, QUIET, REDACT, RULES, STORE, store_url
from auditor.cli.deliver import Delivery, write_reports
from auditor.cli.knowledge import knowledge
from auditor.errors import UsageError
from auditor.model import Audit
from auditor.store.sqlite import open_store


@click.command("report", short_help="Write reports of a stored run.")
@click.argument("run", default="last")
@FORMAT
@OUTPUT
@STORE
@RULES
@REDACT
@QUIET
def report_command(run: str, store: str, **given: object) -> None:
    """Write reports of a stored run (its id, number, `last` or `previous`); it is not judged again."""
    audit = stored_audit(run, store)
    formats = given["format"] or ("text",)
    delivery = Delivery(
        formats=tuple(str(name) for name in formats),  # type: ignore[attr-defined]  # click hands a tuple
        output=str(given["output"]),
        redact=str(given["redact"]),
        say=(lambda _message: None) if given["quiet"] else lambda message: click.echo(message, err=True),
    )
    write_reports(audit, knowledge().names(), delivery)


def stored_audit(run: str, store: str) -> Audit:
    """Return the audit of a stored run as it was judged then."""
    base = open_store(store_url(store))
    if base is None or not base.path.is_file():
        raise UsageError(
            "keeps no run yet; start with 'auditor scan' or 'auditor import'", where=f"--store {store_url(store)}"
        )
    return document.load(base.document(base.find(run)))
