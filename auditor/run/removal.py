"""The removal of devices, from the finding to the disposal; an alarm if one is seen again."""

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.errors import AuditorError, InputError, ProblemsError, UsageError
from auditor.formats.journal import stamp
from auditor.run.assets import only_match
from auditor.run.devices import few, numbers_of
from auditor.run.home import now, store_of
from auditor.run.recorded import stored_audit
from auditor.store.numbers import number_of, spelled
from auditor.store.rows import OFF, Step
from auditor.store.runs import Store

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from auditor.store.directory import DeviceEntry

STATES = ("found", "confirmed", "planned", "removed", "disposed")
REMOVED, DISPOSED = "removed", "disposed"
# What a table of steps may say of each of them; the rest is as the options say.
COLUMNS = ("asset", "state", "at", "who", "note", "proof")
# A day means until its end: what is seen on that day is not seen again.
END = "T23:59:59Z"
MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal(Step):
    """Where one removal stands: of which device, what is next, the day it was seen again."""

    number: str = ""
    site: str = ""
    address: str = ""
    model: str = ""
    next: str = ""
    seen_again: str = ""


def note_steps(assets: Sequence[str], step: Step, url: str, table: Path | None = None) -> tuple[str, ...]:
    """Note that devices have reached a state, all of them or none; return a line for each.

    `step` says what is alike of all; `table` is a CSV whose header names `asset` and any other of `COLUMNS`.
    """
    store = _store(url)
    steps = [replace(step, asset=name) for name in assets]
    steps += _rows(table, step) if table else []
    if not steps:
        raise UsageError("name a device, or a table of devices with --csv", where="ASSET")
    lines: list[str] = []
    problems: list[AuditorError] = []
    with store.database.writing() as base:
        book = _StepLog(base, store, url)
        for one in steps:
            try:
                lines.append(book.note(one))
            except UsageError as exc:
                problems.append(UsageError(exc.problem, where=one.asset))
        if problems:
            raise ProblemsError(problems[:MOST_PROBLEMS])
    return tuple(lines)


def removals(url: str) -> tuple[Removal, ...]:
    """Return where each removal stands, and when the device was seen again, by any mark."""
    from auditor.store import acts, directory

    store = _store(url)
    if not store.exists():
        return ()
    steps = store.removals().steps
    latest = {step.device or step.asset: step for step in steps}
    with store.database.reading() as base:
        numbers = [step.device for step in latest.values() if step.device]
        entries = {entry.number: entry for entry in directory.devices(base)} if numbers else {}
        models = directory.models(base, numbers)
        sightings = acts.last_seen(base, numbers)
    rows = (
        _removal(step, entries.get(step.device or 0), models, sightings.get(step.device or 0, ""))
        for step in latest.values()
    )
    return tuple(sorted(rows, key=lambda row: (row.site, row.number, row.asset)))


def refusal(step: Step, last: Step | None, *, again: bool) -> str:
    """Return why a step may not follow the last one, or nothing.

    The order of states is held, a day never lies before the one before; the first three are paper and may be left out.
    A device that was seen again after it had gone begins anew.
    """
    if step.state == DISPOSED and not step.proof:
        return "'disposed' needs --proof: a certificate of destruction, a receipt"
    before = "" if last is None or again else last.state
    if step.state == DISPOSED and before != REMOVED:
        return f"is {before or 'not removed'}{' yet' if not before else ''}; next is {REMOVED}, then {DISPOSED}"
    if last is None or again:
        return ""
    if STATES.index(step.state) <= STATES.index(last.state):
        return f"is {last.state} since {last.at[:10]} ({last.who}); next is {following(last.state) or 'nothing'}"
    if step.at[:10] < last.at[:10]:
        return f"{step.at[:10]} lies before the day it was {last.state}, {last.at[:10]}"
    return ""


def following(state: str) -> str:
    """Return the state that comes after one, with what it needs, or nothing after the last."""
    after = STATES[STATES.index(state) + 1 : STATES.index(state) + 2] if state in STATES else ()
    return f"{after[0]}, with --proof" if after == (DISPOSED,) else "".join(after)


class _StepLog:
    """Notes steps one after another in one transaction, each checked against those before it."""

    def __init__(self, base: "Connection", store: Store, url: str) -> None:
        self.base, self.store, self.url = base, store, url
        self.entries: dict[int, DeviceEntry] = {}
        self.last: dict[int | str, Step | None] = {}

    def note(self, step: Step) -> str:
        """Note one step and return it in a line; what may not be is a `UsageError`."""
        from auditor.store import acts

        step = self._with_device(step)
        self._look_up(step)
        entry, last = self.entries.get(step.device or 0), self.last[step.device or step.asset]
        name = f"{spelled(entry.number)} {entry.name or entry.address or entry.key}" if entry else step.asset
        if last is not None and replace(last, at=step.at) == step and last.at[:10] == step.at[:10]:
            return f"{name}: {step.state} on {step.at[:10]}, as noted before"
        again = last is not None and last.state in OFF and entry is not None and entry.last > last.at
        if problem := refusal(step, last, again=again):
            raise UsageError(problem)
        acts.add_step(self.base, step)
        self.last[step.device or step.asset] = step
        after = following(step.state)
        return f"{name}: {step.state} on {step.at[:10]}" + (f"; next is {after}" if after else "")

    def _look_up(self, step: Step) -> None:
        """Read the device of a step and its last one, once."""
        from auditor.store import acts

        if (name := step.device or step.asset) not in self.last:
            own = acts.steps_of(self.base, step.device) if step.device else acts.steps(self.base)
            steps = [one for one in own if (one.device or one.asset) == name]
            self.last[name] = steps[-1] if steps else None
            self._learn([step.device] if step.device else [])

    def _learn(self, numbers: Collection[int]) -> None:
        from auditor.store import directory

        self.entries |= {entry.number: entry for entry in directory.devices(self.base, numbers=numbers)}

    def _with_device(self, step: Step) -> Step:
        """Return a step with the device a person means, of any run, or the asset of the last one."""
        numbers = sorted(numbers_of(self.base, step.asset))
        self._learn(numbers)
        if len(numbers) > 1:
            keys = few(f"{spelled(number)} ({self.entries[number].key})" for number in numbers)
            raise UsageError(f"'{step.asset}' stands for {len(numbers)} devices; name one of {keys}", where="ASSET")
        if numbers:
            return replace(step, asset=self.entries[numbers[0]].key, device=numbers[0])
        if number_of(step.asset) is not None:
            raise UsageError("no such device; 'auditor devices list' lists them")
        audit = stored_audit("last", self.url)
        key = only_match(audit, step.asset)
        number = next(number_of(item.device) for item in audit.assets if item.asset.key == key)
        return replace(step, asset=key, device=number)


def _rows(path: Path, step: Step) -> Iterator[Step]:
    """Yield the steps of a table; a header without `asset` or a state nobody knows is an error."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [
                {(name or "").strip().casefold(): cell for name, cell in row.items()} for row in csv.DictReader(file)
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as exc:
        raise InputError(f"cannot be read: {exc}", where=str(path)) from None
    if rows and "asset" not in rows[0]:
        raise InputError(f"its header needs a column 'asset'; it may have {', '.join(COLUMNS[1:])}", where=str(path))
    for line, row in enumerate(rows, 2):
        cells: dict[str, Any] = {name: str(row[name]).strip() for name in COLUMNS if row.get(name)}
        cells |= {"at": day(cells["at"], f"{path}, line {line}")} if "at" in cells else {}
        if cells.get("state", step.state) not in STATES:
            raise InputError(f"'{cells['state']}' is none of {', '.join(STATES)}", where=f"{path}, line {line}")
        if "asset" in cells:
            yield replace(step, **cells)


def day(text: str, where: str = "--at") -> str:
    """Return the moment a day ends in UTC; anything else is an `InputError`."""
    try:
        return f"{date.fromisoformat(text).isoformat()}{END}"
    except ValueError:
        raise InputError(f"'{text}' is no day such as 2026-11-21", where=where) from None


def moment(text: str) -> str:
    """Return the end of a day, or now where none is named."""
    return day(text) if text else stamp(now())


def _removal(step: Step, entry: "DeviceEntry | None", models: Mapping[int, str], last: str) -> Removal:
    place: dict[str, Any] = {"site": entry.site, "address": entry.address or entry.name} if entry else {}
    return Removal(
        **asdict(step),
        **place,
        number=spelled(step.device) if step.device else "",
        model=models.get(step.device or 0, ""),
        next=following(step.state),
        seen_again=last[:10] if step.state in OFF and last > step.at else "",
    )


def _store(url: str) -> Store:
    store = store_of(url)
    if store is None:
        raise UsageError("a removal has to be kept somewhere; name a --store", where="--store none")
    return store
