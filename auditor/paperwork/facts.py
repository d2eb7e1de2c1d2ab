"""What the filer tells: one TOML file, by filer, site, maker, model and device. Strict.

    [filer]              frn = "0001234567"   discovered = 2026-11-20T15:30:00-05:00   holidays = [2026-11-26]
    [site.exchange]      site_name = "Exchange"   latitude = "44.05"   purposes = ["public-safety"]
    [maker.NAME]         supplier_name = "…"
    [model."S5735-L"]    part_number = "…"
    [asset."10.0.0.1"]   obtained = 2018-03-01     by key, address, name, serial number, MAC or finding id
    [[custody]] [[cost]] [[claim]] [[invoice]]     events, cost lines, claims and what was paid, invoices
    [share.NAME]                                   shares of a network

The nearest word wins: asset, model, maker, site, filer. Which keys there are is data, `oui_rules/filings/shared.toml`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from auditor.errors import InputError
from auditor.model import Asset, AuditedAsset, Finding
from auditor.normal import mac, one_line
from auditor.paperwork.define import Question
from auditor.tables import Section, finish, read_toml

NAMED = ("site", "maker", "model", "asset", "share")
LISTED = ("custody", "cost", "claim", "invoice")
NONE_APPLIES = "none"
FILES = "files"  # what a store says was attached to a device; nobody is asked for it

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The filer's answers as texts: days as 2026-11-21, yes or no, several joined by `; `."""

    filer: Values = field(default_factory=dict)
    site: Mapping[str, Values] = field(default_factory=dict)
    maker: Mapping[str, Values] = field(default_factory=dict)
    model: Mapping[str, Values] = field(default_factory=dict)
    asset: Mapping[str, Values] = field(default_factory=dict)
    share: Mapping[str, Values] = field(default_factory=dict)
    custody: tuple[Values, ...] = ()
    cost: tuple[Values, ...] = ()
    claim: tuple[Values, ...] = ()
    invoice: tuple[Values, ...] = ()

    def of_device(self, key: str, asset: Asset, finding: Finding) -> str:
        """Return what was said of a device, the nearest word first, or an empty text."""
        levels = (self.of_asset(asset, finding), self.model.get(finding.model, {}), self.maker.get(finding.maker, {}))
        for level in (*levels, self.site.get(asset.site, {}), self.filer):
            if key in level:
                return level[key]
        return ""

    def of_asset(self, asset: Asset, finding: Finding | None = None) -> Values:
        """Return what was said of a device by any of its names; the surest name wins."""
        answers: dict[str, str] = {}
        for name in names(asset, finding):
            answers = {**self.asset.get(name, {}), **answers}
        return answers

    def of_site(self, key: str, site: str) -> str:
        """Return what was said of a site, else of the filer."""
        return self.site.get(site, {}).get(key, self.filer.get(key, ""))

    def purposes(self, asset: Asset) -> tuple[str, ...] | None:
        """Return which purposes laws ask about a device serves: none said is None, `none` is empty."""
        answer = self.of_asset(asset).get("purposes") or self.site.get(asset.site, {}).get("purposes")
        if answer is None:
            return None
        return () if answer == NONE_APPLIES else tuple(answer.split("; "))

    def obtained(self, asset: Asset, finding: Finding) -> date | None:
        """Return the day a device was obtained, where it was said."""
        day = self.of_device("obtained", asset, finding)
        return date.fromisoformat(day) if day else None

    def holidays(self) -> frozenset[date]:
        """Return the days the filer names as holidays."""
        return frozenset(date.fromisoformat(day) for day in self.filer.get("holidays", "").split("; ") if day)

    def strangers(self, items: Iterable[AuditedAsset]) -> list[str]:
        """Return the devices of the facts file that this run does not know."""
        names_known = {
            name for item in items for finding in (None, *units(item)) for name in names(item.asset, finding)
        }
        return sorted(set(self.asset) - names_known)

    def under(self, other: "Facts") -> "Facts":
        """Return these answers, those of another source beneath them, e.g. an inventory's."""
        return replace(self, asset=_over(self.asset, other.asset), site=_over(self.site, other.site))


def _over(above: Mapping[str, Values], below: Mapping[str, Values]) -> dict[str, Values]:
    return {key: {**below.get(key, {}), **above.get(key, {})} for key in {*below, *above}}


def units(item: AuditedAsset) -> list[Finding]:
    """Return the findings on a device and on each other member of its stack."""
    return [*item.findings, *(part for part in item.parts if part.unit)]


def names(asset: Asset, finding: Finding | None = None) -> list[str]:
    """Return every name a device goes by, the surest first."""
    # What is said by the serial number of one member of a stack is not said of the others.
    own = [finding.serial, asset.key] if finding and finding.unit else [asset.key, asset.serial]
    texts = [finding.id if finding else "", *own, *asset.macs, asset.address, *asset.addresses]
    return [text for text in (*texts, asset.name) if text]


def read(text: str, name: str, questions: Mapping[str, Question]) -> Facts:
    """Return the answers of a facts file; every bad key and answer shows at once (`InputError`)."""
    top = read_toml(text, name, error=InputError)
    reader = _Reader(questions)
    filer = reader.answers(top.section("filer"), "filer")
    tables = {level: _tables(top.section(level), level, reader) for level in NAMED}
    lists = {level: tuple(reader.answers(section, level) for section in top.sections(level)) for level in LISTED}
    finish(top)
    tables["asset"] = {mac(key) or key: values for key, values in tables["asset"].items()}
    return Facts(
        filer=filer, custody=lists["custody"], cost=lists["cost"], claim=lists["claim"], invoice=lists["invoice"],
        **tables,
    )  # fmt: skip


def _tables(section: Section, level: str, reader: "_Reader") -> dict[str, Values]:
    return {key: reader.answers(section.section(key), level) for key in list(section.values)}


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns answers into texts and complains of those that are none."""

    questions: Mapping[str, Question]

    def answers(self, section: Section, level: str) -> dict[str, str]:
        """Return the answers of one table."""
        keys = sorted(key for key, question in self.questions.items() if level in question.at)
        texts = {}
        for key, value in section.rest().items():
            if key not in keys:
                section.complain(f"unknown key; known here: {', '.join(keys)}", key)
                continue
            text = _text(value, self.questions[key])
            if text is None:
                section.complain(f"must be {_expectation(self.questions[key])}, not {value!r:.60}", key)
            elif text:
                texts[key] = text
        return texts


def _text(value: object, question: Question) -> str | None:
    """Return an answer as text, or nothing where it is of the wrong sort."""
    if question.type == "days":
        days = [_day(item) for item in (value if isinstance(value, list) else [value])]
        return None if None in days else "; ".join(sorted({*filter(None, days)}))
    if question.type == "list":
        items = value if isinstance(value, list) else [value]
        texts = [item.isoformat() if isinstance(item, date) else item for item in items]
        ok = all(isinstance(text, str) and _is_choice(text, question) for text in texts)
        return "; ".join(one_line(str(text)) for text in texts) or NONE_APPLIES if ok else None
    return _plain(value, question)


def _day(value: object) -> str | None:
    """Return a day as text; in a list it may stand in quotes, as in a list of texts."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    try:
        return date.fromisoformat(value).isoformat() if isinstance(value, str) else None
    except ValueError:
        return None


def _plain(value: object, question: Question) -> str | None:
    match question.type, value:
        case "flag", bool():
            return "yes" if value else "no"
        case "time", datetime() if value.tzinfo is not None:
            return value.isoformat()
        case "date", date() if not isinstance(value, datetime):
            return value.isoformat()
        case "number" | "money", int() | float() if not isinstance(value, bool):
            return f"{value}" if question.type == "number" or value >= 0 else None
        case "text" | "serial", str() if _is_choice(value, question):
            return one_line(value)
    return None


def _is_choice(text: str, question: Question) -> bool:
    return not question.choices or text in question.choices


def _expectation(question: Question) -> str:
    if question.choices:
        return f"one of {', '.join(question.choices)}"
    return {
        "text": "text in quotes",
        "serial": "text in quotes",
        "date": "a date such as 2026-11-21, without quotes",
        "time": "a time with its offset such as 2026-11-20T15:30:00-05:00, without quotes",
        "number": "a number",
        "money": "an amount such as 1234.50",
        "flag": "true or false",
        "list": "a list of texts",
        "days": "a list of dates such as [2026-11-21], without quotes",
    }[question.type]
