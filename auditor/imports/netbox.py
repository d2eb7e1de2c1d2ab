"""NetBox: devices of its API (`/api/dcim/devices/`) or its table export (CSV)."""

from collections.abc import Iterator

from auditor.errors import InputError
from auditor.imports import objects, spreadsheets
from auditor.imports.objects import text
from auditor.imports.rows import Cells, Rows
from auditor.imports.source import SourceFile
from auditor.model import Record


def read(source: SourceFile) -> Iterator[Record]:
    """Yield one observation a device; a page that is not the last of its list ends in a warning."""
    if not source.head(1024).lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        yield from spreadsheets.read(source)
        return
    document = objects.load(source)
    rows = Rows(source, "netbox")
    yield from rows.entries(objects.entries(document, "results"), "device_type", _values, "id")
    results = document.get("results") if isinstance(document, dict) else document
    if not rows.devices and results != []:
        raise InputError("holds no device; export /api/dcim/devices/", where=str(source.path))
    if isinstance(document, dict) and document.get("next"):
        page = f"is one page with {rows.devices} of {text(document, 'count')} devices; import the others too"
        yield from source.partial([page], "netbox")


def _values(entry: objects.Entry) -> Cells:
    address = next(
        filter(None, (text(entry, key, "address") for key in ("primary_ip", "primary_ip4", "primary_ip6", "oob_ip"))),
        "",
    )
    places = (text(entry, "location", "name"), text(entry, "rack", "name"), text(entry, "position"))
    return {
        "address": address,
        "site": text(entry, "site", "name") or text(entry, "site", "slug"),
        "inventory.name": text(entry, "name"),
        "inventory.vendor": text(entry, "device_type", "manufacturer", "name"),
        "inventory.model": text(entry, "device_type", "model"),
        "inventory.serial": text(entry, "serial"),
        "inventory.role": text(entry, "role", "name") or text(entry, "device_role", "name"),
        "inventory.firmware": text(entry, "platform", "name"),
        "inventory.description": (text(entry, "description"), text(entry, "comments")),
        "inventory.place": " ".join(filter(None, places)),
    }
