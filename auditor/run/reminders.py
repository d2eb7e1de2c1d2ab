"""What a report says beside findings: waivers that ended, removed devices seen again."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from auditor.formats.document import ASSET
from auditor.formats.journal import instant
from auditor.model import Audit, AuditedAsset, Waiver
from auditor.report import views
from auditor.store.marks import marks
from auditor.store.numbers import number_of
from auditor.store.rows import Removals, Step

SeenAgain = tuple[AuditedAsset, Step]


def with_reminders(audit: Audit, late: Iterable[Waiver], again: Sequence[SeenAgain] = ()) -> Audit:
    """Return the audit with notes on waivers that have ended and on removed devices seen again."""
    steps = {item.asset.key: step for item, step in again}
    ends = {waiver.finding: waiver.until for waiver in late}
    notes = [
        f"The waiver of the finding on {views.device(item.asset)} ended on {ends[finding.id]}; it counts again."
        for item in (audit.assets if ends else ())
        for finding in (*item.findings, *item.parts)
        if finding.id in ends and finding.waiver is None
    ]
    notes += [
        f"{views.removal(f'{step.state} on {step.at[:10]}')}: {views.device(item.asset)}." for item, step in again
    ]
    if not (notes or steps):
        return audit
    assets = tuple(_with_removal(item, steps.get(item.asset.key)) for item in audit.assets)
    return replace(audit, assets=assets, notes=(*audit.notes, *notes))


def _with_removal(item: AuditedAsset, step: Step | None) -> AuditedAsset:
    return item if step is None else replace(item, removal=f"{step.state} on {step.at[:10]}")


def is_alarm(item: AuditedAsset) -> bool:
    """Tell whether a removed device seen again counts: not where all its findings are waived."""
    findings = (*item.findings, *item.parts)
    return not findings or any(finding.waiver is None for finding in findings)


def seen_again(audit: Audit, removals: Removals) -> Iterator[SeenAgain]:
    """Yield each asset that is a removed device, by any mark; a later step alarms nobody."""
    by_name: dict[object, Step] = {}
    for step in removals.gone():
        if instant(step.at) <= audit.run.started:
            own = removals.marks.get(step.device or 0, ())
            by_name |= {(mark.kind, mark.value): step for mark in own} | {step.device or step.asset: step}
    for item in audit.assets if by_name else ():
        (one,) = marks([ASSET.write(item)])
        names = (number_of(item.device), item.asset.key, *((mark.kind, mark.value) for mark in one.box))
        yield from ((item, by_name[name]) for name in [name for name in names if name in by_name][:1])
