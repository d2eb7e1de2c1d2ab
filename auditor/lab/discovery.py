"""Search answers over UDP at their protocols' ports, SSDP at the lab's own. No root.

Where a fixed port is taken, by another lab or by a camera tool, that answer is not played; everything else of the
device is.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import cast
from xml.sax.saxutils import escape

from auditor.lab.samples import Sample

SADP, DHIP, WS_DISCOVERY = 37020, 37810, 3702
_LOCATION = re.compile(r"(?i)(\r\nLOCATION: ?)https?://[^/\s]+")
_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_WSD = "http://schemas.xmlsoap.org/ws/2005/04/discovery"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replier:
    """One search answer: where it is given, what a question must hold, and the answer."""

    name: str
    address: str
    port: int
    question: bytes
    reply: bytes


def repliers(sample: Sample, address: str, ports: Mapping[str, int]) -> Iterator[Replier]:
    """Yield the search answers of a sample; they point to pages on the lab's port."""
    web = f"http://{address}:{ports['http']}"
    if words := sample.greeting("sadp.reply"):
        yield Replier(name="sadp", address=address, port=SADP, question=b"<Probe", reply=words.encode())
    if words := sample.greeting("dhip.reply"):
        body = words.encode()
        # 32 octets of header: its size, the name, two zeroes of four octets, the size of the body twice
        # (little-endian).
        header = b"\x20\0\0\0DHIP" + bytes(8) + len(body).to_bytes(8, "little") * 2
        yield Replier(name="dhip", address=address, port=DHIP, question=b"DHIP", reply=header + body)
    if words := sample.greeting("onvif.scopes"):
        reply = _probe_match(words.split(), f"{web}/onvif/device_service").encode()
        yield Replier(name="ws-discovery", address=address, port=WS_DISCOVERY, question=b"Probe", reply=reply)
    if words := sample.greeting("upnp.description"):
        reply = _LOCATION.sub(rf"\g<1>{web}", words).encode()
        yield Replier(name="ssdp", address=address, port=ports["ssdp"], question=b"M-SEARCH", reply=reply)


class DiscoveryServers:
    """Answers searches on one event loop that somebody else runs."""

    def __init__(self, answers: Iterable[Replier]) -> None:
        self.stats: Counter[str] = Counter()
        self.answers = tuple(answers)
        self._transports: list[asyncio.DatagramTransport] = []

    async def start(self) -> None:
        """Bind every port that is free."""
        loop = asyncio.get_running_loop()
        for answer in self.answers:
            try:
                transport, _ = await loop.create_datagram_endpoint(
                    partial(_Answering, answer, self.stats), local_addr=(answer.address, answer.port)
                )
            except OSError:
                self.stats["searches_not_played"] += 1
            else:
                self._transports.append(transport)

    def close(self) -> None:
        """Free every port."""
        for transport in self._transports:
            transport.close()


class _Answering(asyncio.DatagramProtocol):
    """One port of one device."""

    def __init__(self, answer: Replier, stats: Counter[str]) -> None:
        self._answer = answer
        self._stats = stats
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to answer."""
        # The standard loop's datagram transport does not descend from the class it stands for, so no isinstance here.
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer a question of this protocol, ignore all else."""
        if self._answer.question in data and self._transport is not None:
            self._stats["searches"] += 1
            self._transport.sendto(self._answer.reply, addr)


def _probe_match(scopes: list[str], service: str) -> str:
    """Return the shortest ProbeMatches (WS-Discovery 5.3) a reader of scopes needs."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{_SOAP}" xmlns:d="{_WSD}"><s:Body><d:ProbeMatches>'
        f"<d:ProbeMatch><d:Scopes>{escape(' '.join(scopes))}</d:Scopes><d:XAddrs>{escape(service)}</d:XAddrs>"
        "</d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>"
    )
