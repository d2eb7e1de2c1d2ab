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
