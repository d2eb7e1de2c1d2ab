"""One device in one run, and its place."""

from dataclasses import dataclass
from enum import StrEnum

from auditor.model.facts import Fact


class Seen(StrEnum):
    """Whether the asset spoke for itself or only others spoke of it."""

    READ = "read"
    HEARD = "heard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearsay:
    """What another asset said about this one: the fact and the key of the asset that reported it."""

    by: str
    fact: Fact


class Confidence(StrEnum):
    """How sure a place is; a replace list names a port flatly only where it is high."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an asset is plugged in, how sure that is, and why we think so.

    `behind` says in words what stands between port and asset, or between which ports it hangs; `powered` that the port feeds power (PoE).
    """

    switch: str
    port: str
    vlan: int | None = None
    because: str = ""
    powered: bool = False
    confidence: Confidence = Confidence.HIGH
    behind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One device, however many ways it was seen.

    `facts` are its own words; `parts` its own words about its components; `hearsay` what others reported of it. `macs` are
    twelve lower-case hexadecimal digits each; `conflicts` are sentences on marks that others show as well.
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
    hearsay: tuple[Hearsay, ...] = ()
    collectors: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
