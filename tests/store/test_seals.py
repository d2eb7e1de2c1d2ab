"""The manifest: every changed octet, table and device is told.

A signature is one that stock OpenSSH checks.
"""

import json
import shutil
import subprocess
from dataclasses import replace

import pytest

from auditor.errors import InputError, OutputError
from auditor.formats.document import to_document
from auditor.store import seals
from auditor.store.seals import Digest, Manifest
from tests.tools.audits import audit, switch

JOURNAL = Digest(name="j.jsonl", sha256="0" * 64, length=10)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"a\r\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.html").write_bytes(b"b")
    return tmp_path


def manifest(folder):
    return Manifest(
        run="run-1", as_of="2026-11-21", finished="2026-11-21T12:00:00Z", tool="1", document="1" * 64, journal=JOURNAL,
        tables={"rules": "abc", "oui": "d" * 64}, purposes={"hq": (
            "public-safety",), "depot": ()}, files=seals.inside(folder),
    )  # fmt: skip


def test_a_manifest_is_read_as_it_was_written(folder):
    made = manifest(folder)

    assert seals.decode(seals.encode(made), "m") == made
    assert seals.encode(made) == seals.encode(seals.decode(seals.encode(made), "m"))


def test_nothing_changed_is_nothing_told(folder):
    made = manifest(folder)
    (folder / seals.NAME).write_bytes(seals.encode(made))
    (folder / seals.SIGNATURE).write_bytes(b"x")

    assert list(seals.changed_files(made, folder)) == []


def test_every_changed_gone_and_added_file_is_told(folder):
    made = manifest(folder)
    (folder / "a.csv").write_bytes(b"b\r\n")
    (folder / "sub" / "b.html").unlink()
    (folder / "manifest.json.bak").write_bytes(b"c")

    assert list(seals.changed_files(made, folder)) == [
        "a.csv: changed; it has 3 octets, the manifest says 3",
        "sub/b.html: gone",
        "manifest.json.bak: not in the manifest",
    ]


def test_a_link_is_no_file_of_the_folder(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "secret"
    outside.write_text("x")
    (folder / "link").symlink_to(outside)

    assert "link" not in {one.name for one in seals.inside(folder)}


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"manifest":2}', b'{"manifest":1}', b"\xff", b"[" * 100_000])
def test_what_is_no_manifest_is_said_to_be_none(content):
    with pytest.raises(InputError, match=r"is no manifest|is of format"):
        seals.decode(content, "m.json")


def test_a_changed_table_file_changes_its_digest(folder):
    (folder / "x.toml").write_text("a = 1")
    before = seals.folder_digest([folder])
    assert seals.folder_digest([folder]) == before

    (folder / "x.toml").write_text("a = 2")
    changed = seals.folder_digest([folder])
    (folder / "x.toml").rename(folder / "y.toml")

    assert len({before, changed, seals.folder_digest([folder])}) == 3


def test_a_difference_names_the_device_and_what_about_it():
    item = switch()
    other = replace(item, findings=(replace(item.findings[0], verdict=other_verdict()),))
    then = json.loads(json.dumps(to_document(audit()), default=str))
    now = json.loads(
        json.dumps(to_document(replace(audit(), assets=(other, *audit().assets[1:-1]), notes=())), default=str)
    )
    told = seals.differences(then, now)

    assert any(line.startswith("notes: was") for line in told)
    words = ("serial:2102350DLS10000001: findings differ", "huawei confirmed then, huawei probable now")
    assert any(all(word in line for word in words) for line in told)
    assert any("not there now" in line for line in told)
    assert seals.differences(then, then) == []


def other_verdict():
    from auditor.model import Verdict

    return Verdict.PROBABLE


@pytest.mark.real
@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
def test_a_signature_is_one_that_stock_openssh_checks(folder):
    key, signers = folder / ".key", folder / ".signers"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    signers.write_text("a@example.org " + key.with_suffix(".pub").read_text())
    path = folder / seals.NAME
    path.write_bytes(seals.encode(manifest(folder)))

    seals.sign(path, key)

    words = ["ssh-keygen", "-Y", "verify", "-f", signers, "-I", "a@example.org", "-n", "auditor", "-s", f"{path}.sig"]
    assert subprocess.run(words, input=path.read_bytes(), check=False, capture_output=True).returncode == 0
    assert seals.check_signature(path, signers, "a@example.org").startswith(
        'Good "auditor" signature for a@example.org'
    )
    path.write_bytes(path.read_bytes().replace(b"run-1", b"run-2"))
    with pytest.raises(InputError, match=r"is not one of a@example\.org"):
        seals.check_signature(path, signers, "a@example.org")


@pytest.mark.real
@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
def test_a_key_that_is_none_and_a_missing_signature_are_told(folder):
    (folder / seals.NAME).write_bytes(b"{}")
    (folder / "nokey").write_text("no key")
    (folder / "nokey").chmod(0o600)

    with pytest.raises(OutputError, match="could not sign"):
        seals.sign(folder / seals.NAME, folder / "nokey")
    with pytest.raises(InputError, match="there is no signature"):
        seals.check_signature(folder / seals.NAME, folder / "nokey", "a")
