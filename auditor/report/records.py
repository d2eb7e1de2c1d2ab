"""What an audit says of each device to other inventories, within NetBox's limits."""

import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from auditor.model import OURS, Asset, Audit, AuditedAsset, Finding, Seen, Verdict
from auditor.normal import is_address, one_line, spelled
from auditor.report.base import Options
from auditor.report.parts import title
from auditor.report.views import device, natural, place, removal
from auditor.report.words import OUTCOMES

NAME_CAP, ITEM_CAP, TITLE_CAP, TEXT_CAP = 64, 50, 100, 200  # NetBox: names; part_id and serial; slugs; descriptions
MOST_MACS = 64
UNKNOWN = "Unknown"
GREY = "9e9e9e"
# The interface of whatever nobody said which port it stands at.
MANAGEMENT = "mgmt"
Ports = Mapping[tuple[str, str], Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRecord:
    """A part of a device: name, maker, part number, serial; each as short as NetBox takes it."""

    name: str
    manufacturer: str
    part: str
    serial: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRecord:
    """One device, in the words of an inventory.

    `number` is that of the store, `key` that of the audit.

    `title` is what it calls itself, `name` that with a number behind it where another in the audit has it too: a table
    of interfaces names its device by nothing else, whatever the site.
    `ports` are its interfaces by name, each with its MAC (`00:25:9E:…`) or nothing; `addresses` are IP addresses, the
    first is the one it answered at.
    """

    key: str
    number: str
    title: str
    name: str
    site: str
    role: str
    manufacturer: str
    model: str
    serial: str
    description: str
    comments: str
    ports: Mapping[str, str]
    macs: tuple[str, ...]
    addresses: tuple[str, ...]
    items: tuple[ItemRecord, ...]
    is_read: bool

    @property
    def interfaces(self) -> tuple[str, ...]:
        """Return its ports, and the one of what nobody said a port of."""
        return (*self.ports, *([MANAGEMENT] if self.macs or self.addresses else []))


def device_records(audit: Audit, options: Options, own_ports: Ports | None = None) -> list[DeviceRecord]:
    """Return every device by site and address.

    `own_ports` are names and MACs of ports, by site and address. Without them a device has the ports that its links and
    its neighbours name.
    """
    links = _linked_ports(audit)
    names_in_use = set[str]()
    names = ((item, unique_name(device(item.asset)[:NAME_CAP], names_in_use)) for item in _in_order(audit))
    return [_record(item, options, name, _ports(item.asset, links, own_ports or {})) for item, name in names]


def slug(text: str) -> str:
    """Return a name as part of an address; one without a plain letter gets a number of its own."""
    plain = re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")[:TITLE_CAP]
    return plain or f"n-{zlib.crc32(text.encode()):08x}"


def unique_slug(text: str, slugs: set[str]) -> str:
    """Return a name as part of an address that nobody has yet."""
    return slug(unique_name(slug(text), slugs))


def manufacturers(records: Iterable[DeviceRecord]) -> set[str]:
    """Return who made devices and their parts."""
    return {name for one in records for name in (one.manufacturer, *(item.manufacturer for item in one.items)) if name}


def host_prefix(address: str) -> str:
    """Return an address with the mask of a single host: tables say no other."""
    return f"{address}/{128 if ':' in address else 32}"


def unique_name(base: str, names_in_use: set[str]) -> str:
    """Return a name nobody has yet, whatever its case, with a number where it takes one."""
    name, number = base, 1
    while name.casefold() in names_in_use:
        number += 1
        name = f"{base[: NAME_CAP - 8]} ({number})"
    names_in_use.add(name.casefold())
    return name


def _record(item: AuditedAsset, options: Options, name: str, ports: Mapping[str, str]) -> DeviceRecord:
    asset, finding = item.asset, _main(item)
    return DeviceRecord(
        key=asset.key,
        number=item.device,
        title=device(asset)[:NAME_CAP],
        name=name,
        site=one_line(asset.site, TITLE_CAP) or UNKNOWN,
        role=_role(item, options),
        manufacturer=_manufacturer(item, options),
        model=_model(item),
        serial=_serial(asset, finding),
        description=_verdict(item, options),
        comments=_remarks(item),
        ports=ports,
        macs=tuple(mac for mac in map(spelled, asset.macs) if mac not in ports.values())[:MOST_MACS],
        addresses=_addresses(asset),
        items=tuple(_items(item, options)),
        is_read=asset.seen is Seen.READ,
    )


def _addresses(asset: Asset) -> tuple[str, ...]:
    """Return what of its addresses is an IP address, the one it answered at first."""
    words = dict.fromkeys((asset.address, *asset.addresses))
    return tuple(dict.fromkeys(str(ip_address(word)) for word in words if is_address(word)))


def _linked_ports(audit: Audit) -> Mapping[str, set[str]]:
    """Return the ports of each asset, by key, that links and places name."""
    ports: dict[str, set[str]] = defaultdict(set)
    for link in audit.links:
        ports[link.one].add(link.port)
        ports[link.other].add(link.far_port)
    for item in audit.assets:
        where = item.asset.place
        if where is not None and len(where.carriers) == 1 and not where.behind:
            ports[where.carriers[0]].add(where.port)
    return ports


def _ports(asset: Asset, links: Mapping[str, set[str]], own: Ports) -> dict[str, str]:
    names: dict[str, str] = {}
    for target in sorted(asset.targets):
        names |= {one_line(name, NAME_CAP): mac for name, mac in own.get(target, {}).items()}
    names = dict.fromkeys((one_line(name, NAME_CAP) for name in links.get(asset.key, ())), "") | names
    return {name: names[name] for name in sorted(names, key=natural) if name}


def _items(item: AuditedAsset, options: Options) -> Iterator[ItemRecord]:
    titles = set[str]()
    makers = {finding.part: finding.maker for finding in reversed(item.parts)}
    for part in item.asset.parts:
        if part.asset:
            continue
        maker = makers.get(part.part, "")
        yield ItemRecord(
            name=unique_name(title(part)[:NAME_CAP], titles),
            manufacturer=options.name(maker) if maker else one_line(part.vendor, NAME_CAP),
            part=one_line(part.model, ITEM_CAP),
            serial=one_line(part.serial, ITEM_CAP),
            description=one_line(f"{OURS}: {part.sort or 'part'} {part.part} {part.description}".strip(), TEXT_CAP),
        )


def _in_order(audit: Audit) -> Sequence[AuditedAsset]:
    return sorted(audit.assets, key=lambda item: (item.asset.site, natural(item.asset.address), item.asset.key))


def _main(item: AuditedAsset) -> Finding | None:
    return max(item.findings, key=lambda finding: (finding.verdict, finding.id), default=None)


def _role(item: AuditedAsset, options: Options) -> str:
    finding = _main(item)
    role = item.role or (finding.category if finding else "")
    return options.name(role) if role else UNKNOWN


def _model(item: AuditedAsset) -> str:
    finding = _main(item)
    return one_line(item.model or (finding.model if finding else ""), TITLE_CAP) or UNKNOWN


def _manufacturer(item: AuditedAsset, options: Options) -> str:
    """Return who made a device, not whose label it bears; of a doubtful one what it says itself."""
    finding = _main(item)
    if finding and (finding.verdict > Verdict.POSSIBLE or not item.vendor):
        return options.name(finding.maker)
    return one_line(item.vendor, NAME_CAP) or UNKNOWN


def _serial(asset: Asset, finding: Finding | None) -> str:
    return one_line((finding.serial if finding else "") or asset.serial, ITEM_CAP)


def _verdict(item: AuditedAsset, options: Options) -> str:
    verdicts = ", ".join(f"{options.name(finding.maker)} {finding.verdict.word}" for finding in item.findings)
    return one_line(f"{OURS}: {OUTCOMES[item.outcome]}" + (f" ({verdicts})" if verdicts else ""), TEXT_CAP)


def _remarks(item: AuditedAsset) -> str:
    asset = item.asset
    where = place(asset)
    parts = [asset.seen.value, asset.address and f"address {asset.address}", where and f"at {where}", item.why]
    again = [removal(item.removal)] if item.removal else []
    return one_line("; ".join([*again, *(part for part in parts if part)]))
