"""Facts out of the cells of one row of a table."""

from collections.abc import Iterator

from auditor.model import About, Fact, Kind


def cell_facts(where: str, about: About, *cells: tuple[Kind, str]) -> Iterator[Fact]:
    """Yield a fact for each cell that holds something."""
    return (Fact(kind=kind, value=value, where=where, about=about) for kind, value in cells if value)
