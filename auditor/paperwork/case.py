"""What a filing is made from: the audit, the filer's facts, the devices it is about."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from auditor.model import Applies, Audit, AuditedAsset, Finding, Obligation, Tier, Verdict
from auditor.normal import one_line
from auditor.paperwork.define import Filing, Filings, Layer
from auditor.paperwork.facts import Facts, Values, names
from auditor.paperwork.periods import Period
from auditor.report.base import Options
from auditor.report.coverage import Coverage, coverage
from auditor.report.views import CELL, DeviceFinding, by_site, device_findings, natural, surest_first

STALE_DAYS = 120
# Days of a removal: each stands only as long as nobody saw the device again.
STEPS = frozenset({"removed", "replaced", "disposed"})
MAC = "mac"  # the witness whose word alone is a prefix of the registry, `vocabulary.toml`


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSpan:
    """From when to when the runs of a term saw a device; `latest`: the last day in any run.

    `is_absent`: the last run does not know it; `otherwise` is the outcome there, where that accuses it no more.
    """

    first: date
    last: date
    latest: date
    otherwise: str = ""
    is_absent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsOfTerm:
    """How many runs a term has, and the days of the first and the last of them."""

    number: int
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingInputs:
    """One audit and what its filer said; `at_least` is the lowest verdict on a sheet.

    Where devices are counted over a term, `spans` say when each was seen, by asset key, and `term` of which runs.
    What happened after the last day of `period` does not count yet.
    """

    audit: Audit
    facts: Facts
    filings: Filings
    today: datetime
    options: Options = field(default_factory=Options)
    at_least: Verdict = Verdict.PROBABLE
    max_age: int = STALE_DAYS
    spans: Mapping[str, DeviceSpan] = field(default_factory=dict)
    term: RunsOfTerm | None = None
    period: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row to be: its devices, or a site, an event, a cost line, a layer."""

    pairs: tuple[DeviceFinding, ...] = ()
    site: str = ""
    entry: Values = field(default_factory=dict)
    layer: Layer | None = None


@dataclass(frozen=True)
class FilingCase:
    """One filing over one case; what several rows need is worked out once."""

    inputs: FilingInputs
    filing: Filing

    @cached_property
    def pairs(self) -> tuple[DeviceFinding, ...]:
        """Return the devices the filing is about, one finding each, the surest."""
        return tuple(pair for pair in self._covered if not self.is_open(pair))

    @cached_property
    def to_decide(self) -> tuple[DeviceFinding, ...]:
        """Return the devices a person has to decide on before they stand under columns a law names."""
        return tuple(pair for pair in self._covered if self.is_open(pair))

    @cached_property
    def _covered(self) -> tuple[DeviceFinding, ...]:
        everyone = devices(self.inputs.audit, self.inputs.at_least)
        return tuple(pair for pair in everyone if self.is_covered(pair.finding) and not self.is_later(pair))

    def is_open(self, pair: DeviceFinding) -> bool:
        """Tell whether only a MAC speaks for a finding, or a person has to judge its category."""
        if not self.filing.is_official:
            return False
        is_mac_only = all(item.witness == MAC for item in pair.finding.evidence)
        return is_mac_only or pair.finding.category in self.filing.to_decide

    def is_later(self, pair: DeviceFinding) -> bool:
        """Tell whether a device was obtained after the day of the year that the filing is for."""
        day = self.inputs.facts.obtained(pair.item.asset, pair.finding)
        return bool(self.filing.year_end) and day is not None and day > self.inputs.audit.as_of

    def day_of(self, key: str, pair: DeviceFinding) -> date | None:
        """Return the day of a removal's step, if it stands: within the period, not seen again."""
        text = self.inputs.facts.of_asset(pair.item.asset, pair.finding).get(key, "")
        day = date.fromisoformat(text) if text else None
        period = self.inputs.period
        is_later = day is not None and period is not None and day > period.last
        return None if is_later or (day and self.seen_again(pair, day)) else day

    def seen_again(self, pair: DeviceFinding, day: date) -> date | None:
        """Return the day a device was seen last, where that is after another day."""
        span = self.inputs.spans.get(pair.item.asset.key)
        return span.latest if span and span.latest > day else None

    @cached_property
    def by_name(self) -> Mapping[str, DeviceFinding]:
        """Return the devices by every name they go by."""
        return {name: pair for pair in reversed(self.pairs) for name in names(pair.item.asset, pair.finding)}

    @cached_property
    def by_site(self) -> Mapping[str, tuple[AuditedAsset, ...]]:
        """Return all assets of the run by site."""
        sites: dict[str, list[AuditedAsset]] = {}
        for item in self.inputs.audit.assets:
            sites.setdefault(item.asset.site, []).append(item)
        return {site: tuple(items) for site, items in sites.items()}

    @cached_property
    def coverage(self) -> Mapping[str, Coverage]:
        """Return what was contacted and what answered, by site."""
        return {line.site: line for line in coverage(self.inputs.audit)}

    def is_covered(self, finding: Finding) -> bool:
        """Tell whether one of the filing's policies may bind on a finding."""
        return not self.filing.policies or any(True for _ in self.asking(finding))

    def open_items(self, pair: DeviceFinding) -> tuple[str, ...]:
        """Return which of the questions every device must answer nobody has answered of one."""
        return tuple(key for key in self.filing.complete if not self.answer(key, pair))

    def answer(self, key: str, pair: DeviceFinding) -> str:
        """Return the filer's answer for a device; the day of a step only where it stands."""
        if key in STEPS:
            return str(self.day_of(key, pair) or "")
        return self.inputs.facts.of_device(key, pair.item.asset, pair.finding)

    @cached_property
    def unfinished(self) -> tuple[DeviceFinding, ...]:
        """Return the devices that keep the filing from being signed."""
        return tuple(pair for pair in self.pairs if self.open_items(pair))

    def asking(self, finding: Finding) -> Iterator[Obligation]:
        """Yield what the filing's policies ask about a finding, what surely applies first."""
        for duty in surest_first(finding.obligations):
            if duty.policy in self.filing.policies and duty.applies is not Applies.NO:
                yield duty

    def fact(self, key: str, line: Line) -> str:
        """Return the filer's answer for a row: the event's own, else the devices', else the site's."""
        if key in line.entry:
            return one_line(line.entry[key], CELL)
        if line.pairs:
            answers = (self.answer(key, pair) for pair in line.pairs)
            return "; ".join(dict.fromkeys(text for text in answers if text))
        return self.inputs.facts.of_site(key, line.site)


def devices(audit: Audit, at_least: Verdict) -> list[DeviceFinding]:
    """Return the devices at or above a verdict, members of a stack apart, by surest finding."""
    best: dict[tuple[int, str], DeviceFinding] = {}
    for pair in device_findings(audit, components=False):
        is_covered = pair.finding.tier is Tier.COVERED and not pair.item.asset.is_virtual
        if is_covered and pair.finding.verdict >= at_least:
            best.setdefault((id(pair.item), pair.finding.part), pair)
    return sorted(best.values(), key=lambda pair: (*by_site(pair.item), natural(pair.finding.part)))


def ages(inputs: FilingInputs, filing: Filing) -> list[tuple[str, date, int]]:
    """Return the tables a filing rests on, the day of each, and its age in days."""
    policies = dict(inputs.audit.tables.policies)
    days = [(f"Policy {name}", policies[name]) for name in (*filing.policies, *filing.lists) if name in policies]
    if inputs.audit.tables.oui is not None:
        days.append(("OUI registry", inputs.audit.tables.oui))
    days.append((f"Filing {filing.id}", filing.read_on))
    return [(name, day, (inputs.today.date() - day).days) for name, day in days]


def stale(inputs: FilingInputs, filing: Filing) -> list[str]:
    """Return the tables that are older than the case allows, as `name of day, N days old`."""
    return [f"{name} of {day}, {age} days old" for name, day, age in ages(inputs, filing) if age > inputs.max_age]
