"""The reporter's own ports → facts: members of aggregates, ports that feed power.

IEEE 802.3 clause 43 (IEEE8023-LAG-MIB dot3adAggPortTable), RFC 2863 ifStackTable, RFC 3621 pethPsePortTable.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from auditor.model import Fact
from auditor.parse.snmp_tables import SnmpTables
from auditor.parse.snmp_values import mac_digits, number

DELIVERING = 3
ACTIVE = 1
AGGREGATE_TYPE = 161
SLOTTED = 3
MANY_PORTS = 4096
MANY_ALIKE = 256
_PATH = re.compile(r"(\d{1,6}(?:/\d{1,6}){0,5})$")


def facts(tables: SnmpTables) -> Iterator[Fact]:
    """Yield `lag.member` (where = the aggregate's name) and `poe.port` per port."""
    members = list(_aggregates(tables) if tables.column("aggregate-port", "13") else _stack(tables))
    if not members and not tables.column("power", "6"):
        return
    names = {index: name for index, name in tables.interfaces.items() if name.strip()}
    pairs: set[tuple[str, str]] = set()
    for whole, part in members:
        pair = (names.get(whole, ""), names.get(part, ""))
        if all(pair) and pair[0] != pair[1] and pair not in pairs:
            pairs.add(pair)
            yield Fact(kind="lag.member", value=pair[1], where=pair[0])
    yield from _power(tables, names)


def _aggregates(tables: SnmpTables) -> Iterator[tuple[str, str]]:
    """Yield (aggregate, member) as ifIndex; a port on its own says 0 or itself."""
    for index, bind in tables.column("aggregate-port", "13").items():
        yield str(number(bind) or ""), index


def _stack(tables: SnmpTables) -> Iterator[tuple[str, str]]:
    """Yield (aggregate, member) as ifIndex from ifStackTable, the upper one of type 161.

    Only a bridge has a forwarding table to be read with it, so nobody else is asked for it.
    """
    if not (tables.column("q-forwarding", "2") or tables.column("forwarding", "2")):
        return
    types = tables.column("interface", "3")
    for index, bind in tables.column("stack", "3").items():
        upper, _, lower = index.partition(".")
        if upper in types and number(types[upper]) == AGGREGATE_TYPE and number(bind) == ACTIVE:
            yield upper, lower


def _power(tables: SnmpTables, names: Mapping[str, str]) -> Iterator[Fact]:
    """Yield the ports that deliver power, where it is certain which those are.

    RFC 3621 numbers them by group and port and leaves open which interface that is. Agents follow the number on the
    front or ifIndex: the reading counts that names every port, then the one whose names are more of a kind; where both
    would do and disagree, neither is believed, and where neither names all, only a printed number that ifIndex does not
    contradict.
    """
    states = dict(islice(tables.column("power", "6").items(), MANY_PORTS))
    if not states:
        return
    places = {index: index.partition(".")[::2] for index in states}
    macs = tables.column("interface", "6")
    by_print = _by_number(places, names)
    real = {port for port, bind in macs.items() if port in names and mac_digits(bind.raw)}
    by_index = {index: names[port] for index, (_, port) in places.items() if port in real}
    whole = [reading for reading in (by_print, by_index) if len(reading) == len(places)]
    fewest = min(map(_families, whole), default=0)
    certain = {index: name for index, name in by_print.items() if by_index.get(index, name) == name}
    readings = [reading for reading in whole if _families(reading) == fewest] or [certain]
    for index, bind in states.items():
        names_here = {reading[index] for reading in readings if index in reading}
        if number(bind) == DELIVERING and len(names_here) == 1:
            yield Fact(kind="poe.port", value=names_here.pop(), where=f"pethPsePortDetectionStatus.{index}")


def _families(reading: Mapping[str, str]) -> int:
    """Return how many sorts of names a reading gives: Gi1/0/1 and Gi1/0/2 are one."""
    return len({_PATH.sub("", name) for name in reading.values()})


def _by_number(places: Mapping[str, tuple[str, str]], names: Mapping[str, str]) -> dict[str, str]:
    """Return PSE index → the one interface whose printed number fits group and port."""
    paths: dict[str, list[tuple[list[str], str]]] = {}
    for name in names.values():
        if match := _PATH.search(name):
            path = match[1].split("/")
            same = paths.setdefault(path[-1], [])
            if len(same) < MANY_ALIKE:
                same.append((path, name))
    several = len({group for group, _ in places.values()}) > 1
    names_here: dict[str, str] = {}
    for index, (group, port) in places.items():
        fits = [
            (path, name)
            for path, name in paths.get(port, [])
            if not (several or len(path) >= SLOTTED) or path[0] == group or (not several and path[0] == "0")
        ]
        # Gi1/0/7 before Gi1/1/7, either before Vlan7.
        best = sorted(fits, key=lambda fit: (-len(fit[0]), fit[0][1:-1]))
        if best and (len(best) == 1 or _rank(best[0][0]) != _rank(best[1][0])):
            names_here[index] = best[0][1]
    return names_here


def _rank(path: list[str]) -> tuple[int, list[str]]:
    return len(path), path[1:-1]
