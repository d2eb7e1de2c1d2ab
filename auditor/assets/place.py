"""Where an asset is plugged in: the nearest port that has it, how sure that is, and why."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import NamedTuple

from auditor import normal
from auditor.assets.board import NAMELESS, Row, Switchboard
from auditor.assets.claims import LINK_KINDS, NOBODY, Own, Stance
from auditor.assets.links import AGEING
from auditor.assets.register import Register
from auditor.model import Confidence, Hearsay, Place

# Where a switch does not say which VLAN a filtering database is of, its number of 32 bits stands for it.
VLAN_DIGITS = 10
NAMED = 3
UNMANAGED = "unmanaged switch or recorder"
# A camera may hang behind a phone that takes the power, so what takes it is left open.
_POWERED = " The port feeds power (PoE) to what is plugged in there."


class Berth(NamedTuple):
    """A place, and the sentence on a MAC that is alone on several ports, where it is open."""

    place: Place | None
    uses: tuple[str, ...] = ()


class Placer:
    """Places one asset after the other on a board; `carriers` has what each switch hangs on."""

    def __init__(self, board: Switchboard, carriers: Mapping[str, str] = MappingProxyType({})) -> None:
        self.board, self.carriers = board, carriers

    def place(
        self,
        key: str,
        macs: Collection[str],
        hearsay: Iterable[Hearsay],
        own: Own = NOBODY,
        numbers: Sequence[int] = (),
    ) -> Place | None:
        """Return the port an asset hangs on, or nothing where no table shows one.

        `own` is what a device that answered says of itself; a claim (LLDP, CDP) that says something else does not
        decide its place. `numbers` are the rows of the register about it, those of its own tables left out.
        """
        reports = [item for item in hearsay if item.by != key]
        rows = self._rows(reports, numbers)
        vlans = Vlans(reports, numbers, self.board.register)
        if key in self.board.bridges and (above := self.board.above(key)):
            where = self._switch(key, above, reports, vlans)
            return replace(where, carriers=(self.carriers.get(key, above[0].by),))
        claims, in_table = self._claims(reports, rows, own)
        if claims:
            return self._link(claims, rows, vlans, in_table=in_table)
        return self._terminal(reports) or self._from_tables(macs, rows, vlans)

    def berth(self, mac: str, rows: Sequence[Row], vlans: "Vlans") -> Berth:
        """Return the place of a device of whose MAC rows of tables alone speak."""
        place = self._from_tables((mac,), rows, vlans)
        is_open = place is not None and place.confidence is Confidence.LOW
        return Berth(place, self._uses(rows) if is_open else ())

    def _rows(self, reports: Iterable[Hearsay], numbers: Iterable[int]) -> list[Row]:
        odd = {self.board.row(item.by, item.fact.value) for item in reports if item.fact.kind == "fdb.port"}
        return sorted(odd | self.board.ports(numbers))

    def _switch(self, key: str, above: Sequence[Row], reports: Sequence[Hearsay], vlans: "Vlans") -> Place:
        """Return the port of the switch above one that was read, on the way to the gateway."""
        row = above[0]
        switch, port = self.board.names(row)
        hears = {self.board.row(one.by, one.fact.value) for one in reports if one.fact.kind in LINK_KINDS}
        how = "hears it over LLDP or CDP" if row in hears else "learned it, or what lies behind it,"
        text = f"{switch} {how} on {port}, which leads to it"
        if row not in hears and (unsure := self.board.unsure(row, key)):
            names = _few([self.board.name(one) for one in unsure])
            return self._place(row, vlans, Confidence.LOW, f"{text}, or to {names} first.", f"on or behind {names}")
        if also := _others(self.board, above, row):
            # A switch on two others hangs on both; one of two that nobody hears may be the way to the other.
            sure = Confidence.MEDIUM if hears.issuperset(above) else Confidence.LOW
            return self._place(row, vlans, sure, f"{text}; so does {also}.", f"or on {also}")
        return self._place(row, vlans, Confidence.HIGH, f"{text}.")

    def _claims(self, reports: Sequence[Hearsay], rows: Sequence[Row], own: Own) -> tuple[list[Hearsay], bool]:
        """Return the claims that decide the place, and whether tables bear them out."""
        claims = sorted(
            (item for item in reports if item.fact.kind in LINK_KINDS), key=lambda item: (item.by, item.fact.value)
        )
        weights = [(self._weight(item, reports, rows, own), item) for item in claims]
        best = min((weight for weight, _ in weights if weight is not None), default=None)
        return [item for weight, item in weights if weight is not None and weight == best], best == 0

    def _weight(self, item: Hearsay, reports: Iterable[Hearsay], rows: Sequence[Row], own: Own) -> int | None:
        """Return how little a claim of a device is worth, nothing where it cannot decide the place."""
        in_table = self.board.row(item.by, item.fact.value) in rows
        if own is NOBODY:
            return 0 if in_table else 1
        stance = own.stance(one.fact for one in reports if one.by == item.by and one.fact.about == item.fact.about)
        if stance is Stance.CONTRADICTS:
            return None
        if in_table:
            return 0
        alone = {row.by for row in rows if self.board.is_access(row)}
        if stance is Stance.AGREES:
            return None if item.by in alone else 1
        return None if alone or (stance is Stance.MIXED and rows) else 2

    def _link(self, claims: Sequence[Hearsay], rows: Sequence[Row], vlans: "Vlans", *, in_table: bool) -> Place:
        """Return the port of the first claim; sure where no other claim or access port differs."""
        item, ports = claims[0], dict.fromkeys(self.board.row(one.by, one.fact.value) for one in claims)
        row = next(iter(ports))
        alone = [one for one in rows if one not in ports and self.board.is_access(one)]
        confidence = Confidence.HIGH if in_table or not alone else Confidence.LOW
        carriers = {one.by for one in self.board.edges(list(ports))} or {row.by}
        if len(ports) > 1:
            confidence = min(confidence, Confidence.MEDIUM, key=list(reversed(Confidence)).index)
        switch, port = self.board.name(item.by), normal.one_line(item.fact.value)
        text = f"{switch} hears it over {LINK_KINDS[item.fact.kind]} on {port}, so it is the device at the other end."
        if confidence is Confidence.HIGH:
            return replace(self._place(row, vlans, confidence, text), port=port, carriers=tuple(carriers))
        others = _others(self.board, (*ports, *alone), row)
        text += f" It was heard or learned on {others} as well."
        where = self._place(row, vlans, confidence, text, f"also on {others}")
        return replace(where, port=port, carriers=tuple(carriers))

    def _terminal(self, reports: Iterable[Hearsay]) -> Place | None:
        """Return the PON port of the first line terminal that lists the asset's serial number."""
        lists = sorted({item.by for item in reports if item.fact.kind == "gpon.serial"})
        if not lists:
            return None
        by = lists[0]
        ports = sorted(item.fact.value for item in reports if item.by == by and item.fact.kind == "gpon.port")
        switch, port = self.board.name(by), normal.one_line(ports[0]) if ports else "PON"
        because = f"{switch} lists a terminal with this serial number" + (f" on PON port {port}" if ports else "")
        return Place(
            switch=switch,
            port=port,
            because=because + (", as others do." if len(lists) > 1 else "."),
            confidence=Confidence.HIGH if len(lists) == 1 else Confidence.LOW,
            behind=f"also on {_few([self.board.name(key) for key in lists[1:]])}" if len(lists) > 1 else "",
            carriers=(by,),
        )

    def _from_tables(self, macs: Collection[str], rows: Sequence[Row], vlans: "Vlans") -> Place | None:
        if not rows:
            return None
        edges = self.board.edges(rows)
        if len(edges) == 1:
            return self._edge(edges[0], macs, rows, vlans)
        if edges and self.board.face_each_other(edges):
            return self._between(edges, vlans)
        return self._conflict(edges or rows, macs, vlans)

    def _edge(self, row: Row, macs: Collection[str], rows: Sequence[Row], vlans: "Vlans") -> Place:
        """Return the one port left: alone there, behind a neighbour, or in silent company."""
        switch, port = self.board.names(row)
        others = self.board.others(row, macs)
        text = f"{switch} learned its MAC on {port}, {_company(others)}"
        further = f" {len(rows) - 1} more learned it further away." if len(rows) > 1 else ""
        if beyond := self.board.beyond(row):
            return self._lost(row, beyond, text, vlans)
        reason, behind = self._obstacle(row, macs, others)
        # A switch whose table has it would be among the rows.
        lacking = [key for key in self.board.perhaps(row) if key not in {one.by for one in rows}]
        if others and lacking and not self.board.is_edge(row):
            names = _few([self.board.name(key) for key in lacking])
            text += f"; the port may lead to {names}, whose table does not have it."
            return self._place(row, vlans, Confidence.LOW, text, f"on or behind {names}")
        if behind:
            where = self._place(row, vlans, Confidence.MEDIUM, f"{text}{reason}.{further}", behind)
            return replace(where, carriers=self._lister(row, macs) or self._announcer(row, macs))
        confidence, doubt = self._doubt(row, rows)
        reason = reason or ", and no LLDP or CDP neighbour there"
        return self._place(row, vlans, confidence, f"{text}{reason}.{further}", doubt)

    def _lost(self, row: Row, beyond: Sequence[str], text: str, vlans: "Vlans") -> Place:
        """Return the port that leads to switches whose tables do not have a device."""
        cut = [key for key in beyond if self.board.is_cut(key)]
        names = " or ".join(self.board.name(key) for key in (cut or beyond)[:NAMED])
        if cut:
            text += f"; the port leads to {names}, whose table was not read to its end."
            where = self._place(row, vlans, Confidence.MEDIUM, text, f"behind {names}")
            return replace(where, carriers=tuple(cut))
        text += f"; the port leads to {names}, whose table does not have it."
        return self._place(row, vlans, Confidence.LOW, text, f"on or behind {names}")

    def _obstacle(self, row: Row, macs: Collection[str], others: int) -> tuple[str, str]:
        """Return what stands between a port and a device on it, as a clause and in words."""
        if strangers := self.board.strangers(row, macs):
            return f"; {strangers[0]} announces itself there", f"behind {strangers[0]}"
        if self.board.is_aggregate(row) and others:
            between = "a switch that was not read"
            return f"; the port is an aggregate, so {between} stands between", f"behind {between}"
        return self._company(row, macs, others) if others else ("", "")

    def _company(self, row: Row, macs: Collection[str], others: int) -> tuple[str, str]:
        """Return what silent others on a port hang on: a recorder that was read, else nobody knows."""
        recorder = self.board.recorder(row)
        thing, reason = UNMANAGED, ", and nobody announces itself there"
        if recorder:
            own, cameras = self.board.bridges[recorder].macs, self.board.recorders[recorder]
            if own & set(macs) and not self.board.others(row, own | cameras):
                return ", all of cameras it lists", ""
            thing, reason = f"recorder {self.board.name(recorder)}", ", where a recorder was learned as well"
        port = " ".join(self.board.names(row))
        return reason, f"{thing} on {port}, {others + len(macs or (1,))} devices"

    def _lister(self, row: Row, macs: Collection[str]) -> tuple[str, ...]:
        """Return the key of the recorder on a port that lists a device behind itself."""
        recorder = self.board.recorder(row)
        return (recorder,) if recorder and set(macs) & self.board.recorders[recorder] else ()

    def _announcer(self, row: Row, macs: Collection[str] = (), name: str = "") -> tuple[str, ...]:
        """Return the key of what announces itself on a port, or else of its switch."""
        keys = [one.key for one in self.board.announcers(row, macs) if one.key and name in {"", one.name}]
        return tuple(keys[:1]) or (row.by,)

    def _doubt(self, row: Row, rows: Iterable[Row]) -> tuple[Confidence, str]:
        """Return what a table allows at most: older than others, or cut short, it never makes sure."""
        newer = self._of_one_age([one for one in rows if one != row] or [row])
        if self.board.at(newer[0].by) - self.board.at(row.by) > AGEING:
            sure = not self.board.is_cut(row.by) and self.board.bears_out(row, newer)
            return Confidence.MEDIUM if sure else Confidence.LOW, "by an older table"
        return (Confidence.MEDIUM, "by a table cut short") if self.board.is_cut(row.by) else (Confidence.HIGH, "")

    def _between(self, edges: Sequence[Row], vlans: "Vlans") -> Place:
        """Return the place between two switches that face each other: on an unread one."""
        upper = {row for one in edges for row in self.board.above(one.by)}
        row = min(
            edges, key=lambda one: (not self.board.strangers(one, ()), one not in upper, self.board.crowd(one), one)
        )
        words = " and ".join(f"{switch} {port}" for switch, port in map(self.board.names, edges[:NAMED]))
        behind, amid = self.board.strangers(row, ()), self.board.amid(edges)
        text = f"It hangs between {words}, which face each other"
        if behind:
            cut = [self.board.name(key) for key in amid if self.board.is_cut(key)][: NAMED - 1]
            text += f"; {behind[0]} announces itself there."
            text += f" The table of {' and '.join(cut)}, behind it, was not read to its end." if cut else ""
            where = self._place(row, vlans, Confidence.MEDIUM, text, f"behind {' or '.join((behind[0], *cut))}")
            return replace(where, carriers=self._announcer(row))
        if amid:
            return self._lost(row, amid, text, vlans)
        where = self._place(row, vlans, Confidence.MEDIUM, f"{text}.", f"between {words}")
        return replace(where, carriers=tuple({one.by for one in edges}))

    def _conflict(self, rows: Sequence[Row], macs: Collection[str], vlans: "Vlans") -> Place:
        """Return the newest of several places that exclude each other, and name the others."""
        named = [row for row in rows if set(self.board.strangers(row, macs)) - {NAMELESS}]
        # A switch may be behind any of these; a phone or an access point only where it is plugged in itself.
        behind = [row for row in named if self.board.is_edge(row)] or named
        busy = all(self.board.others(row, macs) > 0 for row in rows)
        if len(behind) == 1 and busy:
            name = min(set(self.board.strangers(behind[0], macs)) - {NAMELESS})
            switch, port = self.board.names(behind[0])
            because = f"{name}, which was not read, announces itself on {switch} {port}, and its MAC was learned there"
            where = self._place(
                behind[0],
                vlans,
                Confidence.MEDIUM,
                f"{because}; also on {_others(self.board, rows, behind[0])}.",
                f"behind {name}",
            )
            return replace(where, carriers=self._announcer(behind[0], macs, name))
        return self._newest(rows, macs, vlans)

    def _newest(self, rows: Sequence[Row], macs: Collection[str], vlans: "Vlans") -> Place:
        """Return the port of the newest table, of several of one age the least busy."""
        fresh = self._of_one_age(rows)
        row = min(
            fresh,
            key=lambda one: (
                self._age(one, fresh, macs),
                bool(self.board.strangers(one, macs)),
                self.board.is_uplink(one),
                self.board.crowd(one),
                one,
            ),
        )
        switch, port = self.board.names(row)
        text = f"{switch} learned its MAC on {port}, {_company(self.board.others(row, macs))}"
        others = _others(self.board, rows, row)
        if len(fresh) == 1:
            was = f"was on {others} by an older table"
            return self._place(row, vlans, Confidence.LOW, f"{text}; it {was}.", was)
        why = "neither leads to the other, so it has moved, or the MAC is used twice"
        return self._place(row, vlans, Confidence.LOW, f"{text}; also on {others}: {why}.", f"also on {others}")

    def _age(self, row: Row, rows: Iterable[Row], macs: Collection[str]) -> timedelta:
        """Return how old a row is; nothing unless all of these say so."""
        ages = {one: self.board.age(one, macs) for one in rows}
        return timedelta(0) if None in ages.values() else ages[row] or timedelta(0)

    def _of_one_age(self, rows: Sequence[Row]) -> list[Row]:
        newest = max(self.board.at(row.by) for row in rows)
        return [row for row in rows if newest - self.board.at(row.by) <= AGEING]

    def uses(self, key: str, hearsay: Iterable[Hearsay], numbers: Iterable[int] = ()) -> tuple[str, ...]:
        """Return the sentence on a MAC that is alone on several ports at one time."""
        return self._uses(self._rows((item for item in hearsay if item.by != key), numbers))

    def _uses(self, ports: Iterable[Row]) -> tuple[str, ...]:
        rows = [row for row in ports if self.board.is_access(row)]
        fresh = self._of_one_age(rows) if rows else []
        words = f"Its MAC was learned alone on {_others(self.board, fresh)}: it has moved, or several devices use it."
        return (words,) if len(fresh) > 1 else ()

    def _place(self, row: Row, vlans: "Vlans", confidence: Confidence, because: str, behind: str = "") -> Place:
        switch, port = self.board.names(row)
        feeds = row in self.board.power_ports
        return Place(
            switch=switch,
            port=port,
            vlan=vlans.of(row.by),
            because=because + self.board.members(row) + (_POWERED if feeds and confidence is Confidence.HIGH else ""),
            powered=feeds,
            confidence=confidence,
            behind=behind,
            carriers=(row.by,),
        )


class Vlans:
    """The VLANs in which each reporter learned an asset."""

    def __init__(self, reports: Sequence[Hearsay], numbers: Iterable[int], register: Register) -> None:
        self.reports, self.numbers, self.register = reports, numbers, register
        self.reporter = ""

    def of(self, reporter: str) -> int | None:
        """Return the lowest of them, for one that lists several; the last reporter is noted."""
        self.reporter = reporter
        facts = [item.fact for item in self.reports if item.by == reporter]
        rows = {fact.about for fact in facts if fact.kind == "fdb.port"}
        vlans = [fact.value for fact in facts if fact.kind == "fdb.vlan" and fact.about in rows]
        entries = map(self.register.entry, self.register.of(self.numbers, reporter))
        vlans += [table.cell("vlan", at) or "" for _, table, at in entries if table.cell("port", at) is not None]
        return min((int(vlan) for vlan in vlans if vlan.isdecimal() and len(vlan) <= VLAN_DIGITS), default=None)


def _company(others: int) -> str:
    if not others:
        return "with no other MAC on that port"
    return f"with {others} other MAC{'s' if others > 1 else ''} on that port"


def _others(board: Switchboard, rows: Sequence[Row], choice: Row | None = None) -> str:
    """Return the ports beside the one that was chosen, the first few of them by name."""
    others = [f"{switch} {port}" for switch, port in (board.names(row) for row in rows if row != choice)]
    return _few(others)


def _few(ports: Sequence[str]) -> str:
    more = f" and {len(ports) - NAMED} more" if len(ports) > NAMED else ""
    return ", ".join(ports[:NAMED]) + more
