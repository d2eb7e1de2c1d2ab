"""Processes that read devices for this one, so that a scan uses the cores it may.

They take a share of the targets of each stage and hand back turns; sweeping, the journal and judging stay here.
"""

import logging
import math
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from socket import SHUT_RDWR, socket, socketpair

from auditor.collect.base import Setup
from auditor.errors import InterruptedRunError
from auditor.model import Limits, Record, Target
from auditor.run.reading import JobEnd, Message, Part, ReaderKit, ReadJob, StopJob, TimeUp
from auditor.run.shared_logins import SharedCounts

_LOOK = 0.2
_AHEAD = 16
_PATIENCE = 5.0
# Fewer addresses are read before other processes have begun.
_WORTH = 64
# Packets a second whose answers keep one process busy.
_EACH = 500.0
_MOST = 16
_PROGRAM = "auditor.run.reader_process"
Box = queue.Queue[tuple[int, Message]]


@dataclass(frozen=True, slots=True)
class _Process:
    child: subprocess.Popen[bytes]
    socket: socket
    wire: Connection


class Readers:
    """Reading processes, started once a run; `read` may be called from several threads."""

    def __init__(self, many: int, kit: ReaderKit) -> None:
        self._rate = kit.rate
        self._boxes: dict[int, Box] = {}
        self._owners: dict[int, _Process] = {}
        self._numbers = count(1)
        self._sending = threading.Lock()
        self._processes = [_start(kit) for _ in range(many)]
        self._threads = [
            threading.Thread(target=self._listen, args=(one,), name="reader", daemon=True) for one in self._processes
        ]
        for thread in self._threads:
            thread.start()

    def read(self, collector: str, targets: Sequence[Target], setup: Setup) -> Iterator[Record]:
        """Yield what each target said, a turn in one piece; each process reads its share of them."""
        box: Box = queue.Queue(maxsize=_AHEAD)
        shares = [share for at in range(len(self._processes)) if (share := targets[at :: len(self._processes)])]
        jobs: dict[int, _Process] = {}
        for process, share in zip(self._processes, shares, strict=False):
            job = self._job(collector, share, setup, len(shares))
            self._boxes[job.number] = box
            self._owners[job.number] = jobs[job.number] = process
            self.send(process, job)
        return _Round(self, jobs, box, setup).turns()

    def forget(self, number: int) -> None:
        """Let go of a job that is over."""
        del self._boxes[number], self._owners[number]

    def send(self, process: _Process, message: ReadJob | StopJob | TimeUp) -> None:
        """Tell a process something; that one is gone is noticed where it is listened to."""
        with self._sending, suppress(OSError):
            process.wire.send(message)

    def close(self) -> None:
        """End the processes; what they still do is lost."""
        for process in self._processes:
            process.socket.shutdown(SHUT_RDWR)
        for process in self._processes:
            try:
                process.child.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                process.child.kill()
                process.child.wait()
            process.socket.close()
        for thread in self._threads:
            thread.join()

    def _job(self, collector: str, share: Sequence[Target], setup: Setup, many: int) -> ReadJob:
        kind = collector.partition("-")[0]
        history, keys = setup.history, [(target.site, target.address) for target in share]
        by_device = {(kind, *key): history.last_credentials.get((kind, *key), "") for key in keys}
        return ReadJob(
            number=next(self._numbers),
            collector=collector,
            targets=tuple(share),
            limits=_share(setup.limits, many),
            has_own_rate=setup.limits.packets_per_second != self._rate,
            facts={key: setup.facts_of(target) for key, target in zip(keys, share, strict=True) if kind == "ssh"},
            last_credentials={key: name for key, name in by_device.items() if name},
        )

    def _listen(self, process: _Process) -> None:
        """Put what a process tells where it is waited for; one that ends is the end of its jobs."""
        try:
            while True:
                number, message = process.wire.recv()
                if isinstance(message, logging.LogRecord):
                    logging.getLogger(message.name).handle(message)
                else:
                    self._boxes[number].put((number, message))
        except (EOFError, OSError):
            process.wire.close()
            code = process.child.wait()
            lost = InterruptedRunError(f"a process that read devices ended with {code}")
            for number in [number for number, owner in self._owners.items() if owner is process]:
                self._boxes[number].put((number, JobEnd(last_credentials={}, failure=lost)))


class _Round:
    """The jobs of one stage under way, and what they bring."""

    def __init__(self, readers: Readers, jobs: dict[int, _Process], box: Box, setup: Setup) -> None:
        self.readers, self.jobs, self.box, self.setup = readers, jobs, box, setup
        self.failure: BaseException | None = None
        self.is_stopped = self.is_late = False

    def turns(self) -> Iterator[Record]:
        """Yield what jobs bring until all are over; an interruption or a bug stops the others.

        What they had read is yielded before it is raised.
        """
        try:
            while self.jobs:
                self._look()
                number, message = self._next()
                if isinstance(message, list):
                    yield from message
                self._note(number, message)
            if self.failure is not None:
                raise self.failure
        finally:
            self._stop()
            while self.jobs:
                self._note(*self.box.get())

    def _look(self) -> None:
        """See whether another part of the run failed, or the time of the run is up."""
        if self.setup.gate is not None:
            self.setup.gate.check()
        if not self.is_late and (why := self.setup.ending()):
            self.is_late = True
            self._tell(TimeUp(why))

    def _next(self) -> tuple[int, Message]:
        try:
            # A signal that another thread was given is acted on when this one moves.
            return self.box.get(timeout=_LOOK)
        except queue.Empty:
            return 0, ()
        except KeyboardInterrupt as stop:
            self._fail(stop)
            return 0, ()

    def _note(self, number: int, message: Message) -> None:
        if isinstance(message, tuple):
            for notice in message:
                self.setup.notify(notice)
        elif isinstance(message, JobEnd):
            del self.jobs[number]
            self.readers.forget(number)
            self.setup.history.last_credentials.update(message.last_credentials)
            if message.failure is not None:
                self._fail(message.failure)

    def _fail(self, failure: BaseException) -> None:
        self.failure = self.failure or failure
        self._stop()

    def _stop(self) -> None:
        if not self.is_stopped:
            self.is_stopped = True
            self._tell(None)

    def _tell(self, word: TimeUp | None) -> None:
        for number, process in self.jobs.items():
            self.readers.send(process, word or StopJob(number))


def _share(limits: Limits, many: int) -> Limits:
    """Return limits under which so many processes send, and keep open, what one would."""
    return replace(
        limits,
        packets_per_second=limits.packets_per_second / many,
        in_flight=max(1, limits.in_flight // many),
        sessions=max(1, limits.sessions // many),
    )


def _start(kit: ReaderKit) -> _Process:
    ours, theirs = socketpair()
    with theirs:
        # The folder it starts in must not bring modules of its own: -P.
        command = [sys.executable, "-P", "-m", _PROGRAM, str(theirs.fileno())]
        child = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)  # noqa: S603 - ourselves
    wire = Connection(os.dup(ours.fileno()))
    wire.send(kit)
    return _Process(child, ours, wire)


def processes(jobs: int, addresses: int, limits: Limits) -> int:
    """Return how many processes read so many addresses: `jobs`, or as many as pay.

    What devices say at a low rate one process reads in passing.
    """
    if limits.careful:
        return 1
    if jobs:
        return min(jobs, addresses)
    pace = limits.packets_per_second
    return min(_cores(), math.ceil(pace / _EACH) if pace else _MOST, _MOST) if addresses >= _WORTH else 1


def _cores() -> int:
    """Return the cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def readers(many: int, setup: Setup, secrets: Mapping[Part, str]) -> Iterator[tuple[Readers | None, Setup]]:
    """Yield so many reading processes, and a setup whose logins are counted with theirs.

    Where one is enough there are none.
    """
    if many <= 1:
        yield None, setup
        return
    with tempfile.TemporaryDirectory(prefix="auditor-") as name:
        folder = Path(name)
        kit = ReaderKit(
            credentials=setup.credentials,
            secrets=secrets,
            scope=setup.scope,
            known_hosts=setup.known_hosts,
            ssh_config=setup.ssh_config,
            probes=setup.probes,
            rate=setup.limits.packets_per_second,
            counts=folder,
            log_level=logging.getLogger().getEffectiveLevel(),
        )
        pool = Readers(many, kit)
        try:
            yield pool, replace(setup, history=replace(setup.history, counts=lambda kind: SharedCounts(folder / kind)))
        finally:
            pool.close()
