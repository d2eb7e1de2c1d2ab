"""The nouns: every frozen type that crosses a doorway between rooms.

Nothing here reads, writes or knows a maker. Text from a device stays word for word in a `Fact`; whoever prints it cleans it.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import IntEnum, StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple, Protocol

# How what a report of ours concluded is marked where it leaves, so that it comes back without weight: the key of a fact's `extra`
# (CONTRACT, "Who speaks"), the column of a table, the comment a report for people begins with.
OURS = "auditor"
CONCLUDED_BY, SAID_BY = "concluded_by", "said_by"
CONCLUDED = f'{{"{CONCLUDED_BY}":"{OURS}"}}'
REPORT_MARK = f"<!-- {SAID_BY}: {OURS} -->"


class Strength(IntEnum):
    """How much one rule proves when it fires."""

    HINT = 1
    STRONG = 2
    PROOF = 3

    @property
    def word(self) -> str:
        """Return the word used in rule files and reports."""
        return self.name.lower()


class Verdict(IntEnum):
    """How sure the judgement on a maker is."""

    POSSIBLE = 1
    PROBABLE = 2
    CONFIRMED = 3

    @property
    def word(self) -> str:
        """Return the word used in options and reports."""
        return self.name.lower()


class Outcome(StrEnum):
    """What an audit can say of one asset; only `match` accuses, none of them acquits."""

    MATCH = "match"
    NO_MATCH = "no_match"
    UNDETERMINED = "undetermined"
    UNREAD = "unread"


class Seen(StrEnum):
    """Whether the asset spoke for itself or only others spoke of it."""

    READ = "read"
    HEARD = "heard"


class Tier(StrEnum):
    """Why a maker is in the vocabulary at all."""

    COVERED = "covered"
    WATCH = "watch"
    OTHER = "other"


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


class VarBind(NamedTuple):
    """One SNMP variable as it came over the wire or out of a recording.

    `oid` is dotted decimal without a leading dot; `tag` the BER tag octet (0x04 OCTET STRING, 0x06 OBJECT IDENTIFIER, 0x40
    IpAddress …, RFC 3416); `raw` the value octets, undecoded.
    """

    oid: str
    tag: int
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to look: a site and an address together name a device; secrets are named, never held."""

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
    """Says of every address, whatever named it, whether it may be contacted; whoever opens a socket asks first."""

    def check(self, address: str, site: str = "", *, group: bool = False) -> None:
        """Raise `OutOfScopeError` where an address may not be contacted; a multicast `group` need only not be excluded."""
        ...

    def barred(self, version: int, site: str) -> Sequence[tuple[int, int]]:
        """Return every address that may not be contacted at a site, as half-open intervals of numbers, in order and apart."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Consecutive addresses that are treated alike: `first` to `last`, both included, as numbers; `like` is a target without address.

    A million addresses are one span; a `Target` is made of one when it is its turn. `named` is how many addresses the words held
    that named these, before exclusions and sites cut them: 1 for a host; zero where nobody named more than these.
    """

    first: int
    last: int
    version: int = 4
    like: Target
    named: int = 0

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
        return self.named or self.size

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
        kind = IPv4Address if self.version == 4 else IPv6Address  # noqa: PLR2004 - an IP version is a name, not a quantity
        for number in range(self.first, self.last + 1):
            yield replace(self.like, address=str(kind(number)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What is public about a set of credentials. The secrets behind `name` are fetched at the moment of use.

    `kind` is `snmp-v1`, `snmp-v2c`, `snmp-v3`, `ssh` or `http`; `auth` MD5, SHA, SHA224 … SHA512; `priv` DES, AES, AES192, AES256,
    AES192C, AES256C (net-snmp's names; `C` is Cisco's key extension); `key_file` an SSH private key.
    """

    name: str
    kind: str
    user: str = ""
    auth: str = ""
    priv: str = ""
    context: str = ""
    key_file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing said, word for word, and where it was said.

    `kind` is a word of `oui_rules/vocabulary.toml`; `where` an OID, an entPhysical index, a command, a header; `about` is
    empty for the device itself, else `mac:…`, `ip:…`, `lldp:…` (a neighbour) or `part:…` (a component of the device). `extra` keeps
    what another program's journal said beyond that, as a JSON object.
    """

    kind: str
    value: str
    where: str = ""
    about: str = ""
    extra: str = ""

    @property
    def concluded(self) -> bool:
        """Tell whether a report of ours concluded it, so that it comes back without weight (`concluded_by` in `extra`)."""
        return bool(self.extra) and json.loads(self.extra).get(CONCLUDED_BY) == OURS


_make = object.__new__
_set_kind, _set_value, _set_where, _set_about, _set_extra = (
    getattr(Fact, name).__set__ for name in ("kind", "value", "where", "about", "extra")
)


def quick_fact(kind: str, value: str, where: str, about: str) -> Fact:
    """Return a fact in a third of its constructor's time: a forwarding table holds thousands of rows, three facts each."""
    fact = _make(Fact)
    _set_kind(fact, kind)
    _set_value(fact, value)
    _set_where(fact, where)
    _set_about(fact, about)
    _set_extra(fact, "")
    return fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Everything one collector saw at one target at one time (UTC). `extra` as in `Fact`."""

    target: Target
    collector: str
    at: datetime
    facts: tuple[Fact, ...]
    extra: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A device, or a part of it, that could not be examined. Not a clean one. `extra` as in `Fact`."""

    target: Target
    collector: str
    at: datetime
    reason: Reason
    detail: str = ""
    extra: str = ""


Record = Observation | Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The head of a journal: one collection, when it began and what it set out to read.

    `addresses` counts what was contacted, silent addresses of swept subnets included; `scope` says it in words, a line a span.
    """

    id: str
    started: datetime
    tool: str = ""
    sites: tuple[str, ...] = ()
    addresses: int = 0
    scope: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What another asset said about this one: the fact and the key of the asset that reported it."""

    by: str
    fact: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an asset is plugged in, and why we think so; `powered` where that port is known to feed power (PoE)."""

    switch: str
    port: str
    vlan: int | None = None
    because: str = ""
    powered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One device, however many ways it was seen.

    `facts` are its own words; `parts` its own words about its components; `said` what others reported of it. `macs` are
    twelve lower-case hexadecimal digits each.
    """

    key: str
    site: str
    address: str = ""
    addresses: tuple[str, ...] = ()
    name: str = ""
    macs: tuple[str, ...] = ()
    serial: str = ""
    seen: Seen
    place: Place | None = None
    facts: tuple[Fact, ...] = ()
    parts: tuple[Fact, ...] = ()
    said: tuple[Said, ...] = ()
    collectors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """What a rule claims when it fires. A maker built the device; a brand is the label on it."""

    maker: str
    brand: str = ""
    model: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A real value a rule must match, and the captures it must yield."""

    value: str
    captures: tuple[tuple[str, str], ...] = ()
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What to look for, what it means, why it means that, and its own tests.

    Exactly one of `regex`, `oid` (a subtree of sysObjectID or an enterprise number), `table` (a TSV of exact values beside the
    rule file) or `registry` (the maker's registrants in the OUI table) says how a value matches. `where` narrows by place.
    A rule speaks for `says.maker` and, where `against` names makers, against those. `alone` is false for a sign that accuses nobody
    unless something else speaks for the maker too, such as a number that others use as well. `cap` is the highest verdict this rule may
    lead to by itself or with others of its kind. `since`/`until` bound the date of manufacture the claim holds for.
    `registrants` are the exact registry names a `registry` rule answers to.
    """

    id: str
    facts: tuple[str, ...]
    says: Says
    strength: Strength
    because: str
    source: str
    regex: str = ""
    oid: str = ""
    table: str = ""
    registry: bool = False
    registrants: tuple[str, ...] = ()
    where: str = ""
    against: tuple[str, ...] = ()
    cap: Verdict = Verdict.CONFIRMED
    since: date | None = None
    until: date | None = None
    part: bool = False
    alone: bool = True
    examples: tuple[Example, ...] = ()
    nevers: tuple[str, ...] = ()
    clashes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A rule that fired, on which fact, with what it captured.

    It speaks for `says.maker` and against every maker in `against`. `witness` is the source that spoke, heard once however
    often; `by` the asset that reported the fact, empty for the device's own words; `number` marks what rests on a MAC alone.
    """

    rule: str
    says: Says
    strength: Strength
    because: str
    source: str
    fact: Fact
    witness: str
    captures: tuple[tuple[str, str], ...] = ()
    against: tuple[str, ...] = ()
    cap: Verdict = Verdict.CONFIRMED
    alone: bool = True
    by: str = ""
    number: bool = False
    since: date | None = None
    until: date | None = None


class Applies(StrEnum):
    """Whether a policy binds, as far as a network can tell."""

    YES = "yes"
    IF_PURPOSE = "if-purpose"
    UNDECIDABLE = "undecidable"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """What one policy asks about one finding on one date.

    `due` is the day by which it must be met, for what returns every year the next one; `context` marks lists and advice that ask
    nothing of who owns or uses the unit: good to know, no duty.
    """

    policy: str
    title: str
    duty: str
    applies: Applies
    since: date | None
    until: date | None = None
    due: date | None = None
    jurisdiction: str = ""
    cite: str
    url: str = ""
    condition: str = ""
    bound: str = ""
    needs: tuple[str, ...] = ()
    evidence_class: str = ""
    context: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A finding a person set aside: who, why, on whose authority, until when. Still reported."""

    finding: str
    who: str
    why: str
    authority: str
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The verdict on one asset and one maker. Never without evidence.

    `part` is what of the asset it is about, empty for the asset itself; `unit` names a part that is a unit of its own, another
    member of a stack.
    """

    id: str
    maker: str
    tier: Tier
    brand: str = ""
    model: str = ""
    category: str = ""
    firmware: str = ""
    serial: str = ""
    verdict: Verdict
    evidence: tuple[Evidence, ...]
    against: tuple[Evidence, ...] = ()
    part: str = ""
    unit: str = ""
    obligations: tuple[Obligation, ...] = ()
    waived: Waiver | None = None

    def __post_init__(self) -> None:
        if not self.evidence:
            raise ValueError(f"finding {self.id} has no evidence")
        if self.unit and not self.part:
            raise ValueError(f"finding {self.id} is of a unit that is no part of its asset")

    @property
    def is_component(self) -> bool:
        """Tell whether it is about something inside the device rather than about a unit of its own."""
        return bool(self.part) and not self.unit


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedAsset:
    """One asset with its outcome. `findings` accuse the asset; `parts` name components inside it, never the asset itself."""

    asset: Asset
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    parts: tuple[Finding, ...] = ()
    why: str = ""

    def __post_init__(self) -> None:
        covered = any(finding.tier is Tier.COVERED for finding in self.findings)
        if covered != (self.outcome is Outcome.MATCH):
            raise ValueError(f"asset {self.asset.key}: outcome {self.outcome} does not fit its findings")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Which knowledge a run was judged with: versions and dates of rules, registry and policies."""

    rules: str
    oui: date | None
    policies: tuple[tuple[str, date], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """One run, whole; every report is a function of it."""

    tool: str
    tables: Tables
    run: Run
    finished: datetime
    as_of: date
    assets: tuple[AuditedAsset, ...]
    unread: tuple[Unread, ...]
    notes: tuple[str, ...] = field(default=())
