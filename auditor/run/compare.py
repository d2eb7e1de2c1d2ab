"""What changed between two stored runs, or between the laws of two days."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from auditor import pipeline
from auditor.errors import UsageError
from auditor.model import Applies, Audit, AuditedAsset
from auditor.normal import one_line
from auditor.policy.oblige import datable
from auditor.run.configuration import circumstances
from auditor.run.knowledge import knowledge
from auditor.run.options import Judging
from auditor.run.person import Person
from auditor.run.recorded import kept_runs, recorded

if TYPE_CHECKING:
    from auditor.store.compare import SiteEvents

Asks = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LawChange:
    """Devices of which the law of another day asks something else: what no longer, what anew."""

    devices: tuple[str, ...]
    no_longer: Asks
    anew: Asks


def compare_runs(old: str, new: str, url: str) -> tuple["SiteEvents", ...]:
    """Return what happened by site between two stored runs, or in the newest."""
    from auditor.store.compare import between, kept_events

    store = kept_runs(url)
    if not old:
        with store.database.reading() as base:
            return tuple(kept_events(base, store.find("last").id))
    first, second = store.find(old), store.find(new or "last")
    if first.id == second.id:
        raise UsageError(f"there is only run {first.id}; nothing to compare it with")
    sites = [set(one.sites.split(",")) for one in (first, second)]
    if all(sites) and not sites[0] & sites[1]:
        raise UsageError(f"the runs share no site ({first.sites} against {second.sites}); there is nothing to compare")
    with store.database.reading() as base:
        return tuple(between(base, first.id, second.id, knowledge().ports))


def changed_verdicts(old: Audit, new: Audit) -> Iterator[tuple[AuditedAsset, str, str]]:
    """Yield each asset that two judgements of the same records differ on, and both verdicts."""
    before = {item.asset.key: verdict(item) for item in old.assets}
    for item in new.assets:
        if before.get(item.asset.key, "") != verdict(item):
            yield item, before.get(item.asset.key, ""), verdict(item)


def verdict(item: AuditedAsset) -> str:
    """Return the findings on an asset in words, or its outcome."""
    words = (f"{one.maker} {one.model} {one.verdict.word}".replace("  ", " ") for one in item.findings)
    return ", ".join(sorted(words)) or item.outcome.value


def compare_laws(name: str, judging: Judging, days: tuple[date, date], person: Person) -> tuple[LawChange, ...]:
    """Return by groups which devices of a run or a journal are asked something else on two days.

    A row of which the earlier day cannot tell whether it was in force is left out: the day a list was read is no
    change of law.
    """
    recording = recorded(name, judging.store, site=judging.site, warn=person.warn)
    run, around = recording.run, circumstances(judging.config)
    basis = knowledge(judging.rules, judging.policy, judging.country)
    basis = replace(basis, policies=datable(basis.policies, min(days)))
    cases = (pipeline.AuditCase(run=run, finished=run.started, as_of=day, circumstances=around) for day in days)
    old, new = (pipeline.audit(recording.records, basis, case) for case in cases)
    before = {item.asset.key: item for item in old.assets}
    alike: dict[tuple[Asks, Asks], list[str]] = {}
    for item in new.assets:
        then, today = duties(before.get(item.asset.key, item)), duties(item)
        if then != today:
            key = (tuple(sorted(then - today)), tuple(sorted(today - then)))
            alike.setdefault(key, []).append(_device(item))
    return tuple(
        LawChange(devices=tuple(devices), no_longer=before, anew=after) for (before, after), devices in alike.items()
    )


def duties(item: AuditedAsset) -> set[str]:
    """Return what laws ask of an asset, in words."""
    asks = (one for finding in item.findings for one in finding.obligations if one.applies is not Applies.NO)
    return {one_line(f"{one.policy}: {one.applies.value}") for one in asks}


def _device(item: AuditedAsset) -> str:
    asset = item.asset
    return one_line(asset.address or asset.key) + (f" at {one_line(asset.site)}" if asset.site else "")
