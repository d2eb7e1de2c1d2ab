"""One order per thing: what a frozen type holds stands in it from birth."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

order = attrgetter("order")


def put_in_order(thing: object, *names: str, key: Callable[[Any], Any] | None = None) -> None:
    """Sort the tuples of a frozen thing that is being made."""
    for name in names:
        items = getattr(thing, name)
        if len(items) > 1:
            ordered = tuple(sorted(items, key=key))
            # A tuple in order stays the one it is: many things may have it in common.
            if type(items) is not tuple or any(one is not other for one, other in zip(items, ordered, strict=True)):
                object.__setattr__(thing, name, ordered)
