"""A price list or catalogue that was filled in as a sheet of a workbook."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path

from auditor.errors import InputError
from auditor.imports.grids import ERROR, MERGED, UNCOMPUTED, Grid, grids, letters
from auditor.imports.source import SourceFile
from auditor.model import SAID_BY
from auditor.normal import one_line

BOOK = b"PK\x03\x04"
# What a sheet to fill in names before anybody wrote into it.
LEADS = frozenset({"kind", "maker", "model", "category"})
HEADER_ROWS = 40
_WRONG = {
    ERROR: "is an error; write the value itself",
    UNCOMPUTED: "is a formula nobody computed; open the workbook and save it",
    MERGED: "is merged over several columns; unmerge it",
}


def price_rows(path: Path, kind: str, columns: Collection[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield where each row of the sheet called `kind` stands, and its cells by column."""
    source = SourceFile(path=path, site="", at=datetime.now(UTC), warn=lambda _problem: None)
    sheets = list(grids(source))
    sheet = next((one for one in sheets if one.name.casefold() == kind), None)
    if sheet is None:
        names = ", ".join(one_line(one.name, 40) for one in sheets)
        raise InputError(f"has no sheet '{kind.capitalize()}'; it has {names}", where=str(path))
    top, titles = _titles(sheet, columns, path)
    for number, cells in sorted(sheet.rows.items()):
        row = {titles[index]: cell for index, cell in cells.items() if number > top and index in titles}
        for cell in row.values():
            if cell.sort in _WRONG:
                raise InputError(_WRONG[cell.sort], where=f"{path}: {sheet.name}!{cell.place}")
        if row:
            yield f"{path}: {sheet.name}!row {number}", {key: cell.text for key, cell in row.items()}


def _titles(sheet: Grid, columns: Collection[str], path: Path) -> tuple[int, dict[int, str]]:
    """Return the row of the header and its columns; an unknown title is an `InputError`."""
    for number in sorted(sheet.rows)[:HEADER_ROWS]:
        words = {index: cell.text.casefold().replace(" ", "_") for index, cell in sheet.rows[number].items()}
        if len(set(words.values()) & set(columns)) < 2:  # noqa: PLR2004 - one alone may be a title above the table
            continue
        for index, word in words.items():
            if word not in {*columns, SAID_BY}:
                where = f"{path}: {sheet.name}!{letters(index)}{number}"
                raise InputError(f"unknown column '{one_line(word, 60)}'; known: {', '.join(columns)}", where=where)
        return number, words
    raise InputError(f"names no columns; known: {', '.join(columns)}", where=f"{path}: {sheet.name}")
