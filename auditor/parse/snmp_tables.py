"""Variables sorted into table columns, once per agent: the one place that must be quick.

A walk brings thousands of neighbouring rows, so the table of the last variable is tried first.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import cast

from auditor.model import VarBind
from auditor.oids import ENTERPRISES, below, scalar
from auditor.parse.snmp_values import NOTHING, mac_digits, text

# Table → what the OIDs of its columns begin with.
_ENTRY_NAMES = (
    "q-forwarding=dot1qTpFdbEntry forwarding=dot1dTpFdbEntry media=ipNetToMediaEntry"
    " physical-net=ipNetToPhysicalEntry interface=ifEntry interface-x=ifXEntry bridge-port=dot1dBasePortEntry"
    " q-vlan=dot1qVlanCurrentEntry entity=entPhysicalEntry lldp-remote=lldpRemEntry"
    " lldp-address=lldpRemManAddrEntry lldp-port=lldpLocPortEntry lldp-inventory=lldpXMedRemInventoryEntry"
    " lldp2-remote=lldpV2RemEntry lldp2-address=lldpV2RemManAddrEntry cdp=cdpCacheEntry"
    " address-translation=atEntry media6=ipv6NetToMediaEntry power=pethPsePortEntry"
    " aggregate-port=dot3adAggPortEntry stack=ifStackEntry spanning=dot1dStpPortEntry"
    " instances=ieee8021MstpPortEntry"
)
# Of tables with a row per port or address, and many columns, these are held.
COLUMNS: Mapping[str, frozenset[str]] = {
    "interface": frozenset({"2", "3", "6"}),
    "interface-x": frozenset({"1"}),
    "media": frozenset({"2", "4"}),
    "physical-net": frozenset({"4", "6"}),
}
ENTRIES = {table: below(entry) for table, entry in (pair.split("=") for pair in _ENTRY_NAMES.split())}
BRIDGE_ADDRESS = scalar("dot1dBaseBridgeAddress")
BRIDGE = ("forwarding", "bridge-port", "q-forwarding", "q-vlan", "spanning")
_SHORT, _REMEMBERED = 4, 4096
# Names of ports, which are asked for as texts again and again and held as such.
TEXTS = frozenset({("interface", "2"), ("interface-x", "1")})
# MACs of ARP tables, held as digits, as the rows made of them are.
DIGITS = frozenset({("physical-net", "4"), ("media", "2"), ("address-translation", "2"), ("media6", "2")})
# dot1dTpFdbAddress, of which a row's index is the address already (RFC 4188), but for agents that number their rows.
ADDRESSES, LAST_ARC = ("forwarding", "1"), 5
_NONE: Mapping[str, VarBind] = {}

Column = dict[str, VarBind]


class _Addresses(Column):
    """The addresses of a forwarding table: one that its index says already is not held again."""

    def __setitem__(self, index: str, bind: VarBind) -> None:
        """Take in a row, without the octets its index says."""
        super().__setitem__(index, _value(bind.tag, b"") if index.count(".") == LAST_ARC else bind)


class _Texts(Column):
    """A column of texts, held as what they say."""

    def __setitem__(self, index: str, bind: VarBind) -> None:
        """Take in a row as its text."""
        super().__setitem__(index, cast("VarBind", text(bind)))


class _Digits(Column):
    """A column of MACs, held as their digits; empty where one is none."""

    def __setitem__(self, index: str, bind: VarBind) -> None:
        """Take in a row as its digits."""
        super().__setitem__(index, cast("VarBind", mac_digits(bind.raw)))


class _Nowhere(Column):
    """A column of which no row is held."""

    def __setitem__(self, index: str, bind: VarBind) -> None:
        """Let the row go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpTables:
    """What readers ask of one agent: table → column → row index, others by OID, its enterprises."""

    columns: dict[str, dict[str, Column]]
    rest: dict[str, VarBind]
    enterprises: set[str] = field(default_factory=set)

    @property
    def interfaces(self) -> Mapping[str, str]:
        """Return the names of its ports by ifIndex: ifName, or ifDescr where it has none."""
        return self.texts("interface-x", "1") or self.texts("interface", "2")

    def column(self, table: str, number: str) -> Mapping[str, VarBind]:
        """Return one column of a table by row index, empty where the agent showed none."""
        if number not in COLUMNS.get(table, number) or (table, number) in TEXTS | DIGITS:
            raise LookupError(f"column {number} of {table} is not held as variables")
        return self.columns.get(table, {}).get(number, _NONE)

    def texts(self, table: str, number: str) -> Mapping[str, str]:
        """Return a column of `TEXTS` or `DIGITS` by row index, empty where there is none."""
        if (table, number) not in TEXTS | DIGITS:
            raise LookupError(f"column {number} of {table} is not held as texts")
        return cast("Mapping[str, str]", self.columns.get(table, {}).get(number, _NONE))


def read(varbinds: Iterable[VarBind], makers: tuple[str, ...] = (), scalars: Container[str] = ()) -> SnmpTables:
    """Return the variables sorted; the last of one OID counts, empty ones do not.

    `makers` are the entry OIDs of tables that makers define; each is its own name. Beside the tables only `scalars`
    are kept, and the numbers of the enterprises. The variables of tables are held without their OIDs.
    """
    entries = _entries(makers)
    prefixes = tuple(entries)
    tables = SnmpTables(columns={}, rest={})
    prefix, length, table = "-", 0, {}  # type: str, int, dict[str, Column]
    for bind in varbinds:
        oid, tag, raw = bind
        if tag in NOTHING:
            continue
        if not oid.startswith(prefix):
            # Most that lies in no table is told by one call; which table it is, is asked once per table.
            if not oid.startswith(prefixes):
                if oid.startswith(ENTERPRISES):
                    tables.enterprises.add(oid[len(ENTERPRISES) :].partition(".")[0])
                if oid in scalars:
                    tables.rest[oid] = bind
                continue
            prefix = next(filter(oid.startswith, prefixes))
            length, table = len(prefix), tables.columns.setdefault(entries[prefix], {})
        number, _, index = oid[length:].partition(".")
        column = table.get(number)
        if column is None:
            column = table[number] = _column(entries[prefix], number)
        column[index] = _value(tag, raw) if len(raw) <= _SHORT else VarBind("", tag, raw)
    return tables


def _column(table: str, number: str) -> Column:
    """Return a column to take in rows, or to let go those that nobody reads."""
    if number not in COLUMNS.get(table, number):
        return _Nowhere()
    if (table, number) in TEXTS:
        return _Texts()
    if (table, number) in DIGITS:
        return _Digits()
    return _Addresses() if (table, number) == ADDRESSES else {}


@lru_cache(maxsize=_REMEMBERED)
def _value(tag: int, raw: bytes) -> VarBind:
    """Return a variable without its OID: a long table says the same few numbers again and again."""
    return VarBind("", tag, raw)


@cache
def _entries(makers: tuple[str, ...]) -> Mapping[str, str]:
    """Return prefix → table of the standard tables and of those that makers define."""
    return {prefix: name for name, prefix in ENTRIES.items()} | {f"{entry}.": entry for entry in makers}
