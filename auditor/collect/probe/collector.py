"""The collector of probes: what a device says to anybody, and pages behind an HTTP login.

Every probe goes to listed targets only, one connection at a time per device.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Iterable, Iterator

from auditor.collect.base import Replies, Setup, kept_out
from auditor.collect.events import CollectEvent, Notice
from auditor.collect.probe.base import Visit
from auditor.collect.probe.login import Login, LoginError
from auditor.collect.probe.multicast import hear
from auditor.collect.probe.registry import PROBES
from auditor.collect.probe.wire import ForbiddenPortError, ProbeWire
from auditor.errors import OutOfScopeError
from auditor.model import Reason, Record, Target, Unread
from auditor.parse.services import Service, service_table
from auditor.snmp.pace import Pace

_AT_ONCE = 256
_BACKLOG = 1_000
_NAP = 0.02
# What an exchange may end with through no fault of ours; anything else is a bug and is raised.
_EXPECTED = (OSError, TimeoutError, EOFError, UnicodeError)


class ProbeCollector:
    """Asks each target what it shows without a login."""

    name = "probe"

    def collect(self, targets: Iterable[Target], setup: Setup) -> Iterator[Record]:
        """Yield what each target showed, in the order they finish; the caller may stop at any time.

        The name `multicast` among the probes asks the discovery groups first; what answers counts only where it was
        listed.
        """
        run = _ProbeRun(setup)
        if "multicast" in setup.probes and not setup.ending():
            targets = tuple(targets)
            records = list(hear(targets, setup, service_table().groups))
            yield from records
            if not run.services:
                live = {record.target for record in records}
                targets = [target for target in targets if target not in live]
        if not run.services:
            yield from run.explain_silence(targets)
            return
        thread = threading.Thread(target=run.drive, args=(targets,), name="probe", daemon=True)
        thread.start()
        try:
            while (item := run.out.get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                yield from item
        finally:
            run.stop()
            thread.join()


class _ProbeRun:
    """One collection in a loop of its own; answers go to the caller's thread through a queue."""

    def __init__(self, setup: Setup) -> None:
        limits = setup.limits
        self.setup = setup
        self.out: queue.SimpleQueue[list[Record] | BaseException | None] = queue.SimpleQueue()
        self.services = service_table().choose(setup.probes, careful=limits.careful)
        self.pace = Pace(limits.packets_per_second, setup.gate)
        self.login = Login(setup)
        self._stopped = threading.Event()

    def explain_silence(self, targets: Iterable[Target]) -> Iterator[Record]:
        """Yield why nothing is known of devices that no probe asks alone: silence is no clean bill."""
        names = [name for name in self.setup.probes if not name.startswith("-")]
        single = [name for name in names if name != "multicast"]
        reason, why = Reason.TIMEOUT, "nothing was heard from it in the discovery groups"
        if single:
            reason, why = Reason.LIMIT, f"{', '.join(single)}: not asked on a fragile network"
        for target in targets if names else ():
            yield Unread(target=target, collector="probe", at=self.setup.now(), reason=reason, detail=why)

    def stop(self) -> None:
        """Ask the loop to end; it looks often."""
        self._stopped.set()

    def drive(self, targets: Iterable[Target]) -> None:
        """Run until every target was asked or the caller stopped; a bug is raised there."""
        try:
            asyncio.run(self._all(targets))
        except Exception as exc:  # noqa: BLE001 - handed over to the caller's thread, which raises it
            self.out.put(exc)
        finally:
            self.out.put(None)

    async def _all(self, targets: Iterable[Target]) -> None:
        room = min(_AT_ONCE, max(1, self.setup.limits.in_flight))
        pending: set[asyncio.Task[None]] = set()
        try:
            for target in targets:
                pending.add(asyncio.create_task(self._one(target)))
                while (len(pending) >= room or self.out.qsize() > _BACKLOG) and not self._stopped.is_set():
                    pending = await self._some(pending)
                if self._stopped.is_set():
                    return
            while pending and not self._stopped.is_set():
                pending = await self._some(pending)
        finally:
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)

    async def _some(self, pending: set[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
        """Wait a moment for some to finish; whoever failed with a bug raises it here."""
        if self.setup.gate is not None:
            self.setup.gate.check()
        if not pending:
            await asyncio.sleep(_NAP)
            return pending
        ready, left = await asyncio.wait(pending, timeout=0.1, return_when=asyncio.FIRST_COMPLETED)
        for task in ready:
            task.result()
        return left

    async def _one(self, target: Target) -> None:
        limits = self.setup.limits
        replies = Replies(target, "probe")
        wire = ProbeWire(target, limits.timeout, self.pace, self.setup.scope)
        deadline = time.monotonic() + limits.deadline
        if why := self.setup.ending():
            replies.fail(Reason.INTERRUPTED, why)
        elif why := kept_out(self.setup, target):
            replies.fail(Reason.EXCLUDED, why)
        for service in () if why else self.services:
            await self._ask(service, wire, replies, deadline)
            if time.monotonic() >= deadline:
                # The probe that was cut off says nothing of itself.
                replies.fail(Reason.PARTIAL, "the time allowed for this device is over")
                break
        if not replies.facts and not replies.unread:
            replies.fail(*self._nothing(wire))
        self.setup.notify(Notice(CollectEvent.PROBED, target))
        self.out.put(replies.records(self.setup.now()))

    def _nothing(self, wire: ProbeWire) -> tuple[Reason, str]:
        """Return why nothing was heard of a device: silence is no clean bill."""
        probes = f"{len(self.services)} probes"
        if wire.has_answer:
            return Reason.TIMEOUT, f"it takes connections and said nothing to {probes}"
        return Reason.REFUSED if wire.has_refusal else Reason.TIMEOUT, f"none of {probes} was answered"

    async def _ask(self, service: Service, wire: ProbeWire, replies: Replies, deadline: float) -> None:
        try:
            async with asyncio.timeout_at(asyncio.get_running_loop().time() + deadline - time.monotonic()):
                if wire.target.credentials or not service.login:
                    replies.facts.extend(await PROBES[service.name](Visit(wire, service, self.login)))
        except LoginError as exc:
            replies.fail(exc.reason, exc.detail)
        except ForbiddenPortError as exc:
            replies.fail(Reason.LIMIT, f"{service.name}: {exc}")
        except OutOfScopeError as exc:
            replies.fail(Reason.EXCLUDED, exc.why)
        except _EXPECTED:
            # A port that is closed, silent or speaks something else says nothing, which is no failure of the device.
            return
