"""Files somebody else could change decide nothing.

What a stranger tries, and what honest people must still be able to do.
"""

import json
import os
import pwd
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner

from auditor import ownership
from auditor.cli import main
from auditor.errors import UsageError
from auditor.store.lock import hold_lock
from auditor.store.runs import Store
from auditor.targets.last_credentials import read_last_credentials, write_last_credentials

STRANGER = 65_534
ROOT = Path(__file__).parents[1]
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")
WAIVER = '[[waiver]]\nfinding = "{}"\nwho = "M"\nwhy = "B"\nauthority = "C"\nuntil = 2099-01-01\n'


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SUDO_UID", raising=False)
    return tmp_path


def given_away(path):
    """Give a file to a stranger."""
    os.chown(path, STRANGER, STRANGER)
    return path


def opened_up(path):
    """Let everybody write a file or a folder."""
    path.chmod(path.stat().st_mode | 0o002)
    return path


def written(path, text=""):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def run(*words, **environ):
    return CliRunner().invoke(main, [str(word) for word in words], env=environ)


def books(folder):
    return written(folder / "books.csv", "ip,vendor,model\n192.0.2.1,Huawei,S5720-28X-LI-AC\n")


def finding(folder):
    shown = run("import", books(folder), "--store", "none", "-f", "json")
    return json.loads(shown.stdout)["assets"][0]["findings"][0]["id"]


HARMS = [
    pytest.param(given_away, "belongs to", id="owned", marks=AS_ROOT),
    pytest.param(opened_up, "others may", id="open"),
]


def refused(shown, name, words):
    """Assert that a command was refused in one line that names the file and says what to do."""
    assert shown.exit_code == 2, (shown.output, shown.exception)
    (line,) = shown.stderr.splitlines()
    assert name in line
    assert words in line
    assert "--trust" in line
    assert "chmod" in line or "chown" in line
    assert shown.stdout == ""


@pytest.mark.parametrize(("harm", "words"), HARMS)
@pytest.mark.parametrize("where", ["file", "folder"])
def test_a_strangers_configuration_runs_no_command(folder, harm, words, where):
    work = folder / "work"
    text = f'[credential.x]\nkind = "snmp-v2c"\nsecret = \'command:["touch", "{folder}/ran"]\'\n'
    path = written(work / "auditor.toml", text)
    path.chmod(0o600)
    harm(path if where == "file" else work)
    os.chdir(work)

    refused(run("scan", "127.0.0.1", "--port", "snmp=9", "--store", "none"), "auditor.toml", words)
    refused(run("doctor"), "auditor.toml", words)
    assert not (folder / "ran").exists()


@pytest.mark.parametrize(("harm", "words"), HARMS)
def test_a_configuration_that_is_named_is_held_to_the_same(folder, harm, words):
    path = harm(written(folder / "elsewhere" / "mine.toml"))

    refused(run("--config", path, "runs"), "mine.toml", words)
    refused(run("runs", AUDITOR_CONFIG=str(path)), "mine.toml", words)


@pytest.mark.parametrize(("harm", "words"), HARMS)
def test_a_strangers_waiver_silences_nothing(folder, harm, words):
    path = written(folder / "waivers.toml", WAIVER.format(finding(folder)))
    assert run("import", books(folder), "--store", "none").exit_code == 0
    harm(path)

    refused(run("import", books(folder), "--store", "none"), "waivers.toml", words)


@pytest.mark.parametrize(("harm", "words"), HARMS)
@pytest.mark.parametrize("which", ["rules/policies/none.toml", "rules/makers", "rules"])
@pytest.mark.parametrize("command", [("rules", "list"), ("policies", "list"), ("filings", "list")])
def test_a_strangers_rule_counts_for_nothing(folder, harm, words, which, command):
    written(folder / "rules" / "policies" / "none.toml", "nonsense = 1")
    (folder / "rules" / "makers").mkdir()
    harm(folder / which)

    refused(run(*command, "--rules", "rules"), which, words)


def test_a_folder_of_rules_that_everybody_may_add_to_is_no_folder_above(folder):
    (folder / "rules").mkdir()
    (folder / "rules").chmod(0o1777)

    refused(run("rules", "list", "--rules", "rules"), "rules", "others may add files")


@AS_ROOT
def test_a_strangers_registry_names_no_maker(folder, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(folder / "data"))
    given_away(written(folder / "data" / "auditor" / "oui" / "registry.tsv"))
    tables = [path.name for path in (ROOT / "oui_rules" / "oui").glob("*.tsv")]
    for name in tables:
        given_away(written(folder / "data" / "auditor" / "oui" / name))

    refused(run("policies", "list"), "oui", "belongs to")


@pytest.mark.parametrize(("harm", "words"), HARMS)
@pytest.mark.parametrize("option", ["--prices", "--replacements", "--facts"])
def test_what_a_filing_rests_on_is_not_a_strangers(folder, harm, words, option):
    run("import", books(folder), "--store", "s.db")
    harm(written(folder / "brought.toml"))

    shown = run("filings", "write", "all", "-o", "out", "--store", "s.db", "--despite-age", option, "brought.toml")

    assert shown.exit_code == 2, shown.output
    assert any("brought.toml" in line and words in line and "--trust" in line for line in shown.stderr.splitlines())


@pytest.mark.parametrize(("harm", "words"), HARMS)
@pytest.mark.parametrize("name", ["kept/s.db", "kept", "kept/s.db-wal"])
def test_a_store_somebody_else_could_change_is_not_used(folder, harm, words, name):
    run("import", books(folder), "--store", "kept/s.db")
    harm((folder / name) if (folder / name).exists() else written(folder / name))

    refused(run("runs", "--store", "kept/s.db"), name, words)


@pytest.mark.parametrize(("harm", "words"), HARMS)
def test_a_journal_somebody_else_could_change_is_neither_resumed_nor_written(folder, harm, words):
    line = '{"type":"run","journal":1,"id":"r1","started":"2026-11-21T05:00:00Z","tool":"t","sites":[]}\n'
    path = harm(written(folder / "j.jsonl", line))

    refused(run("import", books(folder), "--store", "none", "--journal", "j.jsonl"), "j.jsonl", words)
    shown = run("scan", "127.0.0.1", "--port", "snmp=9", "--journal", "j.jsonl", "--resume", "r1", "--store", "none")
    refused(shown, "j.jsonl", words)
    assert path.read_text() == line


@pytest.mark.parametrize(("harm", "words"), HARMS)
@pytest.mark.parametrize("name", ["known_hosts", "known_hosts.d/site-hq", "ssh_config", "allowed.txt"])
def test_what_decides_whom_a_scan_trusts_is_not_a_strangers(folder, harm, words, name):
    harm(written(folder / name))
    more = {"ssh_config": ("--ssh-config", name), "allowed.txt": ("--allow-file", name)}.get(name, ())

    refused(run("scan", "127.0.0.1", "--dry-run", "--store", "s.db", *more), name, words)


@AS_ROOT
def test_a_secret_a_stranger_owns_is_not_sent(folder):
    given_away(written(folder / "secret", "x")).chmod(0o600)
    written(folder / "auditor.toml", '[credential.x]\nkind = "snmp-v2c"\nsecret = "file:secret"\n')

    assert "belongs to" in run("doctor").stdout


@pytest.mark.parametrize("how", ["line", "before", "environment", "home"])
def test_a_folder_is_trusted_on_a_persons_word(folder, monkeypatch, how):
    opened_up(written(folder / "shared" / "auditor.toml", "[options]\nformat = 'json'\n"))
    monkeypatch.chdir(folder / "shared")
    assert run("runs", "--store", "none").exit_code == 2

    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "home"))
    if how == "home":
        written(folder / "home" / "auditor" / "auditor.toml", f"[options]\ntrust = ['{folder}/shared']\n")
    words = {"line": ("runs", "--trust", "."), "before": ("--trust", ".", "runs")}.get(how, ("runs",))
    shown = run(*words, "--store", "none", **({"AUDITOR_TRUST": "/nowhere:."} if how == "environment" else {}))

    assert (shown.exit_code, shown.stdout) == (0, "[]\n"), shown.stderr
    assert run("runs", "--store", "none").exit_code == (0 if how == "home" else 2)


def test_a_file_in_the_working_folder_cannot_vouch(folder):
    written(folder / "auditor.toml", "[options]\ntrust = ['/']\n")

    shown = run("runs", "--store", "none")

    assert shown.exit_code == 2
    assert "options.trust" in shown.stderr
    assert "AUDITOR_TRUST" in shown.stderr


@pytest.mark.parametrize("name", ["s.db", "s.lock", "s.db-wal", "j.jsonl", "journals/r1.jsonl"])
@pytest.mark.parametrize("trusted", [(), ("--trust", ".")], ids=["", "trusted"])
def test_lock_journal_and_store_follow_no_link(folder, name, trusted):
    victim = written(folder / "victim", "precious")
    if name == "s.db-wal":
        run("import", books(folder), "--store", "s.db")
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).symlink_to(victim)
    journal = ("--journal", name) if name.endswith(".jsonl") else ()

    shown = run("import", books(folder), "--store", "s.db", *journal, *trusted)

    assert shown.exit_code == 2, shown.output
    assert f"{name}: is a symbolic link" in shown.stderr
    assert victim.read_text() == "precious"


SWAP = "import os, sys\none, other = sys.argv[1:]\nwhile True:\n    os.rename(one, other)\n    os.rename(other, one)\n"


@contextmanager
def swapped(trap, path):
    """Put a trap in place and take it away again, as fast as that goes, while the block runs."""
    racer = subprocess.Popen([sys.executable, "-c", SWAP, str(trap), str(path)])
    try:
        yield
    finally:
        racer.kill()
        racer.wait()


def race(path, **settings):
    """Open a path for two seconds, as often as that goes.

    Return how often and whose files were opened.
    """
    owners, count, end = set(), 0, time.monotonic() + 2
    while time.monotonic() < end:
        count += 1
        with suppress(UsageError, OSError):
            handle = ownership.open_file(path, os.O_RDWR | os.O_TRUNC, **settings)
            owners.add(os.fstat(handle).st_uid)
            os.close(handle)
    return count, owners


def test_a_link_put_in_place_at_the_last_moment_is_not_followed(folder):
    (folder / "trap").symlink_to(written(folder / "victim", "precious"))

    with swapped(folder / "trap", folder / "path"):
        count, _ = race(folder / "path", follow=False)

    assert count > 10
    assert (folder / "victim").read_text() == "precious"


@AS_ROOT
def test_a_strangers_file_put_in_place_at_the_last_moment_is_not_used(folder):
    (folder / "tmp").mkdir()
    (folder / "tmp").chmod(0o1777)
    given_away(written(folder / "tmp" / "trap"))

    with swapped(folder / "tmp" / "trap", folder / "tmp" / "path"):
        count, owners = race(folder / "tmp" / "path")

    assert count > 10
    assert STRANGER not in owners


@pytest.mark.parametrize(("harm", "words"), HARMS)
def test_a_signature_is_not_checked_against_a_strangers_list_of_signers(folder, harm, words):
    run("import", books(folder), "--store", "s.db")
    (folder / "sealed").mkdir()
    assert run("verify", "last", "--store", "s.db", "--seal", "sealed").exit_code == 0
    harm(written(folder / "signers"))

    shown = run("verify", "sealed/manifest.json", "--store", "s.db", "--signers", "signers", "--identity", "x")
    refused(shown, "signers", words)


def test_which_credential_opened_a_device_is_not_taken_from_a_file_others_may_write(folder):
    path = folder / "winners.json"
    write_last_credentials(path, {("snmp", "hq", "192.0.2.1"): "core"})
    assert read_last_credentials(path)
    opened_up(path)

    with pytest.raises(UsageError, match=r"winners\.json: others may write"):
        read_last_credentials(path)


def test_a_folder_of_ours_may_be_a_link(folder):
    (folder / "real").mkdir()
    (folder / "kept").symlink_to(folder / "real")

    assert run("import", books(folder), "--store", "kept/s.db").exit_code == 1
    assert (folder / "real" / "s.db").is_file()
    with hold_lock(folder / "kept" / "x.lock"):
        assert Store(folder / "kept" / "s.db").runs()


@AS_ROOT
def test_a_strangers_link_leads_nowhere_even_to_a_file_of_ours(folder):
    (folder / "tmp").mkdir()
    (folder / "tmp").chmod(0o1777)
    (folder / "tmp" / "auditor.toml").symlink_to(written(folder / "own" / "auditor.toml"))
    os.lchown(folder / "tmp" / "auditor.toml", STRANGER, STRANGER)

    with pytest.raises(UsageError, match="belongs to"):
        ownership.check(folder / "tmp" / "auditor.toml")
    ownership.check(folder / "own" / "auditor.toml")


def test_a_link_of_ours_to_a_folder_anybody_may_write_is_refused(folder):
    opened_up(written(folder / "open" / "w.toml").parent)
    (folder / "w.toml").symlink_to("open/w.toml")

    with pytest.raises(UsageError, match="open: others may write this folder"):
        ownership.check(folder / "w.toml")


def test_links_that_lead_round_in_circles_end(folder):
    (folder / "a").symlink_to("b")
    (folder / "b").symlink_to("a")

    with pytest.raises(UsageError, match="too many"):
        ownership.check(folder / "a")


def test_a_sticky_folder_passes_as_a_folder_above(folder):
    (folder / "tmp").mkdir()
    (folder / "tmp").chmod(0o1777)

    assert run("import", books(folder), "--store", folder / "tmp" / "own" / "s.db").exit_code == 1


def test_a_private_group_may_write_and_another_may_not(folder):
    path = written(folder / "f")
    path.chmod(0o664)
    mine = pwd.getpwuid(os.geteuid())
    if mine.pw_gid != mine.pw_uid:
        pytest.skip("whoever runs this has no private group")
    os.chown(path, -1, mine.pw_gid)
    ownership.check(path)

    groups = [group for group in os.getgroups() if group != mine.pw_gid] if mine.pw_uid else [STRANGER]
    for group in groups[:1]:
        os.chown(path, -1, group)
        with pytest.raises(UsageError, match=r"the group .* may write this file; chmod g-w it"):
            ownership.check(path)


@AS_ROOT
def test_under_sudo_the_callers_files_count_as_ones_own(folder, monkeypatch):
    path = given_away(written(folder / "f"))
    with pytest.raises(UsageError):
        ownership.check(path)
    monkeypatch.setenv("SUDO_UID", str(STRANGER))
    ownership.check(path)


@AS_ROOT
def test_sudo_says_nothing_to_who_is_not_root(monkeypatch):
    monkeypatch.setenv("SUDO_UID", str(STRANGER))
    with TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        path = given_away(written(Path(place, "f")))
        assert ownership.is_safe(path)
        os.seteuid(4321)
        try:
            assert not ownership.is_safe(path)
        finally:
            os.seteuid(0)


@AS_ROOT
@pytest.mark.slow
def test_the_demo_works_in_a_strangers_folder_and_takes_nothing_of_his(folder):
    work = folder / "clone"
    text = f'[credential.x]\nkind = "snmp-v2c"\nsecret = \'command:["touch", "{folder}/ran"]\'\n'
    given_away(written(work / "auditor.toml", text))
    given_away(written(work / "waivers.toml", "nonsense"))
    given_away(work)
    os.chdir(work)

    shown = run("demo")

    assert shown.exit_code == 0, (shown.output, shown.exception)
    assert "passed over" in shown.stderr
    assert "holds reports only" in shown.stderr
    assert {path.suffix for path in (work / "demo").iterdir()} == {".html", ".xlsx", ".json", ".csv"}
    assert not (folder / "ran").exists()
    shutil.rmtree(work)


def test_a_new_rule_file_is_written_through_no_link(folder):
    (folder / "rules" / "rebrands").mkdir(parents=True)
    (folder / "rules" / "rebrands" / "acme.toml").symlink_to(folder / "victim")

    shown = run("rules", "new", "acme")

    assert (shown.exit_code, shown.stdout) == (2, "")
    assert "exists already" in shown.stderr
    assert not (folder / "victim").exists()


def test_a_block_that_ends_late_takes_back_its_own_word_alone(tmp_path):
    first, second = ownership.trust([tmp_path / "a"]), ownership.trust([tmp_path / "b"])
    opened_up(written(tmp_path / "b" / "waivers.toml", ""))
    first.__enter__()
    with second:
        first.__exit__(None, None, None)
        ownership.check(tmp_path / "b" / "waivers.toml")

    with pytest.raises(UsageError):
        ownership.check(tmp_path / "b" / "waivers.toml")
