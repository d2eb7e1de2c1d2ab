"""Build the table of enterprise numbers from a pinned package (`make enterprises`).

The package comes through its ordinary client (apt-get) into a folder, is checked against the hash in SOURCE.toml and
read; the pinned package gives identical bytes. What it may be used for stands in SOURCE.toml.
"""

import argparse
import gzip
import hashlib
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from auditor.errors import AuditorError, InputError
from auditor.rules.enterprises import HEAD, SOURCE, TABLE
from auditor.rules.oui_sources import run
from auditor.tables import Section, read_toml

FOLDER = Path(__file__).resolve().parents[2] / "oui_rules" / "enterprises"
LISTING = "usr/share/wireshark/enterprises.tsv"
NAME_CAP = 80
_REMARK = "# machine-made by `make enterprises`; do not edit"
_ASIDE = re.compile(r"#.*|\((?:formerly|previous|https?:|www\.)[^)]*\)?|https?://\S*", re.IGNORECASE)
_NOBODY = re.compile(r"\W*(?:reserved|none|unassigned|removed|private|unknown|n/a)?\W*", re.IGNORECASE)


def main(argv: list[str] | None = None) -> int:
    """Build the table; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.tools.enterprises_build", description=__doc__)
    parser.add_argument("--package", type=Path, help="the package; fetched when left out")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="folder to build in")
    options = parser.parse_args(argv)
    try:
        line = build(options.folder, options.package)
    except AuditorError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    sys.stdout.write(line + "\n")
    return 0


def build(folder: Path, package: Path | None) -> str:
    """Write the table and the counts in SOURCE.toml; return one line."""
    head = (folder / SOURCE).read_text(encoding="utf-8").partition(_REMARK)[0]
    pinned = read_toml(head, SOURCE).section("package")
    with tempfile.TemporaryDirectory() as scratch:
        listing = _listing(package or _fetch(pinned, Path(scratch)), pinned, Path(scratch))
        raw = table(listing.read_text(encoding="utf-8").splitlines())
    # Without a name and a time in its head, the same table packs to the same bytes.
    (folder / TABLE).write_bytes(gzip.compress(raw, 9, mtime=0))
    rows, digest = raw.count(b"\n") - 1, hashlib.sha256(raw).hexdigest()
    (folder / SOURCE).write_text(f'{head}{_REMARK}\n\n[table]\nrows = {rows}\nsha256 = "{digest}"\n', encoding="utf-8")
    return f"{rows:,} enterprise numbers"


def table(lines: Iterable[str]) -> bytes:
    """Return number and holder a row, ascending; reserved numbers and remarks left out."""
    rows = dict(_rows(lines))
    return HEAD + b"".join(f"{number}\t{rows[number]}\n".encode() for number in sorted(rows))


def _rows(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    for line in lines:
        number, _, name = line.strip().partition("\t") if "\t" in line else line.strip().partition(" ")
        holder = " ".join(_ASIDE.sub("", name).split())[:NAME_CAP].strip()
        if number.isdecimal() and not _NOBODY.fullmatch(holder):
            yield int(number), holder


def _fetch(pinned: Section, folder: Path) -> Path:
    run(pinned.texts("fetch", required=True), folder)
    return folder / pinned.text("file")


def _listing(package: Path, pinned: Section, folder: Path) -> Path:
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    if digest != pinned.text("sha256"):
        raise InputError(f"has SHA-256 {digest}, SOURCE.toml pins another", where=str(package))
    run(("dpkg-deb", "-x", str(package), str(folder / "package")))
    return folder / "package" / LISTING


if __name__ == "__main__":
    sys.exit(main())
