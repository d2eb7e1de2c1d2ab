"""Measure the rules on a corpus of recorded devices with labels.

`AUDITOR_CORPUS`, by default ../shared/corpus.

    python tests/tools/accuracy.py            print the table
    python tests/tools/accuracy.py --keep     write tests/golden/quality.json as well

The corpus is read where it lies; nothing of it is kept but counts.
"""

import gzip
import json
import os
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path

from auditor.formats import journal
from auditor.judge import judge
from auditor.model import AuditedAsset, CollectedAsset, Finding, Observation, Outcome, Seen, Tier, Verdict
from auditor.pipeline import terms_of
from auditor.rules.book import RuleBook
from auditor.rules.load import load
from auditor.rules.match import match
from auditor.rules.oui import Kind, Registry
from tests.tools.merging import merge

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "quality.json"
AS_OF = date(2026, 11, 21)


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What a recording's own label says it is."""

    case: str
    id: str
    kind: str
    maker: str
    quality: str
    scored: bool
    model: str
    candidate: str

    @property
    def family(self) -> str:
        """Return the project the recording comes from."""
        return self.id.split(":")[0].removesuffix("-old1").removesuffix("-old2")


@dataclass(slots=True)
class Score:
    """One kind of recording: how many of covered makers there are, found, with a right model."""

    cases: int = 0
    found: int = 0
    modelled: int = 0
    model_shown: int = 0
    model_right: int = 0


@dataclass(slots=True)
class Result:
    """All figures of one measurement, and the cases behind the bad ones."""

    kinds: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    clean: int = 0
    accused: list[str] = field(default_factory=list)
    weakly_accused: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    mismodelled: list[str] = field(default_factory=list)
    levels: dict[str, Counter[bool]] = field(default_factory=lambda: defaultdict(Counter))
    listeners: int = 0
    reporters: int = 0
    reporters_flagged: list[str] = field(default_factory=list)
    neighbours: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)

    def total(self, name: str) -> int:
        """Return one count over all kinds."""
        return sum(getattr(one, name) for one in self.kinds.values())

    def figures(self) -> dict[str, object]:
        """Return what is kept and may not get worse."""
        return {
            "accused_wrongly": len(self.accused),
            "not_covered_cases": self.clean,
            "recall": {kind: _share(one.found, one.cases) for kind, one in sorted(self.kinds.items())},
            "cases": {kind: one.cases for kind, one in sorted(self.kinds.items())},
            "model_right": _share(self.total("model_right"), self.total("modelled")),
            "model_right_where_shown": _share(self.total("model_right"), self.total("model_shown")),
            "reporters_with_covered_neighbours": self.reporters,
            "reporters_flagged": len(self.reporters_flagged),
            "right_by_verdict": {
                level: _share(n[True], n[True] + n[False]) for level, n in sorted(self.levels.items())
            },
        }


def corpus() -> Path | None:
    """Return the folder of the corpus, None where there is none."""
    folder = Path(os.environ.get("AUDITOR_CORPUS", ROOT.parent / "shared" / "corpus"))
    return folder if (folder / "truth.jsonl.gz").is_file() else None


def measure(folder: Path, book: RuleBook, registry: Registry, only: str = "") -> Result:
    """Judge every recording (of one family, where named) and compare with its label."""
    result = Result()
    wanted = [truth for truth in truths(folder) if not only or truth.family == only]
    audited = judged(folder, book, registry, frozenset(truth.case for truth in wanted))
    for truth in wanted:
        _score(result, truth, audited[truth.case], by_order(folder, registry))
    return result


def judged(folder: Path, book: RuleBook, registry: Registry, cases: Container[str]) -> dict[str, list[AuditedAsset]]:
    """Return what was made of some recordings and their neighbours, by case."""
    terms = terms_of(book, registry)
    found: dict[str, list[AuditedAsset]] = defaultdict(list)
    for asset in merged(folder, registry):
        if asset.site in cases:
            found[asset.site].append(judge(asset, match(book, asset, registry), terms, AS_OF))
    return found


@cache
def merged(folder: Path, registry: Registry) -> tuple[CollectedAsset, ...]:
    """Return the assets of the whole corpus, put together once."""
    return merge(observations(folder), lambda digits: registry.kind(digits) is Kind.UNIVERSAL)


@cache
def by_order(folder: Path, registry: Registry) -> Mapping[tuple[str, ...], CollectedAsset]:
    """Return the same assets by the order in which they stand in an audit."""
    return {asset.order: asset for asset in merged(folder, registry)}


def observations(folder: Path) -> Iterator[Observation]:
    """Yield every recording of the corpus."""
    with gzip.open(folder / "journal.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            record = journal.decode(line)
            if isinstance(record, Observation):
                yield record


@cache
def truths(folder: Path) -> tuple[Truth, ...]:
    """Return every label of the corpus."""
    with gzip.open(folder / "truth.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return tuple(
        Truth(**{key: row[key] or "" if key != "scored" else row[key] for key in Truth.__dataclass_fields__})
        for row in rows
    )


def without(book: RuleBook, family: str) -> RuleBook:
    """Return the book without the rules that were taken from one family of recordings."""
    words = {"ntc": ("ntc-templates", "ntc"), "librenms": ("librenms",)}.get(family, (family,))
    kept = tuple(rule for rule in book.rules if not any(word in rule.source.casefold() for word in words))
    return replace(book, rules=kept, version=f"{book.version}-{family}")


def _score(
    result: Result, truth: Truth, assets: Iterable[AuditedAsset], collected: Mapping[tuple[str, ...], CollectedAsset]
) -> None:
    assets = list(assets)
    own = next((one for one in assets if one.asset.seen is Seen.READ), None)
    named = {f.maker: f for f in own.findings if f.tier is Tier.COVERED} if own else {}
    sure = {maker: finding for maker, finding in named.items() if finding.verdict >= Verdict.PROBABLE}
    _attribute(result, truth, assets, sure)
    if not truth.scored:
        return
    result.outcomes[f"{'covered' if truth.maker != 'none' else 'other'} {own.outcome if own else Outcome.UNREAD}"] += 1
    for maker, finding in named.items():
        if truth.maker != "none" or truth.quality == "strong":
            result.levels[finding.verdict.word][maker == truth.maker] += 1
    if truth.maker == "none":
        _foreign(result, truth, sure)
        return
    score = result.kinds[truth.kind]
    score.cases += 1
    if truth.maker not in sure:
        result.missed.append(f"{truth.kind} {truth.id} {truth.maker}: {own.outcome}, {own.why}" if own else truth.id)
        return
    score.found += 1
    if truth.model:
        model = sure[truth.maker].model
        right = named_rightly(sure[truth.maker], truth.model)
        shown = _shown(truth.model, collected.get(own.order) if own else None)
        score.modelled += 1
        score.model_right += right
        score.model_shown += shown or right
        if not right:
            where = "" if shown else ", which the recording does not show"
            result.mismodelled.append(f"{truth.id}: {truth.model!r}{where}, not {model!r}")


def named_rightly(finding: Finding, wanted: str) -> bool:
    """Tell whether a finding names the product of a label, or one of the series it gives.

    VRP writes its series and, below it, its product: (CE12800 V200R002…), CE12804. The device must have said both.
    """
    return right_model(finding.model, wanted) or wanted in _series(finding)


def _series(finding: Finding) -> set[str]:
    return {value for item in finding.evidence for key, value in item.captures if key == "hardware" and finding.model}


def _shown(model: str, asset: CollectedAsset | None) -> bool:
    """Tell whether the words of a label's model stand anywhere in what was recorded.

    Else nobody could read it off.
    """
    said = " ".join(fact.value for fact in (*asset.facts, *asset.part_facts)) if asset else ""
    return _letters(model) in _letters(said)


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.casefold())


def _foreign(result: Result, truth: Truth, sure: dict[str, Finding]) -> None:
    if truth.quality == "strong":
        result.clean += 1
    if sure:
        line = f"{truth.kind} {truth.id} ({truth.quality}) as {', '.join(sorted(sure))}"
        (result.accused if truth.quality == "strong" else result.weakly_accused).append(line)


def _attribute(result: Result, truth: Truth, assets: list[AuditedAsset], sure: dict[str, Finding]) -> None:
    if truth.maker == "none" and not truth.candidate:
        result.listeners += len(assets) > 1
    heard = sum(one.outcome is Outcome.MATCH for one in assets if one.asset.seen is Seen.HEARD)
    # A recording whose label leaves a covered maker open is no foreign reporter.
    if truth.maker == "none" and not truth.candidate and heard:
        result.reporters += 1
        result.neighbours += heard
        if sure:
            result.reporters_flagged.append(truth.id)


def right_model(said: str, wanted: str) -> bool:
    """Tell whether two spellings name one product.

    Equal, or one with more around it (S5720-28X and S5720, ZXR10 8912 and 8912).
    """
    left, right = _letters(said), _letters(wanted)
    short, long = sorted((left, right), key=len)
    return bool(short) and (left == right or (len(short) >= 4 and (long.startswith(short) or long.endswith(short))))


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0


def report(result: Result) -> str:
    """Return the table as text."""
    rows = [f"{'kind':<8}{'covered':>8}{'found':>7}{'recall':>8}{'models':>8}{'shown':>7}{'right':>7}"]
    for kind, one in sorted(result.kinds.items()):
        recall = _share(one.found, one.cases)
        rows.append(
            f"{kind:<8}{one.cases:>8}{one.found:>7}{recall:>8.1%}"
            f"{one.modelled:>8}{one.model_shown:>7}{one.model_right:>7}"
        )
    rows.append(f"not covered, strong label: {result.clean}, wrongly accused: {len(result.accused)}")
    rows += [f"  ACCUSED {line}" for line in result.accused]
    rows += [f"  weak label, for review: {line}" for line in result.weakly_accused]
    rows += [f"  missed: {line}" for line in result.missed]
    rows += [f"  other model: {line}" for line in result.mismodelled]
    for level, count in sorted(result.levels.items()):
        rows.append(f"verdict {level}: {count[True]} right, {count[False]} wrong")
    rows.append(
        f"recordings of other makers that list any neighbour: {result.listeners}, "
        f"a covered one: {result.reporters}, themselves flagged: {len(result.reporters_flagged)}, "
        f"neighbours heard: {result.neighbours}"
    )
    rows += [f"  FLAGGED REPORTER {line}" for line in result.reporters_flagged]
    rows += [f"outcome {outcome}: {count}" for outcome, count in sorted(result.outcomes.items())]
    return "\n".join(rows)


def left_out(folder: Path, book: RuleBook, registry: Registry) -> Iterator[str]:
    """Yield, per family of recordings, what is found without the rules taken from it."""
    cases = found = accused = 0
    levels: dict[str, Counter[bool]] = defaultdict(Counter)
    for family in sorted({truth.family for truth in truths(folder) if truth.scored}):
        fewer = without(book, family)
        result = measure(folder, fewer, registry, only=family)
        part, whole = result.total("found"), result.total("cases")
        cases, found, accused = cases + whole, found + part, accused + len(result.accused)
        for level, count in result.levels.items():
            levels[level].update(count)
        if whole:
            yield f"without {len(book.rules) - len(fewer.rules)} rules from {family}: {part} of {whole}"
    yield f"leave one family out: {found} of {cases} ({_share(found, cases):.1%}), wrongly accused {accused}"
    for level, count in sorted(levels.items()):
        yield f"leave one family out, verdict {level}: {count[True]} right, {count[False]} wrong"


def main(arguments: list[str]) -> int:
    """Print the figures; return 1 where they fell below those kept."""
    folder = corpus()
    if folder is None:
        sys.stdout.write("skipped: no corpus (set AUDITOR_CORPUS)\n")
        return 0
    from auditor.pipeline import learn
    from tests.tools import nameplates
    from tests.tools.walks import measure_walks

    book, registry = load(), Registry.load()
    result = measure(folder, book, registry)
    sys.stdout.write(f"{report(result)}\n{measure_walks(folder, learn())}\n")
    sys.stdout.write(f"{nameplates.report(nameplates.measure(folder, learn()))}\n")
    if "--quick" not in arguments:
        sys.stdout.write("\n".join(left_out(folder, book, registry)) + "\n")
    if "--keep" in arguments:
        GOLDEN.write_text(json.dumps(result.figures(), indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return 1 if worse(result.figures()) else 0


def worse(figures: dict[str, object]) -> list[str]:
    """Return what fell below the figures kept in tests/golden/quality.json."""
    kept = json.loads(GOLDEN.read_text(encoding="utf-8")) if GOLDEN.is_file() else {}
    floor = {"recall": kept.get("recall", {}), "model_right": {"": kept.get("model_right", 0.0)}}
    now = {"recall": figures["recall"], "model_right": {"": figures["model_right"]}}
    fell = [
        f"{name} {key}: {now[name].get(key, 0)} was {value}"
        for name, values in floor.items()
        for key, value in values.items()
        if now[name].get(key, 0) < value
    ]
    rose = [name for name in ("accused_wrongly", "reporters_flagged") if figures[name] > kept.get(name, 0)]
    return fell + [f"{name}: {figures[name]}" for name in rose]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
