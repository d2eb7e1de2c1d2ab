"""Reports that are called the same every night, and the counts a monitor reads of them."""

import json

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.cli.deliver import _file
from auditor.report.registry import FORMATS


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return a function that runs a command in a folder with one inventory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("ip,vendor,model\n192.0.2.7,Huawei,S5720\n")
    return lambda *words: CliRunner().invoke(main, list(words))


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_stable_names_are_the_same_every_night_and_replaced(run, tmp_path):
    words = ("import", "a.csv", "--store", "s.db", "-f", "csv", "-f", "json", "-f", "prometheus", "-o", "out/")
    for _ in range(2):
        assert run(*words, "--stable").exit_code == 1

    assert files(tmp_path / "out") == ["audit-prometheus.prom", "audit.csv", "audit.json"]
    newest = json.loads(run("runs", "--store", "s.db", "-f", "json").stdout)[-1]
    assert json.loads((tmp_path / "out" / "audit.json").read_bytes())["run"]["id"] == newest["id"]


def test_without_stable_each_run_has_reports_of_its_own(run, tmp_path):
    run("import", "a.csv", "--store", "none", "-f", "csv", "-o", "out/")
    (name,) = files(tmp_path / "out")

    assert name.startswith("audit-2")


def test_a_stored_run_is_reported_under_the_same_name(run, tmp_path):
    run("import", "a.csv", "--store", "s.db", "-f", "json", "-o", "one.json")
    run("report", "--store", "s.db", "-f", "csv", "-o", "out/", "--stable")

    assert files(tmp_path / "out") == ["audit.csv"]


def test_no_two_formats_go_into_one_file():
    names = {_file("out/", name, tuple(FORMATS), "audit") for name in FORMATS}

    assert len(names) == len(FORMATS)
