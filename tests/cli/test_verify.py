"""A run judged again gives the same bytes; whatever was touched is named."""

import contextlib
import gzip
import hashlib
import json
import shutil
import sqlite3
import subprocess
import zlib

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.lab.samples import home
from auditor.report.registry import FORMATS

TABLE = """ip,vendor,model,serial,site
192.0.2.1,Huawei,S5735-L24P4X-A1,2102351LLLDMN1000812,hq
192.0.2.2,Cisco,C9300,FCW0000A793,hq
"""


def call(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """Import all samples, write every format, seal the folder, return what verifying it says."""
    folder = tmp_path_factory.mktemp("samples")
    out, base = folder / "out", folder / "a.db"
    formats = [word for name in FORMATS if name != "text" for word in ("-f", name)]
    assert call("import", home(), "--store", base, "-q", "-o", out, *formats).exit_code == 1
    assert call("verify", "last", "--store", base, "--seal", out).exit_code == 0
    return call("verify", out / "manifest.json", "--store", base), out


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "text"])
def test_every_report_of_all_samples_is_the_same_when_judged_again(samples, name):
    result, out = samples
    files = [path.name for path in out.glob(f"audit-*.{FORMATS[name].suffix}")]

    assert (result.exit_code, "differs" in result.stdout) == (0, False), result.stdout
    assert files
    assert all(f"same: {file} rendered again" in result.stdout for file in files)


@pytest.fixture
def store(tmp_path):
    (tmp_path / "inventory.csv").write_text(TABLE)
    base = tmp_path / "a.db"
    assert call("import", tmp_path / "inventory.csv", "--store", base, "-q", "-o", tmp_path / "a.txt").exit_code == 1
    return base


def journal(store):
    (path,) = (store.parent / "journals").glob("*.jsonl.gz")
    return path


def test_an_untouched_run_gives_the_same_bytes(store):
    result = call("verify", "--store", store)

    assert result.exit_code == 0
    assert "same: journal" in result.stdout
    assert "same: audit document" in result.stdout
    assert "differs" not in result.stdout


def test_a_waived_run_does_too(store, tmp_path):
    audit = json.loads(call("report", "--store", store, "-f", "json").stdout)
    (finding,) = [one["id"] for item in audit["assets"] for one in item["findings"]]
    words = ("waive", finding, "--who", "A", "--why", "B", "--authority", "C", "--until", "2099-01-01")
    waivers = tmp_path / "waivers.toml"
    result = call(*words, "--waivers", waivers, "--store", store)
    assert result.exit_code == 0, result.output
    again = tmp_path / "b.db"
    call("import", journal(store), "--store", again, "-q", "-o", tmp_path / "b.txt", "--waivers", waivers)

    assert json.loads(call("report", "--store", again, "-f", "json").stdout)["summary"]["waived"] == 1
    assert call("verify", "--store", again).exit_code == 0


def test_a_touched_journal_is_told_and_so_is_what_it_changes(store):
    path = journal(store)
    text = gzip.decompress(path.read_bytes()).decode().replace("S5735-L24P4X-A1", "S5735-L24P4X-A2")
    path.write_bytes(gzip.compress(text.encode()))
    result = call("verify", "--store", store)

    assert result.exit_code == 1
    assert f"differs: journal {path.name}: sha256 is not the" in result.stdout
    assert "hq/serial:2102351LLLDMN1000812: findings, model differ" in result.stdout


def test_a_touched_verdict_in_the_store_is_told(store):
    with contextlib.closing(sqlite3.connect(store)) as base, base:
        ids = [number for (number,) in base.execute("SELECT document FROM sighting")]
        for number in ids:
            ((blob,),) = base.execute("SELECT body FROM document WHERE id = ?", (number,)).fetchall()
            text = zlib.decompress(blob).decode().replace('"verdict":"probable"', '"verdict":"possible"')
            cells = (hashlib.sha256(text.encode()).digest(), zlib.compress(text.encode()), number)
            base.execute("UPDATE document SET sha256 = ?, body = ? WHERE id = ?", cells)
    result = call("verify", "--store", store)

    assert result.exit_code == 1
    assert "huawei possible then, huawei probable now" in result.stdout


def test_another_rule_is_told_by_its_version(store, tmp_path):
    (tmp_path / "generic.toml").write_text(
        """[[generic]]
id = "mine"
fact = "snmp.sysdescr"
regex = "^zzz$"
because = "Three letters name nobody."
source = "https://example.org"
examples = ["zzz"]
never = ["zzzz"]
"""
    )
    result = call("verify", "--store", store, "--rules", tmp_path)

    assert result.exit_code == 1
    assert "differs: table rules: was" in result.stdout


def test_a_sealed_folder_tells_of_each_touched_file(store, tmp_path):
    out = tmp_path / "out"
    assert call("filings", "write", "fcc_54_11_support", "--store", store, "-o", out, "-q").exit_code == 0
    assert call("verify", "last", "--store", store, "--seal", out).exit_code == 0
    good = call("verify", out / "manifest.json", "--store", store)
    assert (good.exit_code, "differs" in good.stdout) == (0, False)
    assert "same: 4 files" in good.stdout

    with (out / "fcc_54_11_support.csv").open("a") as file:
        file.write("one more row\r\n")
    bad = call("verify", out / "manifest.json", "--store", store)
    assert bad.exit_code == 1
    assert "differs: fcc_54_11_support.csv: changed" in bad.stdout


def test_a_report_that_was_changed_before_it_was_sealed_is_told(store, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    call("report", "--store", store, "-f", "csv", "-f", "json", "-f", "replace-csv", "-o", out, "-q")
    call("verify", "last", "--store", store, "--seal", out)
    good = call("verify", out / "manifest.json", "--store", store)
    assert good.exit_code == 0
    assert good.stdout.count("rendered again") == 3

    (path,) = out.glob("*-replace.csv")
    path.write_bytes(path.read_bytes().replace(b"Huawei", b"Nobody"))
    call("verify", "last", "--store", store, "--seal", out)
    bad = call("verify", out / "manifest.json", "--store", store)

    assert bad.exit_code == 1
    assert f"differs: {path.name}: not what the run gives when rendered again" in bad.stdout


def test_a_folder_sealed_by_another_version_is_checked_by_its_digests(store, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    assert call("report", "--store", store, "-f", "csv", "-o", out / "audit.csv", "-q").exit_code == 0
    assert call("verify", "last", "--store", store, "--seal", out).exit_code == 0
    path = out / "manifest.json"
    older = json.loads(path.read_text()) | {"tool": "0.0.9", "tables": {"rules": "of last year"}}
    path.write_text(json.dumps(older))

    good = call("verify", path, "--store", store)
    assert (good.exit_code, "differs" in good.stdout) == (0, False)
    assert "sealed by 0.0.9, not judged again" in good.stdout

    (out / "audit.csv").write_text("")
    path.write_text(json.dumps(older | {"document": "0", "journal": older["journal"] | {"sha256": "0"}}))
    bad = call("verify", path, "--store", store)
    assert bad.exit_code == 1
    for line in ("audit.csv: changed", "the stored audit document is not", "sha256 is not the 0 it was judged from"):
        assert line in bad.stdout


def test_a_forged_manifest_is_told(store, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    call("verify", "last", "--store", store, "--seal", out)
    path = out / "manifest.json"
    entry = json.loads(path.read_text())
    path.write_text(json.dumps(entry | {"document": "0" * 64, "tables": entry["tables"] | {"policies": "0" * 64}}))
    result = call("verify", path, "--store", store)

    assert result.exit_code == 1
    assert "not the one the manifest was written over" in result.stdout
    assert "table policies: was 000" in result.stdout


def test_a_journal_that_moved_can_be_named(store, tmp_path):
    journal_file = journal(store).rename(tmp_path / "moved.jsonl.gz")
    result = call("verify", "--store", store)
    assert (result.exit_code, "name it with --journal" in result.stderr) == (2, True)

    assert call("verify", "--store", store, "--journal", journal_file).exit_code == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--store", "none"], "keeps no run"),
        (["nope"], "'nope' is not a stored run"),
        (["--identity", "a"], "--signers and --identity need each other"),
    ],
)
def test_mistakes_are_told_in_one_line(store, words, message):
    result = call("verify", "--store", store, *words)

    assert result.exit_code == 2
    assert message in result.stderr


@pytest.mark.real
@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
def test_a_signed_folder_is_checked_by_this_command_and_by_openssh(store, tmp_path):
    key, out = tmp_path / "key", tmp_path / "out"
    out.mkdir()
    (out / "a.csv").write_text("a")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    signers = tmp_path / "signers"
    signers.write_text("a@example.org " + key.with_suffix(".pub").read_text())
    assert call("verify", "last", "--store", store, "--seal", out, "--sign", key).exit_code == 0
    manifest = out / "manifest.json"

    words = ("--signers", signers, "--identity", "a@example.org")
    good = call("verify", manifest, "--store", store, *words)
    stock = subprocess.run(
        ["ssh-keygen", "-Y", "verify", "-f", signers, "-I", "a@example.org", "-n", "auditor", "-s", f"{manifest}.sig"],
        input=manifest.read_bytes(), check=False, capture_output=True,
    )  # fmt: skip

    assert (good.exit_code, stock.returncode) == (0, 0)
    manifest.write_text(manifest.read_text() + "\n")
    assert call("verify", manifest, "--store", store, *words).exit_code == 2


def test_a_signature_is_neither_passed_over_nor_removed_in_silence(store, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.csv").write_text("a")
    assert call("verify", "last", "--store", store, "--seal", out).exit_code == 0
    signature = out / "manifest.json.sig"
    signature.write_text("of somebody")
    result = call("verify", out / "manifest.json", "--store", store)
    again = call("verify", "last", "--store", store, "--seal", out)

    assert "not checked: the signature manifest.json.sig; name --signers and --identity" in result.stdout
    assert (again.exit_code, "a signature stands there" in again.stderr) == (2, True)
    assert signature.read_text() == "of somebody"


@pytest.mark.parametrize(
    ("words", "want"),
    [
        ("UPDATE link SET at = '2026-01-01T00:00:00Z'", "differs: link 1 of the ledger"),
        ("DELETE FROM link", "is not what"),
        ("UPDATE document SET body = x'00' WHERE id = 1", "differs: document 1 cannot be unpacked"),
    ],
)
def test_what_is_wrong_with_the_ledger_or_a_document_is_named(store, words, want):
    head = call("store", "head", "--store", store).stdout.split()
    assert f"same: ledger of 1 links, {head[1]} of {head[2]}" in call("verify", "--store", store).stdout
    with contextlib.closing(sqlite3.connect(store)) as base, base:
        base.execute(words)
    result = call("verify", "--store", store)

    assert result.exit_code in {1, 2}
    assert want in result.stdout + result.stderr


def test_a_run_that_was_sealed_or_filed_stays_when_the_store_is_pruned(store, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    for _ in range(2):
        assert call("verify", "last", "--store", store, "--seal", out).exit_code == 0
    assert call("filings", "write", "all", "--store", store, "-o", tmp_path / "filings", "--despite-age").exit_code in {
        0,
        3,
    }
    with contextlib.closing(sqlite3.connect(store)) as base, base:
        kinds = [kind for (kind,) in base.execute("SELECT kind FROM link ORDER BY seq")]

    assert kinds[:2] == ["run", "seal"]
    assert set(kinds[2:]) == {"filing"}


ELSEWHERE = "Journal from elsewhere"


def test_a_journal_of_another_hand_is_told_from_our_own_in_every_report_of_it(store, tmp_path):
    own = gzip.decompress(journal(store).read_bytes())
    words = own.replace(b"FCW0000A793", b"2102351LLLDMN1000813").replace(b"Cisco", b"Huawei")
    (tmp_path / "own.jsonl").write_bytes(own)
    (tmp_path / "forged.jsonl").write_bytes(words)
    digest = hashlib.sha256(b"".join(line for line in words.splitlines(True) if b'"devices"' not in line[:20]))

    judged = {name: call("judge", tmp_path / f"{name}.jsonl", "--store", store).stdout for name in ("own", "forged")}
    assert ELSEWHERE not in judged["own"] + call("judge", "last", "--store", store).stdout
    assert ELSEWHERE in judged["forged"]
    assert digest.hexdigest() in "".join(judged["forged"].split())

    formats = [word for name in ("html", "md", "csv", "xlsx") for word in ("-f", name)]
    call("import", tmp_path / "forged.jsonl", "--store", store, "-q", "-o", tmp_path / "out", *formats)
    assert ELSEWHERE in next((tmp_path / "out").glob("*.html")).read_text(encoding="utf-8")
    assert ELSEWHERE in next((tmp_path / "out").glob("*.md")).read_text(encoding="utf-8")
    # Kept with the run: judging it again and reporting it a year later say so too, and it can be verified.
    for words in (("judge", "last"), ("report", "last")):
        assert ELSEWHERE in call(*words, "--store", store).stdout
    assert call("verify", "last", "--store", store, "--seal", tmp_path / "out").exit_code == 0
    verified = call("verify", tmp_path / "out" / "manifest.json", "--store", store)
    assert (verified.exit_code, "differs" in verified.stdout) == (0, False), verified.stdout


def test_a_journal_that_was_changed_where_it_is_kept_is_no_longer_our_own(store):
    path = journal(store)
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(b"Cisco", b"Huawei")))

    assert ELSEWHERE in call("judge", "last", "--store", store).stdout
