"""What reporters say of others: whom their words are about, and who was heard of only."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from auditor import normal
from auditor.assets.board import Switchboard
from auditor.assets.boxes import Box
from auditor.assets.claims import LINK_KINDS, Carries, Stance
from auditor.assets.identity import Usable
from auditor.assets.links import Announcement, Stranger
from auditor.assets.neighbours import Neighbour, neighbours
from auditor.assets.owners import Owners
from auditor.assets.register import Register
from auditor.assets.strangers import join_alike, join_managed

Key = tuple[str, str]


@dataclass(slots=True)
class Traces:
    """What reporters say of others: its owners, strangers, announcements of switches.

    `in_tables` are by site the MACs of which rows of tables alone speak, sorted, with nothing to keep of each; `read`
    are the site and address of each target.
    """

    owners: Owners
    register: Register
    read: frozenset[Key]
    strangers: dict[Key, Neighbour] = field(default_factory=dict)
    in_tables: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    announcements: list[Announcement] = field(default_factory=list)
    strange: list[Stranger] = field(default_factory=list)
    abroad: list[Announcement] = field(default_factory=list)

    def stranger(self, site: str, mac: str) -> Neighbour | None:
        """Return who was heard of only and has a MAC, ready to be told more of."""
        key = (site, f"mac:{mac}")
        macs = self.in_tables.get(site, [])
        at = bisect_left(macs, mac)
        if key not in self.strangers and macs[at : at + 1] == [mac]:
            del macs[at]
            self.begin(site, mac)
        return self.strangers.get(key)

    def begin(self, site: str, mac: str) -> None:
        """Begin a stranger out of the rows about its MAC."""
        one = self.strangers[site, f"mac:{mac}"] = Neighbour(site=site, mac=mac, label=f"mac:{mac}")
        one.addresses |= dict.fromkeys(self.register.addresses(site, mac))

    def settle_addresses(self) -> None:
        """Leave out of each stranger's addresses those it only answers for; add what it announces."""
        for one in self.strangers.values():
            one.addresses = dict.fromkeys(without_proxied(one.site, tuple(one.addresses), self.read))
            one.addresses |= {at: None for at in one.management if (one.site, at) not in self.read}

    def addresses(self, site: str, mac: str) -> Sequence[str]:
        """Return the addresses at which ARP tables have a MAC, without those it only answers for."""
        if not self.register.has_addresses:
            return ()
        return without_proxied(site, tuple(dict.fromkeys(self.register.addresses(site, mac))), self.read)

    def trace(self, neighbour: Neighbour, reporter: Box, owner: Box | None) -> None:
        """Note who announces itself on which port, unless that contradicts its owner's words."""
        facts = [item.fact for item in neighbour.statements]
        far = tuple(sorted(fact.value for fact in facts if fact.kind == "lldp.portid"))
        for kind, port in sorted((fact.kind, fact.value) for fact in facts if fact.kind in LINK_KINDS):
            over = kind.partition(".")[0]
            if owner is None:
                self.strange.append(_announced(reporter.key, port, neighbour))
                if (there := self.owners.elsewhere(neighbour)) is not None:
                    self.abroad.append(Announcement(by=reporter.key, port=port, of=there.key, far=far, over=over))
            elif self.owners.own_words(owner).stance(facts) is not Stance.CONTRADICTS:
                self.announcements.append(Announcement(by=reporter.key, port=port, of=owner.key, far=far, over=over))


def _announced(by: str, port: str, neighbour: Neighbour) -> Stranger:
    return Stranger(
        by=by,
        port=port,
        name=neighbour.name or normal.spelled(neighbour.mac),
        macs=frozenset(filter(None, (neighbour.mac, *neighbour.port_macs))),
        carries=Carries.of(item.fact for item in neighbour.statements),
        key=stranger_key(neighbour),
    )


def by_port(stranger: Stranger) -> tuple[str, ...]:
    """Return the order in which announcements are looked at."""
    return (stranger.by, stranger.port, stranger.name, *sorted(stranger.macs))


def at_two_sites(strangers: Iterable[Stranger]) -> Iterator[Announcement]:
    """Yield a link between what two sites hear of one switch or radio that nobody read."""
    keys: dict[str, dict[str, None]] = {}
    for one in strangers:
        if one.carries not in {Carries.NOTHING, Carries.DEVICES}:
            for mac in one.macs:
                keys.setdefault(mac, {})[one.key] = None
    for same in keys.values():
        for one_key, other in pairwise(sorted(same)):
            yield Announcement(by=one_key, port="", of=other)


def hear(boxes: Sequence[Box], usable: Usable, board: Switchboard) -> Traces:
    """Give each neighbour's facts to the box it is, and keep the neighbours that no target was."""
    reports = [
        (box, neighbour) for box in boxes for neighbour in neighbours(box.site, box.key, box.facts, usable, _macs(box))
    ]

    def arp_rows() -> Iterator[tuple[str, str, str]]:
        return (row for row in board.register.resolved() if usable(row[2]))

    read = frozenset((box.site, address) for box in boxes for address in box.addresses)
    owners = Owners(boxes, [neighbour for _, neighbour in reports], board.spelling, arp_rows)
    traces = Traces(owners, board.register, read)
    for box, neighbour in reports:
        if (box.site, neighbour.mac) in board.shared and not neighbour.name:
            continue
        owner = traces.owners.find(neighbour)
        if owner is box:
            continue
        traces.trace(neighbour, box, owner)
        if owner is not None:
            owner.statements.extend(neighbour.statements)
            continue
        # A telephone announces its address, and its MAC as that of its port.
        ports = (port for port in neighbour.port_macs if (box.site, port) not in traces.owners.by_mac)
        neighbour.mac = neighbour.mac or next(ports, "")
        stranger = traces.strangers.setdefault((box.site, _stranger(neighbour, box)), neighbour)
        if stranger is not neighbour:
            stranger.absorb(neighbour)
    _look_up(traces, board, usable)
    join_managed(traces.strangers, traces.stranger, traces.owners.macs_at, board)
    homes = join_alike(traces.strangers, read, board.spelling)
    by_key = {normal.one_line(name): home for (_, name), home in homes.items()}
    traces.strange = [_homed(one, by_key.get(one.key)) for one in traces.strange]
    return traces


def _macs(box: Box) -> Container[str]:
    """Return the MACs in the tables of a box, where its other words are about any."""
    if not any(fact.about.startswith("mac:") for fact in box.facts):
        return ()
    return {mac for table in box.tables for mac in table.macs}


def _homed(one: Stranger, home: Neighbour | None) -> Stranger:
    """Return an announcement as one of the neighbour it turned out to be."""
    if home is None:
        return one
    return replace(one, key=stranger_key(home), macs=one.macs | frozenset(filter(None, (home.mac,))))


def _look_up(traces: Traces, board: Switchboard, usable: Usable) -> None:
    """Give each MAC of a table to the box it is, or keep it as one of which tables alone speak."""
    by_mac = {(one.site, one.mac): one for (_, name), one in traces.strangers.items() if name == f"mac:{one.mac}"}
    open_at = {
        (one.site, at)
        for one in traces.strangers.values()
        if not (one.mac or one.pon)
        for at in (*one.management, *one.addresses)
    }
    for site, mac in board.register.macs():
        if (site, mac) in board.shared or not usable(mac):
            continue
        owner = traces.owners.by_mac.get((site, mac))
        if owner is not None:
            owner.mentions.append(mac)
            continue
        addresses = board.register.addresses(site, mac)
        if (site, mac) in by_mac:
            by_mac[site, mac].addresses |= dict.fromkeys(addresses)
            continue
        # Somebody without a MAC announces this address, and may be the same device.
        if open_at and not open_at.isdisjoint((site, at) for at in addresses):
            traces.begin(site, mac)
        else:
            traces.in_tables[site].append(mac)
    for macs in traces.in_tables.values():
        macs.sort()


def stranger_key(neighbour: Neighbour) -> str:
    """Return the key of the asset a neighbour becomes that no target was."""
    if neighbour.pon or neighbour.mac:
        return f"{neighbour.site}/gpon:{neighbour.pon}" if neighbour.pon else f"{neighbour.site}/mac:{neighbour.mac}"
    return normal.one_line(f"{neighbour.statements[0].by}#{neighbour.label}")


def without_proxied(site: str, addresses: Sequence[str], read: Container[Key]) -> Sequence[str]:
    """Return of several addresses of a MAC those at which no other device was read (proxy ARP)."""
    return [at for at in addresses if (site, at) not in read] if len(addresses) > 1 else addresses


def _stranger(neighbour: Neighbour, reporter: Box) -> str:
    """Name a neighbour by MAC or GPON serial number, else by who spoke of it and how."""
    if neighbour.pon:
        return f"gpon:{neighbour.pon}"
    return f"mac:{neighbour.mac}" if neighbour.mac else f"{reporter.key}#{neighbour.label}"
