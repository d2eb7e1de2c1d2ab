"""An update is checked, merged and put in place in one step; what it changes is told."""

from datetime import date
from pathlib import Path

import pytest

from auditor.errors import InputError
from auditor.rules.oui import Registry
from auditor.rules.oui_update import Renamed, differences, folder_in, read, update

DAY = date(2027, 1, 15)


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.load()


def a_file(folder: Path, registry: Registry, *, drop: str = "", extra: str = "", rename: str = "") -> Path:
    """Write IEEE's CSV files: everything known, one prefix dropped or renamed, one more."""
    path = folder / "oui.csv"
    lines = ["Registry,Assignment,Organization Name,Organization Address"]
    for block in registry:
        if block.prefix != drop and block.registry != "CID":
            name = "New Holder Ltd" if block.prefix == rename else block.registrant.replace('"', '""')
            lines.append(f'{block.registry},{block.prefix},"{name}",')
    path.write_text("\n".join(lines + ([extra] if extra else [])) + "\n", encoding="utf-8")
    return path


def test_an_update_lands_in_the_data_folder_and_is_used_from_there(tmp_path: Path, registry: Registry):
    file = a_file(tmp_path, registry, extra="MA-L,F0F0F0,New Maker Ltd,", rename="00000C")

    change = update(file, tmp_path / "data", DAY)

    newer = Registry.load(folder_in(tmp_path / "data"))
    assert newer.registrant("f0f0f0000001") == "New Maker Ltd"
    assert newer.date == DAY
    assert newer.registrant("bcad28000001") == registry.registrant("bcad28000001")
    assert (change.before, change.after) == (registry.date, DAY)
    assert Renamed(prefix="00000C", before="Cisco Systems, Inc", after="New Holder Ltd") in change.renames
    assert [one.prefix for one in change.added] == ["F0F0F0"]


def test_without_an_update_the_release_is_used(tmp_path: Path, registry: Registry):
    assert Registry.load(folder_in(tmp_path)).date == registry.date


@pytest.mark.parametrize("sentinel", ["00E0FC", "4C09B4", "BCAD28", "3CEF8C", "AC64DD5"])
def test_a_file_without_a_known_block_changes_nothing(tmp_path: Path, registry: Registry, sentinel: str):
    file = a_file(tmp_path, registry, drop=sentinel)

    with pytest.raises(InputError, match=rf"of {sentinel}.*stays as it is"):
        update(file, tmp_path / "data", DAY)

    assert not (tmp_path / "data").exists()


def test_a_known_block_of_another_holder_is_not_believed(tmp_path: Path, registry: Registry):
    with pytest.raises(InputError, match="BCAD28"):
        update(a_file(tmp_path, registry, rename="BCAD28"), tmp_path / "data", DAY)


def test_a_short_file_is_refused(tmp_path: Path):
    file = tmp_path / "oui.csv"
    file.write_text("Registry,Assignment,Organization Name,Organization Address\nMA-L,00E0FC,Huawei,\n")

    with pytest.raises(InputError, match="holds 1 blocks of 24 bits"):
        read(file, DAY)


@pytest.mark.parametrize(
    ("name", "content"),
    [("oui.txt", b"x"), ("oui.csv", b"a,b\n1,2\n"), ("oui.tgz", b"no archive"), ("oui.whl", b"no archive")],
)
def test_what_is_no_registry_is_told_in_one_line(tmp_path: Path, name: str, content: bytes):
    file = tmp_path / name
    file.write_bytes(content)

    with pytest.raises(InputError) as told:
        read(file, DAY)

    assert "\n" not in str(told.value)
    assert name in str(told.value)


def test_only_stored_addresses_with_another_registrant_are_told(tmp_path: Path, registry: Registry):
    update(a_file(tmp_path, registry, extra="MA-L,F0F0F0,New Maker Ltd,"), tmp_path / "data", DAY)
    newer = Registry.load(folder_in(tmp_path / "data"))

    told = differences(registry, newer, ["f0f0f0000001", "bcad28000001", "f0f0f0000001", "02f0f0000001"])

    assert told == (Renamed(prefix="f0f0f0000001", before="", after="New Maker Ltd"),)
