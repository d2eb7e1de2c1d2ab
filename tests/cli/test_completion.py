"""The Tab key: scripts of real shells, commands, options and values."""

import os
import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.cli.completion import PLACES


def line(*words):
    """Return what a shell sets where words of a command line stand, the last unfinished."""
    return {
        "COMP_WORDS": " ".join(("auditor", *words)),
        "COMP_CWORD": str(len(words)),
        "_AUDITOR_COMPLETE": "bash_complete",
    }


def offers(*words):
    """Return what is offered behind some words of a command line."""
    done = CliRunner().invoke(main, [], prog_name="auditor", env=line(*words))
    assert (done.stderr, done.exception) == ("", None)
    return [one.partition(",")[2] for one in done.stdout.splitlines()]


def test_a_shell_is_answered_by_a_process():
    command = [sys.executable, "-c", "from auditor.cli import main; main(prog_name='auditor')"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | line("sc"))

    assert (done.stdout, done.stderr) == ("plain,scan\n", "")


def test_commands_options_and_values_are_offered(tmp_path, monkeypatch):
    (tmp_path / "auditor.toml").write_text('[credential.core]\nkind = "snmp-v2c"\nsecret = "env:C"\n[site.hq]\n')

    assert offers("sc") == ["scan"]
    assert "--credential" in offers("scan", "--cre")
    assert "--exclude-file" in offers("scan", "--excl")
    assert offers("report", "last", "-f", "xl") == ["xlsx"]
    assert offers("judge", "--policy", "us-far") != []
    assert offers("judge", "--country", "DE") == ["DE"]
    assert offers("filings", "write", "remo") == ["removal_plan"]
    monkeypatch.chdir(tmp_path)
    assert offers("scan", "-iL", "auditor.t") == ["auditor.t"]  # the shell goes on with files
    assert offers("scan", "--credential", "c") == ["core"]
    assert offers("import", "--site", "h") == ["hq"]


def test_stored_runs_are_offered_newest_first(tmp_path):
    (tmp_path / "inventory.csv").write_text("ip,vendor,model\n192.0.2.1,Cisco,C9300\n")
    CliRunner().invoke(main, ["import", str(tmp_path / "inventory.csv"), "-q"])

    assert offers("report", "")[:2] == ["last", "previous"]
    assert len(offers("report", "")) == 3


def test_a_configuration_that_cannot_be_read_offers_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "auditor.toml").write_text("[site")

    assert offers("scan", "--credential", "c") == [""]  # nothing but an empty line


@pytest.mark.parametrize("shell", PLACES)
def test_it_is_installed_where_the_shell_looks(shell, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    done = CliRunner().invoke(main, ["completion", shell, "--install"])
    script = (tmp_path / PLACES[shell]).read_text()

    assert done.exit_code == 0
    assert str(tmp_path / PLACES[shell]) in done.stderr
    assert CliRunner().invoke(main, ["completion", shell]).stdout == script + "\n"
    if program := shutil.which(shell):
        assert subprocess.run([program, "-n", tmp_path / PLACES[shell]], check=False).returncode == 0


def test_the_shell_is_the_users_own_or_named(monkeypatch):
    monkeypatch.setenv("SHELL", "/usr/bin/fish")
    assert "fish_complete" in CliRunner().invoke(main, ["completion"]).stdout
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    done = CliRunner().invoke(main, ["completion"])
    assert (done.exit_code, "name your shell: bash, zsh, fish" in done.stderr) == (2, True)


def test_without_a_word_the_program_tells_what_it_can_do():
    done = subprocess.run([sys.executable, "-m", "auditor"], capture_output=True, text=True, check=False)

    assert "Traceback" not in done.stderr
    assert "Commands:" in done.stdout + done.stderr
    assert done.returncode in {0, 2}
