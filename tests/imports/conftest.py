"""Writes files for the importers and gathers what they warn of."""

from datetime import UTC, datetime

import pytest

from auditor.imports.source import SourceFile

AT = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def file(tmp_path):
    """Return a function that writes a file for the importers; `warnings` gathers."""
    warnings = []

    def write(name, text):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return SourceFile(path=path, site="hq", at=AT, warn=warnings.append)

    write.warnings = warnings
    return write
