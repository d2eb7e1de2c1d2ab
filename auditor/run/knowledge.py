"""What a run is judged with: rules and policies, the user's over ours, the newest registry."""

from collections.abc import Sequence
from pathlib import Path

from auditor import pipeline
from auditor.errors import UsageError
from auditor.model import Organisation
from auditor.report.base import Options
from auditor.rules.oui_update import folder_in
from auditor.run.home import data_home


def knowledge(
    folders: Sequence[str | Path] = (), policies: Sequence[str] = (), countries: Sequence[str] = ()
) -> pipeline.Knowledge:
    """Return what a judgement rests on, with the user's refreshed MAC registry if there is one."""
    choice = pipeline.PolicyChoice(ids=policies, countries=countries)
    return pipeline.learn(rule_folders(folders), choice, folder_in(data_home()))


def look(basis: pipeline.Knowledge, asking: Organisation | None = None) -> Options:
    """Return how reports look: words as people spell them, and whom each law can bind."""
    return Options(names=basis.names(), idle=basis.book.words.idle, organisation=asking, reach=basis.reach())


def rule_folders(folders: Sequence[str | Path]) -> list[Path]:
    """Return the user's own rule folders, later over earlier; no folder is a `UsageError`."""
    for folder in folders:
        if not Path(folder).is_dir():
            raise UsageError(f"'{folder}' is no folder", where="--rules")
    return [Path(folder) for folder in folders]
