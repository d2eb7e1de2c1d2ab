"""A process that reads devices for another, over a socket it is started with.

`python -P -m auditor.run.reader_process FILE-NUMBER`

It ends with the process that started it, however that ends.
"""

import logging
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from auditor.collect import collector
from auditor.collect.base import LoginHistory, Setup
from auditor.collect.breaker import LoginCounts
from auditor.collect.events import Notice
from auditor.errors import OutputError
from auditor.run.home import now
from auditor.run.interrupt import STOPS
from auditor.run.reading import JobEnd, Message, ReaderKit, ReadJob, StopJob, TimeUp
from auditor.run.shared_logins import SharedCounts
from auditor.run.shared_rate import SharedMoments, rate_file
from auditor.run.turns import Turn, turns
from auditor.snmp.pace import Gate, StoppedError

# Notices that wait for the next turn at most.
_NOTICES = 20


def main() -> None:
    """Read what the process at the other end asks for, until it is gone."""
    for number in STOPS:
        # Whoever stops a run stops the process that keeps its journal; that one says what is to become of this.
        signal.signal(number, signal.SIG_IGN)
    wire = Connection(int(sys.argv[1]))
    _Serving(wire, wire.recv()).serve()


class _Serving:
    def __init__(self, wire: Connection, kit: ReaderKit) -> None:
        self.wire, self.kit = wire, kit
        self.gate = Gate(kit.rate, moments=_moments(kit))
        self.gates: dict[int, Gate] = {}
        self.why = ""
        self.counts: dict[str, LoginCounts] = {}
        self.sending = threading.Lock()
        log = logging.getLogger()
        log.setLevel(kit.log_level)
        log.addHandler(_Handler(self))

    def serve(self) -> None:
        """Do what comes over the wire; with its end everything ends."""
        while True:
            try:
                message = self.wire.recv()
            except (EOFError, OSError):
                # Threads that wait for a device would hold up any politer way out.
                os._exit(0)
            if isinstance(message, ReadJob):
                self.gates[message.number] = self._gate(message)
                threading.Thread(target=self._read, args=(message,), daemon=True).start()
            elif isinstance(message, StopJob):
                self.gates[message.number].close()
            elif isinstance(message, TimeUp):
                self.why = message.why

    def send(self, number: int, message: Message) -> None:
        """Tell the other end something of a job, a message at a time."""
        with self.sending:
            try:
                self.wire.send((number, message))
            except OSError:
                os._exit(0)

    def counts_of(self, kind: str) -> LoginCounts:
        """Return where the logins of a kind of collector are counted."""
        return self.counts.setdefault(kind, SharedCounts(Path(self.kit.counts, kind)))

    def _gate(self, job: ReadJob) -> Gate:
        return Gate(job.limits.packets_per_second if job.has_own_rate else 0.0, above=self.gate)

    def _read(self, job: ReadJob) -> None:
        failure: BaseException | None = None
        history = LoginHistory(last_credentials=dict(job.last_credentials), counts=self.counts_of)
        notices: list[Notice] = []

        def flush() -> None:
            self.send(job.number, tuple(notices))
            notices.clear()

        def note(notice: Notice) -> None:
            notices.append(notice)
            if len(notices) >= _NOTICES:
                flush()

        def hand_on(turn: Turn) -> None:
            flush()
            self.send(job.number, turn)

        try:
            with turns(hand_on) as add:
                for record in collector(job.collector).collect(job.targets, self._setup(job, history, note)):
                    add(record)
        except StoppedError:
            pass
        except BaseException as exc:  # noqa: BLE001 - handed over to the process that asked, which raises it
            exc.add_note(traceback.format_exc())
            failure = exc
        flush()
        self.send(job.number, JobEnd(last_credentials=history.last_credentials, failure=failure))

    def _setup(self, job: ReadJob, history: LoginHistory, note: Callable[[Notice], None]) -> Setup:
        kit = self.kit
        return Setup(
            credentials=kit.credentials,
            secrets=kit,
            now=now,
            scope=kit.scope,
            limits=job.limits,
            notify=note,
            ending=lambda: self.why,
            facts_of=lambda target: job.facts.get((target.site, target.address), ()),
            known_hosts=kit.known_hosts,
            ssh_config=kit.ssh_config,
            probes=kit.probes,
            history=history,
            gate=self.gates[job.number],
        )


def _moments(kit: ReaderKit) -> SharedMoments:
    """Return the moments that all runs of this user share, or else this run's processes."""
    try:
        return SharedMoments(rate_file())
    except OutputError:
        return SharedMoments(kit.counts / "rate")


class _Handler(logging.Handler):
    """Hands what is logged here to the other end, which knows how it is shown."""

    def __init__(self, reader: _Serving) -> None:
        super().__init__()
        self.reader = reader

    def emit(self, record: logging.LogRecord) -> None:
        """Send one record, its words put together."""
        record.msg, record.args = record.getMessage(), None
        record.exc_text = record.exc_text or (record.exc_info and self.format(record)) or None
        record.exc_info = None
        self.reader.send(0, record)


if __name__ == "__main__":
    main()
