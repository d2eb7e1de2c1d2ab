"""The commands as a user types them: what they print, where, and with which exit code."""

import gzip
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from auditor import __version__
from auditor.cli import COMMANDS, main
from auditor.formats import journal
from auditor.model import Fact, Observation, Reason, Run, Target, Unread

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
VRP = "Huawei Versatile Routing Platform Software \r\n VRP (R) software,Version 5.170 (S5720 V200R010C00SPC600)"
CISCO = "Cisco IOS Software, C2960 Software (C2960-LANBASEK9-M), Version 15.0(2)SE11"


def observation(address, value, kind="snmp.sysdescr", site="hq"):
    facts = (Fact(kind=kind, value=value, where="1.3.6.1.2.1.1.1.0"),)
    return Observation(target=Target(address=address, site=site), collector="snmp", at=AT, facts=facts)


def unread(address):
    return Unread(
        target=Target(address=address, site="hq"), collector="snmp", at=AT, reason=Reason.TIMEOUT, detail="no reply"
    )


HUAWEI, OTHER, LOST = observation("192.0.2.1", VRP), observation("192.0.2.2", CISCO), unread("192.0.2.3")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return a function that runs a command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*words, **settings):
        return CliRunner().invoke(main, [str(word) for word in words], **settings)

    return call


@pytest.fixture
def journal_of(tmp_path):
    """Return a function that writes a journal of some records."""

    def write(*records, name="j.jsonl"):
        path = tmp_path / name
        head = journal.encode_run(Run(id="run-1", started=AT, tool="t", sites=("hq",)))
        path.write_text("\n".join([head, *map(journal.encode, records)]) + "\n")
        return path

    return write


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_that_says_what_the_list_says(run, name):
    result = run(name, "--help")

    assert result.exit_code == 0, result.output
    assert len(result.output.splitlines()) > 3


@pytest.mark.parametrize(
    ("records", "fail_on", "code"),
    [
        ((HUAWEI, OTHER), "probable", 1),
        ((HUAWEI, LOST), "probable", 1),
        ((OTHER,), "probable", 0),
        ((OTHER, LOST), "probable", 3),
        ((LOST,), "probable", 3),
        ((), "probable", 3),
        ((HUAWEI,), "never", 0),
        ((HUAWEI, LOST), "never", 3),
        ((HUAWEI,), "confirmed", 1),
    ],
    ids=str,
)
def test_the_exit_code_says_what_happened(run, journal_of, records, fail_on, code):
    result = run("judge", journal_of(*records), "--store", "none", "--fail-on", fail_on)

    assert result.exit_code == code, result.output


def test_the_audit_document_is_the_one_other_programs_rely_on(run, journal_of):
    document = json.loads(run("judge", journal_of(HUAWEI, OTHER, LOST), "--store", "none", "-f", "json").stdout)

    assert document["schema"] == 1
    assert {key: document["summary"][key] for key in ("assets", "match", "no_match", "unread")} == {
        "assets": 2,
        "match": 1,
        "no_match": 1,
        "unread": 1,
    }
    (finding,) = next(asset["findings"] for asset in document["assets"] if asset["address"] == "192.0.2.1")
    assert (finding["maker"], finding["verdict"], finding["waived"]) == ("huawei", "confirmed", None)
    assert {duty["policy"] for duty in finding["obligations"]} >= {"us-fcc-covered-list"}


def test_two_judgements_of_one_journal_are_the_same_bytes(run, journal_of):
    path = journal_of(HUAWEI, OTHER, LOST)
    env = {"SOURCE_DATE_EPOCH": "1795237200"}

    first, second = (run("judge", path, "--store", "none", "-f", "json", env=env).stdout_bytes for _ in range(2))

    assert first == second
    assert b'"finished":"2026-11-21' in first


def test_import_and_judge_say_the_same_of_one_journal(run, journal_of):
    path = journal_of(HUAWEI, OTHER)

    from_judge, from_import = (
        json.loads(run(*words, path, "--store", "none", "-f", "json").stdout)
        for words in (("judge",), ("import", "--type", "journal"))
    )

    assert from_judge["assets"] == from_import["assets"]


def test_a_packed_journal_is_read_as_well(run, tmp_path, journal_of):
    archive = tmp_path / "j.jsonl.gz"
    archive.write_bytes(gzip.compress(journal_of(OTHER).read_bytes()))

    assert run("import", archive, "--store", "none").exit_code == 0


def test_stdout_carries_data_only(run, journal_of):
    result = run("import", journal_of(HUAWEI), "--store", "none", "-f", "json", "-v")

    json.loads(result.stdout)


def test_a_run_is_kept_and_reported_again(run, journal_of):
    run("import", journal_of(HUAWEI), "--store", "s.db")

    assert "run" in run("runs", "--store", "s.db").stdout or "assets" in run("runs", "--store", "s.db").stdout
    assert "Huawei" in run("report", "--store", "s.db").stdout
    assert "VRP" in run("explain", "192.0.2.1", "--store", "s.db").stdout
    assert "match" in run("assets", "--store", "s.db").stdout


def test_an_address_that_could_not_be_read_is_not_explained_as_unknown(run, journal_of):
    run("import", journal_of(HUAWEI, LOST), "--store", "s.db")

    text = run("explain", "192.0.2.3", "--store", "s.db")

    assert (text.exit_code, "'192.0.2.3' is unread" in text.stderr, "snmp timeout" in text.stderr) == (2, True, True)
    assert "no asset '192.0.2.4'" in run("explain", "192.0.2.4", "--store", "s.db").stderr


def test_an_asset_is_listed_with_the_days_it_was_seen_after_it_is_gone(run, journal_of):
    run("import", journal_of(HUAWEI, OTHER), "--store", "s.db")
    run("import", journal_of(OTHER), "--store", "s.db")

    lines = run("assets", "--all", "--store", "s.db").stdout.splitlines()

    assert len(lines) == 2
    assert "1 run " in next(line for line in lines if "192.0.2.1 " in line)
    assert "2 runs" in next(line for line in lines if "192.0.2.1 " not in line)


def test_judge_finds_a_stored_run_and_asks_the_law_of_another_day(run, journal_of):
    run("import", journal_of(HUAWEI), "--store", "s.db")

    duties = [
        {
            duty["applies"]
            for duty in json.loads(run("judge", "last", "--store", "s.db", "-f", "json", "--as-of", day).stdout)[
                "assets"
            ][0]["findings"][0]["obligations"]
            if duty["policy"] == "us-fcc-covered-list"
        }
        for day in ("2021-03-11", "2021-03-12")
    ]

    assert duties == [{"no"}, {"yes"}]


def test_a_change_of_law_is_told_apart_from_a_change_of_devices(run, journal_of):
    path = journal_of(HUAWEI, OTHER)

    result = run("judge", path, "--store", "none", "--compare-dates", "2018-01-01", "2026-11-21")

    assert [line for line in result.stdout.splitlines() if not line.startswith("  ")] == ["192.0.2.1 at hq"]
    assert "  + us-ndaa-889-b: yes\n" in result.stdout
    assert "no device changed" in result.stderr


def test_the_day_a_list_was_read_changes_no_law(run, journal_of):
    path = journal_of(HUAWEI)

    result = run(
        "judge", path, "--store", "none", "--policy", "us-ns-cmic", "--compare-dates", "2020-01-01", "2026-11-21"
    )

    assert result.stdout == ""
    assert "0 assets are asked something else" in result.stderr
    before = run(
        "judge", path, "--store", "none", "--policy", "us-ns-cmic", "--as-of", "2020-01-01", "-f", "json"
    ).stdout
    assert "on or before 2026-07-16" in before


def test_diff_is_silent_when_nothing_changed(run, journal_of):
    for _ in range(2):
        run("import", journal_of(HUAWEI), "--store", "s.db")

    result = run("diff", "--store", "s.db")

    assert (result.exit_code, result.stdout) == (0, "")


def test_diff_names_what_is_new(run, journal_of):
    run("import", journal_of(OTHER), "--store", "s.db")
    run("import", journal_of(OTHER, HUAWEI), "--store", "s.db")

    result = run("diff", "--store", "s.db")

    assert result.exit_code == 1
    assert result.stdout.startswith("New (1)\n  D-000002  hq  192.0.2.1  huawei")


def test_fail_on_new_is_quiet_about_what_was_known(run, journal_of):
    codes = [run("import", journal_of(HUAWEI), "--store", "s.db", "--fail-on", "new").exit_code for _ in range(2)]

    assert codes == [1, 0]


def test_fail_on_new_compares_each_site_with_its_own_last_run(run, journal_of):
    codes = [
        run(
            "import", journal_of(observation("192.0.2.1", VRP, site=site)), "--store", "s.db", "--fail-on", "new"
        ).exit_code
        for site in ("hq", "lab", "hq", "lab")
    ]

    assert codes == [1, 1, 0, 0]


def test_a_waived_finding_is_reported_and_no_longer_fails(run, journal_of):
    run("import", journal_of(HUAWEI), "--store", "s.db")
    finding = json.loads(run("report", "--store", "s.db", "-f", "json").stdout)["assets"][0]["findings"][0]["id"]
    terms = ("--who", "A. Person", "--why", "Not in the path.", "--authority", "Memo 7")

    assert run("waive", finding, *terms, "--until", "2999-01-01", "--store", "s.db").exit_code == 0
    result = run("import", journal_of(HUAWEI), "--store", "s.db", "-f", "json")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["summary"]["waived"] == 1


def test_an_ended_waiver_counts_again_and_exits_4(run, journal_of, tmp_path):
    run("import", journal_of(HUAWEI), "--store", "s.db")
    finding = json.loads(run("report", "--store", "s.db", "-f", "json").stdout)["assets"][0]["findings"][0]["id"]
    (tmp_path / "waivers.toml").write_text(
        f'[[waiver]]\nfinding = "{finding}"\nwho = "A"\nwhy = "B"\nauthority = "C"\nuntil = 2020-01-01\n'
    )

    result = run("import", journal_of(HUAWEI), "--store", "s.db")

    assert result.exit_code == 4
    assert f"the waiver of {finding} ended on 2020-01-01" in result.stderr
    for kind in ("text", "md", "html", "json"):
        text = " ".join(run("report", "--store", "s.db", "-f", kind).stdout.split())
        assert "ended on 2020-01-01; it counts again" in text, kind


def test_a_waiver_that_has_ended_before_it_begins_is_refused(run, journal_of):
    run("import", journal_of(HUAWEI), "--store", "s.db")
    finding = json.loads(run("report", "--store", "s.db", "-f", "json").stdout)["assets"][0]["findings"][0]["id"]
    terms = ("--who", "A. Person", "--why", "Not in the path.", "--authority", "Memo 7")

    refusal = run("waive", finding, *terms, "--until", "2020-01-01", "--store", "s.db")

    assert refusal.exit_code == 2
    assert "has passed" in refusal.stderr
    assert not Path("waivers.toml").exists()


def test_a_removed_device_that_answers_again_raises_an_alarm(run, journal_of):
    run("import", journal_of(HUAWEI), "--store", "s.db")
    run("removal", "note", "192.0.2.1", "removed", "--who", "A", "--note", "ticket 4", "--store", "s.db")

    before = run("removal", "list", "--store", "s.db")
    again = json.loads(run("import", journal_of(HUAWEI), "--store", "s.db", "-f", "json").stdout)
    result = run("removal", "list", "--store", "s.db")

    assert (before.exit_code, result.exit_code) == (0, 1)
    assert [one.stdout.splitlines()[1].split()[-1][:2] for one in (before, result)] == ["-", "20"]
    (note,) = again["notes"]
    assert note.startswith("Noted as removed on ")
    assert "read or heard again in this run" in note
    assert run("verify", "--store", "s.db").exit_code == 0


def test_a_disposed_device_that_answers_at_another_site_raises_an_alarm_too(run, journal_of):
    mac = Fact(kind="if.mac", value="00:e0:fc:00:00:01", where="1")
    for site in ("hq", "lab"):
        last = journal_of(replace(observation("192.0.2.1", VRP, site=site), facts=(mac,)))
        result = run("import", last, "--store", "s.db", "-f", "json")
        if site == "hq":
            for state in ("removed", "disposed"):
                terms = ("--who", "A", "--proof", "certificate 9", "--store", "s.db")
                assert run("removal", "note", "192.0.2.1", state, *terms).exit_code == 0

    assert run("removal", "list", "--store", "s.db").exit_code == 1
    assert "Noted as disposed on" in json.loads(result.stdout)["notes"][0]


def test_a_removal_is_noted_of_one_device_only(run, journal_of):
    run("import", journal_of(HUAWEI, observation("192.0.2.1", VRP, site="lab")), "--store", "s.db")

    refusal = run("removal", "note", "192.0.2.1", "removed", "--who", "A", "--store", "s.db")

    assert refusal.exit_code == 2
    assert "stands for 2 devices; name one of D-000001 (hq/192.0.2.1), D-000002 (lab/192.0.2.1)" in refusal.stderr


def test_policies_and_rules_can_be_looked_up(run):
    assert "us-fcc-covered-list" in run("policies", "list").stdout
    assert "not legal advice" in run("policies", "show", "us-fcc-covered-list").stdout
    assert "due each year on 03-31" in run("policies", "show", "us-fcc-1-50007-annual-report").stdout
    assert "decided by purposes: network:5g" in run("policies", "show", "uk-designated-vendor-direction").stdout
    assert run("rules", "try", "SSH-2.0-HUAWEI-1.5", "--fact", "ssh.banner").stdout.startswith("huawei/")
    assert run("rules", "try", "SSH-2.0-OpenSSH_9.2", "--fact", "ssh.banner").exit_code == 1


def test_reports_go_into_a_folder_that_is_made_for_them(run, journal_of, tmp_path):
    run("import", journal_of(HUAWEI), "--store", "s.db")

    result = run("report", "--store", "s.db", "-f", "json", "-f", "md", "-o", "new/folder", "-q")

    assert result.exit_code == 0, result.output
    assert sorted(path.suffix for path in (tmp_path / "new" / "folder").iterdir()) == [".json", ".md"]


@pytest.mark.parametrize(
    ("name", "wanted"), [("brief", "brief.md"), ("brief.txt", "brief.txt"), ("v1.2/b", "v1.2/b.md")]
)
def test_a_file_named_without_its_kind_gets_it(run, journal_of, tmp_path, name, wanted):
    run("import", journal_of(HUAWEI), "--store", "s.db")
    Path("v1.2").mkdir()

    result = run("report", "--store", "s.db", "-f", "md", "-o", name)

    assert (result.exit_code, (tmp_path / wanted).is_file()) == (0, True), result.output
    assert f"wrote {wanted}" in result.stderr


def test_a_purpose_nobody_knows_is_refused_rather_than_read_as_no(run, journal_of):
    Path("auditor.toml").write_text('[site.hq]\nsubnets = ["192.0.2.0/24"]\npurposes = ["public-saftey"]\n')

    refusal = run("--config", "auditor.toml", "import", journal_of(HUAWEI), "--store", "s.db")

    assert refusal.exit_code == 2
    assert "unknown purpose 'public-saftey'; known: public-safety" in refusal.stderr


@pytest.mark.parametrize(
    ("word", "near"), [("scna", "scan"), ("reprot", "report"), ("devises", "devices"), ("xyzzy", "")]
)
def test_a_mistyped_command_is_answered_with_the_nearest_one(word, near):
    result = CliRunner().invoke(main, [word])

    assert result.exit_code == 2
    hint = f" Did you mean '{near}'?" if near else ""
    assert f"No such command '{word}'.{hint}\n" in result.stderr


def test_the_version_says_how_old_each_table_is():
    result = CliRunner().invoke(main, ["--version"])
    first, *tables = result.stdout.splitlines()

    assert (result.exit_code, first) == (0, f"auditor, version {__version__}")
    assert [line.partition(":")[0] for line in tables] == [
        "rules", "registry of MAC prefixes", "enterprise numbers", "laws and lists",
    ]  # fmt: skip
    assert all(re.search(r"\d+ days (old|ago)", line) for line in tables[1:])
