"""Folders of data files, later ones over earlier, and what is read out of them, once."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from importlib.resources.abc import Traversable

from auditor.paperwork.define import Filings
from auditor.paperwork.define import load as load_filings
from auditor.paperwork.filled import WORDS
from auditor.paperwork.registry import FOLDER
from auditor.paperwork.values import VALUES
from auditor.policy.load import Policy
from auditor.policy.load import load as load_policies
from auditor.rules.book import RuleBook
from auditor.rules.load import load_layers, vocabulary
from auditor.rules.oui import Registry
from auditor.rules.vocabulary import Vocabulary
from auditor.tables import read_text

_IGNORED = ("__init__.py", "__pycache__", ".md")


class Folders:
    """Layers of data files; what cannot be read is an `AuditorError` whenever it is asked for."""

    def __init__(self, layers: Sequence[Traversable]) -> None:
        self.layers = tuple(layers)

    @cached_property
    def words(self) -> Vocabulary:
        """Return the vocabulary."""
        return vocabulary(self.layers)

    @cached_property
    def book(self) -> RuleBook:
        """Return the rules."""
        return load_layers(self.layers)

    @cached_property
    def registry(self) -> Registry:
        """Return the table of MAC prefixes."""
        return Registry.load(self.layers[0] / "oui")

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        """Return the policies."""
        return load_policies(self._places("policies"))

    @cached_property
    def filings(self) -> Filings:
        """Return the filings and their questions."""
        return load_filings(self._places(FOLDER), VALUES, WORDS)

    def texts(self, *names: str) -> Iterator[tuple[str, str]]:
        """Yield name and text of every file called so, in all layers."""
        for layer in self.layers:
            for name in names:
                file = layer.joinpath(*name.split("/"))
                if file.is_file():
                    yield name, read_text(file, name)

    def names(self, layer: Traversable) -> Iterator[str]:
        """Yield the place of every file of a layer but Python and remarks: `makers/huawei.toml`."""
        yield from _names(layer, "", 3)

    def _places(self, folder: str) -> list[Traversable]:
        return [layer / folder for layer in self.layers if (layer / folder).is_dir()]


def _names(folder: Traversable, before: str, depth: int) -> Iterator[str]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.startswith(".") or entry.name.endswith(_IGNORED):
            continue
        if entry.is_dir() and depth:
            yield from _names(entry, f"{before}{entry.name}/", depth - 1)
        else:
            yield f"{before}{entry.name}"
