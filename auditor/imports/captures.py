"""Packet captures: what devices say unasked over ARP, LLDP, CDP, DHCP, discovery.

Packets are read with dpkt, an optional extra; the neighbours' words by our own parsers. The file is a listener, no
device.
"""

import struct
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from ipaddress import ip_address
from typing import Any

from auditor import normal
from auditor.errors import InputError
from auditor.imports import frames, leases
from auditor.imports.batches import batches
from auditor.imports.containers import Capture
from auditor.imports.source import SourceFile
from auditor.model import Fact, Record, about_address, about_mac, ip_of
from auditor.parse import discovery

KEPT = 500_000
CUT = "frames of use cut by the snapshot length:"
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


def read(source: SourceFile) -> Iterator[Record]:
    """Yield what the captured devices said of themselves, and what was not read."""
    if find_spec("dpkt") is None:
        raise InputError(
            "is a packet capture; to read one, install the extra: pip install 'network-equipment-auditor[pcap]'",
            where=str(source.path),
        )
    audience = CapturedFacts()
    try:
        with source.open() as stream:
            capture = Capture(stream, audience.losses)
            for frame, whole in capture.frames():
                audience.listen(frame, whole=whole)
                if len(audience.facts) > KEPT:
                    audience.losses[f"more than {KEPT} things were said; the rest was not read"] += 1
                    break
    except InputError as exc:
        raise exc if exc.where else exc.under(str(source.path)) from None
    yield from batches(source, audience.all_facts())
    losses = [f"{words} {count}" if words.endswith(":") else words for words, count in audience.losses.items()]
    yield from source.partial(losses, "pcap")


class CapturedFacts:
    """Gathers what frames say; an address's words go to the one MAC that has it."""

    def __init__(self) -> None:
        self.facts: dict[Fact, None] = {}
        self.owners: dict[str, set[str]] = {}
        self.losses: Counter[str] = Counter()

    def listen(self, frame: bytes, *, whole: bool = True) -> None:
        """Take in a frame; a damaged or cut one says what can be read and is counted."""
        import dpkt

        try:
            ether = dpkt.ethernet.Ethernet(frame)
            facts = self._facts_in(ether, frame)
            new_facts = list(facts or ())
        except (dpkt.Error, ValueError, IndexError, KeyError, TypeError, AttributeError, struct.error, OverflowError):
            # dpkt trusts lengths that a sender chose; whatever it stumbles over is the frame's fault.
            self.losses["damaged frames that say nothing:" if whole else CUT] += 1
            return
        if facts is not None and not whole:
            self.losses[CUT] += 1
        if facts is not None and getattr(ether.data, "mf", False):
            self.losses["frames of use that are the first part of a message, not put together:"] += 1
        self.facts |= dict.fromkeys(new_facts)

    def all_facts(self) -> Iterator[Fact]:
        """Yield every fact once; one of an address moves to the one MAC that has it."""
        for fact in self.facts:
            owners = self.owners.get(ip_of(fact.about), set()) if fact.kind != "arp.mac" else set()
            about = about_mac(next(iter(owners))) if len(owners) == 1 else fact.about
            yield Fact(kind=fact.kind, value=fact.value, where=fact.where, about=about)

    def _facts_in(self, ether: Any, frame: bytes) -> Iterator[Fact] | None:
        """Return what a frame says, or None where it is of a sort that says nothing of its sender."""
        import dpkt

        sender, inner = ether.src.hex(), getattr(ether.data, "data", None)
        if ether.type == dpkt.ethernet.ETH_TYPE_LLDP:
            return frames.lldp(bytes(ether.data), sender)
        if frames.SNAP_CDP in frame[14:26]:
            return frames.cdp(frame[frame.index(frames.SNAP_CDP) + len(frames.SNAP_CDP) :], sender)
        if isinstance(ether.data, dpkt.arp.ARP):
            return self._owns(_address(ether.data.spa), ether.data.sha.hex(), "ARP packet")
        if isinstance(inner, dpkt.icmp6.ICMP6):
            address, digits = frames.neighbour(bytes(inner))
            return self._owns(_address(address), digits, "ND packet")
        return self._datagram(ether.data, inner) if isinstance(inner, dpkt.udp.UDP) else None

    def _datagram(self, packet: Any, datagram: Any) -> Iterator[Fact] | None:
        ports, payload = (datagram.sport, datagram.dport), bytes(datagram.data)
        if DHCP_PORTS.issuperset(ports):
            return self._dhcp(payload)
        port = next((number for number in ports if number in ANSWERS), 0)
        address = _address(packet.src)
        if not port or not address:
            return None
        facts = ANSWERS[port](payload)
        return (Fact(kind=f.kind, value=f.value, where=f"udp/{port}", about=about_address(address)) for f in facts)

    def _dhcp(self, payload: bytes) -> Iterator[Fact]:
        import dpkt

        message = dpkt.dhcp.DHCP(payload)
        digits = message.chaddr[:6].hex()
        if not _is_device(digits):
            return
        options = {code: bytes(value) for code, value in message.opts}
        if message.op == dpkt.dhcp.DHCP_OP_REQUEST:
            name, vendor = (normal.device_text(options.get(code, b"")) for code in (_HOST_NAME, _VENDOR_CLASS))
            yield Fact(kind="fdb.mac", value=normal.spelled(digits), where="DHCP message", about=about_mac(digits))
            yield from leases.client_facts(digits, name, "DHCP message", vendor)
        # A client that renews gives its address itself; a new one is given it by the server.
        dhcp_options = message.ciaddr if message.op == dpkt.dhcp.DHCP_OP_REQUEST else message.yiaddr
        yield from self._owns(_address(dhcp_options.to_bytes(4, "big")), digits, "DHCP message")

    def _owns(self, address: str, digits: str, where: str) -> Iterator[Fact]:
        if address and _is_device(digits):
            self.owners.setdefault(address, set()).add(digits)
            yield Fact(kind="arp.mac", value=normal.spelled(digits), where=where, about=about_address(address))


def _is_device(digits: str) -> bool:
    return len(digits) == normal.MAC_DIGITS and int(digits, 16) != 0 and not normal.is_group(digits)


def _address(octets: bytes) -> str:
    try:
        address = ip_address(bytes(octets))
    except ValueError:
        return ""
    return "" if address.is_unspecified or address.is_multicast else str(address)
