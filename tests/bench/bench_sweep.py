"""The sweep against onesixtyone, nmap and a raw sendmmsg loop, over loopback in one run.

    python -m tests.bench.bench_sweep [--bits 16] [--quick]

A responder in a process of its own plays a network inside 127.0.0.0/8: one address in a hundred answers, or all do. A
line says how long it took, what it cost our own processor per address, and what was missed or invented. Then the
sizes from /24 to /12, each in a process of its own that has swept once before, the small ones many times over. Ends
with 1 where a promise is broken.
"""

import argparse
import ctypes
import multiprocessing
import resource
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path
from typing import NamedTuple, Self

from auditor.collect.base import Setup
from auditor.collect.sweep import batch as sweep_batch
from auditor.collect.sweep.collector import Ways, sweep
from auditor.model import Credential, Limits, Span, Target
from auditor.snmp import message
from tests.tools.loopback import SCOPE, free_port

BASE = int(IPv4Address("127.64.0.0"))
IP_PKTINFO = 8
HUNDRED = 100
# Prefix length → how often it is swept, so that every size is measured over some thousand packets.
SIZES = {24: 12, 20: 4, 16: 1, 12: 1}
# A sweep has work that does not depend on its size: a socket, the routes, waking up cold after each pause; about 2 ms.
# On 256 addresses
# that is as much again as the sending, or half as much more on a busy machine; on 4,096 it is a tenth. Beyond three,
# something grows.
FLAT = 3.0
# What a stretch of 131,072 addresses holds in octets, twice over, and the 10,486 devices found in a /12.
FLAT_MB = 8.0


def respond(port: int, every: int, ready) -> None:
    """Play every n-th address of 127.64.0.0/10: answer each GET from the address it was sent to."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)
        opened.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
        # Addresses of loopback cannot be bound as a subnet.
        opened.bind(("0.0.0.0", port))
        ready.set()
        while True:
            probe, notes, _, peer = opened.recvmsg(2048, 64)
            told = notes[0][2]
            number = int.from_bytes(told[8:12], "big")
            if (number - BASE) % every:
                continue
            reply = answer(probe, probe.find(b"\x02\x04", 5))
            opened.sendmsg(
                [reply], [(socket.IPPROTO_IP, IP_PKTINFO, struct.pack("=i4s4s", 0, told[8:12], bytes(4)))], 0, peer
            )


def answer(probe: bytes, at: int) -> bytes:
    """Return a response with sysDescr only, under the identifier of the probe."""
    binds = bytes.fromhex("300e300c06082b060102010101000400")
    body = probe[at : at + 6] + b"\x02\x01\x00\x02\x01\x00" + binds
    pdu = b"\xa2" + bytes([len(body)]) + body
    head = probe[2 : probe.find(b"\xa0", 5)]
    return b"\x30" + bytes([len(head) + len(pdu)]) + head + pdu


class Playing:
    """The responder while a case runs."""

    def __init__(self, port: int, every: int) -> None:
        self.ready = multiprocessing.Event()
        self.process = multiprocessing.Process(target=respond, args=(port, every, self.ready), daemon=True)

    def __enter__(self) -> Self:
        self.process.start()
        self.ready.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.join()


class Secrets:
    """One community."""

    def fetch(self, _name: str, _part: str) -> str:
        return "public"


def ours(port: int, count: int) -> set[int]:
    """Run our sweep, SNMP only, and return the addresses found as offsets."""
    credential = Credential(name="public", kind="snmp-v2c")
    setup = Setup(
        scope=SCOPE,
        credentials={"public": credential},
        secrets=Secrets(),
        now=lambda: datetime.now(UTC),
        limits=Limits(timeout=1.0, packets_per_second=0.0),
    )
    like = Target(address="", credentials=("public",), ports=(("snmp", port),))
    spans = [Span(first=BASE, last=BASE + count - 1, like=like)]
    seen = sweep(spans, setup, Ways(engine=False, icmp=False, ports=()))
    return {int.from_bytes(socket.inet_aton(item.target.address), "big") - BASE for item in seen}


def raw(port: int, count: int) -> None:
    """Send two probes to each address with sendmmsg and nothing else.

    Names and tokens laid out by a plain Python loop.
    """
    probe = bytearray(message.probe_plain(message.V2C, b"public", 0x42424242))
    at = probe.find(b"\x42\x42\x42\x42")
    batch, size = sweep_batch.BATCH, len(probe)
    packets = bytearray(bytes(probe) * batch)
    names = bytearray(struct.pack("=HH12x", socket.AF_INET, socket.htons(port)) * batch)
    messages = (sweep_batch._Message * batch)()
    iovecs = (sweep_batch._Iovec * batch)()
    packets_at = ctypes.addressof((ctypes.c_char * len(packets)).from_buffer(packets))
    names_at = ctypes.addressof((ctypes.c_char * len(names)).from_buffer(names))
    for index in range(batch):
        iovecs[index].base, iovecs[index].size = packets_at + index * size, size
        header = messages[index].header
        header.name, header.name_size = names_at + index * 16, 16
        header.iovecs, header.iovec_count = ctypes.addressof(iovecs[index]), 1
    call = sweep_batch._sendmmsg()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        for first in [*range(0, count, batch)] * 2:
            for index in range(batch):
                struct.pack_into("!I", names, index * 16 + 4, BASE + first + index)
                struct.pack_into("!I", packets, index * size + at, 0x42000000 + first + index)
            call(opened.fileno(), ctypes.addressof(messages), batch, 0)


def spent() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def timed(run, *args) -> tuple[float, float, object]:
    wall, cpu = time.perf_counter(), spent()
    value = run(*args)
    return time.perf_counter() - wall, spent() - cpu, value


def outside(argv: list[str]) -> tuple[float, float, str]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = time.perf_counter()
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - wall, cpu, done.stdout


class Case(NamedTuple):
    """One line of the table. Seconds; `cpu` is our own processor time."""

    what: str
    addresses: int
    wall: float
    cpu: float
    verdict: str

    @property
    def each(self) -> float:
        """Return microseconds of processor time per address."""
        return self.cpu / self.addresses * 1e6

    def show(self) -> None:
        """Print the line."""
        sys.stdout.write(
            f"{self.what:36} {self.addresses:>9,} {self.wall:>8.2f} s {self.each:>8.1f} µs "
            f"{self.addresses / self.wall:>9,.0f}/s  {self.verdict}\n"
        )
        sys.stdout.flush()


def sweeps(port: int, count: int) -> list[tuple[Case, bool]]:
    """Run our sweep over a network with one in a hundred alive and over one with all alive.

    Tell whether it was exact.
    """
    done = []
    for every, word in ((100, "1 %"), (1, "all")):
        with Playing(port, every):
            wall, cpu, found = timed(ours, port, count)
        expected = set(range(0, count, every))
        verdict = f"missed {len(expected - found)}, invented {len(found - expected)}"
        done.append((Case(f"ours, two passes, {word} alive", count, wall, cpu, verdict), found == expected))
    return done


class Size(NamedTuple):
    """What one size costs: CPU microseconds per address, most megabytes, whether all was right."""

    prefix: int
    each: float
    peak: float
    exact: bool

    def show(self) -> None:
        """Print the line."""
        verdict = "" if self.exact else "  WRONG"
        sys.stdout.write(f"/{self.prefix:<35} {self.each:>33.1f} µs {self.peak:>8.1f} MB{verdict}\n")
        sys.stdout.flush()


def measure(port: int, prefix: int, out) -> None:
    """Sweep one size in this process after a small one that loads all; tell what it cost."""
    ours(port, 1 << 8)
    count, times = 1 << (32 - prefix), SIZES[prefix]
    found: set[int] = set()

    def often() -> None:
        for _ in range(times):
            found.clear()
            found.update(ours(port, count))

    _, cpu, _ = timed(often)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    out.send(Size(prefix, cpu / times / count * 1e6, peak / 1024, found == set(range(0, count, 100))))


def sizes(port: int) -> list[Size]:
    """Measure every size, one in a hundred alive, each in a process of its own."""
    fresh, done = multiprocessing.get_context("spawn"), []
    with Playing(port, 100):
        for prefix in SIZES:
            heard, out = fresh.Pipe(duplex=False)
            child = fresh.Process(target=measure, args=(port, prefix, out))
            child.start()
            done.append(heard.recv())
            child.join()
    return done


def onesixtyone(port: int, count: int) -> Case | None:
    """Run onesixtyone over the same addresses, none alive; it sends once and waits five seconds."""
    if not shutil.which("onesixtyone"):
        return None
    with tempfile.TemporaryDirectory() as folder:
        hosts = Path(folder) / "hosts"
        hosts.write_text("".join(f"{IPv4Address(BASE + number)}\n" for number in range(count)), encoding="ascii")
        wall, cpu, _ = outside(["onesixtyone", "-w", "0", "-p", str(port), "-i", str(hosts), "public"])
    return Case("onesixtyone -w 0, one pass", count, wall, cpu, "")


def nmap(port: int, count: int) -> Case | None:
    """Run nmap over a /24 of the same addresses; more would take it too long."""
    if not shutil.which("nmap"):
        return None
    some = min(count, 256)
    part = f"127.64.0.0/{33 - some.bit_length()}"
    wall, cpu, _ = outside(["nmap", "-n", "-Pn", "-sU", "-p", str(port), "-T4", "--max-retries", "1", part])
    return Case("nmap -n -Pn -sU -T4", some, wall, cpu, "")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--bits", type=int, default=16, help="addresses as a power of two")
    options.add_argument("--quick", action="store_true", help="leave the other programs out")
    chosen = options.parse_args()
    count, port = 1 << chosen.bits, free_port()
    own = sweeps(port, count)
    for case, _ in own:
        case.show()
    with Playing(port, 1 << 30):
        wall, cpu, _ = timed(raw, port, count)
        base = Case("raw sendmmsg loop, two passes", count, wall, cpu, "sends only")
        peers = [] if chosen.quick else [case for case in (onesixtyone(port, count), nmap(port, count)) if case]
    for case in (base, *peers):
        case.show()
    measured = sizes(port)
    for size in measured:
        size.show()
    promises = [*against(own, base, peers), *flat(measured)]
    for words, kept in promises:
        sys.stdout.write(f"{'kept  ' if kept else 'BROKEN'} {words}\n")
    return 0 if all(kept for _, kept in promises) else 1


def against(own: list[tuple[Case, bool]], base: Case, peers: list[Case]) -> list[tuple[str, bool]]:
    """Hold our sweeps to what is promised beside a raw loop and other programs."""
    few = own[0][0]
    promises = [("nothing missed, nothing invented", all(exact for _, exact in own))]
    promises.append(
        (f"processor per address within 2 times a raw loop: {few.each / base.each:.1f}", few.each <= 2 * base.each)
    )
    for peer in peers:
        if peer.what.startswith("onesixtyone"):
            slowest = max(case.wall for case, _ in own)
            promises.append(
                (f"two passes sooner than onesixtyone's one: {slowest:.1f} s, {peer.wall:.1f} s", slowest < peer.wall)
            )
        else:
            times = (few.addresses / few.wall) / (peer.addresses / peer.wall)
            promises.append((f"100 times nmap's addresses a second: {times:,.0f}", times >= HUNDRED))
    return promises


def flat(measured: list[Size]) -> list[tuple[str, bool]]:
    """Hold the sizes to one another.

    Neither what an address costs nor the memory may grow with their number.
    """
    costs = [size.each for size in measured]
    ratio, smallest, widest = max(costs) / min(costs), measured[0], measured[-1]
    grown = widest.peak - smallest.peak
    fixed = (smallest.each - widest.each) * (1 << (32 - smallest.prefix)) / 1000
    ends = f"from /{smallest.prefix} to /{widest.prefix}"
    return [
        (f"every size is swept exactly, {ends}", all(size.exact for size in measured)),
        (
            f"cost per address flat {ends}: {ratio:.1f} times, at most {FLAT:g} ({fixed:.1f} ms a sweep are fixed)",
            ratio <= FLAT,
        ),
        (f"memory flat {ends}: {grown:.1f} MB more, at most {FLAT_MB:g}", grown <= FLAT_MB),
    ]


if __name__ == "__main__":
    raise SystemExit(main())
