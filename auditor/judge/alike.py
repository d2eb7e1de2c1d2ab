"""The verdict on one asset, said of others that are alike but for their MACs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditor.judge import finding_id
from auditor.model import (
    DEVICE,
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


def _about_device(fact: Fact) -> Fact:
    return quick_fact(fact.kind, fact.value, fact.where, DEVICE)


def _rows(asset: Asset) -> Sequence[ReportedRow]:
    return asset.hearsay.rows if isinstance(asset.hearsay, HearsayList) else ()
