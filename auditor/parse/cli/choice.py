"""Which reading of a table counts: every template that fits and our own have to agree."""

import re
from collections.abc import Sequence
from functools import lru_cache

from auditor import normal
from auditor.parse.cli import blocks, columns, tables, templates, titles
from auditor.parse.cli.blocks import IDENTITY
from auditor.parse.cli.columns import Entry
from auditor.parse.cli.text import lines

DIFFERENT = "templates of several systems fit the reply and read it differently"
_TOTAL = re.compile(r"total (?:cdp |lldp )?entries displayed[ \t]{0,8}:[ \t]{0,8}(\d{1,6})", re.IGNORECASE)
_HEAD = 400  # lines
_ONE = 1  # of the templates that say the same, one is run over a long reply
_BUCKET = 64  # rows of one name; a device has fewer ports to another
_CUT = 5  # characters; a shorter beginning of a name may be any name's
_PLACE = ("mac", "port", "vlan")
_SURE = ("local", "chassis")
_HEARD = frozenset({"lldp", "cdp"})


def entries(sort: str, command: str, text: str, platform: str = "") -> tuple[list[Entry], str]:
    """Return the rows of a table of ARP, MACs, LLDP or CDP, and in words what could not be read."""
    rows, problem = _choose(sort, command, text, platform)
    return rows, problem or _missing(sort, rows, text)


def _missing(sort: str, rows: Sequence[Entry], text: str) -> str:
    """Return in words how many rows a reply holds beyond those that were read."""
    if sort in _HEARD:
        total = _TOTAL.search(text)
        return (
            f"{total[1]} neighbours are announced, {len(rows)} were read" if total and int(total[1]) > len(rows) else ""
        )
    missing = {digits for digits in macs_in(text) if int(digits, 16)} - {normal.mac(row["mac"]) for row in rows}
    return f"{len(missing)} MACs in the reply are in no row that could be read" if rows and missing else ""


def _choose(sort: str, command: str, text: str, platform: str) -> tuple[list[Entry], str]:
    """Return the rows that count; long tables are read by ours where the templates agree."""
    head = _head(text)
    ours = own(sort, head)
    names = [name for name in templates.names(command, platform) if _fits(sort, name, head, ours)]
    if len(head) < len(text):
        names = _needed(sort, head, ours, names, is_sure=bool(platform))
        ours = own(sort, text)
        names = [name for name in names if _fits(sort, name, text, ours)]
    fits = [_reading(sort, name, text) for name in names]
    if not fits:
        return ours, ""
    if not platform or sort in _HEARD:
        same = [reading for reading in fits if not _differ(sort, reading, ours)]
        if not same and _is_named(sort, text):
            return ours, ""
        fits = same or fits
    if any(_differ(sort, fits[0], other) for other in fits[1:]):
        return [], DIFFERENT
    return _fill(sort, fits, ours, is_sure=bool(platform)), ""


def _needed(sort: str, head: str, ours: Sequence[Entry], names: Sequence[str], *, is_sure: bool) -> list[str]:
    """Return the templates that a long reply needs: none where ours says as much of its head."""
    readings = {name: _reading(sort, name, head) for name in names}
    if sort in _HEARD and not is_sure:
        same = {name: reading for name, reading in readings.items() if not _differ(sort, reading, ours)}
        readings = same or ({} if _is_named(sort, head) else readings)
    if _says_as_much(sort, ours, list(readings.values())):
        return []
    return list(readings)[: _ONE if sort in _HEARD else None]


def _says_as_much(sort: str, ours: Sequence[Entry], readings: Sequence[Sequence[Entry]]) -> bool:
    """Tell whether our own reading of a reply's head says all that the templates make of it."""
    if sort not in _HEARD:
        return all(_is_equal(sort, reading, ours) for reading in readings)
    rows = RowIndex(sort, ours)
    pairs = ((entry, rows.same(entry)) for reading in readings for entry in _fill(sort, [reading], ours, is_sure=False))
    return all(
        _flat(value) in (_values(mine, *mine) if field == "portdescr" else _values(mine, field))
        for entry, mine in pairs
        for field, value in entry.items()
        if value
    )


def _reading(sort: str, name: str, text: str) -> list[Entry]:
    return columns.of_template(sort, templates.read(name, text))


def _fits(sort: str, name: str, text: str, ours: Sequence[Entry]) -> bool:
    """Tell whether a template reads a reply and leaves nobody out."""
    reading = _reading(sort, name, text)
    return bool(reading) and _covers(sort, reading, ours, text, is_strict=templates.is_strict(name))


def _head(text: str) -> str:
    """Return the first lines of a reply, by which templates are chosen."""
    at = -1
    for _ in range(_HEAD):
        at = text.find("\n", at + 1)
        if at < 0:
            return text
    return text[:at]


def _is_equal(sort: str, one: Sequence[Entry], other: Sequence[Entry]) -> bool:
    """Tell whether two readings of a table are the same in all that counts."""
    fields = ("mac", "address") if sort == "arp" else ("mac", "port", "vlan")
    left, right = ({tuple(_flat(row.get(field, "")) for field in fields) for row in rows} for rows in (one, other))
    return left == right


def _is_named(sort: str, text: str) -> bool:
    """Tell whether a reply names its values by titles or line by line, so that ours is no guess."""
    head = _head(text)
    if sort in _HEARD and any("local" in entry for entry in blocks.neighbours(head, sort)):
        return True
    return bool(columns.of_titles(sort, titles.rows(head, with_macs=sort not in _HEARD)))


def own(sort: str, text: str) -> list[Entry]:
    """Return what our own readers make of a table: line by line, else by its titles."""
    if sort in _HEARD:
        return _own_neighbours(sort, text)
    below_titles = columns.of_titles(sort, titles.rows(text, with_macs=True))
    has_ports = below_titles and all(row["port"] or sort == "arp" for row in below_titles)
    if has_ports and macs_in(text) <= {normal.mac(row["mac"]) for row in below_titles}:
        return below_titles
    if not below_titles and (records := columns.of_titles(sort, tables.record_rows(text))):
        return records
    return _both(sort, below_titles, list(tables.arp_rows(text) if sort == "arp" else tables.mac_rows(text)))


def _own_neighbours(sort: str, text: str) -> list[Entry]:
    """Return the neighbours of a reply: announced line by line, below titles, or a MAC a line.

    A legend over a table may look like announcements, but names no port; in a reply about one port none does.
    """
    if any("local" in entry for entry in blocks.neighbours(_head(text), sort)):
        return blocks.neighbours(text, sort)
    below_titles = columns.of_titles(sort, titles.rows(text))
    return (
        below_titles or blocks.neighbours(text, sort) or (list(tables.neighbour_rows(text)) if sort == "lldp" else [])
    )


def _both(sort: str, below_titles: list[Entry], plain: list[Entry]) -> list[Entry]:
    """Return rows below titles, with ports where no title named any, and other rows."""
    by_mac = {normal.mac(row["mac"]): row for row in plain}
    for row in below_titles:
        row["port"] = row["port"] or by_mac.get(normal.mac(row["mac"]), row).get("port", "")
    keys = {_key(sort, row) for row in below_titles}
    return below_titles + [row for row in plain if _key(sort, row) not in keys]


def _key(sort: str, row: Entry) -> tuple[str, str]:
    return normal.mac(row["mac"]), row["address"] if sort == "arp" else ""


@lru_cache(maxsize=2)
def macs_in(text: str) -> frozenset[str]:
    """Return the MACs of single devices in a reply, as digits."""
    matches = (match for line in lines(text) for match in normal.MAC_IN_TEXT.finditer(normal.plain_marks(line)))
    return frozenset(digits for match in matches if (digits := normal.mac(match[0])) and not normal.is_group(digits))


def _covers(sort: str, reading: Sequence[Entry], ours: Sequence[Entry], text: str, *, is_strict: bool) -> bool:
    """Tell whether a reading leaves nobody out."""
    if sort not in _HEARD:
        return {digits for digits in macs_in(text) if int(digits, 16)} <= {normal.mac(row["mac"]) for row in reading}
    total = _TOTAL.search(text)
    if total and int(total[1]) > len(reading):
        return False
    rows = RowIndex(sort, [{name: entry.get(name, "") for name in IDENTITY} for entry in reading])
    # A strict template knows every line, and may pass over a row it knows: one with a MAC is a neighbour.
    return all(rows.all(mine) for mine in ours if not is_strict or normal.mac(mine.get("chassis", "")))


def _differ(sort: str, one: Sequence[Entry], other: Sequence[Entry]) -> bool:
    """Tell whether two readings contradict each other about anybody both speak of."""
    if sort == "arp":
        return _pairs(one) != _pairs(other)
    if sort == "mac":
        left, right = _places(one), _places(other)
        return any(left[key] & right[key] == set() for key in left.keys() & right.keys() if left[key] and right[key])
    rows = RowIndex(sort, other)
    pairs = [(mine, theirs) for mine in one for theirs in rows.all(mine)]
    return (bool(one) and bool(other) and not pairs) or not all(_agrees(mine, theirs) for mine, theirs in pairs)


def _agrees(one: Entry, other: Entry) -> bool:
    """Tell whether two entries name the same neighbour on the same ports."""
    # A port is told by its MAC in one place and by its name in another.
    ports, others = (
        {port for port in _values(entry, "portid", "portdescr") if not normal.mac(port)} for entry in (one, other)
    )
    is_like = _are_alike(one, other, _SURE) and _is_same(one, other)
    return is_like and (not ports or not others or not ports.isdisjoint(others))


def _values(entry: Entry, *fields: str) -> set[str]:
    return {_flat(entry[field]) for field in fields if entry.get(field)}


def _pairs(reading: Sequence[Entry]) -> set[tuple[str, str]]:
    return {(normal.mac(row["mac"]), row["address"].lower()) for row in reading}


def _places(reading: Sequence[Entry]) -> dict[tuple[str, str], set[str]]:
    """Return ports and VLANs of each MAC."""
    places: dict[tuple[str, str], set[str]] = {}
    for row in reading:
        for field in ("port", "vlan"):
            places.setdefault((normal.mac(row["mac"]), field), set()).update({_flat(row[field])} - {""})
    return places


def _fill(sort: str, fits: Sequence[Sequence[Entry]], ours: Sequence[Entry], *, is_sure: bool) -> list[Entry]:
    """Return the first reading with what the others and our own know beside it.

    An age is a number among others: it is taken from its title, or from a template of the platform.
    """
    entries_now = [dict(entry) for entry in fits[0]]
    own_rows = RowIndex(sort, ours)
    others = [RowIndex(sort, reading) for reading in fits[1:]]
    protocols = {_key(sort, row): row.get("protocol", "") for row in ours} if sort == "arp" else {}
    for entry in entries_now if protocols else ():
        entry["protocol"] = entry.get("protocol") or protocols.get(_key(sort, entry), "")
    for entry in entries_now if sort != "arp" else ():
        if sort == "mac" and not is_sure:
            entry["age"] = own_rows.same(entry).get("age", "")
        for index in (*others, own_rows):
            _fill_in(entry, index.same(entry))
    return entries_now


def _fill_in(entry: Entry, same: Entry) -> None:
    """Put into an entry what another reading has beside it."""
    for field, value in same.items():
        if not entry.get(field):
            entry[field] = value
        elif field == "address" and value != entry[field]:
            entry.setdefault("address again", value)
        elif _is_fuller(field, value, entry[field]) or _is_described(field, same, entry):
            if field == "portid":
                entry["portmac"] = entry[field]
            entry[field] = value


class RowIndex:
    """Rows of a reading by who they are about, so that two readings are compared in one pass."""

    def __init__(self, sort: str, reading: Sequence[Entry]) -> None:
        self._sort = sort
        self._rows: dict[str, list[Entry]] = {}
        for entry in reading:
            for key in self._keys(entry):
                bucket = self._rows.setdefault(key, [])
                if len(bucket) < _BUCKET:
                    bucket.append(entry)

    def all(self, entry: Entry) -> list[Entry]:
        """Return the rows about the same device, at the same port where both name one."""
        rows = {id(row): row for key in self._keys(entry) for row in self._rows.get(key, ())}
        return [row for row in rows.values() if _is_row(self._sort, entry, row)]

    def same(self, entry: Entry) -> Entry:
        """Return the first row about the same device, empty without one."""
        return next(iter(self.all(entry)), {})

    def _keys(self, entry: Entry) -> set[str]:
        """Return the names of a device and their beginnings: a reading may cut a name short."""
        if self._sort not in _HEARD:
            return {_flat(entry["mac"])}
        names = _values(entry, *IDENTITY)
        return names | {f"{name[: _CUT + 1]}…" for name in names}


def _is_fuller(field: str, value: str, value_so_far: str) -> bool:
    """Tell whether a value says more: all lines of a description, the name of a port."""
    whole = field == "sysdescr" and _flat(value).startswith(_flat(value_so_far))
    return whole or (field == "portid" and normal.mac(value_so_far) != "" and normal.mac(value) == "")


def _is_described(field: str, same: Entry, entry: Entry) -> bool:
    """Tell whether a template took the description of a port for its name."""
    return field == "portid" and entry["portid"] == same.get("portdescr", "") != same["portid"]


def _is_row(sort: str, one: Entry, other: Entry) -> bool:
    if sort == "arp":
        return False
    if sort == "mac":
        return _are_alike(one, other, _PLACE)
    return _is_same(one, other) and _are_alike(one, other, ("local",))


def _are_alike(one: Entry, other: Entry, fields: Sequence[str]) -> bool:
    """Tell whether two entries say the same wherever both say something."""
    pairs = ((_values(one, name), _values(other, name)) for name in fields)
    return all(mine == theirs for mine, theirs in pairs if mine and theirs)


def _is_same(one: Entry, other: Entry) -> bool:
    """Tell whether two entries name the same neighbour, one of them perhaps cut short."""
    names, others = ([_flat(entry.get(field, "")) for field in IDENTITY if entry.get(field)] for entry in (one, other))
    return any(
        a == b or (len(min(a, b, key=len)) > _CUT and (a.startswith(b) or b.startswith(a)))
        for a in names
        for b in others
    )


@lru_cache(maxsize=1 << 15)
def _flat(text: str) -> str:
    return normal.mac(text) or re.sub(r"[\s\"']", "", text).lower()
