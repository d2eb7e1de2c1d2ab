"""Texts times rules: the sieve against a plain `re` loop, results compared.

    python -m tests.bench.bench_rules [rules] [texts]

The rules are the built-in ones, filled up to the number asked with models spelled the way makers spell them.
"""

import platform
import random
import re
import string
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace

from auditor.rules.book import RuleBook
from auditor.rules.load import load
from auditor.rules.matcher import matcher_of

KIND = "inventory.model"
LOOP_TEXTS = 1_000
RUNS = 3
HOSTILE = ("a" * 65_536, "DS-2CD" * 10_922, "S5720-" * 10_922, "(((((" * 13_107, "A1 " * 21_845)


def grown(book: RuleBook, size: int) -> RuleBook:
    """Return a book with at least `size` expressions for one kind of fact."""
    seed = random.Random(4)
    base = [replace(rule, facts=(KIND,)) for rule in book.rules if rule.regex and not rule.where]
    pattern = base[0]
    made = [
        replace(pattern, id=f"made/r{number}", regex=rf"\b{_family(seed)}-?(?P<model>\d{{2,4}}[A-Z]?)(-\w+)?\b")
        for number in range(max(0, size - len(base)))
    ]
    return replace(book, rules=(*base, *made), tables={}, version=f"bench-{size}")


def texts(book: RuleBook, count: int) -> list[str]:
    """Return distinct texts: one in ten is a rule's example with its digits changed."""
    seed = random.Random(5)
    examples = [example.value for rule in book.rules for example in rule.examples if len(example.value) < 200]
    letters = string.ascii_letters + string.digits
    out = []
    for number in range(count):
        if number % 10:
            out.append(f"{''.join(seed.choices(letters, k=8))} {_family(seed)}-{seed.randrange(10_000)} {number}")
        else:
            out.append(re.sub(r"\d(?=\d*$)", str(number % 10), seed.choice(examples)) + f" {number}")
    return out


def match_texts(book: RuleBook, kind: str, strings: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Yield for each text of one kind the ids of the rules it matches, sorted."""
    matcher = matcher_of(book)
    sieve, rules = matcher.texts(kind)
    ids = [rule.id for rule, _, where in rules if where is None]
    numbers = [number for number, (_, _, where) in enumerate(rules) if where is None]
    names = dict(zip(numbers, ids, strict=True))
    hits = sieve.hits
    none: tuple[str, ...] = ()
    for text in strings:
        rule_ids = hits(text.encode("utf-8", "replace"))
        yield tuple([names[number] for number in rule_ids if number in names]) if rule_ids else none


def loop(book: RuleBook, strings: list[str]) -> Iterator[tuple[str, ...]]:
    r"""Yield what a plain loop over `re` finds, with RE2's rules for `$`, `\d` and line ends."""
    rules = [(rule.id, re.compile(_python(rule.regex), re.ASCII)) for rule in book.rules]
    for text in strings:
        yield tuple(rule_id for rule_id, expression in rules if expression.search(text))


def main(arguments: list[str]) -> int:
    """Print texts per second of both, the factor, and the time hostile text takes.

    Return 1 where results differ.
    """
    size, count = (
        (int(word) for word in (*arguments, "1000", "100000")[:2])
        if len(arguments) != 1
        else (int(arguments[0]), 100_000)
    )
    book = grown(load(), size)
    strings = texts(book, count)
    began = time.perf_counter()
    matcher_of(book).texts(KIND)
    list(match_texts(book, KIND, ["warm"]))
    built = time.perf_counter() - began
    ours, swift = _timed(lambda: list(match_texts(book, KIND, strings)))
    theirs, slow = _timed(lambda: list(loop(book, strings[:LOOP_TEXTS])))
    same = [tuple(sorted(found)) for found in theirs] == [tuple(sorted(found)) for found in ours[:LOOP_TEXTS]]
    _, hostile = _timed(lambda: list(match_texts(book, KIND, HOSTILE)))
    rate, looped = count / swift, LOOP_TEXTS / slow
    sys.stdout.write(
        f"Python {platform.python_version()}, {platform.machine()}, {len(book.rules)} rules, {count} texts, built "
        f"in {built:.2f} s, best of {RUNS}\n"
        f"sieve    {rate:>12,.0f} texts/s\n"
        f"re loop  {looped:>12,.0f} texts/s   (over {LOOP_TEXTS} texts)\n"
        f"factor   {rate / looped:>12,.0f}\n"
        f"results  {'identical' if same else 'DIFFER'}, {sum(map(bool, ours)):,} texts caught\n"
        f"hostile  {hostile / len(HOSTILE) * 1000:>12,.0f} ms for 64 KB\n"
    )
    return 0 if same else 1


def _timed(work):
    """Return what some work gives and the least time of three runs, in seconds.

    What other programs took does not count.
    """
    took = []
    for _ in range(RUNS):
        began = time.perf_counter()
        result = work()
        took.append(time.perf_counter() - began)
    return result, min(took)


def _family(seed: random.Random) -> str:
    return "".join(seed.choices(string.ascii_uppercase, k=seed.randint(2, 4)))


def _python(regex: str) -> str:
    r"""Return an RE2 expression as Python reads it: `$` is the very end, `\z` is `\Z`, `\x{feff}` is `\ufeff`."""
    out = re.sub(r"\\x\{(\w+)\}", lambda code: f"\\u{int(code[1], 16):04x}", regex.replace(r"\z", r"\Z"))
    return re.sub(r"(?<!\\)\$(?![^\[]*\])", r"\\Z", out) if "(?m" not in out and "(?im" not in out else out


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
