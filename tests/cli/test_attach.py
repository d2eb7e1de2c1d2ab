"""Files attached to devices: kept by digest, named in the ledger, missed when they are gone."""

import csv
import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.store.seals import sha256
from tests.tools.pictures import LATITUDE, jpeg, pdf, photograph

TABLE = """ip,vendor,model,serial,site
192.0.2.1,Huawei,S5735-L24P4X-A1,2102351LLLDMN1000812,hq
192.0.2.2,Huawei,S5720-28X,2102351LLLDMN1000813,far
192.0.2.3,Huawei,S5720-28X,2102351LLLDMN1000814,hq
"""


def call(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    folder = tmp_path_factory.mktemp("first")
    (folder / "inventory.csv").write_text(TABLE)
    assert call("import", folder / "inventory.csv", "--store", folder / "a.db", "-q").exit_code == 1
    return folder


@pytest.fixture
def store(first, tmp_path):
    shutil.copytree(first, tmp_path / "kept")
    return tmp_path / "kept" / "a.db"


@pytest.fixture
def certificate(tmp_path):
    path = tmp_path / "certificate 4711.pdf"
    path.write_bytes(pdf())
    return path


def attach(store, *words):
    return call("filings", "attach", *words, "--store", store)


def kept(store):
    return sorted(path for path in (store.parent / "evidence").rglob("*") if path.is_file())


def test_a_photograph_is_kept_by_its_digest_without_its_position(store, tmp_path):
    (tmp_path / "rack.jpg").write_bytes(photograph())

    result = attach(store, tmp_path / "rack.jpg", "--device", "192.0.2.1", "--who", "Ann")

    assert result.exit_code == 0, result.output
    assert "left out: the camera's notes, with any position" in result.stderr
    (path,) = kept(store)
    assert path.name == sha256(path.read_bytes())
    assert LATITUDE not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    (line,) = call("filings", "attached", "--store", store).stdout.splitlines()
    assert line.split("\t")[2:4] == ["photograph", "rack.jpg"]
    assert "Ann" in line


def test_the_ledger_names_the_file_as_it_was_given_too(store, tmp_path):
    from auditor.store.runs import Store

    (tmp_path / "rack.jpg").write_bytes(photograph())
    attach(store, tmp_path / "rack.jpg", "--device", "192.0.2.1")

    (row,) = Store(store).database.listing("SELECT content FROM link WHERE kind = 'evidence'")
    content = json.loads(row["content"])
    assert content["original"] == sha256(photograph())
    assert content["sha256"] == kept(store)[0].name


def test_the_same_file_is_noted_once_a_device_and_kept_once(store, certificate):
    words = [certificate, "--device", "192.0.2.1", "--device", "192.0.2.2", "--sort", "certificate"]

    assert attach(store, *words).exit_code == 0
    again = attach(store, *words)

    assert again.stderr.count("attached before") == 2
    assert len(call("filings", "attached", "--store", store).stdout.splitlines()) == 2
    assert len(kept(store)) == 1


def test_a_step_has_to_be_noted_before_a_file_proves_it(store, certificate):
    words = [certificate, "--device", "192.0.2.1", "--step", "removed"]

    refusal = attach(store, *words)
    assert (refusal.exit_code, "nobody noted" in refusal.stderr) == (2, True)
    assert kept(store) == []
    call("removal", "note", "192.0.2.1", "removed", "--who", "Ann", "--store", store)

    assert attach(store, *words).exit_code == 0


def test_a_missing_and_a_changed_file_are_named_by_check_and_verify(store, certificate, tmp_path):
    (tmp_path / "rack.jpg").write_bytes(jpeg())
    attach(store, certificate, tmp_path / "rack.jpg", "--device", "192.0.2.1")
    call("report", "-f", "csv", "-o", f"{tmp_path}/out/", "--store", store)
    assert call("verify", "last", "--seal", tmp_path / "out", "--store", store).exit_code == 0
    assert "2 of 2 files of evidence" in call("verify", tmp_path / "out" / "manifest.json", "--store", store).stdout
    assert call("store", "check", "--store", store).exit_code == 0
    for path in kept(store):
        if path.read_bytes().startswith(b"%PDF"):
            path.write_bytes(path.read_bytes().replace(b"%PDF-1.7", b"%PDF-1.6"))
        else:
            path.unlink()

    for words in (["store", "check"], ["verify"], ["verify", tmp_path / "out" / "manifest.json"]):
        result = call(*words, "--store", store)
        assert result.exit_code == 1, words
        assert "certificate 4711.pdf" in result.stdout
        assert "was changed" in result.stdout
        assert "rack.jpg" in result.stdout
        assert "is missing" in result.stdout


def test_a_backup_takes_the_files_along_and_pruning_leaves_them(store, certificate, tmp_path):
    attach(store, certificate, "--device", "192.0.2.1")

    assert call("store", "backup", tmp_path / "elsewhere" / "b.db", "--store", store).exit_code == 2
    (tmp_path / "elsewhere").mkdir()
    assert call("store", "backup", tmp_path / "elsewhere" / "b.db", "--store", store).exit_code == 0
    call("store", "prune", "--keep", "0d", "--yes", "--store", store)
    call("store", "prune", "--device", "D-1", "--yes", "--store", store)

    for base in (store, tmp_path / "elsewhere" / "b.db"):
        assert len(kept(base)) == 1
        assert call("store", "check", "--store", base).exit_code == 0


def test_the_custody_sheets_name_the_files_of_a_device(store, certificate, tmp_path):
    attach(store, certificate, "--device", "192.0.2.1", "--sort", "certificate")

    result = call("filings", "write", "custody_log", "--store", store, "-o", tmp_path / "out", "--despite-age")

    assert result.exit_code == 0, result.output
    with (tmp_path / "out" / "custody_log.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["serial_number (DERIVED)"]: row["evidence (DERIVED)"] for row in csv.DictReader(file)}
    digest = kept(store)[0].name
    assert rows == {
        "2102351LLLDMN1000812": f"certificate 'certificate 4711.pdf' (sha256 {digest})", "2102351LLLDMN1000813": "",
        "2102351LLLDMN1000814": "",
    }  # fmt: skip


def hostile(tmp_path):
    """Yield paths nobody should attach, and what is said of each."""
    (tmp_path / "real.pdf").write_bytes(pdf())
    (tmp_path / "link.pdf").symlink_to(tmp_path / "real.pdf")
    yield "link.pdf", "symbolic link"
    os.mkfifo(tmp_path / "pipe.pdf")
    yield "pipe.pdf", "no regular file"
    (tmp_path / "folder.pdf").mkdir()
    yield "folder.pdf", "no regular file"
    with (tmp_path / "huge.pdf").open("wb") as file:
        file.truncate(2 << 30)
    yield "huge.pdf", "2,147,483,648 octets"
    (tmp_path / "empty.pdf").touch()
    yield "empty.pdf", "0 octets"
    (tmp_path / "page.pdf").write_bytes(b"<script>")
    yield "page.pdf", "neither a PDF"
    yield "../nowhere.pdf", "No such file"
    yield "no\nsuch\x1b[31m.pdf", "No such file"


def test_hostile_files_are_refused_in_one_line_each_and_nothing_is_kept(store, certificate, tmp_path):
    cases = dict(hostile(tmp_path))

    result = attach(store, certificate, *(tmp_path / name for name in cases), "--device", "192.0.2.1")

    assert result.exit_code == 2
    lines = result.stderr.splitlines()
    assert len(lines) == len(cases)
    assert "\x1b" not in result.stderr
    for (name, problem), line in zip(cases.items(), lines, strict=True):
        assert problem in line, name
    assert kept(store) == []


def test_a_hostile_name_is_told_on_one_line(store, tmp_path):
    path = tmp_path / "a\n\x1b[31mb'; rm -rf.pdf"
    path.write_bytes(pdf())

    assert attach(store, path, "--device", "192.0.2.1").exit_code == 0
    (line,) = call("filings", "attached", "--store", store).stdout.splitlines()
    assert "\x1b" not in line
    assert Path(kept(store)[0]).name.isalnum()


def test_a_link_in_the_place_of_a_file_that_is_kept_is_told_and_not_followed(store, certificate, tmp_path):
    attach(store, certificate, "--device", "192.0.2.1")
    (path,) = kept(store)
    shutil.move(path, tmp_path / "elsewhere.pdf")
    path.symlink_to(tmp_path / "elsewhere.pdf")

    assert "cannot be read" in call("store", "check", "--store", store).stdout
