"""Devices over all runs, as people name, list, merge and split them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from auditor.formats.journal import encode, encode_devices, encode_run
from auditor.judge import finding_id
from auditor.model import Run
from auditor.store import ledger
from tests.tools.nightly import Nights, box

MAC, OTHER = "00:00:5e:00:53:01", "00:00:5e:00:53:02"


@pytest.fixture
def nights(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Nights(tmp_path)


def test_devices_are_listed_with_the_days_they_were_seen(nights):
    nights.night(box("192.0.2.1", mac=MAC), box("192.0.2.2", mac=OTHER, site="lab"))
    nights.night(box("192.0.2.1", mac=MAC))

    head, *lines = nights("devices", "list").stdout.splitlines()
    assert head.split()[:3] == ["NUMBER", "SITE", "ADDRESS"]
    assert lines[0].split()[-3:] == ["2026-11-01", "2026-11-02", "2"]
    assert [one["number"] for one in nights.json("devices", "list", "--site", "lab")] == ["D-000002"]


def test_what_is_said_of_a_device_that_is_gone_is_what_the_last_run_said(nights):
    nights.night(box("192.0.2.1", mac=MAC, name="old"))
    nights.night(box("192.0.2.1", mac=MAC, name="new"))
    nights.night(box("192.0.2.2", mac=OTHER))

    (gone, still) = nights.json("assets", "--all")
    assert (gone["name"], gone["first"], gone["last"], gone["runs"]) == ("new", "2026-11-01", "2026-11-02", "2 runs")
    assert (still["device"], still["runs"]) == ("D-000002", "1 run")


def test_what_happened_in_a_period_is_listed_oldest_first(nights):
    nights.night(box("192.0.2.1", mac=MAC, name="old"))
    nights.night(box("192.0.2.1", mac=MAC, name="new"), box("192.0.2.2", mac=OTHER, site="lab"))
    nights.night(box("192.0.2.9", mac=MAC, name="new"))

    rows = nights.json("devices", "events", "--since", "2026-11-02", "--until", "2026-11-03")
    assert [(row["at"][:10], row["site"], row["device"], row["sort"]) for row in rows] == [
        ("2026-11-02", "hq", "D-000001", "renamed"),
        ("2026-11-02", "lab", "D-000002", "new"),
        ("2026-11-03", "hq", "D-000001", "readdressed"),
    ]
    (line,) = nights("devices", "events", "--since", "2026-11-03").stdout.splitlines()
    assert "192.0.2.1 -> 192.0.2.9" in line
    assert nights.json("devices", "events", "--since", "2026-11-01", "--until", "2026-11-01", "--site", "lab") == []
    assert "lies before" in nights("devices", "events", "--since", "2026-11-03", "--until", "2026-11-02", code=2).stderr


NAMES = ("d-1", "D-0001", "00005e005301", "hq/mac:00005e005301", "192.0.2.1", "core", "SN-1")


def test_a_device_answers_to_every_name_it_ever_had(nights):
    nights.night(box("192.0.2.1", mac=MAC, name="core"))
    nights.night(box("192.0.2.9", mac=MAC, serial="SN-1", name="core"))

    for name in NAMES:
        assert nights.json("devices", "show", name)["number"] == "D-000001", name
        assert "192.0.2.9" in nights("explain", name).stdout, name
        nights("topology", "--from", name)


def test_a_merge_takes_the_levels_of_both_with_it(nights):
    plain = box("192.0.2.1", mac=MAC, says="Cisco IOS Software, C2960 Software")
    nights.night(plain, box("192.0.2.2", mac=OTHER))
    nights("devices", "merge", "D-1", "D-2")

    nights.night(plain, box("192.0.2.2", mac=OTHER), code=0, words=("--fail-on", "new"))


def test_a_finding_of_an_old_key_still_names_its_device(nights):
    nights.night(box("192.0.2.1", mac=MAC))
    nights.night(box("192.0.2.1", mac=MAC, serial="SN-1"))

    old = finding_id("hq/mac:00005e005301", "huawei")
    assert nights.json("devices", "show", old)["findings"][0]["maker"] == "huawei"
    assert "192.0.2.1" in nights("explain", old).stdout


def test_the_history_of_a_device_says_where_it_was_and_how_sure_its_verdict_ever_was(nights):
    nights.night(box("192.0.2.1", mac=MAC))
    nights.night(box("192.0.2.1", mac=MAC))
    nights.night(box("192.0.2.7", mac=MAC, site="lab"))

    shown = nights.json("devices", "show", "D-1")
    assert next((one["site"], one["address"], one["runs"]) for one in shown["stays"]) == ("hq", "192.0.2.1", 2)
    assert [one["highest"] for one in shown["findings"]] == ["confirmed"]
    assert {"kind": "mac", "value": "00005e005301", "site": "hq"} in shown["marks"]
    text = nights("devices", "show", "D-1").stdout
    assert "Where it was" in text
    assert "2026-11-01 05:00" in text


def test_what_people_merge_is_one_device_until_they_undo_it(nights):
    both = box("192.0.2.1", mac=MAC), box("192.0.2.2", mac=OTHER)
    nights.night(*both)
    nights("devices", "merge", "D-1", "192.0.2.2", "--who", "A", "--why", "One chassis.")
    nights.night(*both)
    assert nights.numbers == {"192.0.2.1": "D-000001", "192.0.2.2": "D-000001"}
    (one,) = nights.json("devices", "list")
    assert (one["number"], nights.json("devices", "show", "D-2")["numbers"]) == ("D-000001", ["D-000001", "D-000002"])

    nights("devices", "undo", "1", "--who", "B")
    nights.night(*both)
    assert nights.numbers == {"192.0.2.1": "D-000001", "192.0.2.2": "D-000002"}
    assert "was taken back" in nights("devices", "undo", "1", code=2).stderr
    (merge,) = nights.json("devices", "show", "D-1")["decisions"]
    assert (merge["why"], merge["undone"][:2]) == ("One chassis.", "B,")


def test_what_people_split_is_two_devices_from_then_on(nights):
    nights.night(box("192.0.2.1", mac=MAC))
    nights("devices", "split", "D-1", "--mark", f"mac:{MAC}", "--who", "A", "--why", "The lamp post is another.")
    nights.night(box("192.0.2.1", mac=MAC))

    assert nights.numbers == {"192.0.2.1": "D-000002"}


def test_decisions_that_make_no_sense_are_refused(nights):
    nights.night(box("192.0.2.1", mac=MAC), box("192.0.2.2", mac=OTHER))

    assert "are one already" in nights("devices", "merge", "D-1", "d-01", code=2).stderr
    assert "no device 'D-9'" in nights("devices", "merge", "D-1", "D-9", code=2).stderr
    refusal = nights("devices", "split", "D-1", "--mark", f"mac:{OTHER}", code=2).stderr
    assert "is no mark of D-000001; it has address:192.0.2.1, mac:00005e005301" in refusal
    assert "there is no such decision" in nights("devices", "undo", "7", code=2).stderr
    assert "D-000002" not in nights("devices", "list", "--site", "nowhere").stdout


def test_decisions_are_links_of_the_ledger(nights):
    nights.night(box("192.0.2.1", mac=MAC), box("192.0.2.2", mac=OTHER))
    nights("devices", "merge", "D-1", "D-2")
    nights("devices", "undo", "1")

    with nights.store.database.writing() as base:
        assert (ledger.head(base).links, list(ledger.breaks(base))) == (3, [])
        base.exec_driver_sql("UPDATE decision SET devices = '1 3' WHERE id = 1")
        assert "decision 1 is not what link 2" in next(ledger.breaks(base))


def happenings(nights):
    """Return what the newest run told: the site, the device, what happened."""
    events = nights.json("devices", "events", "--since", f"2026-11-{nights.day:02}")
    return sorted((one["site"], one["device"], one["sort"]) for one in events)


def test_a_new_device_of_a_maker_that_is_waived_at_the_site_is_told_and_alarms_nobody(nights):
    terms = ("--who", "A", "--why", "Not in the path.", "--authority", "Memo 7", "--until", "2027-06-01")
    nights.night(box("192.0.2.1", mac=MAC))
    nights("waive", "--maker", "huawei", "--at-site", "hq", *terms)
    third = box("192.0.2.3", mac="00:00:5e:00:53:03")
    nights.night(third, code=0, words=("--fail-on", "new"))
    assert ("hq", nights.numbers["192.0.2.3"], "new") in happenings(nights)
    nights.night(box("192.0.2.4", mac="00:00:5e:00:53:04", site="lab"), code=1, words=("--fail-on", "new"))


def test_a_site_that_is_called_otherwise_keeps_the_devices_whose_serial_number_says_so(tmp_path, monkeypatch):
    """A MAC alone joins nothing across sites: that device is new there, and nobody is gone of who was not asked."""
    monkeypatch.chdir(tmp_path)
    nights = Nights(tmp_path)
    both = (box("192.0.2.1", mac=MAC, serial="FOC00000001"), box("192.0.2.2", mac=OTHER))
    nights.night(*both)
    nights.night(*(replace(one, target=replace(one.target, site="berlin")) for one in both), words=("--fail-on", "new"))
    assert happenings(nights) == [("berlin", "D-000001", "moved site"), ("berlin", "D-000003", "new")]


def test_a_journal_of_another_store_brings_its_records_and_none_of_its_numbers(nights):
    foreign = {"hq/mac:00005e005301": "D-000777", "hq/mac:00005e005309": "D-000001"}
    head = encode_run(Run(id="theirs", started=datetime(2026, 11, 9, 5, tzinfo=UTC), tool="t", sites=("hq",)))
    lines = [head, *map(encode, (box("192.0.2.1", mac=MAC), box("192.0.2.9", mac="00:00:5e:00:53:09")))]
    (nights.folder / "theirs.jsonl").write_text("\n".join([*lines, encode_devices(foreign)]) + "\n")
    nights.night(box("192.0.2.1", mac=MAC), box("192.0.2.2", mac=OTHER))
    before = nights.numbers
    nights("import", "theirs.jsonl", code=1, env=nights.at(9))
    assert nights.numbers["192.0.2.1"] == before["192.0.2.1"]
    assert nights.numbers["192.0.2.9"] not in {*foreign.values(), *before.values()}
