"""How fast the sweep is, against onesixtyone, nmap and a raw sendmmsg loop, over loopback in one run.

    python tests/bench/bench_sweep.py [--bits 16] [--quick]

A responder in another process plays a whole /16 of 127.0.0.0/8: it answers one address in a hundred, or all. Prints one line a case:
addresses, alive, seconds on the wall, microseconds of our own processor time per address, missed and invented answers.
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
import time
from datetime import UTC, datetime
from ipaddress import IPv4Address

from auditor.collect import sweep_volley
from auditor.collect.base import Limits, Setup
from auditor.collect.sweep import Ways, sweep
from auditor.model import Credential, Span, Target
from auditor.snmp import message

BASE = int(IPv4Address("127.64.0.0"))
IP_PKTINFO = 8


def respond(port: int, every: int, ready) -> None:
    """Play every n-th address of 127.64.0.0/10: answer each GET from the address it was sent to."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)
        opened.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
        opened.bind(("0.0.0.0", port))  # noqa: S104 - loopback addresses cannot be bound as a subnet
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

    def __enter__(self) -> "Playing":
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
        credentials={"public": credential},
        secrets=Secrets(),
        now=lambda: datetime.now(UTC),
        limits=Limits(timeout=1.0, packets_per_second=0.0),
    )
    like = Target(address="", credentials=("public",), ports=(("snmp", port),))
    spans = [Span(first=BASE, last=BASE + count - 1, like=like)]
    seen = sweep(spans, setup, Ways(engine=False, icmp=False, ports=()))
    return {int(IPv4Address(item.target.address)) - BASE for item in seen}


def raw(port: int, count: int) -> None:
    """Send one probe to each address with sendmmsg and nothing else: names and tokens laid out by a plain Python loop."""
    probe = bytearray(message.probe_v2c(b"public", 0x42424242))
    at = probe.find(b"\x42\x42\x42\x42")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        batch = sweep_volley.BATCH
        size = len(probe)
        packets = bytearray(bytes(probe) * batch)
        names = bytearray(struct.pack("=HH12x", socket.AF_INET, socket.htons(port)) * batch)
        messages = (sweep_volley._Message * batch)()
        iovecs = (sweep_volley._Iovec * batch)()
        packets_at = ctypes.addressof((ctypes.c_char * len(packets)).from_buffer(packets))
        names_at = ctypes.addressof((ctypes.c_char * len(names)).from_buffer(names))
        for index in range(batch):
            iovecs[index].base, iovecs[index].size = packets_at + index * size, size
            header = messages[index].header
            header.name, header.name_size = names_at + index * 16, 16
            header.iovecs, header.iovec_count = ctypes.addressof(iovecs[index]), 1
        call = sweep_volley._sendmmsg()
        for first in range(0, count, batch):
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


def line(what: str, addresses: int, alive: int, wall: float, cpu: float, verdict: str) -> None:
    print(f"{what:34} {addresses:>9,} {alive:>8,} {wall:>8.2f} s {cpu / addresses * 1e6:>8.1f} µs  {verdict}")


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--bits", type=int, default=16, help="addresses as a power of two")
    options.add_argument("--quick", action="store_true", help="leave the other programs out")
    chosen = options.parse_args()
    count = 1 << chosen.bits
    port = free_port()
    print(f"{'what':34} {'addresses':>9} {'alive':>8} {'wall':>10} {'CPU each':>11}")
    for every in (100, 1):
        with Playing(port, every):
            expected = set(range(0, count, every))
            wall, cpu, found = timed(ours, port, count)
            line(
                "ours, two passes",
                count,
                len(expected),
                wall,
                cpu,
                f"missed {len(expected - found)}, invented {len(found - expected)}",
            )
    with Playing(port, 1 << 30):
        wall, cpu, _ = timed(raw, port, count)
        line("raw sendmmsg loop, one pass", count, 0, wall, cpu, "sends only")
        if not chosen.quick:
            others(port, count)


def others(port: int, count: int) -> None:
    """Run the other programs where they are installed, over the same addresses."""
    network = f"127.64.0.0/{32 - count.bit_length() + 1}"
    if shutil.which("onesixtyone"):
        hosts = "/tmp/bench_sweep_hosts.txt"  # noqa: S108 - onesixtyone takes its hosts from a file only
        with open(hosts, "w", encoding="ascii") as file:
            file.writelines(f"{IPv4Address(BASE + number)}\n" for number in range(count))
        wall, cpu, _ = outside(["onesixtyone", "-w", "0", "-p", str(port), "-i", hosts, "public"])
        line("onesixtyone -w 0, one pass", count, 0, wall, cpu, "waits 5 s")
    if shutil.which("nmap"):
        some = min(count, 1024)
        part = f"127.64.0.0/{32 - some.bit_length() + 1}"
        wall, cpu, _ = outside(["nmap", "-n", "-Pn", "-sU", "-p", str(port), "-T4", "--max-retries", "1", part])
        line("nmap -n -Pn -sU -T4", some, 0, wall, cpu, f"{some / wall:,.0f} addresses/s")
    print(f"(network: {network})", file=sys.stderr)


if __name__ == "__main__":
    main()
