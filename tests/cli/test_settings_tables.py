"""The tables of auditor.toml beside `[options]`.

Each documented key changes something, each other key is refused with the known ones.
"""

import json
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.cli.options import defaults, option_keys
from auditor.errors import AuditorError
from auditor.parse.services import service_table
from auditor.run import configuration as in_force
from auditor.run.request import ScanRequest
from auditor.targets import config as configuration
from auditor.targets.secrets import Vault
from auditor.targets.select import Request, select
from tests.tools import reference

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"
V3 = (
    '[credential.core]\nkind = "snmp-v3"\nuser = "audit"\nauth = "SHA"\nauth_secret = "env:A"\npriv = '
    '"AES"\npriv_secret = "env:P"\n'
)
V2 = '[credential.old]\nkind = "snmp-v2c"\nsecret = "env:C"\n'
SSH = '[credential.shell]\nkind = "ssh"\nuser = "audit"\nsecret = "env:S"\n'
ASKING = '[organisation]\ncountry = "US"\n'
HQ = '[site.hq]\nsubnets = ["10.1.0.0/30"]\n'
NEWS = '[credential.chat]\nkind = "notify"\nsecret = "env:C"\n'
FAR = '[site.far]\nsubnets = ["10.2.0.0/30"]\n'
ENVIRON = {name: f"value of {name}" for name in ("A", "C", "E", "K", "P", "S", "X")}


@pytest.fixture
def loaded(tmp_path, monkeypatch):
    """Return a function that writes auditor.toml and loads it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "public.txt").write_text("198.51.100.7\n")

    def load(text):
        (tmp_path / "auditor.toml").write_text(text)
        return in_force.configuration()

    return load


def tried(config, *words):
    return [(one.address, one.site, one.credentials, one.ports) for one in select(words, config)]


def public(config):
    try:
        return tried_in_public(config)
    except AuditorError:
        return "refused"


def tried_in_public(config):
    return [one.address for one in select(["198.51.100.7"], config, Request(public=True))]


def secrets(config):
    vault = Vault(config, ENVIRON, Path())
    parts = ("community", "password", "auth", "priv", "enable", "passphrase")
    return {(name, part): vault.fetch(name, part) for name in config.credentials for part in parts}


def limits(config):
    return ScanRequest().limits(config)


def site_limits(config):
    return ScanRequest().site_limits(config)


def at_both(config):
    return tried(config, "10.1.0.1", "10.2.0.1")


def everywhere(config):
    return tried(config)


def servers(config):
    return {name: (entry.url, entry.ca_file) for name, entry in config.credentials.items()}


def evidence(config):
    return config.evidence


def circumstances(_config):
    return in_force.circumstances()


def reader(_config):
    return in_force.organisation()


def places(_config):
    return in_force.places()


# key: (what stands before, what the key adds to its last table, who sees it)
CASES = {
    "defaults.credentials": (V2 + SSH + "[defaults]\n", 'credentials = ["shell"]', at_both),
    "defaults.downgrade": (V2 + V3 + "[defaults]\n", "downgrade = true", at_both),
    "scope.exclude": ("[scope]\n", 'exclude = ["10.1.0.1"]', at_both),
    "scope.allow_file": ("[scope]\n", 'allow_file = "public.txt"', public),
    "evidence.folder": ("", '[evidence]\nfolder = "box"', evidence),
    "credential.NAME.kind": ('[credential.c]\nuser = "u"\nsecret = "env:C"\n', 'kind = "http"', None),
    "credential.NAME.user": ('[credential.c]\nkind = "http"\nsecret = "env:C"\n', 'user = "u"', None),
    "credential.NAME.auth": (
        '[credential.c]\nkind = "snmp-v3"\nuser = "u"\nsecret = "env:C"\n',
        'auth = "SHA512"',
        configuration.Config.public,
    ),
    "credential.NAME.priv": (
        '[credential.c]\nkind = "snmp-v3"\nuser = "u"\nauth = "SHA"\nsecret = "env:C"\n',
        'priv = "AES256"',
        configuration.Config.public,
    ),
    "credential.NAME.context": (V3, 'context = "vlan-7"', configuration.Config.public),
    "credential.NAME.key_file": (SSH, 'key_file = "id"', configuration.Config.public),
    "credential.NAME.secret": ('[credential.c]\nkind = "ssh"\nuser = "u"\n', 'secret = "env:S"', secrets),
    "credential.NAME.auth_secret": (
        '[credential.c]\nkind = "snmp-v3"\nuser = "u"\nauth = "SHA"\nsecret = "env:C"\n',
        'auth_secret = "env:X"',
        secrets,
    ),
    "credential.NAME.priv_secret": (
        '[credential.c]\nkind = "snmp-v3"\nuser = "u"\nauth = "SHA"\npriv = "AES"\nsecret = "env:C"\n',
        'priv_secret = "env:X"',
        secrets,
    ),
    "credential.NAME.enable_secret": (SSH, 'enable_secret = "env:E"', secrets),
    "credential.NAME.key_secret": (SSH, 'key_secret = "env:K"', secrets),
    "credential.NAME.subnets": (V2, 'subnets = ["10.1.0.0/30"]', at_both),
    "credential.NAME.sites": (HQ + FAR + V2, 'sites = ["hq"]', at_both),
    "credential.NAME.url": (
        '[credential.box]\nkind = "netbox"\nsecret = "env:C"\n',
        'url = "https://netbox.example.net"',
        servers,
    ),
    "credential.NAME.ca_file": (
        '[credential.box]\nkind = "netbox"\nsecret = "env:C"\nurl = "https://netbox.example.net"\n',
        'ca_file = "ca.pem"',
        servers,
    ),
    "site.NAME.subnets": (FAR + "[site.hq]\n", 'subnets = ["10.1.0.0/30"]', everywhere),
    "site.NAME.exclude": (HQ, 'exclude = ["10.1.0.1"]', everywhere),
    "site.NAME.credentials": (V2 + SSH + HQ, 'credentials = ["shell"]', everywhere),
    "site.NAME.ports": (HQ, "ports = { snmp = 1161 }", everywhere),
    "site.NAME.limits": (HQ, "limits = { timeout = 7 }", site_limits),
    "site.NAME.downgrade": (V2 + V3 + HQ, "downgrade = true", everywhere),
    "site.NAME.purposes": (HQ, 'purposes = ["public-safety"]', circumstances),
    "site.NAME.latitude": (HQ + "longitude = 16\n", "latitude = 48", places),
    "site.NAME.longitude": (HQ + "latitude = 48\n", "longitude = 16", places),
    "site.NAME.country": (ASKING + HQ, 'country = "CA"', reader),
    "site.NAME.state": (ASKING + HQ, 'state = "TX"', reader),
    "organisation.name": (ASKING, 'name = "Example Carrier"', reader),
    "organisation.person": (ASKING, 'person = "A. Officer"', reader),
    "organisation.country": ("[organisation]\n", 'country = "DE"', reader),
    "organisation.state": (ASKING, 'state = "TX"', reader),
    "organisation.roles": (ASKING, 'roles = ["operator"]', reader),
    "notify.apprise": (NEWS + "[notify]\n", 'apprise = ["chat"]', lambda config: config.notify),
    "notify.syslog": ("[notify]\n", 'syslog = "/dev/log"', lambda config: config.notify),
    "schedule.window": ("[schedule]\n", 'window = "22:00-05:00"', lambda config: config.window),
    "limits.careful": ("[limits]\n", "careful = true", limits),
} | {f"limits.{name}": ("[limits]\n", f"{name} = 7", limits) for name in configuration.LIMITS if name != "careful"}
ALONE_INVALID = "credential.NAME.kind", "credential.NAME.url", "site.NAME.latitude", "site.NAME.longitude"


@cache
def schema():
    from jsonschema import Draft202012Validator

    made = json.loads((PAGE.parent / "schemas" / "config.schema.json").read_text(encoding="utf-8"))
    # All of it takes three seconds to look through; its commands are alike.
    own = {"properties": {**made["properties"], "options": True}, "$defs": {"one": made["$defs"]["rules.update"]}}
    Draft202012Validator.check_schema({**made, **own})
    return Draft202012Validator(made)


def test_the_schema_that_editors_read_is_made_of_the_declarations():
    published = (PAGE.parent / "schemas" / "config.schema.json").read_text(encoding="utf-8")

    assert published == reference.schema(), "run `make docs`"
    assert CliRunner().invoke(main, ["config", "schema"]).stdout == published


def test_the_schema_takes_every_documented_key_and_example():
    judge, examples = schema(), re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)

    assert len(examples) >= 2
    for text in (*examples, *(before + line for before, line, _ in CASES.values())):
        assert [fault.message for fault in judge.iter_errors(tomllib.loads(text))] == []


@pytest.mark.parametrize(
    "text",
    [
        "colour = 1",
        "[options]\nfail-onn = 'new'",
        "[options]\nrate = 'fast'",
        "[options.scan]\nfail-on = 'sometimes'",
        "[options.'rules update']\nmaker = 'x'",
        "[options.filings.write]\nrate = 5",
        "[limits]\ntimeout = 0",
        "[limits]\ncareful = 1",
        "[credential.c]\nuser = 'u'",
        "[credential.c]\nkind = 'snmp-v4'",
        "[credential.c]\nkind = 'ssh'\nsecret = 'hunter2'",
        "[site.hq]\nlatitude = 91",
        "[site.hq]\nports = { snmp = 65536 }",
        "[site.hq]\nports = { smnp = 161 }",
        "[site.hq]\npurposes = ['fun']",
        "[organisation]\nroles = ['king']",
        "[schedule]\nwindow = 'at night'",
    ],
)
def test_the_schema_refuses_what_the_program_refuses(loaded, text):
    assert [*schema().iter_errors(tomllib.loads(text))]
    with pytest.raises(AuditorError):
        use(loaded, text)


def use(loaded, text):
    loaded(text)
    in_force.circumstances()
    in_force.organisation()
    commands = option_keys(main)
    defaults([configuration.OptionTable(path=PAGE, values=tomllib.loads(text).get("options", {}))], ("runs",), commands)


@pytest.mark.parametrize(("before", "line", "look"), CASES.values(), ids=CASES)
def test_each_key_changes_something(loaded, before, line, look, request):
    look = look or configuration.Config.public
    after = look(loaded(f"{before}{line}\n"))

    if request.node.callspec.id in ALONE_INVALID:
        with pytest.raises(AuditorError):
            loaded(before)
        assert after
    else:
        assert look(loaded(before)) != after


def test_each_key_on_the_page_is_tested_and_each_tested_one_is_on_the_page():
    table = PAGE.read_text(encoding="utf-8").partition("## Sites")[2]
    keys = set(
        re.findall(
            r"`((?:defaults|evidence|limits|notify|schedule|scope|organisation|credential\.NAME|site\.NAME)\.\w+)`"
            r"(?=[^|]*\| )",
            table,
        )
    )

    assert keys == set(CASES)


KNOWN = {
    "": "credential, defaults, evidence, limits, notify, options, organisation, schedule, scope, site",
    "organisation": "country, name, person, roles, state",
    "defaults": "credentials, downgrade",
    "limits": ", ".join(configuration.LIMITS),
    "scope": "allow_file, exclude",
    "evidence": "folder",
    "schedule": "window",
    "notify": "apprise, syslog",
    "site.x": "country, credentials, downgrade, exclude, latitude, limits, longitude, ports, purposes, state, subnets",
    "site.x.ports": ", ".join(service_table().names),
    "site.x.limits": ", ".join(configuration.LIMITS),
    "credential.x": "auth, auth_secret, ca_file, context, enable_secret, key_file, key_secret, kind, priv, priv_secret,"
    " secret, sites, subnets, url, user",
}


@pytest.mark.parametrize("table", KNOWN)
def test_an_unknown_key_names_the_file_the_key_and_the_known_ones(loaded, tmp_path, table):
    head = f"[{table}]\n" if table else ""
    usual = 'kind = "snmp-v2c"\nsecret = "env:C"\n' if table == "credential.x" else ""
    with pytest.raises(AuditorError) as caught:
        loaded(f"{head}colour = 1\n{usual}")

    line = next(line for line in str(caught.value).splitlines() if "colour" in line)
    assert str(tmp_path / "auditor.toml") in line
    assert f"{table}.colour".lstrip(".") in line
    assert KNOWN[table] in line


def test_a_file_further_away_may_give_leave_that_a_nearer_one_does_not_speak_of(tmp_path):
    near, far = tmp_path / "near.toml", tmp_path / "far.toml"
    near.write_text(V2)
    far.write_text("[defaults]\ndowngrade = true\n" + V3)
    assert tried(configuration.load([near, far]), "10.0.0.1")[0][2] == ("core", "old")

    near.write_text("[defaults]\ndowngrade = false\n" + V2)
    assert tried(configuration.load([near, far]), "10.0.0.1")[0][2] == ("core",)


def test_paths_are_taken_from_the_folder_of_the_file_that_names_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "secret").write_text("hidden\n")
    (tmp_path / "conf" / "secret").chmod(0o600)
    (tmp_path / "conf" / "public.txt").write_text("198.51.100.7\n")
    (tmp_path / "conf" / "auditor.toml").write_text(
        '[scope]\nallow_file = "public.txt"\n[credential.c]\nkind = "ssh"\nuser = "u"\nkey_file = "id"\nsecret = '
        '"file:secret"\n'
    )
    config = in_force.configuration("conf/auditor.toml")

    assert tried_in_public(config) == ["198.51.100.7"]
    assert Vault(config, {}, tmp_path).fetch("c", "password") == "hidden"
    assert config.public()["c"].key_file == "conf/id"
