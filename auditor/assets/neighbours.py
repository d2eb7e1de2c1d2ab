"""The neighbours in ARP, forwarding, LLDP and CDP tables, gathered one by one."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from auditor import normal
from auditor.assets.identity import Usable
from auditor.model import Fact, Hearsay, ip_of, part_of

MAC_KINDS = frozenset({"arp.mac", "fdb.mac", "lldp.chassis"})

# What names a device others spoke of, strongest first: what it announces, a list someone keeps, what it asks for an
# address as.
NAME_KINDS = ("lldp.sysname", "cdp.deviceid", "inventory.name", "dhcp.hostname")


@dataclass(slots=True)
class Neighbour:
    """One device others spoke of at a site, before it is known whether it was read itself."""

    site: str
    mac: str = ""
    name: str = ""
    label: str = ""
    pon: str = ""
    addresses: dict[str, None] = field(default_factory=dict)
    statements: list[Hearsay] = field(default_factory=list)

    def hear(self, by: str, facts: Iterable[Fact]) -> None:
        """Add what one reporter said."""
        for fact in facts:
            if address := ip_of(fact.about):
                self.addresses[address] = None
            if fact.kind in {"lldp.sysname", "cdp.deviceid"} and not self.name:
                self.name = normal.one_line(fact.value)
            self.statements.append(Hearsay(by=by, fact=fact))


def neighbours(site: str, by: str, facts: Iterable[Fact], usable: Usable) -> Iterator[Neighbour]:
    """Yield each neighbour of one reporter with its facts; group and virtual MACs are none."""
    # The facts of one row of a table all spell one MAC; it is taken apart once.
    digits_of = cache(normal.mac)
    groups: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.about and part_of(fact.about) is None:
            groups.setdefault(_about(fact, digits_of), []).append(fact)
    for about, group in groups.items():
        mac = _mac(group, digits_of)
        if mac and not usable(mac):
            continue
        neighbour = Neighbour(site=site, mac=mac, label=about, pon=_pon(group))
        neighbour.hear(by, group)
        yield neighbour


def _about(fact: Fact, digits_of: Callable[[str], str]) -> str:
    """Return what a fact is about in one spelling; an ARP row is about its MAC."""
    sort, _, name = fact.about.partition(":")
    if fact.kind in {"arp.mac", "fdb.mac"}:
        return "mac:" + (digits_of(fact.value) or fact.value)
    if sort == "gpon":
        return "gpon:" + (normal.pon_serial(name) or name)
    return f"{sort}:{digits_of(name) or name}" if sort == "mac" else fact.about


def _mac(facts: Iterable[Fact], digits_of: Callable[[str], str]) -> str:
    for fact in facts:
        if fact.kind in MAC_KINDS and (digits := digits_of(fact.value)):
            return digits
    return ""


def _pon(facts: Iterable[Fact]) -> str:
    return next((normal.pon_serial(fact.value) for fact in facts if fact.kind == "gpon.serial"), "")


def name_of(statements: Iterable[Hearsay]) -> str:
    """Return the name others know a device by, the strongest first, or empty."""
    names: dict[str, str] = {}
    for item in statements:
        if item.fact.kind in NAME_KINDS and (name := normal.one_line(item.fact.value)):
            names.setdefault(item.fact.kind, name)
    return next((names[kind] for kind in NAME_KINDS if kind in names), "")
