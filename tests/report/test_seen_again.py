"""A removed device that is there again stands in every report that names devices."""

import json
from dataclasses import replace

import pytest

from auditor.report.base import Options
from auditor.report.registry import render
from tests.tools import audits

WORDS = "Noted as removed on 2026-11-01, yet read or heard again in this run"


@pytest.fixture(scope="module")
def audit():
    """Return an audit whose first device with a finding was removed."""
    audit = audits.audit()
    key = audits.switch().asset.key
    items = [replace(item, removal="removed on 2026-11-01") if item.asset.key == key else item for item in audit.assets]
    return replace(audit, assets=tuple(items))


@pytest.mark.parametrize("style", ["csv", "replace-csv", "netbox", "snipe-it", "sarif", "cyclonedx"])
def test_it_is_said_beside_the_device(audit, style):
    assert WORDS in render(audit, style, Options()).decode()


@pytest.mark.parametrize("style", ["text", "html", "md"])
def test_it_is_counted_on_the_first_screen(audit, style):
    assert "Seen again" in render(audit, style, Options()).decode()


def test_it_is_a_number_to_alert_on(audit):
    assert b"\nauditor_removed_devices_seen 1\n" in render(audit, "prometheus", Options())
    assert b"\nauditor_removed_devices_seen 0\n" in render(audits.audit(), "prometheus", Options())


def test_the_message_of_the_result_says_so(audit):
    (run,) = json.loads(render(audit, "sarif", Options()))["runs"]
    assert [WORDS in result["message"]["text"] for result in run["results"]].count(True) >= 1
