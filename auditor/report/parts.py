"""The parts of all devices as rows: boards, members, supplies, optics, terminals, channels."""

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.model import Audit, AuditedAsset, Finding, Part, Tier
from auditor.normal import MAC_DIGITS, one_line, spelled
from auditor.report import views

MOST = 30_000  # a cell of a workbook holds 32,767 characters


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRow:
    """One part with the device it stands in; the field names are the titles of its columns."""

    site: str
    device: str
    address: str
    part: str
    sort: str
    name: str
    description: str
    vendor: str
    model: str
    serial: str
    firmware: str
    mac: str
    part_address: str
    maker: str
    verdict: str
    asset: str
    part_asset: str


def part_rows(audit: Audit, *, only_covered: bool = False) -> Iterator[PartRow]:
    """Yield one row per part, by site and address; of all devices or of those to be replaced."""
    items = (item for item in audit.assets if not only_covered or any(_is_replaced(one) for one in _findings(item)))
    for item in sorted(items, key=views.by_site):
        accused = {finding.part: finding for finding in reversed(item.parts)}
        for part in item.asset.parts:
            yield _row(item, part, accused.get(part.part))


def cells(row: PartRow) -> list[str]:
    """Return the texts of a row, in the order of its columns."""
    return [getattr(row, name) for name in PartRow.__slots__]


def in_words(part: Part) -> str:
    """Return a part in a few words: `slot 1 LE1D serial BRD0000000042`."""
    words = (
        title(part), part.model, part.serial and f"serial {part.serial}",
        part.address and f"address {part.address}", mac_of(part) and f"MAC {mac_of(part)}",
    )  # fmt: skip
    return one_line(" ".join(dict.fromkeys(word for word in words if word)), views.CELL)


def mac_of(part: Part) -> str:
    """Return the MAC of a part the way people read it; what is none is left out."""
    return spelled(part.mac) if len(part.mac) == MAC_DIGITS and part.mac.isalnum() else ""


def title(part: Part) -> str:
    """Return what people call a part: its name, else its class and number."""
    number = part.part.rpartition(":")[2]
    if part.sort == "channel":
        return one_line(" ".join(filter(None, ("channel", number, part.name))), views.CELL)
    return one_line(part.name or f"{part.sort or 'part'} {number}", views.CELL)


def all_in_words(item: AuditedAsset, finding: Finding) -> str:
    """Return what goes with a unit that is replaced: its parts that are no units of their own."""
    units = {one.part for one in item.parts if one.unit}
    if finding.part:
        return ""
    return one_line("; ".join(in_words(part) for part in item.asset.parts if part.part not in units), MOST)


def _findings(item: AuditedAsset) -> tuple[Finding, ...]:
    return (*item.findings, *item.parts)


def _is_replaced(finding: Finding) -> bool:
    return finding.tier is Tier.COVERED and not finding.is_component


def _row(item: AuditedAsset, part: Part, finding: Finding | None) -> PartRow:
    asset = item.asset
    texts = {
        name: one_line(getattr(part, name), views.CELL)
        for name in ("part", "sort", "name", "description", "vendor", "model", "serial", "firmware")
    }
    return PartRow(
        **texts,
        site=one_line(asset.site, views.CELL),
        device=views.device(asset),
        address=one_line(asset.address, views.CELL),
        mac=one_line(mac_of(part)),
        part_address=one_line(part.address, views.CELL),
        maker="" if finding is None else one_line(finding.maker, views.CELL),
        verdict="" if finding is None else finding.verdict.word,
        asset=one_line(asset.key, views.CELL),
        part_asset=one_line(part.asset, views.CELL),
    )
