"""Serial numbers and models in facts that stand in no report: `python -m tests.tools.unreported FILE…`.

Reads recordings, journals and transcripts as `auditor import` does, and looks for each serial in the audit document.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from auditor import model, normal, pipeline
from auditor.formats.document import json_lines
from auditor.imports.registry import read_among
from auditor.imports.source import SourceFile

SERIAL_KINDS = ("entity.serial", "inventory.serial", "gpon.serial")
MODEL_KINDS = ("entity.model", "inventory.model")
NOW = datetime(2026, 11, 30, tzinfo=UTC)


def records(paths: Iterable[Path]) -> Iterator[model.Record]:
    """Yield the records of files, each of a site of its own so that none of them merge."""
    for number, path in enumerate(paths):
        yield from read_among(SourceFile(path=path, site=f"site{number}", at=NOW, warn=lambda _text: None))


def audited(items: Iterable[model.Record], knowledge: pipeline.Knowledge) -> model.Audit:
    """Return the audit of records."""
    case = pipeline.AuditCase(run=model.Run(id="measure", started=NOW), finished=NOW, as_of=NOW.date())
    return pipeline.audit(items, knowledge, case)


def missing(
    items: Iterable[model.Record], audit: model.Audit, kinds: Iterable[str], knowledge: pipeline.Knowledge
) -> list[tuple[str, model.Fact]]:
    """Return each fact of these kinds, once, whose value the document of the audit does not hold."""
    shown = _texts(json.loads("".join(json_lines(audit))))
    facts = {
        (observation.target.site, fact.value): (observation.target.address, fact)
        for observation in items
        if isinstance(observation, model.Observation)
        for fact in observation.facts
        if fact.kind in kinds and normal.serial(fact.value) and not knowledge.fillers(fact.value)
    }
    return [pair for (_, value), pair in facts.items() if not _stands(value, shown)]


def _stands(value: str, shown: set[str]) -> bool:
    words = {value, value.strip(), normal.one_line(value), normal.serial(value), normal.pon_serial(value)}
    return bool((words - {""}) & shown)


def _texts(value: object) -> set[str]:
    """Return every text in a document."""
    if isinstance(value, str):
        return {value}
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set().union(*map(_texts, children))


def main() -> None:
    """Print how many serials and models stand in no report, by file where asked for with `-v`."""
    paths = [Path(name) for name in sys.argv[1:] if name != "-v"]
    paths = [
        file for path in paths for file in (sorted(path.rglob("*")) if path.is_dir() else [path]) if file.is_file()
    ]
    knowledge = pipeline.learn()
    items = list(records(paths))
    audit = audited(items, knowledge)
    for name, kinds in (("serials", SERIAL_KINDS), ("models", MODEL_KINDS)):
        found = missing(items, audit, kinds, knowledge)
        values = {
            fact.value
            for item in items
            if isinstance(item, model.Observation)
            for fact in item.facts
            if fact.kind in kinds
        }
        print(f"{name}: {len(values)} different ones in facts, {len(found)} in no report")  # noqa: T201 - its output
        for address, fact in found if "-v" in sys.argv else ():
            print(f"  {address} {fact}")  # noqa: T201 - its output


if __name__ == "__main__":
    main()
