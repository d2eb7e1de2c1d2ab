"""`auditor import --labels`: a row for every line, right, inert and in bounded memory."""

import csv
import io
import subprocess
import sys

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.rules.oui import Registry

HUAWEI, PLAIN = "00:e0:fc:12:34:56", "00-1b-21-00-00-01"
MEMORY = 300 << 20


def run(tmp_path, text, *more):
    source, target = tmp_path / "macs.txt", tmp_path / "labels.csv"
    source.write_bytes(text.encode())
    result = CliRunner().invoke(main, ["import", str(source), "--labels", str(target), *more])
    rows = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8")))) if target.exists() else []
    return result, rows


def test_each_line_gets_registrant_maker_tier_and_kind(tmp_path):
    result, rows = run(tmp_path, f"{HUAWEI}\n{PLAIN}\n02:00:00:00:00:01\n\n33:33:00:00:00:01\n", "--type", "macs")

    assert result.exit_code == 0
    assert [(row["mac"], row["maker"], row["tier"], row["kind"]) for row in rows] == [
        (HUAWEI, "huawei", "covered", "universal"),
        (PLAIN, "", "", "universal"),
        ("02:00:00:00:00:01", "", "", "local"),
        ("33:33:00:00:00:01", "", "", "group"),
    ]
    assert rows[0]["registrant"] == "HUAWEI TECHNOLOGIES CO.,LTD"
    assert rows[1]["registrant"] == Registry.load().registrant("001b21000001")
    assert "4 lines: 1 of covered makers, 0 without a MAC" in result.stderr


def test_a_table_line_is_looked_through_for_its_mac(tmp_path):
    _, rows = run(
        tmp_path, "Vlan    Mac Address       Type        Ports\n  20    00e0.fc12.3456    DYNAMIC     Gi1/0/7\n"
    )

    assert [(row["mac"], row["maker"], row["kind"]) for row in rows] == [
        ("Vlan Mac Address Type Ports", "", "malformed"),
        ("00e0fc123456", "huawei", "universal"),
    ]


def test_no_line_can_become_a_formula_or_another_row(tmp_path):
    lines = ["=1+1", "@SUM(A1)", "+x", "-2+3", 'a",b\r,"c', "\u202eabc\x1b[31m", "x" * 10_000]
    _, rows = run(tmp_path, "\n".join([HUAWEI, *lines]) + "\n")

    assert len(rows) == 1 + len(lines)
    assert not any(row["mac"].startswith(("=", "@", "+", "-")) for row in rows)
    assert not any(set(row["mac"]) & set("\r\n\x1b\u202e") for row in rows)
    assert max(len(row["mac"]) for row in rows) <= 81


def test_nothing_but_rubbish_is_not_a_clean_bill(tmp_path):
    result, rows = run(tmp_path, "no mac here\n")

    assert result.exit_code == 3
    assert [row["kind"] for row in rows] == ["malformed"]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--type", "nmap"), "--labels"),
        (("--labels", "/nowhere/at/all.csv"), "/nowhere/at/all.csv"),
        (("--labels", "/dev/full"), "/dev/full: cannot be written: No space left"),
    ],
)
def test_what_cannot_be_asked_or_written_is_told(tmp_path, more, says):
    result, rows = run(tmp_path, HUAWEI + "\n", *more)

    assert (result.exit_code, rows) == (2, [])
    assert says in result.stderr


def test_a_list_saved_by_powershell_is_read(tmp_path):
    (tmp_path / "macs.txt").write_text(f"{HUAWEI}\r\n", encoding="utf-16")

    result = CliRunner().invoke(main, ["import", str(tmp_path / "macs.txt"), "--labels", "-"])

    assert result.stdout.splitlines()[1].startswith(f"{HUAWEI},")


def test_an_endless_line_is_read_in_pieces(tmp_path):
    _, rows = run(tmp_path, f"{HUAWEI}\n" + "z" * (5 << 20) + f"\n{PLAIN}\n")

    assert [row["maker"] for row in rows if row["kind"] != "malformed"] == ["huawei", ""]


def test_labels_can_go_to_stdout(tmp_path):
    source = tmp_path / "macs.txt"
    source.write_text(HUAWEI + "\n", encoding="utf-8")

    result = CliRunner().invoke(main, ["import", str(source), "--labels", "-"])

    assert result.stdout.splitlines()[0] == "mac,registrant,maker,tier,kind,said_by"
    assert result.stdout.splitlines()[1].startswith(HUAWEI)


@pytest.mark.slow
def test_two_million_lines_are_labelled_rightly_in_bounded_memory(tmp_path):
    source, target = tmp_path / "macs.txt", tmp_path / "labels.csv"
    with source.open("w", encoding="ascii") as file:
        for start in range(0, 2_000_000, 10_000):
            file.writelines(
                f"00e0fc{n % 0xFFFFFF:06x}\n"
                if n % 4
                else f"00:1b:21:{n >> 16 & 255:02x}:{n >> 8 & 255:02x}:{n & 255:02x}\n"
                for n in range(start, start + 10_000)
            )

    command = [sys.executable, "-m", "auditor", "import", "--type", "macs", str(source), "--labels", str(target)]
    done = subprocess.run([sys.executable, "-c", CHILD, *command], capture_output=True, text=True, check=True)

    assert int(done.stdout.split()[-1]) * 1024 < MEMORY
    with target.open(encoding="utf-8", newline="") as file:
        next(file)
        wrong = sum(
            ("huawei,covered" in row) != (number % 4 != 0) or not row.endswith("universal,auditor\r\n")
            for number, row in enumerate(file)
        )
    assert wrong == 0
    assert number_of_lines(target) == 2_000_001


# A process of its own, so that the most its children used is this command's alone.
CHILD = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def number_of_lines(path):
    with path.open("rb") as file:
        return sum(1 for _line in file)
