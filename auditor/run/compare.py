"""What changed: between two stored runs, or for the same records between the laws of two days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from auditor import pipeline
from auditor.errors import UsageError
from auditor.formats.document import to_document
from auditor.model import Record, Run
from auditor.normal import one_line
from auditor.policy.oblige import Circumstances
from auditor.run.recorded import kept_runs
from auditor.store.diff import Change, diff

Asks = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LawChange:
    """Devices of which the law of another day asks no longer what is `dropped`, and anew what is `added`."""

    devices: tuple[str, ...]
    dropped: Asks
    added: Asks


def compare_runs(old: str, new: str, url: str) -> tuple[Change, ...]:
    """Return what is new, gone, changed or moved from one stored run to another, and what only the law changed."""
    store = kept_runs(url)
    first, second = store.find(old), store.find(new)
    if first.id == second.id:
        raise UsageError(f"there is only run {first.id}; nothing to compare it with")
    return diff(store.audit(first), store.audit(second))


def compare_laws(
    records: Sequence[Record],
    run: Run,
    basis: pipeline.Knowledge,
    around: Mapping[str, Circumstances],
    days: tuple[date, date],
) -> tuple[LawChange, ...]:
    """Return which devices are asked something else on two days, by the same facts and rules; those asked alike together."""
    old, new = (
        to_document(
            pipeline.audit(
                records, basis, pipeline.Case(run=run, finished=run.started, as_of=day, circumstances=around)
            )
        )
        for day in days
    )
    alike: dict[tuple[Asks, Asks], list[str]] = {}
    for change in diff(old, new):
        if change.sort == "policy":
            before, after = (set(filter(None, one_line(text).split(", "))) for text in (change.before, change.after))
            key = (tuple(sorted(before - after)), tuple(sorted(after - before)))
            alike.setdefault(key, []).append(_device(change))
    return tuple(
        LawChange(devices=tuple(devices), dropped=dropped, added=added) for (dropped, added), devices in alike.items()
    )


def _device(change: Change) -> str:
    return one_line(change.address or change.key) + (f" at {one_line(change.site)}" if change.site else "")
