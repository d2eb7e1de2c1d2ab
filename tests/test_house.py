"""The floors: who may import whom, and which heavy library lives where."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HOUSE = ROOT / "auditor"

GROUND = {"version", "errors", "model", "normal", "tables", "ber", "oids", "formats", "parse"}
MEZZANINE = {"snmp", "ownership"}
ROOMS = {"targets", "collect", "imports", "assets", "rules", "judge", "policy", "report", "store", "lab"}
SECOND = {"pipeline", "hub"}
THIRD = {"paperwork", "books"}
# Knows the readers of every room, so that it can check what they read.
LINTER = {"knowledge"}
FOURTH = {"run"}
# A door of its own: it calls the use cases the command line calls.
WEB = {"web"}
DOOR = {"cli"}
FLOORS = (GROUND, MEZZANINE, ROOMS, SECOND, THIRD, LINTER, FOURTH, WEB, DOOR)

# A library that costs start-up time or reaches the network has one home.
HOMES = {
    "pysnmp": {"collect"},
    "gufo": set(),
    "netmiko": {"collect"},
    "paramiko": {"collect", "lab"},
    "pandas": {"report", "rules"},
    "networkx": {"report"},
    "sqlite3": {"store"},
    "psycopg": {"store", "hub", "run"},
    "procrastinate": {"hub", "run"},
    "apprise": {"run"},
    "fastapi": {"web"},
    "starlette": {"web"},
    "uvicorn": {"web"},
    "python_multipart": {"web"},
    "httpx": set(),
    "requests": set(),
    "aiohttp": set(),
    "asyncssh": set(),
    "openpyxl": set(),
    "scapy": set(),
    "mac_vendor_lookup": {"rules"},
    # Who prints and who asks a person is the door alone.
    "click": {"cli"},
    "rich": {"cli"},
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
    """Return the room a module stands in, e.g. auditor/snmp/walk.py → snmp."""
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
        if name.startswith("auditor.") and (other := name.split(".")[1]) != room:
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


def graph(sources: Mapping[str, str]) -> dict[str, set[str]]:
    """Return which modules each module imports, wherever in it.

    A package only where something of its own is taken.
    """
    return {module: set(_modules_of(source, sources)) - {module} for module, source in sources.items()}


def _modules_of(source: str, sources: Mapping[str, str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in sources)
        elif isinstance(node, ast.ImportFrom):
            for name in (f"{node.module}.{alias.name}" for alias in node.names):
                yield from [one for one in (name, node.module or "") if one in sources][:1]


def circles(needs: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the modules that import one another, in whatever many steps.

    Each of them leads to the other.
    """
    reach = {module: set(names) for module, names in needs.items()}
    for middle, beyond in reach.items():
        for names in reach.values():
            if middle in names:
                names.update(beyond)
    mutual = {tuple(sorted(other for other in names if module in reach[other])) for module, names in reach.items()}
    return sorted(list(circle) for circle in mutual if circle)


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def test_no_modules_import_one_another_in_a_circle():
    sources = {_module(path): path.read_text(encoding="utf-8") for path in modules()}

    assert circles(graph(sources)) == []


@pytest.mark.parametrize(
    "late",
    [
        "from auditor.rules import match",
        "from auditor.rules.match import best",
        "def f():\n    from auditor.rules import match",
        "if TYPE_CHECKING:\n    import auditor.rules.match",
    ],
)
def test_a_circle_is_found_however_late_it_imports(late):
    sources = {
        "auditor.rules": "",
        "auditor.rules.match": "from auditor.rules.book import Book",
        "auditor.rules.book": "from auditor.rules.row import Row",
        "auditor.rules.row": late,
        "auditor.rules.load": "import auditor.rules.match",
    }

    assert circles(graph(sources)) == [["auditor.rules.book", "auditor.rules.match", "auditor.rules.row"]]


COMMAND_LINES = 25


def long_commands(source: str) -> list[str]:
    """Return the commands of a module that are longer than a command may be.

    Decorators do not count.
    """
    functions = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef))
    commands = (one for one in functions if one.decorator_list)
    return [one.name for one in commands if (one.end_lineno or 0) - one.lineno >= COMMAND_LINES]


@pytest.mark.parametrize("path", sorted((HOUSE / "cli").rglob("*.py")), ids=lambda path: path.stem)
def test_a_command_parses_calls_and_prints_in_few_lines(path):
    assert long_commands(path.read_text(encoding="utf-8")) == []


def test_a_long_command_is_found_and_its_decorators_do_not_count():
    body = "    pass\n" * (COMMAND_LINES - 1)

    assert long_commands(f"@a\n@b\ndef f():\n{body}") == []
    assert long_commands(f"@a\n@b\ndef f():\n{body}    pass\n") == ["f"]


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
        ("auditor/run/scan.py", "def f():\n    import click", "click does not live in run"),
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
        "print(sorted({'pandas', 'netmiko', 'pysnmp', 'paramiko', 'numpy', 'sqlite3', 'jinja2', 'rich', 'networkx'} & "
        "set(sys.modules)))"
    )

    shown = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)

    assert shown.stdout.strip() == "[]"


def test_listing_runs_loads_neither_what_judges_nor_the_database_library(tmp_path):
    """SQLAlchemy alone takes 0.4 s of processor time, more than all the rest of the command."""
    sample, store = Path("samples/huawei/s5720.snmprec"), str(tmp_path / "s.db")
    words = [sys.executable, "-m", "auditor", "import", sample, "--store", store, "--fail-on", "never", "-q"]
    subprocess.run(words, capture_output=True, check=True, cwd=ROOT)
    probe = (
        "import sys\nfrom click.testing import CliRunner\nfrom auditor.cli import main\n"
        f"result = CliRunner().invoke(main, ['runs', '--store', {store!r}])\n"
        "assert '5 assets' in result.output, result.output\n"
        "print(sorted({'sqlalchemy', 'auditor.pipeline', 'auditor.report.registry', 'auditor.imports'} & "
        "set(sys.modules)))"
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


# ── words ────────────────────────────────────────────────────────────────────────────────────

# A participle says what happened to a thing and not what it is. Ratchets: these only ever go down.
PARTICIPLES = 0.01
FIRST_LINE = 90
IRREGULAR = frozenset(
    re.findall(
        r"\w+",
        "told said heard found known seen kept made given gone taken held sent shown meant got built lost met paid sold"
        " thought won written spoken chosen broken drawn driven grown worn begun done been spent bought brought caught"
        " taught understood laid led hidden forgotten frozen stolen sworn thrown bound",
    )
)
NOUNS = frozenset({"speed"})


def is_participle(name: str) -> bool:
    """Tell whether a name is one word, and that a bare participle."""
    word = name.strip("_")
    return word in IRREGULAR or (word.isalpha() and word.islower() and word.endswith("ed") and len(word) > 4)


def bindings(tree: ast.AST) -> Iterator[str]:
    """Yield every name a module binds: functions, arguments, variables, fields."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


@cache
def trees() -> dict[str, ast.Module]:
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in modules()}


def test_names_are_nouns_and_verbs():
    names = [name for tree in trees().values() for name in bindings(tree)]
    bare = sorted({name for name in names if is_participle(name) and name not in NOUNS})

    assert sum(map(is_participle, names)) <= PARTICIPLES * len(names), bare


@pytest.mark.parametrize(("name", "bare"), [("told", True), ("_wanted", True), ("seed", False), ("told_by", False)])
def test_a_participle_is_known_when_it_stands_alone(name, bare):
    assert is_participle(name) is bare


def twice(sources: dict[str, ast.Module]) -> list[str]:
    """Return every class name that several modules define, with where."""
    places: dict[str, list[str]] = {}
    for path, tree in sources.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(path)
    return [f"{name}: {', '.join(paths)}" for name, paths in places.items() if len(paths) > 1]


def test_a_class_name_exists_once():
    assert twice(trees()) == []
    assert twice({"a": ast.parse("class Row: ..."), "b": ast.parse("class Row: ...")}) == ["Row: a, b"]


def long_first_lines(path: str, tree: ast.Module) -> Iterator[str]:
    """Yield every docstring whose first line is too long to be read at a glance."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = (ast.get_docstring(node) or "").partition("\n")[0]
            if len(first) > FIRST_LINE:
                yield f"{path}: {first}"


def test_docstrings_begin_with_a_short_sentence():
    assert [line for path, tree in trees().items() for line in long_first_lines(path, tree)] == []
    assert list(long_first_lines("a", ast.parse(f"'''{'x' * 91}'''"))) != []
