"""What DHCP servers remember: ISC dhcpd.leases, Kea's memfile (CSV), dnsmasq.leases. Leases are what the server said of its clients."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address
from itertools import chain, islice

from auditor import normal
from auditor.errors import InputError
from auditor.imports.source import Source
from auditor.model import Fact, Observation, Record, Target

BATCH = 50_000
NAME_CAP = 255
LINE_CAP = 1024
_KEA = frozenset({"address", "hwaddr", "subnet_id", "valid_lifetime"})
_ISC = re.compile(r"^\s*lease\s+[0-9a-fA-F.:]+\s*\{", re.MULTILINE)
_STATEMENT = re.compile(
    r'\s*(lease|hardware ethernet|client-hostname|(?:set|option) vendor-class-identifier)\s+=?\s*"?([^"{;]{1,255})"?\s*[;{]'
)
_OCTAL = re.compile(r"\\([0-3][0-7]{2})")
_DNSMASQ_WORDS = 5


def read(source: Source) -> Iterator[Record]:
    """Yield the leases as ARP entries with the names clients gave themselves; a lease that ran out was a device all the same."""
    lines = source.text_lines()
    first = list(islice(lines, 200))
    whole = chain(first, lines)
    if _is_kea(first[0] if first else ""):
        told = _kea(whole)
    elif _ISC.search("\n".join(first)):
        told = _isc(whole)
    else:
        told = _dnsmasq(whole)
    empty = True
    try:
        for record in batches(source, told):
            empty = False
            yield record
    except InputError as exc:
        raise exc if exc.where.startswith(str(source.path)) else exc.under(f"{source.path}: ") from None
    if empty:
        raise InputError("holds no lease with a MAC address", where=str(source.path))


def begins(text: str) -> bool:
    """Tell whether a file's beginning is that of a lease file that needs more than a line to be read."""
    return _is_kea(text.partition("\n")[0]) or _ISC.search(text) is not None


def is_dnsmasq(words: list[str]) -> bool:
    """Tell whether the words of a line are a lease of dnsmasq: expiry, MAC, address, name, client id."""
    right = len(words) == _DNSMASQ_WORDS and words[0].isdecimal()
    return right and bool(normal.mac(words[1])) and bool(_address(words[2]))


def named(digits: str, name: str, where: str, vendor: str = "") -> Iterator[Fact]:
    """Yield what a client of DHCP calls itself and its maker (RFC 2132, options 12 and 60)."""
    for kind, value in (("dhcp.hostname", name), ("dhcp.vendorclass", vendor)):
        if value.strip():
            yield Fact(kind=kind, value=value.strip()[:NAME_CAP], where=where, about=f"mac:{digits}")


def batches(source: Source, facts: Iterable[Fact]) -> Iterator[Record]:
    """Yield a table's facts in observations of bounded size; the same fact told twice in a batch is told once."""
    batch: dict[Fact, None] = {}
    for fact in facts:
        batch[fact] = None
        if len(batch) >= BATCH:
            yield table(source, batch)
            batch = {}
    if batch:
        yield table(source, batch)


def table(source: Source, facts: Iterable[Fact]) -> Record:
    """Return facts about others as what a file said of them; the file itself is no device."""
    target = Target(address=source.path.name, site=source.site)
    return Observation(target=target, collector="table", at=source.at, facts=tuple(facts))


def _lease(address: str, mac: str, name: str, vendor: str, where: str) -> Iterator[Fact]:
    digits = normal.mac(mac)
    if digits and _address(address):
        yield Fact(kind="arp.mac", value=normal.spelled(digits), where=where, about=f"ip:{_address(address)}")
        yield from named(digits, name, where, vendor)


def _isc(lines: Iterable[str]) -> Iterator[Fact]:
    """Yield each `lease` block; of a statement given twice in one block the last counts, as for the server itself."""
    said: dict[str, str] = {}
    for line in lines:
        match = _STATEMENT.match(line[:LINE_CAP])
        if match and match[1] == "lease":
            said = {"lease": match[2].strip()}
        elif match:
            said[match[1].split()[-1]] = _OCTAL.sub(lambda octet: chr(int(octet[1], 8)), match[2].strip())
        elif line.strip() == "}":
            yield from _block(said)
            said = {}
    # A file cut short ends amid a block; what the block has said by then was said all the same.
    yield from _block(said)


def _block(said: Mapping[str, str]) -> Iterator[Fact]:
    name, vendor = said.get("client-hostname", ""), said.get("vendor-class-identifier", "")
    return _lease(said.get("lease", ""), said.get("ethernet", ""), name, vendor, "dhcpd lease")


def _is_kea(line: str) -> bool:
    return set(line.lstrip("\ufeff").strip().split(",")) >= _KEA


def _kea(lines: Iterable[str]) -> Iterator[Fact]:
    rows = csv.DictReader((line.lstrip("\ufeff").replace("\0", "") for line in lines), restval="")
    try:
        for entry in rows:
            yield from _lease(entry["address"], entry["hwaddr"], entry.get("hostname") or "", "", "Kea lease")
    except csv.Error as exc:
        raise InputError(str(exc), where=f"line {rows.line_num}") from None


def _dnsmasq(lines: Iterable[str]) -> Iterator[Fact]:
    for line in lines:
        words = line[:LINE_CAP].split()
        if is_dnsmasq(words):
            yield from _lease(words[2], words[1], "" if words[3] == "*" else words[3], "", "dnsmasq lease")


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        return ""
