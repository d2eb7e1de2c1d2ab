"""The same records under the laws of two days: what a change of law alone adds or removes."""

from collections.abc import Sequence
from datetime import datetime

import click

from auditor import pipeline
from auditor.cli.common import Shared
from auditor.cli.knowledge import knowledge
from auditor.cli.settings import circumstances
from auditor.document import to_document
from auditor.model import Record, Run
from auditor.store.diff import diff


def compare_laws(records: Sequence[Record], run: Run, shared: Shared, days: tuple[datetime, datetime]) -> None:
    """Print each asset whose obligations differ between two days, with the same facts and rules."""
    known = knowledge(shared.rule_folders, shared.policy)
    old, new = (
        to_document(
            pipeline.audit(
                records,
                known,
                pipeline.Case(
                    run=run, finished=run.started, as_of=day.date(), circumstances=circumstances(shared.config)
                ),
            )
        )
        for day in days
    )
    changes = [change for change in diff(old, new) if change.sort == "policy"]
    for change in changes:
        click.echo(
            f"{change.site}\t{change.address or change.key}\t- {change.before or 'nothing'}\t+ {change.after or 'nothing'}"
        )
    shared.say(
        f"{len(changes)} assets are asked something else on {days[1]:%Y-%m-%d} than on {days[0]:%Y-%m-%d}; no device changed."
    )
