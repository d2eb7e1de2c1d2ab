"""Runs that were kept: their store, their audits, their journals with all the head says."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from auditor.errors import FULL, InputError, OutputError, UsageError
from auditor.formats import document, journal
from auditor.imports.source import SourceFile
from auditor.model import Audit, Record, Run
from auditor.run.home import now, old_store, run_id, store_of, store_url
from auditor.run.packed import content_digest
from auditor.store.rows import Stored
from auditor.store.runs import Store

WHAT = "RUN|JOURNAL"
# So many spans are named where a run is told of in a line.
SPANS = 3


def silent(_message: str) -> None:
    """Take a warning that was given before, or that nobody waits for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What a run has read: its head, its records, the journal they stand in (None: in none).

    `devices` are the numbers that a store gave, by asset key, where the journal says them. `origin` says what nobody
    here can answer for: a journal that no run of the store wrote, or one changed since.
    """

    run: Run
    records: tuple[Record, ...]
    path: Path | None = None
    devices: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""


def contacts(run: Run) -> str:
    """Return in words whom a run contacted."""
    more = f" and {len(run.scope) - SPANS:,} more spans" if len(run.scope) > SPANS else ""
    return f"contacted: {'; '.join(run.scope[:SPANS])}{more}"


@contextmanager
def contacts_on_failure(run: Run, kept: str, *, begun: Callable[[], bool] = lambda: True) -> Iterator[None]:
    """Add to an error of output whom the run had contacted, and where its records are."""
    try:
        yield
    except (OutputError, OSError) as exc:
        if isinstance(exc, OSError) and exc.errno not in FULL:
            raise
        problem = exc.problem if isinstance(exc, OutputError) else f"cannot be written: {exc.strerror}"
        where = exc.where if isinstance(exc, OutputError) else str(exc.filename or "the output")
        words = f"{contacts(run)}; {kept}" if begun() else "nothing was contacted"
        raise OutputError(f"{problem}; {words}" if run.scope else problem, where=where) from None


def kept_runs(url: str, advice: str = "keeps no run yet; start with 'auditor scan' or 'auditor import'") -> Store:
    """Return a store that holds something; where there is none, an error gives the advice."""
    store = old_store(url)
    if store is None:
        raise UsageError(advice, where=f"--store {store_url(url)}")
    return store


def stored_audit(name: str, url: str) -> Audit:
    """Return the audit of a stored run (id, number, `last`, `previous`) as it was judged then."""
    store = kept_runs(url)
    return document.load(store.document(store.find(name)))


def recorded(name: str, url: str = "", *, site: str = "", warn: Callable[[str], None] = silent) -> Recording:
    """Return what a journal holds, found by its path or by the run that wrote it."""
    path = Path(name)
    if not path.is_file():
        path = _find(name, url)
    return replace(read_journal(path, site=site, warn=warn), origin=journal_origin(path, store_of(url)))


def read_journal(path: Path, *, site: str = "", warn: Callable[[str], None] = silent) -> Recording:
    """Return a journal; without a head it gets one from its oldest record.

    Devices that name no site are at `site`.
    """
    from auditor.imports.registry import read

    moment = now()
    source = SourceFile(path=path, site=site, at=moment, warn=warn)
    records = tuple(read(source, "journal"))
    run = _head(source) or _made_up(records, moment)
    return Recording(run=run, records=records, path=path, devices=_devices(source))


def journal_origin(path: Path, store: Store | None) -> str:
    """Return in words that no run of the store recorded a journal, nothing where one did.

    A journal has no signature of its own: whoever can write a file can put words into the mouth of a device.
    """
    digest = content_digest(path)
    if store is not None and store.exists():
        for row in store.runs():
            if row.sha256 == digest:
                return str((store.context(row) or {}).get("origin", ""))
    where = "no store was asked" if store is None else "no run of this store recorded it"
    return f"{path.name}, SHA-256 {digest}: {where}, so what its devices say is the word of whoever wrote it"


def _devices(source: SourceFile) -> Mapping[str, str]:
    """Return the device numbers a journal ends with; the last line of that type counts."""
    mark = f'"{journal.DEVICES}"'.encode()
    lines = (line.decode("utf-8", "replace") for line in source.lines() if mark in line[: journal.LINE_START])
    numbers = [one for line in lines if (one := journal.decode_devices(line)) is not None]
    return numbers[-1] if numbers else {}


def journal_of(row: Stored) -> Path | None:
    """Return where the journal of a stored run stands; None where it is gone."""
    path = kept_journal(row.journal)
    return path if row.journal and path.is_file() else None


def kept_journal(name: str) -> Path:
    """Return the journal a run names; one that could not be packed is plain yet."""
    path, plain = Path(name), Path(name.removesuffix(".gz"))
    return plain if not path.is_file() and plain.is_file() else path


def _find(name: str, url: str) -> Path:
    store = store_of(url)
    if store is None:
        raise UsageError(f"'{name}' is no file, and --store none keeps no runs", where=WHAT)
    if not store.exists():
        raise UsageError(f"'{name}' is no journal file, and {store.name} holds no runs yet", where=WHAT)
    row = store.find(name)
    path = journal_of(row)
    if path is None:
        raise InputError(f"the journal of run {row.id} is gone ({row.journal or 'none was written'})")
    return path


def _head(source: SourceFile) -> Run | None:
    """Return the run a journal opens with, packed or not, however long the line."""
    first = next(source.lines(), b"").decode("utf-8", "replace").strip().removeprefix("\ufeff")
    line = journal.decode(first) if first else None
    return line if isinstance(line, Run) else None


def _made_up(records: tuple[Record, ...], moment: datetime) -> Run:
    oldest = min((record.at for record in records), default=moment)
    sites = {record.target.site for record in records} - {""}
    return Run(id=run_id(moment), started=oldest, sites=tuple(sorted(sites)))
