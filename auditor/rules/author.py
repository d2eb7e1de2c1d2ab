"""What a rule author asks: list, show, test, try, compare, begin a file. Prints nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from importlib.resources import files

from auditor.errors import UsageError
from auditor.model import Rule
from auditor.normal import one_line
from auditor.rules.book import RuleBook
from auditor.rules.check import check
from auditor.rules.matcher import Hit, Registrants, matcher_of
from auditor.rules.vocabulary import FREE_TEXT
from auditor.tables import Problem

HEADS = {
    "makers": 'name = "{name}"\nregistrants = []                          # exact names in the MAC registry\n',
    "watch": 'name = "{name}"\nregistrants = []\n',
    "lookalikes": 'name = "{name}"\nregistrants = []\n'
    "against = []                              # makers it is taken for\n",
    "rebrands": 'brand = "{name}"\nmaker = ""                                # who builds it\n'
    "# own_label = true                       # only where nobody but this maker builds under the label\n",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caught:
    """A rule that catches a tried value, read as one kind of fact."""

    kind: str
    hit: Hit


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What one book has that another has not; a changed rule names the fields that differ."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[tuple[str, tuple[str, ...]], ...]


def listed(book: RuleBook, words: Iterable[str] = ()) -> tuple[Rule, ...]:
    """Return the rules whose id, maker, brand or kind of fact contains every word, sorted by id."""
    parts = [word.casefold() for word in words]
    pairs = (
        (rule, f"{rule.id} {rule.says.maker} {rule.says.brand} {' '.join(rule.facts)}".casefold())
        for rule in book.rules
    )
    return tuple(rule for rule, text in pairs if all(word in text for word in parts))


def show(book: RuleBook, rule_id: str) -> str:
    """Return one rule in full, a line for each thing it says; an unknown id is a `UsageError`."""
    rule = book.by_id().get(rule_id)
    if rule is None:
        near = [other.id for other in book.rules if rule_id in other.id]
        hint = f"; did you mean {', '.join(near[:5])}" if near else ""
        raise UsageError(f"there is no rule '{rule_id}'{hint}")
    says = rule.says
    pairs = [
        ("id", rule.id),
        ("maker", says.maker),
        ("brand", says.brand),
        ("model", says.model),
        ("category", says.category),
        ("fact", " ".join(rule.facts)),
        ("regex", rule.regex),
        ("oid", rule.oid),
        ("table", f"{rule.table}, {len(book.tables.get(rule.id, {}))} values" if rule.table else ""),
        ("registrants", "; ".join(rule.registrants)),
        ("where", rule.where),
        ("strength", rule.strength.word),
        ("cap", rule.cap.word),
        ("alone", "" if rule.alone else "accuses nobody without another sign"),
        ("against", " ".join(rule.against)),
        ("since", str(rule.since or "")),
        ("until", str(rule.until or "")),
        ("because", rule.because),
        ("source", rule.source),
        *(("example", one_line(example.value)) for example in rule.examples),
        *(("never", one_line(never)) for never in rule.nevers),
        *(("clashes", other) for other in rule.clashes),
    ]
    return "\n".join(f"{key:<12}{value}" for key, value in pairs if value)


def open_demands(book: RuleBook, registry: Registrants, name: str = "") -> tuple[Problem, ...]:
    """Return what is still to do, for all rules or for those of one file or id."""
    ids = {rule.id for rule in book.rules if not name or name in {rule.id, rule.id.split("/")[0]}}
    if name and not ids:
        raise UsageError(f"there is no rule or file '{name}'")
    return tuple(problem for problem in check(book, registry) if problem.place in ids)


def attempt(book: RuleBook, registry: Registrants, value: str, kind: str = "", where: str = "") -> tuple[Caught, ...]:
    """Return every rule that catches a value, read as one kind of fact or as each."""
    if kind and kind not in book.words.kinds:
        raise UsageError(f"'{kind}' is no kind of fact; known: {', '.join(sorted(book.words.kinds))}")
    matcher = matcher_of(book)
    kinds = [kind] if kind else [k for k, word in sorted(book.words.kinds.items()) if word.witness != FREE_TEXT]
    catches: dict[tuple[str, tuple[tuple[str, str], ...]], Caught] = {}
    for each in kinds:
        for hit in matcher.hits(each, value, where, registry):
            catches.setdefault((hit.rule.id, hit.captures), Caught(kind=each, hit=hit))
    return tuple(catches[key] for key in sorted(catches))


def changes(old: RuleBook, new: RuleBook) -> Changes:
    """Return what a new book adds, drops and says differently, tables included."""
    before, after = old.by_id(), new.by_id()
    differences = []
    for rule_id in sorted(before.keys() & after.keys()):
        names = [
            item.name
            for item in fields(Rule)
            if getattr(before[rule_id], item.name) != getattr(after[rule_id], item.name)
        ]
        if old.tables.get(rule_id) != new.tables.get(rule_id):
            names.append("table")
        if names:
            differences.append((rule_id, tuple(dict.fromkeys(names))))
    return Changes(
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        changed=tuple(differences),
    )


def skeleton(folder: str, stem: str, name: str = "") -> str:
    """Return the text of a new rule file that fails its checks until an author has filled it in."""
    if folder not in HEADS:
        raise UsageError(f"'{folder}' is no folder of rules; choose one of {', '.join(HEADS)}")
    title = (name or stem).replace('"', "'")
    text = files("auditor.rules").joinpath("skeleton.toml").read_text(encoding="utf-8")
    return text.format(name=title, stem=stem, head=HEADS[folder].format(name=title))
