"""Capture files → Ethernet frames: pcap and pcapng, by each interface's link type.

Linux's cooked captures (`-i any`: LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2) are given the Ethernet header they lost.
Whatever is not read is counted, so that half a capture never passes for a whole one.
"""

import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from auditor.errors import InputError

ETHERNET, COOKED, COOKED2 = 1, 113, 276
LINKS = frozenset({ETHERNET, COOKED, COOKED2})
PCAPNG = b"\x0a\x0d\x0d\x0a"
PCAP = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">", b"\x4d\x3c\xb2\xa1": "<", b"\xa1\xb2\x3c\x4d": ">"}
MAGICS = (*PCAP, PCAPNG)
LARGEST = 16 << 20
CAP = 1 << 30
INTERFACES = 4096
_RECORD, _BLOCK = 16, 8
_SECTION, _INTERFACE, _OLD_PACKET, _SIMPLE, _ENHANCED = 0x0A0D0D0A, 1, 2, 3, 6
_ORDER = b"\x1a\x2b\x3c\x4d"
_NETLINK = 824  # ARPHRD_NETLINK: the kernel talking to itself
_BROADCAST = b"\xff" * 6
_LLC = 4  # the protocol number of Linux for 802.2, where Ethernet has a length


class Cut(ValueError):  # noqa: N818 - an end, and only sometimes an error
    """The capture ends in the middle of something."""


@dataclass(slots=True)
class Capture:
    """Reads one capture; `losses` counts what could not be read, in words."""

    stream: IO[bytes]
    losses: Counter[str] = field(default_factory=Counter)
    packets: int = 0
    octets: int = 0

    def frames(self) -> Iterator[tuple[bytes, bool]]:
        """Yield every Ethernet frame and whether it is whole; `InputError` where it is no capture."""
        magic = self.stream.read(4)
        if magic not in MAGICS:
            raise InputError("is no packet capture")
        try:
            for link, frame, length in self._pcapng() if magic == PCAPNG else self._pcap(PCAP[magic]):
                self.packets += 1
                self.octets += len(frame)
                if self.octets > CAP:
                    self.losses[f"the rest beyond {CAP >> 20} MB was not read"] += 1
                    return
                if link not in LINKS:
                    self.losses[f"frames of link type {link}, which is no Ethernet, not read:"] += 1
                elif rebuilt := ethernet(link, frame):
                    yield rebuilt, len(frame) >= length
        except Cut as exc:
            self.losses[f"the capture is cut short: {exc}"] += 1

    def _take(self, octets: int, what: str) -> bytes:
        data = self.stream.read(octets)
        if len(data) < octets:
            raise Cut(f"it ends in {what} after {self.packets} frames")
        return data

    def _pcap(self, order: str) -> Iterator[tuple[int, bytes, int]]:
        try:
            head = self._take(20, "its head")
        except Cut as exc:
            raise InputError(f"is no whole packet capture: {exc}") from None
        link = struct.unpack(f"{order}I", head[16:])[0] & 0xFFFF
        if link not in LINKS:
            raise InputError(f"was not captured on Ethernet (link type {link})")
        while head := self.stream.read(_RECORD):
            if len(head) < _RECORD:
                raise Cut(f"it ends in the head of frame {self.packets + 1}")
            _seconds, _part, size, length = struct.unpack(f"{order}IIII", head)
            if size > LARGEST:
                raise Cut(f"frame {self.packets + 1} claims {size} octets")
            yield link, self._take(size, "a frame"), length

    def _pcapng(self) -> Iterator[tuple[int, bytes, int]]:
        order, links, kind = "<", list[int](), _SECTION
        while True:
            if kind == _SECTION:
                order, body = self._section()
                links = []
            else:
                length = struct.unpack(f"{order}I", self._take(4, "a block"))[0]
                body = self._body(length, _BLOCK, order)
            if kind == _INTERFACE and len(body) > 1 and len(links) < INTERFACES:
                links.append(struct.unpack_from(f"{order}H", body)[0])
            yield from _packet(kind, body, order, links)
            head = self.stream.read(4)
            if not head:
                return
            if len(head) < 4:  # noqa: PLR2004 - octets of a block's type
                raise Cut("it ends in the head of a block")
            kind = struct.unpack(f"{order}I", head)[0]

    def _section(self) -> tuple[str, bytes]:
        head = self._take(8, "the head of a section")
        order = {_ORDER: ">", _ORDER[::-1]: "<"}.get(head[4:])
        if order is None:
            raise Cut("a section's head is damaged")
        return order, self._body(struct.unpack(f"{order}I", head[:4])[0], _BLOCK + 4, order)

    def _body(self, length: int, size: int, order: str) -> bytes:
        """Return a block's content without its head and its closing length."""
        if length < size + 4 or length % 4 or length > LARGEST:
            raise Cut(f"a block of {length} octets after {self.packets} frames is damaged")
        body = self._take(length - size, "a block")
        if struct.unpack(f"{order}I", body[-4:])[0] != length:
            raise Cut(f"a block after {self.packets} frames is damaged")
        return body[:-4]


def _packet(kind: int, body: bytes, order: str, links: list[int]) -> Iterator[tuple[int, bytes, int]]:
    """Yield the packet a block holds, with its link type and its length on the wire."""
    if kind in {_ENHANCED, _OLD_PACKET} and len(body) >= 20:  # noqa: PLR2004 - the head of either block
        number = struct.unpack_from(f"{order}I" if kind == _ENHANCED else f"{order}H", body)[0]
        size, length = struct.unpack_from(f"{order}II", body, 12)
        start = 20
    elif kind == _SIMPLE and len(body) >= 4:  # noqa: PLR2004 - its head
        number, length, start = 0, struct.unpack_from(f"{order}I", body)[0], 4
        size = min(length, len(body) - start)
    else:
        return
    yield (links[number] if number < len(links) else -1), body[start : start + size], length


def ethernet(link: int, frame: bytes) -> bytes:
    """Return a frame with an Ethernet header, empty where it never was a frame of a LAN."""
    if link == ETHERNET:
        return frame
    size, kind, sender, protocol = (16, 2, 6, 14) if link == COOKED else (20, 8, 12, 0)
    if len(frame) < size or struct.unpack_from(">H", frame, kind)[0] == _NETLINK:
        return b""
    number, payload = struct.unpack_from(">H", frame, protocol)[0], frame[size:]
    if number == _LLC:
        number = min(len(payload), 1500)
    return _BROADCAST + frame[sender : sender + 6] + struct.pack(">H", number) + payload
