"""What a device says it is: serials, parts, own MACs out of version and label commands."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from auditor import normal
from auditor.model import DEVICE, Fact, Kind, about_part
from auditor.parse.cells import cell_facts
from auditor.parse.cli import plates, words
from auditor.parse.cli.tables import mac_in
from auditor.parse.cli.text import lines

Reader = Callable[[str, str], Iterator[Fact]]

_SERIAL = r"[A-Za-z0-9][A-Za-z0-9\-/]{4,40}"
_INVENTORY = re.compile(
    r'NAME:[ \t]{0,8}(?:\\?"([^"\\\n]{0,120})\\?"|([^"\n]{1,60}?))[ \t]{0,40},?[ \t]{0,40}'
    r'DESCR:[ \t]{0,8}(?:\\?"([^"\\\n]{0,200})\\?"|([^"\n]{1,200}))',
    re.IGNORECASE,
)
_PID = re.compile(r"PID:[ \t]{0,8}([^,\s]{0,60})[^\n]{0,80}?SN:[ \t]{0,8}([^\s,]{0,40})", re.IGNORECASE)
# IOS XR lists its cards first.
_RACK = re.compile(r'NAME:[ \t]{0,8}"Rack \d', re.IGNORECASE)
_CHASSIS = re.compile(r".*chassis|rack \d", re.IGNORECASE)
_SLOT = re.compile(
    r"[ \t]{0,8}(?:\[(?P<square>[A-Za-z][\w ./\-]{0,60})\]"
    r"|(?P<plain>(?:Chassis|Slot|Subslot|Fan|Power|CPU) ?\d*(?: [A-Za-z]+ \d+)*) ?:)[ \t]{0,8}",
    re.IGNORECASE,
)
_PAIR = re.compile(r"[ \t]{0,8}/?([A-Za-z][A-Za-z_ ]{1,40}?)[ \t]{0,20}[:=][ \t]{0,8}(.{0,300})")
_MANUFACTURE_ROW = re.compile(
    rf"[ \t]{{0,8}}(\d{{1,3}}|-)[ \t]+(?:(\d{{1,3}}|-)[ \t]+)?(?:([A-Z][\w+./\-]{{2,40}})[ \t]+)?"
    rf"({_SERIAL})[ \t]+(\d{{4}}-\d\d-\d\d)"
)
_CARD_ROW = re.compile(
    r"[ \t]{0,8}(\d{1,3})[ \t]+(\d{1,3})[ \t]+(\d{1,3})[ \t]+([A-Z]\w{2,12})[ \t]+([A-Z]\w{2,12}\b)?[^\n]*?"
    r"(INSERVICE|OFFLINE|STANDBY|CONFIGING|TYPEERROR|NOPOWER|HWONLINE|INIT)?"
)
_JUNOS_COLUMNS = ("Item", "Version", "Part number", "Serial number", "Description")
_JUNOS_DEPTH = 8
_INNER = re.compile(r"(?:main|daughter|sub)_?board\w*|\w*card\w*", re.IGNORECASE)
_PORT = re.compile(r"(?P<port>\d{0,3}[A-Za-z][A-Za-z\-]{0,24}\d[\d/.:]{0,16})(?:[ \t]+transceiver\b.{0,60}|:)?")
_OPTIC = re.compile(r"[ \t]{1,16}([A-Za-z][A-Za-z. ]{1,30}?)[ \t]{0,24}(?::| is )[ \t]{0,8}(\S.{0,80})")
# What a line of an optic says of it, what names its model best first.
_OPTICS: dict[str, tuple[Kind, int]] = {
    "manu. serial number": ("entity.serial", 0), "serial number": ("entity.serial", 0),
    "vendor sn": ("entity.serial", 0),
    "vendor part number": ("entity.model", 0), "part number": ("entity.model", 0), "vendor pn": ("entity.model", 0),
    "transceiver type": ("entity.model", 1), "type": ("entity.model", 1), "vendor name": ("entity.mfg", 0),
    "name": ("entity.mfg", 1),
}  # fmt: skip
_SUB = 4
_FIRST_COUNTS = frozenset({"entity.mfg", "entity.firmware"})
_ACROSS = 20_000  # characters
_CHECKS: dict[Kind, Callable[[str], str]] = {"if.mac": normal.mac, "entity.serial": normal.serial}
_LABELS: dict[str, Kind] = {"barcode": "entity.serial", "boardtype": "entity.model", "description": "entity.descr"}
_LABELS |= {"device_serial_number": "entity.serial", "device_name": "entity.model", "mac_address": "if.mac"}
_LABELS |= {"vendor_name": "entity.mfg", "vendorname": "entity.mfg", "model": "entity.model"}
_PART_KINDS: Sequence[Kind] = ("entity.descr", "entity.model", "entity.serial")
_WHOLE = re.compile(r"chassis|backplane\w*|mainboard|main_board|slot ?_?[01](?: cpu 0)?", re.IGNORECASE)


def own(command: str, text: str) -> Iterator[Fact]:
    """Yield serials, model, maker, version, base MAC and name that a version command prints."""
    values: dict[Kind, list[str]] = {}
    for kind, value in _sayings(text):
        texts = values.setdefault(kind, [])
        if value not in texts and not (texts and kind in _FIRST_COUNTS):
            texts.append(value)
    for kind, texts in values.items():
        for value in texts:
            # A processor's line and the label may name one model, the label in full.
            if kind != "entity.model" or not any(one != value and one.startswith(value) for one in texts):
                plain = plates.without_maker(value) if kind == "entity.model" else value
                yield Fact(kind=kind, value=plain, where=command)


def _sayings(text: str) -> Iterator[tuple[Kind, str]]:
    """Yield what the lines of a reply state of the device, then what stands over several."""
    pairs = ((saying, line) for line in dict.fromkeys(lines(text)) for saying in words.of_line(line))
    for saying, place in chain(pairs, ((saying, text[:_ACROSS]) for saying in words.over_lines())):
        value = saying.read(place)
        if value and _CHECKS.get(saying.fact, str)(value):
            yield saying.fact, value


def inventory(command: str, text: str) -> Iterator[Fact]:
    """Yield the parts of `show inventory`; the first, or one called chassis, is the device.

    Where it lists none by NAME and PID, its lines may still name the device.
    """
    name = descr = ""
    first, has_chassis = True, False
    has_rack = _RACK.search(text) is not None
    for line in lines(text):
        if match := _INVENTORY.search(line):
            name, descr = (match[1] or match[2] or "").strip(), (match[3] or match[4] or "").strip()
        elif (match := _PID.search(line)) and (name or descr):
            is_chassis = _CHASSIS.match(name) is not None
            whole = (first and not has_rack) or (is_chassis and not has_chassis)
            about = DEVICE if whole else about_part(normal.one_line(name, 80))
            first, has_chassis = False, has_chassis or is_chassis
            for kind, value in zip(_PART_KINDS, (descr, match[1], match[2]), strict=True):
                if normal.serial(value):
                    yield Fact(kind=kind, value=value.strip(), where=command, about=about)
            name = descr = ""
    if first:
        yield from own(command, text)


def labels(command: str, text: str) -> Iterator[Fact]:
    """Yield the values under each slot of `display device manuinfo` and `display elabel`.

    The vendor of an optical module is the module's own: a fact about the part, never about the device.
    """
    part, slot, has_whole = "", "", False
    for line in lines(text):
        if match := _SLOT.fullmatch(line):
            heading = (match["square"] or match["plain"]).strip()
            # These stand under the heading that says which board they are of.
            if "propert" in heading.lower() or "version" in heading.lower():
                continue
            slot = slot if _INNER.fullmatch(heading) else heading
            inner = f"{slot} {heading}" if slot and slot != heading else heading
            part = "" if not has_whole and _WHOLE.fullmatch(heading) else inner
            continue
        pair = _PAIR.fullmatch(line)
        kind = _LABELS.get(pair[1].strip().lower()) if pair else None
        if pair is None or not kind or not normal.serial(pair[2]) or (kind == "if.mac" and not mac_in(pair[2])):
            continue
        has_whole = has_whole or not part
        yield Fact(kind=kind, value=pair[2].strip(), where=command, about=about_part(part) if part else DEVICE)


def manufacture(command: str, text: str) -> Iterator[Fact]:
    """Yield type and serial of `display device manufacture-info`; the first is the device's."""
    first, slot = True, ""
    for line in lines(text):
        match = _MANUFACTURE_ROW.match(line)
        if match is None:
            continue
        # A row that begins further to the right is a card of the slot above it.
        is_card = match[2] is None and bool(slot) and line.startswith(" " * _SUB)
        slot = slot if is_card else match[1]
        about = DEVICE if first else about_part(f"slot {slot}/{match[1] if is_card else match[2] or '-'}")
        first = False
        if match[3]:
            yield Fact(kind="entity.model", value=match[3], where=command, about=about)
        yield Fact(kind="entity.serial", value=match[4], where=command, about=about)


def cards(command: str, text: str) -> Iterator[Fact]:
    """Yield the cards of an OLT, `show card`: rack, shelf, slot, configured and real type."""
    for line in lines(text):
        match = _CARD_ROW.match(line)
        if match is None:
            continue
        about = about_part(f"{match[1]}/{match[2]}/{match[3]}")
        yield Fact(kind="entity.model", value=match[5] or match[4], where=command, about=about)


def hardware(command: str, text: str) -> Iterator[Fact]:
    """Yield `show chassis hardware` of Junos: row Chassis is the device, others are parts."""
    starts: list[int] = []
    above: list[tuple[int, str]] = []
    for line in lines(text):
        if line.lstrip().startswith(_JUNOS_COLUMNS[0]) and all(name in line for name in _JUNOS_COLUMNS):
            starts = [line.index(name) for name in _JUNOS_COLUMNS]
        elif starts and len(line) > starts[1]:
            cells = [line[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True)]
            indent = len(line) - len(line.lstrip())
            above = [pair for pair in above if pair[0] < indent][-_JUNOS_DEPTH:]
            above.append((indent, cells[0]))
            yield from _junos_row(command, " ".join(name for _, name in above), cells)


def _junos_row(command: str, name: str, cells: Sequence[str]) -> Iterator[Fact]:
    _, _, number, serial, descr = ("" if cell == "BUILTIN" else cell for cell in cells)
    if name == "Chassis":
        yield from cell_facts(command, DEVICE, ("entity.serial", serial), ("entity.model", descr))
    elif name:
        about = about_part(normal.one_line(name, 80))
        yield from cell_facts(
            command, about, ("entity.serial", serial), ("entity.model", number), ("entity.descr", descr)
        )


def optics(command: str, text: str) -> Iterator[Fact]:
    """Yield vendor, model and serial of each optic, a part named after its port."""
    ports: dict[str, dict[Kind, tuple[int, str]]] = {}
    cells: dict[Kind, tuple[int, str]] = {}
    for line in lines(text):
        if match := _PORT.fullmatch(line):
            cells = ports.setdefault(match["port"], {})
        elif (match := _OPTIC.fullmatch(line)) and match[1].strip().lower() in _OPTICS and normal.serial(match[2]):
            kind, rank = _OPTICS[match[1].strip().lower()]
            cells[kind] = min(cells.get(kind, (rank, match[2].strip())), (rank, match[2].strip()))
    for port, values in ports.items():
        yield from cell_facts(command, about_part(port), *((kind, values[kind][1]) for kind in sorted(values)))
