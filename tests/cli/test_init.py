"""`auditor init`: a first auditor.toml that is valid, and files that scan every night."""

import json
import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click
import pytest
import yaml
from click.testing import CliRunner

from auditor.cli import main
from auditor.lab.agent import PlayedAgent
from auditor.model import VarBind
from auditor.run.deploy import PROGRAM
from auditor.run.first_config import FirstAnswers, ask
from auditor.run.person import Absent
from auditor.targets.config import load
from auditor.targets.interfaces import own_subnets
from tests.tools import snmp_lab
from tests.tools.deployment import DOCS, written
from tests.tools.loopback import free_port

VRP = b"Huawei Versatile Routing Platform Software \r\n VRP (R) software,Version 5.170 (S5720 V200R010C00SPC600)"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words, **settings):
    return CliRunner().invoke(main, [str(word) for word in words], **settings)


def mode(path):
    return oct(path.stat().st_mode & 0o777)


# ── a first auditor.toml ─────────────────────────────────────────────────────────────────────


def test_defaults_are_remarks_that_change_nothing(folder):
    shown = run("init", "--yes")

    assert shown.exit_code == 0, shown.stderr
    assert "wrote auditor.toml" in shown.stderr
    assert tomllib.loads((folder / "auditor.toml").read_text()) == {}
    assert mode(folder / "auditor.toml") == "0o644"
    assert run("doctor", "--store", "none").exit_code in {0, 4}


@pytest.mark.parametrize(
    ("words", "credentials"),
    [
        ((), {"snmp": ("snmp-v3", "file:secrets/snmp-auth", "file:secrets/snmp-priv")}),
        (("--snmp", "v2c", "--secrets", "env"), {"snmp": ("snmp-v2c", "env:SNMP_COMMUNITY")}),
        (("--snmp", "none"), {}),
        (
            ("--ssh", "--snmp", "v2c", "--secrets", "systemd"),
            {"snmp": ("snmp-v2c", "systemd:snmp-community"), "ssh": ("ssh", "systemd:ssh-password")},
        ),
    ],
)
def test_answers_on_the_command_line_make_a_configuration_that_is_loaded(folder, words, credentials):
    shown = run("init", "--yes", "--site", "Lager 2", "--subnet", "10.1.0.0/16", *words)
    config = load([folder / "auditor.toml"])

    assert shown.exit_code == 0, shown.stderr
    assert config.sites["Lager 2"].subnets == ("10.1.0.0/16",)
    assert config.sites["Lager 2"].credentials == tuple(credentials)
    text = (folder / "auditor.toml").read_text()
    for name, (kind, *sources) in credentials.items():
        assert config.credentials[name].public.kind == kind
        assert all(f'"{source}"' in text for source in sources)
    assert mode(folder / "auditor.toml") == ("0o600" if credentials else "0o644")


@pytest.mark.usefixtures("folder")
def test_what_is_left_to_do_is_what_doctor_finds():
    left = re.findall("still to do: (.*)", run("init", "--yes", "--subnet", "10.1.0.0/16").stderr)

    assert left[0].startswith("credential snmp: ")
    assert left[0].endswith("secrets/snmp-auth cannot be read: No such file or directory")
    found = run("doctor", "--store", "none").stdout.splitlines()
    assert [line for line in found if not line.startswith("warning")] == left


def test_a_file_that_is_there_is_never_written_over(folder):
    (folder / "auditor.toml").write_text("# mine\n")
    (folder / "link.toml").symlink_to(folder / "nowhere.toml")

    for words in ((), ("--output", "link.toml")):
        shown = run("init", "--yes", *words)
        assert (shown.exit_code, shown.stderr.count("\n")) == (2, 1)
        assert "is there already and is not written over" in shown.stderr
    assert (folder / "auditor.toml").read_text() == "# mine\n"
    assert not (folder / "nowhere.toml").exists()


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--subnet", "10.1.0.0/33"), "10.1.0.0/33"),
        (("--snmp", "v4"), "--snmp: 'v4' is none of v3, v2c, none"),
        (("--secrets", "paper"), "--secrets: 'paper' is none of file, env, systemd"),
        (("--output", "no/such/folder/a.toml"), "cannot be written: No such file or directory"),
    ],
)
def test_answers_that_make_no_configuration_write_nothing(folder, words, problem):
    shown = run("init", "--yes", *words)

    assert shown.exit_code == 2
    assert problem in shown.stderr
    assert list(folder.iterdir()) == []


def test_a_quote_in_an_answer_stays_in_its_text(folder):
    run("init", "--yes", "--site", 'a"]\n[options]', "--subnet", "10.1.0.0/16", "--user", 'b"\nkind = "x')
    config = load([folder / "auditor.toml"])

    assert list(config.sites) == ['a"]\n[options]']
    assert config.credentials["snmp"].public.user == 'b"\nkind = "x'


def test_questions_are_asked_of_whoever_sits_there(folder):
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "auditor", "init", "--secrets", "env"]
    process = subprocess.Popen(command, stdin=theirs, stderr=subprocess.PIPE, cwd=folder, text=True)
    os.write(ours, b"hq\n10.1.0.0/16, 10.2.0.0/16\nv2c\n\n")
    _, asked = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)

    config = load([folder / "auditor.toml"])
    assert config.sites["hq"].subnets == ("10.1.0.0/16", "10.2.0.0/16")
    assert config.credentials["snmp"].public.kind == "snmp-v2c"
    assert "Name of the first site [main]: " in asked
    assert "Where secrets come from" not in asked


ROUTES = """Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	0100010A	0003	0	0	0	00000000	0	0	0
eth0	0000010A	00000000	0001	0	0	0	00FFFFFF	0	0	0
eth1	000010AC	00000000	0001	0	0	0	0000FFFF	0	0	0
eth2	0000000A	00000000	0001	0	0	0	000000FF	0	0	0
eth3	000200C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
docker0	000011AC	00000000	0001	0	0	0	0000FFFF	0	0	0
"""
ADDRESSES = [
    {"ifname": "lo", "addr_info": [{"local": "127.0.0.1", "prefixlen": 8}]},
    {"ifname": "eth0", "addr_info": [{"local": "10.1.0.17", "prefixlen": 24}, {"local": "10.3.0.1", "prefixlen": 32}]},
]


@pytest.mark.skipif(sys.byteorder != "little", reason="the sample is of a little-endian machine")
def test_private_subnets_of_the_interfaces_are_proposed(tmp_path):
    (tmp_path / "route").write_text(ROUTES)

    # Without the default route, what is too large to be scanned unasked, public, or inside this machine.
    assert own_subnets(tmp_path / "route") == ("10.1.0.0/24", "172.16.0.0/16")


def test_addresses_say_the_same_where_there_is_no_table_of_routes(tmp_path, monkeypatch):
    program = tmp_path / "ip"
    program.write_text(f"#!/bin/sh\necho '{json.dumps(ADDRESSES)}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    assert own_subnets(tmp_path / "no such file") == ("10.1.0.0/24",)
    for broken in ("echo x", "echo [1]", "exit 1"):
        program.write_text(f"#!/bin/sh\n{broken}\n")
        assert own_subnets(tmp_path / "no such file") == ()


class Agreeable(Absent):
    """Takes what is proposed, and remembers the questions."""

    def __init__(self):
        self.questions = {}

    def answer(self, question, default):
        self.questions[question] = default
        return default


def test_what_is_proposed_is_taken_by_whoever_agrees_and_a_dash_is_for_later():
    agreeable = Agreeable()

    assert ask(FirstAnswers(), agreeable, ("10.1.0.0/24", "10.2.0.0/24")).subnet == ("10.1.0.0/24", "10.2.0.0/24")
    assert agreeable.questions["Its subnets, separated by commas; - for later"] == "10.1.0.0/24, 10.2.0.0/24"
    assert ask(FirstAnswers(), agreeable).subnet == ()
    agreeable.answer = lambda question, default: "-" if "subnets" in question else default
    assert ask(FirstAnswers(), agreeable, ("10.1.0.0/24",)).subnet == ()


def test_the_first_line_leads_an_editor_to_the_schema(folder):
    run("init", "--yes", "--subnet", "10.1.0.0/24")
    first, *_ = (folder / "auditor.toml").read_text().splitlines()
    word, address = first.split(None, 1)
    schema = json.loads(Path(unquote(urlsplit(address).path)).read_text(encoding="utf-8"))

    assert word == "#:schema"
    assert schema["title"] == "auditor.toml"


# ── files that scan every night ──────────────────────────────────────────────────────────────


def test_the_files_of_the_documentation_are_those_the_command_writes(tmp_path):
    files = [path for path in DOCS.rglob("*") if path.is_file()]

    assert written(tmp_path) == {path.relative_to(DOCS): path.read_bytes() for path in files}


def test_no_file_is_written_over_and_then_none_is_written(folder):
    (folder / "auditor.timer").write_text("mine")
    shown = run("init", "--systemd", ".")

    assert (shown.exit_code, shown.stderr) == (
        2,
        "auditor: auditor.timer: is there already and is not written over; move it, or name another folder\n",
    )
    assert [path.name for path in folder.iterdir()] == ["auditor.timer"]


def test_two_kinds_do_not_share_a_folder(folder):
    assert run("init", "--systemd", "out", "--cron", "out").exit_code == 2
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("kind", ["cron", "systemd", "docker"])
def test_each_scan_fails_on_what_is_new_alone_and_keeps_its_file_names(folder, kind):
    run("init", f"--{kind}", "out", "--program", PROGRAM)
    text = "".join(path.read_text() for path in (folder / "out").iterdir()).replace('", "', " ")

    assert "scan --fail-on new --store /var/lib/auditor/auditor.db" in text
    assert "--stable" in text


def test_secrets_that_are_handed_over_are_those_the_configuration_names(folder):
    run("init", "--yes", "--subnet", "10.1.0.0/16", "--secrets", "systemd", "--ssh")
    run("init", "--systemd", "s", "--docker", "d", "--cron", "c")
    names = ["snmp-auth", "snmp-priv", "ssh-password"]

    service = (folder / "s" / "auditor.service").read_text()
    assert re.findall("^LoadCredential=(.*)$", service, re.MULTILINE) == [
        f"{name}:/etc/auditor/secrets/{name}" for name in names
    ]
    compose = yaml.safe_load((folder / "d" / "compose.yaml").read_text())
    assert compose["services"]["auditor"]["secrets"] == names
    assert compose["secrets"] == {name: {"file": f"./secrets/{name}"} for name in names}


def test_a_container_has_no_root_and_writes_its_volume_alone(folder):
    run("init", "--docker", "d")
    service = yaml.safe_load((folder / "d" / "compose.yaml").read_text())["services"]["auditor"]
    lines = (folder / "d" / "Dockerfile").read_text().splitlines()

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert [volume.split(":")[1:] for volume in service["volumes"]] == [
        ["/var/lib/auditor"],
        ["/etc/auditor/auditor.toml", "ro"],
    ]
    assert "USER auditor" in lines
    assert lines.index("USER auditor") < lines.index("VOLUME /var/lib/auditor")


def instructions(text):
    """Return the instructions of a Dockerfile: each word with its arguments, lines that go on joined."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines)).splitlines()
    return [tuple(line.split(None, 1)) for line in joined]


def test_the_image_is_made_from_a_pinned_base_and_holds_no_secret(folder):
    run("init", "--docker", "d")
    image = instructions((folder / "d" / "Dockerfile").read_text())
    words = [word for word, _ in image]
    values = dict(image)

    assert words == ["ARG", "FROM", "ARG", "RUN", "ENV", "USER", "WORKDIR", "VOLUME", "CMD"]
    assert dict(argument.split("=", 1) for word, argument in image if word == "ARG") == {
        "BASE": "python:3.13-slim-bookworm", "PACKAGE": "network-equipment-auditor",
    }  # fmt: skip
    assert (values["FROM"], values["USER"]) == ("$BASE", "auditor")
    assert "useradd --system --uid 10001 " in values["RUN"]
    names = [pair.partition("=")[0] for pair in shlex.split(values["ENV"])]
    assert not [name for name in names if re.search("SECRET|PASS|TOKEN|COMMUNITY|KEY", name)]
    program, *options = json.loads(values["CMD"])
    assert (program, options.index("scan") > 0) == ("auditor", True)


@pytest.mark.real
def test_systemd_has_nothing_to_say_against_the_service(folder):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    run("init", "--systemd", "out", "--program", sys.executable)
    units = [str(folder / "out" / name) for name in ("auditor.service", "auditor.timer")]
    verified = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)

    assert (verified.returncode, verified.stdout, verified.stderr) == (0, "", "")

    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", units[0]], capture_output=True, text=True, check=True
    )
    assert float(re.search(r"Overall exposure level for auditor.service: ([\d.]+)", judged.stdout)[1]) <= 3


@pytest.mark.real
def test_systemd_has_nothing_to_say_against_the_services_of_a_hub(folder):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    run("init", "--hub", "out", "--program", sys.executable)
    (folder / "out" / "auditor-.service.d").mkdir()
    (folder / "out" / "hardened.conf").rename(folder / "out" / "auditor-.service.d" / "hardened.conf")
    units = sorted(str(path) for path in (folder / "out").glob("*.service"))
    environment = os.environ | {"SYSTEMD_UNIT_PATH": f"{folder / 'out'}:"}
    tell = partial(subprocess.run, capture_output=True, text=True, check=False, env=environment)
    verified = tell(["systemd-analyze", "verify", *units])

    assert len(units) == 3
    assert (verified.returncode, verified.stdout, verified.stderr) == (0, "", "")
    for unit in units:
        judged = tell(["systemd-analyze", "security", "--offline=true", unit]).stdout
        assert float(re.search(r"Overall exposure level for .*: ([\d.]+)", judged)[1]) <= 3


def test_the_words_of_a_hubs_services_are_words_of_the_program(folder):
    run("init", "--hub", "out", "--program", "/program")
    for path in (folder / "out").glob("*.service"):
        line = re.search(r"^ExecStart=/program (.*)$", path.read_text(), re.MULTILINE)[1]
        words = shlex.split(line.replace("%H", "hub.example").replace("%i", "north"))[2:]
        command = main
        while isinstance(command, click.Group):
            command = command.get_command(click.Context(command), words.pop(0))
        # Its options are known and its words are enough: nothing is run.
        command.make_context(command.name, words, obj="")


def places(text, folder):
    """Return a command line with the folders of a machine put below one folder."""
    return text.replace("/etc/auditor", str(folder / "etc")).replace("/var/lib/auditor", str(folder / "state"))


def nightly_line(kind, folder):
    """Return the words of the scan in the files of one kind."""
    run("init", f"--{kind}", kind, "--program", "/program")
    name, before = {
        "systemd": ("auditor.service", "ExecStart=/program "),
        "cron": ("auditor.cron", "30 2 * * *  auditor  /program "),
        "docker": ("Dockerfile", 'CMD ["auditor", '),
    }[kind]
    lines = (folder / kind / name).read_text().splitlines()
    line = next(line for line in lines if line.startswith(before)).removeprefix(before).partition("||")[0]
    words = yaml.safe_load(f"[{line}") if kind == "docker" else shlex.split(line)
    return [places(word, folder) for word in words]


def test_cron_and_a_container_scan_as_the_service_does(folder):
    service = nightly_line("systemd", folder)

    assert [*nightly_line("docker", folder), "--log-format", "json"] == service
    assert [*nightly_line("cron", folder)[:-1], "--log-format", "json"] == service


def test_cron_prints_nothing_on_a_quiet_night_and_a_line_on_any_other(folder):
    run("init", "--cron", "out", "--program", "/program")
    line = (folder / "out" / "auditor.cron").read_text().splitlines()[-1].partition("  auditor  ")[2]

    for code, printed in ((0, ""), (1, "auditor ended with code 1; its reports are in /var/lib/auditor/reports\n")):
        (folder / "program").write_text(f"#!/bin/sh\nexit {code}\n")
        (folder / "program").chmod(0o755)
        command = ["/bin/sh", "-c", line.replace("/program", str(folder / "program"))]
        assert subprocess.run(command, capture_output=True, text=True, check=False).stdout == printed


def test_the_nightly_line_works_without_home_terminal_and_environment(folder):
    words, port = nightly_line("systemd", folder), free_port()
    (folder / "etc").mkdir()
    (folder / "state").mkdir()
    (folder / "etc" / "secret").write_text("public\n")
    (folder / "etc" / "auditor.toml").write_text(
        '[credential.c]\nkind = "snmp-v2c"\nsecret = "systemd:secret"\n'
        f'[site.hq]\nsubnets = ["127.39.4.1/32"]\nports = {{ snmp = {port} }}\n[options.scan]\ncollector = "snmp"\n'
    )
    rows = [VarBind("1.3.6.1.2.1.1.1.0", 0x04, VRP), VarBind("1.3.6.1.2.1.1.3.0", 0x43, b"d")]
    command = ["env", "-i", f"CREDENTIALS_DIRECTORY={folder / 'etc'}", sys.executable, "-m", "auditor", *words]
    with snmp_lab.played(PlayedAgent(address="127.39.4.1", port=port, varbinds=rows)):
        nights = [
            subprocess.run(
                command, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                start_new_session=True,
            )
            for _ in range(2)
        ]  # fmt: skip

    assert [night.returncode for night in nights] == [1, 0], nights[0].stderr
    assert all(night.stdout == "" for night in nights)
    assert {path.name for path in (folder / "state" / "reports").iterdir()} == {
        "audit.html", "audit.json", "audit-prometheus.prom",
    }  # fmt: skip
    assert (folder / "state" / "auditor.db").is_file()
