"""What others said of an asset; rows of tables stay rows until somebody looks at them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, overload

from auditor.model.fact import Fact
from auditor.model.order import order
from auditor.model.rows import NeighbourTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearsay:
    """What another asset said about this one: the fact and the key of its reporter."""

    by: str
    fact: Fact

    @property
    def order(self) -> tuple[str, ...]:
        """Return the sort key: by reporter, then by fact."""
        return (self.by, *self.fact.order)


class ReportedRow(NamedTuple):
    """One row of one table, and the key of its reporter."""

    by: str
    table: NeighbourTable
    at: int

    def statements(self) -> list[Hearsay]:
        """Return what the row says, fact by fact."""
        return [Hearsay(by=self.by, fact=fact) for fact in self.table.facts(self.at)]


class HearsayList(Sequence[Hearsay]):
    """What others said of one asset, in order and each once; `rows` are of their tables."""

    __slots__ = ("_rows", "plain")

    def __init__(self, plain: tuple[Hearsay, ...], rows: tuple[ReportedRow, ...]) -> None:
        # Of most devices one row speaks, which needs no tuple around it.
        self.plain, self._rows = plain, rows[0] if len(rows) == 1 else rows

    @property
    def rows(self) -> tuple[ReportedRow, ...]:
        """Return the rows of tables that speak of the asset."""
        return (self._rows,) if isinstance(self._rows, ReportedRow) else self._rows

    def _all(self) -> tuple[Hearsay, ...]:
        statements = [*self.plain, *(item for row in self.rows for item in row.statements())]
        return tuple(sorted(dict.fromkeys(statements), key=order))

    def __iter__(self) -> Iterator[Hearsay]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __bool__(self) -> bool:
        return bool(self.plain or self.rows)

    @overload
    def __getitem__(self, at: int) -> Hearsay: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Hearsay, ...]: ...
    def __getitem__(self, at: int | slice) -> Hearsay | tuple[Hearsay, ...]:
        return self._all()[at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._all() == tuple(other)

    def __hash__(self) -> int:
        return hash(self._all())

    def __repr__(self) -> str:
        return f"HearsayList({list(self)!r})"
