"""DHCP servers' leases: ISC dhcpd, Kea's memfile, dnsmasq, exports of Windows Server.

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
from auditor.imports.batches import batches, is_local_host
from auditor.imports.source import SourceFile
from auditor.model import Fact, Kind, Record, about_address, about_mac

NAME_CAP = 255
LINE_CAP = 1024
_KEA = frozenset({"address", "hwaddr", "subnet_id", "valid_lifetime"})
_ISC = re.compile(r'^\s*(?:lease\s+[0-9a-fA-F.:]+\s*\{|ia-(?:na|ta)\s+"|host\s+\S{1,255}\s*\{)', re.MULTILINE)
# Windows Server: what its console exports (English, German) and `Get-DhcpServerv4Lease | Export-Csv`; the last makes it
# leases.
_WINDOWS = (
    {"clientipaddress": "address", "uniqueid": "mac", "name": "name", "leaseexpiration": ""},
    {"clientipadresse": "address", "eindeutigeid": "mac", "name": "name", "leaseablauf": ""},
    {"ipaddress": "address", "clientid": "mac", "hostname": "name", "scopeid": ""},
    {"ipaddress": "address", "clientduid": "duid", "hostname": "name", "iaid": ""},
)
# Nothing that was taken is given back: a line of blanks would take minutes.
_STATEMENT = re.compile(
    r"\s*+(lease|host|iaaddr|fixed-address|hardware ethernet|client-hostname|(?:set|option) vendor-class-identifier)"
    r'\s++=?+\s*+(?:"((?:[^"\\]|\\[^"]){0,255}+)"|([^"{;]{1,255}+))\s*+[;{]'
)
_OCTAL = re.compile(r"\\([0-3][0-7]{2})")
_STRING = re.compile(r'\s*+(uid|ia-[nt]a)\s++"((?:[^"\\]|\\.){1,512}+)"')
_ESCAPE = re.compile(r"\\([0-3][0-7]{2}|.)")
_PIECE = re.compile(r'(?:[^"{};]|"(?:[^"\\]|\\.){0,512}+")*+[{};]')
# RouterOS breaks lines of an export amid a value, with a backslash before the break.
_ROUTEROS = re.compile(r"^(?:add |[ 0-9]).*\bmac-address=(?:\\?$|[0-9A-Fa-f]{2}:)", re.MULTILINE)
_ROUTEROS_PROMPT = re.compile(r"^\[[^\]\n]{1,64}@[^\]\n]{1,64}\] ", re.MULTILINE)
_RECORD = re.compile(r"(?:add|set) |\s{0,4}[0-9]{1,7} |/")
_SETTINGS = ("address=", "host-name=", "class-id=")
_SETTING = re.compile(r'([a-z][a-z-]{0,40}+)=("(?:[^"\\]|\\.){0,512}+"|[^\s"\\]{0,255}+)')
_IAID_OCTETS = 4
_DNSMASQ_WORDS = 5
_IAID = re.compile(r"T?[0-9]+\Z", re.ASCII)
# A DUID with a MAC of Ethernet in it: with the time it was made, or without (RFC 8415, 11.2 and 11.4).
_DUID = re.compile(r"(?:00:01:00:01:(?:[0-9a-f]{2}:){4}|00:03:00:01:)((?:[0-9a-f]{2}:){5}[0-9a-f]{2})\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """One lease as written, unchecked; `duid` names a DHCPv6 client, `client` a DHCPv4 one."""

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
        if not digits and (digits := duid_mac(self.duid)):
            where = f"{where}, the MAC in the DUID"
        if digits and address:
            yield Fact(kind="arp.mac", value=normal.spelled(digits), where=where, about=about_address(address))
            yield from client_facts(digits, self.name, where, self.vendor, address)


def read(source: SourceFile) -> Iterator[Record]:
    """Yield leases as ARP entries with clients' names; one that ran out was a device too."""
    lines = source.text_lines()
    first = list(islice(lines, 200))
    whole = chain(first, lines)
    if _is_kea(first[0] if first else ""):
        leases = _kea(whole)
    elif titles := _windows(first):
        leases = _export(whole, titles)
    elif _ISC.search("\n".join(first)):
        leases = _isc(whole)
    elif _is_routeros("\n".join(first)):
        leases = _routeros(whole)
    else:
        leases = _dnsmasq(whole)
    tally = HostCount()
    try:
        yield from batches(source, tally.facts(leases))
    except InputError as exc:
        raise exc if exc.where.startswith(str(source.path)) else exc.under(f"{source.path}: ") from None
    if tally.silent == tally.leases:
        raise InputError("holds no lease with a MAC address", where=str(source.path))
    if tally.silent:
        source.warn(f"{source.path}: leases without an address or a MAC: {tally.silent} of {tally.leases}")


@dataclass(slots=True)
class HostCount:
    """Counts leases, and those that say nothing of a device."""

    leases: int = 0
    silent: int = 0

    def facts(self, leases: Iterable[Lease]) -> Iterator[Fact]:
        """Yield what each lease says."""
        for lease in leases:
            words = list(lease.facts())
            self.leases += 1
            self.silent += not words
            yield from words


def duid_mac(duid: str) -> str:
    """Return the digits of the MAC in a DHCPv6 client's DUID, empty where it holds none."""
    match = _DUID.match(duid.replace("-", ":"))
    return normal.mac(match[1]) if match else ""


def begins(text: str) -> bool:
    """Tell whether a file's beginning is that of a lease file."""
    first = text.partition("\n")[0]
    return bool(
        _is_kea(first)
        or _ISC.search(text) is not None
        or _is_routeros(text)
        or _is_dnsmasq(first.split())
        or _windows(text.splitlines()[:2])
    )


def client_facts(digits: str, name: str, where: str, vendor: str = "", address: str = "") -> Iterator[Fact]:
    """Yield what a client of DHCP calls itself and its maker (RFC 2132, options 12 and 60).

    A locally administered MAC names nobody and may be another's tomorrow; what such a client says of its maker is told
    of its address.
    """
    columns: list[tuple[Kind, str]] = [("dhcp.hostname", name), ("dhcp.vendorclass", vendor)]
    about = about_mac(digits)
    if address and is_local_host(digits):
        about, columns = about_address(address), columns if vendor.strip() else []
    for kind, value in columns:
        if value.strip():
            yield Fact(kind=kind, value=value.strip()[:NAME_CAP], where=where, about=about)


def _isc(lines: Iterable[str]) -> Iterator[Lease]:
    """Yield each `lease` block; of a statement given twice the last counts."""
    values: dict[str, str] = {}
    for piece in (piece for line in lines for piece in _pieces(line)):
        match = _STATEMENT.match(piece)
        value = (match[2] or match[3] or "").strip() if match else ""
        if string := _STRING.match(piece):
            values |= {string[1]: _octets(string[2]).hex(":")}
        elif match and match[1] in {"lease", "host"}:
            values = {match[1]: value}
        elif match and match[1] == "iaaddr":
            # An IAID of four octets stands before the DUID (dhcpd.leases(5)).
            client = values.get("ia-na") or values.get("ia-ta") or ""
            values["iaaddr"] = value
            yield Lease(address=value, mac="", where="dhcpd lease", duid=client[_IAID_OCTETS * 3 :])
        elif match:
            values[match[1].split()[-1]] = _OCTAL.sub(lambda octet: chr(int(octet[1], 8)), value)
        elif piece.strip() == "}" and not values.pop("iaaddr", ""):
            yield from _block(values)
            values = {}
    # A file cut short ends amid a block; what the block has said by then was said all the same.
    yield from _block(values)


def _pieces(line: str) -> Iterator[str]:
    """Yield the statements of a line, each with what ends it; remarks are none."""
    if line and line.lstrip()[:1] not in {"", "#"}:
        at = 0
        while match := _PIECE.match(line, at, LINE_CAP * 64):
            at = match.end()
            yield match[0][:LINE_CAP]


def _block(values: Mapping[str, str]) -> Iterator[Lease]:
    if "lease" in values or "fixed-address" in values:
        yield Lease(
            address=values.get("lease", values.get("fixed-address", "")),
            mac=values.get("ethernet", ""),
            where="dhcpd lease",
            name=values.get("client-hostname", values.get("host", "")),
            vendor=values.get("vendor-class-identifier", ""),
            client=values.get("uid", ""),
        )


def _is_routeros(text: str) -> bool:
    """Tell whether text is what RouterOS exports or prints in detail of leases; no session."""
    return _ROUTEROS.search(text) is not None and _ROUTEROS_PROMPT.search(text) is None


def _routeros(lines: Iterable[str]) -> Iterator[Lease]:
    """Yield each record: `add` of an export, or what begins with a number (`print`)."""
    values: dict[str, str] = {}
    for line in filter(None, _unbroken(lines)):
        if _RECORD.match(line):
            yield from _record(values)
            values = {}
        if any(key in line for key in _SETTINGS):
            values |= {key: value.strip('"') for key, value in _SETTING.findall(line)}
    yield from _record(values)


def _unbroken(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines with what follows a backslash at their ends, as an export breaks them."""
    rest = ""
    for line in lines:
        whole = (rest + line.strip() if rest else line.rstrip())[: LINE_CAP * 4]
        rest = whole[:-1] if whole.endswith("\\") else ""
        if not rest:
            yield whole
    if rest:
        yield rest


def _record(values: Mapping[str, str]) -> Iterator[Lease]:
    if "mac-address" in values:
        yield Lease(
            address=values.get("active-address") or values.get("address", ""),
            mac=values["mac-address"],
            where="RouterOS lease",
            name=values.get("host-name", ""),
            vendor=values.get("class-id", ""),
        )


def _octets(text: str) -> bytes:
    """Return the octets of a string with a backslash before octal numbers and quotes."""
    return _ESCAPE.sub(
        lambda match: chr(int(match[1], 8)) if match[1].isdigit() and len(match[1]) > 1 else match[1], text
    ).encode("latin-1", "replace")


def _windows(lines: Iterable[str]) -> dict[int, str]:
    """Return what columns of a Windows Server export hold, by position; empty if none."""
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


def _export(lines: Iterable[str], titles: Mapping[int, str]) -> Iterator[Lease]:
    """Yield each row below the titles."""
    for line in lines:
        columns = {titles[at]: cell.strip() for at, cell in enumerate(_cells(line[: LINE_CAP * 4])) if at in titles}
        if _address(columns.get("address", "")):
            yield Lease(**{"mac": "", "name": "", **columns}, where="Windows DHCP lease")


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
    """Tell whether a line's words are a dnsmasq lease, or what separates IPv4 and IPv6.

    A lease: expiry, MAC (of IPv6 the IAID, with a T where the address is temporary), address, name, client id (of IPv6
    its DUID).
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
