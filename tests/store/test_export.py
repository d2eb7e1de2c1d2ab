"""Every sort of column goes into Parquet, where somebody has pyarrow."""

import pytest
from sqlalchemy import select

from auditor.store.export import export
from auditor.store.runs import Store
from auditor.store.schema import run_site, silence
from tests.tools.stores import box, keep, row


def test_what_is_true_or_false_stays_so_in_parquet(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed; nobody has to have it")
    store = Store(tmp_path / "s.db")
    keep(store, row("r1"), {"assets": [box("SN-1")]})
    with store.database.writing() as base:
        place = base.execute(select(run_site.c.id)).scalar_one()
        base.execute(silence.insert().values(run_site=place, device=1, gone=True))
        export(base, tmp_path / "out")

    (line,) = parquet.read_table(tmp_path / "out" / "silence.parquet").to_pylist()
    assert line["gone"] is True
