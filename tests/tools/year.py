"""Years of nights, put through the pipeline, the numbers and the events: `make year`.

Prints for each seed how many nights and events there were, and every night that told something else than happened.
"""

import sys
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

from auditor import pipeline
from auditor.formats.document import to_document
from auditor.model import Run
from auditor.store.coverage import coverage
from auditor.store.events import CompareTerms
from tests.tools.lives import Life
from tests.tools.nights import OEM_RULE, Year

DAYS = 365
SEEDS = (1, 2, 3)
AS_OF = date(2026, 11, 1)
# A list that asks something of all covered gear.
LATER_LAW = "us-bis-entity-list"


def judges(folder):
    """Return what runs are judged by, by the state of rules and laws."""
    (folder / "rebrands").mkdir()
    (folder / "rebrands" / "northwind.toml").write_text(OEM_RULE)
    books = {"a": pipeline.learn(), "b": pipeline.learn([folder])}
    few = {
        rules: replace(know, policies=tuple(one for one in know.policies if one.id != LATER_LAW))
        for rules, know in books.items()
    }
    return {(rules, "a"): few[rules] for rules in books} | {(rules, "b"): books[rules] for rules in books}


class Nights:
    """Puts every run of a year through the pipeline, the numbers and the events."""

    def __init__(self, year, judges, life=Life):
        self.year, self.judges, self.runs, self.numbers, self.words = year, judges, {}, {}, Counter()
        self.life = life(CompareTerms(judged_today=self._judged))

    def differences(self):
        """Return each run that told something else than happened: what too much, what too little, the exit codes."""
        return [
            (f"{run.site} {run.started}", sorted(told - run.truth), sorted(run.truth - told), code, run.code)
            for run, told, code in self.compare()
            if told != run.truth or code != run.code
        ]

    def compare(self):
        """Yield each run with what was told of its boxes, and its exit code under `--fail-on new`."""
        for run in self.year.nights():
            self.today = self.judges[run.rules, run.laws]
            assets = self._assets(run)
            self.runs[f"{run.site} {run.started:%m-%d %H}"] = run
            self.words.update(word for word, _ in run.truth)
            self.life.steps = {
                self.numbers[box]: (("removed", datetime.combine(day, time.max, UTC)),)
                for box, day in run.steps.items()
            }
            told = self.life.night(
                run.started, assets, coverage(run.records)[run.site], site=run.site, now=run.now,
                rules=run.rules, laws=run.laws,
            )  # fmt: skip
            self._number(assets)
            boxes = {number: box for box, number in self.numbers.items()}
            yield run, {(word, boxes[number]) for word, number in told}, self.life.alarm.code

    def _number(self, assets):
        """Hold each box to the number it was given first."""
        of = self.life.store.last.of
        for asset in assets:
            (box,) = {
                box.id for box in self.year.boxes
                if box.mac in asset["macs"] or (not asset["macs"] and box.address == asset["address"])
            }  # fmt: skip
            assert self.numbers.setdefault(box, of[asset["key"]]) == of[asset["key"]]

    def _judged(self, name):
        """Return the assets of an older run as today's rules judge it."""
        return {asset["key"]: asset for asset in self._assets(self.runs[name])}

    def _assets(self, run):
        case = pipeline.AuditCase(run=Run(id="night", started=run.started), finished=run.started, as_of=AS_OF)
        return to_document(pipeline.audit(run.records, self.today, case))["assets"]


def report(seed, nights, wrong):
    """Yield what became of one year, a line each."""
    events = sum(nights.words.values())
    yield f"seed {seed}: {len(nights.runs)} runs, {events} events, {len(wrong)} runs told something else"
    yield "  " + ", ".join(f"{word} {count}" for word, count in sorted(nights.words.items()))
    yield from (f"  {line}" for line in wrong)


def main(seeds):
    """Write what each year of a seed told falsely; return 1 where any did."""
    with tempfile.TemporaryDirectory() as folder:
        knowledge = judges(Path(folder))
    broken = 0
    for seed in seeds:
        nights = Nights(Year(seed, DAYS), knowledge)
        wrong = nights.differences()
        broken += len(wrong)
        sys.stdout.writelines(f"{line}\n" for line in report(seed, nights, wrong))
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main(tuple(map(int, sys.argv[1:])) or SEEDS))
