"""Who is asked with which credential, in which order, and when to stop: rounds, the winner remembered, the breaker.

Each round tries one credential per device. A credential for SNMPv3 is first tried on a few devices only; when it has failed to
authenticate `max_failed_logins` times without ever succeeding, nobody is asked with it any more.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from auditor.collect.base import Setup
from auditor.errors import AuditorError
from auditor.model import Credential, Target
from auditor.snmp.script import Agent, Community, User, Version

VERSIONS: dict[str, Version] = {"snmp-v1": "1", "snmp-v2c": "2c", "snmp-v3": "3"}
PORT = 161
GROWTH = 10


@dataclass(frozen=True, slots=True)
class Attempt:
    """One device, the credentials still to be tried on it, in order, and the engine ID it named while it refused others."""

    target: Target
    names: tuple[str, ...]
    engine_id: bytes = b""


@dataclass(slots=True)
class Logins:
    """What has been learned about the credentials of a run. Holds built logins for the run; none of them shows in a repr."""

    setup: Setup
    _winners: dict[str, str] = field(default_factory=dict)
    _built: dict[str, Community | User] = field(default_factory=dict, repr=False)

    def attempt(self, target: Target) -> Attempt:
        """Return a device with its SNMP credentials in order."""
        public = self.setup.credentials
        names = [name for name in target.credentials if name in public and public[name].kind in VERSIONS]
        return Attempt(target, tuple(names))

    def ordered(self, attempt: Attempt) -> Attempt:
        """Return the same with the credential that worked last, here or else at its site, first among its equals.

        A stronger one still goes before: nobody falls from SNMPv3 to a community because that worked once.
        """
        winner = self.setup.tally.winner("snmp", attempt.target)
        if winner not in attempt.names:
            winner = self._winners.get(attempt.target.site, "")
        if winner not in attempt.names or winner == attempt.names[0]:
            return attempt
        public = self.setup.credentials
        names = sorted(attempt.names, key=lambda name: (-_strength(public[name]), name != winner))
        return replace(attempt, names=tuple(names))

    def agent(self, attempt: Attempt, label: str) -> Agent:
        """Return the agent to ask; a secret that cannot be fetched is an `AuditorError`."""
        credential = self.setup.credentials[attempt.names[0]]
        login = self._login(credential)
        target = attempt.target
        return Agent(
            address=target.address,
            port=target.port("snmp", PORT),
            version=VERSIONS[credential.kind],
            community=login if isinstance(login, Community) else None,
            user=login if isinstance(login, User) else None,
            context=credential.context,
            label=label,
        )

    def broken(self, name: str) -> bool:
        """Tell whether a credential has failed so often, and never worked, that trying it again is an attack on the device."""
        tally = self.setup.tally
        return name not in tally.proven and tally.failed[name] >= self.setup.limits.max_failed_logins

    def won(self, name: str, target: Target) -> None:
        """Note that a credential worked."""
        self.setup.tally.proven.add(name)
        self.setup.tally.won("snmp", target, name)
        self._winners[target.site] = name

    def lost(self, name: str) -> None:
        """Note that a device refused a credential."""
        self.setup.tally.failed[name] += 1

    def batches(self, attempts: Iterable[Attempt]) -> Iterator[list[Attempt]]:
        """Yield attempts in batches that begin small and grow while a credential for SNMPv3 is unproven."""
        size = max(1, self.setup.limits.max_failed_logins)
        batch: list[Attempt] = []
        for attempt in attempts:
            batch.append(attempt)
            if len(batch) >= (size if self._unproven(batch) else self.setup.limits.in_flight * 4):
                yield batch
                batch = []
                size *= GROWTH
        if batch:
            yield batch

    def _unproven(self, batch: Iterable[Attempt]) -> bool:
        public = self.setup.credentials
        first = {attempt.names[0] for attempt in batch if attempt.names}
        return any(public[name].kind == "snmp-v3" and name not in self.setup.tally.proven for name in first)

    def _login(self, credential: Credential) -> Community | User:
        if credential.name not in self._built:
            self._built[credential.name] = _build(credential, self.setup)
        return self._built[credential.name]


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


def _strength(credential: Credential) -> int:
    if credential.kind == "snmp-v3":
        return 3 + bool(credential.auth) + bool(credential.priv)
    return 2 if credential.kind == "snmp-v2c" else 1
