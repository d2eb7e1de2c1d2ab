"""The marks of one box: chassis serial, own MAC, engine ID; never an address alone."""

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field, replace

from auditor import normal
from auditor.assets.serials import Fillers, IsFiller, tells
from auditor.model import Fact, part_of
from auditor.normal import first_label

MIN_ENGINE_ID_DIGITS = 20
CHASSIS = "chassis"
SERIAL_KINDS = ("entity.serial", "inventory.serial")
PON_KINDS = frozenset({*SERIAL_KINDS, "gpon.serial"})
OWN_MAC_KINDS = frozenset({"if.mac", "inventory.mac"})
# Where a device says which MAC is its own as a whole, in BRIDGE-MIB (RFC 4188) and LLDP-MIB (IEEE 802.1AB).
BASE_ROWS = ("dot1dBaseBridgeAddress", "lldpLocChassisId")
NAME_KINDS = ("snmp.sysname", "inventory.name", "dhcp.hostname")

Usable = Callable[[str], bool]
NO_FILLERS = Fillers()


def any_global(digits: str) -> bool:
    """Tell whether a MAC is global, individual and not null; virtual ones are not looked up."""
    return not (normal.is_group(digits) or normal.is_local(digits) or int(digits, 16) == 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The marks one target showed of itself.

    `serial_text` is its serial number even where that number is no mark; `members` are those of a
    stack's chassis, whichever is the master today. `base` are those of its MACs that stand for the whole device, as
    bridge or chassis. `product` (sysObjectID) joins nothing and contradicts.
    """

    serial: str = ""
    engine: str = ""
    macs: tuple[str, ...] = ()
    name: str = ""
    pon: str = ""
    serial_text: str = ""
    members: frozenset[str] = frozenset()
    product: str = ""
    base: tuple[str, ...] = ()

    def values(self, sort: str) -> tuple[str, ...]:
        """Return the marks of one sort: `serial`, `base`, `mac`, `engine` or `gpon`."""
        if sort in {"base", "mac"}:
            return self.base if sort == "base" else self.macs
        if sort == "serial" and self.members and self.serial:
            return tuple(sorted(self.members))
        value = {"serial": self.serial, "gpon": self.pon, "engine": self.engine}[sort]
        return (value,) if value else ()

    @property
    def has_marks(self) -> bool:
        """Tell whether it has any mark at all."""
        return bool(self.serial or self.pon or self.macs or self.engine)

    def without(self, sorts: Container[str]) -> "Identity":
        """Return the same identity with marks taken away that name more than one box."""
        return replace(
            self,
            serial="" if "serial" in sorts else self.serial,
            pon="" if "gpon" in sorts else self.pon,
            engine="" if "engine" in sorts else self.engine,
            members=frozenset() if "serial" in sorts else self.members,
        )

    def contradicts(self, other: "Identity") -> bool:
        """Tell whether the strongest mark that both show says that these are two boxes."""
        for sort in ("serial", "base", "mac"):
            mine, theirs = set(self.values(sort)), set(other.values(sort))
            if mine and theirs:
                return mine.isdisjoint(theirs)
        return bool(self.product and other.product) and self.product != other.product

    def is_another(self, other: "Identity") -> bool:
        """Tell whether two observations differ in serial, MACs and name alike."""
        pairs = [(set(self.values(sort)), set(other.values(sort))) for sort in ("serial", "mac")]
        names = first_label(self.name), first_label(other.name)
        return all(mine and theirs and mine.isdisjoint(theirs) for mine, theirs in pairs) and (
            "" not in names and names[0] != names[1]
        )

    def is_namesake(self, other: "Identity") -> bool:
        """Tell whether both say one name and one product, and no MAC that the other does not."""
        mine, theirs = set(self.values("mac")), set(other.values("mac"))
        names, products = {first_label(self.name), first_label(other.name)}, {self.product, other.product} - {""}
        return len(names) == 1 and "" not in names and len(products) <= 1 and (not (mine and theirs) or mine == theirs)

    def without_macs(self, macs: Container[str]) -> "Identity":
        """Return the same identity without MACs that another box answers with as well."""
        kept = [tuple(mac for mac in own if mac not in macs) for own in (self.macs, self.base)]
        return replace(self, macs=kept[0], base=kept[1])

    def shares(self, other: "Identity") -> bool:
        """Tell whether two observations show a mark in common."""
        return any(set(self.values(sort)) & set(other.values(sort)) for sort in ("serial", "gpon", "mac", "engine"))

    def with_marks(self, other: "Identity") -> "Identity":
        """Return the marks of two targets of one box, under the fuller of their names."""
        serial = _least(self.serial, other.serial)
        return Identity(
            serial=serial,
            engine=_least(self.engine, other.engine),
            macs=tuple(sorted({*self.macs, *other.macs})),
            name=_fullest(self.name, other.name),
            pon=_least(self.pon, other.pon),
            serial_text=serial or _least(self.serial_text, other.serial_text),
            members=self.members | other.members,
            product=_least(self.product, other.product),
            base=tuple(sorted({*self.base, *other.base})),
        )


def _least(*values: str) -> str:
    return min(filter(None, values), default="")


def _fullest(*names: str) -> str:
    return min(names, key=lambda name: (-len(name), name))


@dataclass(slots=True)
class Marks:
    """Collects the marks of one target; of several of a kind the first by row, then by text."""

    usable: Usable
    filler: IsFiller
    serials: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    engine: str = ""
    macs: set[str] = field(default_factory=set)
    base: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    pon: str = ""
    product: str = ""
    rows: set[str] = field(default_factory=set)
    row_serials: dict[str, set[str]] = field(default_factory=dict)

    def add(self, fact: Fact) -> None:
        """Note what one of the device's own facts says about which box it is."""
        if fact.kind in PON_KINDS:
            self.pon = _least(self.pon, normal.pon_serial(fact.value))
        if fact.kind in SERIAL_KINDS:
            self._add_serial(fact)
        elif fact.kind == "snmp.engineid" and len(fact.value) >= MIN_ENGINE_ID_DIGITS:
            self.engine = _least(self.engine, fact.value.lower())
        elif fact.kind == "snmp.sysobjectid":
            self.product = _least(self.product, normal.oid(fact.value))
        elif fact.kind in OWN_MAC_KINDS:
            digits = normal.mac(fact.value)
            if digits and self.usable(digits):
                self.macs.add(digits)
                self.base.update([digits] if fact.where.startswith(BASE_ROWS) else [])
        elif fact.kind in NAME_KINDS and (name := normal.one_line(fact.value)):
            self.names[fact.kind] = _least(self.names.get(fact.kind, ""), name)

    def _add_serial(self, fact: Fact) -> None:
        value = normal.one_line(normal.serial(fact.value))
        if tells(value) and not self.filler(value):
            row = (len(fact.where), fact.where, value)
            self.serials[fact.kind] = min(self.serials.get(fact.kind, row), row)

    def add_row(self, fact: Fact) -> None:
        """Note what a row of the entity table says of a chassis, whichever member's."""
        if fact.kind == "entity.class" and normal.one_line(fact.value) == CHASSIS:
            self.rows.add(fact.where)
        elif fact.kind == "entity.serial":
            self.row_serials.setdefault(fact.where, set()).add(normal.serial(normal.one_line(fact.value)))

    def _members(self) -> frozenset[str]:
        """Return the serials of all chassis, where there are several."""
        values = {value for row in self.rows for value in self.row_serials.get(row, ())}
        serials = frozenset(value for value in values if tells(value) and not self.filler(value))
        return serials if len(serials) > 1 else frozenset()

    def identity(self) -> Identity:
        """Return the marks, frozen: MACs ascending, strongest serial and name."""
        serial = next((self.serials[kind][-1] for kind in SERIAL_KINDS if kind in self.serials), "")
        return Identity(
            serial=serial,
            engine=self.engine,
            macs=tuple(sorted(self.macs)),
            name=next((self.names[kind] for kind in NAME_KINDS if kind in self.names), ""),
            pon=self.pon,
            serial_text=serial,
            members=self._members(),
            product=self.product,
            base=tuple(sorted(self.base)),
        )


def marks(facts: Iterable[Fact], usable: Usable, filler: IsFiller = NO_FILLERS) -> Identity:
    """Return the identity a device's own facts show, those of its parts among them."""
    own = Marks(usable, filler)
    for fact in facts:
        if not fact.about:
            own.add(fact)
        if not fact.about or part_of(fact.about) is not None:
            own.add_row(fact)
    return own.identity()
