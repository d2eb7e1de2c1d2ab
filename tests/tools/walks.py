"""Whole SNMP recordings through importer and pipeline: `walks/` of the corpus.

python -m tests.tools.walks               print who was found, missed or accused wrongly
"""

import csv
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from auditor.imports.registry import read
from auditor.imports.source import SourceFile
from auditor.model import AuditedAsset, Finding, Outcome, Run, Seen, Tier, Verdict
from auditor.pipeline import AuditCase, Knowledge, audit, learn
from tests.tools.accuracy import AS_OF, corpus, named_rightly

AT = datetime(2026, 11, 21, tzinfo=UTC)


@dataclass(slots=True)
class Walked:
    """What became of the recordings.

    Of covered makers and found, with a model and right, of others, and the bad ones.
    """

    covered: int = 0
    found: int = 0
    modelled: int = 0
    model_right: int = 0
    clean: int = 0
    accused: list[str] = field(default_factory=list)
    weakly_accused: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    mismodelled: list[str] = field(default_factory=list)
    listeners: int = 0
    reporters: int = 0
    heard: int = 0

    def __str__(self) -> str:
        first = (
            f"whole recordings: {self.found} of {self.covered} found, {self.model_right} of {self.modelled} models "
            f"right, "
            f"of {self.clean} others accused wrongly {len(self.accused)}"
        )
        rest = [f"  ACCUSED {line}" for line in self.accused]
        rest += [f"  weak label, for review: {line}" for line in self.weakly_accused]
        rest += [f"  missed: {line}" for line in self.missed] + [f"  other model: {line}" for line in self.mismodelled]
        neighbours = (
            f"whole recordings of others: {self.listeners} list any neighbour, {self.reporters} a covered one, "
            f"neighbours heard: {self.heard}"
        )
        return "\n".join([first, neighbours, *rest])


def measure_walks(folder: Path, known: Knowledge) -> Walked:
    """Import and judge every recording of `walks.tsv`, and compare with its label."""
    walked = Walked()
    with (folder / "walks.tsv").open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table, delimiter="\t"):
            assets = judged(folder / "walks" / row["file"], known)
            _score(walked, row, next((asset for asset in assets if asset.asset.seen is Seen.READ), None))
            if row["maker"] == "none":
                heard = [asset for asset in assets if asset.asset.seen is Seen.HEARD]
                covered = sum(asset.outcome is Outcome.MATCH for asset in heard)
                walked.listeners += bool(heard)
                walked.reporters += bool(covered)
                walked.heard += covered
    return walked


def judged(path: Path, known: Knowledge) -> tuple[AuditedAsset, ...]:
    """Return what is made of the device of a recording, if it says anything, and its neighbours."""
    records = list(read(SourceFile(path=path, site="", at=AT, warn=lambda _text: None)))
    run = Run(id="walk", started=AT)
    return audit(records, known, AuditCase(run=run, finished=AT, as_of=AS_OF)).assets


def _score(walked: Walked, row: dict[str, str], own: AuditedAsset | None) -> None:
    sure: dict[str, Finding] = {
        one.maker: one
        for one in (own.findings if own else ())
        if one.tier is Tier.COVERED and one.verdict >= Verdict.PROBABLE
    }
    if row["maker"] == "none":
        walked.clean += row["quality"] == "strong"
        if sure:
            line = f"{row['file']} ({row['vendor']}) as {', '.join(sorted(sure))}"
            (walked.accused if row["quality"] == "strong" else walked.weakly_accused).append(line)
        return
    walked.covered += 1
    finding = sure.get(row["maker"])
    walked.found += finding is not None
    if finding is None:
        walked.missed.append(f"{row['file']}: {own.why if own else 'it says nothing'}")
    elif row["model"]:
        right = named_rightly(finding, row["model"])
        walked.modelled += 1
        walked.model_right += right
        if not right:
            walked.mismodelled.append(f"{row['file']}: {row['model']!r}, not {finding.model!r}")


if __name__ == "__main__":
    where = corpus()
    sys.stdout.write(f"{measure_walks(where, learn())}\n" if where else "skipped: no corpus (set AUDITOR_CORPUS)\n")
