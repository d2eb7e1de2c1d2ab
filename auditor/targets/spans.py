"""Words that name addresses → intervals, and arithmetic on them; a /12 is two numbers.

An IPv4 address written as IPv6 (`::ffff:10.0.0.1`, RFC 4291 2.5.5.2) is that IPv4 address.

Takes `10.0.0.0/24`, `10.0.0.1-50`, `10.0.0.1-10.0.1.20`, `10.0.0.1`, `2001:db8::1`, `2001:db8::/120` and host names.
The network
and the broadcast address of a subnet are never part of it.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from ipaddress import ip_address as spelled_address

from auditor.errors import UsageError

Address = IPv4Address | IPv6Address
Resolve = Callable[[str], tuple[str, ...]]

_HOST = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?\Z"
)
_LOOKS_NUMERIC = re.compile(r"[0-9./-]+\Z|.*:.*:")
_LAST_OCTET = re.compile(r"[0-9]{1,3}\Z")
_MAPPED = IPv6Network("::ffff:0:0/96")
WIDEST_V6 = 65_536
# Addresses of a /24.
BLOCK = 256
POINT_TO_POINT = 2
IPV4 = 4


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Addresses `first` to `last`, both included, of one IP version."""

    version: int
    first: int
    last: int

    @property
    def size(self) -> int:
        """Return how many addresses it holds."""
        return self.last - self.first + 1

    def text(self) -> str:
        """Return it the way people write it."""
        kind = IPv4Address if self.version == IPV4 else IPv6Address
        return str(kind(self.first)) if self.size == 1 else f"{kind(self.first)}-{kind(self.last)}"


def parse(word: str, resolve: Resolve) -> tuple[Interval, ...]:
    """Return the addresses a word names, a host name by `resolve`; none is a `UsageError`."""
    word = word.strip()
    try:
        if "/" in word:
            return subnet(word)
        if "-" in word and _LOOKS_NUMERIC.match(word):
            return (_range(word),)
        if _LOOKS_NUMERIC.match(word):
            return (single(ip_address(word)),)
    except ValueError as exc:
        raise UsageError(
            f"{exc}; write an address, 10.0.0.0/24, 10.0.0.1-50 or a host name", where=repr(word)
        ) from None
    if not _HOST.match(word):
        raise UsageError("is no address, subnet, range or host name", where=repr(word))
    addresses = resolve(word)
    if not addresses:
        raise UsageError("this host name has no address", where=word)
    return (single(ip_address(addresses[0])),)


def ip_address(word: str) -> Address:
    """Return an address, IPv4 in IPv6 spelling as IPv4; what is none is a `ValueError`."""
    address = spelled_address(word)
    return getattr(address, "ipv4_mapped", None) or address


def network_of(word: str) -> IPv4Network | IPv6Network:
    """Return a subnet or an address as a subnet, host bits ignored, mapped IPv4 as IPv4."""
    network = ip_network(word.strip(), strict=False)
    if not isinstance(network, IPv6Network) or not network.subnet_of(_MAPPED):
        return network
    return IPv4Network((int(network.network_address) & 0xFFFF_FFFF, network.prefixlen - _MAPPED.prefixlen))


def subnet(word: str) -> tuple[Interval, ...]:
    """Return the hosts of a subnet, without its edges (RFC 3021 keeps both of a /31)."""
    network = network_of(word)
    first, last = int(network.network_address), int(network.broadcast_address)
    if isinstance(network, IPv6Network):
        if network.num_addresses > WIDEST_V6:
            raise ValueError(f"{network} is too wide to walk; list IPv6 addresses, or use /112 or longer")
        # The first address of an IPv6 subnet is the routers' anycast address (RFC 4291 2.6.1).
        return (Interval(6, first + (network.num_addresses > POINT_TO_POINT), last),)
    if network.num_addresses > POINT_TO_POINT:
        first, last = first + 1, last - 1
    return (Interval(IPV4, first, last),)


def edges(word: str) -> Iterator[Interval]:
    """Yield the network and broadcast address of an IPv4 subnet, which nothing may contact."""
    network = network_of(word)
    if network.version == IPV4 and network.num_addresses > POINT_TO_POINT:
        yield single(network.network_address)
        yield single(network.broadcast_address)


def whole(word: str) -> Interval:
    """Return every address of a subnet or an address, edges included, as an exclusion means it."""
    network = network_of(word)
    return Interval(network.version, int(network.network_address), int(network.broadcast_address))


def hole(word: str) -> Interval:
    """Return what an exclusion means: a whole subnet, one address, or a range to its very ends."""
    if "/" in word or "-" not in word:
        return whole(word)
    start, end = _ends(word.strip())
    return Interval(start.version, int(start), int(end))


def single(address: Address) -> Interval:
    """Return one address as an interval."""
    return Interval(address.version, int(address), int(address))


def _range(word: str) -> Interval:
    start, end = _ends(word)
    first, last = int(start), int(end)
    if start.version == IPV4 and last > first:
        # A range over a whole last octet is somebody's /24.
        first, last = first + (first & 0xFF == 0), last - (last & 0xFF == 0xFF)  # noqa: PLR2004 - the last octet
    elif last - first >= WIDEST_V6:
        raise ValueError(f"{word} is too wide to walk; list IPv6 addresses")
    return Interval(start.version, first, last)


def _ends(word: str) -> tuple[Address, Address]:
    left, _, right = word.partition("-")
    start = ip_address(left)
    # 10.0.0.1-50 means the last octet.
    short = isinstance(start, IPv4Address) and _LAST_OCTET.match(right)
    end = ip_address(left.rpartition(".")[0] + "." + right if short else right)
    if start.version != end.version or int(end) < int(start):
        raise ValueError(f"the range {word} ends before it begins")
    return start, end


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the same addresses in order, each once."""
    out: list[Interval] = []
    for item in sorted(intervals):
        if out and out[-1].version == item.version and item.first <= out[-1].last + 1:
            out[-1] = Interval(item.version, out[-1].first, max(out[-1].last, item.last))
        else:
            out.append(item)
    return out


def minus(intervals: Iterable[Interval], holes: Iterable[Interval]) -> list[Interval]:
    """Return what is left of some addresses without others, in one pass; both may overlap."""
    left: list[Interval] = []
    holes = merge(holes)[::-1]  # the next one stands last
    for item in merge(intervals):
        first = item.first
        while holes and (holes[-1].version, holes[-1].first) <= (item.version, item.last):
            hole = holes[-1]
            if hole.version == item.version and hole.last >= first:
                left += [Interval(item.version, first, hole.first - 1)] * (first < hole.first)
                first = hole.last + 1
            if first > item.last:
                break  # the same hole may reach into the next item
            holes.pop()
        left += [Interval(item.version, first, item.last)] * (first <= item.last)
    return left


def common(intervals: Iterable[Interval], others: Iterable[Interval]) -> list[Interval]:
    """Return the addresses that are in both."""
    mine = merge(intervals)
    return minus(mine, minus(mine, others))


def sample_of(intervals: Iterable[Interval], most: int) -> Iterator[Interval]:
    """Yield the first `most` addresses of each /24 (IPv6: /120); all where it is zero.

    The network address of a /24 is none of them.
    """
    for item in intervals:
        if not most:
            yield item
            continue
        for block in range(item.first // BLOCK, item.last // BLOCK + 1):
            first = max(item.first, block * BLOCK + 1)
            last = min(item.last, block * BLOCK + min(most, BLOCK - 1))
            if first <= last:
                yield Interval(item.version, first, last)
