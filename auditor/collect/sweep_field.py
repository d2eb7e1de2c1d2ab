"""The addresses of one stretch of a sweep, in the order they are asked, with the token each must answer with.

Numbers in arrays, no object per address: memory is bounded by the stretch, whatever the size of the network.
"""

import os
import socket
from array import array
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from itertools import compress

from auditor.collect.sweep_volley import TOKEN
from auditor.model import Fact, Span, Target

STRETCH = 131_072
STRIDE = 256
WAITING, ANSWERED, GONE = 0, 1, 2
_TOP = bytes(octet & 0x3F | 0x40 for octet in range(256))


@dataclass(slots=True)
class Heard:
    """What one address said so far: facts, and the ways it answered, e.g. `snmp`, `engine`, `icmp`, `tcp:22`, `closed`."""

    facts: list[Fact] = field(default_factory=list)
    ways: dict[str, None] = field(default_factory=dict)


class Field:
    """One stretch: `addresses` as numbers in sending order, one token each, what is known of each, and what was heard."""

    def __init__(self, like: Target, version: int, addresses: Sequence[int]) -> None:
        self.like = like
        self.version = version
        self.addresses = addresses
        self.tokens = _tokens(len(addresses))
        self.heard: dict[int, Heard] = {}
        self._states: dict[str, bytearray] = {}
        self._index = dict(zip(addresses, range(len(addresses)), strict=True))

    @property
    def family(self) -> socket.AddressFamily:
        """Return the address family."""
        return socket.AF_INET if self.version == 4 else socket.AF_INET6  # noqa: PLR2004 - an IP version

    def states(self, way: str) -> bytearray:
        """Return what is known of each address by one way of asking: WAITING, ANSWERED or GONE."""
        if way not in self._states:
            self._states[way] = bytearray(len(self.addresses))
        return self._states[way]

    def waiting(self, way: str) -> tuple[Sequence[int], bytes]:
        """Return the addresses that have not answered and their tokens, four octets each."""
        states = self.states(way)
        if not any(states):
            return self.addresses, self.tokens
        silent = bytes(states).translate(_SILENT)
        left = list(compress(self.addresses, silent))
        tokens = bytearray(len(left) * TOKEN)
        for at in range(TOKEN):
            tokens[at::TOKEN] = bytes(compress(self.tokens[at::TOKEN], silent))
        return left, bytes(tokens)

    def all_known(self, way: str) -> bool:
        """Tell whether nobody is left who might still answer that way."""
        return WAITING not in self.states(way)

    def index(self, number: int) -> int:
        """Return the position of an address given as a number."""
        return self._index[number]

    def at(self, host: str) -> int:
        """Return the position of an address as the kernel spells it, or -1 where it was never asked."""
        try:
            octets = socket.inet_pton(self.family, host.partition("%")[0])
        except OSError:
            return -1
        return self._index.get(int.from_bytes(octets, "big"), -1)

    def answered(self, position: int, token: int, way: str, facts: Iterable[Fact]) -> bool:
        """Take in an answer; tell whether its token is the one this address was given."""
        if int.from_bytes(self.tokens[position * TOKEN : position * TOKEN + TOKEN], "big") != token:
            return False
        if self.states(way)[position] != ANSWERED:
            self.states(way)[position] = ANSWERED
            self.note(position, way, facts)
        return True

    def gone(self, position: int, way: str) -> None:
        """Note that there is no use in asking an address this way again."""
        states = self.states(way)
        states[position] = states[position] or GONE

    def note(self, position: int, way: str, facts: Iterable[Fact] = ()) -> None:
        """Note that an address is alive."""
        said = self.heard.setdefault(position, Heard())
        said.ways[way] = None
        said.facts.extend(facts)

    def address(self, position: int) -> str:
        """Return an address as text."""
        kind = IPv4Address if self.version == 4 else IPv6Address  # noqa: PLR2004 - an IP version
        return str(kind(self.addresses[position]))

    def is_loopback(self, position: int) -> bool:
        """Tell whether an address is in 127.0.0.0/8, where every address answers that a port is closed."""
        return self.version == 4 and self.addresses[position] >> 24 == 127  # noqa: PLR2004 - RFC 1122 3.2.1.3


_SILENT = bytes(1 if state == WAITING else 0 for state in range(256))


def _tokens(count: int) -> bytes:
    """Return random tokens between 2^30 and 2^31: nobody but the address asked can know its own."""
    tokens = bytearray(os.urandom(count * TOKEN))
    tokens[::TOKEN] = bytes(tokens[::TOKEN]).translate(_TOP)
    return bytes(tokens)


def fields(spans: Iterable[Span], done: Container[tuple[str, str]] = frozenset()) -> Iterator[Field]:
    """Yield the spans in stretches of addresses treated alike; `done` holds (site, address) pairs to leave out."""
    group: list[Sequence[int]] = []
    size, key = 0, None
    for span in spans:
        for piece in _pieces(span):
            if group and ((span.like, span.version) != key or size + len(piece) > STRETCH):
                yield from _field(key, group, done)
                group, size = [], 0
            key = (span.like, span.version)
            group.append(piece)
            size += len(piece)
    if group:
        yield from _field(key, group, done)


def _pieces(span: Span) -> Iterator[range]:
    for first in range(span.first, span.last + 1, STRETCH):
        yield range(first, min(first + STRETCH, span.last + 1))


def _field(
    key: tuple[Target, int] | None, group: list[Sequence[int]], done: Container[tuple[str, str]]
) -> Iterator[Field]:
    if key is None:
        return
    like, version = key
    ordered = [number for piece in group for number in _scattered(piece)]
    if not (isinstance(done, frozenset) and not done):
        kind = IPv4Address if version == 4 else IPv6Address  # noqa: PLR2004 - an IP version
        ordered = [number for number in ordered if (like.site, str(kind(number))) not in done]
    ordered = list(dict.fromkeys(ordered))
    if ordered:
        yield Field(like, version, array("I", ordered) if version == 4 else ordered)  # noqa: PLR2004 - an IP version


def _scattered(piece: Sequence[int]) -> Iterator[int]:
    """Yield addresses so that neighbours in time are no neighbours in a subnet: no router has to resolve a whole subnet at once."""
    step = STRIDE if len(piece) > STRIDE else 1
    for first in range(step):
        yield from piece[first::step]
