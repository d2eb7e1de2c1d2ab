"""Quick copies of frozen things: nothing is checked or sorted anew."""

from collections.abc import Callable
from dataclasses import fields
from itertools import repeat
from operator import attrgetter, call
from typing import Any, TypeVar

T = TypeVar("T")
_make = object.__new__
Setters = tuple[Callable[[Any, Any], None], ...]
# By sort and changes: how to read at once the fields that stay, and how to set these, then the others.
_plans: dict[tuple[object, ...], tuple[Callable[[Any], tuple[Any, ...]], Setters]] = {}


def like(thing: Any, sort: type[T], /, **changes: object) -> T:
    """Return what `thing` holds as a frozen, slotted dataclass, with other values.

    The new values must leave the order of its lists, and its sense, as they are.
    """
    key = (sort, *changes)
    if key not in _plans:
        names = [field.name for field in fields(sort) if field.name not in changes]  # type: ignore[arg-type]  # any dataclass
        setters = tuple(getattr(sort, name).__set__ for name in (*names, *changes))
        # A getter of a single attribute would give no tuple.
        _plans[key] = attrgetter(*names, "__class__"), setters
    read, setters = _plans[key]
    copy = _make(sort)
    for _ in map(call, setters, repeat(copy), (*read(thing)[:-1], *changes.values())):
        pass
    return copy
