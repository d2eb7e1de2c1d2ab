"""Secrets: fetched by name at the moment of use, seen nowhere else."""

import sys
import traceback

import pytest

from auditor.errors import AuditorError
from auditor.targets import config as configuration
from auditor.targets.secrets import Vault

CANARY = "canary-7f3a"


def vault(tmp_path, spelling, *, environ=None, ask=None, more=""):
    config = configuration.parse(
        f"[credential.c]\nkind = \"snmp-v2c\"\nsecret = '''{spelling}'''\n{more}", "auditor.toml"
    )
    return Vault(config, environ or {}, tmp_path, *([ask] if ask else []))


def test_a_secret_comes_from_the_environment(tmp_path):
    assert vault(tmp_path, "env:NAME", environ={"NAME": CANARY}).fetch("c", "community") == CANARY


def test_a_variable_that_is_not_set_is_told(tmp_path):
    with pytest.raises(AuditorError, match="credential c: the environment variable NAME is not set"):
        vault(tmp_path, "env:NAME").fetch("c", "community")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_file_that_others_may_read_is_refused(tmp_path, mode):
    path = tmp_path / "secret"
    path.write_text(CANARY + "\n")
    path.chmod(mode)
    with pytest.raises(AuditorError, match="can be read by others"):
        vault(tmp_path, f"file:{path}").fetch("c", "community")
    path.chmod(0o600)
    assert vault(tmp_path, f"file:{path}").fetch("c", "community") == CANARY
    assert vault(tmp_path, "file:~/secret").fetch("c", "community") == CANARY


def test_a_systemd_credential_comes_from_the_services_folder(tmp_path):
    (tmp_path / "snmp").write_text(CANARY)
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert vault(tmp_path, "systemd:snmp", environ=environ).fetch("c", "community") == CANARY
    with pytest.raises(AuditorError, match="CREDENTIALS_DIRECTORY is not set"):
        vault(tmp_path, "systemd:snmp").fetch("c", "community")


def test_a_person_is_asked_once(tmp_path):
    asked = []
    box = vault(tmp_path, "ask", ask=lambda name, part: asked.append((name, part)) or CANARY)
    assert [box.fetch("c", "community") for _ in range(3)] == [CANARY] * 3
    assert asked == [("c", "community")]


def test_nobody_to_ask_is_an_error_not_a_hang(tmp_path):
    with pytest.raises(AuditorError, match="nobody is there to type"):
        vault(tmp_path, "ask").fetch("c", "community")


def test_a_command_runs_without_a_shell_and_once(tmp_path):
    count = tmp_path / "count"
    script = f"import sys; open({str(count)!r}, 'a').write('x'); print(sys.argv[1])"
    box = vault(tmp_path, f'command:["{sys.executable}", "-c", "{script}", "$HOME;{CANARY}"]')
    assert {box.fetch("c", "community") for _ in range(3)} == {f"$HOME;{CANARY}"}
    assert count.read_text() == "x"


def test_a_command_never_sees_another_credentials_variable(tmp_path):
    script = "import os; print(os.environ.get('OTHER', 'hidden') + os.environ.get('PLAIN', ''))"
    more = '[credential.other]\nkind = "snmp-v2c"\nsecret = "env:OTHER"\n'
    box = vault(
        tmp_path,
        f'command:["{sys.executable}", "-c", "{script}"]',
        environ={"OTHER": CANARY, "PLAIN": "seen"},
        more=more,
    )
    assert box.fetch("c", "community") == "hiddenseen"


@pytest.mark.parametrize("words", ['["/nonexistent/pass"]', '["false"]', '["true"]'])
def test_a_command_that_fails_is_told(tmp_path, words):
    with pytest.raises(AuditorError, match="credential c"):
        vault(tmp_path, f"command:{words}", environ={"PATH": "/usr/bin:/bin"}).fetch("c", "community")


def test_a_password_comes_from_netmikos_own_file(tmp_path):
    path = tmp_path / ".netmiko.yml"
    path.write_text(
        f"sw1:\n  device_type: huawei\n  password: {CANARY}\n  secret: enable-me\nlocked:\n  password: "
        f"__encrypt__fernet:x\n"
    )
    path.chmod(0o600)
    assert vault(tmp_path, "netmiko:sw1").fetch("c", "community") == CANARY
    for name, words in (("locked", "encrypted"), ("nobody", "no device")):
        with pytest.raises(AuditorError, match=words):
            vault(tmp_path, f"netmiko:{name}").fetch("c", "community")
    path.chmod(0o644)
    with pytest.raises(AuditorError, match="read by others"):
        vault(tmp_path, "netmiko:sw1").fetch("c", "community")


def test_v3_parts_may_share_one_secret_and_nothing_else_does(tmp_path):
    text = (
        '[credential.c]\nkind = "snmp-v3"\nuser = "u"\nauth = "SHA"\npriv = "AES"\nsecret = "env:A"\npriv_secret = '
        '"env:P"\n'
    )
    box = Vault(configuration.parse(text, "auditor.toml"), {"A": "auth-secret", "P": "priv-secret"}, tmp_path)
    assert [box.fetch("c", part) for part in ("auth", "priv", "enable")] == ["auth-secret", "priv-secret", ""]


def test_no_repr_and_no_traceback_shows_a_secret(tmp_path):
    path = tmp_path / "secret"
    path.write_bytes(CANARY.encode() + b"\xff\n")
    path.chmod(0o600)
    box = vault(tmp_path, f"file:{path}")
    try:
        box.fetch("c", "community")
    except AuditorError as exc:
        told = "".join(traceback.format_exception(exc)) + repr(exc) + repr(box) + str(box)
    assert "not UTF-8" in told
    assert CANARY not in told


def test_what_can_be_checked_is_checked_without_asking(tmp_path):
    assert [str(problem) for problem in vault(tmp_path, "env:NAME").check()] == [
        "credential c: the environment variable NAME is not set"
    ]
    assert vault(tmp_path, "ask").check() == []
