"""Packet captures (pcap and pcapng): what devices say unasked, over ARP, LLDP, CDP, DHCP and the discovery protocols.

The container is read with dpkt, an optional extra; the neighbours' words by our own parsers. The file is a listener, no device.
"""

import struct
from collections.abc import Callable, Iterable, Iterator
from ipaddress import ip_address
from typing import Any

from auditor import normal
from auditor.errors import InputError
from auditor.imports import frames, leases
from auditor.imports.source import Source
from auditor.model import Fact, Record
from auditor.parse import discovery

CAP = 1 << 30
KEPT = 500_000
ETHERNET = 1
DHCP_PORTS = frozenset({67, 68})
# UDP port a device answers from → the parser of what it says.
ANSWERS: dict[int, Callable[[bytes], Iterator[Fact]]] = {
    3702: discovery.ws_discovery,
    1900: discovery.ssdp,
    37020: discovery.sadp,
    37810: discovery.dhip,
    5050: discovery.dahua_5050,
}
_VENDOR_CLASS, _HOST_NAME = 60, 12


def read(source: Source) -> Iterator[Record]:
    """Yield one list of everything the captured devices said of themselves; nothing is asked of the senders' payload otherwise."""
    heard = Heard()
    for frame in _frames(source):
        heard.listen(frame)
        if len(heard.facts) > KEPT:
            source.warn(f"{source.path}: more than {KEPT} things were said; the rest of the capture was not read")
            break
    yield from leases.batches(source, heard.told())


class Heard:
    """Gathers what frames say; what came from an address is said of the MAC that ARP or DHCP gave for it, where they agree."""

    def __init__(self) -> None:
        self.facts: dict[Fact, None] = {}
        self.owners: dict[str, set[str]] = {}

    def listen(self, frame: bytes) -> None:
        """Take in one Ethernet frame; a damaged one says as much as could be read of it."""
        import dpkt

        try:
            ether = dpkt.ethernet.Ethernet(frame)
            said = list(self._said(ether, frame))
        except (dpkt.Error, ValueError, IndexError, KeyError, TypeError, AttributeError, struct.error, OverflowError):
            # dpkt trusts lengths that a sender chose; whatever it stumbles over is the frame's fault.
            return
        self.facts |= dict.fromkeys(said)

    def told(self) -> Iterator[Fact]:
        """Yield every fact once; one told of an address moves to the MAC that has it, where there is exactly one."""
        for fact in self.facts:
            sort, _, address = fact.about.partition(":")
            owners = self.owners.get(address, set()) if sort == "ip" and fact.kind != "arp.mac" else set()
            about = f"mac:{next(iter(owners))}" if len(owners) == 1 else fact.about
            yield Fact(kind=fact.kind, value=fact.value, where=fact.where, about=about)

    def _said(self, ether: Any, frame: bytes) -> Iterator[Fact]:
        import dpkt

        sender = ether.src.hex()
        if ether.type == dpkt.ethernet.ETH_TYPE_LLDP:
            yield from frames.lldp(bytes(ether.data), sender)
        elif frames.SNAP_CDP in frame[14:26]:
            yield from frames.cdp(frame[frame.index(frames.SNAP_CDP) + len(frames.SNAP_CDP) :], sender)
        elif isinstance(ether.data, dpkt.arp.ARP):
            yield from self._arp(ether.data)
        elif isinstance(getattr(ether.data, "data", None), dpkt.udp.UDP):
            yield from self._datagram(ether.data, ether.data.data)

    def _arp(self, packet: Any) -> Iterator[Fact]:
        yield from self._owns(_address(packet.spa), packet.sha.hex(), "ARP packet")

    def _datagram(self, packet: Any, datagram: Any) -> Iterator[Fact]:
        if {datagram.sport, datagram.dport} <= DHCP_PORTS:
            yield from self._dhcp(bytes(datagram.data))
            return
        port = datagram.sport if datagram.sport in ANSWERS else datagram.dport
        if port in ANSWERS and (address := _address(packet.src)):
            for fact in ANSWERS[port](bytes(datagram.data)):
                yield Fact(kind=fact.kind, value=fact.value, where=f"udp/{port}", about=f"ip:{address}")

    def _dhcp(self, payload: bytes) -> Iterator[Fact]:
        import dpkt

        message = dpkt.dhcp.DHCP(payload)
        digits = message.chaddr[:6].hex()
        if not _is_device(digits):
            return
        options = {code: bytes(value) for code, value in message.opts}
        if message.op == dpkt.dhcp.DHCP_OP_REQUEST:
            name, vendor = (normal.device_text(options.get(code, b"")) for code in (_HOST_NAME, _VENDOR_CLASS))
            yield Fact(kind="fdb.mac", value=normal.spelled(digits), where="DHCP message", about=f"mac:{digits}")
            yield from leases.named(digits, name, "DHCP message", vendor)
        # A client that renews gives its address itself; a new one is given it by the server.
        given = message.ciaddr if message.op == dpkt.dhcp.DHCP_OP_REQUEST else message.yiaddr
        yield from self._owns(_address(given.to_bytes(4, "big")), digits, "DHCP message")

    def _owns(self, address: str, digits: str, where: str) -> Iterator[Fact]:
        if address and _is_device(digits):
            self.owners.setdefault(address, set()).add(digits)
            yield Fact(kind="arp.mac", value=normal.spelled(digits), where=where, about=f"ip:{address}")


def _frames(source: Source) -> Iterable[bytes]:
    try:
        import dpkt
    except ImportError:
        raise InputError(
            "is a packet capture; to read one, install the extra: pip install 'network-equipment-auditor[pcap]'",
            where=str(source.path),
        ) from None
    with source.open() as stream:
        try:
            reader = dpkt.pcap.UniversalReader(stream)
            if reader.datalink() != ETHERNET:
                raise InputError(
                    f"was not captured on Ethernet (link type {reader.datalink()})", where=str(source.path)
                )
            taken = 0
            for _moment, frame in reader:
                taken += len(frame)
                if taken > CAP:
                    source.warn(f"{source.path}: larger than {CAP >> 20} MB; the rest was not read")
                    return
                yield frame
        except (dpkt.Error, ValueError, struct.error) as exc:
            raise InputError(f"is no whole packet capture: {exc}", where=str(source.path)) from None


def _is_device(digits: str) -> bool:
    return len(digits) == normal.MAC_DIGITS and int(digits, 16) != 0 and not normal.is_group(digits)


def _address(octets: bytes) -> str:
    try:
        address = ip_address(bytes(octets))
    except ValueError:
        return ""
    return "" if address.is_unspecified or address.is_multicast else str(address)
