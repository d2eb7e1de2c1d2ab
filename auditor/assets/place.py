"""Where an asset is plugged in: the edge port among those that learned its MAC, and why."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from auditor import normal
from auditor.assets.claims import LINK_KINDS, NOBODY, Own, Stance
from auditor.model import About, Fact, Hearsay, Place

_AGGREGATE = re.compile(
    r"(?:Po|Port-?channel|Eth-Trunk|Bridge-Aggregation|BAGG|smartgroup|ae|bond|trk|lag)[ _-]?\d", re.IGNORECASE
)
MANY_MEMBERS = 8
VLAN_DIGITS = (
    10  # where a switch does not say which VLAN a filtering database is of, its number of 32 bits stands for it
)
# A camera may hang behind a phone that takes the power, so what takes it is left open.
_POWERED = " The port feeds power (PoE) to what is plugged in there."
_PORT_NUMBER = re.compile(r"\d+(?:/\d+)*\Z")


class LearnedPort(NamedTuple):
    """A port one MAC was learned on, in the order in which ports are preferred."""

    uplink: bool
    crowd: int
    by: str
    port: str
    about: About


@dataclass(frozen=True, slots=True, kw_only=True)
class Switchboard:
    """What all reporters know of their ports: MACs learned there, which lead to a device.

    `bundles` are the members of each aggregate, `powered` the ports that feed power to what hangs on them.
    """

    names: dict[str, str]
    crowd: dict[tuple[str, str], int]
    links: set[tuple[str, str]]
    bundles: dict[tuple[str, str], tuple[str, ...]]
    powered_ports: set[tuple[str, str]]

    @classmethod
    def of(cls, boxes: Iterable[tuple[str, str, Iterable[Fact]]]) -> "Switchboard":
        """Build the board from (key, name, facts) of every asset that was read."""
        names: dict[str, str] = {}
        crowd: dict[tuple[str, str], set[str]] = {}
        links: set[tuple[str, str]] = set()
        bundles: dict[tuple[str, str], list[str]] = {}
        feeding: set[tuple[str, str]] = set()
        for key, name, facts in boxes:
            names[key] = name
            for fact in facts:
                if fact.kind == "fdb.port":
                    # A MAC that SNMP and the command line show, or two VLANs, is one device all the same.
                    crowd.setdefault((key, fact.value), set()).add(fact.about)
                elif fact.kind in LINK_KINDS:
                    links.add((key, fact.value))
                elif fact.kind == "lag.member":
                    bundles.setdefault((key, fact.where), []).append(fact.value)
                elif fact.kind == "poe.port":
                    feeding.add((key, fact.value))
        # LLDP runs on the members of an aggregate, forwarding tables name the aggregate: it leads where any of them
        # does.
        links |= {at for at, members in bundles.items() if any((at[0], member) in links for member in members)}
        return cls(
            names=names,
            crowd={at: len(macs) for at, macs in crowd.items()},
            links=links,
            bundles={at: tuple(sorted(members)[:MANY_MEMBERS]) for at, members in bundles.items()},
            powered_ports=feeding,
        )

    def place(self, key: str, statements: Iterable[Hearsay], own: Own = NOBODY) -> Place | None:
        """Return the port an asset hangs on, or nothing where no table shows one.

        `own` is what a device that answered says of itself; a claim (LLDP, CDP) that says something else does not
        decide its place.
        """
        reports = [item for item in statements if item.by != key]
        ports = self._ports(reports)
        if claim := self._claim(reports, ports, own):
            return self._by_link(claim, reports)
        return self._behind(reports) or self._by_table(reports, ports)

    def _claim(self, reports: Sequence[Hearsay], ports: Sequence[LearnedPort], own: Own) -> Hearsay | None:
        """Return the claim that decides the place: borne out by tables before agreeing words."""
        claims = sorted(
            (item for item in reports if item.fact.kind in LINK_KINDS), key=lambda item: (item.by, item.fact.value)
        )
        if own is NOBODY:
            return next(iter(claims), None)
        order = [(self._weight(item, reports, ports, own), item) for item in claims]
        able = [(weight, item) for weight, item in order if weight is not None]
        return min(able, key=lambda pair: pair[0])[1] if able else None

    def _weight(self, item: Hearsay, reports: Iterable[Hearsay], ports: Sequence[LearnedPort], own: Own) -> int | None:
        """Return how little a claim is worth (0 is most), None where it decides no place."""
        stance = own.stance(one.fact for one in reports if one.by == item.by and one.fact.about == item.fact.about)
        if stance is Stance.CONTRADICTS:
            return None
        if any(self._is_port(row, item) for row in ports):
            return 0
        alone = {row.by for row in ports if row.crowd == 1 and not row.uplink}
        if stance is Stance.AGREES:
            return None if item.by in alone else 1
        return None if alone or (stance is Stance.MIXED and ports) else 2

    def _is_port(self, row: LearnedPort, item: Hearsay) -> bool:
        """Tell whether a MAC was learned on a claim's port, however spelled, or its aggregate."""
        ports = (row.port, *self.bundles.get((row.by, row.port), ()))
        return row.by == item.by and any(_spelled_alike(port, item.fact.value) for port in ports)

    def _behind(self, reports: list[Hearsay]) -> Place | None:
        """Return the PON port of the first line terminal that lists the asset's serial number."""
        lists = sorted({item.by for item in reports if item.fact.kind == "gpon.serial"})
        if not lists:
            return None
        by = lists[0]
        ports = sorted(item.fact.value for item in reports if item.by == by and item.fact.kind == "gpon.port")
        switch, port = self.names.get(by, by), normal.one_line(ports[0]) if ports else "PON"
        because = f"{switch} lists a terminal with this serial number" + (f" on PON port {port}" if ports else "")
        return Place(switch=switch, port=port, because=because + (", as others do." if len(lists) > 1 else "."))

    def _by_link(self, item: Hearsay, reports: Iterable[Hearsay]) -> Place:
        subjects = {one.fact.about for one in reports if one.by == item.by and one.fact.kind == "fdb.port"}
        vlans = [
            one.fact.value
            for one in reports
            if one.by == item.by and one.fact.about in subjects and one.fact.kind == "fdb.vlan"
        ]
        switch, port = self.names.get(item.by, item.by), normal.one_line(item.fact.value)
        protocol = LINK_KINDS[item.fact.kind]
        return Place(
            switch=switch,
            port=port,
            vlan=_lowest(vlans),
            because=f"{switch} hears it over {protocol} on {port}, so it is the device at the other end."
            + (_POWERED if (item.by, item.fact.value) in self.powered_ports else ""),
            powered=(item.by, item.fact.value) in self.powered_ports,
        )

    def _leads_on(self, at: tuple[str, str]) -> bool:
        """Tell whether a port leads to another device: announced there, or an aggregate."""
        aggregate = at in self.bundles or _AGGREGATE.match(at[1].strip()) is not None
        return at in self.links or (aggregate and self.crowd.get(at, 1) > 1)

    def _ports(self, reports: Iterable[Hearsay]) -> list[LearnedPort]:
        """Return the ports its MAC was learned on, edge ports first, then by fewest MACs."""
        return sorted(
            {
                LearnedPort(
                    uplink=self._leads_on((item.by, item.fact.value)),
                    crowd=self.crowd.get((item.by, item.fact.value), 1),
                    by=item.by,
                    port=item.fact.value,
                    about=item.fact.about,
                )
                for item in reports
                if item.fact.kind == "fdb.port"
            }
        )

    def _by_table(self, reports: Iterable[Hearsay], ports: Sequence[LearnedPort]) -> Place | None:
        if not ports:
            return None
        vlans = {(item.by, item.fact.about): item.fact.value for item in reports if item.fact.kind == "fdb.vlan"}
        row = ports[0]
        switch, port = self.names.get(row.by, row.by), normal.one_line(row.port)
        return Place(
            switch=switch,
            port=port,
            vlan=_lowest([vlans.get((row.by, row.about), "")]),
            because=_because(switch, port, row.crowd, row.uplink, len(ports))
            + self._port(row.by, row.port, alone=row.crowd == 1 and not row.uplink),
            powered=(row.by, row.port) in self.powered_ports,
        )

    def _port(self, by: str, port: str, *, alone: bool) -> str:
        """Return what else is known of a port: its bundle, whether it feeds power."""
        if members := self.bundles.get((by, port)):
            return f" The port bundles {' and '.join(map(normal.one_line, members))}."
        return _POWERED if alone and (by, port) in self.powered_ports else ""


def _spelled_alike(one: str, other: str) -> bool:
    """Tell whether two names may be one port: `Gi1/0/1` and `GigabitEthernet1/0/1`."""
    mine, theirs = one.strip().casefold(), other.strip().casefold()
    numbers = [_PORT_NUMBER.search(mine), _PORT_NUMBER.search(theirs)]
    alike = None not in numbers and len({number[0] for number in numbers if number}) == 1
    return mine == theirs or (alike and mine[:1] == theirs[:1])


def _lowest(vlans: Iterable[str]) -> int | None:
    return min((int(vlan) for vlan in vlans if vlan.isdecimal() and len(vlan) <= VLAN_DIGITS), default=None)


def _because(switch: str, port: str, crowd: int, uplink: bool, candidates: int) -> str:  # noqa: FBT001
    macs = "no other MAC" if crowd == 1 else f"{crowd - 1} other MAC{'s' if crowd > 2 else ''}"  # noqa: PLR2004
    text = f"{switch} learned its MAC on {port}, with {macs} on that port"
    text += (
        "; the port leads to another device, so it hangs somewhere behind it"
        if uplink
        else ", and no LLDP or CDP neighbour there"
    )
    return text + (f"; {candidates} switches or ports learned it, this one has the fewest." if candidates > 1 else ".")
