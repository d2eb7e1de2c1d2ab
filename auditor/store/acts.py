"""What people say of devices: steps, waivers, merges, splits; each a link of the ledger."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, func, select

from auditor.store import ledger, schema
from auditor.store.bulk import clean
from auditor.store.documents import groups
from auditor.store.marks import BOX, Mark
from auditor.store.numbers import Decision, older_numbers, pairs
from auditor.store.rows import DecisionRow, Removals, Step, WaiverRow

MERGE, SPLIT, UNDO, END = "merge", "split", "undo", "end"


def add_step(base: Connection, step: Step) -> None:
    """Note one step of a removal; noting it twice changes nothing."""
    if step in steps(base, [step.device] if step.device else None):
        return
    cells = _cells(step)
    base.execute(schema.step.insert().values(**cells, link=ledger.append(base, "step", step.at, cells)))


def steps(base: Connection, numbers: Collection[int] | None = None) -> tuple[Step, ...]:
    """Return all steps, or those of some devices, by day; of one day as they were noted."""
    columns = [schema.step.c[name] for name in Step.__dataclass_fields__]
    query = select(*columns).order_by(func.substr(schema.step.c.at, 1, 10), schema.step.c.id)
    rows = base.execute(query if numbers is None else query.where(schema.step.c.device.in_(numbers)))
    return tuple(Step(**row._asdict()) for row in rows)


def steps_of(base: Connection, number: int) -> tuple[Step, ...]:
    """Return the steps of one device, by its number of today, as `steps` does."""
    own = steps(base, with_younger(merges(base), [number]))
    return tuple(replace(step, device=number) for step in own)


def with_younger(older: Mapping[int, int], numbers: Collection[int] | None) -> list[int] | None:
    """Return numbers with those that are one with them by now; None stays None: all of them."""
    if numbers is None:
        return None
    own = set(numbers)
    return sorted(own | {younger for younger, number in older.items() if number in own})


def removals(base: Connection) -> Removals:
    """Return every step with the marks of the devices they are about, by the numbers of today."""
    older = merges(base)
    every = tuple(replace(step, device=older.get(step.device or 0, step.device)) for step in steps(base))
    numbers = {step.device for step in every if step.device is not None}
    numbers |= {younger for younger, number in older.items() if number in numbers}
    marks: dict[int, set[Mark]] = {}
    for group in groups(sorted(numbers)):
        query = select(schema.mark).where(schema.mark.c.device.in_(group), schema.mark.c.kind.in_(BOX))
        for row in base.execute(query):
            marks.setdefault(older.get(row.device, row.device), set()).add(Mark(row.kind, row.value, row.site))
    return Removals(steps=every, marks={number: frozenset(own) for number, own in marks.items()})


def last_seen(base: Connection, numbers: Collection[int]) -> dict[int, str]:
    """Return when each device was seen last, also as another that shows a mark of it elsewhere."""
    older = merges(base)
    own: dict[tuple[str, str], set[int]] = {}
    latest = dict.fromkeys(numbers, "")
    rows: list[Any] = []
    for values in groups(sorted(_values(base, with_younger(older, numbers) or ()))):
        query = select(schema.mark.c.kind, schema.mark.c.value, schema.mark.c.device, schema.device.c.last)
        query = query.join(schema.device, schema.device.c.number == schema.mark.c.device)
        rows += base.execute(query.where(schema.mark.c.kind.in_(BOX), schema.mark.c.value.in_(values))).all()
    for row in rows:
        if (number := older.get(row.device, row.device)) in latest:
            own.setdefault((row.kind, row.value), set()).add(number)
    for row in rows:
        for number in own.get((row.kind, row.value), ()):
            latest[number] = max(latest[number], row.last)
    for group in groups(with_younger(older, numbers) or ()):
        query = select(schema.device.c.number, schema.device.c.last).where(schema.device.c.number.in_(group))
        for row in base.execute(query).all():
            number = older.get(row.number, row.number)
            latest[number] = max(latest.get(number, ""), row.last)
    return latest


def _values(base: Connection, numbers: Collection[int]) -> set[str]:
    """Return what the marks of some devices say."""
    values: set[str] = set()
    for group in groups(numbers):
        query = select(schema.mark.c.value).where(schema.mark.c.device.in_(group), schema.mark.c.kind.in_(BOX))
        values |= set(base.execute(query).scalars())
    return values


def decide(base: Connection, decision: DecisionRow) -> int:
    """Keep what a person decided and return its number; an undo takes an older one back."""
    cells = _cells(decision)
    del cells["id"], cells["undone"]
    number = ledger.append(base, "decision", decision.at, cells)
    result = base.execute(schema.decision.insert().values(**cells, link=number))
    if decision.sort == UNDO:
        place = schema.decision.c.id == int(decision.devices)
        base.execute(schema.decision.update().where(place).values(undone=clean(f"{decision.who}, {decision.at[:10]}")))
    return int(result.inserted_primary_key[0])  # type: ignore[index]


def decision_rows(base: Connection) -> tuple[DecisionRow, ...]:
    """Return all that people ever decided, oldest first."""
    columns = [schema.decision.c[name] for name in DecisionRow.__dataclass_fields__]
    return tuple(DecisionRow(**row._asdict()) for row in base.execute(select(*columns).order_by(schema.decision.c.id)))


def decisions(base: Connection) -> tuple[Decision, ...]:
    """Return the merges and splits that nobody took back, as numbering takes them.

    What was taken back is told by the rows that do so: each of them is a link of the ledger.
    """
    rows = decision_rows(base)
    undone = {int(row.devices) for row in rows if row.sort == UNDO}
    return tuple(
        Decision(devices=tuple(map(int, row.devices.split())), mark=Mark(*json.loads(row.mark)) if row.mark else None)
        for row in rows
        if row.sort in {MERGE, SPLIT} and row.id not in undone
    )


def add_waiver(base: Connection, row: WaiverRow) -> int:
    """Keep a waiver or a silence and return its number."""
    cells = _cells(row)
    del cells["id"], cells["ended"]
    number = ledger.append(base, "waiver", row.at, cells)
    result = base.execute(schema.waiver.insert().values(**cells, link=number))
    return int(result.inserted_primary_key[0])  # type: ignore[index]


def waivers(base: Connection) -> tuple[WaiverRow, ...]:
    """Return every waiver and silence, oldest first, by the numbers of today, with who ended it."""
    ends = {int(row.devices): f"{row.who}, {row.at[:10]}" for row in decision_rows(base) if row.sort == END}
    older = merges(base)
    columns = [schema.waiver.c[name] for name in WaiverRow.__dataclass_fields__ if name != "ended"]
    rows = (WaiverRow(**row._asdict()) for row in base.execute(select(*columns).order_by(schema.waiver.c.id)))
    return tuple(
        replace(row, device=older.get(row.device or 0, row.device), ended=ends.get(row.id, "")) for row in rows
    )


def silences(base: Connection) -> tuple[WaiverRow, ...]:
    """Return the windows in which no events of a device or a site are told.

    Each holds from the day `silence` to the end of the day `until`, and nobody ended it.
    """
    return tuple(row for row in waivers(base) if row.silence and not row.ended)


def merges(base: Connection) -> Mapping[int, int]:
    """Return the older number that each number leads to: by its marks, or as people decided."""
    query = select(schema.device.c.merged_into, schema.device.c.number).where(schema.device.c.merged_into.is_not(None))
    return older_numbers([*map(tuple, base.execute(query)), *pairs(decisions(base))])


def _cells(entry: Any) -> dict[str, Any]:
    """Return an entry as cells; a word of the command line that is no UTF-8 no database takes."""
    return {key: clean(cell) if isinstance(cell, str) else cell for key, cell in asdict(entry).items()}
