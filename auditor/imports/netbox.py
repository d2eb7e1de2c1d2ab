"""NetBox: devices as its API answers (`/api/dcim/devices/`) or as its table exports them (CSV)."""

from collections.abc import Iterator

from auditor.errors import InputError
from auditor.imports import objects, spreadsheets
from auditor.imports.objects import text
from auditor.imports.rows import Rows
from auditor.imports.source import Source
from auditor.model import Record


def read(source: Source) -> Iterator[Record]:
    """Yield one observation a device; a page that is not the last of its list ends in a warning."""
    if not source.head(1024).lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        yield from spreadsheets.read(source)
        return
    document = objects.load(source)
    rows, found = Rows(source, "netbox"), 0
    for number, entry in enumerate(objects.entries(document, "results"), 1):
        if "device_type" not in entry:
            continue
        found += 1
        yield from rows.observe(_values(entry), f"device {text(entry, 'id') or number}")
    if not found and not _is_empty(document):
        raise InputError("holds no device; export /api/dcim/devices/", where=str(source.path))
    if isinstance(document, dict) and document.get("next"):
        source.warn(f"{source.path}: one page with {found} of {text(document, 'count')} devices; import the others too")


def _is_empty(document: object) -> bool:
    """Tell a list of no devices from something else altogether."""
    return document == [] or (isinstance(document, dict) and document.get("results") == [])


def _values(entry: objects.Entry) -> dict[str, str]:
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
        "inventory.firmware": text(entry, "platform", "name"),
        "inventory.description": text(entry, "description") or text(entry, "comments"),
        "inventory.place": " ".join(filter(None, places)),
    }
