"""Inventories as CSV, whatever their header: columns are known by name, one device a row."""

import csv
import io
import re
from collections.abc import Iterator, Mapping

from auditor import normal
from auditor.errors import InputError
from auditor.imports.source import Source
from auditor.model import Fact, Observation, Record, Target

WIDEST = 1 << 20
NAMES: dict[str, tuple[str, ...]] = {
    "address": (
        "ip",
        "ipaddress",
        "ipv4",
        "ipv4address",
        "address",
        "managementip",
        "mgmtip",
        "primaryip",
        "primaryip4",
        "host",
        "neip",
        "nipaddress",
        "deviceip",
    ),
    "inventory.mac": ("mac", "macaddress", "physicaladdress", "ethernetaddress", "hwaddress", "nemac"),
    "inventory.vendor": ("vendor", "manufacturer", "maker", "make", "brand", "mfr", "mfg", "vendorname"),
    "inventory.model": (
        "model",
        "devicetype",
        "product",
        "productname",
        "producttype",
        "type",
        "netype",
        "partnumber",
        "modelname",
        "modelnumber",
        "hardware",
        "devicemodel",
    ),
    "inventory.serial": (
        "serial",
        "serialnumber",
        "sn",
        "serialno",
        "deviceserialno",
        "deviceserialnumber",
        "esn",
        "barcode",
    ),
    "inventory.firmware": (
        "firmware",
        "firmwareversion",
        "software",
        "softwareversion",
        "version",
        "os",
        "osversion",
        "neversion",
    ),
    "inventory.description": ("description", "descr", "comment", "comments", "notes", "remark", "remarks", "sysdescr"),
    "inventory.acquired": (
        "acquired",
        "purchased",
        "purchasedate",
        "acquisitiondate",
        "dateacquired",
        "purchase",
        "obtained",
        "installdate",
    ),
    "inventory.name": ("name", "hostname", "device", "devicename", "nename", "sysname", "asset", "assetname", "label"),
    "inventory.place": ("rack", "room", "location", "position", "port", "cabinet"),
    "site": ("site", "sitename", "branch", "campus", "subnet", "region"),
}
COLUMNS = {alias: kind for kind, aliases in NAMES.items() for alias in aliases}
TELLING = frozenset(kind for kind in NAMES if kind.startswith("inventory.")) - {
    "inventory.name",
    "inventory.place",
    "inventory.acquired",
}


def read(source: Source) -> Iterator[Record]:
    """Yield one observation a row; columns nobody knows are passed over and named in a warning."""
    csv.field_size_limit(WIDEST)
    rows = csv.reader(io.StringIO(source.text(), newline=""), dialect=_dialect(source))
    try:
        header = next(rows, [])
        columns = mapped(header)
        if not TELLING & set(columns.values()):
            known = "ip, mac, vendor, model, serial, site, name, firmware, description"
            raise InputError(f"the first line names no column this tool knows ({known})", where=str(source.path))
        _warn_unknown(source, header, columns)
        for number, cells in enumerate(rows, 2):
            yield from _row(source, number, columns, cells)
    except csv.Error as exc:
        raise InputError(f"line {rows.line_num}: {exc}", where=str(source.path)) from None


def mapped(header: list[str]) -> dict[int, str]:
    """Return what each column holds, by position; of two columns of one kind the first counts."""
    columns: dict[int, str] = {}
    for index, title in enumerate(header):
        kind = COLUMNS.get(re.sub(r"[^a-z0-9]", "", title.casefold()))
        if kind and kind not in columns.values():
            columns[index] = kind
    return columns


def _dialect(source: Source) -> type[csv.Dialect]:
    """Return the separator of the header line: comma, semicolon, tab or bar."""
    first = source.text().split("\n", 1)[0]

    class Found(csv.excel):
        delimiter = max(",;\t|", key=first.count)

    return Found


def _warn_unknown(source: Source, header: list[str], columns: Mapping[int, str]) -> None:
    unknown = [
        normal.one_line(title, 40) for index, title in enumerate(header) if index not in columns and title.strip()
    ]
    if unknown:
        source.warn(f"{source.path}: columns passed over: {', '.join(unknown)}")


def _row(source: Source, number: int, columns: Mapping[int, str], cells: list[str]) -> Iterator[Record]:
    values = {
        kind: cells[index].strip() for index, kind in columns.items() if index < len(cells) and cells[index].strip()
    }
    if not values:
        return
    facts = tuple(
        Fact(kind=kind, value=value, where=f"row {number}")
        for kind, value in values.items()
        if kind.startswith("inventory.")
    )
    label = (
        values.get("address")
        or values.get("inventory.name")
        or values.get("inventory.serial")
        or values.get("inventory.mac")
    )
    target = Target(address=label or f"{source.path.name} row {number}", site=values.get("site", source.site))
    yield Observation(target=target, collector="inventory", at=source.at, facts=facts)
