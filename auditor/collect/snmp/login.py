"""Who is asked with which SNMP credential, in which order, and when to stop.

Each round tries one credential per device. Until a credential for SNMPv3 has worked somewhere, only devices that are
known to have an engine are asked with it, and no more of them at once than logins may still fail; when
`max_failed_logins` have failed, nobody is asked with it any more.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from auditor.collect.base import Setup, kept_off, kept_out
from auditor.collect.breaker import Breaker
from auditor.errors import AuditorError
from auditor.model import Credential, Target
from auditor.parse.services import port
from auditor.snmp.client import discover
from auditor.snmp.script import Agent, Community, User, Version
from auditor.snmp.wire import Peer, peer_of

VERSIONS: dict[str, Version] = {"snmp-v1": "1", "snmp-v2c": "2c", "snmp-v3": "3"}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One device, the credentials still to be tried, the engine ID it named, why others failed."""

    target: Target
    names: tuple[str, ...]
    engine_id: bytes = b""
    failed: tuple[str, ...] = ()


@dataclass(slots=True)
class Logins:
    """What a run learned about credentials; holds its logins, and shows none in a repr."""

    setup: Setup
    _by_site: dict[str, str] = field(default_factory=dict)
    _engines: dict[Peer, bool] = field(default_factory=dict)
    _logins: dict[str, Community | User] = field(default_factory=dict, repr=False)

    def attempt(self, target: Target) -> Attempt:
        """Return a device with its SNMP credentials in order; none where its port is barred."""
        public = self.setup.credentials
        barrier = kept_off(port("snmp", target)) or kept_out(self.setup, target)
        credentials = () if barrier else target.credentials
        names = [name for name in credentials if name in public and public[name].kind in VERSIONS]
        return Attempt(target, tuple(names))

    def in_order(self, attempt: Attempt) -> Attempt:
        """Return the same with the credential that worked last first among its equals.

        A stronger one still goes before: nobody falls from SNMPv3 to a community because that worked once.
        """
        last = self.setup.history.last_credential("snmp", attempt.target)
        if last not in attempt.names:
            last = self._by_site.get(attempt.target.site, "")
        if last not in attempt.names or last == attempt.names[0]:
            return attempt
        public = self.setup.credentials
        names = sorted(attempt.names, key=lambda name: (-_strength(public[name]), name != last))
        return replace(attempt, names=tuple(names))

    def agent(self, attempt: Attempt, label: str) -> Agent:
        """Return the agent to ask; a secret that cannot be fetched is an `AuditorError`."""
        credential = self.setup.credentials[attempt.names[0]]
        login = self._login(credential)
        target = attempt.target
        return Agent(
            address=target.address,
            port=port("snmp", target),
            version=VERSIONS[credential.kind],
            community=login if isinstance(login, Community) else None,
            user=login if isinstance(login, User) else None,
            context=credential.context,
            label=label,
        )

    @property
    def breaker(self) -> Breaker:
        """Return the breaker of all SNMP logins of this run."""
        return self.setup.history.breaker("snmp", self.setup.limits.max_failed_logins)

    def is_broken(self, name: str) -> bool:
        """Tell whether a credential has failed so often, and never worked, that it is an attack."""
        return not self.breaker.works(name) and self.breaker.failures(name) >= self.setup.limits.max_failed_logins

    def remember(self, name: str, target: Target) -> None:
        """Remember that a credential opened a device."""
        self.setup.history.remember("snmp", target, name)
        self._by_site[target.site] = name

    def batches(self, attempts: Iterable[Attempt]) -> Iterator[list[Attempt]]:
        """Yield attempts in batches of a bounded size."""
        waiting = iter(attempts)
        while batch := list(islice(waiting, self.setup.limits.in_flight * 4)):
            yield batch

    def explore(self, attempts: Iterable[Attempt]) -> bool:
        """Ask who has an SNMPv3 engine, which takes no credential, before an unproven one is tried.

        Return whether any of them has.
        """
        risky = {place for attempt in attempts if self.is_risky(attempt) and (place := _place(attempt)) is not None}
        unknown = risky - self._engines.keys()
        setup = self.setup
        for _ in range(setup.limits.retries + 1):
            silent = sorted(place for place in unknown if not self._engines.get(place))
            for peer in discover(silent, setup.limits, setup.gate, setup.scope) if silent else ():
                self._engines[peer[:2]] = True
        for place in unknown:
            self._engines.setdefault(place, False)
        return any(self._engines[place] for place in risky)

    def is_risky(self, attempt: Attempt) -> bool:
        """Tell whether a login could fail: SNMPv3, and it has not worked anywhere yet."""
        name = attempt.names[0] if attempt.names else ""
        public = self.setup.credentials
        return bool(name) and public[name].kind == "snmp-v3" and not self.breaker.works(name)

    def has_engine(self, attempt: Attempt) -> bool | None:
        """Tell whether a device has an SNMPv3 engine; None where nobody has asked it yet."""
        place = _place(attempt)
        return self._engines.get(place) if place is not None else True

    def _login(self, credential: Credential) -> Community | User:
        if credential.name not in self._logins:
            self._logins[credential.name] = _build(credential, self.setup)
        return self._logins[credential.name]


def _build(credential: Credential, setup: Setup) -> Community | User:
    fetch = setup.secrets.fetch
    if credential.kind != "snmp-v3":
        return Community(secret=fetch(credential.name, "community"))
    try:
        return User(
            name=credential.user,
            auth=credential.auth,
            auth_secret=fetch(credential.name, "auth") if credential.auth else "",
            priv=credential.priv,
            priv_secret=fetch(credential.name, "priv") if credential.priv else "",
        )
    except ValueError as exc:
        raise AuditorError(str(exc), where=f"credential {credential.name}") from None


def _place(attempt: Attempt) -> Peer | None:
    """Return address and port as replies spell them; None for what is no IP address."""
    try:
        return peer_of(attempt.target.address, port("snmp", attempt.target))
    except OSError:
        return None


def _strength(credential: Credential) -> int:
    if credential.kind == "snmp-v3":
        return 3 + bool(credential.auth) + bool(credential.priv)
    return 2 if credential.kind == "snmp-v2c" else 1
