"""What stands in a box, or is listed behind it, and says a serial number or a model."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from ipaddress import ip_address

from auditor import normal
from auditor.assets.serials import IsFiller, is_wording
from auditor.model import Fact, Kind, Part, is_channel, order, part_of

CHANNEL, TERMINAL = "channel", "terminal"
ONT = "gpon:"
# The kind of a fact → the field of a part it fills.
FIELDS: Mapping[Kind, str] = {
    "entity.class": "sort", "entity.name": "name", "entity.descr": "description", "entity.mfg": "vendor",
    "entity.model": "model", "entity.serial": "serial", "gpon.serial": "serial", "gpon.port": "name",
    "inventory.name": "name", "inventory.vendor": "vendor", "inventory.model": "model", "inventory.serial": "serial",
    "inventory.firmware": "firmware", "entity.firmware": "firmware", "inventory.mac": "mac",
    "recorder.channel": "address",
}  # fmt: skip
TEXT_CAP = 200
_PORT = re.compile(r"\d{0,3}[A-Za-z][A-Za-z\-]{0,24}\d{1,3}(?:/\d{1,3}){1,3}")

Cells = dict[str, set[str]]


def parts(facts: Iterable[Fact], own_serial: str, filler: IsFiller) -> tuple[Part, ...]:
    """Return every part that says a serial number or a model, in their order.

    `own_serial` is the device's own: another row that is the device and says another serial is a part. One part read
    in two ways is one.
    """
    rows: dict[str, Cells] = defaultdict(lambda: defaultdict(set))
    own: dict[str, Cells] = defaultdict(lambda: defaultdict(set))
    for fact in facts:
        field = FIELDS.get(fact.kind)
        if field and (name := _name(fact)) is not None:
            rows[name][field].add(fact.value)
        elif field and not fact.about and fact.where and fact.kind.startswith("entity."):
            own[fact.where][field].add(fact.value)
    others = (part for part in _parts(own, filler) if part.serial not in {"", own_serial})
    return tuple(sorted(_numbered(_once(sorted((*_parts(rows, filler), *others), key=order))), key=order))


def address_of(text: str) -> str:
    """Return the address in what a recorder says of a channel, or nothing where it is none."""
    line = next((line for line in text.splitlines() if line.startswith("address=")), "")
    try:
        address = ip_address(line.removeprefix("address=").strip())
    except ValueError:
        return ""
    return "" if address.is_unspecified else str(address)


def _name(fact: Fact) -> str | None:
    """Return what names a part or a terminal; nothing for the device and its other neighbours."""
    return fact.about if fact.about.startswith(ONT) else part_of(fact.about)


def _parts(rows: Mapping[str, Cells], filler: IsFiller) -> Iterator[Part]:
    for name, cells in rows.items():
        texts = {field: _first(values, field, filler) for field, values in cells.items()}
        part = Part(part=name, **texts)
        if name.startswith(ONT):
            part = replace(part, sort=TERMINAL)
        elif is_channel(name):
            part = replace(part, sort=CHANNEL)
        if part.serial or part.model or part.address:
            yield part
        # Two boards under one name are two.
        yield from (replace(part, serial=serial) for serial in _serials(cells, filler) if serial != part.serial)


def _serials(cells: Cells, filler: IsFiller) -> list[str]:
    texts = {_text(value) for value in cells.get("serial", ())}
    return sorted(text for text in texts if text and not filler(text))


def _numbered(parts: Iterable[Part]) -> Iterator[Part]:
    """Yield the parts under a name each; of several of one name all but the first have a number."""
    names: Counter[str] = Counter()
    for part in parts:
        names[part.part] += 1
        count = names[part.part]
        yield part if count == 1 else replace(part, part=f"{part.part} ({count})")


def _first(values: Iterable[str], field: str, filler: IsFiller) -> str:
    """Return the first in the alphabet of what was said, so that no order of facts decides."""
    if field == "serial":
        return next(iter(_serials({field: set(values)}, filler)), "")
    texts = (text for text in map(_READERS.get(field, _text), values) if text)
    if field == "model":
        return min((text for text in texts if is_wording(text) or not filler(text)), default="")
    return min(texts, default="")


def _text(value: str) -> str:
    return normal.one_line(normal.serial(value), TEXT_CAP)


_READERS: Mapping[str, Callable[[str], str]] = {"mac": normal.mac, "address": address_of}


def _once(parts: Iterable[Part]) -> Iterator[Part]:
    """Yield each part once: one serial with no other model, or at one port, is one part.

    A camera of several lenses stands on several channels at one address.
    """
    twins: dict[tuple[str, str], list[Part]] = defaultdict(list)
    for part in parts:
        group = twins[(part.serial, "") if part.serial else ("", part.address or part.part)]
        at = next((at for at, twin in enumerate(group) if _is_same(part, twin)), None)
        if at is None:
            group.append(part)
        else:
            group[at] = _joined(group[at], part)
    return (part for group in twins.values() for part in group)


def _is_same(part: Part, twin: Part) -> bool:
    """Tell whether two of one serial are one: `Port_XGE0/0/1` on labels is `XGE0/0/1`."""
    return "" in {twin.model, part.model} or twin.model == part.model or _at_one_port(part.part, twin.part)


def _at_one_port(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return _PORT.fullmatch(short) is not None and long.endswith(short) and not long[: -len(short)][-1:].isalnum()


def _joined(part: Part, twin: Part) -> Part:
    """Return a part with what only its other reading says."""
    values = {name: getattr(part, name) or getattr(twin, name) for name in Part.__slots__}
    return Part(**values)
