"""The note an expert would write on one device: what was seen, what it means, what is open."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from auditor.errors import UsageError
from auditor.formats.document import ASSET, SCHEMA
from auditor.formats.fields import dump
from auditor.model import (
    Audit,
    AuditedAsset,
    Evidence,
    Finding,
    Obligation,
    Outcome,
    Seen,
    Strength,
    Tier,
    Verdict,
    is_channel,
)
from auditor.normal import one_line
from auditor.report.base import Options
from auditor.report.chain import Statement, Voice, chain
from auditor.report.columns import wrapped
from auditor.report.laws import CONTEXT, HEADINGS, age, by_when, doubt, in_force, jurisdictions, not_now, title
from auditor.report.markdown import escaped
from auditor.report.next_steps import settling
from auditor.report.parts import in_words
from auditor.report.views import component, device, member, place, spelled_macs
from auditor.report.words import (
    DISCLAIMER,
    OUTCOME_MEANS,
    OUTCOMES,
    REASON_MEANS,
    SEEN_MEANS,
    STRENGTH_MEANS,
    counted,
    local_line,
)

TIER_MEANS = {
    Tier.COVERED: "a covered maker",
    Tier.WATCH: "a watched maker, not a covered one: other lists name it, or none",
    Tier.OTHER: "a maker on no list, named so that it is not mistaken for another",
}
STRENGTH_NAMES = {Strength.PROOF: "a proof", Strength.STRONG: "strong evidence", Strength.HINT: "a hint"}
ENOUGH_WITNESSES = 2
MOST = 4
FEW = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class NotePart:
    """A heading and its points; a point may carry lines that belong to it."""

    heading: str
    points: tuple[tuple[str, tuple[str, ...]], ...]


def explain(item: AuditedAsset, audit: Audit, style: str = "text", options: Options | None = None) -> str:
    """Return the note on one device in a style; an unknown style is a `UsageError`."""
    make = STYLES.get(style)
    if make is None:
        raise UsageError(f"unknown style {style!r}; known are {', '.join(STYLES)}", where="format")
    return make(item, audit, options or Options())


def sections(item: AuditedAsset, audit: Audit, options: Options) -> Iterator[NotePart]:
    """Yield the note as headings and points, free of markup."""
    yield NotePart(heading=_title(item), points=tuple(_identity(item)))
    findings = sorted(item.findings, key=lambda finding: finding.tier is not Tier.COVERED)
    for finding in (*findings, *item.parts):
        yield from _finding(finding, item, audit, options)
    if item.asset.parts:
        yield NotePart(heading="What stands in it", points=tuple((in_words(part), ()) for part in item.asset.parts))
    failures = tuple(_failures(item, audit))
    if failures:
        yield NotePart(heading="What could not be read", points=failures)
    yield NotePart(heading="What would settle it", points=tuple((line, ()) for line in settling(item, audit)))
    yield NotePart(heading="Bear in mind", points=tuple((line, ()) for line in _caveats(item, audit)))


def _title(item: AuditedAsset) -> str:
    asset = item.asset
    site = f" at {one_line(asset.site)}" if asset.site else ""
    return f"{device(asset)}{site}: {OUTCOMES[item.outcome]}"


def _identity(item: AuditedAsset) -> Iterator[tuple[str, tuple[str, ...]]]:
    asset = item.asset
    yield f"{OUTCOME_MEANS[item.outcome].capitalize()}." + (f" {_sentence(item.why)}" if item.why else ""), ()
    over = f" over {', '.join(asset.collectors)}" if asset.collectors else ""
    yield f"It was {asset.seen.value}{over}: {SEEN_MEANS[asset.seen]}.", ()
    labels = [
        ("Addresses", _few(asset.addresses) or asset.address),
        ("MAC", _few(spelled_macs(asset).split())),
        ("Serial", asset.serial),
        ("Key", asset.key),
    ]
    yield "; ".join(f"{name} {one_line(value)}" for name, value in labels if value) + ".", ()
    if asset.place is not None:
        reason = f"Known because {asset.place.because}" if asset.place.because else ""
        yield f"Plugged in at {place(asset)}.", _lines(reason)
    yield from ((one_line(words), ()) for words in (*asset.remarks, *asset.conflicts))
    if asset.local_macs:
        yield local_line(asset.local_macs, "its tables"), ()


def _few(words: Sequence[str]) -> str:
    more = f" and {len(words) - FEW:,} more" if len(words) > FEW else ""
    return " ".join(words[:FEW]) + more


def _finding(finding: Finding, item: AuditedAsset, audit: Audit, options: Options) -> Iterator[NotePart]:
    yield NotePart(heading=_accusation(finding, options), points=tuple(_level(finding, options)))
    yield NotePart(heading="What was seen, and what it means", points=tuple(_chain(finding.evidence, item, audit)))
    against = tuple(_chain(finding.against, item, audit))
    yield NotePart(heading="What speaks against it", points=against or _NOTHING_AGAINST)
    if finding.waiver is not None:
        waiver = finding.waiver
        authority = one_line(waiver.authority)
        set_aside = f"Set aside by {one_line(waiver.who)} until {waiver.until}, on the authority of {authority}."
        yield NotePart(heading="Waiver", points=((set_aside, _lines(waiver.why)),))
    yield NotePart(heading="What each law asks", points=tuple(_laws(finding, audit, options)) or _NO_LAW)


_NOTHING_AGAINST = (("Nothing that was seen; no rule against this maker fired.", ()),)
_NO_LAW = (("No policy was asked, or none speaks of this on the date judged for.", ()),)


def _accusation(finding: Finding, options: Options) -> str:
    names = (options.name(finding.maker), member(finding), component(finding))
    return f"{', '.join(filter(None, names))}: {finding.verdict.word}"


def _level(finding: Finding, options: Options) -> Iterator[tuple[str, tuple[str, ...]]]:
    lines_told = [
        ("brand", options.label(finding.maker, finding.brand)),
        ("model", finding.model),
        ("category", options.name(finding.category) if finding.category else ""),
        ("serial", finding.serial),
        ("firmware", finding.firmware),
    ]
    names = ", ".join(f"{name} {one_line(value)}" for name, value in lines_told if value)
    shows = f" The device shows {names}." if names else ""
    yield f"{options.name(finding.maker)} is {TIER_MEANS[finding.tier]}.{shows}", ()
    yield _why_this_level(finding), ()
    if is_channel(finding.part):
        yield "This is a camera the recorder lists behind itself: a unit of its own, to be counted by itself.", ()
    elif finding.unit:
        yield "This is another member of the stack: a unit of its own, to be counted and replaced by itself.", ()
    elif finding.part:
        yield "This is about a component inside the device. It does not name the maker of the device itself.", ()


def _why_this_level(finding: Finding) -> str:
    strongest = max(item.strength for item in finding.evidence)
    strong = sorted({item.witness for item in finding.evidence if item.strength >= Strength.STRONG})
    witnesses = counted(len({item.witness for item in finding.evidence}), "witness", "witnesses")
    most = STRENGTH_NAMES[strongest]
    sentence = f"The verdict is {finding.verdict.word}: {witnesses} spoke, the most that was said is {most}"
    reason = f", which {STRENGTH_MEANS[strongest]}."
    if strongest is Strength.STRONG and len(strong) >= ENOUGH_WITNESSES:
        reason = f"; {' and '.join(map(one_line, strong))} are independent of each other."
    cap = max(item.cap for item in finding.evidence)
    limit = ""
    if cap < Verdict.CONFIRMED and finding.verdict == cap:
        limit = f" Evidence of this kind never leads beyond {cap.word}, however often it is heard."
    elif finding.against and finding.verdict < Verdict.CONFIRMED:
        limit = " What speaks against it was weighed as well."
    return sentence + reason + limit


def _chain(evidence: tuple[Evidence, ...], item: AuditedAsset, audit: Audit) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each thing said, who said it and what it means; a reason the first time only."""
    names = {other.asset.key: device(other.asset) for other in audit.assets} if any(one.by for one in evidence) else {}
    reasons: set[str] = set()
    for statement in chain(evidence):
        first, *others = statement.voices
        quote, *more_said = statement.quotes
        lines = [] if not quote.cut else [f"| {line}" for line in quote.lines]
        lines += [f"Said as well: “{one_line(' '.join(quotes.lines))}”." for quotes in more_said[:MOST]]
        lines += _left_out(len(more_said))
        same = ((_attribution(voice, item, names, " the same"), voice.witness) for voice in others[:MOST])
        lines += [f"{attribution}, witness {witness}." for attribution, witness in same]
        lines += _left_out(len(others))
        lines += _meanings(statement, reasons)
        words = f": “{one_line(' '.join(quote.lines))}”" if not quote.cut else f", {quote.cut}:"
        yield f"{_attribution(first, item, names)}, witness {first.witness}{words}", _lines(*lines)


def _left_out(number: int) -> list[str]:
    return [f"And {number - MOST} more like it."] if number > MOST else []


def _attribution(voice: Voice, item: AuditedAsset, names: dict[str, str], what: str = "") -> str:
    if voice.by:
        speaker = f"{names.get(voice.by, one_line(voice.by))} reported{what or ' of it'}"
    else:
        speaker = f"{device(item.asset)} said{what}"
    where = f" at {voice.where}" if voice.where else ""
    return f"{speaker} ({voice.kind}{where})"


def _meanings(statement: Statement, repeated_reasons: set[str]) -> Iterator[str]:
    again = [one for one in statement.meanings if one.rule in repeated_reasons]
    for meaning in statement.meanings:
        if meaning.rule in repeated_reasons:
            continue
        repeated_reasons.add(meaning.rule)
        captures = ", ".join(f"{name} {value}" for name, value in meaning.captures)
        parts = (
            f"{meaning.strength.word.capitalize()}:",
            meaning.because,
            f"Read from it: {captures}." if captures else "",
            meaning.years,
            f"Rule: {meaning.rule}. Source: {meaning.source.rstrip('.')}.",
        )
        yield " ".join(filter(None, parts))
    if again:
        yield f"Means the same as above by {', '.join(f'{one.rule} ({one.strength.word})' for one in again)}."


def _laws(finding: Finding, audit: Audit, options: Options) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what is asked, place by place: what surely applies, what is open, then mere lists."""
    for place_of_law in jurisdictions(finding.obligations):
        for applies, items in place_of_law.asks:
            duties = _lines(*(_duty(item, audit, options) for item in items))
            yield f"{place_of_law.name}. {HEADINGS[applies]} ({len(items)})", duties
        if place_of_law.context:
            yield f"{place_of_law.name}. {CONTEXT}: {'; '.join(place_of_law.context)}.", ()
    idle = not_now(finding.obligations)
    if idle:
        yield f"Ask nothing of this unit on {audit.as_of}: {'; '.join(idle)}.", ()


def _duty(duty: Obligation, audit: Audit, options: Options) -> str:
    aged = age(duty.policy, audit)
    lines_told = (
        f"{title(duty)}: {_lower(options.asks(duty.duty))}",
        f"Binds {_lower(duty.bound)}" if duty.bound else "",
        duty.condition,
        f"Decided by: {'; '.join(duty.needs)}" if duty.needs else "",
        ", ".join(part for part in (duty.cite.rstrip("."), doubt(duty), in_force(duty), by_when(duty), aged) if part),
    )
    return f"- {' '.join(part.rstrip('.') + '.' for part in lines_told if part)} {duty.url}".strip()


def _lower(text: str) -> str:
    """Return a phrase as it stands inside a sentence; FCC keeps its capitals."""
    word = text.partition(" ")[0].rstrip(",;.")
    return text[:1].lower() + text[1:] if word.isalpha() and word[1:].islower() else text


def _failures(item: AuditedAsset, audit: Audit) -> Iterator[tuple[str, tuple[str, ...]]]:
    own = {(item.asset.site, address) for address in (*item.asset.addresses, item.asset.address) if address}
    for one in audit.unread:
        if (one.target.site, one.target.address) in own:
            yield f"{one.collector} at {one_line(one.target.address)}: {REASON_MEANS[one.reason]}.", _lines(one.detail)


def _caveats(item: AuditedAsset, audit: Audit) -> Iterator[str]:
    if item.outcome is not Outcome.MATCH:
        yield "That no rule fired does not show who made it."
    if item.asset.seen is Seen.HEARD:
        yield "It never spoke for itself; all that is known of it is what others reported."
    yield f"Judged as of {audit.as_of} with rules {one_line(audit.tables.rules)}. {DISCLAIMER}"


def _sentence(text: str) -> str:
    text = one_line(text)
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def _lines(*texts: str) -> tuple[str, ...]:
    return tuple(one_line(text) for text in texts if text)


def _as_text(item: AuditedAsset, audit: Audit, options: Options) -> str:
    out: list[str] = []
    for number, section in enumerate(sections(item, audit, options)):
        under = "=" * min(len(section.heading), options.width)
        out += ["", section.heading, ""] if number else [section.heading, under, ""]
        for point, more in section.points:
            out += wrapped(point, options.width, first="  ")
            for line in more:
                out += wrapped(line, options.width, first="      ")
    return "\n".join(line.rstrip() for line in out) + "\n"


def _as_markdown(item: AuditedAsset, audit: Audit, options: Options) -> str:
    out: list[str] = []
    for number, section in enumerate(sections(item, audit, options)):
        out += ["", f"{'##' if number else '#'} {escaped(section.heading)}", ""]
        for point, more in section.points:
            out.append(f"- {escaped(point)}")
            out += [f"  - {escaped(line)}" for line in more]
    return "\n".join(out).lstrip("\n") + "\n"


def _as_json(item: AuditedAsset, audit: Audit, options: Options) -> str:
    note = [
        {"heading": section.heading, "points": [{"says": point, "more": more} for point, more in section.points]}
        for section in sections(item, audit, options)
    ]
    lines = {"schema": SCHEMA, "as_of": audit.as_of.isoformat(), "asset": ASSET.write(item), "note": note}
    return dump(lines, indent=1) + "\n"


STYLES: dict[str, Callable[[AuditedAsset, Audit, Options], str]] = {
    "text": _as_text,
    "markdown": _as_markdown,
    "json": _as_json,
}
