"""Rows out of the textfsm templates of ntc-templates, by a driver's platform and command."""

import threading
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import resources
from io import StringIO
from typing import Any

from auditor import normal
from auditor.model import DEVICE, Fact, Kind, about_address, about_part
from auditor.parse.cli.tables import forwarded
from auditor.parse.cli.text import lines

# Templates are other people's regular expressions; short lines and few of them keep a hostile reply from costing time.
_LINE_CAP = 300
_LINES_CAP = 20_000

# Columns that name a value of the device, or of the part a row is about, and the kinds of fact they are.
_COLUMNS: dict[str, Kind] = {"MANUFACTURER": "entity.mfg", "HOSTNAME": "inventory.name"}
_COLUMNS |= dict.fromkeys(("DESCRIPTION", "DESCR"), "entity.descr")
_COLUMNS |= dict.fromkeys(("MODEL", "MODEL_NAME", "BOARD_NAME", "BOARDNAME", "PID"), "entity.model")
_COLUMNS |= dict.fromkeys(("SERIAL_NUMBER", "SERIAL", "SN"), "entity.serial")
_COLUMNS |= dict.fromkeys(("MAC_ADDRESS", "LAN_MAC"), "if.mac")
_COLUMNS |= dict.fromkeys(("HARDWARE", "SWITCH_MODEL"), "entity.model")
_COLUMNS |= dict.fromkeys(("VERSION", "SW_VERSION", "OS_VERSION", "SOFTWARE_VERSION"), "entity.firmware")
_PARTS = ("SLOT_ID", "SLOT", "NAME")
_LOADING = threading.Lock()
_PORTS = ("DESTINATION_PORT", "PORTS", "PORT", "INTERFACE", "DESTINATION_INTERFACE", "PORT_ID")


def rows(platform: str, command: str, text: str) -> list[dict[str, object]]:
    """Return a template's rows, or none where there is no template or the reply does not fit it."""
    source = _template(platform, command)
    if not source:
        return []
    import textfsm

    short = [line[:_LINE_CAP] for line in lines(text)[:_LINES_CAP]]
    try:
        return list(textfsm.TextFSM(StringIO(source)).ParseTextToDicts("\n".join(short) + "\n"))
    except (textfsm.TextFSMError, ValueError, IndexError, RecursionError):
        return []


def table_facts(purpose: str, command: str, table: list[dict[str, object]]) -> Iterator[Fact]:
    """Yield facts from a template's rows; columns go by the names ntc-templates gives them."""
    reader = {"arp": _arp, "mac": _mac}[purpose]
    for row in table:
        yield from reader(command, row)


def device_facts(command: str, table: list[dict[str, object]]) -> Iterator[Fact]:
    """Yield what rows say of the device or the parts they name; several unnamed are nobody's."""
    for row in table:
        part = _cell(row, *_PARTS)
        if not part and len(table) > 1:
            return
        for column, kind in _COLUMNS.items():
            value = _cell(row, column)
            if normal.serial(value) and (kind != "if.mac" or normal.mac(value)):
                about = about_part(normal.one_line(part, 80)) if part else DEVICE
                yield Fact(kind=kind, value=value, where=command, about=about)


@lru_cache(maxsize=256)
def _template(platform: str, command: str) -> str:
    """Return the template the index of ntc-templates names for a command, or nothing."""
    if not platform:
        return ""
    with _LOADING:
        table = _index()
    row = table.GetRowMatch({"Platform": platform, "Command": command.strip()})
    name = table.index[row]["Template"].split(":")[0] if row else ""
    return (_folder() / name).read_text(encoding="utf-8") if name else ""


@lru_cache(maxsize=1)
def _index() -> Any:
    from textfsm import clitable

    return clitable.CliTable("index", str(_folder())).index


def _folder() -> Any:
    return resources.files("ntc_templates") / "templates"


def _cell(row: Mapping[str, object], *names: str) -> str:
    for name in names:
        value = row.get(name, "")
        if isinstance(value, list):
            value = value[0] if value else ""
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def _arp(command: str, row: Mapping[str, object]) -> Iterator[Fact]:
    mac, address = _cell(row, "MAC_ADDRESS", "HARDWARE_ADDRESS"), _cell(row, "IP_ADDRESS", "ADDRESS")
    if not normal.mac(mac) or not address:
        return
    own = _cell(row, "TYPE").split()[:1] == ["I"] or _cell(row, "AGE") == "-"
    yield Fact(
        kind="if.mac" if own else "arp.mac", value=mac, where=command, about=DEVICE if own else about_address(address)
    )


def _mac(command: str, row: Mapping[str, object]) -> Iterator[Fact]:
    mac = _cell(row, "DESTINATION_ADDRESS", "MAC_ADDRESS")
    digits = normal.mac(mac)
    port = _cell(row, *_PORTS)
    if not digits or normal.is_group(digits) or port.upper() in {"CPU", "ROUTER", "SWITCH"}:
        return
    vlan = _cell(row, "VLAN_ID", "VLAN").partition("/")[0]
    age = _cell(row, "AGE")
    yield from forwarded(command, mac, port, vlan if vlan.isdecimal() else "", age if age.isdecimal() else "")
