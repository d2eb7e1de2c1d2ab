"""Every rule on every fact of one asset: evidence, in an order independent of arrival.

Rules never read what an operator chose freely (names, locations, port descriptions), and what others said of an asset
speaks for that asset alone.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import replace

from auditor import normal
from auditor.model import DEVICE, Asset, Claim, Evidence, Fact, Strength, Verdict, about_part, is_channel, part_of
from auditor.rules.book import RuleBook
from auditor.rules.labelled import LABEL_KINDS, VENDOR, labelled, row_of, spells
from auditor.rules.matcher import Hit, Matcher, Registrants, matcher_of
from auditor.rules.vocabulary import MAC


class _Around:
    """What one fact cannot tell: the rules, whose the MACs are, who gave which reply.

    `scarce` are the makers of fewer than half of them, `half_counted` those of just half. `items` are the descriptions
    that are all a row says of what it lists, with the maker each begins with; `looked_up` the rows whose vendor is the
    registrant of their MAC, spelled out; `labels` the rows that name a vendor or a model.
    """

    def __init__(self, book: RuleBook, facts: Sequence[tuple[Fact, str]], registry: Registrants) -> None:
        matcher = matcher_of(book)
        self.book = book
        self.scarce, self.half_counted = _scarce(facts, matcher, registry)
        witness = book.words.witness
        # Which witness gave the whole reply at each place.
        self.replies = {(by, f.where): witness(f.kind) for f, by in facts if f.where and f.kind in matcher.whole}
        self.notes = matcher.notes
        self.labels = frozenset((by, row_of(fact.where)) for fact, by in facts if fact.kind in LABEL_KINDS)
        self.items = frozenset(_items(facts, self.notes, self.labels, matcher))
        self.looked_up = frozenset(_looked_up(facts, matcher, registry))


def match(book: RuleBook, asset: Asset, registry: Registrants) -> tuple[Evidence, ...]:
    """Return all evidence on an asset, one piece for what a rule captured, sorted."""
    matcher = matcher_of(book)
    best: dict[tuple[object, ...], Evidence] = {}
    facts = tuple(_facts_of(asset, matcher))
    around = _Around(book, facts, registry)
    for fact, by in facts:
        for hit in matcher.hits(fact.kind, fact.value, fact.where, registry):
            evidence = _evidence(hit, fact, by, around)
            part, number = evidence.fact.about, evidence.number
            # Seven switches that learned one MAC say one thing; the asset keeps who they are.
            items = (MAC, evidence.witness) if number else (fact.kind, by)
            key = (evidence.rule, evidence.says, evidence.captures, part, items)
            if key not in best or _order(evidence) < _order(best[key]):
                best[key] = evidence
    brands = frozenset(evidence.says.maker for evidence in best.values() if evidence.says.brand)
    for fact, by in facts:
        if not by and not fact.about:
            for evidence in _elsewhere(fact, matcher, book, brands):
                best.setdefault((evidence.rule, fact), evidence)
    return tuple(sorted(best.values(), key=_order))


def plainness(book: RuleBook, registry: Registrants) -> Callable[[Fact], str]:
    """Return a function that says why a fact proves nothing of any maker, empty if it can."""
    matcher = matcher_of(book)

    def why(fact: Fact) -> str:
        if fact.kind in matcher.mac_kinds:
            digits = normal.mac(fact.value)
            sort = registry.kind(digits) if digits else "unreadable"
            return "" if digits and registry.registrant(digits) else f"no registry entry speaks for this MAC ({sort})"
        return matcher.plain(fact)

    return why


def _facts_of(asset: Asset, matcher: Matcher) -> Iterator[tuple[Fact, str]]:
    """Yield each fact that concerns the asset, with who said it; components are parts.

    What a recorder says of a camera behind it is hearsay about that camera.
    """
    # No rule reads free text, and a device may have a hundred thousand names of ports.
    facts = (fact for fact in asset.facts if fact.kind not in matcher.free_text)
    own = [fact for fact in facts if not fact.about and not fact.is_conclusion]
    own += labelled(own)
    components = _component_rows(own, matcher)
    for fact in dict.fromkeys(own):
        row = fact.where if fact.kind.startswith("entity.") else ""
        yield (replace(fact, about=about_part(fact.where)) if row and row in components else fact), ""
    for fact in dict.fromkeys((*asset.part_facts, *(fact for fact in asset.facts if part_of(fact.about) is not None))):
        if not is_channel(fact.about):
            yield (fact if part_of(fact.about) is not None else replace(fact, about=about_part(fact.where))), ""
    channels = [fact for fact in asset.part_facts if is_channel(fact.about)]
    for fact in dict.fromkeys((*channels, *labelled(channels))):
        yield fact, asset.key
    for statement in dict.fromkeys(asset.hearsay):
        yield replace(statement.fact, about=DEVICE), statement.by


def _component_rows(own: Iterable[Fact], matcher: Matcher) -> set[str]:
    rows: dict[str, list[Fact]] = {}
    for fact in own:
        if fact.kind.startswith("entity.") and fact.where:
            rows.setdefault(fact.where, []).append(fact)
    return {where for where, facts in rows.items() if matcher.is_component(facts)}


def _scarce(
    facts: Iterable[tuple[Fact, str]], matcher: Matcher, registry: Registrants
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the makers of fewer than half, and of just half, of an asset's own MACs."""
    own = {fact.value for fact, by in facts if fact.kind in matcher.mac_kinds and not by and not fact.about}
    blocks: Counter[str] = Counter()
    count_by_maker = 0
    for digits in {normal.mac(value) for value in own} - {""}:
        count_by_maker += bool(registry.registrant(digits))
        blocks.update({hit.rule.says.maker for hit in matcher.by_owner("if.mac", digits, registry)})
    scarce = frozenset(maker for maker, count in blocks.items() if count * 2 < count_by_maker)
    return scarce, frozenset(maker for maker, count in blocks.items() if count * 2 == count_by_maker)


def _evidence(hit: Hit, fact: Fact, by: str, around: _Around) -> Evidence:
    rule, witness = hit.rule, around.book.words.witness(fact.kind)
    source = around.replies.get((by, fact.where), witness)
    if fact.kind in LABEL_KINDS and (by, row_of(fact.where)) in around.looked_up:
        source = witness = MAC
    strength, cap = _heard_as(hit, fact, around)
    own = rule.registry and not by
    foreign = own and rule.says.maker in around.scarce
    if (rule.part or foreign) and part_of(fact.about) is None:
        fact = replace(fact, about=about_part(fact.where or fact.kind))
    return Evidence(
        rule=rule.id,
        says=hit.says,
        strength=strength,
        because=rule.because,
        source=rule.source,
        fact=fact,
        witness=source,
        number=witness == MAC,
        captures=hit.captures,
        against=rule.against,
        cap=min(cap, Verdict.POSSIBLE) if own and rule.says.maker in around.half_counted else cap,
        # What a note mentions beside a stated vendor or model is something else, until another sign says otherwise.
        alone=rule.alone and not (fact.kind in around.notes and (by, row_of(fact.where)) in around.labels),
        by=by,
        since=rule.since,
        until=rule.until,
    )


def _heard_as(hit: Hit, fact: Fact, around: _Around) -> tuple[Strength, Verdict]:
    """Return how much a hit proves: what a note only mentions is a hint."""
    rule = hit.rule
    if fact.kind not in around.notes or (fact, rule.says.maker) in around.items:
        return rule.strength, rule.cap
    return Strength.HINT, min(rule.cap, Verdict.POSSIBLE)


def _items(
    facts: Iterable[tuple[Fact, str]], notes: frozenset[str], labels: Container[tuple[str, str]], matcher: Matcher
) -> Iterator[tuple[Fact, str]]:
    """Yield each note that begins with a product, in rows without vendor and model."""
    for fact, by in facts:
        if fact.kind in notes and (by, row_of(fact.where)) not in labels:
            for hit in matcher.hits(fact.kind, fact.value, fact.where):
                if not fact.value.encode("utf-8", "replace")[: hit.start].strip() and dict(hit.captures).get("model"):
                    yield fact, hit.says.maker


def _looked_up(facts: Iterable[tuple[Fact, str]], matcher: Matcher, registry: Registrants) -> Iterator[tuple[str, str]]:
    """Yield the rows whose vendor was looked up by the MAC: no second witness beside it."""
    macs = {normal.mac(fact.value) for fact, _ in facts if fact.kind in matcher.mac_kinds} - {""}
    owners = {registry.registrant(digits) for digits in macs}
    for fact, by in facts:
        if fact.kind == VENDOR and any(spells(fact.value, owner) for owner in owners):
            yield by, row_of(fact.where)


def _elsewhere(fact: Fact, matcher: Matcher, book: RuleBook, brands: frozenset[str]) -> Iterator[Evidence]:
    """Yield what points away from every maker whose rules read a kind and are silent on it.

    A label answers under its own number on the device its maker built, so the makers behind a label are left out.
    """
    plain = matcher.points_elsewhere(fact)
    if plain is None or any(hit.rule.says.maker for hit in matcher.hits(fact.kind, fact.value, fact.where)):
        return
    yield Evidence(
        rule=f"generic/{plain.id}",
        says=Claim(maker=""),
        strength=Strength.STRONG,
        because=plain.because,
        source=plain.source,
        fact=fact,
        witness=book.words.witness(fact.kind),
        against=tuple(sorted(matcher.numbered - brands)),
    )


def _order(evidence: Evidence) -> tuple[object, ...]:
    fact = evidence.fact
    return (
        evidence.rule,
        fact.about,
        evidence.by,
        fact.kind,
        len(fact.where),
        fact.where,
        fact.value,
        evidence.captures,
        evidence.says.model,
    )
