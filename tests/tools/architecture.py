"""The drawing and the walk in docs/ARCHITECTURE.md, made from the code: `make architecture`.

Floors and rooms come from `tests/test_house.py`, imports from the syntax trees, sentences from the modules' docstrings.
"""

import ast
import sys
from collections import defaultdict
from functools import cache
from pathlib import Path

from tests.test_house import FLOORS, ROOT, imports, modules, room_of

PAGE = ROOT / "docs" / "ARCHITECTURE.md"
# The way of a scan, room by room; what stands in none of them is beside the way.
WALK = (
    ("The door takes the words apart", ("cli",)),
    ("A use case runs, without click and without print", ("run",)),
    ("What may be contacted", ("targets", "ownership")),
    ("Devices are read", ("collect", "snmp", "ber", "oids")),
    ("Replies become facts", ("parse", "model", "normal", "tables", "errors", "version")),
    ("Every record goes into the journal first", ("formats",)),
    ("Records are introduced to the rooms that judge", ("pipeline",)),
    ("Marks become one asset per device", ("assets",)),
    ("Facts meet rules", ("rules",)),
    ("Evidence becomes a verdict", ("judge",)),
    ("Verdicts meet laws", ("policy",)),
    ("The run is kept", ("store",)),
    ("The audit becomes reports", ("report",)),
)
BESIDE = (
    ("What others recorded, in place of a scan", ("imports",)),
    ("A run is handed out to processes, and to workers at sites", ("hub",)),
    ("Papers of a kept run", ("paperwork",)),
    ("Inventories of other programs, over their APIs", ("books",)),
    ("Every sort of data file is checked", ("knowledge",)),
    ("Played networks, for the demo and the tests", ("lab",)),
    ("The Python door", ("__init__", "__main__")),
)
NAMES = ("ground floor", "mezzanine", "rooms", "second floor", "third floor", "fourth floor", "fifth floor", "the door")


def main() -> int:
    """Write the parts between the marks anew."""
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


def page(text: str) -> str:
    """Return the page with its made parts replaced."""
    for name, part in (("floors", floors()), ("walk", chapters(WALK)), ("beside", chapters(BESIDE))):
        head, _, rest = text.partition(f"<!-- {name}: made by `make architecture` -->\n")
        _, mark, tail = rest.partition(f"<!-- end of {name} -->")
        if not mark:
            raise SystemExit(f"{PAGE}: the marks of '{name}' are missing")
        text = f"{head}<!-- {name}: made by `make architecture` -->\n{part}{mark}{tail}"
    return text


def floors() -> str:
    """Return the floors, the highest first, each room with the rooms it imports."""
    below = _imports()
    here = {room_of(str(path.relative_to(ROOT))) for path in modules()}
    lines = []
    for number, rooms in reversed(list(enumerate(FLOORS))):
        title = "the door" if number == len(FLOORS) - 1 else NAMES[number]
        lines.append(f"── {title} " + "─" * (96 - len(title)))
        lines += [f"   {room:<11}→ {' '.join(sorted(below[room])) or 'nothing'}" for room in sorted(rooms & here)]
    return "```\n" + "\n".join(lines) + "\n```\n"


def _imports() -> dict[str, set[str]]:
    found = defaultdict(set)
    for path in modules():
        room = room_of(str(path.relative_to(ROOT)))
        names = [name for name in _names(path) if name.startswith("auditor.")]
        found[room] |= {name.split(".")[1] for name in names} - {room, "__version__"}
    return found


def chapters(walk: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    """Return a chapter per step with every file of its rooms, importers first."""
    lines = []
    for number, (title, rooms) in enumerate(walk, 1):
        lines.append(f"\n{number}. **{title}.**\n")
        for room in rooms:
            lines += [f"   - `{path.relative_to(ROOT)}`: {_sentence(path)}" for path in _ordered(room)]
    return "\n".join(lines) + "\n\n"


def _ordered(room: str) -> list[Path]:
    """Return the files of a room: its map first, then importers before what they import."""
    files = [path for path in modules() if room_of(str(path.relative_to(ROOT))) == room]
    rank = dict.fromkeys(files, 0)
    by_name = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in files}
    for _ in files:
        before = dict(rank)
        for path in files:
            for name in _names(path):
                used = by_name.get(name)
                if used is not None and used != path and used.name != "__init__.py" and rank[used] <= rank[path]:
                    rank[used] = min(rank[path] + 1, len(files))
        if rank == before:
            break
    return sorted(files, key=lambda path: (path.parent, path.name != "__init__.py", rank[path], path.name))


@cache
def _names(path: Path) -> tuple[str, ...]:
    """Return what a file imports; each file is read once."""
    return tuple(name for name, _level in imports(path.read_text(encoding="utf-8")))


def _sentence(path: Path) -> str:
    doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    first = doc.split("\n")[0].rstrip(".")
    return f"{first}."


if __name__ == "__main__":
    sys.exit(main())
