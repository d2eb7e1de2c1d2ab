"""The licences of every package that a user's installation brings, from the packages' own metadata.

python -m tests.tools.licences            print the table
python -m tests.tools.licences --write    write it into docs/licences.md
"""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata, version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.lock"
TABLE = ROOT / "docs" / "licences.md"
BEGIN, END = "<!-- the packages -->\n", "<!-- end of the packages -->\n"
# Packages of our extras, which `pip install network-equipment-auditor[…]` brings.
EXTRAS = (
    "annotated-doc",
    "annotated-types",
    "anyio",
    "apprise",
    "asgiref",
    "croniter",
    "dpkt",
    "fastapi",
    "h11",
    "procrastinate",
    "psycopg",
    "psycopg-binary",
    "psycopg-pool",
    "pydantic",
    "pydantic-core",
    "python-multipart",
    "starlette",
    "typing-inspection",
    "typst",
    "uvicorn",
)
# Where the metadata says nothing: read in the package's own file.
FILES = {"pysnmp": "BSD-2-Clause"}
# What asks something of whoever hands a package on changed; the rest asks for its notice alone.
COPYLEFT = re.compile(r"GPL|MPL|EPL|CDDL|EUPL|MOZILLA|LESSER", re.IGNORECASE)


def packages() -> list[tuple[str, str]]:
    """Return name and version of every package in the lock, those of extras after them."""
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    return [*pinned, *((name, version(name)) for name in EXTRAS)]


def licence(name: str) -> str:
    """Return the licence a package states of itself: as an expression, by classifier, or in a word."""
    try:
        told = metadata(name)
    except PackageNotFoundError:
        return "not installed here (another system's)"
    classes = [one.split(" :: ")[-1] for one in told.get_all("Classifier") or [] if one.startswith("License :: ")]
    classes = [one for one in classes if one != "OSI Approved"]
    field = (told.get("License") or "").strip()
    first = told.get("License-Expression") or ", ".join(classes) or (field if field and "\n" not in field else "")
    return first or FILES.get(name, "not stated")


def rows() -> Iterator[str]:
    """Yield the rows of the table, those that ask for more than their notice marked."""
    for name, number in packages():
        words = licence(name)
        yield f"| {name} | {number} | {words} | {'yes' if COPYLEFT.search(words) else ''} |\n"


def page() -> str:
    """Return the page with its table made anew."""
    before, rest = TABLE.read_text(encoding="utf-8").split(BEGIN)
    head = "| package | version | licence | more than its notice |\n|---|---|---|---|\n"
    return before + BEGIN + head + "".join(rows()) + END + rest.split(END)[1]


def main() -> int:
    """Print the table, or write it."""
    if "--write" in sys.argv[1:]:
        TABLE.write_text(page(), encoding="utf-8")
    else:
        sys.stdout.writelines(rows())
    return 0


if __name__ == "__main__":
    sys.exit(main())
