"""Rows of templates and of tables with titles → what they say, by sort of table."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from auditor import normal
from auditor.parse.cli.blocks import is_silent, names_neighbour
from auditor.parse.cli.tables import MAX_VLAN
from auditor.parse.cli.templates import cell

# A row of an ARP or MAC table, or what one neighbour announced: values by name.
Entry = dict[str, str]

# What ntc-templates calls these in its templates; the first column that holds something counts.
_ARP = {
    "mac": ("MAC_ADDRESS", "HARDWARE_ADDRESS", "MAC"),
    "address": ("IP_ADDRESS", "ADDRESS", "IPV6_ADDRESS", "DESTINATION", "HOST"),
    "age": ("AGE", "AGE_MIN", "EXPIRE"),
    "type": ("STATE", "TYPE"),
    "protocol": ("PROTOCOL",),
}
_MAC = {
    "mac": ("DESTINATION_ADDRESS", "MAC_ADDRESS", "MAC"),
    "port": ("DESTINATION_PORT", "PORTS", "PORT", "INTERFACE", "DESTINATION_INTERFACE", "PORT_ID", "FSP"),
    "vlan": ("VLAN_ID", "VLAN", "VID"),
    "age": ("AGE",),
}
_HEARD = {
    "local": ("LOCAL_INTERFACE", "LOCAL_PORT", "INTERFACE", "PORT_TXT", "PORT"),
    "chassis": ("CHASSIS_ID", "REMOTE_CHASSIS_ID", "CHASSIS_DATA", "MAC_ADDRESS"),
    "sysname": ("NEIGHBOR_NAME", "NEIGHBOR", "REMOTE_SYSTEM_NAME", "SYSTEM_NAME_DATA", "IDENTITY"),
    "sysdescr": ("NEIGHBOR_DESCRIPTION", "REMOTE_SYSTEM_DESCRIPTION", "SYSTEM_DESC_DATA", "SYSTEM_DESCRIPTION"),
    "portid": (
        "NEIGHBOR_PORT_ID",
        "REMOTE_PORT",
        "PORT_ID_DATA",
        "NEIGHBOR_INTERFACE",
        "NEIGHBOR_PORT",
        "INTERFACE_NAME",
    ),
    "portdescr": (
        "NEIGHBOR_INTERFACE_DESCRIPTION",
        "NEIGHBOR_PORT_DESCRIPTION",
        "PORT_DESC_DATA",
        "NEIGHBOR_INTERFACE",
    ),
    "platform": ("PLATFORM",),
    "capabilities": ("CAPABILITIES", "CAPABILITIES_ENABLED", "SYSTEM_CAPABILITIES_ENABLED", "SYSTEM_CAPS_ENABLED"),
    "address": (
        "MGMT_ADDRESS",
        "MANAGEMENT_IP",
        "REMOTE_MGMT_IPV4_ADDRESS",
        "NEIGHBOR_IP",
        "ADDRESS_1_ADDR",
        "IP_ADDRESS",
    ),
}
_CDP = _HEARD | {"deviceid": ("CHASSIS_ID", "NEIGHBOR_NAME"), "chassis": ()}
_COLUMNS: Mapping[str, Mapping[str, tuple[str, ...]]] = {"arp": _ARP, "mac": _MAC, "lldp": _HEARD, "cdp": _CDP}
# What a title over a column is to a row, where the two words differ.
_TITLED = {
    "lldp": {"port": "local", "mac": "chassis", "address": "address", "device": "sysname"},
    "cdp": {"port": "local", "address": "address", "device": "deviceid", "sysname": "deviceid"},
}

# A template may take the titles of a table, a legend, a day or a sum for a row.
_NO_PORT = re.compile(
    r"(?:interface|port|local|total?(?: .{0,60})?|number(?: of .{0,60})?|entries|displayed|flags?|codes?|legend"
    r"|capab\w*|\(\w\)|\*"
    r"|(?:mon|tue|wed|thu|fri|sat|sun)\w{0,6}|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
    r"|\d\d:\d\d:\d\d.{0,20}|\d{4}-\d\d-\d\d)[:=,]?",
    re.IGNORECASE,
)
_VLAN = re.compile(r"(?:.{0,40}\()?(?:vlan)?(\d{1,4})\)?(?:/-(?:/-)?|/\d{0,4})?", re.IGNORECASE)
_BITS = re.compile(r"0\d{5,}")  # a vector of ports
_AROUND_SLASH = re.compile(r"[ \t]*/[ \t]*")
_NAME_AND_NUMBER = re.compile(r"[A-Za-z][A-Za-z\-]{0,30}[ \t]{1,8}\d[\d/.:]{0,30}")
# A day: of ports, `1/0/24` is none.
_TIME = re.compile(
    r"\d{1,4}[.\-]\d{1,2}[.\-]\d{2,4}|\d{4}/\d\d/\d\d|\d{1,2}/\d{1,2}/\d{4}|\d\d/\d\d/\d\d"
    r"|\d{1,2}:\d\d:\d\d.*|\d{1,4}d\d{1,2}h.*|[\d.]{1,9} ?[smhd]?"
)


def of_template(sort: str, rows: Sequence[Mapping[str, object]]) -> list[Entry]:
    """Return what the rows of a template say; rows that name nobody are left out."""
    entries = ({name: cell(row, *columns) for name, columns in _COLUMNS[sort].items()} for row in rows)
    return [clean for entry in entries if (clean := _entry(sort, entry))]


def of_titles(sort: str, rows: Iterable[Mapping[str, str]]) -> list[Entry]:
    """Return what rows below titles say; a name alone on its line belongs to the next line."""
    cells = _neighbour_cells(sort, rows) if sort in _TITLED else map(dict, rows)
    return [clean for entry in cells if (clean := _entry(sort, entry))]


def _neighbour_cells(sort: str, rows: Iterable[Mapping[str, str]]) -> Iterator[Entry]:
    before = ""
    who = "deviceid" if sort == "cdp" else "sysname"
    for row in rows:
        cells: Entry = {name: text for role, text in row.items() if (name := role) and role not in _TITLED[sort]}
        for role, name in _TITLED[sort].items():
            if role in row:
                cells.setdefault("chassis" if role == "device" and normal.mac(row[role]) else name, row[role])
        if cells.keys() <= {who}:
            before = cells.get(who, "")
            continue
        if before:
            cells.setdefault(who, before)
            before = ""
        if re.search(r"\d", cells.get("local", "")):
            yield cells


def _entry(sort: str, entry: Entry) -> Entry:
    """Return an entry's values, spelt alike; nothing where it names nobody."""
    if sort in {"arp", "mac"}:
        if not normal.mac(entry.get("mac", "")) or (sort == "arp" and not entry.get("address")):
            return {}
        return _row(entry)
    entry = {name: value.strip().rstrip(",").strip('"') for name, value in entry.items() if not is_silent(value)}
    if sort == "lldp" and not normal.mac(entry.get("chassis", "")) and ":" in entry.get("chassis", "")[:6]:
        entry.pop("chassis")
    if "local" in entry:
        entry["local"] = entry["local"].partition(",")[0].strip()
    if entry.get("deviceid") == entry.get("sysname"):
        entry.pop("sysname", None)
    is_port = _NO_PORT.fullmatch(entry.get("local", "")) is None
    return entry if entry.get("local") and names_neighbour(entry) and is_port else {}


def _row(entry: Entry) -> Entry:
    entry["port"] = port_of(entry.get("port") or entry.get("portid", ""))
    entry["vlan"] = vlan_of(entry.get("vlan", "")) or vlan_of(entry.get("vlan name", ""))
    return entry


@lru_cache(maxsize=4096)
def port_of(text: str) -> str:
    """Return a port as its cell spells it, empty where it holds a time, a date or no port."""
    port = _AROUND_SLASH.sub("/", text.strip())
    port = re.sub(r"^(?:sap:|port: ?)(?=\d)", "", port, flags=re.IGNORECASE)
    words = port.split()
    if len(words) > 1 and not _NAME_AND_NUMBER.fullmatch(port):
        port = words[0].rstrip(",")
    if port.isdecimal():
        return port if not _BITS.fullmatch(port) else ""
    return (
        ""
        if _TIME.fullmatch(port) or not re.search(r"\d|cpu|router|switch|self|vpc|intern|drop|cpm", port, re.IGNORECASE)
        else port
    )


@lru_cache(maxsize=4096)
def vlan_of(text: str) -> str:
    """Return the number of a VLAN a cell names (`10`, `vlan10`, `cctv(0010)`) or nothing."""
    for word in text.replace("*", " ").replace("+", " ").split():
        match = _VLAN.fullmatch(word)
        if match and 1 <= int(match[1]) <= MAX_VLAN:
            return str(int(match[1]))
    return ""
