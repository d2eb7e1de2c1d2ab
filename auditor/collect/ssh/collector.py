"""SSH collection: log in once, ask a driver's commands, log out; many devices at once."""

import logging
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from auditor.collect.base import Replies, Setup
from auditor.collect.events import CollectEvent, Notice
from auditor.collect.ssh.drivers import ALL_OF, Driver, choose_driver, driver_table
from auditor.collect.ssh.errors import SessionError, classify
from auditor.collect.ssh.keys import Keys, host_name, site_keys
from auditor.collect.ssh.route import banner, reach
from auditor.collect.ssh.session import SshSession
from auditor.model import Credential, Fact, Reason, Record, Target
from auditor.parse import cli
from auditor.parse.services import port

_WATCH = 0.2
_PATIENCE = 20.0
# Packets per second that a session needs to agree on keys and log in before a device loses its patience.
_EACH = 10.0
_log = logging.getLogger(__name__)


class SshCollector:
    """Reads devices through netmiko's drivers; `patience` is seconds without an octet."""

    name = "ssh"

    def __init__(self, patience: float = _PATIENCE) -> None:
        self.patience = patience

    def collect(self, targets: Iterable[Target], setup: Setup) -> Iterator[Record]:
        """Yield what each target said, in the order they finish; nothing is left open at the end."""
        run = _SshRun(setup, self.patience)
        pending: set[Future[list[Record]]] = set()
        most = sessions(setup)
        pool = ThreadPoolExecutor(max_workers=most, thread_name_prefix="ssh")
        try:
            for target in targets:
                pending.add(pool.submit(run.read, target))
                if len(pending) >= most * 2:
                    ready, pending = _some(pending, setup)
                    yield from _records(ready)
            while pending:
                ready, pending = _some(pending, setup)
                yield from _records(ready)
        finally:
            run.stop()
            pool.shutdown(wait=True, cancel_futures=True)


def sessions(setup: Setup) -> int:
    """Return how many sessions may be open at once, each with its share of the packets."""
    limits = setup.limits
    rate = limits.packets_per_second if setup.gate is not None else 0.0
    return max(1, min(limits.sessions, int(rate / _EACH)) if rate > 0 else limits.sessions)


def _some(
    pending: set[Future[list[Record]]], setup: Setup
) -> tuple[set[Future[list[Record]]], set[Future[list[Record]]]]:
    """Wait until some are done; return them and the rest, or end with the run."""
    while True:
        ready, left = wait(pending, timeout=_WATCH, return_when=FIRST_COMPLETED)
        if setup.gate is not None:
            # A session that the end of the run cut off says nothing of its device.
            setup.gate.check()
        if ready:
            return ready, left


def _records(ready: Iterable[Future[list[Record]]]) -> Iterator[Record]:
    for future in ready:
        yield from future.result()


class _SshRun:
    """One collection: breaker, host keys, and a watch that cuts sessions whose time is over."""

    def __init__(self, setup: Setup, patience: float) -> None:
        self.setup = setup
        self.patience = patience
        self.breaker = setup.history.breaker("ssh", setup.limits.max_failed_logins)
        self.keys: dict[str, Keys] = {}
        self._opened: dict[tuple[str, str], str] = {}
        self._live: dict[SshSession, float] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._watching, name="ssh-watch", daemon=True)
        self._watch.start()

    def stop(self) -> None:
        """End the watch and cut what is still open."""
        self._ended.set()
        self._watch.join()
        with self._lock:
            live = list(self._live)
        for session in live:
            session.abort()

    def read(self, target: Target) -> list[Record]:
        """Read one device; every failure of it becomes an `Unread`."""
        deadline = time.monotonic() + self.setup.limits.deadline
        replies = Replies(target, "ssh")
        if why := "the run was stopped" if self._ended.is_set() else self.setup.ending():
            replies.fail(Reason.INTERRUPTED, why)
            return replies.records(self.setup.now())
        try:
            self._read(replies, deadline)
        except Exception as exc:  # noqa: BLE001 - classified; one device never ends a run
            error = classify(exc)
            replies.fail(error.reason, error.detail)
        self.setup.notify(Notice(CollectEvent.SESSION_OVER, target))
        return replies.records(self.setup.now())

    def _read(self, replies: Replies, deadline: float) -> None:
        driver = self._driver(replies, deadline)
        logins = [self.setup.credentials[name] for name in replies.target.credentials if name in self.setup.credentials]
        logins = self._likeliest([credential for credential in logins if credential.kind == "ssh"], replies.target)
        if driver is None:
            hint = "none of what it said names its operating system; set a driver for this target"
            replies.fail(Reason.NO_DRIVER, (replies.target.driver and f"no driver '{replies.target.driver}'") or hint)
        elif not logins:
            replies.fail(Reason.NO_CREDENTIAL, "no SSH credential is bound to this target")
        else:
            self._try(replies, driver, logins, deadline)

    def _keys(self, site: str) -> Keys:
        """Return the host keys that count at a site; they are read once a run."""
        if site not in self.keys:
            self.keys[site] = site_keys(self.setup.known_hosts, site)
        return self.keys[site]

    def _likeliest(self, logins: list[Credential], target: Target) -> list[Credential]:
        """Return credentials in order: of this device, a neighbour in its subnet, its site, others."""
        favourites = [self.setup.history.last_credential("ssh", target)]
        favourites += [self._opened.get((target.site, near), "") for near in (_subnet(target.address), "")]
        rank = {name: number for number, name in reversed(list(enumerate(favourites)))}
        return sorted(logins, key=lambda credential: rank.get(credential.name, len(favourites)))

    def _remember(self, target: Target, name: str) -> None:
        self.setup.history.remember("ssh", target, name)
        for near in (_subnet(target.address), ""):
            self._opened[target.site, near] = name

    def _driver(self, replies: Replies, deadline: float) -> Driver | None:
        """Return the driver a target names, or the one its own words choose, its banner last."""
        target = replies.target
        name = target.driver or choose_driver(self.setup.facts_of(target))
        if not name:
            if text := self._banner(target, deadline):
                replies.facts.append(Fact(kind="ssh.banner", value=text, where=f"tcp/{port('ssh', target)}"))
            sysdescr = [fact for fact in self.setup.facts_of(target) if fact.kind == "snmp.sysdescr"]
            name = choose_driver((*sysdescr, *replies.facts))
        return driver_table().by_name(name)

    def _banner(self, target: Target, deadline: float) -> str:
        # Behind a jump host the first word takes as long as a whole login there.
        patience = _PATIENCE if self.setup.ssh_config else self.setup.limits.timeout * 2
        timeout = min(patience, max(0.1, deadline - time.monotonic()))
        way = reach(target, self.setup.ssh_config, timeout, self.setup.scope, self.setup.gate)
        try:
            return banner(way, timeout)
        finally:
            way.close()

    def _try(self, replies: Replies, driver: Driver, logins: list[Credential], deadline: float) -> None:
        """Log in with each credential in turn, once each; only a refused login leads to the next."""
        for credential in logins:
            if self.breaker.open(credential.name):
                replies.fail(Reason.BREAKER, f"credential '{credential.name}' was refused too often; not tried here")
            elif self._session(replies, driver, credential, deadline):
                return

    def _session(self, replies: Replies, driver: Driver, credential: Credential, deadline: float) -> bool:
        """Run one session; return whether no other credential need be tried."""
        session: SshSession | None = None
        try:
            session = self._begin(replies.target, driver, deadline)
            if not self._login(session, replies, credential, deadline):
                replies.fail(Reason.AUTHENTICATION, f"credential '{credential.name}' was refused")
                return False
            self._talk(session, replies, driver, credential)
        except Exception as exc:  # noqa: BLE001 - classified; the session is closed below in any case
            error = self._explain(session, exc, deadline)
            replies.fail(error.reason, error.detail)
        finally:
            self._end(session, replies)
        return True

    def _begin(self, target: Target, driver: Driver, deadline: float) -> SshSession:
        timeout = min(float(driver.conn_timeout), self.setup.limits.deadline)
        way = reach(target, self.setup.ssh_config, timeout, self.setup.scope, self.setup.gate)
        session = SshSession(
            way, driver, deadline=deadline, max_output=self.setup.limits.max_output, patience=self.patience
        )
        with self._lock:
            self._live[session] = deadline
        if self._ended.is_set():
            # Whoever stopped the run has cut what was open before this one was.
            session.abort()
        return session

    def _login(self, session: SshSession, replies: Replies, credential: Credential, deadline: float) -> bool:
        """Return whether the login was accepted; a failure that is no refusal is raised.

        The breaker is asked when the device is ready for a password, so that dead devices hold nobody up.
        """
        target = replies.target
        session.connect(self._keys(target.site), host_name(target.address, port("ssh", target)))
        if not self.breaker.enter(credential.name, deadline):
            is_open = self.breaker.open(credential.name)
            reason = Reason.BREAKER if is_open else Reason.TIMEOUT
            raise SessionError(reason, f"credential '{credential.name}' was not tried: too many logins failed or wait")
        success: bool | None = None
        try:
            fetch = self.setup.secrets.fetch
            # A key file is opened with its own passphrase; where only `secret` is named, that is meant.
            passphrase = fetch(credential.name, "passphrase") if credential.key_file else ""
            session.login(credential.user, passphrase or fetch(credential.name, "password"), credential.key_file)
            success = True
            self._remember(target, credential.name)
        except Exception as exc:
            if classify(exc).reason is not Reason.AUTHENTICATION:
                raise
            success = False
        finally:
            self.breaker.leave(credential.name, success=success)
        self.setup.notify(Notice(CollectEvent.LOGIN if success else CollectEvent.REFUSED, target))
        return success

    def _talk(self, session: SshSession, replies: Replies, driver: Driver, credential: Credential) -> None:
        secret = self.setup.secrets.fetch(credential.name, "enable")
        session.open(secret)
        if secret and not session.enable():
            replies.fail(Reason.AUTHORIZATION, "enable was refused; what needs it is missing")
        if name := _device_name(session.prompt):
            replies.facts.append(Fact(kind="inventory.name", value=name, where="prompt"))
        has_identity = False
        for purpose, commands in driver.commands:
            for command in commands:
                ok = self._ask(session, replies, driver, command)
                has_identity = has_identity or (ok and purpose == "identity")
                if ok and purpose not in ALL_OF:
                    break
        if not has_identity:
            replies.fail(Reason.NO_DRIVER, f"the device knows none of the commands of driver '{driver.id}'")

    def _ask(self, session: SshSession, replies: Replies, driver: Driver, command: str) -> bool:
        """Ask one command; return whether the device knew it."""
        reply = session.ask(command)
        _log.debug("%s: %s", replies.target.address, command)
        if cli.forbidden(reply):
            replies.fail(Reason.AUTHORIZATION, f"{command}: this account may not run it")
            return False
        if cli.is_refusal(reply) or not reply.strip():
            return False
        said = cli.read(command, reply, driver.templates)
        replies.facts.extend(said.facts)
        if said.problem:
            replies.fail(Reason.NOT_PARSED, f"{command}: {said.problem}")
        return True

    def _explain(self, session: SshSession | None, exc: Exception, deadline: float) -> SessionError:
        """Return why a session ended; a session we cut ourselves ended for our reason."""
        if session is not None and session.aborted:
            if self._ended.is_set():
                return SessionError(Reason.INTERRUPTED, "the run was stopped")
            if time.monotonic() >= deadline:
                return SessionError(Reason.TIMEOUT, "the time allowed for this device is over")
        return classify(exc)

    def _end(self, session: SshSession | None, replies: Replies) -> None:
        if session is None:
            return
        with self._lock:
            self._live.pop(session, None)
        if text := session.identification():
            where = f"tcp/{port('ssh', replies.target)}"
            replies.facts.append(Fact(kind="ssh.banner", value=text, where=where))
        session.close()

    def _watching(self) -> None:
        """Cut every session whose time is over, wherever it waits."""
        while not self._ended.wait(_WATCH):
            now = time.monotonic()
            with self._lock:
                late = [session for session, deadline in self._live.items() if now > deadline and not session.aborted]
            for session in late:
                session.abort()


def _subnet(address: str) -> str:
    """Return what the addresses of one segment share: three octets, or four groups of IPv6."""
    head, dot, _last = address.rpartition(".")
    return head if dot else ":".join(address.split(":")[:4])


def _device_name(prompt: str) -> str:
    """Return the device's name out of its prompt, or nothing where the prompt is only a mark."""
    name = prompt.strip("<>[]#%$ ~*").rpartition("@")[2]
    return name.rpartition(":")[2] if prompt.startswith("RP/") else name
