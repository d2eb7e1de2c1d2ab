"""What is plugged in where, as switches tell it: forwarding, ARP, LLDP (RFC 4363, 4293)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from socket import inet_aton
from typing import NamedTuple

from auditor.ber import INTEGER, IP_ADDRESS, OCTET_STRING, integer_content
from auditor.lab.cast import Played
from auditor.lab.network import Network
from auditor.model import VarBind
from auditor.oids import below, scalar

SYS_DESCR = scalar("sysDescr")
IF_NAME, IF_DESCR, IF_TYPE, IP_AD_ENT_IF_INDEX = map(below, ("ifName", "ifDescr", "ifType", "ipAdEntIfIndex"))
BASE_PORT_IF_INDEX, Q_FORWARDING = map(below, ("dot1dBasePortIfIndex", "dot1qTpFdbEntry"))
NET_TO_MEDIA, LLDP_LOCAL = map(below, ("ipNetToMediaEntry", "lldpLocalSystemData"))
LLDP_REMOTE, LLDP_ADDRESS = map(below, ("lldpRemEntry", "lldpRemManAddrIfSubtype"))
ETHERNET = 6
LEARNED, DYNAMIC = 3, 3
MAC_ADDRESS, INTERFACE_NAME = 4, 5


class _Station(NamedTuple):
    """Anything with a MAC in one site, and what it is plugged into."""

    name: str
    mac: str
    switch: str
    port: str
    vlan: int
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _SwitchPorts:
    """Interface indices of one switch by the name it prints."""

    index: dict[str, int]
    ethernet: tuple[int, ...]
    first_ip: int


def wire_up(network: Network, cast: Sequence[Played]) -> list[Played]:
    """Return the devices with the tables that the network's wiring gives them."""
    return [_with_tables(box, network, cast) if box.device.tables else box for box in cast]


def _with_tables(box: Played, network: Network, cast: Sequence[Played]) -> Played:
    stations = list(_stations(network, cast, box.device.site))
    ports = _ports(box)
    rows: list[VarBind] = []
    if "fdb" in box.device.tables:
        rows += _forwarding(box, stations, ports)
    if "arp" in box.device.tables:
        rows += _arp(box, stations, ports)
    if "lldp" in box.device.tables:
        rows += _lldp(box, cast, ports)
    varbinds = (*box.sample.varbinds, *rows)
    return replace(box, sample=replace(box.sample, varbinds=varbinds))


def _stations(network: Network, cast: Sequence[Played], site: str) -> Iterator[_Station]:
    for box in cast:
        device = box.device
        if device.site == site and box.mac:
            yield _Station(box.name, box.mac, device.switch, device.port, device.vlan, box.address)
    for other in network.bystanders:
        if other.site == site:
            address = f"{network.site(site).at}{other.host}" if other.host else ""
            yield _Station(f"mac:{other.mac}", other.mac, other.switch, other.port, other.vlan, address)


def _ports(box: Played) -> _SwitchPorts:
    index: dict[str, int] = {}
    ethernet: list[int] = []
    first_ip = 0
    for bind in box.sample.varbinds:
        for column in (IF_DESCR, IF_NAME):
            if bind.oid.startswith(column):
                index[bind.raw.decode("utf-8", "replace")] = int(bind.oid.rpartition(".")[2])
        if bind.oid.startswith(IF_TYPE) and bind.raw == bytes([ETHERNET]):
            ethernet.append(int(bind.oid.rpartition(".")[2]))
        if bind.oid.startswith(IP_AD_ENT_IF_INDEX) and not first_ip:
            first_ip = int.from_bytes(bind.raw, "big")
    return _SwitchPorts(index=index, ethernet=tuple(ethernet), first_ip=first_ip)


def _forwarding(box: Played, stations: list[_Station], ports: _SwitchPorts) -> Iterator[VarBind]:
    for index in ports.ethernet:
        yield _number(f"{BASE_PORT_IF_INDEX}{index}", index)
    by_name = {station.name: station for station in stations}
    for station in stations:
        port = _towards(box, station, by_name)
        if port in ports.index:
            arcs = ".".join(str(octet) for octet in bytes.fromhex(station.mac))
            yield _number(f"{Q_FORWARDING}2.{station.vlan}.{arcs}", ports.index[port])
            yield _number(f"{Q_FORWARDING}3.{station.vlan}.{arcs}", LEARNED)


def _towards(box: Played, station: _Station, by_name: dict[str, _Station]) -> str:
    """Return the port of a switch behind which a station lives, else the uplink."""
    if station.name == box.name:
        return ""
    at: _Station | None = station
    while at is not None and at.switch:
        if at.switch == box.name:
            return at.port
        at = by_name.get(at.switch)
    return box.device.uplink


def _arp(box: Played, stations: list[_Station], ports: _SwitchPorts) -> Iterator[VarBind]:
    for station in stations:
        if not station.address or station.name == box.name:
            continue
        row = f"{ports.first_ip}.{station.address}"
        yield _number(f"{NET_TO_MEDIA}1.{row}", ports.first_ip)
        yield VarBind(f"{NET_TO_MEDIA}2.{row}", OCTET_STRING, bytes.fromhex(station.mac))
        yield VarBind(f"{NET_TO_MEDIA}3.{row}", IP_ADDRESS, inet_aton(station.address))
        yield _number(f"{NET_TO_MEDIA}4.{row}", DYNAMIC)


def _lldp(box: Played, cast: Sequence[Played], ports: _SwitchPorts) -> Iterator[VarBind]:
    yield _number(f"{LLDP_LOCAL}1.0", MAC_ADDRESS)
    yield VarBind(f"{LLDP_LOCAL}2.0", OCTET_STRING, bytes.fromhex(box.mac))
    yield VarBind(f"{LLDP_LOCAL}3.0", OCTET_STRING, box.name.encode())
    for name, index in ports.index.items():
        if index in ports.ethernet:
            yield _number(f"{LLDP_LOCAL}7.1.2.{index}", INTERFACE_NAME)
            yield VarBind(f"{LLDP_LOCAL}7.1.3.{index}", OCTET_STRING, name.encode())
    for other in cast:
        if not other.device.lldp or other.device.site != box.device.site:
            continue
        if other.device.switch == box.name:
            yield from _neighbour(other, ports.index.get(other.device.port, 0), other.device.uplink)
        elif box.device.switch == other.name:
            yield from _neighbour(other, ports.index.get(box.device.uplink, 0), box.device.port)


def _neighbour(other: Played, local: int, port: str) -> Iterator[VarBind]:
    if not local:
        return
    row = f"0.{local}.1"
    descr = next((bind.raw for bind in other.sample.varbinds if bind.oid == SYS_DESCR), b"")
    yield _number(f"{LLDP_REMOTE}4.{row}", MAC_ADDRESS)
    yield VarBind(f"{LLDP_REMOTE}5.{row}", OCTET_STRING, bytes.fromhex(other.mac))
    yield _number(f"{LLDP_REMOTE}6.{row}", INTERFACE_NAME)
    yield VarBind(f"{LLDP_REMOTE}7.{row}", OCTET_STRING, port.encode())
    yield VarBind(f"{LLDP_REMOTE}9.{row}", OCTET_STRING, other.name.encode())
    yield VarBind(f"{LLDP_REMOTE}10.{row}", OCTET_STRING, descr[:255])
    yield _number(f"{LLDP_ADDRESS}{row}.1.4.{other.address}", 2)


def _number(oid: str, number: int) -> VarBind:
    return VarBind(oid, INTEGER, integer_content(number))
