"""The removal of a device, from the finding to its disposal; an alarm if it answers again."""

from dataclasses import asdict, dataclass

from auditor.errors import UsageError
from auditor.formats.journal import stamp
from auditor.run.assets import only_match
from auditor.run.home import now, store_of
from auditor.run.recorded import stored_audit
from auditor.store.diff import identity
from auditor.store.sqlite import Step, Store

STATES = ("found", "confirmed", "planned", "removed", "disposed")
GONE = frozenset({"removed", "disposed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal(Step):
    """Where one removal stands, and whether a removed device was there in the last run."""

    seen_again: bool


def note_step(asset: str, state: str, who: str, note: str, url: str) -> str:
    """Note that a device of the last run has reached a state; return its key."""
    key = only_match(stored_audit("last", url), asset)
    _store(url).step(Step(asset=key, at=stamp(now()), state=state, who=who, note=note))
    return key


def removals(url: str) -> tuple[Removal, ...]:
    """Return where each removal stands."""
    latest = {step.asset: step for step in _store(url).steps()}
    present = {identity(item.asset.key) for item in stored_audit("last", url).assets}
    return tuple(
        Removal(**asdict(step), seen_again=step.state in GONE and identity(step.asset) in present)
        for step in latest.values()
    )


def _store(url: str) -> Store:
    store = store_of(url)
    if store is None:
        raise UsageError("a removal has to be kept somewhere; name a --store", where="--store none")
    return store
