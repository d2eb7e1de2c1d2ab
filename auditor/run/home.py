"""What a run takes from its surroundings: the time, an id, the folder of the runs, the lock."""

import getpass
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from auditor.errors import UsageError
from auditor.store.home import Home, hold, home_of
from auditor.store.rows import Stored
from auditor.store.runs import Store, open_store

LAST_END = 0xFFFF
EVIDENCE = "evidence"
# Process-wide, as the command line is: where the passwords of stores are looked up.
_FILES: list[str] = []


def now() -> datetime:
    """Return the time in UTC, or what SOURCE_DATE_EPOCH pins it to (reproducible-builds.org)."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch and not epoch.isdecimal():
        raise UsageError(f"'{epoch}' is not a number of seconds", where="SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)


def run_id(started: datetime, is_taken: Callable[[str], bool] = lambda _name: False) -> str:
    """Return an id that sorts by time, its end random unless SOURCE_DATE_EPOCH is set."""
    is_pinned = bool(os.environ.get("SOURCE_DATE_EPOCH"))
    ends = (f"{at:04x}" for at in range(LAST_END + 1)) if is_pinned else iter(lambda: os.urandom(2).hex(), "")
    return next(name for end in ends if not is_taken(name := f"{started:%Y%m%dT%H%M%SZ}-{end}"))


def new_run_id(started: datetime, store: str) -> str:
    """Return an id that no run of a store and no journal beside it bears yet."""
    store_before, folder = old_store(store), home(store)
    names = {run.id for run in store_before.runs()} if store_before else set()

    def is_taken(name: str) -> bool:
        path = folder.journal(name) if folder else None
        return name in names or (path is not None and path.exists())

    return run_id(started, is_taken)


def account() -> str:
    """Return who runs this; nothing where the account has no name, as in a container."""
    with suppress(KeyError, OSError):
        return getpass.getuser()
    return ""


def data_home() -> Path:
    """Return where runs are kept by default (XDG Base Directory)."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "auditor"


def store_url(url: str) -> str:
    """Return the store asked for, or the default one."""
    return url or str(data_home() / "auditor.db")


def store_of(url: str) -> Store | None:
    """Return the store asked for, or the default one; None where no run is to be kept."""
    return _open_once(store_url(url))


@lru_cache(maxsize=8)
def _open_once(url: str) -> Store | None:
    """Open a store once: what a database driver has prepared is of use to the next question too."""
    return open_store(url, store_password)


@contextmanager
def passwords_in(config: str) -> Iterator[None]:
    """Look up passwords of stores in a file (empty: the usual ones) while the block runs."""
    _FILES.append(config)
    try:
        yield
    finally:
        _FILES.remove(config)


def store_password(name: str) -> str:
    """Return the secret of a credential of kind `store`."""
    from auditor.run.configuration import configuration
    from auditor.targets.secrets import Vault

    config = configuration(_FILES[-1] if _FILES else "")
    entry = config.credentials.get(name)
    if entry is not None and entry.public.kind != "store":
        raise UsageError("is not of kind 'store'", where=f"credential {name}")
    return Vault(config, os.environ, Path.home()).fetch(name, "password")


def evidence_folder(store: Store) -> Path:
    """Return where files attached to devices lie: beside a store in a file, else as configured."""
    from auditor.run.configuration import configuration

    if store.database.path:
        return store.database.path.parent / EVIDENCE
    folder = configuration(_FILES[-1] if _FILES else "").evidence
    if not folder:
        raise UsageError("lies on a server; say [evidence] folder in auditor.toml", where=store.name)
    return Path(folder).expanduser()


def old_store(url: str) -> Store | None:
    """Return a store that holds something; one that does not exist yet is not made."""
    store = store_of(url)
    return store if store and store.exists() else None


def runs(url: str) -> tuple[Stored, ...]:
    """Return the stored runs, oldest first; a store that does not exist yet holds none."""
    store = old_store(url)
    return store.runs() if store else ()


def home(url: str) -> Home | None:
    """Return the folder beside the store asked for; None where no run is to be kept."""
    store = store_of(url)
    return home_of(store, data_home()) if store else None


@contextmanager
def lock(url: str, sites: Iterable[str]) -> Iterator[None]:
    """Hold the lock of each site in a store; without a store there is nothing to hold."""
    store = store_of(url)
    with hold(store, home_of(store, data_home()), sites) if store else nullcontext():
        yield
