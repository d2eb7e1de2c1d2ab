"""What is promised of the collectors, each measured against played networks.

Numbers as in `make faults`, sizes as asked for.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path

from click.testing import CliRunner

from auditor.cli import main as command
from auditor.collect.base import Setup
from auditor.collect.probe.collector import ProbeCollector
from auditor.collect.snmp.collector import SnmpCollector
from auditor.collect.ssh.drivers import driver_table
from auditor.collect.sweep.collector import Ways, sweep
from auditor.lab import network as networks
from auditor.lab.agent import PlayedAgent, Player, Responder
from auditor.lab.play import Lab, play
from auditor.lab.samples import home
from auditor.model import Credential, Limits, Observation, Reason, Record, Span, Target, Unread
from auditor.run import stages as local
from auditor.snmp.script import Result, User
from tests.tools import snmp_faults, ssh_faults
from tests.tools.loopback import SCOPE, busiest, free_port
from tests.tools.meter import Meter
from tests.tools.probe_lab import Net
from tests.tools.snmp_faults import LIMITS, TABLE

NOW = datetime(2026, 11, 21, tzinfo=UTC)
HOSTILE = ("flood of 200", "endless", "silent", "garbage", "rate limited", "v3 wrong digest")
SPOOFS = ("only from another port", "only from another address", "spoofed before true, port")
SPOOFS += ("spoofed before true, address", "wrong community", "v3 wrong digest", "v3 plaintext downgrade")
CIRCLES = ("loop", "same row again", "decreasing")
SCAN = ("scan", "-f", "json", "--no-progress", "--rate", "5000", "--deadline", "20", "--fail-on", "never")
MEMORY = 150
SLACK = 1.05


@dataclass(frozen=True)
class Promise:
    """One promise, the figure that was measured and whether it was kept.

    What cannot be measured here counts for nothing.
    """

    number: str
    says: str
    figure: str
    kept: bool
    measured: bool = True


class Secrets:
    """Gives every credential the same secret, by part."""

    def __init__(self, **parts: str) -> None:
        self.parts = parts

    def fetch(self, _name: str, part: str) -> str:
        return self.parts.get(part, "")


def setup(credentials: Sequence[Credential], secrets: Secrets, **more) -> Setup:
    limits = Limits(
        **{"timeout": 0.5, "retries": 1, "deadline": 10.0, "packets_per_second": 0.0, **more.pop("limits", {})}
    )
    public = {credential.name: credential for credential in credentials}
    return Setup(scope=SCOPE, credentials=public, secrets=secrets, now=lambda: NOW, limits=limits, **more)


# ── R2: healthy devices beside hostile ones ────────────────────


def healthy_beside_hostile() -> list[Promise]:
    """R2, over SNMP and over SSH: 20 devices of which 6 are hostile."""
    return [snmp_neighbours(), ssh_neighbours()]


def _varbinds(results: dict[str, Result], names: Sequence[str]) -> list[object]:
    return [[bind for answer in results[name].value for bind in answer.varbinds if bind.tag != 0x43] for name in names]


def snmp_neighbours() -> Promise:
    with snmp_faults.Zoo(91) as zoo:
        alone = snmp_faults.survive(zoo, zoo.healthy)
        began = time.monotonic()
        beside = snmp_faults.survive(zoo, (*HOSTILE, *zoo.healthy))
        took = time.monotonic() - began
        same = sum(a == b for a, b in zip(_varbinds(alone, zoo.healthy), _varbinds(beside, zoo.healthy), strict=True))
    says = f"SNMP: 14 healthy of 20 have the rows of a run alone, within {LIMITS.deadline * 1.2:.1f} s"
    return Promise("R2", says, f"{same} the same, {took:.1f} s", same == 14 and took <= LIMITS.deadline * 1.2)


def ssh_neighbours() -> Promise:
    bad = {
        "command hangs",
        "50 MB of output",
        "no prompt",
        "closes mid-output",
        "endless banner",
        "hangs in authentication",
    }
    calm = ssh_faults.healthy(14)
    with ssh_faults.Zoo(calm) as zoo:
        alone = {name: _words(told) for name, told in zoo.read().items()}
    played = [case for case in ssh_faults.cases() if case.name in bad] + ssh_faults.healthy(14)
    with ssh_faults.Zoo(played) as zoo:
        began = time.monotonic()
        beside = {name: _words(told) for name, told in zoo.read().items()}
        took = time.monotonic() - began
    same = sum(bool(alone[case.name]) and alone[case.name] == beside[case.name] for case in calm)
    most = ssh_faults.DEADLINE * 1.2
    return Promise(
        "R2",
        f"SSH: 14 healthy of 20 have the facts of a run alone, within {most:.1f} s",
        f"{same} the same, {took:.1f} s",
        same == 14 and took <= most,
    )


def _words(told: ssh_faults.Told) -> set[tuple[str, str, str]]:
    return {(fact.kind, fact.value, fact.about) for fact in told.facts}


# ── R3, R4: what the fault run itself shows ────────────────────


def spoofs(results: dict[str, Result]) -> Promise:
    """R3: forged answers (port, address, digest, plaintext) are dropped and counted."""
    said = [b"".join(bind.raw for answer in results[name].value for bind in answer.varbinds) for name in SPOOFS]
    taken = sum(b"forger" in words or b"liar" in words for words in said)
    dropped = sum(results[name].counts.spoofed for name in SPOOFS)
    return Promise("R3", "forged answers taken: 0", f"{taken} taken, {dropped} dropped", taken == 0 and dropped > 0)


def guards(results: dict[str, Result]) -> Promise:
    """R4: a walk in circles ends at the reply that shows it, an endless one at its cap."""
    spent = {name: results[name].counts.requests for name in CIRCLES}
    rows = snmp_faults.rows(results["endless"])
    figure = ", ".join(f"{name} {count}" for name, count in spent.items())
    # The GET before, the walk itself, and sysUpTime after: two more at most once the circle shows.
    return Promise(
        "R4",
        f"a walk in circles ends within 2 requests of the repeat; an endless one at {LIMITS.max_rows} rows",
        f"requests in all: {figure}; endless {rows} rows",
        all(count <= 4 for count in spent.values()) and rows <= LIMITS.max_rows,
    )


def memory() -> Promise:
    """R4: the whole fault run, agents included, in a process of its own."""
    code = (
        "import pathlib, re; from tests.tools import snmp_faults as faults\n"
        "with faults.Zoo(92) as zoo: faults.survive(zoo, (*faults.FAULTS, *zoo.healthy))\n"
        # Not ru_maxrss: it remembers the process that started this one.
        "print(int(re.search(r'VmHWM:\\s*(\\d+)', pathlib.Path('/proc/self/status').read_text())[1]) // 1024)"
    )
    words = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2], timeout=120)
    peak = int(done.stdout)
    return Promise("R4", f"peak memory of the fault run: below {MEMORY} MB", f"{peak} MB", peak < MEMORY)


# ── R8: a wrong password locks nobody out ────────────────────


def no_lockout(number: int) -> list[Promise]:
    """R8: a wrong password on so many devices, over SSH, SNMPv3 and HTTP.

    And over SNMPv3 where the first devices are silent.
    """
    return [
        _ssh_lockout(number),
        _v3_lockout(number),
        _v3_lockout(number, silent=number // 10),
        _v3_lockout(number, names=("core", "old")),
        _http_lockout(number),
    ]


def _lockout(
    what: str, number: int, per_device: Sequence[int], records: Sequence[Record], credentials: int = 1
) -> Promise:
    total, most = sum(per_device), max(per_device)
    told = Counter(record.reason.value for record in records if isinstance(record, Unread))
    accounted = sum(told[reason.value] for reason in (Reason.AUTHENTICATION, Reason.BREAKER)) >= number
    return Promise(
        "R8",
        f"{what}: wrong passwords ({credentials}) on {number} devices: 3 failed logins at most for each, none "
        f"twice on a device",
        f"{total} in all, {most} at most on one; {told[Reason.BREAKER.value]} spared",
        0 < total <= 3 * credentials and most <= credentials and accounted,
    )


def _ssh_lockout(number: int) -> Promise:
    played = [replace(case, credential="wrong") for case in ssh_faults.healthy(number)]
    with ssh_faults.Zoo(played) as zoo:
        told = zoo.read(deadline=60.0)
        # What the lab lets in under another password is a refusal here.
        tried = [item.logins for item in told.values()]
    return _lockout("SSH", number, tried, [record for item in told.values() for record in item.records])


def _v3_lockout(number: int, *, silent: int = 0, names: Sequence[str] = ("core",)) -> Promise:
    user = User(name="audit", auth="SHA256", auth_secret="right-password", priv="AES", priv_secret="right-password")
    port, first = free_port(), int(IPv4Address("127.93.0.1"))
    there = [str(IPv4Address(first + index)) for index in range(number + silent)]
    known = [Credential(name=name, kind="snmp-v3", user="audit", auth="SHA256", priv="AES") for name in names]
    how = setup(known, Secrets(auth="wrong-password", priv="wrong-password"))
    targets = [Target(address=address, ports=(("snmp", port),), credentials=tuple(names)) for address in there]
    devices = [
        PlayedAgent(address=at, port=port, varbinds=TABLE, users=(user,), versions=("3",)) for at in there[silent:]
    ]
    # These drop what they get; a closed port would be known at once.
    mute = [PlayedAgent(address=at, port=port, varbinds=TABLE, versions=("1",)) for at in there[:silent]]
    with _playing([*mute, *devices]) as responder:
        records = list(SnmpCollector().collect(targets, how))
        tried = [player.stats["report_5"] for player in responder.players]
    what = f"SNMPv3, the first {silent} silent" if silent else "SNMPv3"
    return _lockout(what, number, tried, records, len(names))


@contextlib.contextmanager
def _playing(devices: Sequence[PlayedAgent]) -> Iterator[Responder]:
    with Responder(devices) as responder:
        thread = threading.Thread(target=responder.serve, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield responder
        finally:
            responder.stop()
            thread.join()


def _http_lockout(number: int) -> Promise:
    refused = (
        'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm="cam", qop="auth", '
        'nonce="a1"\r\nContent-Length: 0\r\n\r\n'
    )
    credential = Credential(name="cams", kind="http", user="audit")
    with contextlib.ExitStack() as stack:
        net = stack.enter_context(Net())
        asked: list[list[str]] = [[] for _ in range(number)]

        def page(index: int) -> Callable[[str, str], str]:
            return lambda request, _body: asked[index].append(request) or refused

        ports = [net.http({"/ISAPI/System/deviceInfo": page(index)}) for index in range(number)]
        targets = [Target(address="127.0.0.1", ports=(("http", port),), credentials=("cams",)) for port in ports]
        how = setup(
            [credential], Secrets(password="wrong-password"), probes=("isapi",), limits={"packets_per_second": 10_000.0}
        )
        records = list(ProbeCollector().collect(targets, how))
    tried = [sum("authorization:" in request.lower() for request in requests) for requests in asked]
    return _lockout("HTTP", number, tried, records)


# ── R9: a changed host key ────────────────────


def host_keys(number: int = 20, changed: int = 5) -> Promise:
    """R9: whoever shows another key than the enrolled one is told apart and gets no password."""
    played = ssh_faults.healthy(number)
    for case in played[:changed]:
        case.key = "other"
    with ssh_faults.Zoo(played) as zoo:
        told = list(zoo.read().values())
    found = [item for item in told if [unread.reason for unread in item.unread] == [Reason.HOST_KEY]]
    passwords = sum(item.logins for item in told[:changed])
    read = sum(item.whole for item in told[changed:])
    return Promise(
        "R9",
        f"{changed} of {number} host keys changed: {changed} unread as host-key, no password sent to them",
        f"{len(found)} as host-key, {passwords} passwords, {read} others read",
        len(found) == changed and passwords == 0 and read == number - changed and found == told[:changed],
    )


# ── R11: secrets that can be recognised ────────────────────


def secrets() -> Promise:
    """R11: every test that looks for a canary in arguments, logs, store, reports and tracebacks."""
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_secrets.py"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    last = done.stdout.strip().splitlines()[-1:] or [f"ended with {done.returncode}"]
    runs = last[0].partition(" in ")[0].strip("= ")
    return Promise("R11", "canaries are found nowhere", f"runs that looked for canaries: {runs}", done.returncode == 0)


# ── R12: nothing but reading ────────────────────


@contextlib.contextmanager
def lab(network: str = "demo") -> Iterator[Lab]:
    """Play a sample network on loopback."""
    plan = networks.load(home() / "networks" / f"{network}.toml")
    with tempfile.TemporaryDirectory() as folder, play(plan, home(), Path(folder)) as playing:
        yield playing


def scan(playing: Lab, folder: Path, *more: str) -> tuple[int, str, str]:
    """Scan a played network from the command line; return exit code, stdout and stderr."""
    (folder / "known_hosts").write_bytes(playing.known_hosts.read_bytes())
    words = ["--config", str(playing.config), *SCAN, "--store", str(folder / "s.db"), *more, *playing.targets]
    shown = CliRunner().invoke(command, words)
    if shown.exception is not None and not isinstance(shown.exception, SystemExit):
        raise shown.exception
    return shown.exit_code, shown.stdout, shown.stderr


def read_only(names: Sequence[str] = ("demo",)) -> Promise:
    """R12: a whole scan of the sample networks sends no SET and no line that is not listed."""
    allowed = {
        line for driver in driver_table().drivers for line in (*driver.lines(), *driver.session, driver.leave, "")
    }
    sets, lines, strange = 0, 0, []
    for name in names:
        with lab(name) as playing, tempfile.TemporaryDirectory() as folder:
            scan(playing, Path(folder))
            sets += playing.stats["set"]
            lines += len(playing.commands)
            strange += [line for _, line in playing.commands if line.strip() not in allowed]
    return Promise(
        "R12",
        f"scans of {', '.join(names)}: 0 SET, 0 lines that are not listed",
        f"{sets} SET, {len(strange)} of {lines} lines not listed{strange[:3] or ''}",
        sets == 0 and not strange and lines > 0,
    )


# ── R13: never faster than configured ────────────────────


def pace(rate: float, seconds: float) -> list[Promise]:
    """R13: a sweep, a collection and two sites side by side, each over several seconds."""
    return [_sweep_pace(rate, seconds), _snmp_pace(rate, seconds), _sites_pace(rate, seconds)]


def _kept(what: str, meter: Meter, rate: float) -> Promise:
    moments = sorted(meter.moments)
    long = moments[-1] - moments[0] if moments else 0.0
    most = busiest(moments)
    return Promise(
        "R13",
        f"{what}: at most {rate:g} packets in any second (5 % allowed)",
        f"{most} in the busiest second, {len(moments)} in {long:.1f} s",
        most <= rate * SLACK and long > 1.0,
    )


def _sweep_pace(rate: float, seconds: float) -> Promise:
    size = max(16, int(rate * seconds / 4))
    first = int(IPv4Address("127.94.0.1"))
    with Meter() as meter:
        like = Target(address="", credentials=("public",), ports=(("snmp", meter.port),))
        how = setup(
            [Credential(name="public", kind="snmp-v2c")],
            Secrets(community="public"),
            limits={"packets_per_second": rate, "timeout": 0.2},
        )
        list(sweep([Span(first=first, last=first + size - 1, like=like)], how, Ways(icmp=False, ports=())))
    return _kept("sweep", meter, rate)


def _sites_pace(rate: float, seconds: float) -> Promise:
    """Sweep two sites whose own rates come to more than the run's.

    Each keeps to its own, both together to the run's.
    """
    own = {"near": rate * 0.8, "far": rate * 0.4}
    with Meter() as near, Meter() as far:
        meters, spans = {"near": near, "far": far}, []
        for number, (site, meter) in enumerate(meters.items()):
            first = int(IPv4Address(f"127.94.{16 * number + 16}.0"))
            like = Target(address="", site=site, credentials=("public",), ports=(("snmp", meter.port),))
            spans.append(Span(first=first, last=first + max(40, int(own[site] * seconds / 4)) - 1, like=like))
        how = setup(
            [Credential(name="public", kind="snmp-v2c")],
            Secrets(community="public"),
            limits={"packets_per_second": rate, "timeout": 0.2},
        )
        limits = {site: replace(how.limits, packets_per_second=pace) for site, pace in own.items()}
        order = local.Order(stages=(), ways=Ways(icmp=False, ports=()), limits=limits)
        list(local.collect(spans, how, order))
    most = {site: busiest(meter.moments) for site, meter in meters.items()}
    both = busiest([*near.moments, *far.moments])
    together = min(max(near.moments), max(far.moments)) - max(min(near.moments), min(far.moments))
    kept = both <= rate * SLACK and all(most[site] <= own[site] * SLACK for site in own)
    return Promise(
        "R13",
        f"two sites side by side: at most {own['near']:g} and {own['far']:g} packets in any second, {rate:g} in "
        f"all (5 % allowed)",
        f"{most['near']}, {most['far']} and {both} in the busiest second, {together:.1f} s at once",
        kept and together > 1.0,
    )


def _snmp_pace(rate: float, seconds: float) -> Promise:
    # One such device costs fifteen requests.
    number = max(8, int(rate * seconds / 15))
    first = int(IPv4Address("127.95.0.1"))
    there = [str(IPv4Address(first + index)) for index in range(number)]
    players = [Player(PlayedAgent(address=address, port=1, varbinds=TABLE)) for address in there]
    with Meter(players) as meter:
        targets = [Target(address=at, credentials=("public",), ports=(("snmp", meter.port),)) for at in there]
        how = setup(
            [Credential(name="public", kind="snmp-v2c")],
            Secrets(community="public"),
            limits={"packets_per_second": rate, "timeout": 1.0, "deadline": 60.0},
        )
        read = sum(isinstance(record, Observation) for record in SnmpCollector().collect(targets, how))
    kept = _kept("SNMP collection", meter, rate)
    return replace(kept, figure=f"{kept.figure}, {read} of {number} read", kept=kept.kept and read == number)


# ── R14: no network, no names ────────────────────


def namespaces() -> str:
    """Return why a network of one's own cannot be had here, nothing where it can."""
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        return "unshare or ip is not installed (Debian: util-linux, iproute2)"
    done = subprocess.run(["unshare", "-rn", "true"], capture_output=True, text=True, check=False)
    return "unprivileged namespaces are blocked here" if done.returncode else ""


def offline(words: Sequence[str] = ("tests.tools.offline",)) -> Promise:
    """R14: a whole scan where nothing but loopback exists.

    What tries to leave is counted by the kernel and by the interpreter.
    """
    says = "a whole scan with loopback alone: 0 names looked up, 0 attempts to leave"
    if why := namespaces():
        return Promise("R14", says, f"not measured: {why}", kept=True, measured=False)
    shell = f"ip link set lo up && exec {sys.executable} -W ignore -m {' '.join(words)}"
    done = subprocess.run(
        ["unshare", "-rn", "sh", "-c", shell],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
        timeout=180,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    if done.returncode:
        return Promise("R14", says, f"ended with {done.returncode}: {done.stderr[-300:]}", kept=False)
    told = json.loads(done.stdout.splitlines()[-1])
    figure = (
        f"{len(told['names'])} names, {told['left']} attempts by the kernel's count, {len(told['outside'])} by the "
        f"interpreter's"
    )
    clean = not told["names"] and not told["left"] and not told["outside"]
    return Promise(
        "R14", says, f"{figure}; {told['assets']} assets", clean and told["assets"] > 20 and told["control"] == 1
    )
