"""Tables of MACs as text: ARP and forwarding tables, DHCP leases, arp-scan output, or one MAC a line."""

import re
from collections.abc import Iterator
from ipaddress import ip_address

from auditor import normal
from auditor.errors import InputError
from auditor.imports.source import Source
from auditor.model import Fact, Observation, Record, Target

BATCH = 50_000
LAST_VLAN = 4094
_MAC = re.compile(
    r"(?<![0-9A-Za-z:.\-])(?:(?:[0-9A-Fa-f]{1,2}([:\-]))(?:[0-9A-Fa-f]{1,2}\1){4}[0-9A-Fa-f]{1,2}|[0-9A-Fa-f]{4}([.\-])[0-9A-Fa-f]{4}\2[0-9A-Fa-f]{4}|[0-9A-Fa-f]{12})(?![0-9A-Za-z:.\-])"
)
_PORT = re.compile(
    r"(?:[GXF]E|GigabitEthernet|TenGig\S*|Eth\S*|Fa\S*|Gi|Te|Tw|Hu|Fo|Po|Eth-Trunk|gei|xgei|ge-|xe-|et-|ether|sfp|swp|eno|lan|port)[-_ ]?\d[\w/.:\-]*\Z",
    re.IGNORECASE,
)


def read(source: Source) -> Iterator[Record]:
    """Yield the table's rows as things its reporter, the file, said of its neighbours; in batches, so that memory stays bounded."""
    batch: list[Fact] = []
    empty = True
    for raw in source.lines():
        batch.extend(row(raw.decode("utf-8", "replace")))
        if len(batch) >= BATCH:
            yield _table(source, batch)
            batch, empty = [], False
    if empty and not batch:
        raise InputError("shows no MAC address", where=str(source.path))
    if batch:
        yield _table(source, batch)


def row(line: str) -> Iterator[Fact]:
    """Yield what one line says: an ARP entry where it shows an address, else a forwarding entry with its port and VLAN."""
    found = _MAC.search(line)
    digits = normal.mac(found.group()) if found else ""
    if not digits:
        return
    words = line.replace(",", " ").replace(";", " ").split()
    address = next(filter(None, map(_address, words)), "")
    if address:
        yield Fact(kind="arp.mac", value=normal.spelled(digits), where="table", about=f"ip:{address}")
        return
    about = f"mac:{digits}"
    yield Fact(kind="fdb.mac", value=normal.spelled(digits), where="table", about=about)
    port = next((word for word in words if _PORT.match(word)), "")
    vlan = next((word for word in words if word.isdecimal() and 0 < int(word[:5]) <= LAST_VLAN), "")
    if port:
        yield Fact(kind="fdb.port", value=port, where="table", about=about)
        if vlan:
            yield Fact(kind="fdb.vlan", value=vlan, where="table", about=about)


def _address(word: str) -> str:
    try:
        return str(ip_address(word.strip("()[]'\"")))
    except ValueError:
        return ""


def _table(source: Source, facts: list[Fact]) -> Record:
    return Observation(
        target=Target(address=source.path.name, site=source.site), collector="table", at=source.at, facts=tuple(facts)
    )
