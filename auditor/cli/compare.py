"""The same records under the laws of two days: what a change of law alone adds or removes."""

from collections.abc import Sequence
from datetime import datetime

from auditor import pipeline
from auditor.cli.common import Shared
from auditor.cli.knowledge import knowledge
from auditor.cli.settings import circumstances
from auditor.cli.terminal import tell
from auditor.formats.document import to_document
from auditor.model import Record, Run
from auditor.normal import one_line
from auditor.store.diff import Change, diff


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
    for (gone, added), names in _alike(changes).items():
        tell("\n".join([", ".join(names), *(f"  - {ask}" for ask in gone), *(f"  + {ask}" for ask in added)]))
    shared.say(
        f"{len(changes)} assets are asked something else on {days[1]:%Y-%m-%d} than on {days[0]:%Y-%m-%d}; no device changed."
    )


def _alike(changes: Sequence[Change]) -> dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]]:
    """Return by what is no longer asked and what is asked anew the devices it is so for."""
    alike: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for change in changes:
        before, after = (set(filter(None, one_line(text).split(", "))) for text in (change.before, change.after))
        where = f" at {one_line(change.site)}" if change.site else ""
        key = (tuple(sorted(before - after)), tuple(sorted(after - before)))
        alike.setdefault(key, []).append(f"{one_line(change.address or change.key)}{where}")
    return alike
