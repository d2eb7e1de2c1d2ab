"""Counts for a monitor: what happened since the run before, when something was examined last."""

from dataclasses import replace

from auditor.model import Outcome
from auditor.report.base import Options
from auditor.report.registry import render
from tests.tools.audits import audit


def samples(made, **options):
    text = render(made, "prometheus", Options(**options)).decode()
    return dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))


def test_events_are_counted_by_site_where_a_store_knows_them():
    shown = samples(audit(), events={("hq", "new"): 2, ("hq", "gone"): 0, ('a"\n', "new"): 1})

    assert shown['auditor_device_events{site="hq",event="new"}'] == "2"
    assert shown['auditor_device_events{site="hq",event="gone"}'] == "0"
    assert shown['auditor_device_events{site="a\\"",event="new"}'] == "1"


def test_without_a_store_nothing_is_said_of_events():
    assert not any("device_events" in line for line in render(audit(), "prometheus").decode().splitlines())


def test_a_quiet_store_says_that_it_has_no_event():
    assert b"# TYPE auditor_device_events gauge" in render(audit(), "prometheus", Options(events={}))


def test_a_run_that_examined_anything_is_a_success():
    assert samples(audit())["auditor_last_success_timestamp_seconds"] == f"{audit().finished.timestamp():.15g}"


def test_a_run_that_examined_nothing_is_none():
    dark = tuple(replace(item, outcome=Outcome.UNREAD, findings=(), parts=()) for item in audit().assets)

    for made in (replace(audit(), assets=dark), replace(audit(), assets=())):
        shown = samples(made)
        assert "auditor_last_success_timestamp_seconds" not in shown
        assert "auditor_run_finished_timestamp_seconds" in shown
