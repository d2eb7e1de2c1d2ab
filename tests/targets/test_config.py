"""Configuration files: strict, merged by nearness, mistakes told with place, never secret."""

import dataclasses

import pytest

from auditor.errors import AuditorError
from auditor.model import Limits
from auditor.targets import config as configuration


def complaint(text):
    with pytest.raises(AuditorError) as caught:
        configuration.parse(text, "auditor.toml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[credentials.x]\n", "auditor.toml: credentials: unknown key"),
        ('[credential.x]\nkind = "snmp"\n', "auditor.toml: credential.x.kind: 'snmp' is not one of"),
        ('[credential.x]\nkind = "snmp-v3"\nuser = "u"\nauth = "SHA2"\n', "credential.x.auth"),
        (
            '[credential.x]\nkind = "snmp-v3"\nuser = "u"\nauth = "SHA"\n',
            "credential.x.auth_secret: 'auth_secret' is missing",
        ),
        ('[credential.x]\nkind = "snmp-v2c"\n', "credential.x.secret: 'secret' is missing"),
        ('[credential.x]\nkind = "ssh"\n', "credential.x.user: 'user' is missing"),
        ('[site.x]\nsubnets = ["10.0.0.0/33"]\n', "site.x.subnets[1]"),
        ("[site.x]\nports = { snmp = 99999 }\n", "site.x.ports.snmp: is no port"),
        ("[limits]\ntimeout = -1\n", "limits.timeout: must be a number above 0"),
        ("[limits]\ntimeuot = 1\n", "limits.timeuot: unknown key"),
        ("not toml", "auditor.toml: not valid TOML"),
    ],
)
def test_a_mistake_names_its_place(text, words):
    assert words in complaint(text)


@pytest.mark.parametrize(
    "value", ['"hunter2canary"', '"hunter2canary:x"', "3141592653", '["hunter2canary"]', '"command:hunter2canary"']
)
def test_a_secret_in_the_wrong_place_is_not_repeated(value):
    told = complaint(f'[credential.x]\nkind = "snmp-v2c"\nsecret = {value}\n')
    assert "credential.x.secret" in told
    assert "hunter2canary" not in told
    assert "3141592653" not in told


def test_every_mistake_of_a_file_is_told_at_once():
    told = complaint('[credential.x]\nkind = "smtp"\n[site.y]\nsubnet = []\n')
    assert "credential.x.kind" in told
    assert "site.y.subnet" in told


def test_the_limits_are_those_the_collectors_know():
    assert set(configuration.LIMITS) == {field.name for field in dataclasses.fields(Limits)}


def test_nearer_files_win_by_name_and_exclusions_add_up(tmp_path):
    near, far = tmp_path / "near.toml", tmp_path / "far.toml"
    near.write_text(
        '[credential.a]\nkind = "snmp-v2c"\nsecret = "env:NEAR"\n[scope]\nexclude = '
        '["10.0.0.1"]\n[limits]\ntimeout = 1\n'
    )
    far.write_text(
        '[credential.a]\nkind = "snmp-v2c"\nsecret = "env:FAR"\n[credential.b]\nkind = "snmp-v2c"\nsecret = "env:B"\n'
        '[scope]\nexclude = ["10.0.0.2"]\n[limits]\ntimeout = 9\nretries = 4\n'
    )
    near.chmod(0o600)
    far.chmod(0o600)
    config = configuration.load([near, far])
    assert config.credentials["a"].sources["secret"].rest == "NEAR"
    assert set(config.credentials) == {"a", "b"}
    assert set(config.exclude) == {"10.0.0.1", "10.0.0.2"}
    assert config.limits == {"timeout": 1.0, "retries": 4}


def test_a_file_that_others_may_write_is_refused(tmp_path):
    path = tmp_path / "auditor.toml"
    path.write_text("")
    path.chmod(0o666)
    with pytest.raises(AuditorError, match="others may write this file"):
        configuration.load([path])


def test_a_name_that_does_not_exist_is_told(tmp_path):
    path = tmp_path / "auditor.toml"
    path.write_text('[defaults]\ncredentials = ["core"]\n')
    path.chmod(0o600)
    with pytest.raises(AuditorError, match="no credential is called 'core'"):
        configuration.load([path])


def test_files_are_found_nearest_first(tmp_path):
    folder, home = tmp_path / "work", tmp_path / "home"
    for place in (folder, home / "auditor"):
        place.mkdir(parents=True)
        (place / "auditor.toml").write_text("")
    found = configuration.find(folder, {"XDG_CONFIG_HOME": str(home)})
    assert found[:2] == [folder / "auditor.toml", home / "auditor" / "auditor.toml"]
    assert configuration.find(tmp_path, {"HOME": str(tmp_path / "nobody")}) in ([], found[2:])


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ('kind = "netbox"\nsecret = "env:T"', "'url' is missing"),
        ('kind = "ssh"\nuser = "a"\nurl = "https://h"', "'url' is for inventories"),
        ('kind = "librenms"\nurl = "https://h"', "where the token comes from"),
        ('kind = "netdisco"\nurl = "https://h"\nsecret = "env:P"', "'user' is missing"),
        (
            'kind = "netbox"\nurl = "https://h"\nsecret = "env:T"\nsubnets = ["10.0.0.0/8"]',
            "for credentials of devices",
        ),
    ],
)
def test_a_token_of_an_inventory_belongs_to_one_server_and_to_no_device(lines, problem):
    assert problem in complaint(f"[credential.c]\n{lines}\n")
