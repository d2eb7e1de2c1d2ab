"""The text of one rule file to frozen rules; strict, and every problem at once."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePosixPath

from auditor import normal
from auditor.errors import RuleError
from auditor.model import Claim, Example, Rule, Strength, Verdict
from auditor.oids import ENTERPRISES
from auditor.rules.book import GROUPS, PlainValue, Product
from auditor.rules.engine import groups
from auditor.rules.vocabulary import Vocabulary
from auditor.tables import Section, finish, read_toml, read_tsv

_KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_STRENGTHS = {strength.word: strength for strength in Strength}
_VERDICTS = {verdict.word: verdict for verdict in Verdict}
OID_KINDS = frozenset({"snmp.sysobjectid", "snmp.enterprise", "snmp.engineid"})
PLAIN = ("generic", "elsewhere", "component")
COLUMNS = ("value", "model", "category")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFile:
    """One file: its head, which its rules inherit, and the rules."""

    folder: str
    stem: str
    name: str = ""
    brand: str = ""
    maker: str = ""
    registrants: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    is_shipped: bool = False


@lru_cache(maxsize=512)
def read_rule_file(text: str, name: str, words: Vocabulary, *, is_shipped: bool = False) -> RuleFile:
    """Read `<folder>/<file>.toml`; raise every problem at once (`RuleError`, `ProblemsError`).

    The same text is read once. Expressions of a file that is shipped were tried when it was built (`auditor check`),
    and are not each time.
    """
    top = read_toml(text, name)
    head = replace(_head(top, PurePosixPath(name), words), is_shipped=is_shipped)
    rules = tuple(_rule(section, head, words) for section in top.sections("rule"))
    if not rules:
        top.complain("holds no [[rule]]; add one or delete the file", "rule")
    top.once((rule.id for rule in rules), "rule")
    finish(top)
    return replace(head, rules=rules)


def read_table(text: str, name: str, kinds: tuple[str, ...]) -> dict[str, Product]:
    """Read the exact values of a rule's table; OIDs are normalised where the rule reads OIDs."""
    rows: dict[str, Product] = {}
    for value, model, category in read_tsv(text, name, COLUMNS):
        key = table_key(kinds[0], value)
        if not key:
            raise RuleError(f"{value!r} is no value of {kinds[0]}", where=name)
        if key in rows:
            raise RuleError(f"{value!r} stands twice", where=name)
        rows[key] = Product(model=model, category=category)
    return rows


def table_key(kind: str, value: str) -> str:
    """Return the form in which a value of a kind is looked up in a table."""
    return as_oid(kind, value) if kind in OID_KINDS else value.strip()


def as_oid(kind: str, value: str) -> str:
    """Return the OID a fact speaks of: sysObjectID, enterprise, engine ID's (RFC 3411)."""
    value = value.strip()
    if kind == "snmp.engineid":
        return _engine_enterprise(value)
    if value.isascii() and value.isdecimal():
        return f"{ENTERPRISES}{int(value[:20])}"
    return normal.oid(value)


def read_retired(text: str, name: str) -> set[str]:
    """Return the ids of rules that were withdrawn, each with its day and reason."""
    top = read_toml(text, name)
    ids = [_retirement(section) for section in top.sections("retired")]
    top.once(ids, "retired")
    finish(top)
    return set(ids)


def _retirement(section: Section) -> str:
    rule_id, because = section.text("id"), section.text("because")
    section.day("on", required=True)
    if not because.endswith("."):
        section.complain("say why in a full sentence", "because")
    return rule_id


def read_unwritten(text: str, name: str) -> list[tuple[str, ...]]:
    """Return the labels no rule is written on: label, maker, why."""
    return read_tsv(text, name, ("label", "maker", "why"))


def read_plain(text: str, name: str, kinds: tuple[str, ...]) -> dict[str, tuple[PlainValue, ...]]:
    """Read `generic.toml` by section: what proves nothing, points away, is a component."""
    top = read_toml(text, name)
    plain = {key: tuple(_plain(section, kinds) for section in top.sections(key)) for key in PLAIN}
    finish(top)
    return plain


def _plain(section: Section, kinds: tuple[str, ...]) -> PlainValue:
    return PlainValue(
        id=section.text("id"),
        facts=_facts(section, kinds),
        regex=_regex(section, "regex"),
        because=section.text("because"),
        source=section.text("source"),
        where=_regex(section, "where"),
        examples=section.texts("examples", required=True),
        nevers=section.texts("never"),
    )


def _head(top: Section, path: PurePosixPath, words: Vocabulary) -> RuleFile:
    folder, stem = path.parent.name, path.stem
    rebrand = folder == "rebrands"
    brand = top.text("brand") if rebrand else ""
    # Labels that only the maker itself uses may be taken for the maker; any other brand may not. Where nobody knows the
    # label (`no_label`), `brand` only says what the file is about.
    labels = ((brand,) if top.flag("own_label") else ()) if rebrand else top.texts("labels")
    if not rebrand and stem not in words.makers:
        top.complain(
            f"no maker '{stem}' in vocabulary.toml; add it there, or give the file a maker's id as its name",
            "file name",
        )
    return RuleFile(
        folder=folder,
        stem=stem,
        name=top.text("name", "" if rebrand else None),
        brand="" if rebrand and top.flag("no_label") else brand,
        labels=labels,
        maker=top.choice("maker", tuple(words.makers), "") if rebrand else stem,
        registrants=top.texts("registrants"),
        against=_makers(top, "against", words) if folder == "lookalikes" else (),
    )


def _rule(section: Section, head: RuleFile, words: Vocabulary) -> Rule:
    own = section.text("id")
    if own and not _KEBAB.match(own):
        section.complain(f"'{own}' must be lower-case words joined by hyphens", "id")
    regex = _regex(section, "regex", is_shipped=head.is_shipped)
    captures = frozenset(GROUPS if head.is_shipped or not regex else groups(regex))
    rule = Rule(
        id=f"{head.stem}/{own}",
        facts=_facts(section, tuple(words.kinds)),
        says=_says(section, head, words),
        strength=_STRENGTHS.get(section.choice("strength", tuple(_STRENGTHS)), Strength.HINT),
        because=section.text("because"),
        source=section.text("source"),
        regex=regex,
        oid=_oid(section),
        table=section.text("table", ""),
        registry=section.flag("registry"),
        registrants=section.texts("registrants"),
        where=_regex(section, "where", is_shipped=head.is_shipped),
        against=_makers(section, "against", words) or head.against,
        alone=section.flag("alone", default=True),
        cap=_VERDICTS.get(section.choice("cap", tuple(_VERDICTS), "confirmed"), Verdict.CONFIRMED),
        since=section.day("since"),
        until=section.day("until"),
        part=section.flag("part"),
        examples=tuple(_example(each, captures) for each in section.sections("example")),
        nevers=section.texts("never"),
        clashes=section.texts("clashes"),
    )
    return _one_way(section, rule, head)


def _one_way(section: Section, rule: Rule, head: RuleFile) -> Rule:
    ways = [way for way in ("regex", "oid", "table", "registry") if getattr(rule, way)]
    if len(ways) != 1:
        keys = " and ".join(ways) or "none of them"
        section.complain(f"must say exactly one of regex, oid, table or registry = true; found {keys}")
    if rule.oid and not OID_KINDS.issuperset(rule.facts):
        section.complain(f"an oid can be read in {', '.join(sorted(OID_KINDS))} only", "oid")
    if not head.maker and "maker" not in section.values:
        section.complain("name the maker, here or at the head of the file", "maker")
    if not rule.registry:
        return rule
    names = rule.registrants or head.registrants
    if not names:
        section.complain("registry = true needs registrants, here or at the head of the file", "registry")
    return replace(rule, registrants=names)


def _says(section: Section, head: RuleFile, words: Vocabulary) -> Claim:
    return Claim(
        maker=section.choice("maker", tuple(words.makers)) if "maker" in section.values else head.maker,
        brand=section.text("brand", head.brand),
        model=section.text("model", ""),
        category=section.choice("category", tuple(words.categories), ""),
    )


def _makers(section: Section, key: str, words: Vocabulary) -> tuple[str, ...]:
    makers = section.texts(key)
    for maker in makers:
        if maker not in words.makers:
            section.complain(f"no maker '{maker}' in vocabulary.toml", key)
    return tuple(sorted(makers))


def _facts(section: Section, kinds: tuple[str, ...]) -> tuple[str, ...]:
    value = section.values.get("fact")
    names = section.texts("fact", required=True) if isinstance(value, list) else (section.text("fact"),)
    for kind in names:
        if kind and kind not in kinds:
            section.complain(f"'{kind}' is no kind of fact in vocabulary.toml", "fact")
    return tuple(sorted(names))


def _regex(section: Section, key: str, *, is_shipped: bool = False) -> str:
    regex = section.text(key, "")
    try:
        names = groups(regex) if regex and not is_shipped else ()
    except ValueError as exc:
        section.complain(f"RE2 does not take it: {exc}", key)
        return ""
    for name in names:
        if name not in GROUPS:
            section.complain(f"group '{name}' is not one of {', '.join(GROUPS)}", key)
    return regex


def _oid(section: Section) -> str:
    text = section.text("oid", "")
    if text and not normal.oid(text):
        section.complain(f"'{text}' is no dotted OID", "oid")
    return normal.oid(text)


def _example(section: Section, groups_of_rule: Collection[str]) -> Example:
    value, where = section.text("value"), section.text("where", "")
    rest = section.rest()
    for key, capture in rest.items():
        if key not in GROUPS or key not in groups_of_rule:
            section.complain("no named group of this rule", key)
        elif not isinstance(capture, str):
            section.complain("must be text in quotes", key)
    captures = tuple(sorted((key, capture) for key, capture in rest.items() if isinstance(capture, str)))
    return Example(value=value, where=where, captures=captures)


def _engine_enterprise(value: str) -> str:
    digits = value.removeprefix(normal.HEX_MARK).removeprefix("0x").replace(":", "").replace(" ", "")
    try:
        raw = bytes.fromhex(digits)
    except ValueError:
        return ""
    # RFC 3411 section 5: the first bit marks the modern form, the first four octets carry the enterprise number either
    # way.
    number = int.from_bytes(raw[:4], "big") & 0x7FFFFFFF
    return f"{ENTERPRISES}{number}" if len(raw) >= 5 else ""  # noqa: PLR2004  RFC 3411: 5..32 octets
