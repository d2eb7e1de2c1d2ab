"""Findings as last seen stand in rows, whatever way they came there."""

from sqlalchemy import select

from auditor.store import claims
from auditor.store.browse import DeviceQuestion, RowWindow, SiteScope, devices, sites
from auditor.store.browse_findings import FindingQuestion, dues, failures, findings
from auditor.store.prune import prune_device
from auditor.store.runs import Store
from auditor.store.schema import claim, duty, tables, unread
from tests.tools.audits import audit
from tests.tools.stores import box, keep, row
from tests.tools.web_server import keep_audit

EVERYTHING = RowWindow(limit=500)
NEW = ("claim", "duty", "unread", "token")


def rows(store):
    """Return what the tables say, whatever numbers stand for duties."""
    with store.database.reading() as base:
        found = findings(base, EVERYTHING, FindingQuestion()).items
        return found, dues(base, SiteScope(), "", 100), failures(base, EVERYTHING).items


def told(store, **ask):
    with store.database.reading() as base:
        return [
            (one.device, one.maker, one.verdict) for one in findings(base, EVERYTHING, FindingQuestion(**ask)).items
        ]


def test_a_store_of_the_schema_before_says_the_same_once_it_is_migrated(tmp_path):
    store = keep_audit(tmp_path / "s.db", audit())
    before = rows(store)
    with store.database.writing() as base:
        for name in reversed(NEW):
            tables.tables[name].drop(base)
        for name in ("device_site", "device_outcome", "device_merged"):
            base.exec_driver_sql(f"DROP INDEX {name}")
        base.exec_driver_sql("UPDATE alembic_version SET version_num = '0002'")

    assert all(before)
    assert rows(Store(tmp_path / "s.db")) == before
    assert (tmp_path / "s.db.0002").is_file(), "the store as it was stays beside it"


def test_a_finding_that_a_later_night_does_not_make_is_gone_and_a_new_one_is_there(tmp_path):
    store = Store(tmp_path / "s.db")
    keep(store, row("a", "2026-11-21T05:00:00Z"), {"assets": [box("S1"), box("S2")]})
    other = {"id": "g", "maker": "zte", "verdict": "probable", "firmware": "", "waived": None}
    keep(store, row("b", "2026-11-22T05:00:00Z"), {"assets": [box("S1", findings=[other]), box("S2", findings=[])]})

    assert told(store) == [("D-000001", "zte", "probable")]
    assert told(store, maker="huawei") == []


def test_a_run_that_is_nobodys_baseline_changes_nothing_of_what_was_last_seen(tmp_path):
    store = Store(tmp_path / "s.db")
    keep(store, row("late", "2026-11-22T05:00:00Z"), {"assets": [box("S1")]})
    keep(store, row("early", "2026-11-21T05:00:00Z"), {"assets": [box("S1", findings=[])]})

    assert told(store) == [("D-000001", "huawei", "confirmed")]


def test_a_run_that_is_kept_again_without_a_device_leaves_no_finding_on_it(tmp_path):
    store = Store(tmp_path / "s.db")
    keep(store, row("a"), {"assets": [box("S1"), box("S2")]})
    keep(store, row("a"), {"assets": [box("S2")]})

    assert told(store) == [("D-000002", "huawei", "confirmed")]


def test_a_pruned_device_leaves_no_finding_and_no_duty(tmp_path):
    store = keep_audit(tmp_path / "s.db", audit())
    with store.database.writing() as base:
        for number in set(base.execute(select(claim.c.device)).scalars()):
            prune_device(base, number, "2026-11-23T05:00:00Z", "A. Auditor")
        assert base.execute(select(duty)).all() == base.execute(select(claim)).all() == []
    assert list(store.damage()) == []


def test_what_was_not_read_is_that_of_the_newest_baseline_run(tmp_path):
    store = Store(tmp_path / "s.db")
    entry = {"site": "hq", "address": "192.0.2.7", "collector": "snmp", "reason": "timeout", "detail": "", "at": ""}
    keep(store, row("a", "2026-11-21T05:00:00Z"), {"assets": [box("S1")], "unread": [entry]})
    with store.database.reading() as base:
        assert [one.address for one in failures(base, EVERYTHING, "hq").items] == ["192.0.2.7"]
        assert failures(base, EVERYTHING, "depot").items == ()
        assert [(one.site, one.devices, one.failures) for one in sites(base, SiteScope())] == [("hq", 1, 1)]

    keep(store, row("b", "2026-11-22T05:00:00Z"), {"assets": [box("S1")]})

    with store.database.reading() as base:
        assert base.execute(select(unread)).all() == []
    assert claims.by_site({}) == {}


def test_a_search_takes_letters_that_mean_something_to_sql_for_what_they_are(tmp_path):
    store = Store(tmp_path / "s.db")
    keep(
        store, row("a"), {"assets": [box("S1", name="100%_x"), box("S2", name="100 y"), box("S3", name="back\\slash")]}
    )

    def names(text):
        with store.database.reading() as base:
            return [one.name for one in devices(base, EVERYTHING, DeviceQuestion(text=text)).items]

    assert (names("%_"), names("%"), names("\\"), names("100"), names("_")) == (
        ["100%_x"], ["100%_x"], ["back\\slash"], ["100%_x", "100 y"], ["100%_x"],
    )  # fmt: skip
