"""LibreNMS: devices of its API (`/api/v0/devices`); columns of secrets are not read."""

from collections.abc import Iterator

from auditor import normal
from auditor.errors import InputError
from auditor.imports import objects
from auditor.imports.cells import address_of
from auditor.imports.objects import text
from auditor.imports.rows import Cells, Rows
from auditor.imports.source import SourceFile
from auditor.model import Record
from auditor.oids import ENTERPRISES

# What LibreNMS read over SNMP is what the device said; what it worked out of that is an inventory's word.
COLUMNS = {
    "snmp.sysdescr": "sysDescr",
    "snmp.sysname": "sysName",
    "snmp.syslocation": "location",
    "inventory.model": "hardware",
    "inventory.serial": "serial",
    "inventory.firmware": "version",
    "inventory.mac": "mac",
}


def read(source: SourceFile) -> Iterator[Record]:
    """Yield one observation a device."""
    rows, document = Rows(source, "librenms"), objects.load(source)
    yield from rows.entries(objects.entries(document, "devices"), "hostname", _values, "device_id")
    if not rows.devices and not (isinstance(document, dict) and document.get("devices") == []):
        raise InputError("holds no device; export /api/v0/devices", where=str(source.path))


def _values(entry: objects.Entry) -> Cells:
    identifier = text(entry, "sysObjectID").removeprefix("enterprises.")
    if identifier != text(entry, "sysObjectID"):
        identifier = ENTERPRISES + identifier
    address = address_of(text(entry, "overwrite_ip")) or address_of(text(entry, "ip"))
    own = {kind: text(entry, column) for kind, column in COLUMNS.items()}
    return own | {
        "address": address or text(entry, "hostname"),
        "snmp.sysobjectid": normal.oid(identifier),
        "inventory.name": text(entry, "display") or text(entry, "hostname"),
        "inventory.description": (text(entry, "purpose"), text(entry, "notes")),
    }
