"""A book made ready, compiled once: one value in, every rule that catches it out."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

from auditor import normal
from auditor.model import Claim, Fact, Rule
from auditor.rules.book import PlainValue, Product, RuleBook
from auditor.rules.engine import Sieve, compiled, encoded, first_match
from auditor.rules.read import OID_KINDS, as_oid, table_key
from auditor.rules.vocabulary import FREE_TEXT, MAC

_WHOLE = frozenset({"chassis", "stack", "3", "11"})  # entPhysicalClass, RFC 6933: the device itself
_REMEMBERED = 50_000
_SHORT = 1_000


class Registrants(Protocol):
    """The registry of MAC prefixes, as far as rules ask it."""

    def registrant(self, mac12: str) -> str:
        """Return the registered owner of twelve hexadecimal digits, empty where nobody is."""
        ...

    def kind(self, mac12: str) -> str:
        """Return what sort of address it is: `universal`, `group` or `local`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A rule that caught a value, its captures, the octets before what it caught."""

    rule: Rule
    captures: tuple[tuple[str, str], ...] = ()
    row: Product | None = None
    start: int = 0

    @property
    def says(self) -> Claim:
        """Return what the rule claims, with the product its table names."""
        if self.row is None:
            return self.rule.says
        says = self.rule.says
        return replace(says, model=self.row.model or says.model, category=self.row.category or says.category)


@lru_cache(maxsize=8)
def matcher_of(book: RuleBook) -> "Matcher":
    """Return the compiled form of a book, built once and remembered."""
    return Matcher(book)


class Matcher:
    """A book made ready: a sieve per kind, OIDs and values by key, registrants by name."""

    def __init__(self, book: RuleBook) -> None:
        self._book = book
        self.mac_kinds = book.words.of_witness(MAC)
        self.free_text = book.words.of_witness(FREE_TEXT)
        self.whole, self.notes = book.words.whole, book.words.spoken_by("note")
        self._regex: dict[str, list[Rule]] = {}
        self._oids: dict[tuple[str, str], list[Rule]] = {}
        self._rows: dict[tuple[str, str], list[tuple[Rule, Product]]] = {}
        self._owners: dict[tuple[str, str], list[Rule]] = {}
        for rule in book.rules:
            self._file(rule)
        self._wheres = {rule.id: compiled(rule.where) for rule in book.rules if rule.where}
        self._sieves: dict[str, tuple[Sieve, list[Rule]]] = {}
        self._components = [(plain.facts, compiled(plain.regex)) for plain in book.components]
        self._generic = [(plain, compiled(plain.regex), compiled(plain.where)) for plain in book.generic]
        self._elsewhere = [(plain, compiled(plain.regex)) for plain in book.elsewhere]
        # The makers whose own enterprise number is known, so that another's says something.
        self.numbered = frozenset(rule.says.maker for rule in book.rules if rule.oid and not rule.says.brand)
        self._signs: dict[str, tuple[str, ...]] = {}
        self._remember = lru_cache(maxsize=_REMEMBERED)(self._search)

    def hits(self, kind: str, value: str, where: str = "", registry: Registrants | None = None) -> tuple[Hit, ...]:
        """Return every rule that catches a value of one kind at one place; a MAC needs a registry."""
        if kind in self.free_text:
            return ()
        if kind in self.mac_kinds:
            rules = () if registry is None else self.by_owner(kind, value, registry)
        else:
            rules = self._remember(kind, value) if len(value) <= _SHORT else self._search(kind, value)
        if not self._wheres:
            return rules
        return tuple(hit for hit in rules if self._in_place(hit.rule, where))

    def sieve(self, kind: str) -> tuple[Sieve, list[Rule]]:
        """Return the sieve over the expressions of one kind, and its rules in that order."""
        if kind not in self._sieves:
            rules = self._regex.get(kind, [])
            self._sieves[kind] = (Sieve(rule.regex for rule in rules), rules)
        return self._sieves[kind]

    def is_component(self, facts: Iterable[Fact]) -> bool:
        """Tell whether an inventory row names a component, such as a transceiver, not the host."""
        facts = tuple(facts)
        if any(fact.kind == "entity.class" and fact.value in _WHOLE for fact in facts):
            return False
        return any(
            fact.kind in kinds and expression.search(encoded(fact.value)) is not None
            for fact in facts
            for kinds, expression in self._components
        )

    def points_elsewhere(self, fact: Fact) -> PlainValue | None:
        """Return why a device's word points away from the makers looked for, None if it does not."""
        if not any(fact.kind in plain.facts for plain, _ in self._elsewhere) or self.plain(fact):
            return None
        raw = encoded(as_oid(fact.kind, fact.value) if fact.kind in OID_KINDS else fact.value)
        return next((p for p, e in self._elsewhere if fact.kind in p.facts and e.search(raw) is not None), None)

    def plain(self, fact: Fact) -> str:
        """Return why a text proves nothing, empty where it could have."""
        raw = encoded(fact.value.strip())
        if not raw:
            return "it is empty"
        place = encoded(fact.where)
        for plain, expression, where in self._generic:
            if fact.kind in plain.facts and where.search(place) and expression.search(raw):
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
        hits = [Hit(rule=rule) for rule in self._by_oid(kind, value)]
        hits += [
            Hit(rule=rule, row=row, captures=(("model", row.model),) if row.model else ())
            for rule, row in self._rows.get((kind, table_key(kind, value)), ())
        ]
        sieve, rules = self.sieve(kind)
        raw = encoded(value)
        for number in sieve.hits(raw):
            start, groups = first_match(compiled(rules[number].regex), raw) or (0, ())
            hits.append(Hit(rule=rules[number], captures=groups, start=start))
        return tuple(hits)

    def _by_oid(self, kind: str, value: str) -> list[Rule]:
        oid = as_oid(kind, value) if kind in OID_KINDS else ""
        arcs = oid.split(".") if oid else []
        rules: list[Rule] = []
        for length in range(min(len(arcs), 128), 0, -1):
            # The narrower subtree knows better: a wider one of another maker is silent where a narrower one spoke.
            wider = self._oids.get((kind, ".".join(arcs[:length])), ())
            nearer = list(rules)
            rules += [rule for rule in wider if all(rule.says.maker == near.says.maker for near in nearer)]
        return rules

    def by_owner(self, kind: str, value: str, registry: Registrants) -> tuple[Hit, ...]:
        """Return every rule that names the registered owner of a MAC."""
        digits = normal.mac(value)
        owner = registry.registrant(digits) if digits else ""
        return tuple(Hit(rule=rule) for rule in self._owners.get((kind, owner), ())) if owner else ()

    def owner_sign(self, digits: str, registry: Registrants) -> tuple[str, ...]:
        """Return what MACs that no rule tells apart share: rules on their owner, or their sort."""
        owner = registry.registrant(digits)
        if not owner:
            return ("", registry.kind(digits))
        if owner not in self._signs:
            ids = (
                f"{kind} {rule.id}" for kind in sorted(self.mac_kinds) for rule in self._owners.get((kind, owner), ())
            )
            self._signs[owner] = ("owner", *ids)
        return self._signs[owner]

    def looks_at_places(self, kind: str) -> bool:
        """Tell whether a rule on owners of MACs asks where a MAC of this kind stood."""
        return any(rule.id in self._wheres for (name, _), own in self._owners.items() if name == kind for rule in own)

    def _in_place(self, rule: Rule, where: str) -> bool:
        place = self._wheres.get(rule.id)
        return place is None or place.search(encoded(where)) is not None
