"""The licences of every data file, and of every package that an installation brings, from its own metadata.

python -m tests.tools.licences            print the table
python -m tests.tools.licences --write    write it into docs/licences.md
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata, version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.lock"
TABLE = ROOT / "docs" / "licences.md"
DATA = ROOT / "docs" / "data-licences.toml"
RULES = ROOT / "oui_rules"
DATA_BEGIN, DATA_END = "<!-- the data -->\n", "<!-- end of the data -->\n"
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


def data_notes() -> dict[str, dict[str, str]]:
    """Return the note on each data file, by its place in oui_rules/; what has none is a `KeyError`."""
    notes = tomllib.loads(DATA.read_text(encoding="utf-8"))["file"]
    files = (path.relative_to(RULES) for path in RULES.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {str(file): _note(file, notes) for file in sorted(files)}


def _note(file: Path, notes: list[dict[str, str]]) -> dict[str, str]:
    for note in notes:
        if len(Path(note["files"]).parts) == len(file.parts) and file.match(note["files"]):
            return note
    raise KeyError(f"oui_rules/{file} has no source and no licence; name it in docs/data-licences.toml")


def data_rows() -> Iterator[str]:
    """Yield a row for each sort of data file."""
    notes = data_notes()
    for note in {note["files"]: note for note in notes.values()}.values():
        count = sum(one is note or one == note for one in notes.values())
        yield f"| `{note['files']}` | {count} | {note['source']} | {note['licence']} |\n"


def page() -> str:
    """Return the page with both tables made anew."""
    text = TABLE.read_text(encoding="utf-8")
    head = "| package | version | licence | more than its notice |\n|---|---|---|---|\n"
    data_head = "| in `oui_rules/` | files | comes from | licence |\n|---|---|---|---|\n"
    for begin, end, table in ((DATA_BEGIN, DATA_END, [data_head, *data_rows()]), (BEGIN, END, [head, *rows()])):
        before, rest = text.split(begin)
        text = before + begin + "".join(table) + end + rest.split(end)[1]
    return text


def main() -> int:
    """Print the table, or write it."""
    if "--write" in sys.argv[1:]:
        TABLE.write_text(page(), encoding="utf-8")
    else:
        sys.stdout.writelines(rows())
    return 0


if __name__ == "__main__":
    sys.exit(main())
