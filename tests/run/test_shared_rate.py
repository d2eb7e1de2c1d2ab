"""Runs of one user share their rate: over processes, after a restart, and where the file cannot be had."""

import subprocess
import sys
from itertools import pairwise

import pytest

from auditor.run.shared_rate import SharedMoments, rate_file, shared_gate
from auditor.snmp.pace import Gate

# Prints the moments that one program is given for its packets.
PROGRAM = """
import sys
from pathlib import Path
from auditor.run.shared_rate import SharedMoments
from auditor.snmp.pace import Gate
gate = Gate(float(sys.argv[2]), moments=SharedMoments(Path(sys.argv[1])))
for _ in range(int(sys.argv[3])):
    print(gate.book(1))
"""


def test_two_programs_at_once_are_no_faster_than_one(tmp_path):
    words = [sys.executable, "-c", PROGRAM, str(tmp_path / "rate")]
    running = [subprocess.Popen([*words, rate, "200"], stdout=subprocess.PIPE, text=True) for rate in ("500", "1000")]
    moments = sorted(float(line) for one in running for line in one.communicate(timeout=30)[0].split())

    assert len(moments) == 400
    assert min(later - earlier for earlier, later in pairwise(moments)) >= 0.000_99
    # 200 packets at 500 a second and 200 at 1,000 take 0.6 s, whoever goes first.
    assert moments[-1] - moments[0] >= 0.59


def test_what_another_start_of_the_machine_left_behind_holds_nobody_up(tmp_path):
    file = tmp_path / "rate"
    file.write_bytes(b"0" * 36 + b"\xff" * 8)

    assert Gate(100.0, clock=lambda: 50.0, moments=SharedMoments(file)).book(1) <= 50.0


@pytest.mark.parametrize("content", [b"", b"short", None])
def test_a_file_that_says_no_moment_is_written_anew(tmp_path, content):
    file = tmp_path / "rate"
    moments = SharedMoments(file)
    if content is None:
        # This machine's own start, and a moment that is no number.
        moments.take(5.0, 1.0)
        data = file.read_bytes()
        file.write_bytes(data[:40] + b"\x00\x00\x00\x00\x00\x00\xf8\x7f")
    else:
        file.write_bytes(content)

    assert moments.take(5.0, 1.0) <= 5.0
    assert moments.take(5.0, 1.0) == pytest.approx(5.99)


@pytest.mark.parametrize("trap", ["link", "folder"])
def test_a_file_that_is_not_ours_is_told_and_the_run_counts_for_itself(tmp_path, monkeypatch, trap):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    if trap == "link":
        (tmp_path / "elsewhere").write_bytes(b"precious")
        rate_file().symlink_to(tmp_path / "elsewhere")
    else:
        rate_file().mkdir()
    told = []

    with shared_gate(100.0, told.append) as gate:
        first, second = gate.book(1), gate.book(1)

    assert second - first == pytest.approx(0.01)
    assert [str(rate_file()) in line for line in told] == [True]
    if trap == "link":
        assert (tmp_path / "elsewhere").read_bytes() == b"precious"


def test_the_file_is_only_ours_to_read(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    with shared_gate(100.0, print):
        pass

    assert (rate_file().stat().st_mode & 0o777, rate_file().parent.stat().st_mode & 0o777) == (0o600, 0o700)
