"""The folder beside a store: its locks, journals, SSH host keys and last credentials."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from auditor.normal import file_name
from auditor.store.lock import hold_lock
from auditor.store.runs import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where a store's files lie; `stem` begins the names of its locks."""

    folder: Path
    stem: str

    @property
    def known_hosts(self) -> Path:
        """Return the file of SSH host keys."""
        return self.folder / "known_hosts"

    @property
    def last_credentials(self) -> Path:
        """Return the file that says which credential opened which device."""
        return self.folder / "winners.json"

    def journal(self, run: str) -> Path:
        """Return where the journal of a run is written; it is packed when the run is stored."""
        return self.folder / "journals" / f"{run}.jsonl"

    def lock(self, site: str) -> Path:
        """Return the file whose lock a run of a site holds."""
        return self.folder / (f"{self.stem}.{file_name(site)}.lock" if site else f"{self.stem}.lock")


def home_of(store: Store, data: Path) -> Home:
    """Return the folder beside a file of SQLite; with PostgreSQL, the user's data folder."""
    path = store.database.path
    return Home(folder=path.parent, stem=path.stem) if path else Home(folder=data, stem="auditor")


@contextmanager
def hold(store: Store, home: Home, sites: Iterable[str]) -> Iterator[None]:
    """Hold the lock of each site in a store; a held one is a `LockedError`."""
    with ExitStack() as stack:
        for site in sorted(set(sites)) or [""]:
            if store.database.path:
                stack.enter_context(hold_lock(home.lock(site)))
            else:
                stack.enter_context(store.database.lock(site))
        yield
