"""netmiko's own drivers log in to the lab, switch paging off and read recorded replies."""

import logging

import pytest

CASES = [
    ("hq-acc2", "huawei", "display version", "HUAWEI S5720-28X-LI-AC Routing Switch"),
    ("hq-acc2", "huawei_vrp", "display elabel", "BarCode=2102350ABCDMK9000103"),
    ("hq-acc2", "huawei", "display transceiver", "Manu. Serial Number            :OPT00000017"),
    ("hq-acc1", "cisco_ios", "show version", "System serial number            : FOC0000A102"),
    ("dp-sw1", "zte_zxros", "show version", "ZTE 5950-36TM Software"),
    ("dp-olt2", "huawei_smartax", "display version", "MA5800V100R019C10"),
    ("hq-hpe", "hp_comware", "display device manuinfo", "CN00DOC006"),
]


def connect(lab, name, driver, password=None):
    from netmiko import ConnectHandler

    address = next(endpoint.address for endpoint in lab.endpoints if endpoint.name == name)
    return ConnectHandler(
        device_type=driver,
        host=address,
        port=lab.network.ports["ssh"],
        username="audit",
        password=password or lab.secrets["cli", "secret"],
        secret=lab.secrets["cli", "enable_secret"],
        ssh_strict=True,
        alt_host_keys=True,
        alt_key_file=str(lab.known_hosts),
        conn_timeout=10,
        # Its Comware type takes a prompt left over from logging in for the end of the first reply unless echoes are
        # awaited.
        global_cmd_verify=True,
    )


@pytest.mark.parametrize(("name", "driver", "command", "words"), CASES, ids=[case[1] for case in CASES])
def test_a_driver_reads_a_recorded_reply_whole(lab, name, driver, command, words):
    with connect(lab, name, driver) as session:
        if driver == "zte_zxros":
            # netmiko leaves a ZXR10 session by waiting for "#"; the audit asks for enable there too.
            session.enable()
        said = session.send_command(command)

    assert words in said
    assert "---- More ----" not in said


def test_enable_takes_the_secret_and_does_not_show_it(lab):
    with connect(lab, "hq-acc1", "cisco_ios") as session:
        session.write_channel("enable\n")
        said = session.read_until_pattern("Password:")
        session.write_channel(lab.secrets["cli", "enable_secret"] + "\n")
        said += session.read_until_pattern("hq-acc1#")

    assert lab.secrets["cli", "enable_secret"] not in said


def test_a_wrong_enable_secret_leaves_the_session_where_it_was(lab):
    before = lab.stats["failed_logins"]
    with connect(lab, "hq-acc1", "cisco_ios") as session:
        session.write_channel("enable\n")
        session.read_until_pattern("Password:")
        session.write_channel("guess\n")
        assert "Access denied" in session.read_until_pattern("hq-acc1>")

    assert lab.stats["failed_logins"] == before + 1


def test_a_wrong_password_is_one_failed_login(lab):
    from netmiko import NetmikoAuthenticationException

    before = lab.stats["failed_logins"]
    logging.getLogger("paramiko").setLevel(logging.CRITICAL)
    with pytest.raises(NetmikoAuthenticationException):
        connect(lab, "hq-acc2", "huawei", "guess")

    assert lab.stats["failed_logins"] == before + 1


def test_every_line_typed_is_on_record(lab):
    with connect(lab, "hq-acc2", "huawei") as session:
        session.send_command("display esn")

    assert ("127.0.50.3", "display esn") in lab.commands
    assert ("127.0.50.3", "screen-length 0 temporary") in lab.commands
