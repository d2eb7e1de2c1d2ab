"""Quick copies of frozen things: nothing is checked or sorted anew."""

from collections.abc import Callable
from dataclasses import fields
from itertools import repeat
from operator import attrgetter, call
from typing import Any, TypeVar

T = TypeVar("T")
_make, _set = object.__new__, object.__setattr__
# How to read all fields of a sort at once, and how to set each.
_readers: dict[type, tuple[Callable[[Any], tuple[Any, ...]], tuple[Callable[[Any, Any], None], ...]]] = {}


def like(thing: Any, sort: type[T], /, **changes: object) -> T:
    """Return what `thing` holds as a frozen, slotted dataclass, with other values.

    The new values must leave the order of its lists, and its sense, as they are.
    """
    if sort not in _readers:
        names = [field.name for field in fields(sort)]  # type: ignore[arg-type]  # any dataclass has fields
        _readers[sort] = attrgetter(*names), tuple(getattr(sort, name).__set__ for name in names)
    read, setters = _readers[sort]
    copy = _make(sort)
    for _ in map(call, setters, repeat(copy), read(thing)):
        pass
    for name, value in changes.items():
        _set(copy, name, value)
    return copy
