"""Devices into NetBox: each matched to its entry, made where missing, never written over."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from auditor.books.catalogue import GONE, MARK, Catalogue
from auditor.books.merge import merge, same
from auditor.books.netbox import Entry, NetBox
from auditor.report.records import UNKNOWN, DeviceRecord, unique_name

PATH = "dcim/devices"
Pairs = list[tuple[DeviceRecord, Entry]]


class Devices:
    """The devices NetBox holds, by what tells them apart.

    Numbers are those of one `store`, another's mean other devices; `older` gives the number that a device merged into
    another has today.
    """

    def __init__(self, netbox: NetBox, store: str, older: Mapping[str, str]) -> None:
        self._netbox, self._store, self._older = netbox, store, older
        self.entries = list(netbox.pages(PATH, {"exclude": "config_context"}))
        self._by_number = {number: one for one in self.entries if (number := self.number(one))}
        self._by_serial = _index(self.entries, lambda one: (one.get("serial"),))
        self._by_tag = _index(self.entries, lambda one: (one.get("asset_tag"),))
        self._by_name = _index(self.entries, lambda one: (_pair(_name(one.get("site")), one.get("name")),))
        self._by_mac = self._macs()
        self._names: dict[str, set[str]] = defaultdict(set)
        for one in self.entries:
            self._names[_name(one.get("site")).casefold()].add(str(one.get("name") or "").casefold())

    def number(self, entry: Entry) -> str:
        """Return the number of the store that an entry was given, as it is today."""
        number = str(_numbers(entry).get(self._store) or "")
        return self._older.get(number, number)

    def numbers(self, record: DeviceRecord, entry: Entry | None = None) -> dict[str, str]:
        """Return the numbers an entry is to hold, by store: each store's own."""
        own = {self._store: record.number} if record.number else {}
        return {**(_numbers(entry) if entry else {}), **own}

    def pairs(self, records: Sequence[DeviceRecord]) -> tuple[Pairs, list[DeviceRecord]]:
        """Return each record with its entry, by the surest marks first, and those without one."""
        pairs: dict[str, Entry] = {}
        past: set[int] = set()
        for candidates in (self._of_number, self._serial, self._tag, self._mac, self._of_name):
            for record in records:
                index = {one["id"]: one for one in candidates(record) if one["id"] not in past}
                if record.key not in pairs and len(index) == 1:
                    pairs[record.key] = next(iter(index.values()))
                    past |= set(index)
        matches = [(record, pairs[record.key]) for record in records if record.key in pairs]
        return matches, [record for record in records if record.key not in pairs]

    def name(self, record: DeviceRecord, entry: Entry | None = None) -> str:
        """Return the name a device is to have: one that is its own with a number behind it stays."""
        if entry is not None:
            own = str(entry.get("name") or "")
            if same(own, record.title) or own.casefold().startswith(f"{record.title} (".casefold()):
                return own
        return unique_name(record.title, self._names[record.site.casefold()])

    def _of_number(self, record: DeviceRecord) -> Iterator[Entry]:
        if record.number in self._by_number:
            yield self._by_number[record.number]

    def _serial(self, record: DeviceRecord) -> Iterable[Entry]:
        return self._by_serial.get(record.serial.casefold(), ()) if record.serial else ()

    def _tag(self, record: DeviceRecord) -> Iterable[Entry]:
        return self._by_tag.get(record.serial.casefold(), ()) if record.serial else ()

    def _mac(self, record: DeviceRecord) -> Iterator[Entry]:
        for mac in (*record.macs, *record.ports.values()):
            yield from (one for one in self._by_mac.get(mac.casefold(), ()) if _fits(record, one))

    def _of_name(self, record: DeviceRecord) -> Iterator[Entry]:
        for one in self._by_name.get(_pair(record.site, record.title), ()):
            if _fits(record, one) and not self.number(one):
                yield one

    def _macs(self) -> Mapping[str, list[Entry]]:
        devices = {one["id"]: one for one in self.entries}
        index: dict[str, list[Entry]] = defaultdict(list)
        for one in self._netbox.pages("dcim/mac-addresses"):
            port = one.get("assigned_object") or {}
            device = devices.get((port.get("device") or {}).get("id"))
            if device:
                index[str(one.get("mac_address", "")).casefold()].append(device)
        return index


def write_devices(
    netbox: NetBox, catalogue: Catalogue, devices: Devices, records: Sequence[DeviceRecord], absent: Collection[str]
) -> Pairs:
    """Create and update devices, tag those that are gone; return each record with its entry."""
    pairs, fresh = devices.pairs(records)
    patches = [patch for record, entry in pairs if (patch := _patch(netbox, catalogue, devices, record, entry))]
    there = {entry["id"] for _, entry in pairs}
    patches += [
        (str(one.get("name")), tag)
        for one in devices.entries
        if one["id"] not in there and devices.number(one) in absent and (tag := farewell(one))
    ]
    netbox.update(PATH, patches)
    bodies = [(record, body) for record in fresh if (body := _body(netbox, catalogue, devices, record))]
    entries = netbox.create(PATH, [(body["name"], body) for _, body in bodies])
    return pairs + [(record, one) for (record, _), one in zip(bodies, entries, strict=True) if one]


def _patch(
    netbox: NetBox, catalogue: Catalogue, devices: Devices, record: DeviceRecord, entry: Entry
) -> tuple[str, Entry] | None:
    """Return what of an entry is to be changed, with its name; None where nothing is."""
    aims = _texts(record, devices.name(record, entry))
    result = merge(_current(entry), aims, mark(entry).get("wrote") or {})
    for field, have in result.theirs.items():
        netbox.keep(PATH, _title(entry), f"{field} {have!r}, ours would be {aims[field]!r}")
    patch: Entry = {"id": entry["id"], **_fields(catalogue, record, result.changes)}
    if GONE in _slugs(entry):
        patch["tags"] = [one for one in _tags(entry) if one["slug"] != GONE]
    own = {"devices": devices.numbers(record, entry), "wrote": result.ours}
    if own != {"devices": _numbers(entry), "wrote": mark(entry).get("wrote") or {}}:
        patch["custom_fields"] = {MARK: own}
    return (_title(entry), patch) if len(patch) > 1 else None


def _body(netbox: NetBox, catalogue: Catalogue, devices: Devices, record: DeviceRecord) -> Entry | None:
    """Return a device to make; None where what it refers to could not be made."""
    if None in (catalogue.site(record), catalogue.role(record), catalogue.type(record)):
        netbox.refuse(PATH, record.name, "its site, role or type is missing and could not be made")
        return None
    texts = _texts(record, devices.name(record))
    ours = {key: value for key, value in texts.items() if value}
    mark_of_ours = {MARK: {"devices": devices.numbers(record), "wrote": ours}}
    return {"status": "active", **_fields(catalogue, record, ours), "custom_fields": mark_of_ours}


def _texts(record: DeviceRecord, name: str) -> dict[str, str]:
    """Return the fields we write, in words a person can compare."""
    return {
        "name": name,
        "site": record.site,
        "role": record.role,
        "device_type": f"{record.manufacturer} {record.model}" if record.model != UNKNOWN else UNKNOWN,
        "serial": record.serial,
        "description": record.description,
        "comments": record.comments,
    }


def _current(entry: Entry) -> dict[str, str]:
    kind = entry.get("device_type") or {}
    model = str(kind.get("model") or "")
    return {
        **{name: str(entry.get(name) or "") for name in ("name", "serial", "description", "comments")},
        "site": _name(entry.get("site")),
        "role": _name(entry.get("role")),
        "device_type": f"{_name(kind.get('manufacturer'))} {model}" if model != UNKNOWN else UNKNOWN,
    }


def _fields(catalogue: Catalogue, record: DeviceRecord, texts: Mapping[str, str]) -> Entry:
    """Return texts as NetBox takes them: what has an entry of its own by its id."""
    ids = {"site": catalogue.site(record), "role": catalogue.role(record), "device_type": catalogue.type(record)}
    return {name: ids.get(name, text) for name, text in texts.items() if ids.get(name, text) is not None}


def mark(entry: Entry) -> Mapping[str, Any]:
    """Return what we noted in the custom field of an entry."""
    value = (entry.get("custom_fields") or {}).get(MARK)
    return value if isinstance(value, Mapping) else {}


def farewell(entry: Entry) -> Entry | None:
    """Return the tag of what is gone as a patch; None where an entry has it."""
    if GONE in _slugs(entry):
        return None
    return {"id": entry["id"], "tags": [*_tags(entry), {"name": GONE, "slug": GONE}]}


def _numbers(entry: Entry) -> dict[str, str]:
    value = mark(entry).get("devices")
    return dict(value) if isinstance(value, Mapping) else {}


def _fits(record: DeviceRecord, entry: Entry) -> bool:
    """Tell whether serial numbers do not say that these are two devices."""
    return not record.serial or not entry.get("serial") or same(record.serial, str(entry["serial"]))


def _title(entry: Entry) -> str:
    return str(entry.get("name") or entry.get("display") or entry["id"])


def _tags(entry: Entry) -> list[dict[str, str]]:
    return [{"name": str(one.get("name")), "slug": str(one.get("slug"))} for one in entry.get("tags") or ()]


def _slugs(entry: Entry) -> set[str]:
    return {one["slug"] for one in _tags(entry)}


def _name(value: Any) -> str:
    return str(value.get("name") or "") if isinstance(value, Mapping) else ""


def _pair(site: str, name: object) -> str:
    return f"{site}\n{name}".casefold()


def _index(entries: Iterable[Entry], keys: Any) -> Mapping[str, list[Entry]]:
    index: dict[str, list[Entry]] = defaultdict(list)
    for one in entries:
        for key in keys(one):
            if key:
                index[str(key).casefold()].append(one)
    return index
