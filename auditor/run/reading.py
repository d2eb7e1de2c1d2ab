"""What a reading process is told, and what it tells: jobs there, turns and notices back.

Everything here travels between two processes of one run over a socket that nobody else has.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from auditor.collect.events import Notice
from auditor.errors import UsageError
from auditor.model import Credential, Fact, Limits, Scope, Target
from auditor.run.turns import Turn

Device = tuple[str, str]
Part = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderKit:
    """What a reading process needs for a whole run; its repr shows no secret.

    `rate` is the run's in packets per second; `counts` the folder in which its logins are counted, a file a kind.
    """

    credentials: Mapping[str, Credential]
    secrets: Mapping[Part, str] = field(repr=False)
    scope: Scope
    known_hosts: str
    ssh_config: str
    probes: tuple[str, ...]
    rate: float
    counts: Path
    log_level: int = logging.WARNING

    def fetch(self, name: str, part: str) -> str:
        """Return a part of a credential, empty where it has none."""
        if name not in self.credentials:
            raise UsageError("no credential has this name", where=f"credential {name}")
        return self.secrets.get((name, part), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadJob:
    """One process's share of a stage: whom to read, with which collector, within which limits.

    `facts` is what each device has said so far, `last_credentials` what opened it last, both as far as the collector
    asks; `has_own_rate` where its site is read more slowly than the run.
    """

    number: int
    collector: str
    targets: tuple[Target, ...]
    limits: Limits
    has_own_rate: bool
    facts: Mapping[Device, tuple[Fact, ...]]
    last_credentials: Mapping[tuple[str, str, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEnd:
    """The end of a job: what opened which device, and the bug that ended it, if one did."""

    last_credentials: Mapping[tuple[str, str, str], str]
    failure: BaseException | None = None


@dataclass(frozen=True, slots=True)
class StopJob:
    """The word that nobody waits for a job any more."""

    number: int


@dataclass(frozen=True, slots=True)
class TimeUp:
    """The word that no other device may be asked, and why."""

    why: str


# What comes back, each with the number of its job.
Message = Turn | tuple[Notice, ...] | JobEnd | logging.LogRecord
