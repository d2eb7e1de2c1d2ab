"""What is read, and where. Text from a device stays word for word."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple, Protocol

from auditor.model.fact import Fact
from auditor.model.order import put_in_order
from auditor.model.rows import FactList, NeighbourTable


class Reason(StrEnum):
    """Why a device, or a part of it, could not be examined."""

    TIMEOUT = "timeout"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    AUTHENTICATION = "authentication"
    AUTHORIZATION = "authorization"
    HOST_KEY = "host-key"
    NO_CREDENTIAL = "no-credential"
    NO_DRIVER = "no-driver"
    PROTOCOL = "protocol"
    PARTIAL = "partial"
    SPOOFED = "spoofed"
    CLOSED = "closed"
    LIMIT = "limit"
    BREAKER = "breaker"
    INTERRUPTED = "interrupted"
    NOT_PARSED = "not-parsed"
    EXCLUDED = "excluded"


# How notes begin that say nothing of where a table of MACs ends, as the readers of devices and recordings write them.
_ELSEWHERE = re.compile(
    r"(?:system group|identity|ENTITY-MIB|ARP and ND|LLDP|VLAN list|the maker's own tables)\b"
    r"|\d+ (?:variables stand in it again|lines of the recording)"
    r"|(?:show|display|/)(?![^:]*(?:mac|fdb|bridge|ethernet-switching))",
    re.IGNORECASE,
)

# What a row that comes back may say in its own right: which device it is about.
IDENTITY_KINDS = frozenset({"inventory.mac", "inventory.name", "inventory.place"})


class VarBind(NamedTuple):
    """One SNMP variable as it came over the wire or out of a recording.

    `oid` is dotted decimal without a leading dot; `tag` the BER tag octet (0x04 OCTET STRING, 0x06 OBJECT
    IDENTIFIER, 0x40 IpAddress …, RFC 3416); `raw` the value octets, undecoded.
    """

    oid: str
    tag: int
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to look: site and address name a device; secrets are named, never held."""

    address: str
    site: str = ""
    collectors: tuple[str, ...] = ()
    credentials: tuple[str, ...] = ()
    ports: tuple[tuple[str, int], ...] = ()
    driver: str = ""

    def port(self, collector: str, default: int) -> int:
        """Return the port this target uses for a collector, e.g. `snmp` → 161."""
        return dict(self.ports).get(collector, default)


class Scope(Protocol):
    """Says of every address whether it may be contacted; whoever opens a socket asks first."""

    def check(self, address: str, site: str = "", *, group: bool = False) -> None:
        """Raise `OutOfScopeError` for a barred address; a `group` need only not be excluded."""
        ...

    def barred(self, version: int, site: str) -> Sequence[tuple[int, int]]:
        """Return what of a site may not be contacted, as half-open intervals in order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Addresses treated alike: `first` to `last` as numbers; `like` is a target without address.

    A million addresses are one span; a `Target` is made of one when it is its turn. `entry_size` is how many
    addresses the words held that named these, before exclusions and sites cut them: 1 for a host; zero where nobody
    named more than these.
    """

    first: int
    last: int
    version: int = 4
    like: Target
    entry_size: int = 0

    def __post_init__(self) -> None:
        if self.first > self.last or self.version not in {4, 6}:
            raise ValueError(f"no span of addresses: {self.first} to {self.last}, version {self.version}")

    @property
    def size(self) -> int:
        """Return how many addresses it holds."""
        return self.last - self.first + 1

    @property
    def breadth(self) -> int:
        """Return how many addresses were named together."""
        return self.entry_size or self.size

    def holds(self, target: Target) -> bool:
        """Tell whether a target is one of these addresses, at the same site."""
        if target.site != self.like.site:
            return False
        try:
            address = ip_address(target.address)
        except ValueError:
            return False
        return address.version == self.version and self.first <= int(address) <= self.last

    def targets(self) -> Iterator[Target]:
        """Yield one target per address, in order."""
        kind = IPv4Address if self.version == 4 else IPv6Address  # noqa: PLR2004 - a name, not a quantity
        for number in range(self.first, self.last + 1):
            yield replace(self.like, address=str(kind(number)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What is public about credentials. The secrets behind `name` are fetched when used.

    `kind` is `snmp-v1`, `snmp-v2c`, `snmp-v3`, `ssh` or `http`; `auth` MD5, SHA, SHA224 … SHA512; `priv` DES, AES,
    AES192, AES256, AES192C, AES256C (net-snmp's names; `C` is Cisco's key extension); `key_file` an SSH private key.
    """

    name: str
    kind: str
    user: str = ""
    auth: str = ""
    priv: str = ""
    context: str = ""
    key_file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepNote:
    """What only a resumed sweep reads of an address another found.

    The collectors worth running, ranges (`10.0.0.1-10.0.7.254`) that were asked to their end with it, and whether the
    sweep was stopped in the middle of its block, which is then asked again.
    """

    collectors: tuple[str, ...] = ()
    ranges: tuple[str, ...] = ()
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Everything one collector saw at one target at one time (UTC). `extra` as in `Fact`.

    `facts`, however given, are held as a `FactList`: those of tables compactly, after all others. `opened_by` is the
    name of the credential that let the collector in, `sweep` what a sweep notes for its resumption.
    """

    target: Target
    collector: str
    at: datetime
    facts: Sequence[Fact]
    opened_by: str = ""
    sweep: SweepNote | None = None
    extra: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.facts, FactList):
            object.__setattr__(self, "facts", FactList.of(self.facts))

    @property
    def plain(self) -> tuple[Fact, ...]:
        """Return the facts that stand in no table."""
        return FactList.of(self.facts).plain

    @property
    def tables(self) -> tuple[NeighbourTable, ...]:
        """Return its ARP and forwarding tables."""
        return FactList.of(self.facts).tables

    @property
    def is_returned(self) -> bool:
        """Tell whether it is a row of a report of ours that comes back, and says nothing else."""
        own = self.plain
        return (
            not self.tables
            and any(fact.is_conclusion for fact in own)
            and all(fact.is_conclusion or fact.kind in IDENTITY_KINDS for fact in own)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A device, or a part of it, that could not be examined. Not a clean one."""

    target: Target
    collector: str
    at: datetime
    reason: Reason
    detail: str = ""
    extra: str = ""

    @property
    def may_lack_rows(self) -> bool:
        """Tell whether its table of MACs may end early: the note names nothing else."""
        is_part = self.reason in {Reason.PARTIAL, Reason.LIMIT, Reason.INTERRUPTED}
        return is_part and _ELSEWHERE.match(self.detail) is None

    @property
    def order(self) -> tuple[object, ...]:
        """Return the sort key of failures: by where, then by how and when."""
        return (self.target.site, self.target.address, self.collector, self.reason.value, self.at, self.detail)

    def to_keep(self) -> "Unread":
        """Return what is kept of it beside its journal."""
        return replace(self, target=Target(address=self.target.address, site=self.target.site), extra="")


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptySweep:
    """Ranges of addresses of one site that were asked to their end, and nobody answered.

    `ranges` are spelled `10.0.0.1-10.0.7.254`; `target` has the site and no address.
    """

    target: Target
    collector: str
    at: datetime
    ranges: tuple[str, ...]
    extra: str = ""


Record = Observation | Unread | EmptySweep


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The head of a journal: one collection, when it began and what it set out to read.

    `addresses` counts what was contacted, silent addresses of swept subnets included; `scope` says it in words, a
    line a span.
    """

    id: str
    started: datetime
    tool: str = ""
    sites: tuple[str, ...] = ()
    addresses: int = 0
    scope: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        put_in_order(self, "sites")
