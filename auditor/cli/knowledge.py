"""What a command judges with: the built-in rules and policies, the user's over them, the newest registry of MAC prefixes."""

from collections.abc import Sequence
from pathlib import Path

from auditor import pipeline
from auditor.cli.common import data_home
from auditor.rules.oui_update import folder_in


def knowledge(folders: Sequence[Path] = (), policies: Sequence[str] = ()) -> pipeline.Knowledge:
    """Return everything a judgement rests on; the registry is the user's refreshed one where there is one."""
    return pipeline.learn(folders, policies, folder_in(data_home()))
