"""Variables sorted into the table columns the parsers read. Done once per agent, and the one place that must be quick.

A walk brings thousands of neighbouring rows, so the table of the last variable is tried first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from auditor.model import VarBind
from auditor.parse.snmp_values import NOTHING

# Table → the OID of its entry (RFC 2863, 4293, 4188, 4363, 6933, 2465, 3621; IEEE 802.1AB and 802.3 clause 43; CISCO-CDP-MIB).
ENTRIES = {
    "q-forwarding": "1.3.6.1.2.1.17.7.1.2.2.1.",
    "forwarding": "1.3.6.1.2.1.17.4.3.1.",
    "media": "1.3.6.1.2.1.4.22.1.",
    "physical-net": "1.3.6.1.2.1.4.35.1.",
    "interface": "1.3.6.1.2.1.2.2.1.",
    "interface-x": "1.3.6.1.2.1.31.1.1.1.",
    "bridge-port": "1.3.6.1.2.1.17.1.4.1.",
    "q-vlan": "1.3.6.1.2.1.17.7.1.4.2.1.",
    "entity": "1.3.6.1.2.1.47.1.1.1.1.",
    "lldp-remote": "1.0.8802.1.1.2.1.4.1.1.",
    "lldp-address": "1.0.8802.1.1.2.1.4.2.1.",
    "lldp-port": "1.0.8802.1.1.2.1.3.7.1.",
    "lldp-inventory": "1.0.8802.1.1.2.1.5.4795.1.3.3.1.",
    "lldp2-remote": "1.3.111.2.802.1.1.13.1.4.1.1.",
    "lldp2-address": "1.3.111.2.802.1.1.13.1.4.2.1.",
    "cdp": "1.3.6.1.4.1.9.9.23.1.2.1.1.",
    "address-translation": "1.3.6.1.2.1.3.1.1.",
    "media6": "1.3.6.1.2.1.55.1.12.1.",
    "power": "1.3.6.1.2.1.105.1.1.1.",
    "aggregate-port": "1.2.840.10006.300.43.1.2.1.1.",
    "stack": "1.3.6.1.2.1.31.1.2.1.",
}
BRIDGE_ADDRESS = "1.3.6.1.2.1.17.1.1.0"
BRIDGE = ("forwarding", "bridge-port", "q-forwarding", "q-vlan")
_NONE: Mapping[str, VarBind] = {}

Column = dict[str, VarBind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """The variables of one agent: table → column → row index → variable, and every other variable by its OID."""

    columns: dict[str, dict[str, Column]]
    rest: dict[str, VarBind]

    @property
    def interfaces(self) -> Mapping[str, VarBind]:
        """Return what the device calls its own ports, by ifIndex: ifName, or ifDescr where it has none."""
        return self.column("interface-x", "1") or self.column("interface", "2")

    def column(self, table: str, number: str) -> Mapping[str, VarBind]:
        """Return one column of a table by row index, empty where the agent showed none."""
        return self.columns.get(table, {}).get(number, _NONE)


def read(varbinds: Iterable[VarBind], makers: tuple[str, ...] = ()) -> Tables:
    """Return the variables sorted; the last of several with one OID counts, and those that hold nothing do not.

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
    return Tables(columns=columns, rest=rest)


@cache
def _entries(makers: tuple[str, ...]) -> Mapping[str, str]:
    """Return prefix → table of the standard tables and of those that makers define."""
    return {prefix: name for name, prefix in ENTRIES.items()} | {f"{entry}.": entry for entry in makers}
