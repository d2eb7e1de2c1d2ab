"""One device in one run, and its place."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from auditor.model.copies import like
from auditor.model.fact import Fact
from auditor.model.hearsay import Hearsay, HearsayList
from auditor.model.order import order, put_in_order


class Seen(StrEnum):
    """Whether the asset spoke for itself or only others spoke of it."""

    READ = "read"
    HEARD = "heard"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSighting:
    """Where a device that was read from several sites answered: site and address."""

    site: str
    address: str

    @property
    def order(self) -> tuple[str, ...]:
        """Return the sort key: by site, then by address."""
        return (self.site, self.address)


class AssetKind(StrEnum):
    """Whether an asset is a thing to unplug, or a guest that runs on one."""

    DEVICE = "device"
    VIRTUAL = "virtual machine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What stands in an asset or behind it and says a serial number or a model.

    `part` names it as facts do: an entPhysical index, `slot 1`, `channel:3` of a recorder, `gpon:…` of a line terminal.
    `sort` is its class (RFC 6933), or `channel` or `terminal`; `name`, `description`, `vendor`, `model`, `serial` and
    `firmware` are in its own words, or its recorder's. `asset` is the key of the asset it is, where it is one itself;
    of a camera that several recorders list and nobody read, at all but one of them the key of that one.
    """

    part: str
    sort: str = ""
    name: str = ""
    description: str = ""
    vendor: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""
    address: str = ""
    mac: str = ""
    asset: str = ""

    @property
    def order(self) -> tuple[int, str]:
        """Return the sort key: an index of fewer digits first."""
        return (len(self.part), self.part)


class Confidence(StrEnum):
    """How sure a place is; a replace list names a port flatly only where it is high."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an asset is plugged in, how sure that is, and why we think so.

    `behind` says in words why a port is not flatly the asset's: what stands between, or which other ports it may be on;
    `powered`: the port feeds power (PoE). `carriers` are the keys of what it is plugged into: the switch, or what
    stands between; several where it has several ways, or hangs between two.
    """

    switch: str
    port: str
    vlan: int | None = None
    because: str = ""
    powered: bool = False
    confidence: Confidence = Confidence.HIGH
    behind: str = ""
    carriers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        put_in_order(self, "carriers")


class LinkSource(StrEnum):
    """What tells of a link: an announcement of its end, spanning tree, or tables of MACs."""

    LLDP = "lldp"
    CDP = "cdp"
    STP = "stp"
    TABLES = "tables"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A cable between two assets that carry others, by their keys; a port nobody named is empty."""

    one: str
    port: str = ""
    other: str
    far_port: str = ""
    source: LinkSource
    confidence: Confidence = Confidence.HIGH

    @property
    def order(self) -> tuple[str, ...]:
        """Return the sort key: by both ends, then by both ports."""
        return (self.one, self.other, self.port, self.far_port, self.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """An asset by which its site is reached, by its key, and why it is taken for that."""

    asset: str
    because: str

    @property
    def order(self) -> tuple[str, ...]:
        """Return the sort key: by key of the asset."""
        return (self.asset, self.because)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One device, however many ways it was seen, as it is kept and reported.

    `hearsay` is what others reported of it, of the so many `rows` of their tables those that decide. `macs` are twelve
    lower-case hexadecimal digits each; `conflicts` are sentences on marks that others show as well, `remarks` on what
    it is; `local_macs` counts the locally administered MACs in its tables, which stand for no device; `parts` are all
    it holds or lists behind it.
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
    hearsay: Sequence[Hearsay] = ()
    rows: int = 0
    collectors: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    kind: AssetKind = AssetKind.DEVICE
    remarks: tuple[str, ...] = ()
    local_macs: int = 0
    sightings: tuple[SiteSighting, ...] = ()
    parts: tuple[Part, ...] = ()

    def __post_init__(self) -> None:
        put_in_order(self, "addresses", "macs", "collectors", "conflicts", "remarks")
        put_in_order(self, "parts", "sightings", key=order)
        if not isinstance(self.hearsay, HearsayList):
            put_in_order(self, "hearsay", key=order)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Return its own words: none where others spoke of it, or once it is kept."""
        return ()

    @property
    def part_facts(self) -> tuple[Fact, ...]:
        """Return the words of its parts, as `facts`."""
        return ()

    def to_keep(self) -> "Asset":
        """Return what is kept of it beside its journal."""
        return self

    @property
    def targets(self) -> frozenset[tuple[str, str]]:
        """Return site and address of each place where it answered or is heard of."""
        return frozenset(
            {(self.site, address) for address in self.addresses} | {(one.site, one.address) for one in self.sightings}
        )

    @property
    def is_virtual(self) -> bool:
        """Tell whether it is a virtual machine: nothing anybody can unplug or replace."""
        return self.kind is AssetKind.VIRTUAL

    @property
    def order(self) -> tuple[str, ...]:
        """Return the sort key: by site, then by key."""
        return (self.site, self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectedAsset(Asset):
    """An asset with its own words, and those of its parts, which only the journal keeps."""

    facts: tuple[Fact, ...] = ()
    part_facts: tuple[Fact, ...] = ()

    def to_keep(self) -> Asset:
        """Return what is kept of it beside its journal."""
        return like(self, Asset)
