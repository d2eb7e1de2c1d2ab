"""The password of a database never stands in a URL; a credential of kind `store` holds it."""

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.errors import OutputError, UsageError
from auditor.run.home import store_of
from auditor.store.runs import Store, open_store
from tests.tools.stores import keep, row

SECRET = "correct horse battery"


@pytest.fixture
def guarded(postgres):
    """Return the URL of a database whose role needs a password."""
    postgres.sql("DROP ROLE IF EXISTS guarded")
    postgres.sql(f"CREATE ROLE guarded LOGIN SUPERUSER PASSWORD '{SECRET}'")
    name = postgres.new().rpartition("?")[0].rpartition("/")[2]
    yield postgres.url(name, "guarded")
    postgres.sql(f"DROP DATABASE {name}")
    postgres.sql("DROP ROLE guarded")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://a:b@h/d", "postgresql://h/d?password=b", "postgresql://h/d?user=a&sslpassword=b",
        "postgresql://h/d?password=", "postgresql://h/d?password=secret:", "postgresql://h/d?password=secret:a&password=b",
        "postgresql://a:@h/d",
    ],
)  # fmt: skip
def test_a_password_in_a_url_is_refused_in_a_line_that_does_not_say_it(url):
    with pytest.raises(UsageError, match="does not belong in a URL") as refusal:
        open_store(url, lambda name: name)
    assert "b@h" not in str(refusal.value)


@pytest.mark.parametrize("url", ["postgresql://[h/d", "postgresql://h:port/d"])
def test_a_url_that_is_none_is_a_line(url):
    with pytest.raises(UsageError, match="is no URL of a database"):
        open_store(url).runs()


@pytest.mark.real
def test_the_secret_of_a_credential_opens_a_database_and_stands_nowhere(guarded, tmp_path, monkeypatch):
    config = tmp_path / "auditor.toml"
    config.write_text('[credential.db]\nkind = "store"\nsecret = "env:DB"\n[credential.sw]\nkind = "ssh"\nuser = "a"\n')
    url = f"{guarded}&password=secret:db"
    run = ("--config", str(config), "runs", "--store")

    monkeypatch.setenv("DB", SECRET)
    keep(Store(open_store(url, lambda _name: SECRET).database), row("night"))
    shown = CliRunner().invoke(main, [*run, url])
    assert (shown.exit_code, "night" in shown.stdout) == (0, True), shown.stderr
    for value in ("wrong guess", ""):
        monkeypatch.setenv("DB", value)
        refused = CliRunner().invoke(main, [*run, url])
        assert refused.exit_code == 2
        assert "Traceback" not in refused.stderr
        assert not value or value not in refused.stderr
    for name, want in (("sw", "is not of kind 'store'"), ("other", "no credential has this name")):
        assert want in CliRunner().invoke(main, [*run, f"{guarded}&password=secret:{name}"]).stderr


@pytest.mark.real
def test_pgpassfile_and_a_service_open_a_database(guarded, tmp_path, monkeypatch):
    name, _, words = guarded.removeprefix("postgresql:///").partition("?")
    words = dict(word.split("=") for word in words.split("&"))
    file, service = tmp_path / "pgpass", tmp_path / "services"
    file.write_text(f"*:*:{name}:guarded:{SECRET}\n")
    file.chmod(0o600)
    service.write_text(f"[inventory]\ndbname={name}\nhost={words['host']}\nport={words['port']}\nuser=guarded\n")

    with pytest.raises(OutputError, match="no password supplied"):
        Store(guarded).runs()
    monkeypatch.setenv("PGPASSFILE", str(file))
    assert Store(guarded).runs() == ()
    monkeypatch.setenv("PGSERVICEFILE", str(service))
    keep(Store("postgresql:///?service=inventory"), row("night"))
    assert [run.id for run in Store(guarded).runs()] == ["night"]


def test_the_password_of_a_store_is_shown_to_no_device(tmp_path):
    config = tmp_path / "auditor.toml"
    config.write_text('[credential.db]\nkind = "store"\nsecret = "env:DB"\n[defaults]\ncredentials = ["db"]\n')
    shown = CliRunner().invoke(main, ["--config", str(config), "scan", "192.0.2.1"])

    assert "'store' is for a store alone" in shown.stderr
    assert store_of("none") is None
