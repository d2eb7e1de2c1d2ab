"""What answers change in a facts file: the same answers, kept in one place."""

from collections.abc import Iterable, Iterator, Mapping
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
    "invoice": ("invoice_ref",),
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
    lists = {level: tuple(_merge_lists(level, reading.entries, getattr(facts, level), names)) for level in LISTED}
    changes += [change for level in LISTED for change in _list_changes(level, reading.entries, facts, names)]
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
    level: str, entries: Iterable[Entry], before: Iterable[Values], names: AnswerNames
) -> Iterator[Values]:
    """Yield the entries of a list; an old one that is told anew stands in its new words."""
    keys = IDENTITY.get(level, ())
    new = {_identity(entry.values, keys, names): entry.values for entry in entries if entry.level == level}
    for values in before:
        other = new.pop(_identity(values, keys, names), values)
        yield values if _with_key(other, names) == _with_key(values, names) else other
    yield from new.values()


def _list_changes(level: str, entries: Iterable[Entry], facts: Facts, names: AnswerNames) -> Iterator[Change]:
    keys = IDENTITY.get(level, ())
    before = {_identity(values, keys, names): values for values in getattr(facts, level)}
    for entry in entries:
        if entry.level == level:
            old = before.get(_identity(entry.values, keys, names), {})
            if _with_key(old, names) != _with_key(entry.values, names):
                yield Change(
                    level=level, name=entry.values.get("asset", ""), key=level, before=_words(old),
                    after=_words(entry.values), where=entry.where,
                )  # fmt: skip


def _with_key(values: Values, names: AnswerNames) -> dict[str, str]:
    """Return an entry with its device by the key of a facts file."""
    devices = names.device(values.get("asset", ""))
    return {**values, **({"asset": devices[0]} if len(devices) == 1 else {})}


def _identity(values: Mapping[str, str], keys: Iterable[str], names: AnswerNames) -> tuple[object, ...]:
    entry = _with_key(values, names)
    own = tuple(entry.get(key, "") for key in keys)
    return own if own and all(own) else tuple(sorted(entry.items()))


def _words(values: Values) -> str:
    return "; ".join(f"{key} {text}" for key, text in values.items())
