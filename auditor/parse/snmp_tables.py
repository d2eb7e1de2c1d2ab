"""Variables sorted into table columns, once per agent: the one place that must be quick.

A walk brings thousands of neighbouring rows, so the table of the last variable is tried first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from auditor.model import VarBind
from auditor.oids import below, scalar
from auditor.parse.snmp_values import NOTHING

# Table → what the OIDs of its columns begin with.
_ENTRY_NAMES = (
    "q-forwarding=dot1qTpFdbEntry forwarding=dot1dTpFdbEntry media=ipNetToMediaEntry"
    " physical-net=ipNetToPhysicalEntry interface=ifEntry interface-x=ifXEntry bridge-port=dot1dBasePortEntry"
    " q-vlan=dot1qVlanCurrentEntry entity=entPhysicalEntry lldp-remote=lldpRemEntry"
    " lldp-address=lldpRemManAddrEntry lldp-port=lldpLocPortEntry lldp-inventory=lldpXMedRemInventoryEntry"
    " lldp2-remote=lldpV2RemEntry lldp2-address=lldpV2RemManAddrEntry cdp=cdpCacheEntry"
    " address-translation=atEntry media6=ipv6NetToMediaEntry power=pethPsePortEntry"
    " aggregate-port=dot3adAggPortEntry stack=ifStackEntry spanning=dot1dStpPortEntry"
)
ENTRIES = {table: below(entry) for table, entry in (pair.split("=") for pair in _ENTRY_NAMES.split())}
BRIDGE_ADDRESS = scalar("dot1dBaseBridgeAddress")
BRIDGE = ("forwarding", "bridge-port", "q-forwarding", "q-vlan")
_NONE: Mapping[str, VarBind] = {}

Column = dict[str, VarBind]


@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpTables:
    """The variables of one agent: table → column → row index, and others by OID."""

    columns: dict[str, dict[str, Column]]
    rest: dict[str, VarBind]

    @property
    def interfaces(self) -> Mapping[str, VarBind]:
        """Return the names of its ports by ifIndex: ifName, or ifDescr where it has none."""
        return self.column("interface-x", "1") or self.column("interface", "2")

    def column(self, table: str, number: str) -> Mapping[str, VarBind]:
        """Return one column of a table by row index, empty where the agent showed none."""
        return self.columns.get(table, {}).get(number, _NONE)


def read(varbinds: Iterable[VarBind], makers: tuple[str, ...] = ()) -> SnmpTables:
    """Return the variables sorted; the last of one OID counts, empty ones do not.

    `makers` are the entry OIDs of tables that makers define; each is its own name.
    """
    entries = _entries(makers)
    prefixes = tuple(entries)
    columns: dict[str, dict[str, Column]] = {}
    rest: dict[str, VarBind] = {}
    prefix, length, table = "-", 0, {}  # type: str, int, dict[str, Column]
    for bind in varbinds:
        oid, tag, _ = bind
        if tag in NOTHING:
            continue
        if not oid.startswith(prefix):
            # Most that lies in no table is told by one call; which table it is, is asked once per table.
            if not oid.startswith(prefixes):
                rest[oid] = bind
                continue
            prefix = next(filter(oid.startswith, prefixes))
            length, table = len(prefix), columns.setdefault(entries[prefix], {})
        number, _, index = oid[length:].partition(".")
        column = table.get(number)
        if column is None:
            column = table[number] = {}
        column[index] = bind
    return SnmpTables(columns=columns, rest=rest)


@cache
def _entries(makers: tuple[str, ...]) -> Mapping[str, str]:
    """Return prefix → table of the standard tables and of those that makers define."""
    return {prefix: name for name, prefix in ENTRIES.items()} | {f"{entry}.": entry for entry in makers}
