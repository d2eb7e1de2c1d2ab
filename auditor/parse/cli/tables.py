"""ARP and MAC tables of any maker: a row is a line that holds both things of a pair."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from auditor import normal
from auditor.model import Fact, about_address, about_mac
from auditor.parse.cells import cell_facts
from auditor.parse.cli.names import of_title
from auditor.parse.cli.text import lines

_IPV4 = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
_CANONICAL = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?=\d)|\Z)){4}", re.ASCII)
_IPV6 = re.compile(r"(?<![\w:])[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])")
_PORT = re.compile(
    r"(?!vlan|vid\b)[A-Za-z][A-Za-z\-]{0,30}_?\d[\w/.:\-]{0,30}|\d{1,3}(?:/\d{1,3}){1,3}(?::\d+)?", re.IGNORECASE
)
_VLAN = re.compile(r"(vlan|[A-Za-z][\w.\-]{0,60}\()?(\d{1,4})\)?(?:/-(?:/-)?|/\d{0,4})?", re.IGNORECASE)
_DAY = re.compile(r"(?<!\S)\d\d/\d\d/\d\d[ \t]+(?=\d\d:\d\d)")
_SLOT_PORT = re.compile(r"\d{1,2}:\d{1,3}")
_OWN = re.compile(r"\b(?:CPU|Router|Switch|Self|sup-eth\d|System)\b", re.IGNORECASE)
_OWN_PORT = re.compile(
    r"(?:cpu|cpm|drop|router|switch|self|management|system|sup-eth\d?.*|mgmt-cpu|intern(?:al)?|local"
    r"|vl(?:an)?[ -]?\d{1,4}(?:\(R\))?)\b.*",
    re.IGNORECASE,
)
_OWN_TYPES = frozenset({"i", "interface", "local", "local/broadcast", "oth", "oth[i]", "other"})
# FortiSwitchOS: `VLAN: 1 Port: port6(port-id 6)`.
_NAMED_PLACE = re.compile(r"\bVLAN: ?(?P<vlan>\d{1,4})[ \t]{1,8}(?:Port|Trunk): ?(?P<port>[^\s(]{1,60})")
# A value a line: `MAC address    : 0000.5e00.5301`.
_RECORD = re.compile(
    r"[ \t]{0,20}(?P<name>[A-Za-z][A-Za-z ._\-]{0,40}?)[ \t]{0,40}[:=][ \t]{0,8}(?P<value>\S[^\n]{0,120})"
)
_RECORD_ROLES = frozenset({"mac", "address", "vlan", "port", "age", "type"})
_SELF = re.compile(r"cpu|self", re.IGNORECASE)
_AGELESS = frozenset({"-", "--"})
_WORD = re.compile(r"\S+")
_GAP, _DIGIT = re.compile(r"[ \t]{2,}|\t|\|"), re.compile(r"[0-9]")
_RULE = re.compile(r"[ \t]*[-=+|]{3}[-=+| \t]*")
_ASIDE = re.compile(
    r"\s*(?:total|number|displayed|matching|count|flags?|codes?|legend|capability|aging)\b|[^:=]{1,60}[:=] ",
    re.IGNORECASE,
)
_ADDRESS_ALONE = re.compile(
    r"[ \t]*(?:IPv6 Address[ \t]*:[ \t]*)?([0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{2,45})[ \t]*", re.IGNORECASE
)
# SR OS: the address and its interface, and below them the MAC.
_ADDRESS_FIRST = re.compile(r"((?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{2,45})[ \t]{2}")
_FLAGS = re.compile(r"[ \t]*\d{1,6}[ \t]+([A-Z ]{0,8}) [\w\-]{1,30}=")
_NAMED = re.compile(r"(?<!\S)([\w\-]{1,30})=(\S{1,80})")
_COLUMNS = 2
_AGE = re.compile(r"\bage\b", re.IGNORECASE)
_SECONDS = re.compile(r"\d{1,7}")
MAX_VLAN = 4094


def mac_in(line: str) -> "re.Match[str] | None":
    """Return the first MAC address in a line; its place is that in `normal.plain_marks(line)`."""
    return normal.MAC_IN_TEXT.search(normal.plain_marks(line))


def has_rows(text: str) -> bool:
    """Tell whether a reply holds a table with rows under its titles, sums and legends aside."""
    under_titles = False
    for line in lines(text):
        columns = [cell for cell in _GAP.split(line.strip()) if cell]
        if _RULE.fullmatch(line):
            under_titles = True
        elif len(columns) < _COLUMNS or _ASIDE.match(line):
            continue
        elif under_titles and _DIGIT.search(line):
            return True
        else:
            under_titles = under_titles or not _DIGIT.search(line)
    return False


def arp_rows(text: str) -> Iterator[dict[str, str]]:
    """Yield who has which MAC in an ARP or ND table without titles, one pair a line.

    A long address may stand alone on the line above (NX-OS), or after its name (VRP).
    """
    above = ""
    for line in map(normal.plain_marks, lines(text)):
        match = normal.MAC_IN_TEXT.search(line)
        if match is None:
            above = found[1] if (found := _ADDRESS_ALONE.fullmatch(line) or _ADDRESS_FIRST.match(line)) else ""
            continue
        before, after = line[: match.start()], line[match.end() :]
        if address := _address(before) or _address(after) or _address(above):
            yield {"mac": match[0], "address": address, "type": "I" if _own_row(before, after) else ""}
        above = ""


def mac_rows(text: str) -> Iterator[dict[str, str]]:
    """Yield MAC, port and VLAN of each line of a MAC table without titles, by their words."""
    title = None
    for line in map(normal.plain_marks, lines(text)):
        match = normal.MAC_IN_TEXT.search(line)
        title = title or (_AGE.search(line) if match is None and "mac" in line.casefold() else None)
        if match is None:
            continue
        if "mac-address=" in line:
            yield _named_row(line, match[0])
            continue
        before, after = line[: match.start()], line[match.end() :]
        if place := _NAMED_PLACE.search(after):
            yield {"mac": match[0], **place.groupdict(), "age": ""}
            continue
        # Linux: `dev swp3 master bridge permanent` is an address of the bridge itself.
        is_own_row = _OWN.search(after) or (after.startswith(" dev ") and " permanent" in after)
        port = "CPU" if is_own_row else _port(after) or _port(before)
        vlan = _vlan(before, port) or _vlan(after, port)
        yield {"mac": match[0], "port": port, "vlan": vlan, "age": _under(title, line) if title else ""}


def _named_row(line: str, mac: str) -> dict[str, str]:
    """Return a row of RouterOS `print detail`: `key=value` after flags, L for its own."""
    flags, values = _FLAGS.match(line), dict(_NAMED.findall(line))
    port = "local" if flags and "L" in flags[1] else values.get("on-interface", values.get("interface", ""))
    return {"mac": mac, "port": port, "vlan": values.get("vid", "")}


def record_rows(text: str) -> list[dict[str, str]]:
    """Return the rows of a reply with a line for each value; one told again begins a new row."""
    rows: list[dict[str, str]] = []
    row: dict[str, str] = {}
    for line in lines(text):
        match = _RECORD.fullmatch(line)
        role = of_title(match["name"]) if match else ""
        if match is None or role not in _RECORD_ROLES:
            continue
        if role in row:
            rows.append(row)
            row = {}
        row[role] = match["value"].strip()
    return [record for record in (*rows, row) if normal.mac(record.get("mac", ""))]


def alone(text: str, pairs: Iterable[Mapping[str, str]]) -> Iterator[dict[str, str]]:
    """Yield the MACs of a reply that stand beside no address, at no port."""
    beside = {normal.mac(row["mac"]) for row in pairs}
    for line in map(normal.plain_marks, lines(text)):
        if (match := normal.MAC_IN_TEXT.search(line)) and normal.mac(match[0]) not in beside:
            yield {"mac": match[0], "port": "", "vlan": ""}


def neighbour_rows(text: str) -> Iterator[dict[str, str]]:
    """Yield rows of neighbours without titles: own port, chassis MAC, the other's port."""
    for line in map(normal.plain_marks, lines(text)):
        if match := normal.MAC_IN_TEXT.search(line):
            before, after = line[: match.start()].split(), line[match.end() :].split()
            yield {"local": before[0] if before else "", "chassis": match[0], "portid": after[0] if after else ""}


def clients(command: str, rows: Iterable[Mapping[str, str]]) -> Iterator[Fact]:
    """Yield host name and vendor class beside the MAC of each client (DHCP options 12 and 60)."""
    for row in rows:
        if digits := normal.mac(row.get("mac", "")):
            name, vendor_class = (row.get(role, "").strip("-") for role in ("sysname", "vendorclass"))
            about = about_mac(digits)
            yield from cell_facts(command, about, ("dhcp.hostname", name), ("dhcp.vendorclass", vendor_class))


def arp(command: str, rows: Iterable[Mapping[str, str]]) -> Iterator[Fact]:
    """Yield who has which MAC; own rows (VRP `I`, IOS age `-`) are own MACs (RFC 826, RFC 4861).

    Where no protocol stands in the row (NX-OS, ASA, EOS), one without an age is another's, typed in.
    """
    for row in rows:
        address = _address(row["address"])
        sort = next(iter(row.get("type", "").split()), "")
        is_ageless = row.get("timeout") == "-" or (row.get("age") in _AGELESS and row.get("protocol") == "Internet")
        is_self = sort.lower() == "static" and _SELF.fullmatch(row.get("port", "")) is not None
        # EVPN: `local` is who is plugged in here.
        if (
            is_self
            or (is_ageless and sort.lower() != "static")
            or (sort.lower() in _OWN_TYPES and "evpn" not in command)
        ):
            yield Fact(kind="if.mac", value=row["mac"], where=command)
        elif address and int(normal.mac(row["mac"]), 16):
            yield Fact(kind="arp.mac", value=row["mac"], where=command, about=about_address(address))


def forwarding(command: str, rows: Iterable[Mapping[str, str]]) -> Iterator[Fact]:
    """Yield MAC, port and VLAN of each row of a MAC table but those of the switch itself."""
    for row in rows:
        is_bridge = "bridge macs" in command and row.get("type", "").startswith("permanent")
        if not normal.is_group(normal.mac(row["mac"])) and not is_own(row) and not is_bridge:
            yield from forwarded(command, row["mac"], row["port"], row["vlan"], row.get("age", ""))


def is_own(row: Mapping[str, str]) -> bool:
    """Tell whether a row of a MAC table is the switch itself, where nobody is plugged in."""
    return _OWN_PORT.fullmatch(row["port"]) is not None


def forwarded(command: str, mac: str, port: str, vlan: str, age: str = "") -> Iterator[Fact]:
    """Yield what a row of a MAC table says of the neighbour with the MAC; `age` in seconds."""
    about = about_mac(normal.mac(mac))
    return cell_facts(
        command,
        about,
        ("fdb.mac", mac),
        ("fdb.port", port),
        ("fdb.vlan", vlan),
        ("fdb.age", (age.lstrip("0") or age[:1]) if age.isdecimal() else ""),
    )


def _under(title: "re.Match[str]", line: str) -> str:
    """Return the number that stands under a title, to either side of it by a blank at most."""
    numbers = _SECONDS.finditer(line, max(0, title.start() - 4), title.end() + 4)
    return next(
        (match[0] for match in numbers if line[max(0, match.start() - 1) : match.end() + 1].strip() == match[0]), ""
    )


def _address(text: str) -> str:
    if _CANONICAL.fullmatch(text):
        return text
    for pattern, kind in ((_IPV4, IPv4Address), (_IPV6, IPv6Address)):
        for match in pattern.finditer(text):
            with suppress(AddressValueError):
                return str(kind(match[0]))
    return ""


def _own_row(before: str, after: str) -> bool:
    """Tell whether an ARP row is the device's own interface."""
    words = after.split()
    if words and words[0] == "I":
        return True
    return bool(_AGELESS.intersection(before.split()[-1:])) and before.lstrip().startswith("Internet")


def _port(text: str) -> str:
    """Return the word that names a port by letters or slashes, else slot and port (`1:7`)."""
    words = [match[0] for match in _WORD.finditer(_DAY.sub(" ", text))]
    by_letters = next((word for word in words if _PORT.fullmatch(word) and "." not in word[:2]), "")
    return by_letters or next((word for word in words if _SLOT_PORT.fullmatch(word)), "")


def _vlan(text: str, port: str) -> str:
    """Return the VLAN among words: one named as such, else the only number there is."""
    numbers = [
        (str(int(match[2])), bool(match[1]))
        for word in text.split()
        if word != port and (match := _VLAN.fullmatch(word)) and 1 <= int(match[2]) <= MAX_VLAN
    ]
    sure = [number for number, is_named in numbers if is_named]
    if sure or not numbers:
        return sure[0] if sure else ""
    return numbers[0][0] if port or len(numbers) == 1 else ""
