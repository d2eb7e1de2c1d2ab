"""Inventories as CSV, whatever wrote them: the header is looked for, columns are known by name, one device a row."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from auditor import normal
from auditor.errors import InputError
from auditor.imports.rows import Rows
from auditor.imports.source import Source
from auditor.model import Record

CAP = 256 << 20
WIDEST = 1 << 20
TITLE_LINES = 40  # element managers put a title, a date and a user's name above their tables
MIN_COLUMNS = 2
SEPARATORS = ",;\t|"
# Kind → the names its column goes by, the closest first: a table may have both `Type` and `Model`.
NAMES: dict[str, tuple[str, ...]] = {
    "address": (
        *("managementip", "managementipaddress", "mgmtip", "mgmtipaddress", "neip", "neipaddress", "ipaddressofne"),
        *(
            "primaryip",
            "primaryip4",
            "primaryipv4",
            "primaryipaddress",
            "deviceip",
            "deviceipaddress",
            "ip",
            "ipaddress",
        ),
        *("ipv4", "ipv4address", "meip", "meipaddress", "ipaddr", "primaryip6", "ipv6address", "host", "address"),
    ),
    "inventory.mac": (
        *("mac", "macaddress", "macaddr", "nemac", "nemacaddress", "basemac", "systemmac", "physicaladdress"),
        *("ethernetaddress", "hwaddress", "hardwareaddress"),
    ),
    "inventory.vendor": ("vendor", "manufacturer", "maker", "make", "brand", "mfr", "mfg", "vendorname", "nevendor"),
    "inventory.model": (
        *("model", "modelname", "modelnumber", "devicemodel", "productmodel", "productname", "netype", "metype"),
        *("devicetype", "producttype", "product", "hardware", "hardwareplatform", "partnumber", "type"),
    ),
    "inventory.serial": (
        *("serial", "serialnumber", "serialno", "sn", "deviceserialno", "deviceserialnumber", "neserialnumber", "esn"),
        *("neesn", "snbarcode", "barcode"),
    ),
    "inventory.firmware": (
        *("firmware", "firmwareversion", "softwareversion", "nesoftwareversion", "neversion", "swversion", "osversion"),
        *("osver", "version", "buildversion", "software", "os"),
    ),
    "inventory.description": ("description", "descr", "comment", "comments", "notes", "remark", "remarks", "sysdescr"),
    "inventory.acquired": (
        *("acquired", "purchased", "purchasedate", "acquisitiondate", "dateacquired", "purchase", "obtained"),
        "installdate",
    ),
    "inventory.name": (
        *("name", "nename", "hostname", "devicename", "sysname", "systemname", "mename", "userlabel", "device"),
        *("asset", "assetname", "label", "dns"),
    ),
    "inventory.place": (
        *("rack", "room", "location", "physicallocation", "nelocation", "position", "port", "cabinet"),
    ),
    "site": ("site", "sitename", "branch", "campus", "subnet", "subnetname", "region"),
}
RANKS = {alias: (kind, rank) for kind, aliases in NAMES.items() for rank, alias in enumerate(aliases)}
TELLING = frozenset(kind for kind in NAMES if kind.startswith("inventory.")) - {
    "inventory.name",
    "inventory.place",
    "inventory.acquired",
}
# Columns that only the search tool for SADP writes; two of them, and each row is a reply it heard.
SADP_ONLY = frozenset({"enhancedsdkserviceport", "dspversion", "supporthikconnect", "hikconnectstatus"})
_PLAIN = re.compile(r"[^a-z0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Where a table begins: its line, its separator, its titles, and what each column holds by position."""

    line: int
    separator: str
    titles: tuple[str, ...]
    columns: Mapping[int, str]

    @property
    def decodes_sadp(self) -> bool:
        """Tell whether the table shows replies to the search protocol SADP, decoded."""
        return len(SADP_ONLY & {plain(title) for title in self.titles}) >= 2  # noqa: PLR2004 - one may be chance


def read(source: Source) -> Iterator[Record]:
    """Yield one observation a row; columns nobody knows are passed over and named in a warning."""
    csv.field_size_limit(WIDEST)
    text = source.text(CAP)
    header = find_header(text)
    if header is None:
        known = "ip, mac, vendor, model, serial, site, name, firmware, description"
        raise InputError(
            f"names no column this tool knows ({known}) in its first {TITLE_LINES} lines", where=str(source.path)
        )
    _warn_unknown(source, header)
    table = io.StringIO(text, newline="")
    for _title in range(header.line):
        table.readline()
    yield from _table(source, header, table)


def _table(source: Source, header: Header, table: io.StringIO) -> Iterator[Record]:
    rows = Rows(source)
    lines = csv.reader(table, delimiter=header.separator)
    try:
        next(lines)
        for cells in lines:
            number = header.line + lines.line_num
            filled = [cell for cell in cells if cell.strip()]
            if len(filled) == 1 and len(header.titles) > MIN_COLUMNS:
                source.warn(f"{source.path}: line {number} holds a single cell and is no device, passed over")
            elif tuple(cells) != header.titles:
                yield from rows.observe(_values(header, cells), f"row {number}")
    except csv.Error as exc:
        raise InputError(f"line {header.line + lines.line_num}: {exc}", where=str(source.path)) from None


def find_header(text: str) -> Header | None:
    """Return the first line that names at least two columns, one of which can tell a maker; titles above it are skipped."""
    stream = io.StringIO(text[: WIDEST * 2], newline="")
    for number, line in zip(range(TITLE_LINES), stream, strict=False):
        separator = max(SEPARATORS, key=line.count)
        if separator not in line:
            continue
        titles = _titles(line, separator)
        columns = mapped(titles)
        if len(columns) >= MIN_COLUMNS and TELLING & set(columns.values()):
            return Header(line=number, separator=separator, titles=titles, columns=columns)
    return None


def _titles(line: str, separator: str) -> tuple[str, ...]:
    try:
        return tuple(next(csv.reader([line.lstrip("\ufeff").rstrip("\r\n")], delimiter=separator), []))
    except csv.Error:
        return ()


def mapped(titles: Sequence[str]) -> dict[int, str]:
    """Return what each column holds, by position; of two columns of one kind the one named more closely counts."""
    best: dict[str, tuple[int, int]] = {}
    for index, title in enumerate(titles):
        kind, rank = RANKS.get(plain(title), ("", 0))
        if kind and rank < best.get(kind, (len(RANKS), 0))[0]:
            best[kind] = (rank, index)
    return {index: kind for kind, (_rank, index) in best.items()}


def plain(title: str) -> str:
    """Return a column's title as letters and digits alone."""
    return _PLAIN.sub("", title.casefold())


def _warn_unknown(source: Source, header: Header) -> None:
    unknown = [
        normal.one_line(title, 40)
        for index, title in enumerate(header.titles)
        if index not in header.columns and title.strip()
    ]
    if unknown:
        source.warn(f"{source.path}: columns passed over: {', '.join(unknown)}")


def _values(header: Header, cells: Sequence[str]) -> dict[str, str]:
    values = {kind: cells[index] for index, kind in header.columns.items() if index < len(cells)}
    if header.decodes_sadp and values.get("inventory.model", "").strip():
        values["sadp.reply"] = _sadp(values)
    return values


def _sadp(values: Mapping[str, str]) -> str:
    """Return the fields of a decoded SADP reply under the names they bear on the wire."""
    fields = (
        ("DeviceDescription", "inventory.model"),
        ("DeviceSN", "inventory.serial"),
        ("SoftwareVersion", "inventory.firmware"),
    )
    inside = "".join(f"<{name}>{escape(values[key].strip())}</{name}>" for name, key in fields if values.get(key))
    return f"<ProbeMatch>{inside}</ProbeMatch>"
