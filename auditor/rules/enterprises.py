"""Who holds an enterprise number under 1.3.6.1.4.1: IANA's registry of one day (RFC 9371)."""

import gzip
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from auditor.tables import Problem, Section, read_text, read_toml

SOURCE = "SOURCE.toml"
TABLE = "registry.tsv.gz"
HEAD = b"number\tholder\n"
FOLDER = "enterprises"
_ROW = re.compile(rb"([0-9]{1,10})\t[^\t\n]{1,320}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Enterprises:
    """The registry as text, a row a number, and the day it was made; empty it knows nobody."""

    raw: bytes = b""
    day: date | None = None

    def holder(self, number: str) -> str:
        """Return who holds a number given as decimal text; nothing where nobody does."""
        mark = f"\n{number}\t".encode()
        start = self.raw.find(mark) + len(mark)
        end = self.raw.find(b"\n", start)
        return self.raw[start:end].decode() if start >= len(mark) and end > start else ""


@cache
def load() -> Enterprises:
    """Return the registry this version ships."""
    folder = files("oui_rules").joinpath(FOLDER)
    return Enterprises(raw=gzip.decompress(folder.joinpath(TABLE).read_bytes()), day=_source(folder).day("date"))


def check(folder: Traversable) -> Iterator[Problem]:
    """Yield what is wrong with a table: not what SOURCE.toml counts, out of order, malformed."""
    place, source = f"{FOLDER}/{TABLE}", _source(folder).section("table")
    raw = gzip.decompress(folder.joinpath(TABLE).read_bytes())
    rows = raw.removeprefix(HEAD).splitlines()
    if hashlib.sha256(raw).hexdigest() != source.text("sha256") or len(rows) != source.number("rows"):
        yield Problem(place=place, demand=f"is not the table {SOURCE} speaks of; build it again")
    numbers = [int(match[1]) if (match := _ROW.fullmatch(row)) else -1 for row in rows]
    if -1 in numbers or numbers != sorted(set(numbers)):
        yield Problem(place=place, demand="must hold a number and a holder a row, numbers ascending and each once")


def _source(folder: Traversable) -> Section:
    return read_toml(read_text(folder.joinpath(SOURCE), f"{FOLDER}/{SOURCE}"), f"{FOLDER}/{SOURCE}")
