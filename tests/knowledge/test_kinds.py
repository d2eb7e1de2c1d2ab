"""The kinds of facts as a type: the vocabulary's list, refused by mypy if misspelled."""

import re
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

from auditor.formats.journal import decode, encode
from auditor.model import KINDS

ROOT = Path(__file__).resolve().parents[2]
LINE = (
    '{"type":"observation","target":{"address":"10.0.0.1","site":""},"collector":"snmp","at":"2026-11-21T05:00:03Z",'
    '"facts":[{"kind":"theirs.alone","value":"x","where":"","about":""}]}'
)


def test_the_type_holds_the_kinds_of_the_vocabulary_and_no_other():
    vocabulary = tomllib.loads((files("oui_rules") / "vocabulary.toml").read_text(encoding="utf-8"))

    assert list(KINDS) == list(vocabulary["fact"])


def test_a_kind_with_a_wrong_letter_does_not_pass_mypy(tmp_path):
    lines = (
        "from auditor.model import Fact, about_mac",
        'Fact(kind="http.server", value="x", about=about_mac("bcad28000001"))',
        'Fact(kind="http.generatr", value="x")',
        'Fact(kind="http.server", value="x", about="mac:bcad28000001")',
    )
    source = tmp_path / "emits.py"
    source.write_text("\n".join(lines), encoding="utf-8")

    # With the settings and the memory of `make type`: what it has checked is not checked again.
    command = [sys.executable, "-m", "mypy", "--config-file", "pyproject.toml", str(source)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)

    assert re.findall(r"emits.py:(\d): error: Argument \"(\w+)\"", checked.stdout) == [("3", "kind"), ("4", "about")]


def test_a_kind_that_another_program_made_up_survives_a_journal():
    assert encode(decode(LINE)) == LINE
