"""What answers change in a facts file: the same answers, kept in one place."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from auditor.paperwork.answer_names import AnswerNames
from auditor.paperwork.answers import Entry, FormAnswer, FormReading
from auditor.paperwork.facts import LISTED, NAMED, Facts, Values

# What tells an entry of a list from others of its sort; all of it where nothing does.
IDENTITY = {
    "custody": ("asset", "at", "step"),
    "cost": ("line_id",),
    "claim": ("claim_ref",),
    "invoice": ("invoice_ref", "asset"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One answer that was not there so before: of whom, which, what stood there, the cell."""

    level: str
    name: str
    key: str
    before: str
    after: str
    where: str


def apply_answers(reading: FormReading, names: AnswerNames, facts: Facts) -> tuple[Facts, tuple[Change, ...]]:
    """Return the answers of a facts file with those of tables in it, and what that changes.

    What is so already, in the file or beneath it (a stored removal, an inventory), changes nothing.
    """
    tables = {level: {name: dict(values) for name, values in getattr(facts, level).items()} for level in NAMED}
    filer = dict(facts.filer)
    changes = []
    for one in reading.answers:
        before = _before(one, names)
        if before != one.text:
            name = _spelling(one, names, facts)
            own = filer if one.level == "filer" else tables[one.level].setdefault(name, {})
            own[one.key] = one.text
            changes.append(_change(one, before))
    lists: dict[str, tuple[Values, ...]] = {}
    for level in LISTED:
        entries = [entry for entry in reading.entries if entry.level == level]
        lists[level], more_changes = _merge_lists(entries, getattr(facts, level), names)
        changes += more_changes
    more: dict[str, Any] = {**tables, **lists}
    return replace(facts, filer=filer, **more), tuple(changes)


def _change(one: FormAnswer, before: str) -> Change:
    return Change(level=one.level, name=one.name, key=one.key, before=before, after=one.text, where=one.where)


def _before(one: FormAnswer, names: AnswerNames) -> str:
    """Return what is answered at that very level today."""
    facts = names.inputs.facts
    if one.level == "filer":
        return facts.filer.get(one.key, "")
    table = names.answers(one.name) if one.level == "asset" else getattr(facts, one.level).get(one.name, {})
    return str(table.get(one.key, ""))


def _spelling(one: FormAnswer, names: AnswerNames, facts: Facts) -> str:
    """Return the name under which the file keeps an answer: where it stands, else the key."""
    if one.level != "asset":
        return one.name
    spellings = names.spellings(one.name)
    return next((name for name in spellings if one.key in facts.asset.get(name, {})), one.name)


def _merge_lists(
    entries: Iterable[Entry], before: Sequence[Values], names: AnswerNames
) -> tuple[tuple[Values, ...], list[Change]]:
    """Return the entries of a list with new ones, and what that changes.

    A new entry takes the place of an old one where what identifies it is that of no other; else both stand.
    """
    old = {_whole(values, names) for values in before}
    rows = {_whole(entry.values, names): entry for entry in entries}
    fresh = [entry for whole, entry in rows.items() if whole not in old]
    left = [values for values in before if _whole(values, names) not in rows]
    counts = Counter(_identity(entry.level, entry.values, names) for entry in fresh)
    level = fresh[0].level if fresh else ""
    olds = Counter(_identity(level, values, names) for values in left)
    places = {key: entry for entry in fresh if counts[key := _identity(level, entry.values, names)] == olds[key] == 1}
    merger, changes, at_places = list[Values](), list[Change](), set[int]()
    for values in before:
        is_gone = _whole(values, names) not in rows
        entry = places.pop(_identity(level, values, names), None) if is_gone else None
        merger.append(entry.values if entry else values)
        changes += [_list_change(entry, values)] if entry else []
        at_places |= {id(entry)}
    fresh = [entry for entry in fresh if id(entry) not in at_places]
    return (*merger, *(entry.values for entry in fresh)), [*changes, *(_list_change(entry, {}) for entry in fresh)]


def _list_change(entry: Entry, before: Values) -> Change:
    name, after = entry.values.get("asset", ""), _words(entry.values)
    return Change(level=entry.level, name=name, key=entry.level, before=_words(before), after=after, where=entry.where)


def _with_key(values: Values, names: AnswerNames) -> dict[str, str]:
    """Return an entry with its device by the key of a facts file."""
    devices = names.device(values.get("asset", ""))
    return {**values, **({"asset": devices[0]} if len(devices) == 1 else {})}


def _whole(values: Values, names: AnswerNames) -> tuple[object, ...]:
    return tuple(sorted(_with_key(values, names).items()))


def _identity(level: str, values: Values, names: AnswerNames) -> tuple[object, ...]:
    own = tuple(_with_key(values, names).get(key, "") for key in IDENTITY.get(level, ()))
    return own if own and all(own) else _whole(values, names)


def _words(values: Values) -> str:
    return "; ".join(f"{key} {text}" for key, text in values.items())
