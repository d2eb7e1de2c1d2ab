"""Bad input of each sort ends in one clear line and the right exit code."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.errors import InputError
from auditor.run.files import walk

JOURNAL = (
    '{"type":"observation","target":{"address":"192.0.2.1"},"collector":"snmp","at":"2026-11-21T05:00:00Z",'
    '"facts":[]}\n'
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


CASES = {
    "config that is no TOML": ({"auditor.toml": "a ="}, ("scan", "127.0.0.1"), 2, "not valid TOML"),
    "config with a typing error": (
        {"auditor.toml": '[site.hq]\nsubnet = ["10.0.0.0/8"]'},
        ("scan", "127.0.0.1"),
        2,
        "unknown key",
    ),
    "config with an unknown credential": (
        {"auditor.toml": '[site.hq]\nsubnets = ["10.0.0.0/24"]\ncredentials = ["x"]'},
        ("scan",),
        2,
        "x",
    ),
    "a secret in the configuration": (
        {"auditor.toml": '[credential.a]\nkind = "snmp-v2c"\nsecret = "hunter2-not-a-source"'},
        ("scan", "127.0.0.1"),
        2,
        "secret",
    ),
    "rules with a broken expression": (
        {
            "r/makers/huawei.toml": 'name = "Huawei"\n[[rule]]\nid = "x"\nfact = "ssh.banner"\nregex = "("\n'
            'strength = "hint"\nbecause '
            '= "B."\nsource = "https://e.org"'
        },
        ("judge", "j.jsonl", "--store", "none", "--rules", "r"),
        4,
        "regex",
    ),
    "rules with an unknown word": (
        {
            "r/makers/huawei.toml": 'name = "Huawei"\n[[rule]]\nid = "x"\nfact = "ssh.baner"\nregex = "x"\nstrength = '
            '"strnog"\nbecause = "B."\nsource = "https://e.org"'
        },
        ("judge", "j.jsonl", "--store", "none", "--rules", "r"),
        4,
        "strnog",
    ),
    "a rule folder that is none": ({}, ("judge", "j.jsonl", "--store", "none", "--rules", "nowhere"), 2, "nowhere"),
    "an unknown policy": ({}, ("judge", "j.jsonl", "--store", "none", "--policy", "us-law"), 4, "us-law"),
    "a target out of scope": ({}, ("scan", "8.8.8.8"), 2, "8.8.8.8"),
    "a target that is none": ({}, ("scan", "10.0.0.0/99"), 2, "10.0.0.0/99"),
    "a plan over nothing": ({}, ("scan", "10.0.0.5", "--exclude", "10.0.0.0/24", "--dry-run"), 2, "nothing is left"),
    "too many targets": ({}, ("scan", "10.0.0.0/8"), 2, "--yes"),
    "a journal that is none": (
        {"bad.jsonl": "hello\n"},
        ("judge", "bad.jsonl", "--store", "none"),
        2,
        "bad.jsonl: line 1",
    ),
    "a journal that is not there": ({}, ("judge", "gone.jsonl", "--store", "none"), 2, "gone.jsonl"),
    "a file that is not there": ({}, ("import", "gone", "--store", "none"), 2, "does not exist"),
    "a file of no known sort": (
        {"what.bin": "\x00\x01\x02"},
        ("import", "what.bin", "--store", "none"),
        2,
        "no format this tool recognises",
    ),
    "a walk without a variable": (
        {"w.snmprec": "hello\n"},
        ("import", "w.snmprec", "--store", "none"),
        2,
        "no SNMP variable",
    ),
    "an XML bomb": (
        {
            "b.xml": '<?xml version="1.0"?><!DOCTYPE nmaprun [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><nmaprun>&b;</'
            "nmaprun>"
        },
        ("import", "b.xml", "--store", "none"),
        2,
        "entities",
    ),
    "XML that is torn": ({"t.xml": "<nmaprun><host>"}, ("import", "t.xml", "--store", "none"), 2, "well-formed"),
    "a CSV without a header": (
        {"i.csv": "1,2,3\n4,5,6\n"},
        ("import", "--type", "csv", "i.csv", "--store", "none"),
        2,
        "no column",
    ),
    "a waiver without a reason": (
        {"waivers.toml": '[[waiver]]\nfinding = "x"'},
        ("judge", "j.jsonl", "--store", "none"),
        4,
        "waivers.toml",
    ),
    "an unknown format": ({}, ("judge", "j.jsonl", "--store", "none", "-f", "docx"), 2, "docx"),
    "several reports and no folder": (
        {},
        ("judge", "j.jsonl", "--store", "none", "-f", "csv", "-f", "json"),
        2,
        "--output",
    ),
    "a store that is none": ({"s.db": "x" * 4096}, ("runs", "--store", "s.db"), 2, "no database"),
    "a store without a run": ({}, ("report", "--store", "s.db"), 2, "auditor scan"),
    "a store of another sort": ({}, ("runs", "--store", "mysql://x"), 2, "mysql"),
    "a date that is none": ({}, ("judge", "j.jsonl", "--as-of", "yesterday"), 2, "yesterday"),
}


@pytest.mark.parametrize(("files", "words", "code", "told"), CASES.values(), ids=CASES)
def test_bad_input_ends_in_one_clear_line(folder, files, words, code, told):
    (folder / "j.jsonl").write_text(JOURNAL)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    shown = run(*words)

    assert shown.exit_code == code, (shown.output, shown.exception)
    assert told in shown.stderr
    assert "Traceback" not in shown.stderr
    assert shown.stdout == ""
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert {path: after.get(path) for path in before} == before


@pytest.mark.usefixtures("folder")
def test_a_plan_over_very_many_addresses_says_what_the_scan_will_want():
    assert "will want --yes" in run("scan", "10.0.0.0/15", "--dry-run").stderr
    assert "--yes" not in run("scan", "10.0.0.0/15", "--dry-run", "--yes").stderr


def test_a_pipe_is_no_file_to_import(folder):
    os.mkfifo(folder / "pipe")

    assert "is a pipe or a device" in run("import", "pipe", "--store", "none").stderr


def test_a_folder_that_cannot_be_looked_into_is_not_passed_over(folder):
    (folder / "x" / "sub").mkdir(parents=True)
    (folder / "x" / "a.csv").write_text("ip,model\n192.0.2.1,X1\n")
    (folder / "x" / "sub").chmod(0)
    folder.chmod(0o755)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65_534)  # root may look into any folder
    try:
        with pytest.raises(InputError, match="x/sub: cannot be read: Permission denied"):
            list(walk(Path("x"), print))
    finally:
        if root:
            os.seteuid(0)


def test_a_link_to_a_folder_is_passed_over_aloud(folder):
    (folder / "x").mkdir()
    (folder / "elsewhere").mkdir()
    (folder / "x" / "a.csv").write_text("ip,model\n192.0.2.1,X1\n")
    (folder / "x" / "linked").symlink_to(folder / "elsewhere")
    told = []

    assert list(walk(Path("x"), told.append)) == [Path("x/a.csv")]
    assert [line.partition(": ")[0] for line in told] == ["x/linked"]


def test_warnings_of_an_import_are_json_where_messages_are(folder):
    (folder / "a.csv").write_text("ip,model,colour\n192.0.2.1,X1,red\n")

    shown = run("import", "a.csv", "--store", "none", "--log-format", "json")

    line = json.loads(shown.stderr.splitlines()[0])
    assert (line["level"], line["message"]) == ("warning", "a.csv: columns passed over: colour")


def test_a_secret_written_where_its_name_belongs_is_not_repeated(folder):
    (folder / "auditor.toml").write_text('[credential.a]\nkind = "snmp-v2c"\nsecret = "hunter2"')

    assert "hunter2" not in run("scan", "127.0.0.1").output


def test_a_secrets_file_others_can_read_is_refused(folder):
    (folder / "s").write_text("hunter2\n")
    (folder / "s").chmod(0o644)
    (folder / "auditor.toml").write_text('[credential.a]\nkind = "snmp-v2c"\nsecret = "file:s"')

    shown = run("doctor")

    assert shown.exit_code == 2
    assert "chmod" in shown.stdout
    assert "hunter2" not in shown.output


def test_a_report_that_cannot_be_written_leaves_the_old_one(folder):
    (folder / "j.jsonl").write_text(JOURNAL)
    (folder / "taken").write_text("old")

    shown = run("judge", "j.jsonl", "--store", "none", "-f", "json", "-o", "taken/x.json")

    assert shown.exit_code == 2
    assert (folder / "taken").read_text() == "old"


def test_all_problems_of_a_configuration_show_at_once(folder):
    (folder / "auditor.toml").write_text('[site.hq]\nsubnet = ["10.0.0.0/8"]\n[credential.a]\nkind = "telnet"\n')

    shown = run("scan", "127.0.0.1")

    assert "site.hq.subnet" in shown.stderr
    assert "credential.a.kind" in shown.stderr
