"""The demo: what a newcomer runs first."""

import re
import shlex
import subprocess
import sys
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


@pytest.mark.slow
def test_what_the_demo_prints_can_be_typed_as_it_is_printed(tmp_path):
    told = subprocess.run(
        [Path(sys.executable).with_name("auditor"), "demo"], capture_output=True, text=True, cwd=tmp_path, check=True
    ).stderr
    page = re.search(r"^open (\S+\.html) in a browser$", told, re.MULTILINE)
    commands = re.findall(r"^next: (.+)$", told, re.MULTILINE)
    bare = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}

    assert page is not None
    assert (tmp_path / page[1]).is_file()
    assert [shlex.split(words)[1] for words in commands] == ["explain", "topology", "assets"]
    for words in commands:
        done = subprocess.run(["sh", "-c", words], capture_output=True, text=True, cwd=tmp_path, env=bare, check=False)
        assert (done.returncode, done.stderr, len(done.stdout) > 100) == (0, "", True), words
