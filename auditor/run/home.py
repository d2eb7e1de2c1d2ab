"""What a run takes from its surroundings: the time, an id, the folder of the runs, the lock."""

import os
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

from auditor.errors import UsageError
from auditor.store.lock import hold_lock
from auditor.store.sqlite import Store, open_store


def now() -> datetime:
    """Return the time in UTC, or what SOURCE_DATE_EPOCH pins it to (reproducible-builds.org)."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch and not epoch.isdecimal():
        raise UsageError(f"'{epoch}' is not a number of seconds", where="SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)


def run_id(started: datetime) -> str:
    """Return an id that sorts by time, its end random unless SOURCE_DATE_EPOCH is set."""
    tail = "0000" if os.environ.get("SOURCE_DATE_EPOCH") else os.urandom(2).hex()
    return f"{started:%Y%m%dT%H%M%SZ}-{tail}"


def data_home() -> Path:
    """Return where runs are kept by default (XDG Base Directory)."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "auditor"


def store_url(url: str) -> str:
    """Return the store asked for, or the default one."""
    return url or str(data_home() / "auditor.db")


def store_of(url: str) -> Store | None:
    """Return the store asked for, or the default one; None where no run is to be kept."""
    return open_store(store_url(url))


def old_store(url: str) -> Store | None:
    """Return a store that holds something; one that does not exist yet is not made."""
    store = store_of(url)
    return store if store and store.path.is_file() else None


def lock(url: str) -> AbstractContextManager[None]:
    """Hold the lock of a store while the block runs; without a store there is nothing to hold."""
    store = store_of(url)
    return hold_lock(store.path.with_suffix(".lock")) if store else nullcontext()
