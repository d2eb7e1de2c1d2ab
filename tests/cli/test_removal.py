"""The removal of devices: steps in their order, of many at once, and an alarm if one is back."""

import io
import zipfile

import pytest

from tests.tools.nightly import Nights, box

MAC, OTHER = "00:00:5e:00:53:01", "00:00:5e:00:53:02"
CAMERA, SWITCH = box("192.0.2.1", mac=MAC, serial="SN-1"), box("192.0.2.2", mac=OTHER)


@pytest.fixture
def nights(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    nights = Nights(tmp_path)
    nights.night(CAMERA, SWITCH)
    return nights


def note(nights, *words, code=0):
    return nights("removal", "note", *words, "--who", "A", code=code).stderr.strip()


def test_steps_are_held_in_their_order_and_the_next_is_said(nights):
    assert note(nights, "D-1", "found") == "D-000001 192.0.2.1: found on 2026-11-01; next is confirmed"
    assert "is found since 2026-11-01 (A); next is confirmed" in note(nights, "D-1", "found", "--note", "x", code=2)
    assert "next is disposed, with --proof" in note(nights, "D-1", "removed")
    assert "is removed since" in note(nights, "D-1", "planned", code=2)
    assert "lies before the day it was removed" in note(
        nights, "D-1", "disposed", "--proof", "p", "--at", "2026-10-01", code=2
    )
    assert note(nights, "D-1", "removed").endswith("as noted before")


def test_a_disposal_needs_its_proof_and_the_removal_before_it(nights):
    assert "needs --proof" in note(nights, "D-1", "disposed", code=2)
    assert "next is removed, then disposed" in note(nights, "D-1", "disposed", "--proof", "cert 9", code=2)
    note(nights, "D-1", "removed")
    note(nights, "D-1", "disposed", "--proof", "cert 9")
    (row,) = nights.json("removal", "list")
    assert (row["state"], row["proof"], row["next"]) == ("disposed", "cert 9", "")


def test_many_devices_are_noted_at_once_or_none_of_them(nights):
    (nights.folder / "t.csv").write_text("Asset,At,Note\n192.0.2.1,2026-11-03,ticket 4\nD-2,,\nD-9,,\n")
    refusal = note(nights, "removed", "--csv", "t.csv", code=2)
    assert "D-9: no such device" in refusal
    assert nights.json("removal", "list") == []

    (nights.folder / "t.csv").write_text("Asset,At,Note\n192.0.2.1,2026-11-03,ticket 4\nD-2,,\n")
    assert len(note(nights, "removed", "--csv", "t.csv").splitlines()) == 2
    rows = nights.json("removal", "list")
    assert [(one["number"], one["at"][:10], one["note"]) for one in rows] == [
        ("D-000001", "2026-11-03", "ticket 4"), ("D-000002", "2026-11-01", ""),
    ]  # fmt: skip
    (nights.folder / "t.csv").write_text("device\nD-1\n")
    assert "needs a column 'asset'" in note(nights, "removed", "--csv", "t.csv", code=2)


def test_a_device_of_an_older_run_is_noted_and_listed_with_what_it_is(nights):
    nights.night(SWITCH)
    note(nights, "SN-1", "removed", "--proof", "photo")

    head, line = nights("removal", "list").stdout.splitlines()
    assert head.split()[:5] == ["NUMBER", "SITE", "ADDRESS", "MODEL", "STATE"]
    assert line.split()[:5] == ["D-000001", "hq", "192.0.2.1", "S5720", "removed"]
    assert "photo" in line


@pytest.mark.parametrize("level", ["possible", "confirmed", "new"])
def test_a_removed_device_that_is_seen_again_is_an_alarm_under_every_level(nights, level):
    note(nights, "D-1", "removed", "--at", "2026-11-01")
    assert nights.night(SWITCH, code=0, words=("--fail-on", "new"))
    result = nights.night(CAMERA, words=("--fail-on", level))
    assert "Noted as removed on 2026-11-01, yet" in " ".join(result.stdout.split())
    assert nights.json("removal", "list", code=1)[0]["seen_again"] == "2026-11-03"


@pytest.mark.parametrize("level", ["confirmed", "new"])
def test_a_removed_device_needs_no_finding_to_be_an_alarm(nights, level):
    plain = box("192.0.2.8", mac="00:00:5e:00:53:08", says="Cisco IOS Software, C2960 Software")
    nights.night(plain, code=0)
    note(nights, "192.0.2.8", "removed")
    nights.night(plain, words=("--fail-on", level))


def test_nobody_is_alarmed_where_that_is_asked_or_where_it_is_waived(nights):
    note(nights, "D-1", "removed")
    nights.night(CAMERA, code=0, words=("--fail-on", "never"))
    finding = nights.json("devices", "show", "D-1")["findings"][0]["id"]
    terms = ("--who", "A", "--why", "B", "--authority", "C", "--until", "2999-01-01")
    nights("waive", finding, *terms, "--waivers", "w.toml")
    nights.night(CAMERA, code=0, words=("--waivers", "w.toml"))


def test_a_mark_heard_at_another_site_is_an_alarm_too(nights):
    note(nights, "D-1", "removed")
    nights.night(box("198.51.100.7", mac=MAC, site="lab"), words=("--fail-on", "confirmed"))

    assert nights.json("removal", "list", code=1)[0]["seen_again"] == "2026-11-02"


def test_a_note_made_after_the_run_or_for_its_day_alarms_nobody(nights):
    nights.night(CAMERA)
    note(nights, "D-1", "removed", "--at", "2026-11-02")

    assert nights.json("removal", "list")[0]["seen_again"] == ""


def test_a_device_that_came_back_may_be_removed_again(nights):
    note(nights, "D-1", "removed")
    nights.night(CAMERA)
    note(nights, "D-1", "removed")

    assert nights.json("removal", "list")[0]["seen_again"] == ""


def test_every_report_says_what_is_seen_again(nights):
    note(nights, "D-1", "removed")
    nights.night(CAMERA)

    for name in ("text", "html", "md", "json", "jsonl", "csv", "xlsx"):
        content = nights("report", "-f", name).stdout_bytes
        if content.startswith(b"PK"):
            book = zipfile.ZipFile(io.BytesIO(content))
            content = b" ".join(book.read(part) for part in book.namelist())
        assert "Noted as removed on 2026-11-01" in " ".join(content.decode().split()), name
    nights("verify", "last")
