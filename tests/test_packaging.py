"""The wheel carries its knowledge, is the same bytes twice, and works away from its source."""

import hashlib
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.tools import licences, release, vulnerabilities, wheel_folder

ROOT = Path(__file__).parents[1]


def build(folder, kind):
    """Build one distribution in this environment, without a network.

    Hatchling is a development dependency.
    """
    hook = f"import hatchling.build as b; print(b.build_{kind}({str(folder)!r}))"
    shown = subprocess.run([sys.executable, "-c", hook], cwd=ROOT, capture_output=True, text=True, check=True)
    return folder / shown.stdout.split()[-1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build(tmp_path_factory.mktemp("wheel"), "wheel")


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_two_builds_are_the_same_bytes(tmp_path, kind):
    digests = set()
    for number in (1, 2):
        folder = tmp_path / str(number)
        folder.mkdir()
        digests.add(hashlib.sha256(build(folder, kind).read_bytes()).hexdigest())

    assert len(digests) == 1


def test_the_wheel_carries_rules_samples_and_templates(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())

    assert {
        "auditor/py.typed",  # so that the types of the Python interface are read
        "oui_rules/vocabulary.toml",
        "oui_rules/makers/huawei.toml",
        "oui_rules/oui/registry.tsv",
        "auditor/lab/recordings/labels.csv",
    } <= names
    assert any(name.startswith("auditor/report/templates/") for name in names)
    assert "auditor/targets/config.schema.json" in names
    assert any(name.endswith("/share/man/man1/auditor-scan.1") for name in names)
    assert not any(name.startswith("tests/") for name in names)


def test_the_wheel_runs_away_from_its_source(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    journal = tmp_path / "j.jsonl"
    journal.write_text(
        '{"type":"observation","target":{"address":"192.0.2.1"},"collector":"probe","at":"2026-11-21T05:00:00Z",'
        '"facts":[{"kind":"ssh.banner","value":"SSH-2.0-HUAWEI-1.5"}]}\n'
    )
    # -P and the folder first on the path keep the source tree and its editable install out of the way.
    code = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); import auditor.cli; print(auditor.__file__, "
        "file=sys.stderr); auditor.cli.main()"
    )

    shown = subprocess.run(
        [sys.executable, "-P", "-c", code, str(tmp_path / "site"), "judge", str(journal), "--store", "none"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert shown.returncode == 1, shown.stderr
    assert str(tmp_path / "site") in shown.stderr
    assert "Huawei" in shown.stdout


def files_of(package):
    return [file["url"].rpartition("/")[2] for file in package.get("wheels", ())]


def fits(file, minor):
    """Tell whether a wheel installs on Linux on x86-64 under Python 3.`minor` without a compiler."""
    abi3 = re.search(r"-cp3(\d+)-abi3", file)
    is_ours = f"-cp3{minor}-" in file or (abi3 is not None and int(abi3[1]) <= minor)
    return "none-any" in file or (is_ours and "manylinux" in file and "x86_64" in file)


@pytest.mark.parametrize("minor", [11, 12, 13, 14])
def test_every_dependency_is_a_wheel_that_installs_from_a_folder(minor):
    names = set(re.findall(r"(?m)^([a-z0-9][a-z0-9.-]*)==", (ROOT / "requirements.lock").read_text()))
    lock = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    wheels = {name: [file for one in lock if one["name"] == name for file in files_of(one)] for name in names}

    assert {"sqlalchemy", "alembic", "mako"} <= names
    assert [name for name, files in wheels.items() if not any(fits(file, minor) for file in files)] == []


def test_every_licence_of_an_installation_is_listed_and_what_asks_for_more_is_named():
    assert licences.page() == licences.TABLE.read_text(encoding="utf-8")
    more = [row.split(" | ")[0] for row in licences.rows() if row.rstrip().endswith("| yes |")]
    assert more == ["| paramiko", "| scp", "| psycopg", "| psycopg-binary", "| psycopg-pool"]


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("# C\n\n## 1.2.0\n\n### Added\n\n- A thing.\n\n## 1.1.0\n\n### Odd\n", [True, True]),
        ("# C\n\n## [1.2.0] - 2026-11-30\n\n### Fixed\n\n- A thing.\n", [True, True]),
        ("# C\n\n## 1.1.0\n\n### Added\n\n- A thing.\n", [False, True]),
        ("# C\n\n## 1.2.0\n\n### Added\n\n### Fixed\n\n- A thing.\n", [True, False]),
        ("# C\n\n## 1.2.0\n\n### Misc\n\n- A thing.\n", [True, False]),
        ("# C\n", [False, False]),
    ],
)
def test_a_release_wants_its_own_entry_in_the_changelog(text, good):
    assert [verdict for verdict, _ in release.changelog(text, "1.2.0")] == good


def test_a_python_nobody_ran_is_not_promised():
    # `make release` runs every Python it finds, and says NO where the list is another.
    assert release.classifiers() == {11, 12, 13}


def test_every_data_file_has_a_source_and_a_licence_and_every_note_a_file():
    notes = licences.data_notes()
    patterns = [note["files"] for note in tomllib.loads(licences.DATA.read_text(encoding="utf-8"))["file"]]

    assert len(notes) > 250
    assert [file for file, note in notes.items() if not (note["source"].strip() and note["licence"].strip())] == []
    assert set(patterns) == {note["files"] for note in notes.values()}
    with pytest.raises(KeyError, match=r"new/file\.csv has no source"):
        licences._note(Path("new/file.csv"), [{"files": "*.toml"}])


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-build.lock", "tests/requirements.lock"])
def test_every_requirement_is_pinned_by_hash(lock):
    blocks = re.split(r"\n(?=[a-z])", (ROOT / lock).read_text(encoding="utf-8").partition("\n")[2])
    pinned = [block for block in blocks if "==" in block.partition("\n")[0]]

    assert len(pinned) > 5
    assert [block.partition(" ")[0] for block in pinned if "--hash=sha256:" not in block] == []


def test_setting_up_fetches_nothing_without_its_hash():
    """Each `pip install` of the Makefile takes hashes, or fetches nothing at all."""
    lines = re.findall(r"install -q (.*)", (ROOT / "Makefile").read_text(encoding="utf-8"))

    assert len(lines) >= 6
    assert [
        line for line in lines if "--require-hashes" not in line and "--no-deps --no-build-isolation" not in line
    ] == []


def test_a_wheel_folder_lists_every_file_by_its_own_hash(wheel):
    (line,) = wheel_folder.lines(wheel.parent)

    name, _, digest = line.strip().partition(" --hash=sha256:")
    assert name.startswith("network-equipment-auditor==")
    assert digest == hashlib.sha256(wheel.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ('{"dependencies": [{"name": "x", "version": "1", "vulns": []}]}', ["1 of 1 packages looked up"]),
        (
            '{"dependencies": [{"name": "x", "skip_reason": "not found"}]}',
            ["0 of 1 packages looked up", "NOT LOOKED UP, so nothing is said of them: x"],
        ),
        ("", ["NOT LOOKED UP: the data on vulnerabilities cannot be reached, so nothing is said of them (no route)"]),
        (
            '{"dependencies": [{"name": "x", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]}]}',
            ["x 1: PYSEC-1; mended in 2", "1 of 1 packages looked up"],
        ),
    ],
)
def test_silence_about_vulnerabilities_never_reads_as_none(reply, told):
    assert list(vulnerabilities.lines(reply, "Traceback\nno route")) == told
