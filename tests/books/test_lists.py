"""LibreNMS and Netdisco read over their APIs: the token where each wants it, and nowhere else."""

import base64
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from auditor.cli import main
from tests.tools.web_replies import web_replies

LIBRENMS = {
    "status": "ok",
    "devices": [{"device_id": 1, "hostname": "sw1", "ip": "192.0.2.1", "sysDescr": "x", "sysObjectID": ""}],
}
NETDISCO = [{"ip": "192.0.2.9", "dns": "core.example.org", "vendor": "huawei", "model": "S5720"}]


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Return a function that reads an inventory at an address."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SECRET", "s3cret")

    def call(kind, url, *words):
        user = 'user = "audit"\n' if kind == "netdisco" else ""
        text = f'[credential.{kind}]\nkind = "{kind}"\nurl = "{url}"\n{user}secret = "env:SECRET"\n'
        Path("auditor.toml").write_text(text)
        return CliRunner().invoke(main, [kind, "read", *words])

    return call


def test_librenms_gets_its_token_and_its_devices_can_be_imported(read):
    with web_replies({"/api/v0/devices": LIBRENMS}) as web:
        done = read("librenms", web.url, "-o", "devices.json")
    shown = CliRunner().invoke(main, ["import", "devices.json", "--store", "none", "-f", "json", "-q"])

    assert done.exit_code == 0, done.output
    assert web.headers["/api/v0/devices"]["X-Auth-Token"] == "s3cret"
    assert [one["address"] for one in json.loads(shown.stdout)["assets"]] == ["192.0.2.1"]


def test_netdisco_gives_a_key_for_user_and_password_and_its_devices_for_the_key(read):
    with web_replies({"/login": {"api_key": "k3y"}, "/api/v1/search/device?q=%25": NETDISCO}) as web:
        done = read("netdisco", web.url, "-f", "targets")

    assert done.stdout == "192.0.2.9\n"
    assert base64.b64decode(web.headers["/login"]["Authorization"].split()[1]) == b"audit:s3cret"
    assert web.headers["/api/v1/search/device?q=%25"]["Authorization"] == "k3y"


@pytest.mark.parametrize(
    ("kind", "replies", "problem"),
    [
        ("librenms", {}, "HTTP status 404"),
        ("librenms", {"/api/v0/devices": {"status": "error"}}, "no list of devices"),
        ("netdisco", {"/login": {"error": "no"}}, "gives no key of the API: no"),
        ("netdisco", {"/login": {"api_key": "k"}, "/api/v1/search/device?q=%25": {}}, "no list of devices"),
    ],
)
def test_an_answer_of_another_shape_is_one_line_without_the_secret(read, kind, replies, problem):
    with web_replies(replies) as web:
        done = read(kind, web.url)

    assert done.exit_code == 2
    assert problem in done.stderr
    assert "s3cret" not in done.output


def test_a_credential_of_another_kind_or_of_no_name_says_what_is_wanted(read):
    done = read("librenms", "http://127.0.0.1:1", "--credential", "nobody")

    assert done.exit_code == 2
    assert 'no credential has this name; [credential.librenms] wants kind = "librenms"' in done.stderr
