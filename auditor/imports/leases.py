"""What DHCP servers remember: ISC dhcpd.leases, Kea's memfile (CSV), dnsmasq.leases, exports of Windows Server.

Leases are what the server said of its clients.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from itertools import chain, islice

from auditor import normal
from auditor.errors import InputError
from auditor.imports.source import Source
from auditor.model import Fact, Kind, Observation, Record, Target, about_address, about_mac

BATCH = 50_000
NAME_CAP = 255
LINE_CAP = 1024
HOST_KINDS = frozenset({"arp.mac", "fdb.mac", "inventory.mac"})
_KEA = frozenset({"address", "hwaddr", "subnet_id", "valid_lifetime"})
_ISC = re.compile(r'^\s*(?:lease\s+[0-9a-fA-F.:]+\s*\{|ia-(?:na|ta)\s+")', re.MULTILINE)
# Windows Server: what its console exports (English, German) and `Get-DhcpServerv4Lease | Export-Csv`; the last makes it leases.
_WINDOWS = (
    {"clientipaddress": "address", "uniqueid": "mac", "name": "name", "leaseexpiration": ""},
    {"clientipadresse": "address", "eindeutigeid": "mac", "name": "name", "leaseablauf": ""},
    {"ipaddress": "address", "clientid": "mac", "hostname": "name", "scopeid": ""},
)
# Nothing that was taken is given back: a line of blanks would take minutes.
_STATEMENT = re.compile(
    r'\s*+(lease|iaaddr|hardware ethernet|client-hostname|(?:set|option) vendor-class-identifier)\s++=?+\s*+"?+([^"{;]{1,255}+)"?+\s*+[;{]'
)
_OCTAL = re.compile(r"\\([0-3][0-7]{2})")
_STRING = re.compile(r'\s*+(uid|ia-[nt]a)\s++"((?:[^"\\]|\\.){1,512}+)"')
_ESCAPE = re.compile(r"\\([0-3][0-7]{2}|.)")
_IAID_OCTETS = 4
_DNSMASQ_WORDS = 5
_IAID = re.compile(r"T?[0-9]+\Z", re.ASCII)
# A DUID with a MAC of Ethernet in it: with the time it was made, or without (RFC 8415, 11.2 and 11.4).
_DUID = re.compile(r"(?:00:01:00:01:(?:[0-9a-f]{2}:){4}|00:03:00:01:)((?:[0-9a-f]{2}:){5}[0-9a-f]{2})\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """One lease as the server wrote it: nothing of it has been checked. `duid` is what a client of DHCPv6 goes by, `client` one of DHCPv4."""

    address: str
    mac: str
    where: str
    name: str = ""
    vendor: str = ""
    duid: str = ""
    client: str = ""

    def facts(self) -> Iterator[Fact]:
        """Yield what the lease says, nothing where it holds no address or no MAC."""
        digits, address, where = normal.mac(self.mac), _address(self.address), self.where
        if not digits and (digits := normal.mac(self.client)):
            where = f"{where}, the MAC in the client id"
        if not digits and (match := _DUID.match(self.duid)):
            digits, where = normal.mac(match[1]), f"{where}, the MAC in the DUID"
        if digits and address:
            yield Fact(kind="arp.mac", value=normal.spelled(digits), where=where, about=about_address(address))
            yield from named(digits, self.name, where, self.vendor, address)


def read(source: Source) -> Iterator[Record]:
    """Yield the leases as ARP entries with the names clients gave themselves; a lease that ran out was a device all the same."""
    lines = source.text_lines()
    first = list(islice(lines, 200))
    whole = chain(first, lines)
    if _is_kea(first[0] if first else ""):
        leases = _kea(whole)
    elif titles := _windows(first):
        leases = _exported(whole, titles)
    elif _ISC.search("\n".join(first)):
        leases = _isc(whole)
    else:
        leases = _dnsmasq(whole)
    tally = Tally()
    try:
        yield from batches(source, tally.facts(leases))
    except InputError as exc:
        raise exc if exc.where.startswith(str(source.path)) else exc.under(f"{source.path}: ") from None
    if tally.silent == tally.leases:
        raise InputError("holds no lease with a MAC address", where=str(source.path))
    if tally.silent:
        source.warn(f"{source.path}: leases without an address or a MAC: {tally.silent} of {tally.leases}")


@dataclass(slots=True)
class Tally:
    """Counts leases, and those that say nothing of a device."""

    leases: int = 0
    silent: int = 0

    def facts(self, leases: Iterable[Lease]) -> Iterator[Fact]:
        """Yield what each lease says."""
        for lease in leases:
            told = list(lease.facts())
            self.leases += 1
            self.silent += not told
            yield from told


def begins(text: str) -> bool:
    """Tell whether a file's beginning is that of a lease file."""
    first = text.partition("\n")[0]
    return bool(
        _is_kea(first) or _ISC.search(text) is not None or _is_dnsmasq(first.split()) or _windows(text.splitlines()[:2])
    )


def named(digits: str, name: str, where: str, vendor: str = "", address: str = "") -> Iterator[Fact]:
    """Yield what a client of DHCP calls itself and its maker (RFC 2132, options 12 and 60).

    A locally administered MAC names nobody and may be another's tomorrow; what such a client says of its maker is told of its address.
    """
    told: list[tuple[Kind, str]] = [("dhcp.hostname", name), ("dhcp.vendorclass", vendor)]
    about = about_mac(digits)
    if address and is_local_host(digits):
        about, told = about_address(address), told if vendor.strip() else []
    for kind, value in told:
        if value.strip():
            yield Fact(kind=kind, value=value.strip()[:NAME_CAP], where=where, about=about)


def is_local_host(digits: str) -> bool:
    """Tell whether a MAC is one that software made up for a single host: phones, virtual machines, containers."""
    return digits[1] in "26ae"


def batches(source: Source, facts: Iterable[Fact]) -> Iterator[Record]:
    """Yield a table's facts in observations of bounded size; the same fact told twice in a batch is told once."""
    batch: dict[Fact, None] = {}
    hosts = Hosts()
    for fact in facts:
        if fact not in batch:
            hosts.count(fact)
        batch[fact] = None
        if len(batch) >= BATCH:
            yield table(source, batch)
            batch = {}
    if batch:
        yield table(source, batch)
    yield from hosts.told(source)


@dataclass(slots=True)
class Hosts:
    """Counts the hosts one reporter spoke of, and those among them whose MAC no registry speaks for."""

    others: int = 0
    local: int = 0
    first: str = ""

    def count(self, fact: Fact) -> None:
        """Count a host by its MAC: a row of an ARP or forwarding table, or a host that was scanned."""
        if fact.kind not in HOST_KINDS or not (digits := normal.mac(fact.value)):
            return
        if is_local_host(digits):
            self.local += 1
            self.first = self.first or normal.spelled(digits)
        else:
            self.others += 1

    def listen(self, record: Record) -> None:
        """Count the hosts one record speaks of."""
        for fact in record.facts if isinstance(record, Observation) else ():
            self.count(fact)

    def warn(self, source: Source) -> None:
        """Tell how many hosts have such a MAC."""
        if self.local:
            source.warn(f"{source.path}: {self._words()}")

    def told(self, source: Source) -> Iterator[Record]:
        """Tell the count; a table that speaks of nobody else has shown no device, which is not the same as a clean one."""
        if self.local and not self.others:
            yield from source.partial([f"{self._words()}; it shows no other"], "table")
        else:
            self.warn(source)

    def _words(self) -> str:
        return f"hosts with a locally administered MAC, which tells no maker: {self.local}, the first is {self.first}"


def table(source: Source, facts: Iterable[Fact]) -> Record:
    """Return facts about others as what a file said of them; the file itself is no device."""
    target = Target(address=source.path.name, site=source.site)
    return Observation(target=target, collector="table", at=source.at, facts=tuple(facts))


def _isc(lines: Iterable[str]) -> Iterator[Lease]:
    """Yield each `lease` block; of a statement given twice in one block the last counts, as for the server itself."""
    said: dict[str, str] = {}
    for line in lines:
        match = _STATEMENT.match(line[:LINE_CAP])
        if string := _STRING.match(line[:LINE_CAP]):
            said |= {string[1]: _octets(string[2]).hex(":")}
        elif match and match[1] == "lease":
            said = {"lease": match[2].strip()}
        elif match and match[1] == "iaaddr":
            # An IAID of four octets stands before the DUID (dhcpd.leases(5)).
            client = said.get("ia-na") or said.get("ia-ta") or ""
            yield Lease(address=match[2].strip(), mac="", where="dhcpd lease", duid=client[_IAID_OCTETS * 3 :])
        elif match:
            said[match[1].split()[-1]] = _OCTAL.sub(lambda octet: chr(int(octet[1], 8)), match[2].strip())
        elif line.strip() == "}":
            yield from _block(said)
            said = {}
    # A file cut short ends amid a block; what the block has said by then was said all the same.
    yield from _block(said)


def _block(said: Mapping[str, str]) -> Iterator[Lease]:
    if "lease" in said:
        yield Lease(
            address=said["lease"],
            mac=said.get("ethernet", ""),
            where="dhcpd lease",
            name=said.get("client-hostname", ""),
            vendor=said.get("vendor-class-identifier", ""),
            client=said.get("uid", ""),
        )


def _octets(text: str) -> bytes:
    """Return the octets of a string in which a backslash stands before an octal number or before itself and a quote."""
    return _ESCAPE.sub(
        lambda match: chr(int(match[1], 8)) if match[1].isdigit() and len(match[1]) > 1 else match[1], text
    ).encode("latin-1", "replace")


def _windows(lines: Iterable[str]) -> dict[int, str]:
    """Return what the columns of an export of Windows Server hold, by position; empty where this is none."""
    for line in lines:
        plain = [re.sub(r"[^a-z]", "", title.casefold()) for title in _cells(line)]
        for titles in _WINDOWS:
            if titles.keys() <= set(plain):
                return {at: titles[title] for at, title in enumerate(plain) if titles.get(title)}
    return {}


def _cells(line: str) -> list[str]:
    line = line.lstrip("\ufeff").rstrip("\r\n")
    try:
        return next(csv.reader([line.replace("\0", "")], delimiter=max("\t;,", key=line.count)), [])
    except csv.Error:
        return []


def _exported(lines: Iterable[str], titles: Mapping[int, str]) -> Iterator[Lease]:
    """Yield each row below the titles."""
    for line in lines:
        told = {titles[at]: cell.strip() for at, cell in enumerate(_cells(line[: LINE_CAP * 4])) if at in titles}
        if _address(told.get("address", "")):
            yield Lease(**{"mac": "", "name": "", **told}, where="Windows DHCP lease")


def _is_kea(line: str) -> bool:
    return set(line.lstrip("\ufeff").strip().split(",")) >= _KEA


def _kea(lines: Iterable[str]) -> Iterator[Lease]:
    rows = csv.DictReader((line.lstrip("\ufeff").replace("\0", "") for line in lines), restval="")
    try:
        for entry in rows:
            name, duid, client = (entry.get(key) or "" for key in ("hostname", "duid", "client_id"))
            yield Lease(
                address=entry["address"], mac=entry["hwaddr"], where="Kea lease", name=name, duid=duid, client=client
            )
    except csv.Error as exc:
        raise InputError(str(exc), where=f"line {rows.line_num}") from None


def _is_dnsmasq(words: list[str]) -> bool:
    """Tell whether the words of a line are a lease of dnsmasq, or what stands between its leases of IPv4 and of IPv6.

    A lease: expiry, MAC (of IPv6 the IAID, with a T where the address is temporary), address, name, client id (of IPv6 its DUID).
    """
    if len(words) != _DNSMASQ_WORDS:
        return len(words) == 2 and words[0] == "duid"  # noqa: PLR2004 - the server's own
    sort = _IAID.match(words[1]) if ":" in words[2] else normal.mac(words[1])
    return words[0].isdecimal() and bool(sort) and bool(_address(words[2]))


def _dnsmasq(lines: Iterable[str]) -> Iterator[Lease]:
    for line in lines:
        words = line[:LINE_CAP].split()
        if not words or words[0] == "duid":
            continue
        _expiry, mac, address, name, client = words if _is_dnsmasq(words) else [""] * _DNSMASQ_WORDS
        yield Lease(address=address, mac=mac, where="dnsmasq lease", name="" if name == "*" else name, duid=client)


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        return ""
