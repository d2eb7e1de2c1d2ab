"""Turns: what one collector reads at one device in one go; two are never mixed."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from auditor.model import Record

Turn = list[Record]


def turn_key(record: Record) -> tuple[str, str, str]:
    """Return what the records of one turn have in common: collector, site and address."""
    return (record.collector, record.target.site, record.target.address)


class Turns:
    """Gathers records into turns and hands on each whole, the last one however the block ends."""

    def __init__(self, hand_on: Callable[[Turn], None]) -> None:
        self._hand_on = hand_on
        self._turn: Turn = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _exc: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._flush()

    def add(self, record: Record) -> None:
        """Take one record; where it begins another turn, the one before is handed on."""
        if self._turn and turn_key(record) != turn_key(self._turn[0]):
            self._flush()
        self._turn.append(record)

    def _flush(self) -> None:
        turn, self._turn = self._turn, []
        if turn:
            self._hand_on(turn)
