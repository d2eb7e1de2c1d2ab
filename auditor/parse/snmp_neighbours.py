"""Neighbours that introduce themselves: LLDP and CDP (CISCO-CDP-MIB) → facts about them.

LLDP by LLDP-MIB (IEEE 802.1AB-2005), by LLDP-V2-MIB (802.1AB-2009) where an agent answers only that, and what LLDP-MED
adds: the inventory a phone or a camera gives of itself (ANSI/TIA-1057, LLDP-EXT-MED-MIB).

`about` is `lldp:<local port number>.<index>`; a CDP neighbour is `lldp:cdp<ifIndex>.<index>`, so the two never mix.
"""

from collections.abc import Iterator, Sequence

from auditor.model import Fact, Kind, VarBind, about_lldp
from auditor.normal import spelled
from auditor.oids import scalar
from auditor.parse.snmp_tables import SnmpTables
from auditor.parse.snmp_values import arcs_ip, mac_digits, number, text

CHASSIS_MAC = 4
CHASSIS_NETWORK = 5
PORT_MAC = 3
PORT_NETWORK = 4
PORT_NAME = 5
# What lldpRemSysCapEnabled (BITS) and cdpCacheCapabilities (a number) stand for, least bit of the first octet last.
LLDP_WORDS = ("other", "repeater", "bridge", "wlan-access-point", "router", "telephone", "docsis", "station")
CDP_WORDS = ("router", "bridge", "bridge", "switch", "host", "igmp", "repeater", "phone")
LOCAL_CHASSIS = tuple((scalar(f"{mib}LocChassisIdSubtype"), scalar(f"{mib}LocChassisId")) for mib in ("lldp", "lldpV2"))
REMOTE_ARCS = 3
INVENTORY: Sequence[tuple[Kind, str, str]] = (
    ("inventory.firmware", "3", "lldpXMedRemSoftwareRev"),
    ("inventory.serial", "4", "lldpXMedRemSerialNum"),
    ("inventory.vendor", "5", "lldpXMedRemMfgName"),
    ("inventory.model", "6", "lldpXMedRemModelName"),
)


def lldp(tables: SnmpTables) -> Iterator[Fact]:
    """Yield what each LLDP neighbour said of itself, and the reporter's port it was heard on."""
    if not tables.column("lldp-remote", "5"):
        tables = _as_first(tables)
    if not tables.column("lldp-remote", "5"):
        return
    addresses = _addresses(tables)
    names = _local_ports(tables)
    for index in tables.column("lldp-remote", "5"):
        arcs = index.split(".")
        if len(arcs) != REMOTE_ARCS:
            continue
        about = about_lldp(f"{arcs[1]}.{arcs[2]}")
        chassis = _port_names(tables, index, ("4", "5"), (CHASSIS_MAC, CHASSIS_NETWORK))
        cells: Sequence[tuple[Kind, str, str]] = (
            ("lldp.chassis", "lldpRemChassisId", chassis),
            ("lldp.sysname", "lldpRemSysName", _cell(tables, "lldp-remote", "9", index)),
            ("lldp.sysdescr", "lldpRemSysDesc", _cell(tables, "lldp-remote", "10", index)),
            ("lldp.portid", "lldpRemPortId", _port_names(tables, index, ("6", "7"), (PORT_MAC, PORT_NETWORK))),
            ("lldp.portid", "lldpRemPortDesc", _far_name(tables, index)),
            ("lldp.capabilities", "lldpRemSysCapEnabled", _capabilities(tables.column("lldp-remote", "12").get(index))),
            ("lldp.address", "lldpRemManAddrIfSubtype", addresses.get(index, "")),
            ("lldp.localport", "lldpLocPortId", names.get(arcs[1]) or arcs[1]),
            *((kind, name, _cell(tables, "lldp-inventory", column, index)) for kind, column, name in INVENTORY),
        )
        for kind, name, value in cells:
            if value:
                yield Fact(kind=kind, value=value, where=f"{name}.{index}", about=about)


def cdp(tables: SnmpTables) -> Iterator[Fact]:
    """Yield what each CDP neighbour said of itself, and the reporter's port it was heard on."""
    names = tables.interfaces
    indices = dict.fromkeys((*tables.column("cdp", "6"), *tables.column("cdp", "8")))
    for index in indices:
        port, _, row = index.partition(".")
        address = tables.column("cdp", "4").get(index)
        cells: Sequence[tuple[Kind, str, str]] = (
            ("cdp.deviceid", "cdpCacheDeviceId", _cell(tables, "cdp", "6", index)),
            ("cdp.platform", "cdpCachePlatform", _cell(tables, "cdp", "8", index)),
            ("cdp.address", "cdpCacheAddress", arcs_ip([str(octet) for octet in address.raw]) if address else ""),
            ("lldp.portid", "cdpCacheDevicePort", _cell(tables, "cdp", "7", index)),
            ("lldp.capabilities", "cdpCacheCapabilities", _roles(tables.column("cdp", "9").get(index))),
            ("cdp.localport", "ifName", names.get(port, port)),
        )
        for kind, name, value in cells:
            if value:
                yield Fact(kind=kind, value=value, where=f"{name}.{index}", about=about_lldp(f"cdp{port}.{row}"))


def own_chassis(tables: SnmpTables) -> Iterator[tuple[str, VarBind]]:
    """Yield the MAC the device gives as its own chassis in LLDP, where it gives one."""
    for subtype, chassis in LOCAL_CHASSIS:
        kind = tables.rest.get(subtype)
        if kind is not None and number(kind) == CHASSIS_MAC and chassis in tables.rest:
            yield "lldpLocChassisId.0", tables.rest[chassis]


def _as_first(tables: SnmpTables) -> SnmpTables:
    """Return LLDP-V2-MIB in the shape of LLDP-MIB: columns one lower, ports as ifIndex."""
    remote = {str(int(column) - 1): rows for column, rows in _second(tables, "lldp2-remote") if column.isdecimal()}
    as_first = {"lldp-remote": remote, "lldp-address": dict(_second(tables, "lldp2-address")), "lldp-port": {}}
    return SnmpTables(columns=tables.columns | as_first, rest=tables.rest)


def _second(tables: SnmpTables, table: str) -> Iterator[tuple[str, dict[str, VarBind]]]:
    """Yield columns without the destination address in their index."""
    for column, rows in tables.columns.get(table, {}).items():
        split = ((index.split("."), bind) for index, bind in rows.items())
        yield column, {".".join(arcs[:2] + arcs[3:]): bind for arcs, bind in split}


def _cell(tables: SnmpTables, table: str, column: str, index: str) -> str:
    bind = tables.column(table, column).get(index)
    return "" if bind is None else text(bind).strip()


def _far_name(tables: SnmpTables, index: str) -> str:
    """Return how a neighbour describes its port, where it names the port by a number or a MAC."""
    subtype = tables.column("lldp-remote", "6").get(index)
    is_named = subtype is not None and number(subtype) == PORT_NAME
    return "" if is_named else _cell(tables, "lldp-remote", "8", index)


def _capabilities(bind: VarBind | None) -> str:
    """Return what a neighbour is in use as; the first bit is the highest of the first octet."""
    octet = bind.raw[0] if bind is not None and bind.raw else 0
    return " ".join(word for bit, word in enumerate(LLDP_WORDS) if octet & 0x80 >> bit)


def _roles(bind: VarBind | None) -> str:
    """Return what a CDP neighbour is; the number is kept in four octets, the lowest last."""
    octet = bind.raw[-1] if bind is not None and bind.raw else 0
    return " ".join(dict.fromkeys(word for bit, word in enumerate(CDP_WORDS) if octet & 1 << bit))


def _port_names(tables: SnmpTables, index: str, columns: tuple[str, str], kinds: tuple[int, int]) -> str:
    """Return an LLDP identifier by its subtype: a MAC, a network address or text."""
    bind = tables.column("lldp-remote", columns[1]).get(index)
    subtype = tables.column("lldp-remote", columns[0]).get(index)
    return "" if bind is None else _identifier(bind, None if subtype is None else number(subtype), kinds)


def _identifier(bind: VarBind, subtype: int | None, kinds: tuple[int, int]) -> str:
    is_mac, is_network = kinds
    # Agents that keep no subtype still send a MAC as six octets that are no text.
    if subtype == is_mac or (subtype is None and not bind.raw.isascii()):
        digits = mac_digits(bind.raw)
        return spelled(digits) if digits else text(bind)
    if subtype == is_network and len(bind.raw) > 1:
        return arcs_ip([str(octet) for octet in bind.raw[1:]]) or text(bind)
    return text(bind).strip()


def _local_ports(tables: SnmpTables) -> dict[str, str]:
    """Return LLDP port number → the name the forwarding table uses, as near as it shows."""
    names = tables.interfaces
    own_names = set(names.values())
    ports = dict(names)
    for index, bind in tables.column("lldp-port", "3").items():
        kind = tables.column("lldp-port", "2").get(index)
        identifier = _identifier(bind, None if kind is None else number(kind), (PORT_MAC, PORT_NETWORK))
        description = _cell(tables, "lldp-port", "4", index)
        by_number = names.get(identifier, "")
        first = [name for name in (identifier, description) if name in own_names]
        readable = identifier if kind is not None and number(kind) == PORT_NAME else description
        ports[index] = (first or [by_number or readable or identifier])[0]
    return ports


def _addresses(tables: SnmpTables) -> dict[str, str]:
    """Return lldpRemTable index → the first management address of that neighbour."""
    addresses: dict[str, str] = {}
    for index in tables.column("lldp-address", "3") or tables.column("lldp-address", "4"):
        arcs = index.split(".")
        row, kind, octets = ".".join(arcs[:REMOTE_ARCS]), arcs[REMOTE_ARCS : REMOTE_ARCS + 1], arcs[REMOTE_ARCS + 2 :]
        address = arcs_ip(octets) if kind in (["1"], ["2"]) else ""
        if address:
            addresses.setdefault(row, address)
    return addresses
