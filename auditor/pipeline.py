"""Introduces the rooms to each other: records in, one audit out; no knowledge of its own."""

import fnmatch
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from importlib.resources.abc import Traversable
from pathlib import Path

from auditor import model, ownership
from auditor.assets.guests import local_macs, near_hosts, settle_guests, with_local_macs
from auditor.assets.hypervisors import Hypervisors, load_hypervisors
from auditor.assets.merge import survey
from auditor.assets.ports import PortNames, load_ports
from auditor.assets.serials import Fillers, load_fillers
from auditor.assets.surveyed import SurveyedAssets
from auditor.errors import RuleError
from auditor.judge import Terms, finding_id, judge
from auditor.judge.alike import Precedent
from auditor.normal import letters
from auditor.policy.check import demand_sound
from auditor.policy.load import Policy
from auditor.policy.load import load as load_policies
from auditor.policy.oblige import Circumstances, Duties
from auditor.rules import enterprises
from auditor.rules import load as rule_files
from auditor.rules.book import RuleBook
from auditor.rules.likeness import Likeness, Sign
from auditor.rules.match import match, plainness
from auditor.rules.matcher import matcher_of
from auditor.rules.nameplate import Nameplates
from auditor.rules.oui import Kind, Registry
from auditor.rules.systems import load_systems
from auditor.rules.vocabulary import Vocabulary
from auditor.version import VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """Everything a judgement rests on: rules, registry of MAC prefixes, the policies asked for."""

    book: RuleBook
    registry: Registry
    policies: tuple[Policy, ...] = ()
    fillers: Fillers = field(default_factory=Fillers)
    ports: PortNames = field(default_factory=PortNames)
    hypervisors: Hypervisors = field(default_factory=Hypervisors)
    nameplates: Nameplates = field(default_factory=Nameplates)

    def tables(self) -> model.Tables:
        """Return the versions and dates every report prints."""
        return model.Tables(
            rules=self.book.version,
            oui=self.registry.date,
            policies=tuple((policy.id, policy.read_on) for policy in self.policies),
        )

    def identifies(self, digits: str) -> bool:
        """Tell whether a MAC may stand for one box: a universal one, or one a hypervisor gives."""
        return self.registry.kind(digits) is Kind.UNIVERSAL or bool(self.hypervisors.guest(digits))

    def brands(self, digits: str) -> bool:
        """Tell whether a MAC is in a block of a maker of the vocabulary."""
        return bool(matcher_of(self.book).by_owner("if.mac", digits, self.registry))

    def names(self) -> dict[str, str]:
        """Return the names people use for makers, categories and duties, by id."""
        words = self.book.words
        makers = {word.id: word.name for word in words.makers.values()}
        laws = (words.laws[table] for table in ("duty", "purpose", "role"))
        return makers | {word.id: word.name for word in words.categories.values()} | dict(ChainMap(*map(dict, laws)))

    def reach(self) -> dict[str, model.Reach]:
        """Return whom each policy can bind, by id; a place no vocabulary knows rules nobody out."""
        words = self.book.words
        return {
            policy.id: model.Reach(
                countries=words.countries.get(policy.jurisdiction, ()),
                states=policy.states,
                roles=policy.roles,
                abroad=tuple(role for role in policy.roles if words.homes.get(role) == policy.jurisdiction),
            )
            for policy in self.policies
        }


Ask = Callable[[model.Finding, Circumstances], model.Finding]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCase:
    """What is asked of one judgement: the run, the day, what the user knows, what is set aside."""

    run: model.Run
    finished: datetime
    as_of: date
    circumstances: Mapping[str, Circumstances] = field(default_factory=dict)
    waivers: tuple[model.Waiver, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChoice:
    """Which policies are asked: ids or patterns such as `us-*`, countries; empty: all."""

    ids: Sequence[str] = ()
    countries: Sequence[str] = ()

    def of(self, policies: Sequence[Policy], countries: Mapping[str, Sequence[str]]) -> tuple[Policy, ...]:
        """Return the policies chosen; a word that chooses none is a `RuleError` naming the known."""
        by_id = {policy.id: policy for policy in policies}
        for pattern in self.ids:
            if not fnmatch.filter(by_id, pattern):
                raise RuleError(f"no policy '{pattern}'; known: {', '.join(by_id)}", where="--policy")
        ids = dict.fromkeys(name for pattern in self.ids or "*" for name in fnmatch.filter(by_id, pattern))
        places = {policy.id: (policy.jurisdiction, *countries.get(policy.jurisdiction, ())) for policy in policies}
        seats = {policy: {word.casefold() for word in words} for policy, words in places.items()}
        for country in self.countries:
            if not any(country.casefold() in words for words in seats.values()):
                raise RuleError(f"no policy is of '{country}'", where="--country")
        wanted = {country.casefold() for country in self.countries}
        return tuple(by_id[name] for name in ids if not wanted or wanted & seats[name])


EVERY_POLICY = PolicyChoice()


@lru_cache(maxsize=8)
def _demand_sound(policies: tuple[Policy, ...], words: Vocabulary) -> None:
    demand_sound(policies, words.of_policies)


def learn(
    rule_folders: Sequence[Path] = (), choice: PolicyChoice = EVERY_POLICY, oui: Traversable | None = None
) -> Knowledge:
    """Read rules, registry and the policies chosen."""
    for folder in rule_folders:
        if folder.is_dir():
            ownership.check_folder(folder)
    layers = (rule_files.builtin(), *rule_folders)
    policies = load_policies([layer / "policies" for layer in layers if (layer / "policies").is_dir()])
    book, fillers = rule_files.load(rule_folders), load_fillers(layers)
    _demand_sound(policies, book.words)
    return Knowledge(
        book=book,
        registry=Registry.load(oui),
        policies=choice.of(policies, book.words.countries),
        fillers=fillers,
        ports=load_ports(layers),
        hypervisors=load_hypervisors(layers),
        nameplates=Nameplates(
            systems=load_systems(rule_files.builtin(), rule_folders),
            enterprises=enterprises.load(),
            names={word.id: word.name for word in book.words.makers.values()},
            is_filler=fillers,
            covered=frozenset(
                letters(word.name) for word in book.words.makers.values() if word.tier is model.Tier.COVERED
            ),
        ),
    )


# With these the device was there and did not let us in.
REFUSALS = frozenset(
    {
        model.Reason.REFUSED,
        model.Reason.AUTHENTICATION,
        model.Reason.AUTHORIZATION,
        model.Reason.HOST_KEY,
        model.Reason.NO_CREDENTIAL,
        model.Reason.CLOSED,
    }
)


def audit(records: Iterable[model.Record], knowledge: Knowledge, case: AuditCase) -> model.Audit:
    """Judge the records of one run; the same records, knowledge and case give the same audit."""
    records = list(records)
    observations = [record for record in records if isinstance(record, model.Observation)]
    unread = [record.to_keep() for record in records if isinstance(record, model.Unread)]
    near = near_hosts(observations, knowledge.hypervisors)
    network = survey(
        observations,
        lambda digits: knowledge.identifies(digits) or digits in near,
        knowledge.fillers,
        knowledge.ports,
        _cut(unread),
    )
    assets = _hardware_and_guests(network.assets, near, knowledge)
    if near:
        assets = list(assets)
    guests = near.intersection(mac for one in (assets if near else ()) if one.is_virtual for mac in one.macs)
    local = local_macs(observations, lambda digits: knowledge.identifies(digits) or digits in guests)
    failures = {(item.target.site, item.target.address): item for item in unread}
    terms = terms_of(knowledge.book, knowledge.registry)
    verdict_on = _judging(knowledge, terms, case, failures)
    return model.Audit(
        tool=VERSION,
        tables=knowledge.tables(),
        run=case.run,
        finished=case.finished,
        as_of=case.as_of,
        assets=model.AssetList(verdict_on(with_local_macs(asset, local)) for asset in assets),
        unread=tuple(dict.fromkeys(unread)),
        notes=_notes(local),
        links=network.links,
        gateways=network.gateways,
    )


def asked_by(audit: model.Audit, policies: Sequence[Policy]) -> model.Audit:
    """Return an audit with what some policies ask alone."""
    ids = {policy.id for policy in policies}

    def only(finding: model.Finding) -> model.Finding:
        return replace(finding, obligations=tuple(item for item in finding.obligations if item.policy in ids))

    tables = replace(audit.tables, policies=tuple(pair for pair in audit.tables.policies if pair[0] in ids))
    assets = (
        replace(item, findings=tuple(map(only, item.findings)), parts=tuple(map(only, item.parts)))
        for item in audit.assets
    )
    return replace(audit, tables=tables, assets=tuple(assets))


def numbered(
    audit: model.Audit, devices: Mapping[str, str], waivers: Mapping[str, model.Waiver] | None = None
) -> model.Audit:
    """Return an audit whose assets and findings bear the device numbers of a store.

    `devices` gives the number of each asset by its key; `waivers` those in force by the id of a finding so named.
    """
    if not (devices or waivers):
        return audit
    return replace(audit, assets=tuple(_numbered(item, devices, waivers or {}) for item in audit.assets))


def _numbered(
    item: model.AuditedAsset, devices: Mapping[str, str], waivers: Mapping[str, model.Waiver]
) -> model.AuditedAsset:
    number = devices.get(item.asset.key, "")

    def named(finding: model.Finding) -> model.Finding:
        name = finding_id(number, finding.maker, finding.part) if number else finding.id
        return model.like(finding, model.Finding, id=name, waiver=finding.waiver or waivers.get(name))

    if not (item.findings or item.parts):
        return model.like(item, model.AuditedAsset, device=number) if number else item
    return replace(item, device=number, findings=tuple(map(named, item.findings)), parts=tuple(map(named, item.parts)))


def _hardware_and_guests(assets: SurveyedAssets, near: frozenset[str], knowledge: Knowledge) -> Iterable[model.Asset]:
    """Yield assets, virtual machines marked.

    A MAC that nobody registered is a device where it is a guest's alone.
    """
    settled = settle_guests(assets, knowledge.hypervisors, knowledge.brands)
    return (one for one in settled if one.is_virtual or not one.macs or not near.issuperset(one.macs))


def _notes(local: Mapping[tuple[str, str], frozenset[str]]) -> tuple[str, ...]:
    """Return the sentence on MACs in tables that stand for no device."""
    count = len({mac for macs in local.values() for mac in macs})
    if not count:
        return ()
    macs = f"{count:,} locally administered MAC{'s' if count > 1 else ''}"
    tables = f"the tables of {len(local):,} device{'s' if len(local) > 1 else ''}"
    verb = "count" if count > 1 else "counts"
    return (f"{macs} in {tables} {verb} as no device: telephones, computers and containers make them up.",)


def _cut(unread: Iterable[model.Unread]) -> frozenset[tuple[str, str]]:
    """Return site and address of each device whose tables of neighbours may lack rows."""
    return frozenset((item.target.site, item.target.address) for item in unread if item.may_lack_rows)


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
        shared_labels=book.shared,
        label_makers=book.label_makers,
        plain=plainness(book, registry),
    )


Failures = Mapping[tuple[str, str], model.Unread]


def _judging(
    knowledge: Knowledge, terms: Terms, case: AuditCase, failures: Failures
) -> Callable[[model.Asset], model.AuditedAsset | model.AlikeAsset]:
    """Return a function that judges assets; those alike but for their MACs are judged once."""
    book, registry = knowledge.book, knowledge.registry
    waivers = {waiver.finding: waiver for waiver in case.waivers if waiver.until >= case.as_of}
    likeness, ask = Likeness(book, registry), _asking(knowledge, case, waivers)
    precedents: dict[Sign, Precedent | None] = {}

    def verdict_on(asset: model.Asset) -> model.AuditedAsset | model.AlikeAsset:
        failure = _failure(asset, failures)
        sign = likeness.of(asset)
        precedent = precedents.get(sign) if sign else None
        if precedent is not None:
            return _not_read(precedent.judge(asset, waivers), failure) if failure else precedent.alike(asset, waivers)
        verdict = judge(asset, match(book, asset, registry), terms, case.as_of)
        item = _with_plate(_with_duties(verdict, _circumstances(asset, case), ask), asset, knowledge)
        if sign:
            precedents[sign] = Precedent.of(item)
        return _not_read(item, failure) if failure else item

    return verdict_on


def _with_plate(item: model.AuditedAsset, asset: model.Asset, knowledge: Knowledge) -> model.AuditedAsset:
    """Return an audited asset with what stands on its plate, whoever made it."""
    plate = knowledge.nameplates.read(asset, item.findings, item.vendor)
    if not any((plate.vendor, plate.model, plate.firmware, plate.role, plate.serial != asset.serial, plate.conflict)):
        return item
    kept = item.asset
    if plate.serial != asset.serial or plate.conflict:
        conflicts = (*kept.conflicts, plate.conflict) if plate.conflict else kept.conflicts
        kept = replace(kept, serial=plate.serial, conflicts=conflicts)
    return replace(item, asset=kept, vendor=plate.vendor, model=plate.model, firmware=plate.firmware, role=plate.role)


def _failure(asset: model.Asset, failures: Failures) -> model.Unread | None:
    """Return why the first of the addresses could not be read at which others heard of an asset."""
    if not failures or not asset.addresses or asset.seen is model.Seen.READ:
        return None
    return next((failures[asset.site, at] for at in asset.addresses if (asset.site, at) in failures), None)


def _not_read(item: model.AuditedAsset, failure: model.Unread) -> model.AuditedAsset:
    """Say of a device others spoke of that it could not be read; without findings it is unread."""
    how = "refused us" if failure.reason in REFUSALS else "not read"
    why = f"Heard, {how}: it could not be read over {failure.collector} ({failure.reason.value}). {item.why}".strip()
    return replace(item, outcome=item.outcome if item.findings else model.Outcome.UNREAD, why=why)


def _asking(knowledge: Knowledge, case: AuditCase, waivers: Mapping[str, model.Waiver]) -> Ask:
    """Return a function that says of a finding what laws ask, and whether somebody set it aside."""
    duties = Duties(knowledge.policies, case.as_of)

    def ask(finding: model.Finding, around: Circumstances) -> model.Finding:
        return replace(
            finding,
            serial="" if knowledge.fillers(finding.serial) else finding.serial,
            obligations=duties.of(finding, around),
            waiver=waivers.get(finding.id),
        )

    return ask


def _with_duties(item: model.AuditedAsset, around: Circumstances, ask: Ask) -> model.AuditedAsset:
    if not (item.findings or item.parts):
        return item
    return replace(
        item,
        findings=tuple(ask(finding, around) for finding in item.findings),
        parts=tuple(ask(finding, around) for finding in item.parts),
    )


def _circumstances(asset: model.Asset, case: AuditCase) -> Circumstances:
    """Return what the user said of a site, and when the inventory says the unit was obtained."""
    around = case.circumstances.get(asset.site, Circumstances())
    dates = [fact.value for fact in asset.facts if fact.kind == "inventory.acquired"]
    return replace(around, acquired=day_of(dates[0])) if dates else around


def day_of(text: str) -> date | None:
    """Return the day an inventory tells; None where it tells none."""
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def exit_code(audit: model.Audit, fail_on: str, is_new: Callable[[model.Finding], bool] = lambda _finding: True) -> int:
    """Return 1 where findings reach `fail_on`, else 3 where anything went unexamined, else 0."""
    level = model.FAIL_ON[fail_on]
    unread = bool(audit.unread) or not audit.assets
    for item in audit.assets:
        unread = unread or item.outcome is model.Outcome.UNREAD
        findings = (*item.findings, *item.parts) if level is not None else ()
        if any(_fails(finding, level) and is_new(finding) for finding in findings):
            return 1
    return 3 if unread else 0


def _fails(finding: model.Finding, level: model.Verdict | None) -> bool:
    is_covered = finding.tier is model.Tier.COVERED and not finding.is_component
    return is_covered and finding.waiver is None and level is not None and finding.verdict >= level
