"""The scope guard: which addresses may be contacted at all.

Private (RFC 1918), shared (RFC 6598), unique local (RFC 4193) and loopback addresses may be. Anything else needs an
allow-list file
and a flag, both. Multicast, link-local and reserved addresses never. Exclusions always win.

What a person names is judged by `guard` before anything is sent. Whatever else names an address (an ssh_config, a jump
host, a
redirect, a name's resolution) is asked of a `ScopeGuard` at the moment of connecting.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_network

from auditor.errors import AuditorError, OutOfScopeError, ProblemsError, UsageError
from auditor.tables import refuse
from auditor.targets.spans import IPV4, Address, Interval, common, ip_address, minus, single, whole

_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "fc00::/7", "::1/128")
HOME = tuple(map(whole, _PRIVATE))
NEVER = tuple(map(whole, ("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/128", "fe80::/10", "ff00::/8")))
MANY = 65_536
ADVICE = "name it in an allow-list (--allow-file FILE) and add --public"
# Translated by the network to the IPv4 address in their last octets (RFC 6052 2.1).
NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Addresses nobody may contact, the words that say so, the site they are for (empty: all)."""

    addresses: Interval
    words: str
    site: str = ""


class ScopeGuard:
    """Answers at the moment of connecting; `allowed` are public addresses that are meant."""

    def __init__(self, exclusions: Iterable[Exclusion] = (), allowed: Iterable[Interval] = ()) -> None:
        self._exclusions = tuple(exclusions)
        self._open = (*HOME, *allowed)
        self._barred: dict[tuple[int, str], list[tuple[int, int]]] = {}

    def check(self, address: str, site: str = "", *, group: bool = False) -> None:
        """Raise `OutOfScopeError` for an address out of scope; a multicast `group` may be asked."""
        try:
            number = ip_address(address.partition("%")[0])
        except ValueError:
            raise OutOfScopeError(
                f"{address[:80]!r} is no IP address, so nobody can tell whether it is excluded"
            ) from None
        for real in _real_addresses(number):
            if words := self._exclusion_of(real, site):
                raise OutOfScopeError(f"{number} is excluded ({words}) and was not contacted")
        if not group and self._bars(number, site):
            raise OutOfScopeError(_kind(number))

    def barred(self, version: int, site: str) -> list[tuple[int, int]]:
        """Return every address out of scope at a site, as half-open intervals, in order and apart."""
        if (version, site) not in self._barred:
            every = Interval(version, 0, 2 ** (32 if version == IPV4 else 128) - 1)
            holes = [hole.addresses for hole in self._exclusions if hole.site in {"", site}]
            free = minus([every], [*minus([every], self._open), *NEVER, *holes])
            self._barred[version, site] = [(item.first, item.last + 1) for item in minus([every], free)]
        return self._barred[version, site]

    def _bars(self, address: Address, site: str) -> bool:
        number, barred = int(address), self.barred(address.version, site)
        at = bisect_right(barred, (number, 2**128)) - 1
        return at >= 0 and number < barred[at][1]

    def _exclusion_of(self, address: Address, site: str) -> str:
        """Return the words of the exclusion an address falls under, or an empty string."""
        words = (
            hole.words
            for hole in self._exclusions
            if hole.site in {"", site}
            and hole.addresses.version == address.version
            and hole.addresses.first <= int(address) <= hole.addresses.last
        )
        return next(words, "")


def _kind(address: Address) -> str:
    if common([single(address)], NEVER):
        return f"{address} is multicast, link-local or reserved and is never contacted"
    return f"{address} is outside the private address ranges and was not contacted; {ADVICE}"


def _real_addresses(address: Address) -> Iterator[Address]:
    """Yield an address and the IPv4 address packets to it end at."""
    yield address
    if isinstance(address, IPv6Address) and address in NAT64:
        yield IPv4Address(int(address) & 0xFFFF_FFFF)
    elif isinstance(address, IPv6Address) and address.sixtofour is not None:
        yield address.sixtofour


def guard(intervals: Sequence[Interval], permitted: Iterable[Interval], *, flag: bool) -> None:
    """Refuse public addresses unless an allow-list names them and the flag is set."""
    outside = minus(minus(intervals, HOME), NEVER)
    outsiders = minus(outside, permitted)
    refusals = {
        "multicast, link-local and reserved addresses are never contacted; leave them out": common(intervals, NEVER),
        f"outside the private address ranges; {ADVICE}": outsiders,
        "is in the allow-list; add --public to confirm that public addresses are meant": []
        if outsiders or flag
        else outside,
    }
    refuse([UsageError(why, where=item.text()) for why, items in refusals.items() for item in items])


def allow_list(text: str, name: str) -> tuple[Interval, ...]:
    """Return the subnets of a file: one address or subnet a line, `#` begins a remark."""
    out: list[Interval] = []
    problems: list[AuditorError] = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            if word := line.partition("#")[0].strip():
                ip_network(word, strict=True)
                out.append(whole(word))
        except ValueError as exc:
            problems.append(UsageError(str(exc), where=f"{name}: line {number}"))
    if problems:
        raise ProblemsError(problems)
    return tuple(out)
