"""Tables for NetBox and Snipe-IT: suggestions for a person to review, not a sync."""

from collections import defaultdict
from collections.abc import Iterator

from auditor.model import OURS, Asset, Audit, AuditedAsset, Finding, Seen, Verdict
from auditor.normal import one_line
from auditor.report.base import Options
from auditor.report.parts import title
from auditor.report.sheets import signed, table
from auditor.report.views import device, natural, place, removal
from auditor.report.words import OUTCOMES

NAME_CAP = 64
ITEM_CAP = 50  # NetBox: part_id and serial of an inventory item
UNKNOWN = "Unknown"
# NetBox refuses a column it does not know (its `validate_csv`): there the beginning of the description is the mark
# of who concluded it. Field names of NetBox's bulk import of devices and of Snipe-IT's asset importer.
NETBOX = ("name", "role", "manufacturer", "device_type", "serial", "site", "status", "description", "comments")
NETBOX_ITEMS = ("device", "name", "manufacturer", "part_id", "serial", "discovered", "description")
SNIPE_IT = (
    "Item Name", "Asset Tag", "Category", "Manufacturer", "Model name", "Serial number", "Location", "Status", "Notes",
)  # fmt: skip


def as_netbox(audit: Audit, options: Options) -> bytes:
    """Return devices for NetBox's bulk import; names are unique within a site."""
    return table(NETBOX, _netbox(audit, options))


def as_snipe_it(audit: Audit, options: Options) -> bytes:
    """Return devices for Snipe-IT's importer; asset tags stay empty for it to number."""
    return table(*signed(SNIPE_IT, (_snipe_it(item, options) for item in _in_order(audit))))


def as_netbox_items(audit: Audit, options: Options) -> bytes:
    """Return parts for NetBox's bulk import of inventory items, under the names of `as_netbox`."""
    return table(NETBOX_ITEMS, _items(audit, options))


def _items(audit: Audit, options: Options) -> Iterator[list[str]]:
    names_in_use: dict[str, set[str]] = defaultdict(set)
    for item in _in_order(audit):
        name, titles = _unique(item.asset, names_in_use), set[str]()
        makers = {finding.part: finding.maker for finding in reversed(item.parts)}
        for part in item.asset.parts:
            if part.asset:
                continue
            maker = makers.get(part.part, "")
            yield [
                name,
                _numbered(title(part)[:NAME_CAP], titles),
                options.name(maker) if maker else one_line(part.vendor, NAME_CAP),
                one_line(part.model, ITEM_CAP),
                one_line(part.serial, ITEM_CAP),
                "true",
                one_line(f"{OURS}: {part.sort or 'part'} {part.part} {part.description}".strip(), 200),
            ]


def _netbox(audit: Audit, options: Options) -> Iterator[list[str]]:
    names_in_use: dict[str, set[str]] = defaultdict(set)
    for item in _in_order(audit):
        asset, finding = item.asset, _main(item)
        name = _unique(asset, names_in_use)
        yield [
            name,
            _role(item, options),
            _manufacturer(item, options),
            _model(item),
            _serial(asset, finding),
            one_line(asset.site) or UNKNOWN,
            "active",
            _verdict(item, options),
            _remarks(item),
        ]


def _snipe_it(item: AuditedAsset, options: Options) -> list[str]:
    asset, finding = item.asset, _main(item)
    return [
        device(asset), "", _role(item, options), _manufacturer(item, options), _model(item),
        _serial(asset, finding), one_line(asset.site), "Pending" if asset.seen is Seen.HEARD else "Deployable",
        f"{_verdict(item, options)}. {_remarks(item)}",
    ]  # fmt: skip


def _in_order(audit: Audit) -> list[AuditedAsset]:
    return sorted(audit.assets, key=lambda item: (item.asset.site, natural(item.asset.address), item.asset.key))


def _main(item: AuditedAsset) -> Finding | None:
    return max(item.findings, key=lambda finding: (finding.verdict, finding.id), default=None)


def _unique(asset: Asset, names_in_use: dict[str, set[str]]) -> str:
    return _numbered(device(asset)[:NAME_CAP], names_in_use[asset.site])


def _numbered(base: str, names_in_use: set[str]) -> str:
    """Return a name nobody has yet, with a number behind it where it takes one."""
    name, number = base, 1
    while name in names_in_use:
        number += 1
        name = f"{base[: NAME_CAP - 8]} ({number})"
    names_in_use.add(name)
    return name


def _role(item: AuditedAsset, options: Options) -> str:
    finding = _main(item)
    role = item.role or (finding.category if finding else "")
    return options.name(role) if role else UNKNOWN


def _model(item: AuditedAsset) -> str:
    finding = _main(item)
    return one_line(item.model or (finding.model if finding else "")) or UNKNOWN


def _manufacturer(item: AuditedAsset, options: Options) -> str:
    """Return who made a device, not whose label it bears; of a doubtful one what it says itself."""
    finding = _main(item)
    if finding and (finding.verdict > Verdict.POSSIBLE or not item.vendor):
        return options.name(finding.maker)
    return one_line(item.vendor, NAME_CAP) or UNKNOWN


def _serial(asset: Asset, finding: Finding | None) -> str:
    return one_line((finding.serial if finding else "") or asset.serial)


def _verdict(item: AuditedAsset, options: Options) -> str:
    verdicts = ", ".join(f"{options.name(finding.maker)} {finding.verdict.word}" for finding in item.findings)
    return one_line(f"{OURS}: {OUTCOMES[item.outcome]}" + (f" ({verdicts})" if verdicts else ""), 200)


def _remarks(item: AuditedAsset) -> str:
    asset = item.asset
    where = place(asset)
    parts = [asset.seen.value, asset.address and f"address {asset.address}", where and f"at {where}", item.why]
    again = [removal(item.removal)] if item.removal else []
    return one_line("; ".join([*again, *(part for part in parts if part)]))
