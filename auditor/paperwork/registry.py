"""Which filings there are: the built-in ones and a user's own over them."""

from collections.abc import Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from auditor import ownership
from auditor.paperwork.define import Filings, load
from auditor.paperwork.filled import WORDS
from auditor.paperwork.values import VALUES

FOLDER = "filings"


def all_filings(rule_folders: Iterable[Path] = ()) -> Filings:
    """Read every filing; raise every problem of every file at once (`RuleError`)."""
    own: list[Traversable] = []
    for folder in rule_folders:
        ownership.check_folder(folder)
        own += [folder / FOLDER] if (folder / FOLDER).is_dir() else []
    return load([files("oui_rules") / FOLDER, *own], VALUES, WORDS)
