"""Where devices hang of which tables alone speak: most share that with others."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from auditor.assets.board import Row
from auditor.assets.place import Berth, Placer, Vlans
from auditor.assets.register import ROW_BITS, ROW_MASK
from auditor.model import Place, ReportedRow, like

Sign = tuple[Hashable, ...]


class Company(NamedTuple):
    """What devices share that the same tables have on the same ports and in the same VLANs.

    `deciding` are the places of those of their rows that decide what they are.
    """

    berth: Berth
    deciding: Sequence[int]


class Berths:
    """Places one MAC after the other, site by site; what many share is found once."""

    def __init__(self, placer: Placer) -> None:
        self._placer, self._board = placer, placer.board
        self._register = placer.board.register
        # Of one reporter a long list is several tables.
        reporters: dict[tuple[str, str], int] = {}
        self._columns = [
            (reporters.setdefault((by, table.name), len(reporters)), ports, table.cells("vlan"))
            for (by, table), ports in zip(self._register.tables, self._board.port_columns, strict=True)
        ]
        self._site = ""
        self._companies: dict[Sign, Company] = {}
        self._places: dict[tuple[Row, ...], tuple[Berth, str]] = {}

    def of(self, site: str, mac: str, numbers: Sequence[int]) -> tuple[Berth, tuple[ReportedRow, ...]]:
        """Return where a device hangs by the rows about its MAC, and which of them decide."""
        if site != self._site:
            self._site, self._companies, self._places = site, {}, {}
        sign = self._sign(numbers)
        is_singular = self._board.is_singular(site, mac)
        company = None if is_singular else self._companies.get(sign)
        if company is None:
            company, is_common = self._company(mac, numbers, is_singular=is_singular)
            if is_common:
                self._companies[sign] = company
        tables = self._register.tables
        rows = [numbers[at] for at in company.deciding]
        return company.berth, tuple([ReportedRow(*tables[row >> ROW_BITS], row & ROW_MASK) for row in rows])

    def _sign(self, numbers: Sequence[int]) -> Sign:
        """Return by which tables, on which ports and in which VLANs a MAC was learned."""
        sign: list[Hashable] = []
        for row in numbers:
            reporter, ports, vlans = self._columns[row >> ROW_BITS]
            at = row & ROW_MASK
            sign += (reporter, ports[at], vlans[at])
        return tuple(sign)

    def _company(self, mac: str, numbers: Sequence[int], *, is_singular: bool) -> tuple[Company, bool]:
        """Return where a MAC hangs, and whether the same holds of all with rows like these."""
        rows = tuple(sorted(self._board.ports(numbers)))
        tells_apart = is_singular or self._board.tells_apart(rows)
        berth = self._berth(mac, rows, numbers, tells_apart=tells_apart)
        deciding = self._board.deciding(numbers, berth.place)
        tables = {self._columns[row >> ROW_BITS][0] for row in numbers}
        is_common = len(tables) == len(numbers) and not tells_apart
        return Company(berth, [numbers.index(row) for row in deciding]), is_common

    def _berth(self, mac: str, rows: tuple[Row, ...], numbers: Sequence[int], *, tells_apart: bool) -> Berth:
        """Return the place of a MAC: that of others on the same ports, but for their VLANs."""
        vlans = Vlans((), numbers, self._register)
        if tells_apart:
            return self._placer.berth(mac, rows, vlans)
        if rows not in self._places:
            self._places[rows] = self._placer.berth(mac, rows, vlans), vlans.reporter
        berth, reporter = self._places[rows]
        vlan = vlans.of(reporter) if reporter else None
        return berth if berth.place is None else Berth(_in_vlan(berth.place, vlan), berth.uses)


def _in_vlan(place: Place, vlan: int | None) -> Place:
    return place if place.vlan == vlan else like(place, Place, vlan=vlan)
