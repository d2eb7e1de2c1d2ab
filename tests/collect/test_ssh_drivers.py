"""The drivers table: who is read how, what may be sent, each one tried on a played device."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.collect.base import Setup
from auditor.collect.ssh.collector import SshCollector
from auditor.collect.ssh.drivers import choose_driver, driver_table, load
from auditor.collect.ssh.keys import enrol
from auditor.errors import AuditorError
from auditor.model import Credential, Fact, Limits, Observation, Target, Unread
from tests.tools.loopback import SCOPE
from tests.tools.ssh_lab import Device, Lab

DRIVERS = [driver.id for driver in driver_table().drivers]


@pytest.mark.parametrize(
    ("kind", "value", "driver"),
    [
        (
            "snmp.sysdescr",
            "S5720\nHuawei Versatile Routing Platform Software\nVRP (R) software,Version 5.170",
            "huawei",
        ),
        ("snmp.sysdescr", "VRP (R) software, Version 8.180 (CE6855HI V200R005C10SPC800)", "huawei_vrpv8"),
        ("snmp.sysdescr", "Huawei YunShan OS Version 1.23.0.1", "huawei_vrpv8"),
        ("snmp.sysdescr", "Huawei Integrated Access Software", "huawei_smartax"),
        ("snmp.sysdescr", "C320 Version V2.1.0 Software, Copyright (c) by ZTE Corporation", "zte_olt"),
        ("snmp.sysdescr", "ZXR10 ROS Version V4.08.23 ZXR10_5928", "zte_zxros"),
        ("snmp.sysdescr", "HPE Comware Platform Software, Software Version 7.1.070", "hp_comware"),
        ("snmp.sysdescr", "H3C Comware Platform Software", "h3c_comware"),
        ("snmp.sysdescr", "Cisco IOS XR Software (Cisco ASR9K Series)", "cisco_xr"),
        ("snmp.sysdescr", "Cisco NX-OS(tm) n9000", "cisco_nxos"),
        ("snmp.sysdescr", "Cisco IOS Software, C2960X Software", "cisco_ios"),
        ("snmp.sysdescr", "Juniper Networks, Inc. ex2200-24t", "juniper_junos"),
        ("snmp.sysdescr", "Arista Networks EOS version 4.28", "arista_eos"),
        ("snmp.sysdescr", "RouterOS CCR1009-7G-1C-1S+", "mikrotik_routeros"),
        ("snmp.sysobjectid", "1.3.6.1.4.1.2011.2.239.55", "huawei_vrpv8"),
        ("snmp.sysobjectid", "1.3.6.1.4.1.2011.2.23.814", "huawei"),
        ("snmp.sysobjectid", "1.3.6.1.4.1.2011.2.80.8", "huawei_smartax"),
        ("snmp.sysobjectid", "1.3.6.1.4.1.2011.10.1.1", "h3c_comware"),
        ("snmp.sysobjectid", "1.3.6.1.4.1.56813.2.23.814", "huawei_vrpv8"),
        ("snmp.sysobjectid", "1.3.6.1.4.1.3902.1082.1001.320.2.1", "zte_olt"),
        ("snmp.sysobjectid", "1.3.6.1.4.1.3902.3.600.3.1.37", "zte_zxros"),
        ("snmp.sysobjectid", "1.3.6.1.4.1.8072.3.2.10", ""),
        ("ssh.banner", "SSH-2.0-HUAWEI-1.5", "huawei"),
        ("ssh.banner", "SSH-2.0--", "huawei"),
        ("ssh.banner", "SSH-2.0-ZTE_SSH.2.0", "zte_zxros"),
        ("ssh.banner", "SSH-2.0-Comware-7.1.045", "h3c_comware"),
        ("ssh.banner", "SSH-2.0-ROSSSH", "mikrotik_routeros"),
        ("ssh.banner", "SSH-2.0-OpenSSH_9.2p1", ""),
        ("ssh.banner", "SSH-2.0-dropbear_2012.55", ""),
    ],
)
def test_a_device_chooses_its_driver_by_its_own_words(kind: str, value: str, driver: str) -> None:
    assert choose_driver([Fact(kind=kind, value=value)]) == driver


def test_what_a_neighbour_said_chooses_nothing() -> None:
    assert choose_driver([Fact(kind="snmp.sysdescr", value="VRP (R) software", about="lldp:x")]) == ""


def test_the_operating_system_goes_before_the_banner() -> None:
    said = [
        Fact(kind="ssh.banner", value="SSH-2.0-HUAWEI-1.5"),
        Fact(kind="snmp.sysdescr", value="Huawei Integrated Access Software"),
    ]

    assert choose_driver(said) == "huawei_smartax"


@pytest.mark.parametrize(
    "descr",
    ["Cisco Adaptive Security Appliance Version 9.8(2)", "Cisco Controller", "FortiGate-100E", "AVIAT WTM 4100"],
)
def test_systems_whose_drivers_write_are_left_alone_whatever_their_banner(descr: str) -> None:
    said = [Fact(kind="snmp.sysdescr", value=descr), Fact(kind="ssh.banner", value="SSH-2.0-Cisco-1.25")]

    assert choose_driver(said) == ""


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("system-view", "session"),
        ("configure terminal", "session"),
        ("undo smart\\nsystem-view", "session"),
        ("reboot", "identity"),
        ("display version; reboot", "identity"),
        ("show version\\nreload", "identity"),
        ("/system reboot", "identity"),
        ("save", "identity"),
    ],
)
def test_a_line_that_does_more_than_read_cannot_enter_the_table(line: str, key: str) -> None:
    lines = {"identity": '["display version"]', key: f'["{line}"]'}
    text = '[[driver]]\nid = "x"\nnetmiko = "huawei"\n' + "".join(
        f"{name} = {value}\n" for name, value in lines.items()
    )

    with pytest.raises(AuditorError, match="may never be sent"):
        load(text, "drivers.toml")


def test_every_problem_of_the_table_shows_at_once() -> None:
    text = '[[driver]]\nid = "x"\nnetmiko = "huawei"\nsysdescr = ["("]\nsysobjectid = ["a.b"]\ncolour = "red"\n'

    with pytest.raises(AuditorError) as caught:
        load(text, "drivers.toml")
    for word in ("no regular expression", "no object identifier", "unknown key", "name at least one command"):
        assert word in str(caught.value)


# What each system shows to the lines netmiko sends, where netmiko waits for it.
ANSWERS = {
    "terminal width 511": "Width set to 511 columns.",
    "terminal length 0": "Pagination disabled.",
    "set cli screen-width 511": "Screen width set to 511",
    "set cli screen-length 0": "Screen length set to 0",
    "set cli complete-on-space off": "Disabling complete-on-space",
}
PROMPTS = {
    "huawei": "<SW1>", "huawei_vrp": "<SW1>", "huawei_vrpv8": "<SW1>", "hp_comware": "<SW1>", "h3c_comware": "<SW1>",
    "huawei_smartax": "MA5800>", "huawei_olt": "MA5800>", "huawei_ont": "WAP>", "juniper_junos": "audit@r1>",
    "mikrotik_routeros": "[audit@gw] >", "cisco_xr": "RP/0/RSP0/CPU0:xr1#",
}  # fmt: skip


class Vault:
    def fetch(self, _name: str, part: str) -> str:
        return "sshpass123" if part == "password" else ""


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab() as running:
        yield running


@pytest.mark.parametrize("name", DRIVERS)
def test_every_driver_opens_and_reads_and_sends_nothing_else(lab: Lab, tmp_path: Path, name: str) -> None:
    driver = driver_table().by_name(name)
    assert driver is not None
    identity = dict(driver.commands)["identity"][0]
    device = Device(
        replies=ANSWERS | {identity: "Some System Software, Version 1.0\nwith two lines"},
        prompt=PROMPTS.get(name, "sw1#"),
        refusal="% Invalid input detected at '^' marker.",
        user="audit" + driver.login_suffix,
        mode=("enable", "disable") if name in {"huawei_smartax", "huawei_olt"} else (),
    )
    target = Target(address="127.0.0.1", ports=(("ssh", lab.add(device)),), driver=name, credentials=("audit",))
    known_hosts = str(tmp_path / "known_hosts")
    enrol(target, known_hosts, SCOPE)
    setup = Setup(
        scope=SCOPE,
        credentials={"audit": Credential(name="audit", kind="ssh", user="audit")},
        secrets=Vault(),
        now=lambda: datetime(2026, 11, 21, tzinfo=UTC),
        limits=Limits(deadline=30.0),
        known_hosts=known_hosts,
    )
    records = list(SshCollector(patience=5.0).collect([target], setup))
    outputs = [f.value for r in records if isinstance(r, Observation) for f in r.facts if f.kind == "cli.output"]

    assert [record.detail for record in records if isinstance(record, Unread)] == []
    assert outputs == ["Some System Software, Version 1.0\nwith two lines"]
    assert [line for line in device.lines if not driver.may_send(line)] == []
