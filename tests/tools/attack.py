"""Every boundary under attack: the tests that play the attacker, and what came of each attempt.

`make attack`, or `python -m tests.tools.attack [BOUNDARY…]`. An attempt that comes through is a test that fails.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parents[2]
# Who attacks → where the attempts stand. SECURITY.md says what each is trusted with.
BOUNDARIES = {
    "device": (
        "tests/snmp/test_snmp_faults.py",
        "tests/snmp/test_walk.py",
        "tests/collect/test_ssh.py",
        "tests/collect/test_ssh_reply.py",
        "tests/collect/test_probe.py",
        "tests/collect/test_probe_tls.py",
        "tests/parse/test_cli_fuzz.py",
        "tests/report/test_hostile.py",
        "tests/paperwork/test_filings_hostile.py",
    ),
    "neighbour": (
        "tests/test_hearsay.py",
        "tests/test_mentions.py",
        "tests/test_traps.py",
        "tests/assets/test_claims.py",
    ),
    "file": ("tests/imports/test_hostile_files.py", "tests/imports/test_own_reports.py", "tests/test_fuzz.py"),
    "configuration": (
        "tests/test_ownership.py",
        "tests/targets/test_config.py",
        "tests/cli/test_bad_input.py",
        "tests/knowledge/test_check.py",
    ),
    "store": ("tests/store/test_damage.py", "tests/store/test_files.py", "tests/store/test_passwords.py"),
    "terminal": ("tests/cli/test_nothing_raw.py", "tests/cli/test_terminal.py", "tests/cli/test_logs.py"),
    "network path": (
        "tests/collect/test_ssh_keys.py",
        "tests/collect/test_exclusions.py",
        "tests/collect/test_control_ports.py",
        "tests/collect/test_probe_login.py",
        "tests/snmp/test_snmp_usm.py",
        "tests/snmp/test_snmp_wire.py",
        "tests/collect/test_sweep_real.py",
    ),
    "insider": (
        "tests/store/test_ledger.py",
        "tests/store/test_seals.py",
        "tests/cli/test_verify.py",
        "tests/test_secrets.py",
    ),
}


def attempts(boundary: str, report: Path) -> tuple[list[str], list[str], int]:
    """Run the attempts of one boundary; return those held off, those that came through, the skipped ones."""
    words = [
        "-q",
        "-n",
        "auto",
        "--dist",
        "loadfile",
        "-p",
        "no:cacheprovider",
        f"--junitxml={report}",
        *BOUNDARIES[boundary],
    ]
    subprocess.run([sys.executable, "-m", "pytest", *words], capture_output=True, check=False)
    cases = list(ET.parse(report).iter("testcase"))  # noqa: S314 - written by our own run
    through = [
        case.get("name", "") for case in cases if case.find("failure") is not None or case.find("error") is not None
    ]
    skipped = sum(case.find("skipped") is not None for case in cases)
    held = [case.get("name", "") for case in cases if case.get("name") not in through and case.find("skipped") is None]
    return held, through, skipped


def main() -> int:
    """Print a line for each boundary, and each attempt that came through; return 1 where one did."""
    successes = 0
    for boundary in sys.argv[1:] or BOUNDARIES:
        with tempfile.TemporaryDirectory() as folder:
            held, through, skipped = attempts(boundary, Path(folder, "report.xml"))
        successes += len(through) + (not held)
        missing = f", {skipped} not made (a part is missing)" if skipped else ""
        sys.stdout.write(f"{boundary}: {len(held) + len(through)} attempts, {len(through)} successes{missing}\n")
        sys.stdout.writelines(f"  came through: {name}\n" for name in through)
        sys.stdout.flush()
    return int(bool(successes))


if __name__ == "__main__":
    sys.exit(main())
