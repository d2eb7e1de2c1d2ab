"""One device whose table never ends, scanned live: its end, the peak of memory, the journal.

    python -m tests.bench.bench_endless [name …]

The agent and the scan have a process each. Ends with 1 where a promise is not kept.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from auditor import ber
from auditor.lab.agent import PlayedAgent, Responder
from auditor.lab.table import VarbindTable
from auditor.model import Limits, VarBind
from auditor.oids import NAMES
from auditor.snmp.message import GET_NEXT

HOME, PORT = "127.0.40.1", 16171
MEGABYTES, JOURNAL = 150, 2_000_000
OCTETS = 3
PIECE = 1 << 20
CONFIG = """
[credential.public]
kind = "snmp-v2c"
secret = "file:public.secret"
subnets = ["127.0.40.0/24"]
"""
SYSTEM = (
    VarBind("1.3.6.1.2.1.1.1.0", ber.OCTET_STRING, b"Cisco IOS Software, C2960X Software"),
    VarBind("1.3.6.1.2.1.1.2.0", ber.OBJECT_IDENTIFIER, ber.oid("1.3.6.1.4.1.9.1.1208")),
    VarBind("1.3.6.1.2.1.1.5.0", ber.OCTET_STRING, b"endless"),
)
# The column that never ends, what stands before the three octets that number a row, and what a row says.
ENDLESS: Mapping[str, tuple[str, tuple[int, ...], Callable[[int], tuple[int, bytes]]]] = {
    "names of ports": ("ifDescr", (), lambda number: (ber.OCTET_STRING, b"GigabitEthernet1/0/%d" % number)),
    "a forwarding table": ("dot1qTpFdbPort", (20, 0, 20, 34), lambda _: (ber.INTEGER, b"\x07")),
    "an ARP table": (
        "ipNetToMediaPhysAddress", (7, 10),
        lambda number: (ber.OCTET_STRING, b"\x00\x14\x22" + number.to_bytes(OCTETS, "big")),
    ),
}  # fmt: skip


class EndlessTable(VarbindTable):
    """A table that has another row behind every row of one column."""

    def __init__(self, name: str) -> None:
        column, self._head, self._value = ENDLESS[name]
        self._column = ber.oid(NAMES[column])
        super().__init__((*SYSTEM, self._bind(0)))

    def _bind(self, number: int) -> VarBind:
        arcs = (*ber.arcs(self._column)[1:], *self._head, *number.to_bytes(OCTETS, "big"))
        tag, value = self._value(number)
        return VarBind(".".join(map(str, (1, 3, *arcs))), tag, value)

    def _run(self, name: bytes, repetitions: int) -> list[bytes]:
        if not name.startswith(self._column):
            return super()._run(name, repetitions)
        arcs = ber.arcs(name)[-OCTETS:] if name != self._column else (0, 0, 0)
        start = int.from_bytes(bytes(arcs), "big") + 1
        binds = map(self._bind, range(start, start + repetitions))
        return [ber.join_varbinds([(ber.oid(bind.oid), bind.tag, bind.raw)]) for bind in binds]

    def _one(self, kind: int, name: bytes) -> bytes:
        return self._run(name, 1)[0] if kind == GET_NEXT else super()._one(kind, name)


def play(name: str) -> None:
    """Answer for the device until the process is ended."""
    with Responder([PlayedAgent(address=HOME, port=PORT, varbinds=EndlessTable(name))]) as responder:
        responder.serve()


@contextmanager
def played(name: str) -> Iterator[None]:
    """Have the device answer from a process of its own."""
    agent = multiprocessing.get_context("spawn").Process(target=play, args=(name,), daemon=True)
    agent.start()
    try:
        yield
    finally:
        agent.terminate()
        agent.join()


def measure(name: str, folder: Path) -> tuple[float, float, int, bool]:
    """Return processor time, peak in MB, octets of the packed journal, and whether the scan says the table as cut."""
    (folder / "auditor.toml").write_text(CONFIG, encoding="utf-8")
    (folder / "public.secret").write_text("public\n", encoding="ascii")
    (folder / "public.secret").chmod(0o600)
    words = [sys.executable, "-m", "auditor", "scan", HOME, "--no-sweep", "--collector", "snmp", "--rate", "0", "-q"]
    words += ["--port", f"snmp={PORT}", "--store", "none", "--journal", "j.jsonl", "-f", "json", "-o", "report.json"]
    with played(name):
        scan = subprocess.Popen(words, cwd=folder)
        _, status, used = os.wait4(scan.pid, 0)
    # A process that is forked off begins with the peak of its parent: no document is held whole here.
    with (folder / "report.json").open(encoding="utf-8") as report:
        is_cut = any(f"more than {Limits().max_rows} rows" in line for line in report if line.startswith('"unread"'))
    with (folder / "j.jsonl").open("rb") as lines:
        journal = packed(iter(partial(lines.read, PIECE), b""))
    return (
        used.ru_utime + used.ru_stime,
        used.ru_maxrss / 1024,
        journal,
        is_cut and os.waitstatus_to_exitcode(status) > 0,
    )


def packed(pieces: Iterable[bytes]) -> int:
    """Return how many octets are left of a file once it is packed."""
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    return sum(len(packer.compress(piece)) for piece in pieces) + len(packer.flush())


def main(names: Sequence[str]) -> int:
    """Print the table and return 1 where a promise is not kept."""
    is_kept = True
    heads = f"{'what never ends':<22}{'CPU s':>8}{'peak MB':>9}{'at most':>9}{'journal, packed kB':>20}{'at most':>9}"
    sys.stdout.write(f"{heads}  {'cut':<6}promise\n")
    for name in names or ENDLESS:
        with tempfile.TemporaryDirectory() as folder:
            seconds, megabytes, journal, is_cut = measure(name, Path(folder))
        figures = f"{name:<22}{seconds:>8.1f}{megabytes:>9.0f}{MEGABYTES:>9}"
        keeps = is_cut and megabytes <= MEGABYTES and journal <= JOURNAL
        words = f"{is_cut!s:<6}{'kept' if keeps else 'broken'}"
        sys.stdout.write(f"{figures}{journal // 1000:>20}{JOURNAL // 1000:>9}  {words}\n")
        sys.stdout.flush()
        is_kept = is_kept and keeps
    return int(not is_kept)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
