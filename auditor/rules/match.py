"""Every rule on every fact of one asset: evidence, in an order that depends on nothing but what was said.

Rules never read what an operator chose freely (names, locations, port descriptions), and what others said of an asset
speaks for that asset alone.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Protocol

from auditor import normal
from auditor.model import Asset, Evidence, Fact, Rule, Says, Strength
from auditor.rules.book import Plain, Row, RuleBook
from auditor.rules.engine import Sieve, captures, compiled, encoded
from auditor.rules.read import OID_KINDS, as_oid, table_key
from auditor.rules.vocabulary import FREE_TEXT, MAC

PART = "part:"
_WHOLE = frozenset({"chassis", "stack", "3", "11"})  # entPhysicalClass, RFC 6933: the device itself
_REMEMBERED = 50_000
_SHORT = 1_000


class Registry(Protocol):
    """The registry of MAC prefixes, as far as rules ask it."""

    def registrant(self, mac12: str) -> str:
        """Return the registered owner of twelve hexadecimal digits, empty where nobody is."""
        ...

    def kind(self, mac12: str) -> str:
        """Return what sort of address it is: `universal`, `group` or `local`."""
        ...


class _Nobody:
    """A registry that knows nobody, for kinds of facts that are no MAC."""

    def registrant(self, _mac12: str) -> str:
        return ""

    def kind(self, _mac12: str) -> str:
        return ""


_NOBODY = _Nobody()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One rule that caught one value, and what it captured."""

    rule: Rule
    captures: tuple[tuple[str, str], ...] = ()
    row: Row | None = None

    @property
    def says(self) -> Says:
        """Return what the rule claims, with the product its table names."""
        if self.row is None:
            return self.rule.says
        says = self.rule.says
        return replace(says, model=self.row.model or says.model, category=self.row.category or says.category)


def match(book: RuleBook, asset: Asset, registry: Registry) -> tuple[Evidence, ...]:
    """Return all evidence on one asset, one piece for what one rule captured however often it was said; sorted."""
    matcher = matcher_of(book)
    best: dict[tuple[object, ...], Evidence] = {}
    heard = tuple(_heard(asset, matcher))
    for fact, by in heard:
        for hit in matcher.hits(fact.kind, fact.value, fact.where, registry):
            evidence = _evidence(hit, fact, by, book)
            part = evidence.fact.about
            key = (evidence.rule, evidence.says, evidence.captures, fact.kind, part, by)
            if key not in best or _order(evidence) < _order(best[key]):
                best[key] = evidence
    labelled = frozenset(evidence.says.maker for evidence in best.values() if evidence.says.brand)
    for fact, by in heard:
        if not by and not fact.about:
            for evidence in _elsewhere(fact, matcher, book, labelled):
                best.setdefault((evidence.rule, fact), evidence)
    return tuple(sorted(best.values(), key=_order))


def match_texts(book: RuleBook, kind: str, strings: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Yield, for each text of one kind, the ids of the rules whose expression it matches, sorted; nothing is remembered."""
    matcher = matcher_of(book)
    sieve, rules = matcher.texts(kind)
    ids = [rule.id for rule, _, where in rules if where is None]
    numbers = [number for number, (_, _, where) in enumerate(rules) if where is None]
    names = dict(zip(numbers, ids, strict=True))
    hits = sieve.hits
    none: tuple[str, ...] = ()
    for text in strings:
        found = hits(text.encode("utf-8", "replace"))
        yield tuple([names[number] for number in found if number in names]) if found else none


def plainness(book: RuleBook, registry: Registry) -> Callable[[Fact], str]:
    """Return a function that says why a fact proves nothing about any maker; empty where it could have."""
    matcher = matcher_of(book)

    def why(fact: Fact) -> str:
        if fact.kind in matcher.mac_kinds:
            digits = normal.mac(fact.value)
            sort = registry.kind(digits) if digits else "unreadable"
            return "" if digits and registry.registrant(digits) else f"no registry entry speaks for this MAC ({sort})"
        return matcher.plain(fact)

    return why


@lru_cache(maxsize=8)
def matcher_of(book: RuleBook) -> "Matcher":
    """Return the compiled form of a book, built once and remembered."""
    return Matcher(book)


class Matcher:
    """A book made ready: a sieve for each kind, OIDs and exact values by key, registrants by name."""

    def __init__(self, book: RuleBook) -> None:
        self._book = book
        self.mac_kinds = book.words.of_witness(MAC)
        self.free_text = book.words.of_witness(FREE_TEXT)
        self._regex: dict[str, list[Rule]] = {}
        self._oids: dict[tuple[str, str], list[Rule]] = {}
        self._rows: dict[tuple[str, str], list[tuple[Rule, Row]]] = {}
        self._owners: dict[tuple[str, str], list[Rule]] = {}
        for rule in book.rules:
            self._file(rule)
        self._wheres = {rule.id: compiled(rule.where) for rule in book.rules if rule.where}
        self._texts: dict[str, tuple[Sieve, list[tuple[Rule, Any, Any]]]] = {}
        self._components = [(plain.facts, compiled(plain.regex)) for plain in book.components]
        self._generic = [(plain, compiled(plain.regex)) for plain in book.generic]
        self._elsewhere = [(plain, compiled(plain.regex)) for plain in book.elsewhere]
        # The makers whose own enterprise number is known, so that another's says something.
        self.numbered = frozenset(rule.says.maker for rule in book.rules if rule.oid and not rule.says.brand)
        self._remember = lru_cache(maxsize=_REMEMBERED)(self._search)

    def hits(self, kind: str, value: str, where: str, registry: Registry) -> tuple[Hit, ...]:
        """Return every rule that catches one value of one kind said at one place."""
        if kind in self.free_text:
            return ()
        if kind in self.mac_kinds:
            found = self._by_owner(kind, value, registry)
        else:
            found = self._remember(kind, value) if len(value) <= _SHORT else self._search(kind, value)
        if not self._wheres:
            return found
        return tuple(hit for hit in found if self._in_place(hit.rule, where))

    def texts(self, kind: str) -> tuple[Sieve, list[tuple[Rule, Any, Any]]]:
        """Return the sieve over the expressions of one kind, and the rules with their compiled forms in the same order."""
        if kind not in self._texts:
            rules = self._regex.get(kind, [])
            compiled_rules = [(rule, compiled(rule.regex), self._wheres.get(rule.id)) for rule in rules]
            self._texts[kind] = (Sieve(rule.regex for rule in rules), compiled_rules)
        return self._texts[kind]

    def is_component(self, facts: Iterable[Fact]) -> bool:
        """Tell whether the words of one inventory row name a component, such as a transceiver, rather than the host."""
        facts = tuple(facts)
        if any(fact.kind == "entity.class" and fact.value in _WHOLE for fact in facts):
            return False
        return any(
            fact.kind in kinds and expression.search(encoded(fact.value)) is not None
            for fact in facts
            for kinds, expression in self._components
        )

    def points_elsewhere(self, fact: Fact) -> Plain | None:
        """Return why what a device says of itself points away from the makers looked for, None where it does not."""
        if not any(fact.kind in plain.facts for plain, _ in self._elsewhere) or self.plain(fact):
            return None
        raw = encoded(as_oid(fact.kind, fact.value) if fact.kind in OID_KINDS else fact.value)
        return next((p for p, e in self._elsewhere if fact.kind in p.facts and e.search(raw) is not None), None)

    def plain(self, fact: Fact) -> str:
        """Return why a text proves nothing, empty where it could have."""
        raw = encoded(fact.value.strip())
        if not raw:
            return "it is empty"
        for plain, expression in self._generic:
            if fact.kind in plain.facts and expression.search(raw) is not None:
                return plain.because
        return ""

    def _file(self, rule: Rule) -> None:
        for kind in rule.facts:
            if rule.regex:
                self._regex.setdefault(kind, []).append(rule)
            elif rule.oid:
                self._oids.setdefault((kind, rule.oid), []).append(rule)
            elif rule.table:
                for key, row in self._book.tables[rule.id].items():
                    self._rows.setdefault((kind, key), []).append((rule, row))
            for name in rule.registrants if rule.registry else ():
                self._owners.setdefault((kind, name), []).append(rule)

    def _search(self, kind: str, value: str) -> tuple[Hit, ...]:
        found = [Hit(rule=rule) for rule in self._by_oid(kind, value)]
        found += [
            Hit(rule=rule, row=row, captures=(("model", row.model),) if row.model else ())
            for rule, row in self._rows.get((kind, table_key(kind, value)), ())
        ]
        sieve, rules = self.texts(kind)
        raw = encoded(value)
        for number in sieve.hits(raw):
            rule, expression, _ = rules[number]
            found.append(Hit(rule=rule, captures=captures(expression, raw) or ()))
        return tuple(found)

    def _by_oid(self, kind: str, value: str) -> list[Rule]:
        oid = as_oid(kind, value) if kind in OID_KINDS else ""
        arcs = oid.split(".") if oid else []
        found: list[Rule] = []
        for length in range(min(len(arcs), 128), 0, -1):
            # The narrower subtree knows better: a wider one of another maker is silent where a narrower one spoke.
            wider = self._oids.get((kind, ".".join(arcs[:length])), ())
            nearer = list(found)
            found += [rule for rule in wider if all(rule.says.maker == near.says.maker for near in nearer)]
        return found

    def _by_owner(self, kind: str, value: str, registry: Registry) -> tuple[Hit, ...]:
        digits = normal.mac(value)
        owner = registry.registrant(digits) if digits else ""
        return tuple(Hit(rule=rule) for rule in self._owners.get((kind, owner), ())) if owner else ()

    def _in_place(self, rule: Rule, where: str) -> bool:
        place = self._wheres.get(rule.id)
        return place is None or place.search(encoded(where)) is not None


def _heard(asset: Asset, matcher: Matcher) -> Iterator[tuple[Fact, str]]:
    """Yield each distinct fact that concerns the asset, with who said it; rows about a component are marked as parts."""
    own = [fact for fact in asset.facts if not fact.about]
    components = _component_rows(own, matcher)
    for fact in dict.fromkeys(own):
        row = fact.where if fact.kind.startswith("entity.") else ""
        yield (replace(fact, about=PART + fact.where) if row and row in components else fact), ""
    for fact in dict.fromkeys((*asset.parts, *(fact for fact in asset.facts if fact.about.startswith(PART)))):
        yield (fact if fact.about.startswith(PART) else replace(fact, about=PART + fact.where)), ""
    for said in dict.fromkeys(asset.said):
        yield replace(said.fact, about=""), said.by


def _component_rows(own: Iterable[Fact], matcher: Matcher) -> set[str]:
    rows: dict[str, list[Fact]] = {}
    for fact in own:
        if fact.kind.startswith("entity.") and fact.where:
            rows.setdefault(fact.where, []).append(fact)
    return {where for where, facts in rows.items() if matcher.is_component(facts)}


def _evidence(hit: Hit, fact: Fact, by: str, book: RuleBook) -> Evidence:
    rule = hit.rule
    if rule.part and not fact.about.startswith(PART):
        fact = replace(fact, about=PART + (fact.where or fact.kind))
    return Evidence(
        rule=rule.id,
        says=hit.says,
        strength=rule.strength,
        because=rule.because,
        source=rule.source,
        fact=fact,
        witness=book.words.witness(fact.kind),
        captures=hit.captures,
        against=rule.against,
        cap=rule.cap,
        by=by,
        since=rule.since,
        until=rule.until,
    )


def _elsewhere(fact: Fact, matcher: Matcher, book: RuleBook, labelled: frozenset[str]) -> Iterator[Evidence]:
    """Yield what points away from every maker whose rules read this kind of fact and are silent on this one.

    A label answers under its own number on the device its maker built, so the makers behind a label are left out.
    """
    plain = matcher.points_elsewhere(fact)
    if plain is None or any(hit.rule.says.maker for hit in matcher.hits(fact.kind, fact.value, fact.where, _NOBODY)):
        return
    yield Evidence(
        rule=f"generic/{plain.id}",
        says=Says(maker=""),
        strength=Strength.STRONG,
        because=plain.because,
        source=plain.source,
        fact=fact,
        witness=book.words.witness(fact.kind),
        against=tuple(sorted(matcher.numbered - labelled)),
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
