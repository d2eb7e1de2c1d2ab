"""SSH collection against played devices on loopback, well-behaved and hostile ones."""

import asyncio
import gc
import json
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.collect.base import Setup
from auditor.collect.ssh.collector import SshCollector, _SshRun
from auditor.collect.ssh.drivers import driver_table
from auditor.collect.ssh.errors import ForbiddenLineError, SessionError, classify
from auditor.collect.ssh.session import CheckedChannel
from auditor.model import Observation, Reason, Record, Target, Unread
from auditor.parse.cli import UNPARSED
from tests.tools.loopback import SCOPE
from tests.tools.ssh_lab import IOS, UNKNOWN, VRP, ZTE, Device, Lab
from tests.tools.ssh_read import Vault, enrolled, facts, read, reasons, setup, target

# The played devices speak key exchanges that cryptography warns of; that they still can is the point of the tests.
pytestmark = pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")


def test_a_vrp_switch_is_read_and_only_listed_lines_reach_it(lab: Lab, known_hosts: str) -> None:
    device = Device()
    where = enrolled(lab, device, known_hosts)
    records = read(where, setup(known_hosts))
    said = {(fact.kind, fact.value, fact.about) for fact in facts(records)}
    driver = driver_table().by_name("huawei")

    assert ("entity.serial", "2102354DOC0000000001", "") in said
    assert ("entity.model", "S5720-28X-SI-AC", "") in said
    assert ("if.mac", "00e0-fc12-3401", "") in said
    assert ("arp.mac", "bcad-2812-3402", "ip:192.0.2.20") in said
    assert ("fdb.port", "GE0/0/7", "mac:bcad28123402") in said
    assert ("inventory.name", "HUAWEI", "") in said
    assert driver is not None
    assert [line for line in device.lines if not driver.may_send(line)] == []
    assert device.logins == [True]
    assert device.lines[-1] == "quit"


def test_the_whole_version_reply_is_kept_without_echo_and_prompt(lab: Lab, known_hosts: str) -> None:
    records = read(enrolled(lab, Device(), known_hosts), setup(known_hosts))
    (whole,) = [fact.value for fact in facts(records) if fact.where == "display version" and fact.kind == "cli.output"]

    assert whole == VRP["display version"]


def test_pages_are_turned_where_paging_stays_on(lab: Lab, known_hosts: str) -> None:
    records = read(enrolled(lab, Device(page=2), known_hosts), setup(known_hosts))
    (whole,) = [fact.value for fact in facts(records) if fact.where == "display version" and fact.kind == "cli.output"]

    assert whole == VRP["display version"]


@pytest.mark.parametrize(
    ("driver", "device", "fact"),
    [
        ("zte_zxros", Device(replies=ZTE, prompt="ZXR10#", refusal=UNKNOWN["zte"]), ("arp.mac", "4c16.fc12.3401")),
        (
            "cisco_ios",
            Device(replies=IOS, prompt="sw1#", refusal="% Invalid input detected at '^' marker."),
            ("fdb.port", "Gi1/0/7"),
        ),
    ],
    ids=["zxr10", "ios"],
)
def test_other_systems_are_read_by_their_own_drivers(
    lab: Lab, known_hosts: str, driver: str, device: Device, fact: tuple[str, str]
) -> None:
    records = read(enrolled(lab, device, known_hosts, driver), setup(known_hosts))

    assert fact in {(said.kind, said.value) for said in facts(records)}
    assert reasons(records) == []


def test_enable_mode_is_entered_with_its_own_secret_which_is_recorded_nowhere(lab: Lab, known_hosts: str) -> None:
    device = Device(
        replies=IOS, prompt="sw1>", enable="enable-canary", refusal="% Invalid input detected at '^' marker."
    )
    records = read(
        enrolled(lab, device, known_hosts, "cisco_ios"), setup(known_hosts, Vault(audit_enable="enable-canary"))
    )

    assert "(secret)" in device.lines
    assert reasons(records) == []
    assert "enable-canary" not in repr(records)


def test_a_refused_enable_secret_is_told_and_the_rest_is_read(lab: Lab, known_hosts: str) -> None:
    device = Device(replies=IOS, prompt="sw1>", enable="right", refusal="% Invalid input detected at '^' marker.")
    records = read(enrolled(lab, device, known_hosts, "cisco_ios"), setup(known_hosts, Vault(audit_enable="wrong")))

    assert Reason.AUTHORIZATION in reasons(records)
    assert "entity.serial" in {fact.kind for fact in facts(records)}


def test_keyboard_interactive_is_answered(lab: Lab, known_hosts: str) -> None:
    device = Device(keyboard=True)
    records = read(enrolled(lab, device, known_hosts), setup(known_hosts))

    assert "entity.serial" in {fact.kind for fact in facts(records)}
    assert device.logins == [True]


def test_the_driver_is_chosen_from_the_banner_and_never_by_trying(lab: Lab, known_hosts: str) -> None:
    device = Device()
    where = enrolled(lab, device, known_hosts, "", server_version="HUAWEI-1.5")
    records = read(where, setup(known_hosts))

    assert "entity.serial" in {fact.kind for fact in facts(records)}
    assert ("ssh.banner", "SSH-2.0-HUAWEI-1.5") in {(fact.kind, fact.value) for fact in facts(records)}


def test_a_device_that_does_not_say_what_it_is_gets_no_login(lab: Lab, known_hosts: str) -> None:
    device = Device()
    records = read(enrolled(lab, device, known_hosts, "", server_version="OpenSSH_9.2"), setup(known_hosts))

    assert reasons(records) == [Reason.NO_DRIVER]
    assert device.logins == []
    assert "ssh.banner" in {fact.kind for fact in facts(records)}


def test_a_wrong_password_is_tried_once(lab: Lab, known_hosts: str) -> None:
    device = Device(password="another")
    records = read(enrolled(lab, device, known_hosts), setup(known_hosts))

    assert reasons(records) == [Reason.AUTHENTICATION]
    assert device.logins == [False]


def test_the_next_credential_is_tried_after_a_refusal(lab: Lab, known_hosts: str) -> None:
    device = Device(password="second")
    where = enrolled(lab, device, known_hosts)
    where = target(where.port("ssh", 0), credentials=("audit", "other"))
    records = read(where, setup(known_hosts, Vault(other_password="second")))

    assert device.logins == [False, True]
    assert "entity.serial" in {fact.kind for fact in facts(records)}


def test_a_wrong_password_on_many_devices_locks_no_account(lab: Lab, known_hosts: str) -> None:
    devices = [Device(password="another") for _ in range(30)]
    where = [enrolled(lab, device, known_hosts) for device in devices]
    records = list(SshCollector().collect(where, setup(known_hosts, sessions=16)))
    logins = [login for device in devices for login in device.logins]

    assert len(logins) <= 3
    assert max(len(device.logins) for device in devices) == 1
    assert reasons(records).count(Reason.BREAKER) == 30 - len(logins)


def test_a_credential_that_opened_a_neighbour_is_tried_first(lab: Lab, known_hosts: str) -> None:
    devices = [Device(password="other-pass1"), Device(password="other-pass1")]
    names = ("audit", "other")
    targets = [replace(enrolled(lab, device, known_hosts), credentials=names) for device in devices]
    vault = Vault(other_password="other-pass1")

    list(SshCollector().collect(targets, setup(known_hosts, vault, sessions=1)))

    assert [len(device.logins) for device in devices] == [2, 1]


FAULTS = {
    "hang": Reason.TIMEOUT,
    "close": Reason.CLOSED,
    "flood": Reason.LIMIT,
    "no-prompt": Reason.TIMEOUT,
    "auth-hang": Reason.TIMEOUT,
}


def read_all(where: dict[str, Target], how: Setup, patience: float) -> dict[str, list[Record]]:
    """Read many devices at once and return the records of each by its name."""
    names = {found: name for name, found in where.items()}
    told: dict[str, list[Record]] = {name: [] for name in where}
    for record in SshCollector(patience=patience).collect(where.values(), how):
        told[names[record.target]].append(record)
    return told


def test_each_fault_ends_within_the_deadline_with_its_own_reason(lab: Lab, known_hosts: str) -> None:
    where = {fault: enrolled(lab, Device(fault=fault), known_hosts) for fault in FAULTS}
    began = time.monotonic()
    told = read_all(where, setup(known_hosts, deadline=6.0), patience=1.5)

    assert {fault: reasons(records) for fault, records in told.items()} == {
        fault: [reason] for fault, reason in FAULTS.items()
    }
    assert time.monotonic() - began < 10


def test_untidy_terminals_spoil_nothing(lab: Lab, known_hosts: str) -> None:
    kinds = ("ansi", "slow", "run-on", "mute-echo")
    where = {fault: enrolled(lab, Device(fault=fault), known_hosts) for fault in kinds}
    told = read_all(where, setup(known_hosts), patience=5.0)

    for fault, records in told.items():
        assert VRP["display version"] in {fact.value for fact in facts(records)}, fault


def test_a_reply_nobody_can_read_is_kept_as_text_and_told(lab: Lab, known_hosts: str) -> None:
    strange = "Slot list of a kind\nthat nobody has seen"
    device = Device(replies=VRP | {"display device manufacture-info": strange})
    records = read(enrolled(lab, device, known_hosts), setup(known_hosts))
    (unread,) = [record for record in records if isinstance(record, Unread)]

    assert (unread.reason, unread.detail) == (Reason.NOT_PARSED, f"display device manufacture-info: {UNPARSED}")
    assert strange in {fact.value for fact in facts(records) if fact.kind == "cli.output"}
    assert "entity.serial" in {fact.kind for fact in facts(records)}


def test_prompts_that_come_late_shift_no_reply_to_another_command(lab: Lab, known_hosts: str) -> None:
    records = read(enrolled(lab, Device(fault="late-prompts"), known_hosts), setup(known_hosts))
    got = {fact.where: fact.value for fact in facts(records) if fact.kind == "cli.output"}

    assert {where: text for where, text in got.items() if VRP[where] not in text} == {}


async def _reset(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def _tarpit(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for _ in range(1000):
        writer.write(b"x\r\n")
        await asyncio.sleep(0.2)


async def _mute(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3600)


async def _half(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-HUAWEI-1.5\r\n")
    await asyncio.sleep(3600)


def test_a_server_that_never_gets_to_a_login_is_left_in_time(lab: Lab, known_hosts: str) -> None:
    talks = {"reset": _reset, "tarpit": _tarpit, "mute": _mute, "half": _half}
    began = time.monotonic()
    told = read_all(
        {name: target(lab.tcp(talk)) for name, talk in talks.items()}, setup(known_hosts, deadline=1.0), 5.0
    )

    assert {name: reasons(records) for name, records in told.items()} == {
        "reset": [Reason.CLOSED],
        "tarpit": [Reason.TIMEOUT],
        "mute": [Reason.TIMEOUT],
        "half": [Reason.TIMEOUT],
    }
    assert time.monotonic() - began < 4


def test_a_closed_port_is_refused(known_hosts: str) -> None:
    assert reasons(read(target(1), setup(known_hosts))) == [Reason.REFUSED]


def test_no_credential_is_no_login(lab: Lab, known_hosts: str) -> None:
    records = read(target(lab.add(Device()), credentials=()), setup(known_hosts))

    assert reasons(records) == [Reason.NO_CREDENTIAL]


@pytest.mark.slow
def test_healthy_devices_are_whole_beside_hostile_ones(lab: Lab, known_hosts: str) -> None:
    healthy = [enrolled(lab, Device(), known_hosts) for _ in range(8)]
    hostile = [
        enrolled(lab, Device(fault=fault), known_hosts)
        for fault in ("hang", "close", "flood", "no-prompt", "auth-hang")
    ]
    alone = {fact for fact in facts(read(healthy[0], setup(known_hosts))) if fact.kind != "ssh.banner"}
    records = list(SshCollector(patience=1.5).collect([*hostile, *healthy], setup(known_hosts, deadline=5.0)))
    whole = [record for record in records if isinstance(record, Observation) and record.target in healthy]

    assert len(whole) == 8
    assert all(alone <= set(record.facts) for record in whole)


def _open_files() -> int:
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files in /proc")
@pytest.mark.slow
def test_nothing_is_left_open_by_sessions_that_end_badly(lab: Lab, known_hosts: str) -> None:
    where = [
        enrolled(lab, Device(fault=fault), known_hosts)
        for fault in ("", "hang", "close", "no-prompt", "auth-hang", "flood")
    ]

    def read_badly() -> None:
        list(SshCollector(patience=0.7).collect(where, setup(known_hosts, deadline=1.5)))
        time.sleep(0.3)

    read_badly()
    files, threads = _open_files(), threading.active_count()
    read_badly()
    until = time.monotonic() + 5
    # On a busy machine the other end takes its time to let go.
    while time.monotonic() < until and (_open_files() > files or threading.active_count() > threads):
        time.sleep(0.1)

    assert _open_files() <= files
    assert threading.active_count() <= threads


def test_a_session_that_opens_after_the_run_was_stopped_is_cut(lab: Lab, known_hosts: str) -> None:
    """A device may take its time to accept a connection.

    Whoever pressed Ctrl-C meanwhile does not wait for its whole session.
    """
    run = _SshRun(setup(known_hosts), patience=5.0)
    run.stop()
    driver = driver_table().by_name("huawei")
    assert driver is not None
    session = run._begin(target(lab.add(Device())), driver, time.monotonic() + 20)
    was_cut = session.aborted
    session.close()

    assert was_cut


def test_a_caller_who_stops_early_leaves_nothing_running(lab: Lab, known_hosts: str) -> None:
    where = [
        enrolled(lab, Device(), known_hosts),
        *(enrolled(lab, Device(fault="hang"), known_hosts) for _ in range(4)),
    ]
    reading = SshCollector(patience=30.0).collect(where, setup(known_hosts, deadline=60.0))
    next(reading)
    began = time.monotonic()
    reading.close()

    assert time.monotonic() - began < 5
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ssh")]


def test_netmikos_offer_to_save_the_configuration_is_never_sent(lab: Lab, known_hosts: str) -> None:
    """Netmiko's VRP driver answers this with Y, and Y again, which saves the configuration."""
    question = "Warning: There are security risks in the configuration file. Are you sure to continue? [Y/N] [y/n]>"
    device = Device(greeting=question)
    records = read(enrolled(lab, device, known_hosts), setup(known_hosts))

    assert "Y" not in device.lines
    assert reasons(records) == [Reason.PROTOCOL]


@pytest.mark.parametrize(
    "line", ["reboot\n", "display version\nsystem-view\n", "\x03", "display version | include x\n", "Y\n"]
)
def test_a_line_that_is_not_listed_never_leaves(line: str) -> None:
    class Sink:
        sent = b""

        def sendall(self, data: bytes) -> None:
            self.sent += data

    driver = driver_table().by_name("huawei")
    assert driver is not None
    sink = Sink()
    out = CheckedChannel(sink, driver, (1000, time.monotonic() + 9), secret="")

    with pytest.raises(ForbiddenLineError):
        out.write_channel(line)
    assert sink.sent == b""


def test_an_enable_secret_goes_to_a_question_for_it_alone() -> None:
    """A device that lets us in unasked would take the secret for a command, echo it and keep it in its log."""

    class Sink:
        sent = b""

        def sendall(self, data: bytes) -> None:
            self.sent += data

    driver, sink = driver_table().by_name("cisco_ios"), Sink()
    assert driver is not None
    line = CheckedChannel(sink, driver, (1000, time.monotonic() + 9), secret="canary-enable")
    for heard in ("\r\nsw1#", "\r\nPassword: "):
        line.write_channel("enable\n")
        line.heard = heard
        line.write_channel("canary-enable\n")

    assert sink.sent == b"enable\n\nenable\ncanary-enable\n"


def test_a_device_that_prints_without_end_is_cut_at_the_cap() -> None:
    class Endless:
        closed = eof_received = False
        octets = 0

        def recv_ready(self) -> bool:
            return self.octets < 50_000_000

        def recv(self, most: int) -> bytes:
            self.octets += most
            return b"x" * most

    driver, endless = driver_table().by_name("huawei"), Endless()
    assert driver is not None

    with pytest.raises(SessionError) as caught:
        CheckedChannel(endless, driver, (1_000_000, time.monotonic() + 60), secret="").read_channel()
    assert caught.value.reason is Reason.LIMIT
    assert endless.octets < 1_100_000


def test_a_bug_of_ours_is_no_unread_device(lab: Lab, known_hosts: str) -> None:
    how = setup(known_hosts)
    broken = Setup(
        scope=SCOPE,
        credentials=how.credentials,
        secrets=object(),
        now=how.now,
        limits=how.limits,
        known_hosts=known_hosts,
    )  # type: ignore[arg-type]

    with pytest.raises(AttributeError):
        read(enrolled(lab, Device(), known_hosts), broken)


@pytest.mark.parametrize("raised", [KeyError("x"), IndexError(), TypeError("y"), AssertionError()])
def test_what_a_library_raises_at_hostile_text_is_the_devices_fault(raised: Exception) -> None:
    def library() -> None:
        raise raised

    with pytest.raises(type(raised)) as caught:
        library()
    assert classify(caught.value).reason is Reason.PROTOCOL


@pytest.mark.slow
def test_two_hundred_sessions_at_once_are_all_read_and_leave_nothing_open() -> None:
    bench = Path(__file__).parents[1] / "bench" / "bench_ssh.py"
    done = subprocess.run(
        [sys.executable, bench, "200", "200"], capture_output=True, text=True, check=True, timeout=100
    )
    told = json.loads(done.stdout)

    assert told["read"] == 200, told["unread"]
    assert max(told["left_open"].values()) <= 0


def test_no_secret_reaches_a_log_or_a_record(lab: Lab, known_hosts: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    records = read(enrolled(lab, Device(), known_hosts), setup(known_hosts))
    wrong = read(enrolled(lab, Device(password="x"), known_hosts), setup(known_hosts))

    assert "sshpass123" not in caplog.text
    assert "sshpass123" not in repr(records) + repr(wrong)
