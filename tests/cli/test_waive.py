"""Waivers hang on devices: kept in the store, honoured, listed, ended, bound to a law."""

import pytest

from auditor.judge import finding_id
from auditor.store import acts, ledger
from tests.tools.nightly import Nights, box

MAC, OTHER = "00:00:5e:00:53:01", "00:00:5e:00:53:02"
CAMERA, SWITCH = box("192.0.2.1", mac=MAC), box("192.0.2.2", mac=OTHER, site="lab")
TERMS = ("--who", "A", "--why", "Not in the path.", "--authority", "Memo 7")


@pytest.fixture
def nights(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    nights = Nights(tmp_path)
    nights.night(CAMERA)
    return nights


def waive(nights, *words, until="2027-06-01", code=0):
    return nights("waive", *words, *TERMS, "--until", until, code=code).stderr.strip()


def test_a_waiver_survives_a_change_of_key(nights):
    waive(nights, finding_id("hq/mac:00005e005301", "huawei"))
    nights.night(box("192.0.2.1", mac=MAC, serial="SN-1"), code=0)
    nights.night(box("192.0.2.9", mac=MAC), code=0)
    nights("verify", "last")


def test_a_waiver_survives_that_its_device_turns_out_to_be_another(nights):
    both = CAMERA, box("192.0.2.2", mac=OTHER)
    nights.night(*both)
    for name in ("D-1", "D-2"):
        waive(nights, nights.json("devices", "show", name)["findings"][0]["id"])
    nights("waive", "end", "1", "--who", "B")
    nights.night(*both)
    nights("devices", "merge", "D-1", "D-2")
    nights.night(*both, code=0)


def test_a_device_may_be_waived_by_any_name_and_in_the_file_as_before(nights):
    waive(nights, "192.0.2.1")
    nights.night(CAMERA, SWITCH)
    finding = nights.json("devices", "show", "D-2")["findings"][0]["id"]
    waive(nights, finding, "--waivers", "waivers.toml")
    nights.night(CAMERA, SWITCH, code=0)
    nights("judge", "last", code=0)
    assert [one["id"] for one in nights.json("waive", "list")] == [0, 1]


def test_a_maker_is_waived_at_one_site(nights):
    waive(nights, "--maker", "huawei", "--at-site", "hq")
    nights.night(CAMERA, code=0)
    nights.night(CAMERA, SWITCH)
    assert "no maker" in waive(nights, "--maker", "hauwei", "--at-site", "hq", code=2)
    assert "--maker with --at-site" in waive(nights, "--maker", "huawei", code=2)


def test_a_waiver_bound_to_a_law_leaves_what_others_ask(nights):
    waive(nights, "D-1", "--law", "us-fcc-covered-list")
    result = nights.night(CAMERA)
    assert "Under us-fcc-covered-list alone 192.0.2.1 is waived until 2027-06-01 by A" in " ".join(
        result.stdout.split()
    )
    nights.night(CAMERA, code=0, words=("--policy", "us-fcc-covered-list"))
    assert "no policy 'x'" in waive(nights, "D-1", "--law", "x", code=2)


def test_an_ended_waiver_counts_again_and_is_told_until_a_person_ends_it(nights):
    waive(nights, "D-1", until="2026-11-02")
    nights.night(CAMERA, code=0)
    result = nights.night(CAMERA, code=4)
    assert "ended on 2026-11-02; it counts again" in " ".join(result.stdout.split())
    nights("waive", "end", "1", "--who", "B")
    nights.night(CAMERA)
    (line,) = nights.json("waive", "list")
    assert (line["state"], line["ended"]) == ("ended", "B, 2026-11-03")
    assert "was ended by B" in nights("waive", "end", "1", "--who", "B", code=2).stderr


def test_waivers_are_listed_with_their_states(nights):
    waive(nights, "D-1", until="2026-11-20")
    waive(nights, "D-1")
    lines = nights("waive", "list").stdout.splitlines()
    assert [line.split("  ")[1] for line in lines] == ["STATE", "expiring", "in force"]
    assert nights.json("devices", "show", "D-1")["waivers"][0]["state"] == "expiring"


def test_a_silence_waives_nothing_and_is_kept_for_events(nights):
    nights("waive", "--silence", "--at-site", "hq", "--who", "A", "--why", "New core.", "--until", "2026-11-05")
    nights("waive", "--silence", "D-1", "--who", "A", "--why", "New core.", "--until", "2026-11-05")
    nights.night(CAMERA)
    with nights.store.database.reading() as base:
        silence, other = acts.silences(base)
        assert other.device == 1
        assert (silence.site, silence.silence, silence.until) == ("hq", "2026-11-01", "2026-11-05")
        assert list(ledger.breaks(base)) == []
    assert "of a device or of a site" in waive(nights, "--silence", code=2)


def test_nothing_is_told_of_a_device_while_somebody_works_at_it(nights):
    nights("waive", "--silence", "D-2", "--who", "A", "--why", "New core.", "--until", "2026-11-05", code=2)
    nights("waive", "--silence", "--at-site", "lab", "--who", "A", "--why", "New core.", "--until", "2026-11-05")
    assert nights.night(CAMERA, SWITCH, words=("--fail-on", "new"), code=0)
