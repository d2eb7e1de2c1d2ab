"""What every collector is: it reads many targets and yields records. It does not judge them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from auditor.collect.breaker import Breaker, LocalCounts, LoginCounts
from auditor.collect.events import Notice
from auditor.errors import OutOfScopeError
from auditor.model import Credential, Fact, Limits, Observation, Reason, Record, Scope, Target, Unread
from auditor.parse.snmp_probes import probe_table
from auditor.snmp.pace import Gate


class Secrets(Protocol):
    """Fetches a secret by the name of its credential at the moment of use; keeps it nowhere."""

    def fetch(self, name: str, part: str) -> str:
        """Return `community`, `password`, `auth`, `priv` or `enable`; empty where there is none."""


@dataclass(slots=True)
class LoginHistory:
    """What a run has learned of its credentials, for all sites and rounds: no account is locked.

    `last_credentials` says which credential opened a target, by kind of collector (`snmp`, `ssh`); it may be kept from
    run to run. `counts` says where the logins of a kind of collector are counted.
    """

    last_credentials: dict[tuple[str, str, str], str] = field(default_factory=dict)
    breakers: dict[str, Breaker] = field(default_factory=dict)
    counts: Callable[[str], LoginCounts] = lambda _kind: LocalCounts()

    def breaker(self, kind: str, limit: int) -> Breaker:
        """Return the breaker of a collector; the first limit asked for counts for the run."""
        if kind not in self.breakers:
            self.breakers[kind] = Breaker(limit, self.counts(kind))
        return self.breakers[kind]

    def remember(self, kind: str, target: Target, name: str) -> None:
        """Remember which credential opened a target."""
        self.last_credentials[kind, target.site, target.address] = name

    def last_credential(self, kind: str, target: Target) -> str:
        """Return the credential that opened a target last, or nothing."""
        return self.last_credentials.get((kind, target.site, target.address), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a collector is handed: credentials, the way to their secrets, limits, clock.

    `scope` is asked of every address before a socket is opened to it, whatever named it; there is no default, so nobody
    forgets it. `facts_of` gives what other collectors of this run already heard of a target (SSH chooses its driver
    from it); `known_hosts` and `ssh_config` are paths; `probes` names the probes to run, empty for the safe ones.
    `notify` takes what happens meanwhile. `ending` says why no other device may be asked any more, empty while one may.
    `gate` is what collections side by side share: the rate of the run and the
    word to stop.
    """

    credentials: Mapping[str, Credential]
    secrets: Secrets
    now: Callable[[], datetime]
    scope: Scope
    limits: Limits = field(default_factory=Limits)
    notify: Callable[[Notice], None] = lambda _notice: None
    ending: Callable[[], str] = lambda: ""
    facts_of: Callable[[Target], tuple[Fact, ...]] = lambda _target: ()
    known_hosts: str = ""
    ssh_config: str = ""
    probes: tuple[str, ...] = ()
    history: LoginHistory = field(default_factory=LoginHistory)
    gate: Gate | None = None


@dataclass(slots=True)
class Replies:
    """What one device said so far to the collector named, and what went wrong on the way."""

    target: Target
    collector: str
    facts: list[Fact] = field(default_factory=list)
    unread: list[tuple[Reason, str]] = field(default_factory=list)

    def fail(self, reason: Reason, detail: str) -> None:
        """Note what could not be read, and why."""
        self.unread.append((reason, detail))

    def records(self, at: datetime) -> list[Record]:
        """Return an observation with each fact once, and an `Unread` for everything that went wrong."""
        out: list[Record] = []
        if self.facts:
            facts = tuple(dict.fromkeys(self.facts))
            out.append(Observation(target=self.target, collector=self.collector, at=at, facts=facts))
        return out + [
            Unread(target=self.target, collector=self.collector, at=at, reason=reason, detail=detail)
            for reason, detail in self.unread
        ]


def kept_off(port: int) -> str:
    """Return why no collector may touch a port, or an empty string where it may."""
    return f"port {port} belongs to control systems and is never touched" if port in probe_table().forbidden else ""


def kept_out(setup: Setup, target: Target) -> str:
    """Return why a target may not be contacted, or an empty string where it may."""
    try:
        setup.scope.check(target.address, target.site)
    except OutOfScopeError as exc:
        return exc.why
    return ""


class Collector(Protocol):
    """Reads devices over one protocol."""

    @property
    def name(self) -> str:
        """Return the word used in journals and options, e.g. `snmp`."""

    def collect(self, targets: Iterable[Target], setup: Setup) -> Iterator[Record]:
        """Yield what each target said, in the order they answer; a failure is an `Unread`."""
