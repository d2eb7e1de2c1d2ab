"""The floors: who may import whom, and which heavy library lives where."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HOUSE = ROOT / "auditor"

GROUND = {"errors", "model", "normal", "tables", "ber", "oids", "formats", "parse"}
MEZZANINE = {"snmp", "ownership"}
ROOMS = {"targets", "collect", "imports", "assets", "rules", "judge", "policy", "report", "store", "lab"}
SECOND = {"pipeline"}
THIRD = {"paperwork"}
# Knows the readers of every room, so that it can check what they read.
LINTER = {"knowledge"}
FOURTH = {"run"}
DOOR = {"cli"}
FLOORS = (GROUND, MEZZANINE, ROOMS, SECOND, THIRD, LINTER, FOURTH, DOOR)

# A library that costs start-up time or reaches the network has one home.
HOMES = {
    "pysnmp": {"collect"},
    "gufo": set(),
    "netmiko": {"collect"},
    "paramiko": {"collect", "lab"},
    "pandas": {"report", "rules"},
    "sqlite3": {"store"},
    "psycopg": {"store", "run"},
    "procrastinate": {"run"},
    "httpx": set(),
    "requests": set(),
    "aiohttp": set(),
    "asyncssh": set(),
    "openpyxl": set(),
    "scapy": set(),
}
# The few modules that may name such a library at all.
ONLY_MODULES = {
    "pysnmp": {"auditor/collect/snmp/pysnmp_engine.py"},
    "pandas": {"auditor/report/frames.py", "auditor/rules/macs.py"},
}


def modules() -> list[Path]:
    return sorted(HOUSE.rglob("*.py"))


def imports(source: str) -> Iterator[tuple[str, int]]:
    """Yield (module, level) of every import, inside functions and under TYPE_CHECKING too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, 0) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "", node.level)
            if node.module == "auditor":
                yield from ((f"auditor.{alias.name}", 0) for alias in node.names)


def room_of(path: str) -> str:
    """Return the room a module stands in, e.g. auditor/ber.py → snmp."""
    parts = Path(path).with_suffix("").parts
    return parts[1] if len(parts) > 1 else ""


def floor_of(room: str) -> int:
    for number, rooms in enumerate(FLOORS):
        if room in rooms:
            return number
    raise AssertionError(f"unknown room: auditor/{room}")


def complaints(path: str, source: str) -> Iterator[str]:
    """Yield every import of one module that the house does not allow."""
    room = room_of(path)
    if room in {"__init__", "__main__"}:
        return
    for name, level in imports(source):
        if level:
            yield f"{path}: relative import of {name or '.'}"
        if name.startswith("auditor.") and (other := name.split(".")[1]) not in {room, "__version__"}:
            yield from _across(path, room, other)
        library = name.split(".")[0]
        if library in HOMES and room not in HOMES[library]:
            yield f"{path}: {library} does not live in {room}"
        if library in ONLY_MODULES and path not in ONLY_MODULES[library]:
            yield f"{path}: {library} is imported outside its home"


def _across(path: str, room: str, other: str) -> Iterator[str]:
    mine, theirs = floor_of(room), floor_of(other)
    if theirs > mine:
        yield f"{path}: upward import of {other}"
    elif theirs == mine and room in ROOMS | SECOND:
        yield f"{path}: sideways import of {other}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_room_looks_up_or_sideways(path):
    name = str(path.relative_to(ROOT))

    assert list(complaints(name, path.read_text(encoding="utf-8"))) == []


def test_every_room_is_known():
    rooms = {room_of(str(path.relative_to(ROOT))) for path in modules()} - {"__init__", "__main__"}

    assert rooms <= set().union(*FLOORS)


@pytest.mark.parametrize(
    ("path", "source", "wanted"),
    [
        ("auditor/model/facts.py", "from auditor.rules import match", "upward import of rules"),
        ("auditor/rules/match.py", "from auditor.collect import base", "sideways import of collect"),
        ("auditor/rules/match.py", "def f():\n    from auditor import pipeline", "upward import of pipeline"),
        ("auditor/rules/match.py", "if TYPE_CHECKING:\n    import auditor.cli", "upward import of cli"),
        ("auditor/rules/match.py", "from . import load", "relative import"),
        ("auditor/assets/merge.py", "import pandas", "pandas does not live in assets"),
        ("auditor/report/html.py", "import pandas", "pandas is imported outside its home"),
        ("auditor/imports/csv.py", "def f():\n    import netmiko", "netmiko does not live in imports"),
    ],
)
def test_the_floors_bite(path, source, wanted):
    assert any(wanted in complaint for complaint in complaints(path, source))


def test_an_unknown_room_is_refused():
    with pytest.raises(AssertionError, match="unknown room"):
        floor_of("attic")


def test_help_loads_no_heavy_library():
    probe = (
        "import sys\nfrom click.testing import CliRunner\nfrom auditor.cli import main\n"
        "result = CliRunner().invoke(main, ['--help'])\nassert result.exit_code == 0, result.output\n"
        "print(sorted({'pandas', 'netmiko', 'pysnmp', 'paramiko', 'numpy', 'sqlite3', 'jinja2', 'rich'} & set(sys.modules)))"
    )

    shown = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)

    assert shown.stdout.strip() == "[]"


def test_only_reads_are_ever_sent():
    """No SET anywhere: neither pysnmp's nor our own client can write to a device."""
    forbidden = ("set_cmd", "setCmd", "send_config", "config_mode", "SetRequest")
    offenders = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in modules()
        for word in forbidden
        if word in path.read_text(encoding="utf-8") and path.name not in {"agent.py", "message.py"}
    ]

    assert offenders == []
