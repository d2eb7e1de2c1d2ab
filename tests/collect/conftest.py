"""Played networks for the collector tests.

Bare servers, and SSH devices shared by the tests of a file.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.probe_lab import Net
from tests.tools.ssh_lab import Lab


@pytest.fixture
def net() -> Iterator[Net]:
    with Net() as running:
        yield running


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab() as running:
        yield running


@pytest.fixture
def known_hosts(tmp_path: Path) -> str:
    return str(tmp_path / "known_hosts")
