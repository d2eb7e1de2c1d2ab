"""One binder a site: a sealed folder and one paper that shows all of it."""

import shutil
import subprocess

import pytest

from auditor.store.seals import sha256
from tests.cli.test_attach import attach, call, first, store
from tests.tools.pictures import pdf, photograph, png

FIXTURES = (first, store)


@pytest.fixture
def evidence(store, tmp_path):
    """Attach a photograph, a certificate of two pages and an invoice nobody can show to devices of two sites."""
    (tmp_path / "../rack one.jpg").write_bytes(photograph())
    (tmp_path / "cert.pdf").write_bytes(pdf(2))
    (tmp_path / "label.png").write_bytes(png())
    (tmp_path / "locked.pdf").write_bytes(b"%PDF-1.7\nlocked\n%%EOF\n")
    attach(store, tmp_path / "../rack one.jpg", "--device", "192.0.2.1", "--note", "in the cellar")
    whose = ["--device", "192.0.2.1", "--device", "192.0.2.3"]
    attach(store, tmp_path / "cert.pdf", *whose, "--sort", "certificate")
    attach(store, tmp_path / "locked.pdf", "--device", "192.0.2.1", "--sort", "invoice")
    attach(store, tmp_path / "label.png", "--device", "192.0.2.2")
    return store


def binder(store, folder, *words):
    return call("filings", "binder", "last", "--site", "hq", "-o", folder, "--store", store, *words)


def test_a_binder_is_one_paper_and_one_sealed_folder(evidence, tmp_path):
    folder = tmp_path / "binder"

    result = binder(evidence, folder)

    assert result.exit_code == 0, result.output
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {
        "binder.pdf", "manifest.json", "plan/removal_plan.xlsx", "custody/custody_log.csv",
        "photographs/001-D-000001-rack-one.jpg", "certificates/002-D-000001-cert.pdf",
        "invoices/003-D-000001-locked.pdf",
    } <= names  # fmt: skip
    assert not [name for name in names if "label" in name]  # of the other site
    assert len([name for name in names if "cert" in name.lower() and name.endswith(".pdf")]) == 1
    assert "invoices/003-D-000001-locked.pdf cannot be shown" in result.stderr
    verdict = call("verify", folder / "manifest.json", "--store", evidence)
    assert verdict.exit_code == 0, verdict.stdout
    (folder / "photographs" / "001-D-000001-rack-one.jpg").write_bytes(b"another")
    assert call("verify", folder / "manifest.json", "--store", evidence).exit_code == 1


@pytest.mark.real
def test_the_paper_shows_plan_custody_pictures_certificates_and_digests(evidence, tmp_path):
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler) is not installed")
    folder = tmp_path / "binder"
    binder(evidence, folder)

    words = ["pdftotext", "-layout", folder / "binder.pdf", "-"]
    text = subprocess.run(words, check=True, capture_output=True, text=True).stdout

    for part in ("Binder of hq", "Removal plan and cost", "Custody and disposal log", "Photographs", "Certificates"):
        assert part in text
    assert "Certificate, page 1" in text  # the certificate's own words
    assert "Certificate, page 2" in text
    assert "D-000001, D-000003: cert.pdf" in text
    assert "in the cellar" in text
    assert sha256((folder / "certificates" / "002-D-000001-cert.pdf").read_bytes()) in text.replace("\n", "")
    assert "192.0.2.2" not in text


def test_a_binder_is_not_sealed_around_a_file_that_was_changed_or_into_a_folder_in_use(evidence, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "old.txt").touch()
    assert "is not empty" in binder(evidence, tmp_path / "full").stderr
    assert "knows no device there; its sites: far, hq" in binder(evidence, tmp_path / "a", "--site", "x").stderr
    for path in (evidence.parent / "evidence").rglob("*"):
        if path.is_file():
            path.write_bytes(b"another")

    result = binder(evidence, tmp_path / "binder")

    assert result.exit_code == 2
    assert "was changed" in result.stderr
    assert not (tmp_path / "binder" / "manifest.json").exists()
