"""What a run is judged with: rules and policies, the user's over ours, the newest registry."""

from collections.abc import Sequence
from pathlib import Path

from auditor import pipeline
from auditor.errors import UsageError
from auditor.rules.oui_update import folder_in
from auditor.run.home import data_home


def knowledge(folders: Sequence[str | Path] = (), policies: Sequence[str] = ()) -> pipeline.Knowledge:
    """Return what a judgement rests on, with the user's refreshed MAC registry if there is one."""
    return pipeline.learn(rule_folders(folders), policies, folder_in(data_home()))


def rule_folders(folders: Sequence[str | Path]) -> list[Path]:
    """Return the user's own rule folders, later over earlier; no folder is a `UsageError`."""
    for folder in folders:
        if not Path(folder).is_dir():
            raise UsageError(f"'{folder}' is no folder", where="--rules")
    return [Path(folder) for folder in folders]
