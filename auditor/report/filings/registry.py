"""Which filings there are: the built-in ones and a user's own over them."""

from collections.abc import Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from auditor.report.filings.define import Shelf, load
from auditor.report.filings.packet import WORDS
from auditor.report.filings.values import VALUES

FOLDER = "filings"


def shelf(rule_folders: Iterable[Path] = ()) -> Shelf:
    """Read every filing, the built-in ones first; raise every problem of every file at once (`RuleError`)."""
    own: list[Traversable] = [folder / FOLDER for folder in rule_folders if (folder / FOLDER).is_dir()]
    return load([files("oui_rules") / FOLDER, *own], VALUES, WORDS)
