"""`auditor doctor`: what would go wrong, told before it does, on any day of the calendar."""

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.run.knowledge import knowledge


@pytest.fixture
def doctor(tmp_path, monkeypatch):
    """Return a function that runs the doctor in an empty folder on a day."""
    monkeypatch.chdir(tmp_path)

    def call(text="", day="2026-11-21", **environ):
        (tmp_path / "auditor.toml").write_text(text)
        (tmp_path / "auditor.toml").chmod(0o600)
        epoch = int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())
        environment = {"SOURCE_DATE_EPOCH": str(epoch), "HOME": str(tmp_path), "SSH_AUTH_SOCK": None, **environ}
        return CliRunner().invoke(main, ["doctor", "--store", "none"], env=environment)

    return call


@pytest.fixture(scope="module")
def oldest():
    return min(knowledge([]).policies, key=lambda policy: policy.read_on)


def day_after(policy, days):
    return datetime.fromordinal(policy.read_on.toordinal() + days).date().isoformat()


def test_a_secret_that_is_not_there_is_named_by_the_credential_that_wants_it(doctor):
    result = doctor('[credential.core]\nkind = "snmp-v2c"\nsecret = "env:NOT_SET"\n')

    assert result.exit_code == 2
    assert "credential core: the environment variable NOT_SET is not set" in result.stdout


@pytest.mark.parametrize(
    ("age", "code", "message"), [(120, 0, ""), (121, 0, "warning: policy"), (181, 4, "before you certify")]
)
def test_a_list_read_long_ago_is_a_warning_at_first_and_then_too_old(doctor, oldest, age, code, message):
    result = doctor(day=day_after(oldest, age))

    lines = [line for line in result.stdout.splitlines() if f"policy {oldest.id} " in line]
    assert result.exit_code == code
    assert len(lines) == bool(message)
    assert all(message in line for line in lines)


def test_a_registry_that_grows_old_is_told_of_a_month_before(doctor):
    taken = knowledge([]).registry.date
    days = {days: doctor(day=(taken + timedelta(days=days)).isoformat()).stdout for days in (335, 336, 365, 366)}

    told = {days: "warning: the registry of MAC prefixes" in text for days, text in days.items()}
    assert told == {335: False, 336: True, 365: True, 366: False}
    assert "refresh it" in days[366]


def test_nothing_to_put_right_is_said_only_where_there_is_nothing(doctor, oldest):
    assert "nothing to put right" in doctor(day=day_after(oldest, 120)).stderr
    assert "nothing to put right" not in doctor(day=day_after(oldest, 121)).stderr


def test_a_key_file_that_is_missing_or_open_to_others_and_a_missing_agent_are_told(doctor, tmp_path):
    key = tmp_path / "key"
    text = '[credential.k]\nkind = "ssh"\nuser = "a"\nkey_file = "~/key"\n'
    assert "key cannot be read" in doctor(text).stdout
    key.write_text("x")
    key.chmod(0o644)
    assert "credential k: " in (result := doctor(text).stdout)
    assert "chmod 600" in result
    key.chmod(0o600)
    assert doctor(text).exit_code == 0

    agent = '[credential.a]\nkind = "ssh"\nuser = "a"\n'
    assert "no ssh-agent runs here" in doctor(agent).stdout
    assert doctor(agent, SSH_AUTH_SOCK="/run/agent").exit_code == 0


@pytest.mark.parametrize(
    ("binding", "message"), [('subnets = ["10.9.0.0/16"]', "other subnets"), ('sites = ["b"]', "other sites")]
)
def test_a_credential_that_a_site_names_in_vain_is_told(doctor, binding, message):
    text = (
        f'[credential.c]\nkind = "snmp-v2c"\nsecret = "env:C"\n{binding}\n[site.b]\n'
        '[site.a]\nsubnets = ["10.0.0.0/24"]\ncredentials = ["c"]\n'
    )

    assert f"site a: credential c is bound to {message}" in doctor(text, C="x").stdout
    assert (
        doctor(text.replace("10.9.0.0/16", "10.0.0.128/25").replace('sites = ["b"]', 'sites = ["a"]'), C="x").exit_code
        == 0
    )
