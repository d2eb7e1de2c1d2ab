"""Netdisco: devices of its API or database (JSON), or its device search (CSV)."""

from collections.abc import Iterator

from auditor.errors import InputError
from auditor.imports import objects, spreadsheets
from auditor.imports.objects import text
from auditor.imports.rows import Cells, Rows
from auditor.imports.source import SourceFile
from auditor.model import Record

# The device table's columns; its SNMP community is never looked at.
COLUMNS = {
    "snmp.sysdescr": "description",
    "snmp.sysname": "name",
    "snmp.syslocation": "location",
    "inventory.vendor": "vendor",
    "inventory.model": "model",
    "inventory.mac": "mac",
    "inventory.name": "dns",
}


def read(source: SourceFile) -> Iterator[Record]:
    """Yield one observation a device."""
    if not source.head(1024).lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        yield from spreadsheets.read(source)
        return
    rows = Rows(source, "netdisco")
    yield from rows.entries(objects.entries(objects.load(source), "devices", "results"), "ip", _values, "")
    if not rows.devices:
        raise InputError("holds no device; export the device search", where=str(source.path))


def _values(entry: objects.Entry) -> Cells:
    own = {kind: text(entry, column) for kind, column in COLUMNS.items()}
    return own | {
        "address": text(entry, "ip"),
        "inventory.serial": text(entry, "serial") or text(entry, "chassis_id"),
        "inventory.firmware": f"{text(entry, 'os')} {text(entry, 'os_ver')}".strip(),
    }
