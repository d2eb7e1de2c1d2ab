"""Devices over all runs: listed, shown with their history, merged and split by people."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from auditor.errors import UsageError
from auditor.formats.journal import stamp
from auditor.judge import finding_id
from auditor.normal import mac
from auditor.run.home import now
from auditor.run.recorded import kept_runs
from auditor.store.marks import Mark
from auditor.store.numbers import number_of, spelled
from auditor.store.rows import DecisionRow
from auditor.store.runs import Store

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from auditor.store.directory import DeviceEntry, EventEntry

ADVICE = "keeps no device yet; start with 'auditor scan' or 'auditor import'"


def devices(url: str, site: str = "") -> Sequence["DeviceEntry"]:
    """Return every device of a store by number, or those last seen at a site."""
    from auditor.store import directory

    with kept_runs(url, ADVICE).database.reading() as base:
        return directory.devices(base, site)


def events_of_period(url: str, since: date, until: date, site: str = "") -> Sequence["EventEntry"]:
    """Return what the runs of a store told in a period, both days in it (UTC), oldest first."""
    from auditor.store import directory

    if until < since:
        raise UsageError(f"{until.isoformat()} lies before {since.isoformat()}", where="--until")
    with kept_runs(url, ADVICE).database.reading() as base:
        last = f"{until.isoformat()}T23:59:59.999999Z"
        return tuple(directory.events_between(base, f"{since.isoformat()}T00:00:00Z", last, site))


def last_places(names: Sequence[str], url: str) -> tuple[str, list[str]]:
    """Return the site of the devices people mean, and the address each answered at last.

    One that never answered, or devices of two sites, are a `UsageError`: nothing is contacted then.
    """
    from auditor.store import directory

    store = kept_runs(url, ADVICE)
    with store.database.reading() as base:
        numbers = [one_number(base, name, store) for name in names]
        by_number = {entry.number: entry for entry in directory.devices(base, numbers=numbers)}
    entries = [by_number[number] for number in numbers]
    silent = [spelled(entry.number) for entry in entries if not entry.address]
    if silent:
        raise UsageError(f"{', '.join(silent)} was only heard of; it has no address to ask", where="--device")
    sites = sorted({entry.site for entry in entries})
    if len(sites) > 1:
        raise UsageError(f"these are at {', '.join(sites)}; scan one site at a time", where="--device")
    return sites[0], [entry.address for entry in entries]


def device_history(name: str, url: str) -> Mapping[str, Any]:
    """Return all that is kept of the one device a person means, as plain values."""
    from auditor.store import acts, directory

    store = kept_runs(url, ADVICE)
    with store.database.reading() as base:
        number = one_number(base, name, store)
        (entry,) = directory.devices(base, numbers=[number])
        life = directory.history(base, number)
        numbers = set(map(number_of, life["numbers"]))
        waivers = [
            asdict(row) | {"state": row.state(now().date())} for row in acts.waivers(base) if row.device == number
        ]
        decisions = [row for row in acts.decision_rows(base) if numbers & _about(row)]
    head = {name: getattr(entry, name) for name in entry.__dataclass_fields__} | {"number": spelled(number)}
    return head | life | {"waivers": waivers, "decisions": list(map(asdict, decisions))}


def merge(names: Sequence[str], who: str, why: str, url: str) -> str:
    """Decide that devices are one, and return that in words; the oldest number stands for all."""
    from auditor.store import acts

    store = kept_runs(url, ADVICE)
    with store.database.writing() as base:
        numbers = sorted({one_number(base, name, store) for name in names})
        if len(numbers) == 1:
            raise UsageError(f"are one already: {spelled(numbers[0])}", where=" ".join(names))
        words = " ".join(map(str, numbers))
        row = acts.decide(base, DecisionRow(sort=acts.MERGE, devices=words, who=who, why=why, at=stamp(now())))
    older, *younger = map(spelled, numbers)
    return (
        f"decision {row}: {', '.join(younger)} is {older} from the next run on; 'auditor devices undo {row}' undoes it"
    )


def split(name: str, marks: Sequence[str], who: str, why: str, url: str) -> str:
    """Decide that what shows some marks is another box than a device; return that in words."""
    from auditor.store import acts, directory

    store = kept_runs(url, ADVICE)
    rows = []
    with store.database.writing() as base:
        number = one_number(base, name, store)
        own = [Mark(**one) for one in directory.history(base, number)["marks"]]
        for mark in (one for text in marks for one in _own_marks(text, own, number)):
            words = json.dumps(mark)
            decision = DecisionRow(sort=acts.SPLIT, devices=str(number), mark=words, who=who, why=why, at=stamp(now()))
            rows.append(acts.decide(base, decision))
    return f"decision {few(rows)}: what shows {', '.join(marks)} is not {spelled(number)} from the next run on"


def undo(name: str, who: str, why: str, url: str) -> str:
    """Take a merge or a split back by its number, and return that in words."""
    from auditor.store import acts

    with kept_runs(url, ADVICE).database.writing() as base:
        rows = {one.id: one for one in acts.decision_rows(base) if one.sort in {acts.MERGE, acts.SPLIT}}
        row = int(name) if name.isdecimal() else 0
        if row not in rows:
            raise UsageError(f"there is no such decision; there are {few(rows) or 'none'}", where=name)
        if rows[row].undone:
            raise UsageError(f"was taken back by {rows[row].undone}", where=f"decision {row}")
        acts.decide(base, DecisionRow(sort=acts.UNDO, devices=str(row), who=who, why=why, at=stamp(now())))
    return f"the {rows[row].sort} of {', '.join(map(spelled, _about(rows[row])))} is undone from the next run on"


def numbers_of(base: "Connection", name: str) -> set[int]:
    """Return the devices a person means, by any number, mark, address, name, key or finding."""
    from auditor.store import directory

    if numbers := directory.look_up(base, name):
        return numbers
    names = directory.finding_names(base)
    return {one.device for one in names if finding_id(one.name, one.maker, one.part) == name}


def one_number(base: "Connection", name: str, store: Store) -> int:
    """Return the one device a person means; none or several are an error that says which."""
    numbers = sorted(numbers_of(base, name))
    if not numbers:
        raise UsageError(f"no device '{name}' in {store.name}; 'auditor devices list' lists them", where="DEVICE")
    if len(numbers) > 1:
        raise UsageError(f"'{name}' stands for {few(map(spelled, numbers))}; name one of them", where="DEVICE")
    return numbers[0]


def _own_marks(text: str, own: Sequence[Mark], number: int) -> list[Mark]:
    kind, _, value = text.partition(":")
    values = {value, mac(value) or value}
    if marks := [one for one in own if one.kind == kind and one.value in values]:
        return marks
    words = ", ".join(sorted({f"{one.kind}:{one.value}" for one in own if one.kind != "key"}))
    raise UsageError(f"'{text}' is no mark of {spelled(number)}; it has {words or 'none'}", where="--mark")


def _about(row: DecisionRow) -> set[int]:
    return set(map(int, row.devices.split())) if row.sort in {"merge", "split"} else set()


def few(words: Iterable[object], most: int = 12) -> str:
    """Return the first of several words, and how many more there are."""
    texts = list(map(str, words))
    return ", ".join(texts[:most]) + (f" and {len(texts) - most} more" if len(texts) > most else "")
