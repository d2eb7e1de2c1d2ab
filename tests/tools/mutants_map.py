"""A pytest plugin for `make mutants`: which test runs which line, and how long it takes."""

import json
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest

from tests.tools.mutants import BROKEN

ROOT = Path(__file__).resolve().parents[2]
TIMES: dict[str, float] = {}
SETUP: dict[str, float] = defaultdict(float)
COVERAGE = coverage.Coverage(
    data_file=None, config_file=False, include=[str(ROOT / "auditor" / f"{pattern}.py") for pattern in BROKEN]
)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Begin before anything of ours is imported."""
    COVERAGE.start()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Count what fixtures run, and their time, as every test's of the file: they may share them."""
    COVERAGE.switch_context(_file(item.nodeid))
    began = time.monotonic()
    yield
    SETUP[_file(item.nodeid)] += time.monotonic() - began


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Count what runs from here on as run by this test.

    One that fails where nothing is broken proves nothing.
    """
    COVERAGE.switch_context(item.nodeid)
    began = time.monotonic()
    yield
    TIMES[item.nodeid] = time.monotonic() - began


def _file(name: str) -> str:
    return name.partition("::")[0]


def pytest_sessionfinish() -> None:
    """Write, for each file and line, the tests that ran it with their seconds."""
    COVERAGE.stop()
    data = COVERAGE.get_data()
    lines = {}
    for file in data.measured_files():
        contexts = data.contexts_by_lineno(file)
        every = set().union(*contexts.values()) - {""}
        # What import ran belongs to all that ran any line.
        lines[str(Path(file).relative_to(ROOT))] = {
            line: _tests(set(names) - {""} or every) for line, names in contexts.items()
        }
    (ROOT / "map.json").write_text(json.dumps(lines), encoding="utf-8")


def _tests(contexts: set[str]) -> dict[str, float]:
    names = [name for name in TIMES if name in contexts or _file(name) in contexts]
    return {name: TIMES[name] + SETUP[_file(name)] for name in names}
