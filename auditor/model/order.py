"""One order per thing: what a frozen type holds stands in it from birth."""

from collections.abc import Callable, Iterable
from itertools import pairwise, starmap
from operator import attrgetter, le
from typing import Any

order = attrgetter("order")
# From so many on it pays to see first whether they stand in order: that takes no list of all keys.
MANY = 1000


def put_in_order(thing: object, *names: str, key: Callable[[Any], Any] | None = None) -> None:
    """Sort the tuples of a frozen thing that is being made."""
    for name in names:
        items = getattr(thing, name)
        if len(items) > 1 and (len(items) < MANY or not is_in_order(items if key is None else map(key, items))):
            ordered = tuple(sorted(items, key=key))
            if ordered != items:  # what stands in order stays the tuple it is: many things may have it in common
                object.__setattr__(thing, name, ordered)


def is_in_order(keys: Iterable[Any]) -> bool:
    """Tell whether no key is smaller than the one before it."""
    return all(starmap(le, pairwise(keys)))
