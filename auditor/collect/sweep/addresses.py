"""Which addresses a sweep asks together: blocks treated alike, each address with its token.

Octets side by side and arithmetic between them, no object per address: memory is bounded by the block, whatever the
network.
"""

import os
import socket
from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address
from itertools import accumulate, chain, compress, groupby

from auditor.collect.sweep.batch import LITTLE, TOKEN
from auditor.model import EmptySweep, Fact, Observation, Span, SweepNote, Target

STRIDE = 256
WAITING, ANSWERED, GONE = 0, 1, 2
_TOP = bytes(octet & 0x3F | 0x40 for octet in range(256))
_SILENT = bytes(1 if state == WAITING else 0 for state in range(256))
BLOCK = 131_072


@dataclass(slots=True)
class AddressReplies:
    """What one address said so far: facts, and the ways it answered, e.g. `icmp`, `tcp:22`."""

    facts: list[Fact] = field(default_factory=list)
    ways: dict[str, None] = field(default_factory=dict)


class AddressBlock:
    """Addresses asked together: their octets in sending order, a token each, what each answered.

    `pieces` are addresses as numbers, in order and apart.
    """

    def __init__(self, like: Target, version: int, pieces: Sequence[range]) -> None:
        self.like = like
        self.version = version
        self.pieces = pieces
        *self._places, self.size = accumulate((len(piece) for piece in pieces), initial=0)
        self.width = 4 if version == 4 else 16  # noqa: PLR2004 - an IP version
        self.octets = _columns(_pack(pieces, self.width), self.width, _scatter)
        self.tokens = _tokens(self.size)
        self.replies: dict[int, AddressReplies] = {}
        self._firsts = [piece[0] for piece in pieces]
        self._states: dict[str, bytearray] = {}

    @property
    def family(self) -> socket.AddressFamily:
        """Return the address family."""
        return socket.AF_INET if self.version == 4 else socket.AF_INET6  # noqa: PLR2004 - an IP version

    def states(self, way: str) -> bytearray:
        """Return what is known of each address by one way of asking: WAITING, ANSWERED or GONE."""
        if way not in self._states:
            self._states[way] = bytearray(self.size)
        return self._states[way]

    def waiting(self, way: str) -> tuple[bytes, bytes]:
        """Return the addresses that have not answered, and their tokens, packed."""
        states = self.states(way)
        if not any(states):
            return self.octets, self.tokens
        silent = bytes(states).translate(_SILENT)

        def left(column: bytes) -> bytes:
            return bytes(compress(column, silent))

        return _columns(self.octets, self.width, left), _columns(self.tokens, TOKEN, left)

    def all_known(self, way: str) -> bool:
        """Tell whether nobody is left who might still answer that way."""
        return WAITING not in self.states(way)

    def position(self, octets: bytes) -> int:
        """Return the position of an address in network order, or -1 where it is not of these."""
        number = int.from_bytes(octets, "big")
        at = bisect_right(self._firsts, number) - 1
        if at < 0 or number not in self.pieces[at]:
            return -1
        place = self._places[at] + number - self._firsts[at]
        if self.size <= STRIDE:
            return place
        row, column = divmod(place, STRIDE)
        rows, longer = divmod(self.size, STRIDE)
        return column * rows + min(column, longer) + row

    def at(self, host: str) -> int:
        """Return the position of an address as the kernel spells it, or -1 where it was never asked."""
        try:
            return self.position(socket.inet_pton(self.family, host.partition("%")[0]))
        except OSError:
            return -1

    def accept(self, position: int, token: int, way: str, facts: Iterable[Fact]) -> bool:
        """Take in an answer; tell whether its token is the one this address was given."""
        if int.from_bytes(self.tokens[position * TOKEN : position * TOKEN + TOKEN], "big") != token:
            return False
        if self.states(way)[position] != ANSWERED:
            self.states(way)[position] = ANSWERED
            self.note(position, way, facts)
        return True

    def give_up(self, position: int, way: str) -> None:
        """Note that there is no use in asking an address this way again."""
        states = self.states(way)
        states[position] = states[position] or GONE

    def note(self, position: int, way: str, facts: Iterable[Fact] = ()) -> None:
        """Note that an address is alive."""
        replies = self.replies.setdefault(position, AddressReplies())
        replies.ways[way] = None
        replies.facts.extend(facts)

    def living(self) -> list[int]:
        """Return the positions of those who were heard, in the order of their addresses."""
        return sorted(self.replies, key=self._octets_of)

    def address(self, position: int) -> str:
        """Return an address as text."""
        raw = self._octets_of(position)
        return socket.inet_ntoa(raw) if self.version == 4 else str(IPv6Address(raw))  # noqa: PLR2004 - an IP version

    def is_loopback(self, position: int) -> bool:
        """Tell whether an address is in 127.0.0.0/8, where every address says a port is closed."""
        return self.version == 4 and self._octets_of(position)[0] == 127  # noqa: PLR2004 - RFC 1122 3.2.1.3

    def _octets_of(self, position: int) -> bytes:
        return self.octets[position * self.width : (position + 1) * self.width]


def _pack(pieces: Iterable[range], width: int) -> bytes:
    """Return addresses in network order, one after the other."""
    if width == 16:  # noqa: PLR2004 - the octets of an IPv6 address
        out = bytearray()
        for number in chain.from_iterable(pieces):
            out += number.to_bytes(width, "big")
        return bytes(out)
    raw = array("I")
    for piece in pieces:
        raw.extend(piece)
    if LITTLE:
        raw.byteswap()
    return raw.tobytes()


def _scatter(column: bytes) -> bytes:
    """Reorder so that no router has to resolve a whole subnet at once."""
    if len(column) <= STRIDE:
        return column
    return b"".join([column[first::STRIDE] for first in range(STRIDE)])


def _columns(rows: bytes, width: int, change: Callable[[bytes], bytes]) -> bytes:
    """Change every octet column of rows `width` octets wide: slices, no Python per row."""
    parts = [change(rows[at::width]) for at in range(width)]
    out = bytearray(width * len(parts[0]))
    for at, column in enumerate(parts):
        out[at::width] = column
    return bytes(out)


def _tokens(count: int) -> bytes:
    """Return random tokens between 2^30 and 2^31: nobody but the address asked can know its own."""
    tokens = bytearray(os.urandom(count * TOKEN))
    tokens[::TOKEN] = bytes(tokens[::TOKEN]).translate(_TOP)
    return bytes(tokens)


def blocks(
    spans: Iterable[Span],
    before: Iterable[Observation | EmptySweep] = (),
    most: Callable[[Target], int] = lambda _like: BLOCK,
    exclusions: Callable[[int, str], Sequence[tuple[int, int]]] = lambda _version, _site: (),
) -> Iterator[AddressBlock]:
    """Yield the spans in blocks treated alike, at most so many in one.

    `done` is what an interrupted sweep found; `barred` says which addresses may not be contacted at a site.
    """
    behind = _behind(before)
    for (like, version), alike in groupby(spans, key=lambda span: (span.like, span.version)):
        whole = merge((span.first, span.last + 1) for span in alike)
        holes = [*behind[like.site, version], *exclusions(version, like.site)]
        for pieces in _cut(_without(whole, holes), min(most(like), BLOCK)):
            yield AddressBlock(like, version, pieces)


def spell_ranges(version: int, pieces: Iterable[range]) -> tuple[str, ...]:
    """Return addresses that were asked as a journal holds them, `10.0.0.1-10.0.7.254`."""
    kind = IPv4Address if version == 4 else IPv6Address  # noqa: PLR2004 - an IP version
    ends = merge((piece.start, piece.stop) for piece in pieces)
    return tuple(f"{kind(first)}-{kind(end - 1)}" for first, end in ends)


def _behind(before: Iterable[Observation | EmptySweep]) -> defaultdict[tuple[str, int], list[tuple[int, int]]]:
    ranges: defaultdict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    for record in before:
        for text in _asked(record):
            first, _, last = text.partition("-")
            try:
                ends = ip_address(first), ip_address(last or first)
            except ValueError:
                continue
            if ends[0].version == ends[1].version:
                ranges[record.target.site, ends[0].version].append((int(ends[0]), int(ends[1]) + 1))
    return ranges


def _asked(record: Observation | EmptySweep) -> tuple[str, ...]:
    """Return the addresses and ranges that a record of a sweep says were asked to their end."""
    if isinstance(record, EmptySweep):
        return record.ranges
    note = record.sweep or SweepNote()
    return () if note.cut else (record.target.address, *note.ranges)


def merge(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return half-open intervals of numbers in order and apart, the empty ones left out."""
    out: list[tuple[int, int]] = []
    for first, end in sorted(pairs):
        if out and first <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        elif first < end:
            out.append((first, end))
    return out


def _without(whole: Iterable[tuple[int, int]], holes: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    apart = merge(holes)
    for start, end in whole:
        first = start
        at = max(0, bisect_right(apart, (start,)) - 1)
        while at < len(apart) and apart[at][0] < end:
            if first < apart[at][0]:
                yield first, apart[at][0]
            first = max(first, apart[at][1])
            at += 1
        if first < end:
            yield first, end


def _cut(whole: Iterable[tuple[int, int]], most: int) -> Iterator[Sequence[range]]:
    group: list[range] = []
    left = most
    for start, end in whole:
        first = start
        while first < end:
            piece = range(first, min(end, first + left))
            group.append(piece)
            first, left = piece.stop, left - len(piece)
            if not left:
                yield group
                group, left = [], most
    if group:
        yield group
