"""Runs and removal steps of the first stores, read into the tables of today."""

import json
import zlib

from sqlalchemy import Connection, text

from auditor.errors import InputError
from auditor.formats.journal import instant
from auditor.store import acts
from auditor.store.keeper import Keeper
from auditor.store.marks import KEY
from auditor.store.numbers import number
from auditor.store.rows import RunEntry, Step, Stored

WORDS = ("id", "started", "finished", "as_of", "sites", "summary", "journal", "sha256")


def adopt(base: Connection) -> None:
    """Keep every run of the first tables again, oldest first, its devices numbered.

    A document that cannot be read is an `InputError`: nothing is changed then.
    """
    keeper = Keeper(base)
    query = text(f"SELECT {', '.join(WORDS)}, audit FROM run_0001 ORDER BY started, number")  # noqa: S608 - constants
    for row in base.execute(query).all():
        try:
            document = json.loads(zlib.decompress(row.audit))
            assets = document["assets"]
        except (zlib.error, TypeError, ValueError, KeyError) as exc:
            raise InputError(
                f"run {row.id} is damaged: its document cannot be unpacked ({type(exc).__name__})"
            ) from None
        run = Stored(number=0, **{word: getattr(row, word) for word in WORDS}, tool=document["tool"]["version"])
        keeper.keep(RunEntry(run=run, document=document, now=instant(run.finished)), number(assets, keeper.known(), ()))
    holders = {mark.value: number for mark, number in keeper.known().marks.items() if mark.kind == KEY}
    for row in base.execute(text("SELECT asset, at, state, who, note FROM removal_0001 ORDER BY at")).all():
        acts.add_step(base, Step(**row._mapping, device=holders.get(row.asset)))  # noqa: SLF001 - a public name
