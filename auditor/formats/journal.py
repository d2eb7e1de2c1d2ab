"""The journal format: one JSON object a line, as other programs rely on it."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice
from typing import Any, TypeVar

from auditor.errors import InputError
from auditor.formats import rows
from auditor.formats.fields import Field, Json, Shape, instant, items, moment, one, stamp, text, texts
from auditor.model import (
    TABLE_KINDS,
    EmptySweep,
    Fact,
    FactList,
    Observation,
    Reason,
    Record,
    Run,
    SweepNote,
    TableBuilder,
    Target,
    Unread,
)

__all__ = ["DEPTH", "FORMAT", "decode", "encode", "encode_run", "instant", "joined", "pieces", "stamp"]

FORMAT = 1
# Deeper than anybody writes, and shallow enough to be written and read again anywhere.
DEPTH = 100
_ALL = 2**128
T = TypeVar("T")
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|([\[{])|([\]}])')


def _names(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _number(value: object) -> int:
    return value if isinstance(value, int) and 0 <= value <= _ALL else 0


def unread(**values: Any) -> Unread:
    """Return a failure; a reason of another program's own stays in its detail."""
    word, detail = values.pop("reason"), values.pop("detail")
    try:
        return Unread(**values, reason=Reason(word), detail=detail)
    except ValueError:
        return Unread(**values, reason=Reason.PROTOCOL, detail=f"{word}: {detail}")


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


# What collectors of ours note beside the facts, and when it makes sense.
NOTES: dict[str, Callable[[object], bool]] = {
    "found": _are_texts,
    "swept": _are_texts,
    "cut": lambda value: value is True,
    "credential": lambda value: isinstance(value, str) and value != "",
}
# Rows of a table on a line of its own; a shorter one stays facts, which every program that reads journals knows.
LONG = 200
_BATCH = 1000
# The last line of the journal of a stored run, and how far into a line its type is looked for.
DEVICES = "devices"
LINE_START = 40
# A head with an odd count or list in it is no reason to refuse what follows it.
RUN = Shape(
    Run, text("id"), moment("started"), text("tool", ""), replace(texts("sites"), read=_names),
    Field(key="addresses", name="addresses", read=_number), replace(texts("scope"), read=_names),
)  # fmt: skip
TARGET = Shape(Target, text("address"), text("site", ""))
FACT = Shape(Fact, text("kind"), text("value"), text("where", ""), text("about", ""), own_keys=())
FAILURE = (text("collector"), moment("at"), text("reason"), text("detail", ""))


def _facts(values: object) -> FactList:
    """Return facts, those of tables as rows at once: there may be thousands."""
    builder, plain = TableBuilder(), []
    for at, value in enumerate(items(values)):
        if isinstance(value, dict) and value.keys() == _FACT_KEYS:
            texts = value["kind"], value["value"], value["where"], value["about"]
            if all(map(_is_plain, texts)) and texts[0] in TABLE_KINDS and builder.add(*texts):
                continue
        try:
            fact = FACT.part(value)
        except InputError as exc:
            raise exc.under(f"[{at}]") from None
        if fact.extra or not builder.add(fact.kind, fact.value, fact.where, fact.about):
            plain.append(fact)
    return FactList(tuple(plain), builder.tables())


def _is_plain(text: object) -> bool:
    return isinstance(text, str) and text.isascii()


_FACT_KEYS = {"kind", "value", "where", "about"}
FACTS = Field(key="facts", name="facts", absent=[], read=_facts, write=lambda facts: list(map(FACT.write, facts)))
OBSERVATION = Shape(
    Observation, one("target", TARGET), text("collector"), moment("at"), FACTS, own_keys=("type",),
)  # fmt: skip
UNREAD = Shape(unread, one("target", TARGET), *FAILURE, own_keys=("type",))
# Whoever read journals before these came passes over such a line.
EMPTY_SWEEP = Shape(
    EmptySweep, one("target", TARGET), text("collector"), moment("at"), texts("swept", name="ranges"),
    own_keys=("type",),
)  # fmt: skip


def encode(record: Record) -> str:
    """Return a record as a line without its newline; each long table is a line more.

    Keys of other programs stay in place.
    """
    return "".join(pieces(record))


def pieces(record: Record) -> Iterator[str]:
    """Yield what `encode` returns a part at a time: a device may say 200,000 things."""
    if isinstance(record, Unread):
        yield _line({"type": "unread"} | UNREAD.write(record))
        return
    if isinstance(record, EmptySweep):
        yield _line({"type": "sweep"} | EMPTY_SWEEP.write(record))
        return
    entry: Json = {"type": "observation"} | OBSERVATION.write(replace(record, facts=())) | _notes(record)
    head = {key: entry.pop(key) for key in ("type", "target", "collector", "at")}
    del entry["facts"]
    yield _line(head)[:-1] + ',"facts":['
    few = chain(record.plain, *(FactList((), (table,)) for table in record.tables if len(table) < LONG))
    yield from _batches(map(FACT.write, few))
    yield f"],{_line(entry)[1:]}" if entry else "]}"
    for table in record.tables:
        if len(table) >= LONG:
            keys, cells = rows.write(table)
            yield "\n" + _line(head | {"type": "table"} | keys)[: -len("]}")]
            yield from _batches(cells)
            yield "]}"


def _batches(entries: Iterable[object]) -> Iterator[str]:
    """Yield the text of a list without its brackets, many entries at a time."""
    mark, entries = "", iter(entries)
    while batch := list(islice(entries, _BATCH)):
        yield mark + _line(batch)[1:-1]
        mark = ","


def joined(records: Iterable[T]) -> Iterator[T | Observation]:
    """Yield records, each table with the observation it was written beside."""
    last: T | Observation | None = None
    for record in records:
        if isinstance(record, Observation) and isinstance(last, Observation) and _is_beside(record, last):
            last = replace(last, facts=FactList(last.plain, (*last.tables, *record.tables)))
            continue
        if last is not None:
            yield last
        last = record
    if last is not None:
        yield last


def _is_beside(table: Observation, observation: Observation) -> bool:
    """Tell whether a line that holds a table alone goes on with the observation before it."""
    alone = bool(table.tables) and not (table.plain or table.opened_by or table.sweep or table.extra)
    return alone and (table.target, table.collector, table.at) == (
        observation.target,
        observation.collector,
        observation.at,
    )


def _line(entry: Json | list[object]) -> str:
    line = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
    # A camera's JSON can spell half a surrogate pair; a journal that cannot be written would end the run.
    return line if line.isascii() else line.encode("utf-8", "replace").decode("utf-8")


def encode_run(run: Run) -> str:
    """Return the line that opens a journal."""
    line: Json = {"type": "run", "journal": FORMAT} | RUN.write(run)
    if not run.addresses:
        del line["addresses"], line["scope"]
    return _line(line)


def encode_devices(numbers: Mapping[str, str]) -> str:
    """Return the line that ends the journal of a stored run: each asset key's device number."""
    return _line({"type": DEVICES, "of": dict(sorted(numbers.items()))})


def decode_devices(line: str) -> dict[str, str] | None:
    """Return the device numbers a line records; None where it is of another type or broken."""
    if f'"type":"{DEVICES}"' not in line[:LINE_START].replace(" ", ""):
        return None
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    numbers = entry.get("of") if isinstance(entry, dict) else None
    if not isinstance(numbers, dict) or not all(isinstance(number, str) for number in numbers.values()):
        return None
    return dict(numbers)


def decode(line: str) -> Record | Run | None:
    """Return what a line says, or nothing of an unknown type; a broken one is an `InputError`."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as exc:
        raise InputError(f"not a JSON object: {exc}") from None
    if _depth(line) > DEPTH:
        raise InputError(f"is nested more than {DEPTH} deep")
    if not isinstance(entry, dict):
        raise InputError("not a JSON object")
    match entry.get("type"):
        case "run":
            return _run(entry)
        case "observation":
            if not isinstance(entry.get("facts"), list):
                raise InputError("must be a list", where="facts")
            return _observation(entry)
        case "unread":
            return UNREAD.read(entry)
        case "sweep":
            return EMPTY_SWEEP.read(entry)
        case "table":
            table = rows.read(entry)
            rest = {key: value for key, value in entry.items() if key not in rows.KEYS}
            return None if table is None else replace(OBSERVATION.read(rest), facts=FactList((), (table,)))
        case _:
            return None


def _notes(observation: Observation) -> Json:
    """Return the keys of collectors of ours, those without a value left out."""
    note = observation.sweep
    keys: Json = {} if note is None else {"found": note.collectors, "swept": note.ranges, "cut": note.cut}
    keys |= {"credential": observation.opened_by}
    return {key: value for key, value in keys.items() if value or key == "found"}


def _observation(entry: Json) -> Observation:
    """Return an observation; a note that makes no sense stays among the keys of other programs."""
    own: Json = {key: entry.pop(key) for key, makes_sense in NOTES.items() if makes_sense(entry.get(key))}
    observation = OBSERVATION.read(entry)
    if not own:
        return observation
    note = SweepNote(collectors=_names(own.get("found")), ranges=_names(own.get("swept")), cut=bool(own.get("cut")))
    return replace(observation, opened_by=str(own.pop("credential", "")), sweep=note if own else None)


def _run(entry: Json) -> Run:
    version = entry.get("journal", FORMAT)
    if version != FORMAT:
        raise InputError(f"journal format {version!r} is newer than {FORMAT}; update auditor", where="journal")
    return RUN.read(entry)


def _depth(line: str) -> int:
    """Return how deep a JSON text is nested; brackets within texts do not count."""
    # What closes before its neighbour opens nests no deeper; few lines have to be looked through.
    closed = sum(map(line.count, ("},{", "}, {", "],[", "], [")))
    if line.count("[") + line.count("{") - closed <= DEPTH:
        return 0
    level = deepest = 0
    for match in _BRACKETS.finditer(line):
        level += (match[1] is not None) - (match[2] is not None)
        deepest = max(deepest, level)
    return deepest
