"""Turns: what one collector reads at one device in one go; two are never mixed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from auditor.model import Record

Turn = list[Record]


def turn_key(record: Record) -> tuple[str, str, str]:
    """Return what the records of one turn have in common: collector, site and address."""
    return (record.collector, record.target.site, record.target.address)


@contextmanager
def turns(hand_on: Callable[[Turn], None]) -> Iterator[Callable[[Record], None]]:
    """Gather records into turns and hand on each whole, the last one however the block ends."""
    turn: Turn = []

    def flush() -> None:
        whole = turn.copy()
        turn.clear()
        if whole:
            hand_on(whole)

    def add(record: Record) -> None:
        if turn and turn_key(record) != turn_key(turn[0]):
            flush()
        turn.append(record)

    try:
        yield add
    finally:
        flush()
