"""Break every rule in every way listed here, and see that something notices.

Its own examples, or what was once claimed.

    python -m tests.tools.mutate              print the share noticed, and each mutant that nobody noticed
    python -m tests.tools.mutate --keep       write tests/golden/claims.tsv as well

A finding, a waiver and a report of last year name a rule by its id. So an id stays, and what it claims is kept here:
who, how strongly, how far it may lead, of which days. A new rule may come; one that goes or claims something else is
noticed.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from auditor.model import Claim, Rule, Strength, Verdict
from auditor.rules.book import RuleBook
from auditor.rules.check import Desk, captures_what_it_states, matches_its_examples, passes_its_nevers
from auditor.rules.load import load
from auditor.rules.oui import Registry

CLAIMS = Path(__file__).resolve().parents[1] / "golden" / "claims.tsv"
SELF_CHECKS = (matches_its_examples, captures_what_it_states, passes_its_nevers)
NOTHING = r"\z\A."


def mutants(rule: Rule) -> Iterator[tuple[str, Rule | None]]:
    """Yield each way to break a rule, by name; None is the rule gone."""
    yield "gone", None
    yield "mute", replace(rule, regex=NOTHING, oid="", table="", registry=False)
    if rule.regex:
        yield "catches everything", replace(rule, regex="(?s).*")
    if rule.oid:
        yield "wider", replace(rule, oid=rule.oid.rpartition(".")[0])
        yield "narrower", replace(rule, oid=f"{rule.oid}.98765")
    if rule.where:
        yield "elsewhere", replace(rule, where=NOTHING)
    yield "another maker", replace(rule, says=replace(rule.says, maker="zte" if rule.says.maker != "zte" else "huawei"))
    yield "another strength", replace(rule, strength=Strength.HINT if rule.strength > Strength.HINT else Strength.PROOF)
    yield "another cap", replace(rule, cap=Verdict.POSSIBLE if rule.cap > Verdict.POSSIBLE else Verdict.CONFIRMED)
    yield "a part or not", replace(rule, part=not rule.part)


def noticed(rule: Rule, mutant: Rule | None, book: RuleBook, registry: Registry, kept: dict[str, str]) -> bool:
    """Tell whether the rule's own examples or the claims kept show that it was broken."""
    if mutant is None or kept.get(rule.id) != claim(mutant):
        return rule.id in kept
    alone = replace(book, rules=(mutant,), tables=book.tables if mutant.table else {}, version=f"mutant {id(mutant)}")
    desk = Desk(book=alone, registry=registry)
    return any(True for check in SELF_CHECKS for _ in check(mutant, desk))


def claim(rule: Rule) -> str:
    """Return what a rule claims of whatever it catches, as one line."""
    says: Claim = rule.says
    dates = f"{rule.since or ''}..{rule.until or ''}"
    against = ",".join(sorted(rule.against))
    words = (
        rule.id,
        says.maker,
        says.brand,
        rule.strength.word,
        rule.cap.word,
        dates,
        against,
        "part" if rule.part else "",
    )
    return "\t".join(words)


def kept_claims() -> dict[str, str]:
    """Return the claims kept, by rule."""
    lines = CLAIMS.read_text(encoding="utf-8").splitlines()[1:] if CLAIMS.is_file() else []
    return {line.partition("\t")[0]: line for line in lines}


def unnoticed(book: RuleBook, registry: Registry, kept: dict[str, str]) -> tuple[Counter[str], list[str]]:
    """Return how many mutants of each sort there are, and those that nobody noticed."""
    tried: Counter[str] = Counter()
    alive = []
    for rule in book.rules:
        for name, mutant in mutants(rule):
            tried[name] += 1
            if not noticed(rule, mutant, book, registry, kept):
                alive.append(f"{rule.id}: {name}")
    return tried, alive


def keep(rules: Iterable[Rule]) -> None:
    """Write the claims of all rules."""
    head = "id\tmaker\tbrand\tstrength\tcap\tdates\tagainst\tpart"
    CLAIMS.write_text("\n".join([head, *sorted(map(claim, rules))]) + "\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Print the figures; return 1 where a mutant lives."""
    book, registry = load(), Registry.load()
    if "--keep" in arguments:
        keep(book.rules)
    tried, alive = unnoticed(book, registry, kept_claims())
    total = sum(tried.values())
    sys.stdout.write("".join(f"  unnoticed {line}\n" for line in alive))
    sys.stdout.write("".join(f"{name}: {count}\n" for name, count in sorted(tried.items())))
    sys.stdout.write(f"{len(book.rules)} rules, {total} mutants, {total - len(alive)} noticed\n")
    return 1 if alive else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
