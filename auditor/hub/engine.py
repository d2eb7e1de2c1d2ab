"""What an engine of jobs is: the hub's side of it, and the desk of a site's worker.

A job is taken by one worker at a time; what it hands in is kept once, however often it is sent. A worker that falls
silent loses its job to the next, which goes on where it ended. No job, no turn and no row holds a secret.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from auditor.collect.breaker import LoginCounts
from auditor.errors import AuditorError

# How often a job is handed out without a batch coming back before nobody tries it any more.
ATTEMPTS = 5
# Octets of one batch at most; a larger turn is the device's doing, and refused.
BATCH_CAP = 64 << 20


class GivenOnError(Exception):
    """A job is somebody else's by now; whoever sees this lets go of it."""


class RefusedError(AuditorError):
    """The hub does not take this worker: another version, other rules, no such site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteJob:
    """What one worker reads in one go: `words` as `auditor scan` takes them, at one site.

    `options` are fields of the scan's request by name; credentials are the worker's own.
    """

    run: str
    number: int
    site: str
    words: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return it as an engine keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> "SiteJob":
        """Return what `to_json` returned."""
        options = {key: tuple(value) if isinstance(value, list) else value for key, value in entry["options"].items()}
        words = tuple(entry["words"])
        return cls(run=entry["run"], number=entry["number"], site=entry["site"], words=words, options=options)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenJob:
    """A job in a worker's hands: its ticket, and the batches handed in of it before."""

    ticket: int
    job: SiteJob
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteProgress:
    """How far a run is at a site: jobs by state, batches, what its worker said and when."""

    site: str
    todo: int = 0
    doing: int = 0
    done: int = 0
    lost: int = 0
    batches: int = 0
    progress: Sequence[Mapping[str, Any]] = ()
    silent: float | None = None


class JobDesk(Protocol):
    """Where the worker of one site asks; every call may raise `OSError` while the hub is away."""

    @property
    def site(self) -> str:
        """Return the site whose jobs are handed out here."""

    def take(self) -> TakenJob | None:
        """Return the next job of the site, or None; careful or not, a site's jobs run one by one."""

    def hand_in(self, task: TakenJob, number: int, text: str) -> None:
        """Keep a batch of whole turns under its number; once kept it stays as it is.

        `GivenOnError` where the job is somebody else's by now.
        """

    def finish(self, task: TakenJob) -> None:
        """Say that a job is done; `GivenOnError` where it is somebody else's by now."""

    def beat(self, progress: Sequence[Mapping[str, Any]]) -> None:
        """Show that the worker lives, and how far it is."""

    def counts(self, run: str, kind: str) -> LoginCounts:
        """Return where the logins of a run are counted, over all its workers."""


class Engine(Protocol):
    """The hub's side: runs, their jobs, what came back."""

    def begin(self, run: str, head: str, jobs: Sequence[SiteJob]) -> None:
        """Hand out the jobs of a run; one that has begun is not begun again.

        `head` opens its journal.
        """

    def head(self, run: str) -> str:
        """Return the head of a run that has begun and not ended; nothing of any other."""

    def states(self, run: str) -> tuple[SiteProgress, ...]:
        """Return how far a run is, by site."""

    def give_on(self, seconds: float) -> int:
        """Take back the jobs of workers silent for so long; return how many.

        Jobs lost often stay lost.
        """

    def texts(self, run: str) -> Iterator[tuple[str, str]]:
        """Yield each site and batch that came back, as lines of a journal.

        They are in order of site, job and batch.
        """

    def lost(self, run: str) -> tuple[SiteJob, ...]:
        """Return the jobs nobody brought to an end, and nobody tries any more."""

    def end(self, run: str) -> None:
        """Forget a run: its jobs, its batches, its logins."""


def over(states: Iterable[SiteProgress]) -> bool:
    """Tell whether nothing of a run is left to be done."""
    return not any(state.todo or state.doing for state in states)
