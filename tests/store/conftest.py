"""The databases a store may stand in, real ones."""

import pytest

from auditor.store.runs import Store


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)])
def url(request, tmp_path):
    """Name a database that nobody has written to."""
    if request.param == "sqlite":
        return str(tmp_path / "auditor.db")
    return request.getfixturevalue("postgres").new()


@pytest.fixture
def store(url):
    return Store(url)
