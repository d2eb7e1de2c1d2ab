"""The removal of a device, from the finding to its disposal; an alarm if it answers again."""

from dataclasses import asdict, dataclass

from auditor.errors import UsageError
from auditor.formats.journal import stamp
from auditor.run.assets import only_match
from auditor.run.home import now, store_of
from auditor.run.recorded import stored_audit
from auditor.run.reminders import seen_again
from auditor.store.numbers import number_of
from auditor.store.rows import Step
from auditor.store.runs import Store

STATES = ("found", "confirmed", "planned", "removed", "disposed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal(Step):
    """Where one removal stands, and whether a removed device was there in the last run."""

    seen_again: bool


def note_step(asset: str, state: str, who: str, note: str, url: str) -> str:
    """Note that a device of the last run has reached a state; return its key."""
    audit = stored_audit("last", url)
    key = only_match(audit, asset)
    number = next(number_of(item.device) for item in audit.assets if item.asset.key == key)
    _store(url).step(Step(asset=key, device=number, at=stamp(now()), state=state, who=who, note=note))
    return key


def removals(url: str) -> tuple[Removal, ...]:
    """Return where each removal stands."""
    every = _store(url).removals()
    latest = {step.device or step.asset: step for step in every.steps}
    again = {step for _, step in seen_again(stored_audit("last", url), every)} if every.steps else set()
    return tuple(Removal(**asdict(step), seen_again=step in again) for step in latest.values())


def _store(url: str) -> Store:
    store = store_of(url)
    if store is None:
        raise UsageError("a removal has to be kept somewhere; name a --store", where="--store none")
    return store
