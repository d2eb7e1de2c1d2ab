"""What a rule must fulfil before it may accuse anybody: each check is one demand.

A check proves a rule by its own examples; `tests/rules/test_check.py` proves each check by a rule that breaks it and
nothing else.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from auditor.model import Rule, Strength, Tier, Verdict
from auditor.rules.book import RuleBook
from auditor.rules.engine import compiled, encoded
from auditor.rules.matcher import Hit, Matcher, Registrants, matcher_of
from auditor.rules.vocabulary import FREE_TEXT
from auditor.tables import Problem

_URL = re.compile(r"https?://[^\s/]+\.[^\s]+")
_CITED = re.compile(r"[A-Za-z].*\d|\d.*[A-Za-z]", re.DOTALL)
_SENTENCE = re.compile(r"[\w\"'].*[\w)\"'/-]\.\Z", re.DOTALL)
_WORDS = 5
_OWN_LABEL = "a label that only the maker itself uses is written own_label = true at the head of its file"
_PROGRAM = 6_000  # RE2 instructions; 64 KB of hostile text is answered in milliseconds below this
# How a reason admits that the sign it reads is not the maker's alone; "other makers build it too" says so of a label,
# not of a sign.
_SHARED = re.compile(
    r"""(?ix)\bothers(?:'|\ (?:use|share|send|copy|have|number|keep)\b)
    | \bother\ makers\ (?:use|share|send|copy|have|number|keep)\b
    | \bby\ others\b | \bas\ well\b | \b(?:carry|copy|keep|send|use)\ (?:it|them)?\ ?too\b | \band\ so\ do\b
    | \bclones?\b | \bunrelated\b | \b(?:has|have)\ copied\b | \bin\ wide\ use\b | \bproves?\ (?:little|nothing)\b"""
)
# What an operator may write, or put words of their own into.
_OPERATORS = frozenset((
    "banner.other", "ftp.banner", "http.auth", "http.response", "http.title", "inventory.description", "ssh.banner",
    "telnet.banner",
))  # fmt: skip
_TIERS = {"makers": {Tier.COVERED}, "watch": {Tier.WATCH}, "lookalikes": {Tier.OTHER, Tier.WATCH}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a check may look at: the whole book, made ready, and the registry of MAC prefixes."""

    book: RuleBook
    registry: Registrants

    @property
    def matcher(self) -> Matcher:
        """Return the compiled book."""
        return matcher_of(self.book)

    def hits(self, kind: str, value: str, where: str = "") -> tuple[Hit, ...]:
        """Return what every rule of the book makes of a value, said as one kind of fact."""
        return self.matcher.hits(kind, value, where, self.registry)

    def hits_on(self, rule: Rule, value: str, where: str = "") -> list[Hit]:
        """Return what every rule makes of a value, said as any kind of fact this rule reads."""
        return [hit for kind in rule.facts for hit in self.hits(kind, value, where)]

    def own(self, rule: Rule, value: str, where: str = "") -> Hit | None:
        """Return this rule's own hit on a value, None where it is silent."""
        return next((hit for hit in self.hits_on(rule, value, where) if hit.rule.id == rule.id), None)


Check = Callable[[Rule, Desk], Iterator[str]]


def check(book: RuleBook, registry: Registrants) -> tuple[Problem, ...]:
    """Return every problem of every rule by the rule's id; none means the book may be used."""
    desk = Desk(book=book, registry=registry)
    problems = (
        Problem(place=rule.id, check=demand.__name__, demand=text)
        for rule in book.rules
        for demand in CHECKS
        for text in demand(rule, desk)
    )
    return tuple(sorted(problems))


def check_plain(book: RuleBook) -> Iterator[Problem]:
    """Yield what is wrong with the values that prove nothing: examples, nevers, reasons."""
    for plain in (*book.generic, *book.elsewhere, *book.components):
        expression, place = compiled(plain.regex), f"generic.toml: {plain.id}"
        demands = [
            f"match the example {_excerpt(one)}" for one in plain.examples if not expression.search(encoded(one))
        ]
        demands += [f"let {_excerpt(one)} pass" for one in plain.nevers if expression.search(encoded(one))]
        demands += [] if _SENTENCE.match(plain.because) else ["say why in a full sentence"]
        yield from (Problem(place=place, check="check_plain", demand=demand) for demand in demands)


def shows_an_example(rule: Rule, _desk: Desk) -> Iterator[str]:
    """Demand a real value the rule must match."""
    if not rule.examples:
        yield "add an example: a real value this rule must match"


def matches_its_examples(rule: Rule, desk: Desk) -> Iterator[str]:
    """Demand that every example is caught by this very rule."""
    for example in rule.examples:
        if desk.own(rule, example.value, example.where) is None:
            yield f"match the example {_excerpt(example.value)}"


def captures_what_it_states(rule: Rule, desk: Desk) -> Iterator[str]:
    """Demand exactly the captures the examples state, no more and no less."""
    for example in rule.examples:
        hit = desk.own(rule, example.value, example.where)
        # A table says its model by itself; an author may leave it out of the example.
        if hit is None or (rule.table and not example.captures):
            continue
        if hit.captures != example.captures:
            captures, stated_captures = dict(hit.captures), dict(example.captures)
            yield f"capture {stated_captures} from the example {_excerpt(example.value)}, not {captures}"


def shows_a_pass(rule: Rule, _desk: Desk) -> Iterator[str]:
    """Demand a near miss."""
    if not rule.nevers:
        yield "add a value this rule must never catch: the nearest look-alike"


def passes_its_nevers(rule: Rule, desk: Desk) -> Iterator[str]:
    """Demand that no near miss is caught, whatever place it is said at."""
    places = {example.where for example in rule.examples} or {""}
    for never in rule.nevers:
        if any(desk.own(rule, never, place) is not None for place in places):
            yield f"let {_excerpt(never)} pass"


def gives_a_reason(rule: Rule, _desk: Desk) -> Iterator[str]:
    """Demand a full sentence that a reader of a report can weigh."""
    if not _SENTENCE.match(rule.because) or len(rule.because.split()) < _WORDS:
        yield "say why in a full sentence: at least five words and a full stop"


def names_its_source(rule: Rule, _desk: Desk) -> Iterator[str]:
    """Demand a source to look up: a sample, an address, a document with version or date."""
    source = rule.source
    if not (source.startswith("samples/") or _URL.search(source) or _CITED.search(source)):
        yield "name a source that can be looked up: samples/…, a URL, or a document with its version or date"


def reads_no_free_text(rule: Rule, desk: Desk) -> Iterator[str]:
    """Demand facts the device itself states, not what an operator may write anywhere."""
    for kind in rule.facts:
        if desk.book.words.witness(kind) == FREE_TEXT:
            yield f"read something else than {kind}: an operator writes there what they like"


def leaves_others_alone(rule: Rule, desk: Desk) -> Iterator[str]:
    """Demand that no other maker's rule catches this one's examples unless both files say so."""
    rules = desk.book.by_id()
    others = {
        hit.rule.id
        for example in rule.examples
        for hit in desk.hits_on(rule, example.value, example.where)
        if hit.rule.says.maker != rule.says.maker
    }
    for other in sorted(others):
        if other not in rule.clashes or rule.id not in rules[other].clashes:
            yield f"tell it from {other}, which catches its example too, or list the clash in both rules"


def clashes_with_somebody(rule: Rule, desk: Desk) -> Iterator[str]:
    """Demand that a listed clash is a rule of another maker."""
    rules = desk.book.by_id()
    for other in rule.clashes:
        if other not in rules or rules[other].says.maker == rule.says.maker:
            yield f"drop the clash with {other}: there is no such rule of another maker"


def accuses_no_brand(rule: Rule, desk: Desk) -> Iterator[str]:
    """Demand evidence of a model or platform: a label alone does not say who built the box."""
    brand, maker = rule.says.brand, desk.book.makers[rule.says.maker]
    own = {maker.id, maker.name.casefold(), *desk.book.labels}
    if not brand or brand.casefold() in own or maker.tier is Tier.OTHER:
        return
    if rule.registry and (rule.strength > Strength.HINT or rule.cap > Verdict.POSSIBLE):
        yield f"make a prefix registered to {brand} a hint capped at possible: it names the label, not the maker"
    for label in (brand, brand.upper(), brand.lower(), f"{brand} camera", f"{brand} Inc."):
        if rule.regex and desk.own(rule, label, _a_place(rule)) is not None:
            yield f"ask for a model or a platform sign: it accuses {_excerpt(label)} on the label alone; {_OWN_LABEL}"
            return


def reads_a_label_with_a_number(rule: Rule, desk: Desk) -> Iterator[str]:
    """Demand the label beside a number sold under one, or a cap: others number alike."""
    if desk.book.homes.get(rule.id) != "rebrands" or rule.strength < Strength.STRONG or rule.cap < Verdict.CONFIRMED:
        return
    hits = (desk.own(rule, example.value, example.where) for example in rule.examples)
    numbers = {dict(hit.captures).get("model", "") for hit in hits if hit is not None} - {""}
    for number in sorted(numbers):
        has_label = rule.says.brand and rule.says.brand.casefold() in number.casefold()
        if not has_label and desk.own(rule, number, _a_place(rule)) is not None:
            yield f"read the label beside {_excerpt(number)}, or set cap: it accuses whoever else uses that number"
            return


def waits_for_another_sign(rule: Rule, desk: Desk) -> Iterator[str]:
    """Demand that a sign whose own reason says others share it names nobody by itself."""
    admits = _SHARED.search(rule.because)
    accuses = desk.book.makers[rule.says.maker].tier is not Tier.OTHER
    if admits and accuses and rule.alone and not rule.registry and not rule.part:
        yield f"set alone = false: its reason says '{admits[0].strip()}', so another sign must stand beside it"


def reads_free_words_from_their_start(rule: Rule, desk: Desk) -> Iterator[str]:
    """Demand a cap or the whole line where an operator may write the words before it."""
    convicts = rule.strength is Strength.PROOF or (rule.strength is Strength.STRONG and rule.cap is Verdict.CONFIRMED)
    kinds = sorted(_OPERATORS.intersection(rule.facts))
    if not (convicts and kinds and rule.regex):
        return
    for example in rule.examples:
        if example.value.lstrip().startswith(("<", "{")):
            continue  # markup and objects are the firmware's, whatever stands around them
        text = "\n".join(f"formerly {line}" for line in example.value.split("\n"))
        if any(hit.rule.id == rule.id for kind in kinds for hit in desk.hits(kind, text, example.where)):
            yield f"begin with ^ and what the firmware writes, or set a cap: {kinds[0]} may hold {_excerpt(text)}"
            return


def stands_alone_as_a_word(rule: Rule, desk: Desk) -> Iterator[str]:
    """Demand word borders around a maker's name: a short one stands inside many longer words."""
    if not rule.regex:
        return
    for name in sorted({rule.says.maker, desk.book.makers[rule.says.maker].name}):
        for text in (f"Na{name.lower()}ch", f"NA{name.upper()}CH", f"na{name}ch"):
            # A rule that catches any other word there as well does not hang on the name.
            other = re.sub(re.escape(name), "q" * len(name), text, flags=re.IGNORECASE)
            if desk.own(rule, text, _a_place(rule)) and not desk.own(rule, other, _a_place(rule)):
                yield f"put word borders around {name}: it catches {text}"
                return


def says_something(rule: Rule, desk: Desk) -> Iterator[str]:
    """Demand more than what proves nothing: an empty text, a generic agent, a placeholder."""
    texts = {"": "an empty text"} | {
        example: _excerpt(example)
        for plain in desk.book.generic
        if set(plain.facts) & set(rule.facts)
        for example in plain.examples
    }
    for text, name in texts.items():
        if desk.own(rule, text, _a_place(rule)) is not None:
            yield f"ask for more: it catches {name}, which proves nothing"


def stays_in_its_budget(rule: Rule, _desk: Desk) -> Iterator[str]:
    """Demand an expression small enough that hostile text is answered in time."""
    if rule.regex and compiled(rule.regex).programsize > _PROGRAM:
        yield "write a smaller expression: bounded repeats such as {1,500} grow it beyond the time budget"


def speaks_for_one_side(rule: Rule, _desk: Desk) -> Iterator[str]:
    """Demand that a rule does not speak against the maker it speaks for."""
    if rule.says.maker in rule.against:
        yield f"drop {rule.says.maker} from 'against': the rule speaks for it"


def keeps_its_dates_in_order(rule: Rule, _desk: Desk) -> Iterator[str]:
    """Demand that a claim begins before it ends."""
    if rule.since and rule.until and rule.since > rule.until:
        yield "put 'since' before 'until'"


def proves_nothing_by_a_prefix(rule: Rule, _desk: Desk) -> Iterator[str]:
    """Demand that a registry entry is no proof: it says who bought the number."""
    if rule.registry and rule.strength is Strength.PROOF:
        yield "make it strong at most: a registry entry says who bought the number, not who built the box"


def reads_macs_by_registry(rule: Rule, desk: Desk) -> Iterator[str]:
    """Demand that registry rules read MACs, and that MACs are read by registry rules."""
    kinds = desk.matcher.mac_kinds
    if any((kind in kinds) != rule.registry for kind in rule.facts):
        yield "read MACs with registry = true, and nothing else with it"


def narrows_an_oid(rule: Rule, _desk: Desk) -> Iterator[str]:
    """Demand an enterprise number: anything shorter is everybody's."""
    if rule.oid and not re.match(r"1\.3\.6\.1\.4\.1\.\d+|1\.0\.8802|1\.3\.111", rule.oid):
        yield "write the OID with its enterprise number, 1.3.6.1.4.1.…"


def fills_its_table(rule: Rule, desk: Desk) -> Iterator[str]:
    """Demand rows whose categories are words of the vocabulary."""
    rows = desk.book.tables.get(rule.id, {})
    if rule.table and not rows:
        yield f"add rows to {rule.table}"
    for category in sorted({row.category for row in rows.values()} - set(desk.book.words.categories) - {""}):
        yield f"use a category of the vocabulary in {rule.table}, not '{category}'"


def sits_in_its_folder(rule: Rule, desk: Desk) -> Iterator[str]:
    """Demand that covered, watched and other makers are never mixed in one folder."""
    tiers = _TIERS.get(desk.book.homes.get(rule.id, ""))
    tier = desk.book.makers[rule.says.maker].tier
    if tiers and tier not in tiers:
        yield f"move it: {rule.says.maker} is {tier} and does not belong in {desk.book.homes[rule.id]}/"


CHECKS: tuple[Check, ...] = (
    shows_an_example,
    matches_its_examples,
    captures_what_it_states,
    shows_a_pass,
    passes_its_nevers,
    gives_a_reason,
    names_its_source,
    reads_no_free_text,
    leaves_others_alone,
    clashes_with_somebody,
    accuses_no_brand,
    reads_a_label_with_a_number,
    waits_for_another_sign,
    reads_free_words_from_their_start,
    stands_alone_as_a_word,
    says_something,
    stays_in_its_budget,
    speaks_for_one_side,
    keeps_its_dates_in_order,
    proves_nothing_by_a_prefix,
    reads_macs_by_registry,
    narrows_an_oid,
    fills_its_table,
    sits_in_its_folder,
)


def _a_place(rule: Rule) -> str:
    """Return a place the rule looks at, so that a probe is judged by its value."""
    return next((example.where for example in rule.examples), "")


def _excerpt(value: str) -> str:
    text = " ".join(value.split())
    return repr(text if len(text) <= 60 else text[:59] + "…")  # noqa: PLR2004  as much as fits one line of a terminal
