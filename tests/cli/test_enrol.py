"""`auditor enrol` and `scan --enrol`: host keys are fetched side by side, compared, handed on and taken over."""

import json
import shutil
import subprocess
import time

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.collect.ssh.enrolment import enrol_all
from auditor.collect.ssh.keys import read_keys
from auditor.snmp.pace import Gate
from tests.tools.hostile_servers import silent
from tests.tools.probe_lab import Net
from tests.tools.ssh_lab import Device, Lab
from tests.tools.ssh_read import setup, target

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA" + "A" * 42
OTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB" + "A" * 42


@pytest.fixture
def enrol(tmp_path):
    def run(*words):
        shown = CliRunner().invoke(main, ["enrol", words[0], "--store", str(tmp_path / "s.db"), *map(str, words[1:])])
        assert shown.exception is None or isinstance(shown.exception, SystemExit), shown.exception
        return shown

    return run


def test_twenty_devices_are_enrolled_beside_thirty_that_never_speak(tmp_path):
    with Lab() as lab, Net() as net:
        slow = [net.tcp(silent) for _ in range(30)]
        targets = [
            target(port) for pair in zip(slow, [lab.add(Device()) for _ in range(20)], strict=False) for port in pair
        ]
        how = setup(str(tmp_path / "known_hosts"), deadline=4.0, packets_per_second=0.0)
        began = time.monotonic()
        lines = list(enrol_all(targets, how))

    assert sum(line.startswith("enrolled 127.0.0.1: SHA256:") for line in lines) == 20
    assert len(read_keys(how.known_hosts)) == 20
    # One after the other, thirty that keep silent would take two minutes.
    assert time.monotonic() - began < 30


def test_whoever_is_enrolled_already_is_not_asked_again(tmp_path):
    with Lab() as lab:
        device = Device()
        where, how = target(lab.add(device)), setup(str(tmp_path / "known_hosts"))
        first, again = list(enrol_all([where], how)), list(enrol_all([where], how))

    assert (len(first), again, device.connections) == (1, [], 1)


def test_a_line_whose_key_is_no_base64_is_named_and_can_be_taken_out(enrol, tmp_path):
    file = tmp_path / "known_hosts"
    file.write_text(f"192.0.2.1 {KEY}\n192.0.2.2 ssh-rsa AAA\n192.0.2.3 ssh-rsa \u00e9\n", encoding="utf-8")

    assert enrol("import", file).stderr == (
        f"auditor: {file}: the key of 192.0.2.2 is no base64; take the line out or fetch it again\n"
    )
    shown = enrol("list")
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert "the key of 192.0.2.2 is no base64; 'auditor enrol forget 192.0.2.2' takes it out" in shown.stderr
    assert [enrol("forget", f"192.0.2.{last}").exit_code for last in (2, 3)] == [0, 0]
    assert "192.0.2.1" in enrol("list").stdout


def test_enrolment_keeps_to_the_rate(tmp_path):
    with Lab() as lab:
        targets = [target(lab.add(Device())) for _ in range(4)]
        how = setup(str(tmp_path / "known_hosts"), packets_per_second=40.0)
        moments = []

        class Watched(Gate):
            def book(self, packets):
                moments.append((super().book(packets), packets))
                return moments[-1][0]

        list(
            enrol_all(
                targets, type(how)(**{name: getattr(how, name) for name in how.__slots__} | {"gate": Watched(40.0)})
            )
        )

    moments.sort()
    # Opening, identification, key exchange: some fifteen packets a device, none of them free.
    assert sum(packets for _, packets in moments) >= 4 * 12
    assert moments[-1][0] - moments[0][0] >= (sum(packets for _, packets in moments[:-1]) / 40.0) * 0.95


def test_keys_go_from_one_store_to_another_and_openssh_reads_them(enrol, tmp_path):
    given = tmp_path / "given"
    given.write_text(f"# from the vault\n192.0.2.7 {KEY}\n[192.0.2.8]:2222 {KEY}\n")

    taken = enrol("import", given, "--site", "hq")
    told = enrol("export", "--site", "hq").stdout
    rows = json.loads(enrol("list", "-f", "json").stdout)

    assert taken.exit_code == 0
    assert "2 of 2 hosts enrolled" in taken.stderr
    assert told == f"192.0.2.7 {KEY}\n[192.0.2.8]:2222 {KEY}\n"
    assert [(row["site"], row["host"]) for row in rows] == [("hq", "192.0.2.7"), ("hq", "[192.0.2.8]:2222")]
    assert all(row["fingerprint"].startswith("SHA256:") for row in rows)
    if keygen := shutil.which("ssh-keygen"):
        (tmp_path / "out").write_text(told)
        shown = subprocess.run([keygen, "-lf", tmp_path / "out"], capture_output=True, text=True, check=True).stdout
        assert rows[0]["fingerprint"] in shown


def test_a_key_that_differs_is_left_out_until_somebody_compared_it(enrol, tmp_path):
    given = tmp_path / "given"
    given.write_text(f"192.0.2.7 {KEY}\n")
    enrol("import", given)
    given.write_text(f"192.0.2.7 {OTHER}\n192.0.2.9 {OTHER}\n")

    left = enrol("import", given)
    kept = enrol("export").stdout
    replaced = enrol("import", given, "--replace")

    assert "1 of 2 hosts enrolled; another key is enrolled for 192.0.2.7: compare, then --replace" in left.stderr
    assert KEY in kept
    assert "2 of 2" in replaced.stderr
    assert KEY not in enrol("export").stdout


def test_what_cannot_be_taken_over_is_said_in_one_line(enrol, tmp_path):
    hashed, empty = tmp_path / "hashed", tmp_path / "empty"
    hashed.write_text("|1|c2FsdA==|aGFzaA== ssh-ed25519 AAAA\n")
    empty.write_text("nothing here\n")

    assert "hashed" in enrol("import", hashed).stderr
    assert enrol("import", hashed).exit_code == 2
    assert "no host keys in it" in enrol("import", empty).stderr
    assert enrol("forget", "192.0.2.1").exit_code == 2


def test_a_forgotten_host_may_be_enrolled_anew(enrol, tmp_path):
    given = tmp_path / "given"
    given.write_text(f"192.0.2.7 {KEY}\n")
    enrol("import", given)

    assert enrol("forget", "192.0.2.7").exit_code == 0
    assert enrol("export").stdout == ""
    assert "no SSH host key is enrolled" in enrol("list").stderr
