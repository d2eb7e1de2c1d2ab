"""The addresses several switches of a site learned, counted by the ports of two of them."""

import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from auditor.assets.boxes import components


class Learner(Protocol):
    """A switch with a table."""

    @property
    def key(self) -> str:
        """Return its key."""

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield each address it learned with the port."""


# An address that is alone on a port of so many switches has moved or is used twice: it tells nothing of the cables.
MANY = 2
T = TypeVar("T", bound=Learner)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonTable:
    """What one switch learned, with a number for each address and a bit for each number.

    `busiest` is the port with the most addresses, `uplink` those on it: most of what two switches have in common both
    learned there, so that it need not be counted one by one. `elsewhere` are the ports of all others, by number.
    """

    bits: int
    busiest: str
    uplink: int
    elsewhere: Mapping[int, str]

    def pairs(self, other: "CommonTable") -> dict[tuple[str, str], int]:
        """Count the addresses two switches have in common by the ports both learned them on."""
        both = self.bits & other.bits
        busy = both & self.uplink & other.uplink
        counts: dict[tuple[str, str], int] = {}
        if busy:
            counts[self.busiest, other.busiest] = busy.bit_count()
        for number in _numbers(both ^ busy):
            ports = self.elsewhere.get(number, self.busiest), other.elsewhere.get(number, other.busiest)
            counts[ports] = counts.get(ports, 0) + 1
        return counts


def domains(site: Sequence[T]) -> Iterator[list[T]]:
    """Yield the switches of a site that learned common addresses, if by way of others."""
    for group in components([{mac for mac, _ in one.rows()} for one in site]):
        yield [site[index] for index in group]


def common_tables(site: Iterable[Learner]) -> Mapping[str, CommonTable]:
    """Return each switch's table of addresses that others learned too; its first port counts."""
    learned = {one.key: dict(reversed(list(one.rows()))) for one in site}
    counts = Counter(mac for rows in learned.values() for mac in rows)
    alone = Counter(mac for rows in learned.values() for mac in _alone(rows))
    common = (mac for mac, count in counts.items() if count > 1 and alone[mac] < MANY)
    numbers = {mac: number for number, mac in enumerate(common)}
    return {key: _table(rows, numbers) for key, rows in learned.items()}


def _alone(rows: Mapping[str, str]) -> Iterator[str]:
    """Yield the addresses that are alone on their port."""
    crowd = Counter(rows.values())
    yield from (mac for mac, port in rows.items() if crowd[port] == 1)


def _table(rows: Mapping[str, str], numbers: Mapping[str, int]) -> CommonTable:
    places = sorted((numbers[mac], port) for mac, port in rows.items() if mac in numbers)
    crowd = Counter(port for _, port in places)
    busiest = min(crowd, key=lambda port: (-crowd[port], port), default="")
    return CommonTable(
        bits=_bits(number for number, _ in places),
        busiest=busiest,
        uplink=_bits(number for number, port in places if port == busiest),
        elsewhere={number: port for number, port in places if port != busiest},
    )


def _bits(numbers: Iterable[int]) -> int:
    octets = bytearray()
    for number in numbers:
        at = number >> 3
        if at >= len(octets):
            octets.extend(bytes(at - len(octets) + 1))
        octets[at] |= 1 << (number & 7)
    return int.from_bytes(octets, "little")


def _numbers(bits: int) -> Iterator[int]:
    """Yield the numbers of the bits that are set."""
    words = array("Q")
    words.frombytes(bits.to_bytes((bits.bit_length() + 63) // 64 * 8, sys.byteorder))
    for at, word in enumerate(words if sys.byteorder == "little" else reversed(words)):
        left = word
        while left:
            low = left & -left
            yield (at << 6) + low.bit_length() - 1
            left ^= low
