"""A PostgreSQL server for the tests of the hub, where PostgreSQL is installed."""

import pytest

from tests.tools import postgres as tool


@pytest.fixture(scope="session")
def postgres():
    programs = tool.programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed here; on Debian: apt install postgresql")
    with tool.server(programs) as server:
        yield server
