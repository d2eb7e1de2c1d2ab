"""Evidence as a reader takes it in: each quote once, who said it and what it means."""

from collections.abc import Iterable
from dataclasses import dataclass

from auditor import normal
from auditor.model import Evidence, Strength
from auditor.normal import one_line
from auditor.report.excerpt import Excerpt, excerpt


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Who said it and where: `by` is the asset that reported it, empty for the device itself."""

    witness: str
    kind: str
    where: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What one rule makes of it."""

    strength: Strength
    because: str
    rule: str
    source: str
    captures: tuple[tuple[str, str], ...]
    years: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What was said, by whom, and what it means; what means the same stands together."""

    quotes: tuple[Excerpt, ...]
    voices: tuple[Voice, ...]
    meanings: tuple[Meaning, ...]

    @property
    def witnesses(self) -> tuple[str, ...]:
        """Return the witnesses behind it, each once."""
        return tuple(dict.fromkeys(voice.witness for voice in self.voices))


def chain(evidence: Iterable[Evidence]) -> list[Statement]:
    """Return evidence grouped by what was said, then by what it means; the strongest first."""
    by_text: dict[str, list[Evidence]] = {}
    for one in sorted(evidence, key=_own_words_first):
        by_text.setdefault(_same(one), []).append(one)
    by_meaning: dict[tuple[Meaning, ...], list[list[Evidence]]] = {}
    for group in by_text.values():
        by_meaning.setdefault(tuple(dict.fromkeys(map(_meaning, group))), []).append(group)
    return [_statement(meanings, groups) for meanings, groups in by_meaning.items()]


def _own_words_first(one: Evidence) -> tuple[object, ...]:
    return (-one.strength, bool(one.by), one.witness)


def _same(one: Evidence) -> str:
    """Return what makes two sayings the same: the MAC, else the text on one line."""
    return normal.mac(one.fact.value) or " ".join(one.fact.value.split())


def _meaning(one: Evidence) -> Meaning:
    return Meaning(
        strength=one.strength,
        because=one_line(one.because),
        rule=one.rule,
        source=one_line(one.source),
        captures=tuple((name, one_line(value)) for name, value in one.captures if value),
        years=_years(one),
    )


def _statement(meanings: tuple[Meaning, ...], groups: list[list[Evidence]]) -> Statement:
    needles = [value for meaning in meanings for _name, value in meaning.captures]
    needles += [groups[0][0].says.maker, groups[0][0].says.brand]
    voices = [
        Voice(witness=one.witness, kind=one.fact.kind, where=one_line(one.fact.where), by=one.by)
        for group in groups
        for one in group
    ]
    return Statement(
        quotes=tuple(excerpt(group[0].fact.value, needles) for group in groups),
        voices=tuple(dict.fromkeys(voices)),
        meanings=meanings,
    )


def _years(one: Evidence) -> str:
    if one.since is None and one.until is None:
        return ""
    since = f" from {one.since}" if one.since else ""
    until = f" until {one.until}" if one.until else ""
    return f"Holds for devices made{since}{until}."
