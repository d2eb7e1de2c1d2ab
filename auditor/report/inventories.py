"""Files other programs import: NetBox's tables in their order, Snipe-IT, Ansible, nornir."""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence

from auditor.model import Audit
from auditor.report.base import Options
from auditor.report.records import (
    GREY,
    MANAGEMENT,
    UNKNOWN,
    DeviceRecord,
    device_records,
    host_prefix,
    manufacturers,
    slug,
    unique_slug,
)
from auditor.report.sheets import signed, table

# NetBox refuses a column it does not know (its `validate_csv`): there the beginning of the description is the mark
# of who concluded it. Field names of NetBox's bulk imports and of Snipe-IT's asset importer.
NETBOX = ("name", "role", "manufacturer", "device_type", "serial", "site", "status", "description", "comments")
NETBOX_ITEMS = ("device", "name", "manufacturer", "part_id", "serial", "discovered", "description", "status")
SNIPE_IT = (
    "Item Name", "Asset Tag", "Category", "Manufacturer", "Model name", "Serial number", "Location", "Status", "Notes",
)  # fmt: skip
IN_ZIP = (1980, 1, 1, 0, 0, 0)
Row = Sequence[str]


def as_netbox(audit: Audit, options: Options) -> bytes:
    """Return devices for NetBox's bulk import; what they refer to is in `as_netbox_zip`."""
    return table(NETBOX, _devices(device_records(audit, options)))


def as_netbox_items(audit: Audit, options: Options) -> bytes:
    """Return parts for NetBox's bulk import of inventory items, under the names of `as_netbox`."""
    return table(NETBOX_ITEMS, _items(device_records(audit, options)))


def as_netbox_zip(audit: Audit, options: Options) -> bytes:
    """Return the tables of an empty NetBox, each named by its place in the order of imports."""
    records, out = device_records(audit, options), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, head, rows) in enumerate(_tables(records), 1):
            archive.writestr(zipfile.ZipInfo(f"{number}-{name}.csv", IN_ZIP), table(head, rows), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def as_snipe_it(audit: Audit, options: Options) -> bytes:
    """Return devices for Snipe-IT's importer; asset tags stay empty for it to number."""
    return table(*signed(SNIPE_IT, (_snipe_it(record) for record in device_records(audit, options))))


def as_ansible(audit: Audit, options: Options) -> bytes:
    """Return an inventory for Ansible in YAML: groups by site, role and manufacturer."""
    groups: dict[str, dict[str, None]] = {}
    hosts: dict[str, dict[str, object]] = {}
    for record in _hosts(device_records(audit, options)):
        hosts[record.name] = {"ansible_host": record.addresses[0], **_variables(record)}
        for sort, word in (("site", record.site), ("role", record.role), ("maker", record.manufacturer)):
            groups.setdefault(f"{sort}_{slug(word).replace('-', '_')}", {})[record.name] = None
    children = {name: {"hosts": groups[name]} for name in sorted(groups)}
    return _yaml({"all": {"hosts": hosts, "children": children}})


def as_nornir(audit: Audit, options: Options) -> bytes:
    """Return the hosts.yaml of nornir's SimpleInventory; platforms are for the user to say."""
    records = _hosts(device_records(audit, options))
    return _yaml({record.name: {"hostname": record.addresses[0], "data": _variables(record)} for record in records})


def _hosts(records: Iterable[DeviceRecord]) -> list[DeviceRecord]:
    """Return what a program can connect to: devices that answered, with their address."""
    return [record for record in records if record.is_read and record.addresses]


def _variables(record: DeviceRecord) -> dict[str, object]:
    names = ("site", "role", "manufacturer", "model", "serial", "description")
    return {name: getattr(record, name) for name in names if getattr(record, name)}


def _yaml(document: Mapping[str, object]) -> bytes:
    """Return YAML 1.2 in blocks; each text in JSON's quotes, so that none becomes a number."""
    return "\n".join(["---", *(_block(document) if document else ["{}"]), ""]).encode("utf-8", "replace")


def _block(mapping: Mapping[str, object], depth: int = 0) -> Iterator[str]:
    for key, value in mapping.items():
        head = f"{'  ' * depth}{json.dumps(key)}:"
        if isinstance(value, Mapping):
            yield head if value else f"{head} {{}}"
            yield from _block(value, depth + 1)
        else:
            yield f"{head} {'{}' if value is None else json.dumps(value)}"


def _tables(records: Sequence[DeviceRecord]) -> Iterator[tuple[str, Row, Iterable[Row]]]:
    yield "manufacturers", ("name", "slug"), _names(manufacturers(records))
    yield "device-roles", ("name", "slug", "color"), ([*row, GREY] for row in _names({one.role for one in records}))
    yield "device-types", ("manufacturer", "model", "slug", "u_height"), _types(records)
    yield "sites", ("name", "slug", "status"), ([*row, "active"] for row in _names({one.site for one in records}))
    yield "devices", NETBOX, _devices(records)
    yield "interfaces", ("device", "name", "type"), _interfaces(records)
    yield "mac-addresses", ("mac_address", "device", "interface"), _macs(records)
    yield "ip-addresses", ("address", "status", "device", "interface", "is_primary"), _addresses(records)
    yield "inventory-items", NETBOX_ITEMS, _items(records)


def _names(names: Iterable[str]) -> Iterator[Row]:
    """Yield names with slugs; NetBox wants both once, whatever the case."""
    slugs, titles = set[str](), set[str]()
    for name in sorted(names):
        if name.casefold() not in titles:
            titles.add(name.casefold())
            yield name, unique_slug(name, slugs)


def _types(records: Iterable[DeviceRecord]) -> Iterator[Row]:
    slugs, titles = set[str](), set[tuple[str, str]]()
    for maker, model in sorted({(record.manufacturer, record.model) for record in records}):
        title = (maker.casefold(), model.casefold())
        if title not in titles:
            titles.add(title)
            yield maker, model, unique_slug(f"{maker} {model}", slugs), "1"


def _devices(records: Iterable[DeviceRecord]) -> Iterator[Row]:
    for one in records:
        what = (one.name, one.role, one.manufacturer, one.model, one.serial, one.site)
        yield *what, "active", one.description, one.comments


def _interfaces(records: Iterable[DeviceRecord]) -> Iterator[Row]:
    for record in records:
        yield from ((record.name, name, "other") for name in dict.fromkeys(record.interfaces))


def _macs(records: Iterable[DeviceRecord]) -> Iterator[Row]:
    for record in records:
        yield from ((mac, record.name, port) for port, mac in record.ports.items() if mac)
        yield from ((mac, record.name, MANAGEMENT) for mac in record.macs)


def _addresses(records: Iterable[DeviceRecord]) -> Iterator[Row]:
    """Yield addresses once: NetBox takes none twice outside a VRF."""
    past = set[str]()
    for record in records:
        for number, address in enumerate(record.addresses):
            if address not in past:
                past.add(address)
                yield host_prefix(address), "active", record.name, MANAGEMENT, "false" if number else "true"


def _items(records: Iterable[DeviceRecord]) -> Iterator[Row]:
    for record in records:
        for one in record.items:
            yield record.name, one.name, one.manufacturer, one.part, one.serial, "true", one.description, "active"


def _snipe_it(record: DeviceRecord) -> Row:
    status = "Deployable" if record.is_read else "Pending"
    what = (record.title, "", record.role, record.manufacturer, record.model, record.serial)
    site = "" if record.site == UNKNOWN else record.site
    return (*what, site, status, f"{record.description}. {record.comments}")
