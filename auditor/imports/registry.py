"""Which formats can be imported, and which one a file is in."""

import importlib
import re
from collections.abc import Callable, Iterator

from auditor.errors import InputError, UsageError
from auditor.imports.source import Importer, Source
from auditor.model import Record

# Each format's module has one function, `read`; a module is loaded when a file of its sort turns up.
FORMATS: dict[str, str] = {
    "journal": "auditor.imports.journals",
    "snmprec": "auditor.imports.walks",
    "snmpwalk": "auditor.imports.walks",
    "cli": "auditor.imports.transcripts",
    "nmap": "auditor.imports.nmap",
    "csv": "auditor.imports.spreadsheets",
    "macs": "auditor.imports.macs",
}

# Suffixes that say it outright, so that even an empty recording is a device that said nothing.
SUFFIXES = frozenset({"snmprec", "snmpwalk"})
_SAMPLE = 65_536
_SNMPREC = re.compile(r"^\.?[0-9]+(?:\.[0-9]+)+\|[0-9]+[a-z]*(?::\w+)?\|", re.MULTILINE)
_SNMPWALK = re.compile(r"^(?:\.1\.|\.0\.|1\.3\.6\.|iso\.)[0-9.]+ = ", re.MULTILINE)


def _looks_csv(text: str) -> bool:
    from auditor.imports.spreadsheets import TELLING, mapped

    first = text.lstrip("\ufeff").split("\n", 1)[0].strip()
    separator = max(",;\t|", key=first.count)
    return separator in first and bool(TELLING & set(mapped(first.replace('"', "").split(separator)).values()))


def _looks_cli(text: str) -> bool:
    from auditor.parse import cli

    return any(command for command, _ in cli.split_transcript(text))


def _looks_macs(text: str) -> bool:
    from auditor.imports.macs import row

    return any(True for line in text.splitlines()[:200] for _ in row(line))


# In this order: what a file surely is comes before what its text merely resembles.
SIGNS: dict[str, Callable[[str], bool]] = {
    "journal": lambda text: text.lstrip().startswith("{") and '"type"' in text[:4096],
    "nmap": lambda text: "<nmaprun" in text[:8192],
    "snmprec": lambda text: _SNMPREC.search(text[:8192]) is not None,
    "snmpwalk": lambda text: _SNMPWALK.search(text[:8192]) is not None,
    "csv": _looks_csv,
    "cli": _looks_cli,
    "macs": _looks_macs,
}


def importer(name: str) -> Importer:
    """Return the reader of one format."""
    if name not in FORMATS:
        raise UsageError(f"'{name}' is no format; known: auto, {', '.join(FORMATS)}", where="--type")
    read: Importer = importlib.import_module(FORMATS[name]).read
    return read


def sniff(source: Source) -> str:
    """Return the format a file's beginning shows; raise `InputError` where it shows none."""
    named = source.path.name.removesuffix(".gz").rpartition(".")[2]
    if named in SUFFIXES:
        return named
    text = source.head(_SAMPLE)
    for name, shows in SIGNS.items():
        if shows(text):
            return name
    raise InputError(f"its format is not recognised; say --type ({', '.join(FORMATS)})", where=str(source.path))


def read(source: Source, sort: str = "auto") -> Iterator[Record]:
    """Yield the records of one file, of the named sort or the one its content shows."""
    return importer(sniff(source) if sort == "auto" else sort)(source)
