"""What every collector is: it reads many targets and yields records. It does not judge them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from auditor.model import Credential, Fact, Record, Target


class Secrets(Protocol):
    """Fetches a secret by the name of its credential at the moment of use; never stores it anywhere else."""

    def fetch(self, name: str, part: str) -> str:
        """Return one part of a credential: `community`, `password`, `auth`, `priv` or `enable`; empty where there is none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How gently devices are treated. Seconds, packets per second, octets, counts."""

    timeout: float = 2.0
    retries: int = 2
    deadline: float = 120.0
    packets_per_second: float = 100.0
    in_flight: int = 1024
    sessions: int = 64
    max_rows: int = 200_000
    max_output: int = 4_000_000
    max_failed_logins: int = 3
    careful: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a collector is handed: credentials by name, the way to their secrets, limits, the clock and somebody to tell.

    `known` gives what other collectors of this run already heard of a target (SSH chooses its driver from it); `known_hosts` and
    `ssh_config` are paths; `probes` names the probes to run, empty for the safe ones.
    """

    credentials: Mapping[str, Credential]
    secrets: Secrets
    now: Callable[[], datetime]
    limits: Limits = field(default_factory=Limits)
    told: Callable[[str, Target], None] = lambda _event, _target: None
    known: Callable[[Target], tuple[Fact, ...]] = lambda _target: ()
    known_hosts: str = ""
    ssh_config: str = ""
    probes: tuple[str, ...] = ()


class Collector(Protocol):
    """Reads devices over one protocol."""

    @property
    def name(self) -> str:
        """Return the word used in journals and options, e.g. `snmp`."""
        ...

    def collect(self, targets: Iterable[Target], setup: Setup) -> Iterator[Record]:
        """Yield what each target said, in the order they answer; a failure is an `Unread`, never an exception."""
        ...
