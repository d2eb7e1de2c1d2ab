"""The Python interface: read, judge, report from a program; nothing is loaded too early."""

import doctest
import json
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import auditor
from auditor.errors import UsageError
from auditor.run.request import ScanRequest

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "samples" / "huawei" / "ar6121.snmprec"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_examples_of_the_package_are_true() -> None:
    failed, tried = doctest.testmod(auditor)

    assert (failed, tried > 3) == (0, True)


def test_importing_the_package_loads_its_version_and_no_more() -> None:
    code = "import sys, auditor; print(sorted(name for name in sys.modules if name.startswith('auditor.')))"

    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "['auditor.version']\n"
    )


def test_a_report_of_a_program_is_that_of_the_command_line() -> None:
    audit = auditor.audit(auditor.read_files([SAMPLE]), policies=["us-fcc-covered-list"], as_of=date(2026, 11, 21))

    document = json.loads(auditor.render(audit, "json"))
    assert document["run"]["as_of"] == "2026-11-21"
    assert [law for law, _ in audit.tables.policies] == ["us-fcc-covered-list"]
    assert document["assets"][0]["findings"][0]["maker"] == "huawei"


def test_a_journal_that_was_kept_is_opened_with_its_head(tmp_path: Path) -> None:
    reading = auditor.read_files([SAMPLE], site="hq", journal="night.jsonl")

    kept = auditor.recorded("night.jsonl")
    assert replace(kept, origin="") == reading
    # It was written without a store, which could have said that the journal is its own.
    assert kept.origin.startswith("night.jsonl, SHA-256 ")
    assert reading.run.sites == ("hq",)
    assert [path.name for path in tmp_path.iterdir()] == ["night.jsonl"]


def test_macs_are_looked_up_in_their_order_and_what_is_none_is_refused() -> None:
    entries = auditor.look_up("b0-b3-53-60-00-01", "02:e0:fc:00:00:01")

    assert [(entry.mac, entry.kind, entry.maker) for entry in entries] == [
        ("b0:b3:53:60:00:01", "universal", "hikvision"),
        ("02:e0:fc:00:00:01", "local", ""),
    ]
    with pytest.raises(UsageError, match="'00e0fc' is no MAC address"):
        auditor.look_up("00e0fc")


def test_a_format_nobody_knows_is_told_with_the_known_ones() -> None:
    audit = auditor.audit(auditor.read_files([SAMPLE]))

    with pytest.raises(UsageError, match="'word' is no format; known: text, "):
        auditor.render(audit, "word")


def test_a_scan_of_a_program_keeps_to_the_scope() -> None:
    with pytest.raises(UsageError, match="outside the private address ranges"):
        auditor.scan(["198.51.100.7"])


def test_a_scan_of_a_program_tells_silence_from_a_clean_bill() -> None:
    request = ScanRequest(sweep=False, collector=("probe",), probe=("ssh",), deadline=2)

    reading = auditor.scan(["127.0.0.1"], request=request)

    assert [record.target.address for record in reading.records] == ["127.0.0.1"]
    assert auditor.audit(reading).unread
