"""Where the files attached to devices lie: beside a file, else where the configuration says."""

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.errors import UsageError
from auditor.run.home import evidence_folder, passwords_in
from auditor.store.runs import Store
from tests.tools.pictures import pdf

TABLE = "ip,vendor,model,serial,site\n192.0.2.1,Huawei,S5735-L24P4X-A1,2102351LLLDMN1000812,hq\n"


def call(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def test_a_store_in_a_file_has_them_beside_it(tmp_path):
    assert evidence_folder(Store(tmp_path / "a.db")) == tmp_path / "evidence"


def test_a_store_on_a_server_has_them_where_the_configuration_says(tmp_path):
    (tmp_path / "auditor.toml").write_text('[evidence]\nfolder = "box"\n')
    store = Store("postgresql://192.0.2.1/auditor")

    with passwords_in(str(tmp_path / "auditor.toml")):
        assert evidence_folder(store) == tmp_path / "box"
    with pytest.raises(UsageError, match=r"\[evidence\] folder"):
        evidence_folder(store)


@pytest.mark.real
def test_files_are_attached_to_devices_of_a_store_in_postgresql(postgres, tmp_path):
    url = postgres.new()
    (tmp_path / "auditor.toml").write_text('[evidence]\nfolder = "box"\n')
    (tmp_path / "inventory.csv").write_text(TABLE)
    (tmp_path / "cert.pdf").write_bytes(pdf())
    config = ["--config", tmp_path / "auditor.toml"]
    assert call("import", tmp_path / "inventory.csv", "--store", url, "-q").exit_code == 1

    result = call(*config, "filings", "attach", tmp_path / "cert.pdf", "--device", "192.0.2.1", "--store", url)

    assert result.exit_code == 0, result.output
    (path,) = [path for path in (tmp_path / "box").rglob("*") if path.is_file()]
    assert call(*config, "store", "check", "--store", url).exit_code == 0
    path.unlink()
    assert "cert.pdf" in call(*config, "store", "check", "--store", url).stdout
