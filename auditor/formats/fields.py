"""How a frozen type stands in JSON: one table of fields, written and read from it.

A complaint is an `InputError` whose breadcrumb leads to the bad key: `assets[3].findings[1].verdict`.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import IntEnum, StrEnum
from itertools import count
from json.encoder import encode_basestring
from operator import attrgetter
from typing import Any, Generic, TypeAlias, TypeVar

from auditor.errors import InputError

Json: TypeAlias = dict[str, object]
T = TypeVar("T")
# JSON escapes C0 itself; these would still reach a terminal, or could not be written as UTF-8 at all.
_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
E = TypeVar("E", bound=IntEnum)
# Stands around the number of a long text; no JSON holds it, which escapes control characters.
MARK = "\0"
_WORDS = {None: "null", True: "true", False: "false"}


# What is written is a tree: looking for circles takes a quarter of the time.
_COMPACT: Any = {"sort_keys": True, "separators": (",", ":"), "check_circular": False}
_encode = json.JSONEncoder(ensure_ascii=False, **_COMPACT).encode
_encode_ascii = json.JSONEncoder(**_COMPACT).encode


def dump(value: object, *, indent: int | None = None) -> str:
    """Return JSON, keys sorted, without control, bidirectional or lone surrogate characters."""
    if indent is None:
        return _safe(_encode(value))
    return _safe(json.dumps(value, ensure_ascii=False, sort_keys=True, indent=indent, separators=(",", ": ")))


def _safe(text: str) -> str:
    # Most texts are ASCII, which is known at once and need not be searched.
    is_safe = text.isascii() and "\x7f" not in text
    return text if is_safe else _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def literal(value: object) -> str:
    """Return the JSON of a value that is mostly a text or a number."""
    if isinstance(value, str):
        return _safe(encode_basestring(value)) if value else '""'
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    return str(value) if type(value) is int else dump(value)


def all_literal(values: Sequence[str]) -> str:
    """Return the JSON of a list of texts, most of which are empty."""
    return f"[{','.join(map(literal, values))}]" if values else "[]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A key of an object and its attribute; `absent` is what a missing key stands for, in JSON.

    Without a `key` the value's own keys stand among its parent's; without a `name` an object holds attributes of its
    parent. `text` is what `dump` makes of what is written, where that can be had quicker: of a value whose keys stand
    among its parent's, the text by key.
    """

    key: str
    name: str
    read: Callable[[Any], Any]
    write: Callable[[Any], Any] | None = None
    absent: object = None
    text: Callable[[Any], Any] | None = None

    def text_of(self, value: object) -> str:
        """Return the JSON of a value."""
        if self.text is not None:
            text: str = self.text(value)
            return text
        return literal(value if self.write is None else self.write(value))

    def texts_of(self, value: object) -> dict[str, str]:
        """Return the JSON of a value by its own keys."""
        if self.text is not None:
            texts: dict[str, str] = self.text(value)
            return texts
        written = {} if self.write is None else self.write(value)
        return {key: dump(part) for key, part in written.items()}


class Shape(Generic[T]):
    """A type and its fields; with `own_keys`, all other keys are kept in `extra`."""

    def __init__(self, make: Callable[..., T], *fields: Field, own_keys: Iterable[str] | None = None) -> None:
        plain = [field for field in fields if field.key and field.name]
        self._make, self._special = make, [field for field in fields if field not in plain]
        self._readers = [(field.name, field.key, field.read, field.absent) for field in plain]
        self._writers = [(field.key, field.write) for field in plain if field.write is not None]
        self._keys = [field.key for field in plain]
        self._texts = [field.text or (literal if field.write is None else field.text_of) for field in plain]
        self._orders: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        # A getter of a single attribute would give no tuple.
        self._get = attrgetter(*(field.name for field in plain), "__class__")
        self._own_keys = None if own_keys is None else {*own_keys, *(field.key for field in fields)}

    def write(self, thing: T) -> Json:
        """Return the object that stands for a thing."""
        line: Json = dict(zip(self._keys, self._get(thing), strict=False))
        for key, write in self._writers:
            line[key] = write(line[key])
        for field in self._special:
            assert field.write is not None  # noqa: S101 - `inline` and `group` always write
            line |= field.write(getattr(thing, field.name)) if field.name else {field.key: field.write(thing)}
        extra = "" if self._own_keys is None else thing.extra  # type: ignore[attr-defined]
        return line | json.loads(extra) if extra else line

    def text(self, thing: T) -> str:
        """Return the JSON that stands for a thing: what `dump` makes of `write`."""
        return "".join(self.pieces(thing))

    def pieces(self, thing: T) -> Iterator[str]:
        """Yield that JSON in pieces, what many things have in common as the same text each time."""
        yield from _LONG.pieces(lambda: self.brief(thing))

    def brief(self, thing: T) -> str:
        """Return that JSON with numbers between marks where long texts stand."""
        if self._own_keys is not None and thing.extra:  # type: ignore[attr-defined]
            return dump(self.write(thing))
        texts = self.texts(thing)
        keys = tuple(texts)
        if keys not in self._orders:
            self._orders[keys] = [(f'"{key}":', key) for key in sorted(keys)]
        return "{" + ",".join([mark + texts[key] for mark, key in self._orders[keys]]) + "}"

    def texts(self, thing: T) -> dict[str, str]:
        """Return the JSON of each of its keys."""
        texts = {key: text(value) for key, text, value in zip(self._keys, self._texts, self._get(thing), strict=False)}
        for field in self._special:
            if field.name:
                texts |= field.texts_of(getattr(thing, field.name))
            else:
                texts[field.key] = field.text_of(thing)
        return texts

    def read(self, values: object) -> T:
        """Return what a whole document or line stands for."""
        try:
            return self.part(values)
        except InputError as exc:
            raise InputError(exc.problem, where=exc.where.removeprefix(".")) from None

    def part(self, values: object) -> T:
        """Return what an object inside another stands for; a breadcrumb begins with a dot."""
        entry = _object(values)
        values_by_name: dict[str, Any] = {}
        for name, key, read, absent in self._readers:
            try:
                values_by_name[name] = read(entry.get(key, absent))
            except InputError as exc:
                raise exc.under(f".{key}") from None
        for field in self._special:
            if field.name:
                values_by_name[field.name] = field.read(entry)
            else:
                values_by_name |= _at(".{}", field.key, field.read, entry.get(field.key, field.absent))
        if self._own_keys is not None:
            values_by_name["extra"] = _rest(entry, self._own_keys)
        try:
            return self._make(**values_by_name)
        except ValueError as exc:
            raise InputError(str(exc)) from None


def _at(place: str, key: object, read: Callable[[Any], T], value: object) -> T:
    """Read a value; a complaint names the place it stands at."""
    try:
        return read(value)
    except InputError as exc:
        raise exc.under(place.format(key)) from None


def _rest(values: Mapping[str, object], own: Iterable[str]) -> str:
    left = {key: value for key, value in values.items() if key not in own}
    return canonical(left) if left else ""


def canonical(value: object) -> str:
    """Return JSON in ASCII, keys sorted, without spaces: the same text for equal values."""
    return _encode_ascii(value)


def text(key: str, absent: str | None = None, *, name: str = "") -> Field:
    """Hold text without halves of surrogate pairs, which UTF-8 cannot hold."""
    return Field(key=key, name=name or key, read=_text, absent=absent)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise InputError("is missing" if value is None else f"must be text, not {value!r:.40}")
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def texts(key: str, *, name: str = "") -> Field:
    """Hold a list of texts."""
    return Field(key=key, name=name or key, read=_texts, write=list, absent=[], text=all_literal)


def _texts(value: object) -> tuple[str, ...]:
    if not all(isinstance(item, str) for item in items(value)):
        raise InputError("must hold texts only")
    return tuple(map(_text, items(value)))


def items(value: object) -> list[object]:
    """Return a list that stands in JSON; anything else is an `InputError`."""
    if not isinstance(value, list):
        raise InputError("must be a list")
    return value


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise InputError("must be an object")
    return value


def flag(key: str, *, absent: bool = False, name: str = "") -> Field:
    """Hold true or false."""
    return Field(key=key, name=name or key, read=lambda value: value is True, absent=absent)


def word(key: str, kind: type[StrEnum], absent: str | None = None) -> Field:
    """Hold a member of an enum of words."""
    return Field(key=key, name=key, read=lambda value: _parse_word(value, kind), absent=absent)


def level(key: str, kind: type[E], absent: str | None = None) -> Field:
    """Hold a member of an ordered enum by its name."""
    names = {one: one.name.lower() for one in kind}
    levels = {name: one for one, name in names.items()}
    return Field(
        key=key,
        name=key,
        read=lambda value: _parse_word(value, levels.__getitem__),
        write=names.__getitem__,
        absent=absent,
    )


def day(key: str) -> Field:
    """Hold a date."""
    return Field(key=key, name=key, read=lambda value: _parse_word(value, date.fromisoformat), write=date.isoformat)


def moment(key: str) -> Field:
    """Hold a time in UTC."""
    like = "; write a time such as 2026-11-21T05:00:00Z"
    return Field(key=key, name=key, read=lambda value: _parse_word(value, instant, like), write=stamp)


def _parse_word(value: object, parse: Callable[[str], T], like: str = "") -> T:
    value_text = _text(value)
    try:
        return parse(value_text)
    except (ValueError, KeyError):
        raise InputError(f"{value_text!r:.40} is not understood{like}") from None


def instant(text: str) -> datetime:
    """Return an RFC 3339 time as UTC, also without offset; anything else is a `ValueError`."""
    moment = datetime.fromisoformat(text)
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text} lies outside the years 1 to 9999 in UTC") from None


def stamp(moment: datetime) -> str:
    """Return `2026-11-21T05:00:03Z`; fractions only where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


class _LongTexts:
    """Long texts by their numbers, each kept at least until whatever it stands in is written."""

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}
        self._memories: list[tuple[dict[int, tuple[object, str]], int]] = []
        self._numbers = count()
        self._depth = 0

    def add(self, text: str) -> str:
        """Keep a text; return its number between marks, which stands for it."""
        number = next(self._numbers)
        self._texts[number] = text
        return f"{MARK}{number}{MARK}"

    def bound(self, memory: dict[int, tuple[object, str]], size: int) -> None:
        """Let go of the oldest of a memory beyond its size, once nothing is being written."""
        self._memories.append((memory, size))

    def pieces(self, write: Callable[[], str]) -> list[str]:
        """Return what is written in pieces, each number replaced by its text."""
        self._depth += 1
        try:
            pieces = write().split(MARK)
            pieces[1::2] = [self._texts[int(number)] for number in pieces[1::2]]
        finally:
            self._depth -= 1
        if not self._depth:
            self._forget()
        return pieces

    def _forget(self) -> None:
        for memory, size in self._memories:
            while len(memory) > size:
                _, mark = memory.pop(next(iter(memory)))
                self._texts.pop(int(mark.strip(MARK)), None)


_LONG = _LongTexts()


def for_many(field: Field, size: int, *, is_long: bool = False) -> Field:
    """Have a field remember the JSON of its last values, which many things have in common.

    What is long stands in no other text but by its number.
    """
    texts: dict[int, tuple[object, str]] = {}
    if is_long:
        _LONG.bound(texts, size)

    def text_of(value: object) -> str:
        memory = texts.get(id(value))
        if memory is None or memory[0] is not value:
            text = field.text_of(value)
            memory = texts[id(value)] = value, _LONG.add(text) if is_long else text
            if len(texts) > size and not is_long:
                texts.pop(next(iter(texts)))
        return memory[1]

    return replace(field, text=text_of)


def maybe(field: Field) -> Field:
    """Hold what another field holds, or null."""
    read, write = field.read, field.write
    return replace(
        field, absent=None,
        read=lambda value: None if value is None else read(value),
        write=write and (lambda value: None if value is None else write(value)),
        text=lambda value: "null" if value is None else field.text_of(value),
    )  # fmt: skip


def pairs(key: str, one: Field) -> Field:
    """Hold named values as an object; they are pairs in the order of their names."""
    write = one.write
    return Field(
        key=key, name=key, absent={},
        write=dict if write is None else lambda values: {name: write(value) for name, value in values},
        read=lambda values: tuple((name, _at(".{}", name, one.read, values[name])) for name in sorted(_object(values))),
    )  # fmt: skip


def one(key: str, shape: Shape[T], *, name: str = "") -> Field:
    """Hold an object."""
    return Field(key=key, name=name or key, read=shape.part, write=shape.write, absent={}, text=shape.brief)


def many(key: str, shape: Shape[T], *, name: str = "", first: int = 1) -> Field:
    """Hold a list of objects; breadcrumbs count from `first`."""
    return Field(
        key=key, name=name or key, write=lambda things: list(map(shape.write, things)), absent=[],
        read=lambda values: tuple(_at("[{}]", at, shape.part, value) for at, value in enumerate(items(values), first)),
        text=lambda things: f"[{','.join(map(shape.brief, things))}]" if things else "[]",
    )  # fmt: skip


def inline(name: str, shape: Shape[T]) -> Field:
    """Hold an object whose keys stand among those of its parent."""
    return Field(key="", name=name, read=shape.part, write=shape.write, text=shape.texts)


def group(key: str, *fields: Field) -> Field:
    """Hold attributes of the parent in an object of their own."""
    shape: Shape[dict[str, Any]] = Shape(dict, *fields)
    return Field(key=key, name="", read=shape.part, write=shape.write, absent={})
