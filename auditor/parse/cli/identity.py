"""What a device says it is: serials, parts, own MACs out of version and label commands."""

import re
from collections.abc import Callable, Iterator, Sequence

from auditor import normal
from auditor.model import DEVICE, Fact, Kind, about_part
from auditor.parse.cli import words
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
_JUNOS_ROW = re.compile(r"(?P<item>[A-Z][\w \-]{2,16}?)[ ]{2,}(?P<rest>\S.{0,160})")
_LABELS: dict[str, Kind] = {"barcode": "entity.serial", "boardtype": "entity.model", "description": "entity.descr"}
_LABELS |= {"device_serial_number": "entity.serial", "device_name": "entity.model", "mac_address": "if.mac"}
_LABELS |= {"vendor_name": "entity.mfg", "vendorname": "entity.mfg", "model": "entity.model"}
_PART_KINDS: Sequence[Kind] = ("entity.descr", "entity.model", "entity.serial")
_WHOLE = re.compile(r"chassis|backplane\w*|mainboard|main_board|slot ?_?[01](?: cpu 0)?", re.IGNORECASE)


def own(command: str, text: str) -> Iterator[Fact]:
    """Yield serials, model, base MAC and name that a version command prints line by line."""
    before: set[tuple[str, str]] = set()
    for line in lines(text):
        for saying in words.table():
            kind, value = saying.fact, saying.read(line)
            if not value or (kind == "if.mac" and not normal.mac(value)):
                continue
            if (kind == "entity.serial" and not normal.serial(value)) or (kind, value) in before:
                continue
            before.add((kind, value))
            yield Fact(kind=kind, value=value, where=command)


def inventory(command: str, text: str) -> Iterator[Fact]:
    """Yield the parts of `show inventory`; the first, or one called chassis, is the device."""
    name = descr = ""
    first = True
    for line in lines(text):
        if match := _INVENTORY.search(line):
            name, descr = (match[1] or match[2] or "").strip(), (match[3] or match[4] or "").strip()
        elif (match := _PID.search(line)) and (name or descr):
            whole = first or "chassis" in f"{name} {descr}".lower()
            about = DEVICE if first or (whole and "chassis" in name.lower()) else about_part(normal.one_line(name, 80))
            first = False
            for kind, value in zip(_PART_KINDS, (descr, match[1], match[2]), strict=True):
                if normal.serial(value):
                    yield Fact(kind=kind, value=value.strip(), where=command, about=about)
            name = descr = ""


def labels(command: str, text: str) -> Iterator[Fact]:
    """Yield the values under each slot of `display device manuinfo` and `display elabel`.

    The vendor of an optical module is the module's own: a fact about the part, never about the device.
    """
    part, has_whole = "", False
    for line in lines(text):
        if match := _SLOT.fullmatch(line):
            heading = (match["square"] or match["plain"]).strip()
            # These stand under the heading that says which board they are of.
            if "propert" in heading.lower() or "version" in heading.lower():
                continue
            part = "" if not has_whole and _WHOLE.fullmatch(heading) else heading
            continue
        pair = _PAIR.fullmatch(line)
        kind = _LABELS.get(pair[1].strip().lower()) if pair else None
        if pair is None or not kind or not normal.serial(pair[2]) or (kind == "if.mac" and not mac_in(pair[2])):
            continue
        has_whole = has_whole or not part
        yield Fact(kind=kind, value=pair[2].strip(), where=command, about=about_part(part) if part else DEVICE)


def manufacture(command: str, text: str) -> Iterator[Fact]:
    """Yield type and serial of `display device manufacture-info`; the first is the device's."""
    first = True
    for line in lines(text):
        match = _MANUFACTURE_ROW.match(line)
        if match is None:
            continue
        about = DEVICE if first else about_part(f"slot {match[1]}/{match[2] or '-'}")
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
    for line in lines(text):
        match = _JUNOS_ROW.fullmatch(line)
        if match is None or match["item"].strip() in {"Item", "Hardware inventory"}:
            continue
        item, columns = match["item"].strip(), re.split(r"[ ]{2,}", match["rest"].strip())
        about = DEVICE if item == "Chassis" else about_part(item)
        if item == "Chassis" and columns:
            yield Fact(kind="entity.serial", value=columns[0], where=command)
        if len(columns) > 1:
            yield Fact(
                kind="entity.model" if not about else "entity.descr", value=columns[-1], where=command, about=about
            )
