"""What people say of devices: removal steps; each is a link of the ledger."""

from dataclasses import asdict

from sqlalchemy import Connection, select

from auditor.store import ledger, schema
from auditor.store.bulk import clean
from auditor.store.documents import groups
from auditor.store.marks import BOX, Mark
from auditor.store.rows import Removals, Step


def add_step(base: Connection, step: Step) -> None:
    """Note one step of a removal; noting it twice changes nothing."""
    # A word of the command line that is no UTF-8 holds half pairs, which no database takes.
    cells = {key: clean(cell) if isinstance(cell, str) else cell for key, cell in asdict(step).items()}
    if step in steps(base):
        return
    number = ledger.append(base, "step", step.at, cells)
    base.execute(schema.step.insert().values(**cells, link=number))


def steps(base: Connection) -> tuple[Step, ...]:
    """Return every step of every removal, oldest first."""
    columns = [schema.step.c[name] for name in Step.__dataclass_fields__]
    rows = base.execute(select(*columns).order_by(schema.step.c.at, schema.step.c.id))
    return tuple(Step(**row._asdict()) for row in rows)


def removals(base: Connection) -> Removals:
    """Return every step with the marks of the devices they are about."""
    every = steps(base)
    marks: dict[int, set[Mark]] = {}
    for group in groups(sorted({step.device for step in every if step.device is not None})):
        query = select(schema.mark).where(schema.mark.c.device.in_(group), schema.mark.c.kind.in_(BOX))
        for row in base.execute(query):
            marks.setdefault(row.device, set()).add(Mark(row.kind, row.value, row.site))
    return Removals(steps=every, marks={number: frozenset(own) for number, own in marks.items()})
