"""Tables of MACs as text: ARP and neighbour tables, forwarding tables, arp-scan output, DHCP leases, or one MAC a line."""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from itertools import chain, islice

from auditor import normal
from auditor.errors import InputError
from auditor.imports import leases
from auditor.imports.source import Source
from auditor.model import Fact, Record, quick_fact

LAST_VLAN = 4094
LINE_CAP = 4096
GLANCE = 200
DOTS, COLONS = 3, 7  # of an IPv4 address, of an IPv6 address written out
_MAC = re.compile(
    r"(?<![0-9A-Za-z:.\-])(?:(?:[0-9A-Fa-f]{1,2}([:\-]))(?:[0-9A-Fa-f]{1,2}\1){4}[0-9A-Fa-f]{1,2}|[0-9A-Fa-f]{4}([.\-])[0-9A-Fa-f]{4}\2[0-9A-Fa-f]{4}|[0-9A-Fa-f]{6}-[0-9A-Fa-f]{6}|[0-9A-Fa-f]{12})(?![0-9A-Za-z:.\-])"
)
_PORT = re.compile(
    r"(?:[GXF]E|GigabitEthernet|TenGig\S*|Eth\S*|Fa\S*|Gi|Te|Tw|Hu|Fo|Po|Eth-Trunk|gei|xgei|smartgroup|gpon_\S*?|ge-|xe-|et-|ae|bridge|ether|sfp|swp|eno|lan|port)[-_ ]?\d[\w/.:\-]*\Z",
    re.IGNORECASE,
)
_VLAN = re.compile(r"(?:vlan)?([0-9]{1,4})(?:/[-0-9]*)*\Z", re.IGNORECASE | re.ASCII)


def read(source: Source) -> Iterator[Record]:
    """Yield the table's rows as things its reporter, the file, said of its neighbours; in batches, so that memory stays bounded."""
    lines = source.text_lines()
    first = list(islice(lines, GLANCE))
    if leases.begins("\n".join(first)):
        yield from leases.read(source)
        return
    empty = True
    for record in leases.batches(source, (fact for line in chain(first, lines) for fact in row(line))):
        empty = False
        yield record
    if empty:
        raise InputError("shows no MAC address", where=str(source.path))


def row(line: str) -> Iterator[Fact]:
    """Yield what one line says: an ARP entry where it shows an address, else a forwarding entry with its port and VLAN."""
    digits = found(line)
    if not digits:
        return
    words = line[:LINE_CAP].replace(",", " ").replace(";", " ").split()
    address = next(filter(None, map(_address, words)), "")
    if address:
        yield quick_fact("arp.mac", normal.spelled(digits), "table", f"ip:{address}")
        if leases.is_dnsmasq(words):
            yield from leases.named(digits, "" if words[3] == "*" else words[3], "dnsmasq lease")
        return
    about = f"mac:{digits}"
    yield quick_fact("fdb.mac", normal.spelled(digits), "table", about)
    port = next((word for word in words if _PORT.match(word)), "")
    vlan = next(filter(None, map(_vlan, words)), "")
    if port:
        yield quick_fact("fdb.port", port, "table", about)
        if vlan:
            yield quick_fact("fdb.vlan", vlan, "table", about)


def found(line: str) -> str:
    """Return the digits of the first MAC of a line, or nothing; only the beginning of an endless line is looked at."""
    match = _MAC.search(line[:LINE_CAP])
    return normal.mac(match.group()) if match else ""


def _address(word: str) -> str:
    # Most words of a table are none; asking ip_address about each would take most of the time.
    if word.count(".") != DOTS and "::" not in word and word.count(":") != COLONS:
        return ""
    try:
        return str(ip_address(word.strip("()[]'\"").partition("%")[0]))
    except ValueError:
        return ""


def _vlan(word: str) -> str:
    match = _VLAN.match(word)
    return match[1] if match and 0 < int(match[1]) <= LAST_VLAN else ""
