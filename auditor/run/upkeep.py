"""The store as a thing to keep: what it holds, its ledger's head, pruning, copies, damage."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.errors import UsageError
from auditor.formats.journal import stamp
from auditor.run.evidence import copy_evidence, evidence_damage
from auditor.run.home import EVIDENCE, account, home, now
from auditor.run.recorded import kept_journal, kept_runs
from auditor.store.numbers import number_of
from auditor.store.waivers import read_waivers
from auditor.targets.schedule import seconds

if TYPE_CHECKING:
    from auditor.store.ledger import LedgerHead
    from auditor.store.prune import Pruning


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSummary:
    """What a store holds; octets of its files (0: on a server), times in RFC 3339 (UTC)."""

    store: str
    schema: str
    octets: int
    runs: int
    runs_without_content: int
    devices: int
    oldest: str
    newest: str
    links: int
    backups: Sequence[str]


def overview(url: str) -> StoreSummary:
    """Return what a store holds, and backups of older versions beside it."""
    from sqlalchemy import func, select

    from auditor.store import ledger, schema
    from auditor.store.database import REVISION
    from auditor.store.export import size

    store = kept_runs(url)
    runs, path = store.runs(), store.database.path
    with store.database.reading() as base:
        number = base.execute(select(func.count()).select_from(schema.device)).scalar_one()
        links = ledger.head(base).links
    backups = sorted(path.parent.glob(f"{path.name}.[0-9][0-9][0-9][0-9]")) if path else []
    return StoreSummary(
        store=store.name,
        schema=REVISION,
        octets=size(path) if path else 0,
        runs=len(runs),
        runs_without_content=sum(bool(run.pruned) for run in runs),
        devices=number,
        oldest=runs[0].started if runs else "",
        newest=runs[-1].started if runs else "",
        links=links,
        backups=tuple(map(str, backups)),
    )


def head(url: str) -> "LedgerHead":
    """Return the newest link of a store's ledger."""
    from auditor.store import ledger

    with kept_runs(url).database.reading() as base:
        return ledger.head(base)


def pruning(url: str, keep: str, keep_last: int, waivers: str) -> "Pruning":
    """Return what would go of the runs older than `keep` (`90d`)."""
    from auditor.store import prune

    try:
        before = stamp(now() - timedelta(seconds=seconds(keep)))
    except (ValueError, OverflowError):
        raise UsageError(f"'{keep:.40}' is no length of time; write 90d", where="--keep") from None
    findings = {waiver.finding for waiver in read_waivers(waivers)}
    with kept_runs(url).database.reading() as base:
        return prune.plan(base, before, keep_last, findings)


def prune_runs(url: str, what: "Pruning") -> list[Path]:
    """Let the content of runs go, then their journals in the store's own folder; return those."""
    from auditor.store import prune

    store, folder = kept_runs(url), home(url)
    if what.runs:
        with store.database.writing() as base:
            prune.prune(base, what, stamp(now()), account())
    own = folder.journal("x").parent.resolve() if folder else None
    journals = [path for path in map(kept_journal, what.journals) if path.is_file() and path.parent.resolve() == own]
    for path in journals:
        path.unlink()
    return journals


def prune_device(url: str, name: str) -> tuple[str, ...]:
    """Let go what is stored of one device; return the runs whose journals still tell of it."""
    from sqlalchemy import select

    from auditor.store import prune, schema

    number = number_of(name)
    with kept_runs(url).database.writing() as base:
        is_there = select(schema.device.c.number).where(schema.device.c.number == number)
        if number is None or base.execute(is_there).scalar() is None:
            raise UsageError("is no device of the store; write it as D-000042", where=f"--device {name}")
        return prune.prune_device(base, number, stamp(now()), account())


def damage(url: str, *, whole: bool = False) -> Iterator[str]:
    """Yield what is damaged in a store; `whole` puts every run together too."""
    store = kept_runs(url)
    problems = list(store.damage(whole=whole))
    yield from problems
    # Where links cannot be read, what they say of files cannot either.
    if not problems:
        yield from evidence_damage(store)


def backup(url: str, file: Path) -> int:
    """Copy a store in use into a new file, attached files beside it; return its octets."""
    from auditor.store.database import copy_sqlite

    store = kept_runs(url)
    if store.database.path is None:
        raise UsageError("lies on a server; use pg_dump", where=store.name)
    if file.exists():
        raise UsageError("stands there already; name another file", where=str(file))
    with store.database.outside() as driver:
        copy_sqlite(driver, file)
    copy_evidence(store, file.parent / EVIDENCE)
    return file.stat().st_size


def vacuum(url: str) -> tuple[int, int]:
    """Give free pages back to the disk; return the octets before and after (0: on a server)."""
    from auditor.store.export import size

    database = kept_runs(url).database
    before = size(database.path) if database.path else 0
    database.vacuum()
    return before, size(database.path) if database.path else 0


def export(url: str, folder: Path) -> list[Path]:
    """Write every table into a folder; return the files."""
    from auditor.store.export import export

    with kept_runs(url).database.reading() as base:
        return export(base, folder)
