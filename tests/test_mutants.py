"""The tool behind `make mutants`: it breaks one thing at a time; whom it asks."""

import ast
import tomllib

from tests.tools import mutants
from tests.tools.mutations import mutations

SOURCE = '''
"""Docstring."""
from os import path
__all__ = ["f"]
LIMIT = 3

def f(x: "int" = 2) -> "int":
    """Docstring."""
    if x < LIMIT and not path:
        x = min(x, 1)
    return [a for a in (x,) if a is None] or "none"
'''


def broken(tmp_path):
    (tmp_path / "m.py").write_text(SOURCE, encoding="utf-8")
    return {one.name: one.source() for one in mutations(tmp_path, "m.py")}


def test_each_mutant_breaks_one_node_and_is_a_module(tmp_path):
    names = set(broken(tmp_path))

    assert names == {
        "module: 3 → 4",
        "f: 2 → 3",
        "f: if x < LIMIT and (not path) → if not (x < LIMIT and (not path))",
        "f: x < LIMIT and (not path) → x < LIMIT or not path",
        "f: x < LIMIT → x <= LIMIT",
        "f: not path → path",
        "f: x = min(x, 1) → pass",
        "f: min → max",
        "f: 1 → 2",
        "f: return [a for a in (x,) if a is None] or 'none' → return None",
        "f: [a for a in (x,) if a is None] or 'none' → [a for a in (x,) if a is None] and 'none'",
        "f: for a in (x,) if a is None → for a in (x,)",
        "f: a is None → a is not None",
        "f: 'none' → ''",
    }


def test_every_mutant_differs_from_the_module_and_from_the_others(tmp_path):
    sources = list(broken(tmp_path).values())

    assert len({*sources, ast.unparse(ast.parse(SOURCE))}) == len(sources) + 1


def test_the_same_two_hundred_are_drawn_each_time_from_code_that_decides():
    first, second = mutants.choose()[0], mutants.choose()[0]

    assert [str(one) for one in first] == [str(one) for one in second]
    assert len(first) == mutants.NUMBER == 200
    assert {one.path.split("/")[1] for one in first} == {"assets", "judge", "policy", "rules", "snmp"}


def test_every_equivalent_says_why():
    equivalent = tomllib.loads(mutants.EQUIVALENT.read_text(encoding="utf-8"))

    assert all(len(why.split()) > 3 for names in equivalent.values() for why in names.values())


def test_the_quickest_test_of_each_function_is_asked_first_and_slow_ones_last():
    seconds = {"t.py::a[1]": 0.02, "t.py::a[2]": 0.01, "t.py::b": 0.03, "u.py::c": 4.0}

    assert mutants._quickest(seconds) == ["t.py::a[2]", "t.py::b", "t.py::a[1]", "u.py::c"]
