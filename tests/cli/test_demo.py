"""The demo: what a newcomer runs first."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from auditor.cli import main


@pytest.mark.slow
def test_the_demo_writes_its_reports_and_a_second_one_finds_nothing_changed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    first, second = (CliRunner().invoke(main, ["demo"]) for _ in range(2))

    assert (first.exit_code, second.exit_code) == (0, 0), (first.output, first.exception)
    assert "findings" in first.stdout
    suffixes = {path.suffix for path in Path("demo").iterdir()}
    assert suffixes >= {".html", ".xlsx", ".json", ".csv"}
    assert "nothing changed" in second.stderr
