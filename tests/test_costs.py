"""What one device, file or row may cost in memory is what docs/promises.md says, and no more."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools.costs import COSTS

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def figures():
    """Return what each costs, measured in processes that are forked off another than this one."""
    words = [sys.executable, "-W", "ignore", "-m", "tests.tools.costs", "--json"]
    return json.loads(subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT).stdout)


@pytest.mark.parametrize("cost", COSTS, ids=lambda cost: cost.what)
def test_memory_grows_with_what_is_bounded_as_is_stated_and_not_beyond(figures, cost):
    assert figures[cost.what] <= (cost.each or cost.refused)


@pytest.mark.parametrize("cost", COSTS, ids=lambda cost: cost.what)
def test_each_bound_stands_in_the_promises(cost):
    assert cost.line() in PAGE
