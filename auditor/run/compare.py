"""What changed between two stored runs, or between the laws of two days."""

from dataclasses import dataclass
from datetime import date

from auditor import pipeline
from auditor.errors import UsageError
from auditor.formats.document import to_document
from auditor.normal import one_line
from auditor.run.conclude import Judging
from auditor.run.configuration import circumstances
from auditor.run.knowledge import knowledge
from auditor.run.person import Person
from auditor.run.recorded import kept_runs, recorded
from auditor.store.diff import Change, diff

Asks = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LawChange:
    """Devices of which the law of another day asks something else: what no longer, what anew."""

    devices: tuple[str, ...]
    no_longer: Asks
    anew: Asks


def compare_runs(old: str, new: str, url: str) -> tuple[Change, ...]:
    """Return what changed from one stored run to another, devices and laws apart."""
    store = kept_runs(url)
    first, second = store.find(old), store.find(new)
    if first.id == second.id:
        raise UsageError(f"there is only run {first.id}; nothing to compare it with")
    return diff(store.audit(first), store.audit(second), knowledge().ports)


def compare_laws(name: str, judging: Judging, days: tuple[date, date], person: Person) -> tuple[LawChange, ...]:
    """Return by groups which devices of a run or a journal are asked something else on two days."""
    recording = recorded(name, judging.store, site=judging.site, warn=person.warn)
    run, around = recording.run, circumstances(judging.config)
    basis = knowledge(judging.rules, judging.policy)
    cases = (pipeline.AuditCase(run=run, finished=run.started, as_of=day, circumstances=around) for day in days)
    old, new = (to_document(pipeline.audit(recording.records, basis, case)) for case in cases)
    alike: dict[tuple[Asks, Asks], list[str]] = {}
    for change in diff(old, new):
        if change.sort == "policy":
            before, after = (set(filter(None, one_line(text).split(", "))) for text in (change.before, change.after))
            key = (tuple(sorted(before - after)), tuple(sorted(after - before)))
            alike.setdefault(key, []).append(_device(change))
    return tuple(
        LawChange(devices=tuple(devices), no_longer=before, anew=after) for (before, after), devices in alike.items()
    )


def _device(change: Change) -> str:
    return one_line(change.address or change.key) + (f" at {one_line(change.site)}" if change.site else "")
