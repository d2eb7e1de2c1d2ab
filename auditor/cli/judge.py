"""`auditor judge`: a stored run or a journal, judged again with the rules, laws and date of today or another day."""

from datetime import datetime
from pathlib import Path

import click

from auditor.cli.common import DATE, Shared, judging, now, option, run_id, store_url
from auditor.cli.flow import conclude
from auditor.cli.terminal import warn
from auditor.errors import InputError, UsageError
from auditor.imports.registry import read
from auditor.imports.source import Source
from auditor.model import Record, Run
from auditor.store.sqlite import open_store


@click.command("judge", short_help="Judge a stored run or a journal again.")
@click.argument("run_or_journal", metavar="RUN|JOURNAL", default="last")
@option(
    "--compare-dates", nargs=2, type=DATE, metavar="DATE DATE", help="Show what a change of law alone adds or removes."
)
@judging
@click.pass_context
def judge_command(
    ctx: click.Context, run_or_journal: str, compare_dates: tuple[datetime, datetime] | None, shared: Shared
) -> None:
    """Judge a stored run (its id, number, or `last`) or a journal file again; no device is contacted.

    A collection is judged as often as you like: with newer rules, another law (--policy) or another day (--as-of).
    """
    run, records, path = recorded(run_or_journal, shared)
    if compare_dates:
        from auditor.cli.compare import compare_laws

        compare_laws(records, run, shared, compare_dates)
        return
    ctx.exit(conclude(records, shared, run, path, keep=False))


def recorded(name: str, shared: Shared) -> tuple[Run, list[Record], Path]:
    """Return the head, the records and the file of a journal, found by its path or by the run that wrote it."""
    path = Path(name)
    if not path.is_file():
        store = open_store(store_url(shared.store))
        if store is None:
            raise UsageError(f"'{name}' is no file, and --store none keeps no runs", where="RUN|JOURNAL")
        if not store.path.is_file():
            raise UsageError(f"'{name}' is no journal file, and {store.path} holds no runs yet", where="RUN|JOURNAL")
        row = store.find(name)
        path = Path(row.journal)
        if not row.journal or not path.is_file():
            raise InputError(f"the journal of run {row.id} is gone ({row.journal or 'none was written'})")
    moment = now()
    source = Source(path=path, site=shared.site, at=moment, warn=lambda text: warn(f"auditor: {text}"))
    records = list(read(source, "journal"))
    return _head(path, moment, records), records, path


def _head(path: Path, moment: datetime, records: list[Record]) -> Run:
    """Return the run a journal says it is; a journal without a head gets one from its oldest record."""
    from auditor.formats import journal

    with path.open("rb") as file:
        first = file.readline(1 << 20)
    if first[:1] == b"{":
        found = journal.decode(first.decode("utf-8", "replace"))
        if isinstance(found, Run):
            return found
    started = min((record.at for record in records), default=moment)
    return Run(
        id=run_id(moment), started=started, sites=tuple(sorted({record.target.site for record in records} - {""}))
    )
