"""What makes two observations speak of one box: chassis serial, own MAC or engine ID. Never an address alone."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from auditor import normal
from auditor.model import Fact

MIN_SERIAL = 6
MIN_DISTINCT = 3
COUNTING = "0123456789 1234567890 9876543210"
MIN_ENGINE_ID_DIGITS = 20
SERIAL_KINDS = ("entity.serial", "inventory.serial")
PON_KINDS = frozenset({*SERIAL_KINDS, "gpon.serial"})
OWN_MAC_KINDS = frozenset({"if.mac", "inventory.mac"})
NAME_KINDS = ("snmp.sysname", "inventory.name", "dhcp.hostname")

Usable = Callable[[str], bool]


def any_global(digits: str) -> bool:
    """Tell whether a MAC may identify a box, knowing nothing of virtual ones: global, individual, not null."""
    return not (normal.is_group(digits) or normal.is_local(digits) or int(digits, 16) == 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The marks one target showed of itself."""

    serial: str = ""
    engine: str = ""
    macs: tuple[str, ...] = ()
    name: str = ""
    pon: str = ""

    def joins(self, other: "Identity") -> bool:
        """Tell whether two targets are one box: a mark in common and no mark that contradicts it."""
        if self.serial and other.serial:
            return self.serial == other.serial
        if self.pon and other.pon:
            return self.pon == other.pon
        if set(self.macs) & set(other.macs):
            return True
        # Boxes from one image share an engine ID; MACs of their own tell them apart.
        return bool(self.engine) and self.engine == other.engine and not (self.macs and other.macs)


@dataclass(slots=True)
class Marks:
    """Collects the marks of one target fact by fact, first come first kept."""

    usable: Usable
    serial: str = ""
    engine: str = ""
    macs: dict[str, None] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    pon: str = ""

    def add(self, fact: Fact) -> None:
        """Note what one of the device's own facts says about which box it is."""
        if fact.kind in PON_KINDS and not self.pon:
            self.pon = normal.pon_serial(fact.value)
        if fact.kind in SERIAL_KINDS and not self.serial:
            value = normal.one_line(normal.serial(fact.value))
            self.serial = value if _telling(value) else ""
        elif fact.kind == "snmp.engineid" and not self.engine:
            self.engine = fact.value.lower() if len(fact.value) >= MIN_ENGINE_ID_DIGITS else ""
        elif fact.kind in OWN_MAC_KINDS:
            digits = normal.mac(fact.value)
            if digits and self.usable(digits):
                self.macs[digits] = None
        elif fact.kind in NAME_KINDS and (name := normal.one_line(fact.value)):
            self.names.setdefault(fact.kind, name)

    def identity(self) -> Identity:
        """Return the marks, frozen; MACs in ascending order so that the base MAC comes first, the strongest name alone."""
        name = next((self.names[kind] for kind in NAME_KINDS if kind in self.names), "")
        return Identity(serial=self.serial, engine=self.engine, macs=tuple(sorted(self.macs)), name=name, pon=self.pon)


def marks(facts: Iterable[Fact], usable: Usable) -> Identity:
    """Return the identity a device's own facts show."""
    found = Marks(usable)
    for fact in facts:
        found.add(fact)
    return found.identity()


def _telling(serial: str) -> bool:
    """A serial of one repeated character or a few digits is a factory default, not an identity."""
    return len(serial) >= MIN_SERIAL and len(set(serial)) >= MIN_DISTINCT and serial not in COUNTING
