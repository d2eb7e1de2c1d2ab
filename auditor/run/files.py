"""What other programs or people recorded, read without a network: files and folders."""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from auditor.errors import InputError
from auditor.imports.registry import read as read_file
from auditor.imports.registry import read_among, recognise_among, why_not
from auditor.imports.source import SourceFile
from auditor.model import Record, Run
from auditor.run.conclude import Conclusion, conclude, demand_store
from auditor.run.home import lock, new_run_id, now, store_of
from auditor.run.journal_file import journal_file, journal_path
from auditor.run.options import Judging
from auditor.run.person import Person
from auditor.run.recorded import Recording, journal_origin
from auditor.store.runs import Store
from auditor.version import VERSION

AUTO = "auto"


def import_files(paths: Sequence[str], sort: str, judging: Judging, person: Person) -> Conclusion:
    """Read recordings, exports and tables, judge them, keep the run."""
    demand_store(judging)
    with lock(judging.store, [judging.site]):
        return conclude(read(paths, sort, judging, person), judging)


def read(paths: Sequence[str], sort: str, judging: Judging, person: Person) -> Recording:
    """Read files and folders of one format (or `auto`) into the journal of a new run."""
    moment = now()
    run = Run(
        id=new_run_id(moment, judging.store),
        started=moment,
        tool=VERSION,
        sites=(judging.site,) if judging.site else (),
    )
    alone = len(paths) == 1 and not Path(paths[0]).is_dir()
    # Nothing is written before every file is known to be one.
    sources = list(_sources(paths, sort, run, judging.site, person.warn))
    records = list(_records(sources, alone=alone))
    path = journal_path(judging.journal, judging.store, run.id)
    with journal_file(path, run) as journal:
        return Recording(
            run=run,
            records=tuple(journal.keep(records)),
            path=path,
            origin="; ".join(_origins(sources, store_of(judging.store))),
        )


def _origins(sources: Sequence[tuple[SourceFile, str]], store: Store | None) -> Iterator[str]:
    """Yield a line for each journal among the files that no run of the store recorded."""
    for source, sort in sources:
        is_journal = (recognise_among(source) if sort == AUTO else sort) == "journal"
        if is_journal and (origin := journal_origin(source.path, store)):
            yield origin


def walk(path: Path, warn: Callable[[str], None]) -> Iterator[Path]:
    """Yield a file, or the files below a folder in the order of their names.

    Unreadable folders are errors. Hidden files and folders are passed over; so are, with a warning, pipes and links to
    folders, which could lead anywhere.
    """
    if not path.is_dir():
        yield _plain_file(path)
        return
    files: list[Path] = []
    for folder, folders, names in os.walk(path, onerror=_unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for entry in (Path(folder, name) for name in (*folders, *names) if not name.startswith(".")):
            if entry.is_file():
                files.append(entry)
            elif entry.is_symlink() or not entry.is_dir():
                warn(f"{entry}: is no file of this folder, passed over; name what it stands for, if that is meant")
    if not files:
        raise InputError("holds no file", where=str(path))
    yield from sorted(files)


def _plain_file(path: Path) -> Path:
    """Return a path that is a plain file; a pipe would be empty when it is read a second time."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise InputError("does not exist", where=str(path)) from None
    except OSError as exc:
        raise InputError(f"cannot be read: {exc.strerror}", where=str(path)) from None
    if not stat.S_ISREG(mode):
        raise InputError("is a pipe or a device, no file; save what it gives to a file first", where=str(path))
    return path


def _unreadable(exc: OSError) -> None:
    # What lies in a folder that cannot be looked into is not known to be clean.
    raise InputError(f"cannot be read: {exc.strerror}", where=str(exc.filename)) from None


def _sources(
    paths: Sequence[str], sort: str, run: Run, site: str, warn: Callable[[str], None]
) -> Iterator[tuple[SourceFile, str]]:
    """Yield each file and its format; a file must be a recording where it was named itself."""
    for path in map(Path, paths):
        recordings = 0
        for file in walk(path, warn):
            source = SourceFile(path=file, site=site, at=run.started, warn=warn)
            name = recognise_among(source) if sort == AUTO and path.is_dir() else sort
            if name:
                recordings += 1
                yield source, name
            else:
                reason = why_not(source).partition(";")[0]
                warn(f"{file}: no recording in a format this tool knows, passed over ({reason})")
        if not recordings:
            raise InputError("holds no recording in a format this tool knows", where=str(path))


def _records(sources: Sequence[tuple[SourceFile, str]], *, alone: bool) -> Iterator[Record]:
    """Yield what the files record; a damaged one is an unread, or the end where it is `alone`."""
    for source, sort in sources:
        yield from read_file(source, sort) if alone else read_among(source, sort)
