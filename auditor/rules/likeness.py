"""What rules can tell of a device of which only rows of tables speak: its MAC's owner."""

from collections.abc import Hashable, Iterator

from auditor.model import TABLE_COLUMNS, CollectedAsset, HearsayList, ReportedRow
from auditor.rules.book import RuleBook
from auditor.rules.matcher import Registrants, matcher_of

Sign = tuple[Hashable, ...]


class Likeness:
    """Says which assets are alike to every rule and all judgement but for their MACs."""

    def __init__(self, book: RuleBook, registry: Registrants) -> None:
        self._matcher, self._registry = matcher_of(book), registry
        # Of what no rule reads only that it was said matters, of these the words as well.
        kinds = book.words.decides.union(*(rule.facts for rule in book.rules)) - self._matcher.mac_kinds
        self._verbatim = kinds | set(filter(self._matcher.looks_at_places, self._matcher.mac_kinds))

    def of(self, asset: CollectedAsset) -> Sign | None:
        """Return what assets that are judged alike have in common; None of a singular one."""
        hearsay = asset.hearsay
        if not isinstance(hearsay, HearsayList) or hearsay.plain or asset.serial:
            return None
        if asset.facts or asset.part_facts or asset.parts or len(asset.macs) != 1:
            return None
        rows = hearsay.rows
        # Of two rows of one table their places decide which comes first, and a place may hold the MAC.
        if len(rows) > 1 and len({(row.by, row.table.name) for row in rows}) < len(rows):
            return None
        for row in rows:
            if row.table.cell("text", row.at) != "":
                return None
        owner = self._matcher.owner_sign(asset.macs[0], self._registry)
        return (asset.site, owner, *(self._row(row) for row in rows))

    def _row(self, row: ReportedRow) -> Sign:
        return (row.by, row.table.name, *self._cells(row))

    def _cells(self, row: ReportedRow) -> Iterator[Hashable]:
        table, kinds = row.table, TABLE_COLUMNS[row.table.name]
        for column, cells in table.columns.items():
            value, kind = cells[row.at], kinds[column]
            if value is not None:
                yield kind
            if value is not None and kind in self._verbatim:
                yield value, table.where(row.at)
