"""A pytest plugin that notes which test runs which line of the modules `make mutants` breaks, and how long the test takes."""

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
COVERAGE = coverage.Coverage(
    data_file=None, config_file=False, include=[str(ROOT / "auditor" / f"{pattern}.py") for pattern in BROKEN]
)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Begin before anything of ours is imported."""
    COVERAGE.start()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Count what runs from here on as run by this test."""
    COVERAGE.switch_context(item.nodeid)
    began = time.monotonic()
    result = yield
    TIMES[item.nodeid] = time.monotonic() - began
    return result


def pytest_sessionfinish() -> None:
    """Write, for each file and line, the tests that ran it with their seconds; what import ran belongs to all that ran any line."""
    COVERAGE.stop()
    data = COVERAGE.get_data()
    lines: dict[str, dict[int, dict[str, float]]] = {}
    for file in data.measured_files():
        tests: dict[int, dict[str, float]] = defaultdict(dict)
        contexts = data.contexts_by_lineno(file)
        every = {name for names in contexts.values() for name in names if name in TIMES}
        for line, names in contexts.items():
            tests[line] = {name: TIMES[name] for name in names if name in TIMES} or {
                name: TIMES[name] for name in every
            }
        lines[str(Path(file).relative_to(ROOT))] = tests
    (ROOT / "map.json").write_text(json.dumps(lines), encoding="utf-8")
