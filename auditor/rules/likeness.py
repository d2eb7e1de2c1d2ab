"""What rules can tell of a device of which only rows of tables speak: its MAC's owner."""

from collections.abc import Container, Hashable

from auditor.model import TABLE_COLUMNS, Asset, HearsayList, NeighbourTable
from auditor.rules.book import RuleBook
from auditor.rules.matcher import Registrants, matcher_of

Sign = tuple[Hashable, ...]


class Likeness:
    """Says which assets are alike to every rule and all judgement but for their MACs."""

    def __init__(self, book: RuleBook, registry: Registrants) -> None:
        self._matcher, self._registry = matcher_of(book), registry
        self._tables: dict[int, _TableLikeness] = {}
        # Of what no rule reads only that it was said matters, of these the words as well.
        kinds = book.words.decides.union(*(rule.facts for rule in book.rules)) - self._matcher.mac_kinds
        self._verbatim = kinds | set(filter(self._matcher.looks_at_places, self._matcher.mac_kinds))

    def of(self, asset: Asset) -> Sign | None:
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
        owner = self._matcher.owner_sign(asset.macs[0], self._registry)
        sign: list[Hashable] = [asset.site, owner]
        for by, table, at in rows:
            likeness = self._likeness(table)
            if likeness.texts is not None and likeness.texts[at] != "":
                return None
            sign += (by, likeness.plain or likeness.of(at))
        return tuple(sign)

    def _likeness(self, table: NeighbourTable) -> "_TableLikeness":
        likeness = self._tables.get(id(table))
        if likeness is None or likeness.table is not table:
            likeness = self._tables[id(table)] = _TableLikeness(table, self._verbatim)
        return likeness


class _TableLikeness:
    """What the rows of one table say to rules beside their MACs: `plain` where all say the same."""

    def __init__(self, table: NeighbourTable, verbatim: Container[str]) -> None:
        self.table = table
        kinds = TABLE_COLUMNS[table.name]
        texts = table.columns.get("text", (None,))
        self.texts = None if all(cell == "" for cell in texts) else table.cells("text")
        self._columns = [(cells, kinds[name], kinds[name] in verbatim) for name, cells in table.columns.items()]
        is_plain = not any(word or None in cells for cells, _, word in self._columns)
        self.plain: Sign = (table.name, *(kind for _, kind, _ in self._columns)) if is_plain else ()

    def of(self, at: int) -> Sign:
        """Return what one row says."""
        words = [(cells[at], kind, word) for cells, kind, word in self._columns if cells[at] is not None]
        return (
            self.table.name,
            *((kind, value, self.table.where(at)) if word else kind for value, kind, word in words),
        )
