"""`auditor import`: judge what other programs or people recorded, without a network."""

import json
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import click

from auditor import __version__
from auditor.cli.common import Shared, judging, now, option, run_id, store_url
from auditor.cli.flow import conclude
from auditor.cli.ledger import ledger
from auditor.cli.terminal import warn
from auditor.errors import InputError, UsageError
from auditor.imports.registry import FORMATS, read, read_among, recognise_among, why_not
from auditor.imports.source import Source
from auditor.model import Record, Run
from auditor.store.lock import locked
from auditor.store.sqlite import open_store


@click.command("import", short_help="Read what others recorded.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…", type=click.Path())
@option(
    "--type",
    "sort",
    type=click.Choice(["auto", *FORMATS]),
    default="auto",
    show_default=True,
    help="What the files are.",
)
@option(
    "--labels",
    default="",
    metavar="FILE",
    help="Only look MACs up, millions a second: write registrant, maker, tier and kind of each line as CSV (`-`: stdout).",
)
@judging
@click.pass_context
def import_command(ctx: click.Context, paths: tuple[str, ...], sort: str, labels: str, shared: Shared) -> None:
    """Read recordings, exports and tables (folders are walked), judge them, keep the run, report on it."""
    if labels:
        ctx.exit(_label(paths, sort, labels, shared))
    started = now()
    run = Run(id=run_id(started), started=started, tool=__version__, sites=(shared.site,) if shared.site else ())
    store = open_store(store_url(shared.store))
    alone = len(paths) == 1 and not Path(paths[0]).is_dir()
    found = list(_read(list(_sources(paths, sort, shared, run)), alone=alone))
    with ledger(shared, run) as book:
        records = list(book.keep(found))
    with locked(store.path.with_suffix(".lock")) if store else nullcontext():
        ctx.exit(conclude(records, shared, run, book.path))


def _label(paths: tuple[str, ...], sort: str, labels: str, shared: Shared) -> int:
    from auditor.cli.labels import write_labels

    if sort not in {"auto", "macs"}:
        raise UsageError(f"looks up MACs; it goes with --type macs, not with {sort}", where="--labels")
    return write_labels([file for path in paths for file in walk(Path(path), shared.say)], labels, shared)


def walk(path: Path, warn: Callable[[str], None]) -> Iterator[Path]:
    """Yield a file, or the files below a folder in the order of their names; unreadable folders are errors.

    Hidden files and folders are passed over; so are, with a warning, links to folders, which could lead anywhere, and pipes.
    """
    if not path.is_dir():
        yield _named(path)
        return
    found: list[Path] = []
    for folder, folders, names in os.walk(path, onerror=_unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for entry in (Path(folder, name) for name in (*folders, *names) if not name.startswith(".")):
            if entry.is_file():
                found.append(entry)
            elif entry.is_symlink() or not entry.is_dir():
                warn(f"{entry}: is no file of this folder, passed over; name what it stands for, if that is meant")
    if not found:
        raise InputError("holds no file", where=str(path))
    yield from sorted(found)


def _named(path: Path) -> Path:
    """Return a path the user named, where it is a file; a pipe would be empty when it is looked at a second time."""
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


def _sources(paths: tuple[str, ...], sort: str, shared: Shared, run: Run) -> Iterator[tuple[Source, str]]:
    """Yield each file and its format. A file that was named must be a recording; one that merely lies in a folder need not."""

    def complain(text: str) -> None:
        warn(json.dumps({"message": text}) if shared.log_format == "json" else f"auditor: {text}")

    for path in map(Path, paths):
        known = 0
        for file in walk(path, complain):
            source = Source(path=file, site=shared.site, at=run.started, warn=complain)
            name = recognise_among(source) if sort == "auto" and path.is_dir() else sort
            if name:
                known += 1
                yield source, name
            else:
                complain(
                    f"{file}: no recording in a format this tool knows, passed over ({why_not(source).partition(';')[0]})"
                )
        if not known:
            raise InputError("holds no recording in a format this tool knows", where=str(path))


def _read(sources: list[tuple[Source, str]], *, alone: bool) -> Iterator[Record]:
    """Yield what the files record; one that is damaged ends the run where it is `alone`, else it is one more unread."""
    for source, sort in sources:
        yield from read(source, sort) if alone else read_among(source, sort)
