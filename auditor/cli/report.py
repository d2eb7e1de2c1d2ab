"""`auditor report`: reports of a stored run, as often and in as many formats as wanted."""

from pathlib import Path
from typing import Any

import click

from auditor.cli.common import FORMAT, OUTPUT, QUIET, REDACT, RULES, STORE, store_url
from auditor.cli.deliver import Delivery, write_reports
from auditor.cli.knowledge import knowledge
from auditor.cli.settings import places
from auditor.cli.terminal import warn
from auditor.errors import UsageError
from auditor.formats import document
from auditor.model import Audit
from auditor.store.sqlite import Store, open_store


@click.command("report", short_help="Write reports of a stored run.")
@click.argument("run", default="last")
@FORMAT
@OUTPUT
@STORE
@RULES
@REDACT
@QUIET
@click.pass_context
def report_command(ctx: click.Context, /, run: str, store: str, **given: Any) -> None:
    """Write reports of a stored run (its id, number, `last` or `previous`); it is not judged again."""
    audit = stored_audit(run, store)
    delivery = Delivery(
        formats=given["format"] or ("text",),
        output=given["output"],
        redact=given["redact"],
        places=places((ctx.obj or {}).get("config") or ""),
        say=(lambda _message: None) if given["quiet"] else warn,
    )
    write_reports(audit, knowledge([Path(folder) for folder in given["rules"]]).names(), delivery)


def stored_audit(run: str, store: str) -> Audit:
    """Return the audit of a stored run as it was judged then."""
    base = kept(store)
    return document.load(base.document(base.find(run)))


def kept(store: str) -> Store:
    """Return a store that holds something; one that does not exist yet is not made."""
    base = open_store(store_url(store))
    if base is None or not base.path.is_file():
        raise UsageError(
            "keeps no run yet; start with 'auditor scan' or 'auditor import'", where=f"--store {store_url(store)}"
        )
    return base
