"""The verdict on one asset, said of others that are alike but for their MACs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from auditor.judge import finding_id
from auditor.model import (
    DEVICE,
    AlikeAsset,
    Asset,
    AuditedAsset,
    Evidence,
    Fact,
    Finding,
    HearsayList,
    Kind,
    ReportedRow,
    Waiver,
    like,
    quick_fact,
)

Source = tuple[int, Kind]


@dataclass(frozen=True, slots=True)
class Precedent:
    """A verdict that rests on rows of tables alone, with the row each evidence is from."""

    verdict: AuditedAsset
    sources: Mapping[Fact, Source]
    _patterns: "dict[Asset, JudgedPattern]" = field(default_factory=dict)

    @classmethod
    def of(cls, verdict: AuditedAsset) -> "Precedent | None":
        """Return the precedent a verdict is; None where it rests on more than rows of tables."""
        sources = {
            _about_device(fact): (number, fact.kind)
            for number, row in enumerate(_rows(verdict.asset))
            for fact in row.table.facts(row.at)
        }
        facts = {item.fact for one in verdict.findings for item in (*one.evidence, *one.against)}
        return None if verdict.parts or not facts <= sources.keys() else cls(verdict, sources)

    def alike(self, asset: Asset, waivers: Mapping[str, Waiver]) -> AuditedAsset | AlikeAsset:
        """Return the same verdict on another asset, made at each look where it may be."""
        rows = _rows(asset)
        if not rows or asset.key != _key(asset.site, asset.macs[0]) or asset.address != _first(asset.addresses):
            return self.judge(asset, waivers)
        blank = like(asset, Asset, key="", macs=(), address="", addresses=(), hearsay=())
        pattern = self._patterns.get(blank)
        if pattern is None:
            pattern = self._patterns[blank] = JudgedPattern(self, blank, waivers)
        return AlikeAsset(pattern, rows, asset.addresses)

    def judge(self, asset: Asset, waivers: Mapping[str, Waiver]) -> AuditedAsset:
        """Return the same verdict on another asset, with evidence from its own rows."""
        rows = _rows(asset)
        findings = tuple(self._finding(one, asset, rows, waivers) for one in self.verdict.findings)
        return like(self.verdict, AuditedAsset, asset=asset.to_keep(), findings=findings)

    def _finding(
        self, finding: Finding, asset: Asset, rows: Sequence[ReportedRow], waivers: Mapping[str, Waiver]
    ) -> Finding:
        number = finding_id(asset.key, finding.maker)
        return like(
            finding,
            Finding,
            id=number,
            waiver=waivers.get(number),
            evidence=tuple(self._evidence(item, rows) for item in finding.evidence),
            against=tuple(self._evidence(item, rows) for item in finding.against),
        )

    def _evidence(self, item: Evidence, rows: Sequence[ReportedRow]) -> Evidence:
        number, kind = self.sources[item.fact]
        _, table, at = rows[number]
        return like(item, Evidence, fact=quick_fact(kind, table.value(kind, at), table.where(at), DEVICE))


@dataclass(frozen=True, slots=True)
class JudgedPattern:
    """Assets judged by one precedent that have all in common but their MACs, addresses and rows."""

    precedent: Precedent
    blank: Asset
    waivers: Mapping[str, Waiver]

    def asset(self, rows: tuple[ReportedRow, ...], addresses: tuple[str, ...]) -> AuditedAsset:
        """Return the asset that some rows speak of, at its addresses."""
        _, table, at = rows[0]
        mac, blank = table.macs[at], self.blank
        asset = like(
            blank,
            Asset,
            key=_key(blank.site, mac),
            macs=(mac,),
            address=_first(addresses),
            addresses=addresses,
            hearsay=HearsayList((), rows),
        )
        return self.precedent.judge(asset, self.waivers)


def _key(site: str, mac: str) -> str:
    """Return the key of a device of whose MAC alone others speak."""
    return f"{site}/mac:{mac}"


def _first(addresses: Sequence[str]) -> str:
    return addresses[0] if addresses else ""


def _about_device(fact: Fact) -> Fact:
    return quick_fact(fact.kind, fact.value, fact.where, DEVICE)


def _rows(asset: Asset) -> tuple[ReportedRow, ...]:
    return asset.hearsay.rows if isinstance(asset.hearsay, HearsayList) else ()
