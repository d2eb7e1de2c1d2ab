"""Who is behind the device: ARP, ND and forwarding tables → facts about neighbours.

Who forwards towards the root of the spanning tree tells which bridge is at the other end of a port.

RFC 4293 ipNetToMedia and ipNetToPhysical, RFC 2465 ipv6NetToMedia, RFC 1213 atTable, RFC 4188 dot1dTpFdb and
dot1dStpPort, RFC 4363 dot1qTpFdb, IEEE 802.1Q ieee8021MstpPort.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain

from auditor.model import OWN, Fact, LearnedRow, ResolvedRow, VarBind
from auditor.normal import spelled
from auditor.parse.snmp_tables import BRIDGE_ADDRESS, SnmpTables
from auditor.parse.snmp_values import HEX, arcs_ip, mac_digits, number

INVALID = 2
SELF = 4
LOCAL = 5
MAC_ARCS = 6
PRIORITY = 2
LENGTHS = {"1": 4, "2": 16}
PORT_DIGITS = 10
VLAN_DIGITS = 10
_HEX = HEX.__getitem__
_Read = Callable[[list[str]], str]


def arp(tables: SnmpTables) -> Iterator[ResolvedRow]:
    """Yield each address it resolved, with its MAC; not its own.

    Many agents fill two tables alike; what one said is not said again. The oldest tables count only where the newer are
    empty.
    """
    newer = _resolution(tables, _NEWER)
    first = next(newer, None)
    yield from _resolution(tables, _OLDEST) if first is None else chain((first,), newer)


def _resolution(tables: SnmpTables, sources: Iterable[tuple[str, str, str, str, _Read]]) -> Iterator[ResolvedRow]:
    # Few addresses have a second MAC.
    firsts: dict[str, str] = {}
    others: set[tuple[str, str]] = set()
    for table, column, state, name, read in sources:
        states = tables.column(table, state) if state else {}
        for index, digits in tables.texts(table, column).items():
            address = read(index.split(".")) if digits else ""
            if not address or (index in states and number(states[index]) in {INVALID, LOCAL}):
                continue
            before = firsts.setdefault(address, "")
            if not before:
                firsts[address] = digits
            elif before == digits or (address, digits) in others:
                continue
            else:
                others.add((address, digits))
            yield ResolvedRow(address, digits, f"{name}.{index}")


def forwarding(tables: SnmpTables, *, vlan: int = 0) -> Iterator[LearnedRow]:
    """Yield MAC, port and VLAN of each row of the forwarding table; `vlan` names the context.

    The table without VLANs counts only where the one with them is empty; a bridge's own MACs are no neighbours.
    """
    if not any(map(tables.columns.get, ("q-forwarding", "forwarding"))):
        return
    ports = _BridgePorts(_port_names(tables))
    own = _own(tables)
    of_id = {str(number(bind)): index.rpartition(".")[2] for index, bind in tables.column("q-vlan", "3").items()}
    for index, raw in _rows(tables, "q-forwarding"):
        fid, _, arcs = index.partition(".")
        name = of_id.get(fid, fid)
        digits = _mac(arcs)
        if digits and digits not in own:
            yield LearnedRow(digits, _place("dot1qTpFdbPort", index), ports[raw], _vlan(name))
    if tables.columns.get("q-forwarding"):
        return
    facts = tables.column("forwarding", "1")
    for index, raw in _rows(tables, "forwarding"):
        arcs = index if index.count(".") == MAC_ARCS - 1 else _arcs_of(facts.get(index))
        digits = _mac(arcs)
        if digits and digits not in own:
            is_index = index == arcs or index.endswith(f".{arcs}")
            where = _place("dot1dTpFdbPort", index) if is_index else f"dot1dTpFdbPort.{index}"
            yield LearnedRow(digits, where, ports[raw], str(vlan) if vlan else None)


def spanning(tables: SnmpTables) -> Iterator[Fact]:
    """Yield `stp.bridge` (where = port) per port whose designated bridge is another one.

    An identifier is two octets of priority and the bridge's MAC (RFC 4188 BridgeId); instances of the tree beside the
    common one have rows of their own, numbered by component, instance and port (IEEE8021-MSTP-MIB).
    """
    bridges = list(tables.column("spanning", "8").items())
    bridges += [(index.rpartition(".")[2], bind) for index, bind in tables.column("instances", "10").items()]
    names = _port_names(tables) if bridges else {}
    own = _own(tables)
    for index, bind in bridges:
        digits = mac_digits(bind.raw[PRIORITY:]) if len(bind.raw) == PRIORITY + MAC_ARCS else ""
        name = names.get(int(index), "") if index.isdecimal() and len(index) <= PORT_DIGITS else ""
        if name and int(digits or "0", 16) and digits not in own:
            yield Fact(kind="stp.bridge", value=spelled(digits), where=name)


def _arcs_of(bind: VarBind | None) -> str:
    """Return a MAC from dot1dTpFdbAddress as arcs: FortiSwitch numbers the rows instead."""
    digits = mac_digits(bind.raw) if bind is not None else ""
    return ".".join(map(str, bytes.fromhex(digits)))


def _own(tables: SnmpTables) -> frozenset[str]:
    own = [mac_digits(bind.raw) for bind in tables.column("interface", "6").values()]
    if BRIDGE_ADDRESS in tables.rest:
        own.append(mac_digits(tables.rest[BRIDGE_ADDRESS].raw))
    return frozenset(own)


def _mac(arcs: str) -> str:
    """Return the digits of a MAC written as arcs, empty where it is none."""
    try:
        pairs = list(map(_HEX, arcs.split(".")))
    except KeyError:
        return ""
    if len(pairs) == MAC_ARCS + 1 and pairs[0] == "06":
        # A length in front, which SMIv2 forbids for a string of fixed size (RFC 2578 7.7); V-SOL and ZyXEL send it.
        del pairs[0]
    return "".join(pairs) if len(pairs) == MAC_ARCS else ""


def _place(column: str, index: str) -> str:
    """Return where a row stands whose index ends with the arcs of its MAC."""
    head = index.rsplit(".", MAC_ARCS)
    return f"{column}.{head[0]}.{OWN}" if len(head) > MAC_ARCS else f"{column}.{OWN}"


def _vlan(name: str) -> str | None:
    return name if name and len(name) <= VLAN_DIGITS else None


def _rows(tables: SnmpTables, table: str) -> Iterator[tuple[str, bytes]]:
    """Yield row index and port octets, none where only addresses were recorded."""
    states = {index for index, bind in tables.column(table, "3").items() if number(bind) in {INVALID, SELF}}
    ports = tables.column(table, "2")
    for index, bind in ports.items():
        if index not in states:
            yield index, bind.raw
    for column in ("1", "3"):
        for index in tables.column(table, column):
            if index not in ports and index not in states:
                yield index, b""


class _BridgePorts(dict[bytes, str | None]):
    """Bridge port octets → its name, worked out once per port."""

    def __init__(self, names: Mapping[int, str]) -> None:
        super().__init__()
        self.names = names

    def __missing__(self, raw: bytes) -> str | None:
        port = int.from_bytes(raw[:8], "big")
        # Port 0 means learned, but not where (RFC 4188 dot1dTpFdbPort).
        self[raw] = name = self.names.get(port) or (str(port) if port else None)
        return name


def _port_names(tables: SnmpTables) -> dict[int, str]:
    """Return bridge port number → ifName; without that table it is taken as ifIndex."""
    names = tables.interfaces
    numbers = {index: str(number(bind)) for index, bind in tables.column("bridge-port", "2").items()}
    return {
        int(port): names[index]
        for port, index in (numbers or {index: index for index in names}).items()
        if port.isdecimal() and len(port) <= PORT_DIGITS and names.get(index, "").strip()
    }


def _typed_address(arcs: list[str]) -> str:
    """Return the address of an InetAddressType index: ifIndex, type, length, octets; no zone.

    Cisco ASA leaves the length out; an address whose first octet could be one is not believed then.
    """
    kind = arcs[1] if len(arcs) > 1 else ""
    octets = arcs[3:]
    if kind in LENGTHS and len(arcs) == LENGTHS[kind] + 2 and arcs[2] != str(LENGTHS[kind]):
        octets = arcs[2:]
    return arcs_ip(octets[:4] if kind in {"1", "3"} else octets[:16] if kind in {"2", "4"} else [])


_NEWER: tuple[tuple[str, str, str, str, _Read], ...] = (
    ("physical-net", "4", "6", "ipNetToPhysicalPhysAddress", _typed_address),
    ("media", "2", "4", "ipNetToMediaPhysAddress", lambda arcs: arcs_ip(arcs[1:])),
)
_OLDEST: tuple[tuple[str, str, str, str, _Read], ...] = (
    ("address-translation", "2", "", "atPhysAddress", lambda arcs: arcs_ip(arcs[2:])),
    ("media6", "2", "", "ipv6NetToMediaPhysAddress", lambda arcs: arcs_ip(arcs[1:])),
)
