"""Introduces the rooms to each other: records in, one audit out; no knowledge of its own."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from importlib.resources.abc import Traversable
from pathlib import Path

from auditor import ownership
from auditor.assets.merge import merge
from auditor.assets.serials import Fillers, load_fillers
from auditor.errors import RuleError
from auditor.judge import Terms, judge
from auditor.model import (
    Audit,
    AuditedAsset,
    CollectedAsset,
    Finding,
    Observation,
    Outcome,
    Record,
    Run,
    Seen,
    Tables,
    Tier,
    Unread,
    Verdict,
    Waiver,
)
from auditor.policy.check import demand_sound
from auditor.policy.load import Policy
from auditor.policy.load import load as load_policies
from auditor.policy.oblige import Circumstances, oblige
from auditor.rules import load as rule_files
from auditor.rules.book import RuleBook
from auditor.rules.match import match, plainness
from auditor.rules.oui import Kind, Registry
from auditor.version import VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """Everything a judgement rests on: rules, registry of MAC prefixes, the policies asked for."""

    book: RuleBook
    registry: Registry
    policies: tuple[Policy, ...] = ()
    fillers: Fillers = field(default_factory=Fillers)

    def tables(self) -> Tables:
        """Return the versions and dates every report prints."""
        return Tables(
            rules=self.book.version,
            oui=self.registry.date,
            policies=tuple((policy.id, policy.read_on) for policy in self.policies),
        )

    def identifies(self, digits: str) -> bool:
        """Tell whether a MAC may stand for one box: not a group, local, virtual or null address."""
        return self.registry.kind(digits) is Kind.UNIVERSAL

    def names(self) -> dict[str, str]:
        """Return the names people use for makers, categories and duties, by id."""
        words = self.book.words
        makers = {word.id: word.name for word in words.makers.values()}
        return makers | {word.id: word.name for word in words.categories.values()} | dict(words.duties)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is asked of one judgement: the run, the day, what the user knows, what is set aside."""

    run: Run
    finished: datetime
    as_of: date
    circumstances: Mapping[str, Circumstances] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()


def learn(
    rule_folders: Sequence[Path] = (), policy_ids: Sequence[str] = (), oui: Traversable | None = None
) -> Knowledge:
    """Read rules, registry and policies; an unknown policy is a `RuleError` naming the known."""
    for folder in rule_folders:
        if folder.is_dir():
            ownership.check_folder(folder)
    policies = load_policies(
        [
            rule_files.builtin() / "policies",
            *(folder / "policies" for folder in rule_folders if (folder / "policies").is_dir()),
        ]
    )
    book = rule_files.load(rule_folders)
    demand_sound(policies, book.words)
    known = {policy.id: policy for policy in policies}
    layers = (rule_files.builtin(), *rule_folders)
    for wanted in policy_ids:
        if wanted not in known:
            raise RuleError(f"no policy '{wanted}'; known: {', '.join(known)}", where="--policy")
    return Knowledge(
        book=book,
        registry=Registry.load(oui),
        policies=tuple(known[key] for key in policy_ids) if policy_ids else policies,
        fillers=load_fillers(layers),
    )


def audit(records: Iterable[Record], known: Knowledge, case: Case) -> Audit:
    """Judge the records of one run; the same records, knowledge and case give the same audit."""
    records = list(records)
    seen = [record for record in records if isinstance(record, Observation)]
    unread = [record.to_keep() for record in records if isinstance(record, Unread)]
    assets = merge(seen, known.identifies, known.fillers)
    failed = {(item.target.site, item.target.address): item for item in unread}
    terms = terms_of(known.book, known.registry)
    return Audit(
        tool=VERSION,
        tables=known.tables(),
        run=case.run,
        finished=case.finished,
        as_of=case.as_of,
        assets=tuple(_judged(asset, known, terms, case, failed) for asset in assets),
        unread=tuple(dict.fromkeys(unread)),
    )


def judge_one(asset: CollectedAsset, known: Knowledge, as_of: date) -> AuditedAsset:
    """Return what the rules say of one asset, before any law is asked."""
    return judge(asset, match(known.book, asset, known.registry), terms_of(known.book, known.registry), as_of)


def terms_of(book: RuleBook, registry: Registry) -> Terms:
    """Return what judging needs to know of the words of a book."""
    words = book.words
    return Terms(
        tiers={maker.id: maker.tier for maker in words.makers.values()},
        names={maker.id: maker.name for maker in words.makers.values()},
        decides=words.decides,
        broad=words.broad,
        books=words.spoken_by("books"),
        notes=words.spoken_by("note"),
        wordless=words.wordless,
        shared=book.shared,
        plain=plainness(book, registry),
    )


def _judged(
    asset: CollectedAsset, known: Knowledge, terms: Terms, case: Case, failed: Mapping[tuple[str, str], Unread]
) -> AuditedAsset:
    judged = judge(asset, match(known.book, asset, known.registry), terms, case.as_of)
    judged = _not_read(judged, failed)
    around = _circumstances(asset, case)
    waivers = {waiver.finding: waiver for waiver in case.waivers if waiver.until >= case.as_of}
    return replace(
        judged,
        findings=tuple(_burdened(finding, around, known, case, waivers) for finding in judged.findings),
        parts=tuple(_burdened(finding, around, known, case, waivers) for finding in judged.parts),
    )


def _not_read(judged: AuditedAsset, failed: Mapping[tuple[str, str], Unread]) -> AuditedAsset:
    """A device others spoke of that could not be read is unread, whatever neighbours settle."""
    asset = judged.asset
    lost = next((failed[asset.site, at] for at in asset.addresses if (asset.site, at) in failed), None)
    if lost is None or asset.seen is Seen.READ or judged.findings:
        return judged
    why = f"It could not be read over {lost.collector} ({lost.reason.value}). {judged.why}".strip()
    return replace(judged, outcome=Outcome.UNREAD, why=why)


def _burdened(
    finding: Finding, around: Circumstances, known: Knowledge, case: Case, waivers: Mapping[str, Waiver]
) -> Finding:
    return replace(
        finding,
        serial="" if known.fillers(finding.serial) else finding.serial,
        obligations=oblige(finding, around, known.policies, case.as_of),
        waiver=waivers.get(finding.id),
    )


def _circumstances(asset: CollectedAsset, case: Case) -> Circumstances:
    """Return what the user said of a site, and when the inventory says the unit was obtained."""
    around = case.circumstances.get(asset.site, Circumstances())
    dates = [fact.value for fact in asset.facts if fact.kind == "inventory.acquired"]
    return replace(around, acquired=_day(dates[0])) if dates else around


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


FAIL_ON: dict[str, Verdict | None] = {
    "possible": Verdict.POSSIBLE,
    "probable": Verdict.PROBABLE,
    "confirmed": Verdict.CONFIRMED,
    "new": Verdict.PROBABLE,
    "never": None,
}


def exit_code(audit: Audit, fail_on: str, is_new: Callable[[Finding], bool] = lambda _finding: True) -> int:
    """Return 1 where findings reach `fail_on`, else 3 where anything went unexamined, else 0."""
    level = FAIL_ON[fail_on]
    findings = [
        finding
        for item in audit.assets
        for finding in (*item.findings, *item.parts)
        if finding.tier is Tier.COVERED and not finding.is_component
    ]
    reached = [
        finding for finding in findings if level is not None and finding.verdict >= level and finding.waiver is None
    ]
    if any(is_new(finding) for finding in reached) if fail_on == "new" else reached:
        return 1
    unread = audit.unread or any(item.outcome is Outcome.UNREAD for item in audit.assets)
    return 3 if unread or not audit.assets else 0
