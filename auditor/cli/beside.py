"""`auditor beside`: facts people ask for beside the verdict, from files the user gives."""

import json
from dataclasses import asdict, fields
from pathlib import Path

import click

from auditor.cli.common import FILE, STORE, option, styles
from auditor.cli.terminal import emit, tell
from auditor.cli.values import RUN
from auditor.report.columns import aligned
from auditor.report.sheets import table
from auditor.run.beside import BesideFact, BesideFiles, beside, cells
from auditor.run.knowledge import knowledge
from auditor.run.recorded import stored_audit

HEAD = tuple(field.name for field in fields(BesideFact))


@click.command("beside", short_help="Show facts beside the verdict, from files you give.")
@click.argument("run", default="last", shell_complete=RUN)
@option("--kev", type=FILE, help="CISA's catalogue of exploited vulnerabilities, JSON or CSV.")
@option(
    "--stated",
    "statements",
    type=FILE,
    help="What makers state of models: maker, model, about, answer, day, address (CSV).",
)
@option("--registry", type=FILE, help="IEEE's registry with addresses (oui.csv): the country of a MAC's registrant.")
@STORE
@styles("text", "json", "csv")
def beside_command(run: str, store: str, style: str, **names: Path | None) -> None:
    """Show what files say of the devices of a kept RUN; none of it is evidence or law.

    Each row has its source and its day. A catalogue that names a maker and no model says so.
    """
    files = BesideFiles(**{name: str(path or "") for name, path in names.items()})
    facts = beside(stored_audit(run, store), knowledge(), files)
    if style == "json":
        emit(json.dumps([asdict(one) for one in facts], indent=1), nl=True)
    elif style == "csv":
        emit(table(HEAD, cells(facts)))
    else:
        tell("\n".join(aligned([[name.upper() for name in HEAD], *cells(facts)])) if facts else "Nothing.")
