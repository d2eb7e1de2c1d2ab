"""Every report of a run is the same made from memory and made from what is stored of it."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from auditor import pipeline
from auditor.errors import InputError
from auditor.formats.document import load, to_json
from auditor.imports.registry import read
from auditor.imports.source import SourceFile
from auditor.lab.samples import home
from auditor.model import Audit, Record, Run
from auditor.policy.oblige import Circumstances
from auditor.report.base import Options
from auditor.report.registry import FORMATS, render

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def recorded(folder: Path) -> Iterator[Record]:
    """Yield what can be read of all samples, as one run."""
    for path in sorted(folder.rglob("*.*")):
        with suppress(InputError):
            yield from read(SourceFile(path=path, site="hq", at=NOON, warn=lambda _: None))


@pytest.fixture(scope="module")
def audits() -> dict[str, tuple[Audit, Audit]]:
    """Return each audit as it was judged and as it is stored.

    Today, and of another day with other purposes.
    """
    records, known = list(recorded(home())), pipeline.learn()
    run = Run(id="run-1", started=NOON, sites=("hq", "depot"))
    cases = {
        "import": pipeline.AuditCase(run=run, finished=NOON, as_of=NOON.date()),
        "judge": pipeline.AuditCase(
            run=run, finished=NOON, as_of=date(2028, 1, 1), circumstances={"hq": Circumstances(purposes=("federal",))}
        ),
    }
    made = {name: pipeline.audit(records, known, case) for name, case in cases.items()}
    return {name: (audit, load(to_json(audit))) for name, audit in made.items()}


@pytest.mark.parametrize("when", ["import", "judge"])
def test_an_audit_is_what_its_document_holds(when: str, audits: dict[str, tuple[Audit, Audit]]) -> None:
    judged, stored = audits[when]

    assert len(judged.assets) > len(list(home().rglob("*.snmprec")))
    assert judged == stored


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("when", ["import", "judge"])
def test_a_report_of_what_is_stored_is_the_report_of_the_run(
    when: str, name: str, audits: dict[str, tuple[Audit, Audit]]
) -> None:
    judged, stored = audits[when]

    assert render(judged, name, Options()) == render(stored, name, Options())
