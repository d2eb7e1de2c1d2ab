"""An asset that is no longer seen stays listed with the day it was last seen.

Nobody may take its silence for a removal.
"""

from auditor.store.history import history


def held(key, outcome="match", verdict="probable"):
    finding = {"maker": "huawei", "verdict": verdict}
    return {"key": key, "site": "hq", "address": "192.0.2.1", "name": "", "outcome": outcome, "findings": [finding]}


def audit(day, *assets):
    return {"run": {"started": f"{day}T05:00:00Z"}, "assets": list(assets)}


def test_an_asset_that_is_gone_keeps_the_day_it_was_last_seen():
    gone, still = history([
        audit("2026-11-01", held("hq/mac:1"), held("hq/mac:2")),
        audit("2026-11-08", held("hq/mac:1"), held("hq/mac:2")),
        audit("2026-11-15", held("hq/mac:2")),
    ])  # fmt: skip

    assert (gone.first[:10], gone.last[:10], gone.runs) == ("2026-11-01", "2026-11-08", 2)
    assert (still.first[:10], still.last[:10], still.runs) == ("2026-11-01", "2026-11-15", 3)


def test_what_is_said_of_an_asset_is_what_the_newest_run_says():
    (seen,) = history([audit("2026-11-01", held("k")), audit("2026-11-08", held("k", verdict="confirmed"))])

    assert seen.makers == "huawei (confirmed)"
