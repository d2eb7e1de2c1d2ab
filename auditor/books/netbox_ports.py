"""Interfaces, MACs, addresses and parts of devices into NetBox, made where missing."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from auditor.books.catalogue import MARK, Catalogue
from auditor.books.merge import merge
from auditor.books.netbox import Entry, NetBox
from auditor.books.netbox_devices import PATH, Pairs, farewell, mark
from auditor.report.records import MANAGEMENT, DeviceRecord, ItemRecord, host_prefix

PORTS, MACS, ADDRESSES, ITEMS = "dcim/interfaces", "dcim/mac-addresses", "ipam/ip-addresses", "dcim/inventory-items"
PORT = "dcim.interface"
Ports = dict[tuple[int, str], Entry]


def write_ports(netbox: NetBox, pairs: Pairs) -> Ports:
    """Make the interfaces that are missing; return all by device and name."""
    ports: Ports = {}
    for one in netbox.select(PORTS, "device_id", [entry["id"] for _, entry in pairs]):
        ports[_device(one), str(one.get("name")).casefold()] = one
    missing = [
        (f"{record.name} {name}", {"device": entry["id"], "name": name, "type": "other", "description": MARK})
        for record, entry in pairs
        for name in _names(record)
        if (entry["id"], name.casefold()) not in ports
    ]
    for (_, body), port in zip(missing, netbox.create(PORTS, missing), strict=True):
        if port:
            ports[body["device"], body["name"].casefold()] = port
    return ports


def write_macs(netbox: NetBox, pairs: Pairs, ports: Ports) -> None:
    """Make the MACs that are missing; the first of an interface becomes its primary one."""
    there: dict[str, list[Entry]] = defaultdict(list)
    for one in netbox.pages(MACS):
        there[str(one.get("mac_address")).casefold()].append(one)
    claims = [(mac, port) for record, entry in pairs for mac, port in _macs(record, entry, ports)]
    missing = [(mac, {"mac_address": mac, **_at(port)}) for mac, port in claims if mac.casefold() not in there]
    loose = [
        (mac, {"id": entries[0]["id"], **_at(port)})
        for mac, port in claims
        if (entries := there.get(mac.casefold())) and not any(one.get("assigned_object_id") for one in entries)
    ]
    answers = netbox.create(MACS, missing)
    netbox.update(MACS, loose)
    by_port = {
        body["assigned_object_id"]: one for (_, body), one in reversed(list(zip(missing, answers, strict=True))) if one
    }
    ends = {port["id"]: port for port in ports.values()}
    patches = [
        (str(ends[number].get("name")), {"id": number, "primary_mac_address": one["id"]})
        for number, one in by_port.items()
        if not ends[number].get("primary_mac_address")
    ]
    netbox.update(PORTS, patches)


def write_addresses(netbox: NetBox, pairs: Pairs, ports: Ports) -> None:
    """Make the addresses that are missing; where it answered becomes primary where none is."""
    claims = [
        (address, record, entry, port)
        for record, entry in pairs
        if (port := ports.get((entry["id"], MANAGEMENT)))
        for address in record.addresses
    ]
    there = {_host(one): one for one in netbox.select(ADDRESSES, "address", [address for address, *_ in claims])}
    missing, past = [], set[str]()
    for address, _record, _entry, port in claims:
        if address not in there and address not in past:
            past.add(address)
            missing.append(
                (address, {"address": host_prefix(address), "status": "active", "description": MARK, **_at(port)})
            )
    loose = [
        (address, {"id": there[address]["id"], **_at(port)})
        for address, _, _, port in claims
        if address in there and not there[address].get("assigned_object_id")
    ]
    netbox.update(ADDRESSES, loose)
    there |= {address: {**there[address], **patch} for address, patch in loose}
    answers = netbox.create(ADDRESSES, missing)
    there |= {address: one for (address, _), one in zip(missing, answers, strict=True) if one}
    _primaries(netbox, pairs, ports, there)


def _primaries(netbox: NetBox, pairs: Pairs, ports: Ports, there: Mapping[str, Entry]) -> None:
    patches = []
    ends = {port["id"]: device for (device, _), port in ports.items()}
    for record, entry in pairs:
        patch: Entry = {"id": entry["id"]}
        for version in (4, 6):
            address = next((one for one in record.addresses if (":" in one) == (version == 6)), "")  # noqa: PLR2004 - IP
            one = there.get(address)
            owner = ends.get(one["assigned_object_id"]) if one and one.get("assigned_object_id") else None
            if one and owner == entry["id"] and not entry.get(f"primary_ip{version}"):
                patch[f"primary_ip{version}"] = one["id"]
        if len(patch) > 1:
            patches.append((record.name, patch))
    netbox.update(PATH, patches)


def write_items(netbox: NetBox, catalogue: Catalogue, pairs: Pairs) -> None:
    """Make and update the parts of devices that say any; those of ours that are gone are tagged."""
    with_parts = [(record, entry) for record, entry in pairs if record.items]
    there: dict[int, list[Entry]] = defaultdict(list)
    for one in netbox.select(ITEMS, "device_id", [entry["id"] for _, entry in with_parts]):
        there[_device(one)].append(one)
    bodies, patches = [], []
    for record, entry in with_parts:
        left = list(there[entry["id"]])
        for item in record.items:
            old = _same_item(item, left)
            if old is None:
                bodies.append((f"{record.name} {item.name}", _item_body(catalogue, item, entry["id"])))
                continue
            left.remove(old)
            if patch := _item_patch(netbox, catalogue, item, old):
                patches.append((f"{record.name} {item.name}", patch))
        # A person's part is let alone.
        mine = [one for one in left if mark(one)]
        patches += [(f"{record.name} {one.get('name')}", patch) for one in mine if (patch := farewell(one))]
    netbox.update(ITEMS, patches)
    netbox.create(ITEMS, bodies)


def _same_item(item: ItemRecord, entries: Sequence[Entry]) -> Entry | None:
    serials = [one for one in entries if item.serial and str(one.get("serial")) == item.serial]
    names = [one for one in entries if str(one.get("name")).casefold() == item.name.casefold()]
    return next(iter([*serials, *names]), None)


def _item_texts(item: ItemRecord) -> dict[str, str]:
    texts = {"name": item.name, "manufacturer": item.manufacturer, "part_id": item.part, "serial": item.serial}
    return {**texts, "description": item.description}


def _item_body(catalogue: Catalogue, item: ItemRecord, device: int) -> Entry:
    ours = {key: value for key, value in _item_texts(item).items() if value}
    fields = _item_fields(catalogue, ours)
    return {"device": device, "discovered": True, **fields, "custom_fields": {MARK: {"wrote": ours}}}


def _item_patch(netbox: NetBox, catalogue: Catalogue, item: ItemRecord, entry: Entry) -> Entry | None:
    current = {name: str(entry.get(name) or "") for name in ("name", "part_id", "serial", "description")}
    current["manufacturer"] = str((entry.get("manufacturer") or {}).get("name") or "")
    result = merge(current, _item_texts(item), mark(entry).get("wrote") or {})
    for field, have in result.theirs.items():
        netbox.keep(ITEMS, item.name, f"{field} {have!r}")
    if not result.changes:
        return None
    own = {MARK: {"wrote": result.ours}}
    return {"id": entry["id"], **_item_fields(catalogue, result.changes), "custom_fields": own}


def _item_fields(catalogue: Catalogue, texts: Mapping[str, str]) -> Entry:
    fields: dict[str, Any] = dict(texts)
    if "manufacturer" in fields:
        fields["manufacturer"] = catalogue.maker(fields["manufacturer"])
    return fields


def _names(record: DeviceRecord) -> Iterator[str]:
    yield from {name.casefold(): name for name in record.interfaces}.values()


def _macs(record: DeviceRecord, entry: Entry, ports: Ports) -> Iterator[tuple[str, Entry]]:
    """Yield each MAC of a device with the interface it belongs to, once."""
    places = {mac: name for name, mac in record.ports.items() if mac} | dict.fromkeys(record.macs, MANAGEMENT)
    for mac, name in places.items():
        if port := ports.get((entry["id"], name.casefold())):
            yield mac, port


def _at(port: Entry) -> Entry:
    return {"assigned_object_type": PORT, "assigned_object_id": port["id"]}


def _device(entry: Entry) -> int:
    device = entry.get("device")
    return int(device["id"]) if isinstance(device, Mapping) else int(device or 0)


def _host(entry: Entry) -> str:
    return str(entry.get("address") or "").partition("/")[0]
