"""What the configuration files say, value by value, and where each comes from; no secret."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

from auditor.errors import UsageError
from auditor.model import Limits
from auditor.ownership import read
from auditor.tables import read_toml
from auditor.targets.source import PARTS

DEFAULT = "default"
# Lists that add up over all files.
_SUMS = frozenset({("scope", "exclude"), ("options", "trust")})


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueInForce:
    """One value as it counts, and where it comes from: a file, a variable, or the default."""

    key: str
    value: object
    origin: str


def values_in_files(paths: list[Path]) -> Iterator[ValueInForce]:
    """Yield what counts of some files, the nearest first, and the limits nobody has set.

    Credentials and sites come whole from the nearest file that names them; options of commands are left out.
    """
    taken: set[tuple[str, str]] = set()
    for path in paths:
        top = read_toml(read(path).decode("utf-8"), str(path), error=UsageError)
        tables = {name: table for name, table in top.values.items() if isinstance(table, dict)}
        for name, table in tables.items():
            for key, value in table.items():
                unit = (name, key)
                if (name == "options" and key != "trust") or (unit in taken and unit not in _SUMS):
                    continue
                taken.add(unit)
                for below, one in _flat(f"{name}.{key}", value):
                    yield ValueInForce(key=below, value=_public(below, one), origin=str(path))
    for limit in fields(Limits):
        if ("limits", limit.name) not in taken:
            yield ValueInForce(key=f"limits.{limit.name}", value=limit.default, origin=DEFAULT)


def shown(value: object) -> object:
    """Return a value without the part of a web address that may be a secret."""
    if isinstance(value, str) and value.startswith(("http://", "https://")):
        return f"{value.partition(':')[0]}://{urlsplit(value).hostname}/…"
    return value


def _flat(key: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        for below, one in value.items():
            yield from _flat(f"{key}.{below}", one)
    else:
        yield key, value


def _public(key: str, value: object) -> object:
    """Return where a secret comes from; of a command only its first word, whatever follows."""
    text = str(value)
    if key.startswith("credential.") and key.rpartition(".")[2] in PARTS.values() and text.startswith("command:"):
        return f"command:[{json.dumps(json.loads(text.partition(':')[2])[0])}, …]"
    return value
