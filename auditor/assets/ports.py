"""One spelling per port: `GE0/0/1` is `GigabitEthernet0/0/1`, as `ports.toml` lists them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, reduce
from importlib.resources.abc import Traversable
from operator import or_

from auditor import normal
from auditor.tables import Section, file_texts, finish, read_toml

FILE = "ports.toml"
_UNIT = re.compile(r"(/\d+)\.\d+\Z")
_BLANK = re.compile(r"\s+")
# FastIron prints `1/1/1` on its command line for `ethernet1/1/1`; the spelling "" in the file stands for that.
_BARE = re.compile(r"(\d+(?:/\d+)+)(?:\.\d+)?\Z")
_SPLIT = re.compile(r"(.*?[^\d\s])\s*(\d+(?:[/.:]\d+)*)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PortNames:
    """The families of spellings: folded beginning of a name → the family's name."""

    families: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, text: str) -> str:
        """Return the spelling to compare a port by; unknown ones lose blanks and capitals alone.

        A logical unit or a subinterface of a port (`ge-0/0/1.0`) is that port: a cable has no units.
        """
        name = normal.one_line(text).casefold()
        if (bare := _BARE.match(name)) and "" in self.families:
            return f"{self.families['']} {bare[1]}"
        parts = _SPLIT.match(name)
        family = self.families.get(_BLANK.sub("", parts[1])) if parts else None
        if parts and family:
            return f"{family} {parts[2].partition('.')[0]}"
        return _UNIT.sub(r"\1", _BLANK.sub("", name))

    def __or__(self, other: "PortNames") -> "PortNames":
        """Return what either knows, the other one's word last."""
        return PortNames({**self.families, **other.families})


@lru_cache(maxsize=8)
def load(text: str, name: str = FILE) -> PortNames:
    """Return what a file lists; a spelling of two families or a false example is a `RuleError`."""
    top = read_toml(text, name)
    families: dict[str, str] = {}
    pairs: list[tuple[Section, list[tuple[str, str]], list[tuple[str, str]]]] = []
    for section in top.sections("family"):
        family = section.text("name")
        for spelling in section.texts("spellings"):
            if families.setdefault(spelling.casefold(), family) != family:
                section.complain(f"'{spelling}' is of '{families[spelling.casefold()]}' already", "spellings")
        pairs.append((section, _pairs(section, "examples"), _pairs(section, "apart")))
    names = PortNames(families)
    for section, alike, apart in pairs:
        for one, other in alike:
            if names(one) != names(other):
                section.complain(f"'{one}' and '{other}' do not come out as one port", "examples")
        for one, other in apart:
            if names(one) == names(other):
                section.complain(f"'{one}' and '{other}' come out as one port", "apart")
    finish(top)
    return names


def _pairs(section: Section, key: str) -> list[tuple[str, str]]:
    """Return pairs of spellings, each written as `Gi1/0/1 = GigabitEthernet1/0/1`."""
    pairs = []
    for text in section.texts(key, required=True):
        one, mark, other = text.partition(" = ")
        if mark:
            pairs.append((one, other))
        else:
            section.complain(f"write '{text}' as two spellings with ' = ' between them", key)
    return pairs


def load_ports(folders: Iterable[Traversable]) -> PortNames:
    """Return what the files of several folders list together; a folder need not have one."""
    return reduce(or_, (load(text, name) for name, text in file_texts(folders, FILE)), PortNames())
