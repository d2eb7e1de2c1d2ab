"""Ways to break a line of Python.

Each yields one node of the syntax tree changed, with a name that says where and how.
"""

import ast
import copy
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

COMPARISONS = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
SUMS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr}
TWINS = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change of one node; `name` is the same as long as the function and the expression are."""

    path: str
    line: int
    name: str
    source: Callable[[], str]  # the whole module, broken

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.name}"


def mutations(root: Path, path: str) -> Iterator[Mutation]:
    """Yield every mutation of one module, in the order of its lines."""
    tree = ast.parse((root / path).read_text(encoding="utf-8"))
    names: Counter[str] = Counter()
    for home, parent, field, at, node in list(_places(tree, "module")):
        for new in _changes(node, parent):
            name = f"{home}: {_words(node)} → {_words(new)}"
            names[name] += 1
            name += f" ({names[name]})" if names[name] > 1 else ""
            line = (node.target if isinstance(node, ast.comprehension) else node).lineno
            yield Mutation(path, line, name, partial(_with, tree, parent, field, at, new))


def _places(node: ast.AST, home: str) -> Iterator[tuple[str, ast.AST, str, int | None, ast.AST]]:
    """Yield (function, parent, field, index, node) of whatever runs.

    No docstring, annotation, decorator or import.
    """
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns", "type_params", "decorator_list"}:
            continue
        for at, child in enumerate(value) if isinstance(value, list) else ((None, value),):
            if not isinstance(child, ast.AST) or isinstance(child, ast.Import | ast.ImportFrom) or _is_said(child):
                continue
            yield home, node, field, at, child
            inner = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            yield from _places(child, child.name if inner else home)


def _is_said(node: ast.AST) -> bool:
    """Tell whether a statement only speaks to readers.

    A docstring, the list of what a module offers.
    """
    offers = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    return offers or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _changes(node: ast.AST, parent: ast.AST) -> Iterator[ast.AST]:
    return _statements(node, parent) if isinstance(node, ast.stmt) else _expressions(node, parent)


def _statements(node: ast.AST, parent: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.If() | ast.While():
            yield _like(node, test=ast.UnaryOp(op=ast.Not(), operand=node.test))
        case ast.Return(value=value) if value is not None and not _is_none(value):
            yield ast.Return(value=ast.Constant(None))
        case ast.Expr() | ast.Assign() | ast.AugAssign() | ast.Continue() | ast.Break() | ast.Raise():
            if not isinstance(parent, ast.Module | ast.ClassDef):
                yield ast.Pass()


def _expressions(node: ast.AST, parent: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(ops=[first, *rest]) if type(first) in COMPARISONS:
            yield _like(node, ops=[COMPARISONS[type(first)](), *rest])
        case ast.BoolOp(op=op):
            yield _like(node, op=ast.Or() if isinstance(op, ast.And) else ast.And())
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.BinOp(op=op) if type(op) in SUMS:
            yield _like(node, op=SUMS[type(op)]())
        case ast.IfExp(test=test):
            yield _like(node, test=ast.UnaryOp(op=ast.Not(), operand=test))
        case ast.Constant(value=value):
            yield from _constants(value)
        case ast.Name(id=name) if isinstance(parent, ast.Call) and name in TWINS:
            yield ast.Name(id=TWINS[name], ctx=ast.Load())
        case ast.comprehension(ifs=[_, *rest]):
            yield _like(node, ifs=rest)


def _constants(value: object) -> Iterator[ast.AST]:
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
    elif isinstance(value, str):
        yield ast.Constant("" if value else "mutant")


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _like(node: ast.AST, **fields: object) -> ast.AST:
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def _with(tree: ast.Module, parent: ast.AST, field: str, at: int | None, new: ast.AST) -> str:
    """Return the module with one node replaced, and leave the tree as it was."""
    whole = getattr(parent, field)
    setattr(parent, field, new if at is None else [*whole[:at], new, *whole[at + 1 :]])
    text = ast.unparse(ast.fix_missing_locations(tree))
    setattr(parent, field, whole)
    return text


def _words(node: ast.AST) -> str:
    """Return one short line that shows a node.

    Of a block its condition, of a comprehension its loop.
    """
    match node:
        case ast.If(test=test) | ast.While(test=test):
            text = f"if {ast.unparse(test)}"
        case ast.comprehension():
            text = ast.unparse(node).strip()
        case ast.Constant(value=value):
            text = repr(value)
        case _:
            text = ast.unparse(node)
    return " ".join(text.split())[:160]
