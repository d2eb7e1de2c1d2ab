"""The neighbours in ARP, forwarding, LLDP and CDP tables, one by one."""

import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address

from auditor import normal
from auditor.assets.identity import Usable
from auditor.model import Fact, Hearsay, ip_of, part_of

# CDP names a Cisco phone by its MAC behind SEP, and some switches by theirs in octets.
_CDP_MAC = re.compile(
    r"(?:hex:|SEP|ATA|SIP)?((?:[0-9a-f]{4}[.-]){2}[0-9a-f]{4}|(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}|[0-9a-f]{12})",
    re.IGNORECASE,
)
_CDP_SERIAL = re.compile(r"([^()]+)\(([^()]+)\)")
_NUMBER = re.compile(r"(?=.*\d)[0-9A-Z]{8,}")
MANAGEMENT_KINDS = frozenset({"lldp.address", "cdp.address", "lldp.chassis"})
# What tells the MAC of a neighbour, best first.
MAC_KINDS = ("lldp.chassis", "arp.mac", "fdb.mac", "cdp.deviceid")
SELF_KINDS = frozenset({"lldp.sysname", "lldp.sysdescr", "cdp.deviceid", "cdp.platform"})
ANNOUNCED = ("lldp.sysname", "cdp.deviceid")

# What names a device others spoke of, strongest first: its announcement, an inventory, its DHCP request.
NAME_KINDS = ("lldp.sysname", "cdp.deviceid", "inventory.name", "dhcp.hostname")


@dataclass(slots=True)
class Neighbour:
    """One device others spoke of at a site, before it is known whether it was read itself.

    `addresses` are those ARP has it at, `management` those it announces for its management; `serials` what may be one
    in its CDP name, `port_macs` those it announces of its ports, `interfaces` further MACs of its own, each with the
    address it has there.
    """

    site: str
    mac: str = ""
    name: str = ""
    label: str = ""
    pon: str = ""
    addresses: dict[str, None] = field(default_factory=dict)
    management: dict[str, None] = field(default_factory=dict)
    serials: tuple[str, ...] = ()
    port_macs: tuple[str, ...] = ()
    interfaces: dict[str, str] = field(default_factory=dict)
    statements: list[Hearsay] = field(default_factory=list)

    @property
    def macs(self) -> tuple[str, ...]:
        """Return its own MACs, that of its chassis first."""
        return (self.mac, *self.interfaces) if self.mac else ()

    def hear(self, by: str, facts: Iterable[Fact]) -> None:
        """Add what one reporter said."""
        for fact in facts:
            if address := ip_of(fact.about):
                self.addresses[address] = None
            if fact.kind in MANAGEMENT_KINDS and (at := _address(fact.value)):
                self.management[at] = None
            self.statements.append(Hearsay(by=by, fact=fact))
        self.name = name_of(self.statements, ANNOUNCED)

    def absorb(self, other: "Neighbour") -> None:
        """Take in what another reporter said of the same device."""
        self.addresses |= other.addresses
        self.management |= other.management
        self.statements.extend(other.statements)


def neighbours(
    site: str, by: str, facts: Iterable[Fact], usable: Usable, macs: Container[str] = ()
) -> Iterator[Neighbour]:
    """Yield each neighbour of one reporter with its facts; an unusable MAC alone is no device.

    `macs` are those in its tables: what else it says of one of them is about the same neighbour.
    """
    # The facts of one row of a table all spell one MAC; it is taken apart once.
    digits_of = cache(normal.mac)
    groups: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.about and part_of(fact.about) is None:
            groups.setdefault(_about(fact, digits_of), []).append(fact)
    for about, group in groups.items():
        own = about.removeprefix("mac:")
        mac = _mac(group, digits_of) or (own if own in macs else "")
        if mac and not usable(mac):
            # A MAC made up by software names no box; whoever announces a name or a system beside it is one.
            if not any(fact.kind in SELF_KINDS for fact in group):
                continue
            mac = ""
        neighbour = Neighbour(site=site, mac=mac, label=about, pon=_pon(group), serials=_serials(group))
        ports = {digits_of(fact.value.removeprefix("hex:")) for fact in group if fact.kind == "lldp.portid"}
        neighbour.port_macs = tuple(sorted(port for port in ports if port and usable(port)))
        neighbour.hear(by, group)
        yield neighbour


def _about(fact: Fact, digits_of: Callable[[str], str]) -> str:
    """Return what a fact is about in one spelling; an ARP row is about its MAC, too."""
    sort, _, name = fact.about.partition(":")
    if fact.kind in {"arp.mac", "fdb.mac"}:
        return "mac:" + (digits_of(fact.value) or fact.value)
    if sort == "gpon":
        return "gpon:" + (normal.pon_serial(name) or name)
    return f"{sort}:{digits_of(name) or name}" if sort == "mac" else fact.about


def _mac(facts: Iterable[Fact], digits_of: Callable[[str], str]) -> str:
    """Return the MAC a neighbour is known by: of its chassis, in a table, in its name."""
    best: dict[str, str] = {}
    for fact in facts:
        if fact.kind in MAC_KINDS and (digits := _digits(fact, digits_of)):
            best[fact.kind] = min(best.get(fact.kind, digits), digits)
    return next((best[kind] for kind in MAC_KINDS if kind in best), "")


def _digits(fact: Fact, digits_of: Callable[[str], str]) -> str:
    if fact.kind != "cdp.deviceid":
        return digits_of(fact.value.removeprefix("hex:"))
    match = _CDP_MAC.fullmatch(fact.value.strip())
    return digits_of(match[1]) if match else ""


def _serials(facts: Iterable[Fact]) -> tuple[str, ...]:
    """Return possible serials in a CDP name: `name(serial)` of NX-OS, `serial(name)` of CatOS."""
    matches = (_CDP_SERIAL.fullmatch(fact.value.strip()) for fact in facts if fact.kind == "cdp.deviceid")
    return tuple(normal.serial(part) for match in matches if match for part in match.groups())


def _address(text: str) -> str:
    """Return an address in its usual spelling, or nothing where no device can have it."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return ""
    usable = not (address.is_unspecified or address.is_loopback or address.is_multicast or address.is_link_local)
    return str(address) if usable else ""


def _pon(facts: Iterable[Fact]) -> str:
    return min((normal.pon_serial(fact.value) for fact in facts if fact.kind == "gpon.serial"), default="")


def name_of(reports: Iterable[Hearsay], kinds: Sequence[str] = NAME_KINDS) -> str:
    """Return the name others know a device by, strongest source first, or nothing."""
    names: dict[str, str] = {}
    for item in reports:
        if item.fact.kind in kinds and (name := _name(item.fact)):
            names[item.fact.kind] = min(names.get(item.fact.kind, name), name)
    return next((names[kind] for kind in kinds if kind in names), "")


def _name(fact: Fact) -> str:
    """Return a name without the serial number CDP has beside it; octets are no name."""
    name = normal.one_line(fact.value)
    match = _CDP_SERIAL.fullmatch(name) if fact.kind == "cdp.deviceid" else None
    if match is not None:
        name = match[2] if _NUMBER.fullmatch(match[1]) and not _NUMBER.fullmatch(match[2]) else match[1]
    return "" if name.startswith("hex:") else name
