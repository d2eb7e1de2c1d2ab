"""`make faults`: every hostile agent and server with what came of it, then each promise."""

import gc
import logging
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.tools import figures, hostile_devices, promises, snmp_faults, ssh_faults
from tests.tools.loopback import Withheld
from tests.tools.promises import Promise
from tests.tools.snmp_faults import FAULTS, LIMITS, Client, Result

ROUNDS = 3
DEVICES = 200
NETWORKS = ("demo", "carrier", "contractor")
# The rows of docs/promises.md, and which targets take longer than anybody waits here: their last figure is shown.
ROWS = (*(f"R{number}" for number in range(1, 17)), "soak", "attacks")
LONGER = {"R5": "kills", "R6": "kills", "R7": "kills", "R15": "hub-kills", "R16": "fuzz"}
LONGER |= {"soak": "soak", "attacks": "attack attack-guards"}


@dataclass(frozen=True)
class Row:
    """One fault in one round."""

    protocol: str
    fault: str
    expected: str
    happened: str
    cost: str
    seconds: float
    good: bool

    def line(self) -> str:
        mark = "ok " if self.good else "BAD"
        return (
            f"{mark} {self.protocol:4} {self.fault:30} {self.expected:15} {self.cost:31} {self.seconds:5.1f} s  "
            f"{self.happened[:90]}"
        )


def snmp_round(number: int) -> tuple[list[Row], dict[str, Result], int]:
    """Play every SNMP fault beside healthy agents.

    Return a row for each, the results and how many SETs there were.
    """
    with snmp_faults.Zoo(80 + number) as zoo:
        names = (*FAULTS, *zoo.healthy)
        jobs = [(zoo.agent(name), snmp_faults.pull()) for name in names]
        began, results, took = time.monotonic(), {}, {}
        for result in Client(LIMITS).run(jobs):
            results[result.agent.label] = result
            took[result.agent.label] = time.monotonic() - began
        sets = zoo.stats["set"]
    return [_snmp_row(name, results[name], took[name]) for name in names], results, sets


def _snmp_row(name: str, result: Result, seconds: float) -> Row:
    fault, why, counts = FAULTS.get(name), snmp_faults.reason(result), result.counts
    wanted = fault.reason if fault else None
    told = [result.fault.detail if result.fault else "", *(answer.why for answer in reversed(result.value))]
    rows = snmp_faults.rows(result)
    return Row(
        protocol="SNMP",
        fault=name,
        expected=wanted.value if wanted else "read whole",
        happened=f"{why.value if why else 'read whole'}, {rows} rows; {next(filter(None, told), '')}".rstrip("; "),
        cost=f"{counts.requests} requests, {counts.spoofed + counts.malformed + counts.stray} refused",
        seconds=seconds,
        good=snmp_faults.is_as_it_should_be(name, result) and seconds <= LIMITS.deadline * 1.2,
    )


def ssh_round() -> list[Row]:
    """Play every SSH fault beside healthy devices; return a row for each."""
    with ssh_faults.Zoo([*ssh_faults.cases(), *ssh_faults.healthy()]) as zoo:
        return [_ssh_row(told) for told in zoo.read().values()]


def _ssh_row(told: ssh_faults.Told) -> Row:
    return Row(
        protocol="SSH",
        fault=told.case.name,
        expected=told.case.reason.value if told.case.reason else "read whole",
        happened=told.happened,
        cost=f"{told.connections} connection, {told.logins} login, {told.lines} lines",
        seconds=told.seconds,
        good=told.good,
    )


def survival(rows: list[Row], rounds: int) -> Promise:
    """R1: every fault in every round was classified in time, and nothing healthy was harmed."""
    healthy = [row for row in rows if row.fault.startswith("healthy")]
    bad = [f"{row.protocol} {row.fault}" for row in rows if not row.good]
    slowest = {protocol: max(row.seconds for row in rows if row.protocol == protocol) for protocol in ("SNMP", "SSH")}
    kinds = len(rows) // rounds - len(healthy) // rounds
    return Promise(
        "R1",
        f"{kinds} faults, {rounds} times each: 0 crashes, 0 hangs, each classified, healthy devices whole",
        f"{len(rows) - len(bad)} of {len(rows)} as they should be, {sum(row.good for row in healthy)} of "
        f"{len(healthy)} healthy whole, "
        f"slowest {slowest['SNMP']:.1f} s SNMP and {slowest['SSH']:.1f} s SSH (deadlines {LIMITS.deadline:g} and "
        f"{ssh_faults.DEADLINE:g})" + (f"; not: {', '.join(bad)}" if bad else ""),
        not bad,
    )


def nothing_left() -> Promise:
    """R1: no thread and no open file stays behind of what the faults broke off."""
    before = _open()
    ssh_round()
    time.sleep(0.5)
    left = {name: after - before[name] for name, after in _open().items()}
    return Promise(
        "R1",
        "no thread or file left behind",
        f"{left['threads']} threads, {left['files']} files",
        max(left.values()) <= 0,
    )


def _open() -> dict[str, int]:
    gc.collect()
    files = Path("/proc/self/fd")
    return {"threads": threading.active_count(), "files": len(list(files.iterdir())) if files.exists() else 0}


def rest() -> Iterator[Callable[[], list[Promise]]]:
    """Yield what measures the promises beyond the fault table, in full."""
    yield promises.healthy_beside_hostile
    yield lambda: [promises.memory()]
    yield lambda: promises.no_lockout(DEVICES)
    yield lambda: [promises.host_keys()]
    yield lambda: [hostile_devices.survived(1000)]
    yield lambda: [promises.secrets()]
    yield lambda: [promises.read_only(NETWORKS)]
    yield lambda: promises.pace(400.0, 5.0)
    yield lambda: [promises.offline()]


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def told(promise: Promise, seconds: float) -> Promise:
    """Print one promise as it was measured, and return it."""
    mark = ("ok " if promise.kept else "BAD") if promise.measured else "-- "
    say(f"{mark} {promise.number:3} {promise.says}: {promise.figure}  [{seconds:.0f} s]")
    return promise


def summary(measures: Sequence[Promise]) -> Iterator[Promise]:
    """Yield one promise for each row of the table: measured now, or as a longer target left it."""
    kept = figures.kept()
    for number in ROWS:
        own = [promise for promise in measures if promise.number == number and promise.measured]
        if number in LONGER:
            words = [one.words() for one in kept.get(number, ())]
            held = bool(words) and all(one.held for one in kept[number])
            yield Promise(number, "", "; ".join(words) or f"no figure is kept: make {LONGER[number]}", held)
        else:
            words = [promise.figure for promise in own]
            yield Promise(
                number, "", "; ".join(words) or "could not be measured here", all(one.kept for one in own), bool(own)
            )


def main(rounds: int = ROUNDS) -> int:
    """Print what was measured, then a row for each promise; return how many were not kept."""
    warnings.simplefilter("ignore")
    # What a played device says of a caller that hung up is nobody's news.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    began, measures = time.monotonic(), _fault_rounds(rounds)
    for measure in (lambda: [nothing_left()], *rest()):
        started = time.monotonic()
        measures += [told(promise, time.monotonic() - started) for promise in measure()]
    rows = list(summary(measures))
    for row in rows:
        mark = ("held" if row.kept else "NOT HELD") if row.measured else "not measured"
        say(f"{row.number:8} {mark:9} {row.figure}")
        if rounds >= ROUNDS and row.measured and row.number not in LONGER:
            figures.keep(row.number, "faults", row.figure, held=row.kept)
    broken = [row.number for row in rows if row.measured and not row.kept]
    say(f"{len(rows) - len(broken)} of {len(rows)} held or not measurable here, {time.monotonic() - began:.0f} s")
    return len(broken)


def _fault_rounds(rounds: int) -> list[Promise]:
    """Play every fault so many times; return what is promised of them."""
    began, rows, results, sets = time.monotonic(), [], {}, 0
    for number in range(1, rounds + 1):
        heard, results, written = snmp_round(number)
        heard += ssh_round()
        rows += heard
        sets += written
        if number == 1:
            for row in heard:
                say(row.line())
    no_set = Promise("R12", "0 SET in the fault runs", f"{sets} SET in the fault runs", sets == 0)
    measures = (survival(rows, rounds), promises.spoofs(results), promises.guards(results), no_set)
    return [told(promise, time.monotonic() - began) for promise in measures]


if __name__ == "__main__":
    withheld = Withheld()
    sys.exit(min(1, main()))
