"""Runs and removal steps of the first stores, read into the tables of today."""

import json
import zlib
from typing import Any

from sqlalchemy import Connection, Row, select, text

from auditor.errors import InputError
from auditor.formats.document import load, to_document
from auditor.formats.journal import instant
from auditor.store import acts, documents, schema
from auditor.store.keeper import Keeper
from auditor.store.marks import KEY
from auditor.store.numbers import number
from auditor.store.rows import RunEntry, Step, Stored

# Where a revision puts the first tables.
ASIDE = ("run_0001", "removal_0001")
# Octets of a whole audit, as the first stores kept it.
WHOLE = 1 << 30
WORDS = ("id", "started", "finished", "as_of", "sites", "summary", "journal", "sha256")


def adopt(base: Connection) -> None:
    """Keep every run of the first tables again, oldest first; then drop those tables.

    A document that cannot be read is an `InputError`: nothing is changed then.
    """
    keeper = Keeper(base)
    for row in base.execute(text(f"SELECT * FROM {ASIDE[0]} ORDER BY started, number")).all():  # noqa: S608 - a constant
        try:
            _adopt_run(keeper, row)
        except InputError as exc:
            raise InputError(f"run {row.id} is damaged: {exc.problem}") from None
        except (zlib.error, TypeError, ValueError) as exc:
            problem = f"its document cannot be unpacked ({type(exc).__name__})"
            raise InputError(f"run {row.id} is damaged: {problem}") from None
    holders = {mark.value: number for mark, number in keeper.known().marks.items() if mark.kind == KEY}
    for row in base.execute(text(f"SELECT * FROM {ASIDE[1]} ORDER BY at, rowid")).all():  # noqa: S608 - a constant
        acts.add_step(base, Step(**row._mapping, device=holders.get(row.asset)))  # noqa: SLF001 - a public name
    for name in ASIDE:
        base.execute(text(f"DROP TABLE {name}"))


def _adopt_run(keeper: Keeper, row: Row[Any]) -> None:
    """Keep one run to the octet; its devices are numbered by its assets as they are read today."""
    content = documents.inflate(row.audit, WHOLE).decode()
    audit = load(content)
    run = Stored(number=0, **{word: getattr(row, word) for word in WORDS}, tool=audit.tool)
    assets: Any = to_document(audit)["assets"]
    numbering = number(assets, keeper.known(), ())
    keeper.keep(RunEntry(run=run, document=json.loads(content), now=instant(run.finished)), numbering)
    own = keeper.base.execute(select(schema.run.c.number).where(schema.run.c.id == row.id)).scalar_one()
    if documents.whole(keeper.base, own) != content:
        raise InputError("its document would not be the same again")
