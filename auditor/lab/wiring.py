"""What is plugged in where, as switches tell it: forwarding, ARP, LLDP, spanning tree.

RFC 4188, 4293, 4363, IEEE 802.1AB and 802.3 clause 43; over SNMP, and on the command line of a device that has one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from socket import inet_aton
from typing import NamedTuple

from auditor.ber import INTEGER, IP_ADDRESS, OCTET_STRING, integer_content
from auditor.lab import terminal
from auditor.lab.cabling import Ports, ports_of, with_ports
from auditor.lab.cast import Played
from auditor.lab.network import Bystander, Network
from auditor.lab.terminal import LldpSender
from auditor.model import VarBind
from auditor.oids import below, scalar

SYS_DESCR = scalar("sysDescr")
BASE_PORT_IF_INDEX, Q_FORWARDING = map(below, ("dot1dBasePortIfIndex", "dot1qTpFdbEntry"))
NET_TO_MEDIA, LLDP_LOCAL = map(below, ("ipNetToMediaEntry", "lldpLocalSystemData"))
LLDP_REMOTE, LLDP_ADDRESS = map(below, ("lldpRemEntry", "lldpRemManAddrIfSubtype"))
DESIGNATED = below("dot1dStpPortDesignatedBridge")
LEARNED, DYNAMIC = 3, 3
MAC_ADDRESS, INTERFACE_NAME = 4, 5
PRIORITY = b"\x80\x00"
CAPABILITIES = ("other", "repeater", "bridge", "wlan-access-point", "router", "telephone", "docsis", "station")


class Station(NamedTuple):
    """Anything with a MAC in one site, and what it is plugged into."""

    name: str
    mac: str
    switch: str
    port: str
    vlan: int
    address: str


def wire_up(network: Network, cast: Sequence[Played]) -> list[Played]:
    """Return the devices with the tables that the network's wiring gives them."""
    return [_with_tables(box, network, cast) if box.device.tables or box.device.shares else box for box in cast]


def _with_tables(box: Played, network: Network, cast: Sequence[Played]) -> Played:
    stations = list(_stations(network, cast, box.device.site))
    sample = replace(box.sample, varbinds=with_ports(box, _plugs(box, network)))
    ports = ports_of(sample.varbinds)
    learned = list(_learned(box, stations)) if "fdb" in box.device.tables else []
    heard = list(_heard(box, network, cast)) if "lldp" in box.device.tables else []
    rows = [*_forwarding(learned, ports)] if "fdb" in box.device.tables else []
    if "arp" in box.device.tables:
        rows += _arp(box, stations, ports)
    if "lldp" in box.device.tables:
        rows += _lldp(box, heard, ports)
    if "stp" in box.device.tables:
        rows += _spanning(box, network, cast, ports)
    text = sample.transcript
    if "ssh" in box.device.logins:
        text = terminal.with_tables(sample.transcript, box.name, learned, heard)
    return replace(box, sample=replace(sample, varbinds=(*sample.varbinds, *rows), transcript=text))


def _plugs(box: Played, network: Network) -> Iterator[str]:
    """Yield every port of a switch that something is plugged into."""
    site, name = box.device.site, box.name
    yield from (item.port for item in network.plugged if (item.site, item.switch) == (site, name))
    yield from (box.device.uplink,) if box.device.uplink else ()
    ends = (end for cable in network.cables if cable.site == site for end in (cable.near, cable.far))
    yield from (port for switch, port in ends if switch == name)


def _stations(network: Network, cast: Sequence[Played], site: str) -> Iterator[Station]:
    shared: set[str] = set()
    for box in cast:
        device = box.device
        if device.site == site and box.mac:
            yield Station(box.name, box.mac, device.switch, device.port, device.vlan, box.address)
        if device.site == site and device.shares and device.shares not in shared:
            # Who of a pair answers with the MAC they share is on duty.
            shared.add(device.shares)
            yield Station(f"mac:{device.shares}", device.shares, device.switch, device.port, device.vlan, "")
    for other in network.bystanders:
        if other.site == site:
            address = f"{network.site(site).at}{other.host}" if other.host else ""
            yield Station(f"mac:{other.mac}", other.mac, other.switch, other.port, other.vlan, address)


def _learned(box: Played, stations: Iterable[Station]) -> Iterator[Station]:
    """Yield each station a switch learned, with its own port towards it."""
    by_name = {station.name: station for station in stations}
    for station in by_name.values():
        if port := _towards(box, station, by_name):
            yield station._replace(switch=box.name, port=port)


def _forwarding(learned: Iterable[Station], ports: Ports) -> Iterator[VarBind]:
    for index in (*ports.ethernet, *ports.aggregates):
        yield _number(f"{BASE_PORT_IF_INDEX}{index}", index)
    for station in learned:
        if station.port in ports.index:
            arcs = ".".join(str(octet) for octet in bytes.fromhex(station.mac))
            yield _number(f"{Q_FORWARDING}2.{station.vlan}.{arcs}", ports.index[station.port])
            yield _number(f"{Q_FORWARDING}3.{station.vlan}.{arcs}", LEARNED)


def _towards(box: Played, station: Station, by_name: dict[str, Station]) -> str:
    """Return the port of a switch behind which a station lives, else the uplink."""
    if station.name == box.name:
        return ""
    at: Station | None = station
    while at is not None and at.switch:
        if at.switch == box.name:
            return at.port
        at = by_name.get(at.switch)
    return box.device.uplink


def _arp(box: Played, stations: Iterable[Station], ports: Ports) -> Iterator[VarBind]:
    for station in stations:
        if not station.address or station.name == box.name:
            continue
        row = f"{ports.first_ip}.{station.address}"
        yield _number(f"{NET_TO_MEDIA}1.{row}", ports.first_ip)
        yield VarBind(f"{NET_TO_MEDIA}2.{row}", OCTET_STRING, bytes.fromhex(station.mac))
        yield VarBind(f"{NET_TO_MEDIA}3.{row}", IP_ADDRESS, inet_aton(station.address))
        yield _number(f"{NET_TO_MEDIA}4.{row}", DYNAMIC)


def _heard(box: Played, network: Network, cast: Sequence[Played]) -> Iterator[LldpSender]:
    """Yield who announces itself to a device, above and below it, on blocked cables as well."""
    site = box.device.site
    for other in cast:
        if not other.device.lldp or other.device.site != site:
            continue
        if other.device.switch == box.name:
            pairs = zip(
                box.device.ports_of(other.device.port), other.device.ports_of(other.device.uplink), strict=False
            )
            yield from (_of(other, here, there) for here, there in pairs)
        elif box.device.switch == other.name:
            pairs = zip(box.device.ports_of(box.device.uplink), other.device.ports_of(box.device.port), strict=False)
            yield from (_of(other, here, there) for here, there in pairs)
        for cable in network.cables:
            for one, end in ((cable.near, cable.far), (cable.far, cable.near)):
                if cable.site == site and (one[0], end[0]) == (box.name, other.name):
                    yield _of(other, one[1], end[1])
    yield from (
        _announced(other)
        for other in network.bystanders
        if other.lldp and (other.site, other.switch) == (site, box.name)
    )


def _of(other: Played, here: str, there: str) -> LldpSender:
    descr = next((bind.raw for bind in other.sample.varbinds if bind.oid == SYS_DESCR), b"")
    text = descr[:255].decode("utf-8", "replace")
    return LldpSender(here, other.mac, there, other.name, text, other.address, other.device.capabilities)


def _announced(other: Bystander) -> LldpSender:
    return LldpSender(other.port, other.mac, other.uplink, other.name, "", "", other.capabilities)


def _lldp(box: Played, heard: Iterable[LldpSender], ports: Ports) -> Iterator[VarBind]:
    yield _number(f"{LLDP_LOCAL}1.0", MAC_ADDRESS)
    yield VarBind(f"{LLDP_LOCAL}2.0", OCTET_STRING, bytes.fromhex(box.mac))
    yield VarBind(f"{LLDP_LOCAL}3.0", OCTET_STRING, box.name.encode())
    for name, index in ports.index.items():
        if index in ports.ethernet:
            yield _number(f"{LLDP_LOCAL}7.1.2.{index}", INTERFACE_NAME)
            yield VarBind(f"{LLDP_LOCAL}7.1.3.{index}", OCTET_STRING, name.encode())
    for number, other in enumerate(heard, 1):
        if local := ports.index.get(other.here):
            yield from _neighbour(other, f"0.{local}.{number}")


def _neighbour(other: LldpSender, row: str) -> Iterator[VarBind]:
    texts = {"7": other.there, "9": other.name, "10": other.descr}
    yield _number(f"{LLDP_REMOTE}4.{row}", MAC_ADDRESS)
    yield VarBind(f"{LLDP_REMOTE}5.{row}", OCTET_STRING, bytes.fromhex(other.mac))
    yield _number(f"{LLDP_REMOTE}6.{row}", INTERFACE_NAME)
    yield from (VarBind(f"{LLDP_REMOTE}{at}.{row}", OCTET_STRING, text.encode()) for at, text in texts.items())
    if other.capabilities:
        bits = sum(0x80 >> CAPABILITIES.index(word) for word in other.capabilities.split())
        yield VarBind(f"{LLDP_REMOTE}12.{row}", OCTET_STRING, bytes([bits, 0]))
    if other.address:
        yield _number(f"{LLDP_ADDRESS}{row}.1.4.{other.address}", 2)


def _spanning(box: Played, network: Network, cast: Sequence[Played], ports: Ports) -> Iterator[VarBind]:
    """Yield the designated bridge of each port: the one above on the uplink, its own elsewhere."""
    macs = {other.name: other.mac for other in cast if other.device.site == box.device.site and other.device.tables}
    above = {box.device.uplink: box.device.switch}
    above |= {cable.near[1]: cable.far[0] for cable in network.cables if cable.near[0] == box.name}
    for name, index in ports.index.items():
        if index in (*ports.ethernet, *ports.aggregates):
            mac = macs.get(above.get(name, ""), box.mac)
            yield VarBind(f"{DESIGNATED}{index}", OCTET_STRING, PRIORITY + bytes.fromhex(mac))


def _number(oid: str, number: int) -> VarBind:
    return VarBind(oid, INTEGER, integer_content(number))
