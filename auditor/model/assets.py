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

    `facts` are its own words; `parts` its own words about its components; `hearsay` what others reported of it. `macs` are
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
    hearsay: tuple[Hearsay, ...] = ()
    collectors: tuple[str, ...] = ()
