"""Probes against bare servers on loopback, well-behaved and hostile ones."""

import asyncio
import hashlib
import threading
import time

import pytest

from auditor.collect.probe.collector import ProbeCollector
from auditor.collect.probe.registry import SEARCHES
from auditor.errors import AuditorError, UsageError
from auditor.model import Fact, Observation, Reason, Target, Unread
from auditor.parse.services import load, service_table
from auditor.parse.snmp_probes import probe_table
from tests.tools.hostile_servers import silent
from tests.tools.probe_asked import answer, greeting, probe, said, setup
from tests.tools.probe_lab import Net


@pytest.mark.parametrize(
    ("name", "sent", "kind", "value"),
    [
        ("ssh", b"SSH-2.0-HUAWEI-1.5\r\n", "ssh.banner", "SSH-2.0-HUAWEI-1.5"),
        ("ssh", b"hello\r\nSSH-2.0-ZTE_SSH.2.0\n", "ssh.banner", "SSH-2.0-ZTE_SSH.2.0"),
        ("telnet",
            b"\xff\xfb\x01\xff\xfd\x03\xff\xfa\x18\x01\xff\xf0\r\nWelcome Visiting Huawei Home Gateway\r\nLogin:",
            "telnet.banner",
         "Welcome Visiting Huawei Home Gateway\nLogin:"),
        ("ftp", b"220 FTP service ready.\r\n", "ftp.banner", "FTP service ready."),
    ],
    ids=["ssh", "ssh-late", "telnet", "ftp"],
)  # fmt: skip
def test_a_banner_is_read_and_nothing_is_sent(net: Net, name: str, sent: bytes, kind: str, value: str) -> None:
    assert said(probe({name: net.tcp(greeting(sent))}))[kind] == value


def test_a_web_server_tells_its_name_title_realm_cookie_and_icon(net: Net) -> None:
    icon = b"\x00\x00\x01\x00icon"
    page = answer("<html><head><title>WEB &amp; SERVICE</title></head></html>", Server="DNVRS-Webs", Set_Cookie="a=b",
                  WWW_Authenticate='Digest realm="hikvision"')  # fmt: skip
    found = said(probe({"http": net.http({"/": page, "/favicon.ico": b"HTTP/1.1 200 OK\r\n\r\n" + icon})}))

    assert found["http.server"] == "DNVRS-Webs"
    assert found["http.title"] == "WEB & SERVICE"
    assert found["http.auth"] == 'Digest realm="hikvision"'
    assert found["http.cookie"] == "a=b"
    assert found["http.favicon"] == hashlib.md5(icon, usedforsecurity=False).hexdigest()


def test_an_icon_that_only_the_page_names_is_read_and_one_at_the_usual_path_is_enough(net: Net) -> None:
    icon = b"HTTP/1.1 200 OK\r\n\r\n\x00\x00\x01\x00icon"
    page = answer('<link rel="icon" href="/img/i.ico">')
    named = probe({"http": net.http({"/": page, "/img/i.ico": icon})})
    paths = [row.split()[1] for row in net.asked]
    net.asked.clear()
    probe({"http": net.http({"/": page, "/favicon.ico": icon, "/img/i.ico": icon})})

    assert said(named)["http.favicon"] == hashlib.md5(icon[19:], usedforsecurity=False).hexdigest()
    assert paths == ["/", "/favicon.ico", "/img/i.ico"]
    assert [row.split()[1] for row in net.asked] == ["/", "/favicon.ico"]


VERSION = "/doc/script/lib/seajs/config/sea-config.js"  # where the web interface states its version


@pytest.mark.parametrize(
    ("server", "body", "asked"),
    [
        ("DNVRS-Webs", "", ["/doc/page/login.asp", "/doc/script/inc.js", VERSION]),
        ("App-webs/", "", ["/doc/page/login.asp", "/doc/script/inc.js", VERSION]),
        ("webserver", "", ["/doc/script/inc.js", VERSION]),
        ("", 'location.href="doc/index.html"', ["/doc/script/inc.js", VERSION]),
        ("Router Webserver", "our webserver\nwebserver", []),
    ],
)
def test_further_pages_are_asked_where_the_first_gives_a_reason(
    net: Net, server: str, body: str, asked: list[str]
) -> None:
    probe({"http": net.http({"/": answer(body, Server=server)})})

    assert [row.split()[1] for row in net.asked] == ["/", "/favicon.ico", *asked]


def test_a_page_the_first_one_led_to_is_not_asked_twice(net: Net) -> None:
    login = "/doc/page/login.asp"
    probe({"http": net.http({"/": answer(status="302 Found", Location=login), login: answer("<title>In</title>")})})

    assert [row.split()[1] for row in net.asked] == ["/", login, "/favicon.ico", "/doc/script/inc.js", VERSION]


def test_a_redirect_is_followed_on_the_same_host_only(net: Net) -> None:
    there = net.http(
        {
            "/": answer(status="302 Found", Location="/doc/page/login.asp"),
            "/doc/page/login.asp": answer("<title>In</title>"),
        }
    )
    found = said(probe({"http": there}))
    net.asked.clear()
    elsewhere = net.http({"/": answer(status="302 Found", Location="http://192.0.2.1/evil")})
    probe({"http": elsewhere})

    assert found["http.title"] == "In"
    assert [row.split()[1] for row in net.asked] == ["/", "/favicon.ico"]


@pytest.mark.parametrize(
    "location", ["//192.0.2.1/x", "http://127.0.0.1@192.0.2.1/", "/a\tb c", "http://[::1", "gopher://x/", "\\\\x\\y"]
)
def test_no_location_header_can_lead_astray(net: Net, location: str) -> None:
    probe({"http": net.http({"/": answer(status="302 Found", Location=location)})})

    assert all(row.split()[1].startswith("/") and not row.split()[1].startswith("//") for row in net.asked)
    assert all(row.split()[2] == "HTTP/1.1" for row in net.asked)


def test_rtsp_tells_server_and_realm(net: Net) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        method = (await reader.readuntil(b"\r\n\r\n")).split()[0]
        extra = b"" if method == b"OPTIONS" else b'WWW-Authenticate: Digest realm="Login to 4X7C5A1ZAG21L3F"\r\n'
        writer.write(b"RTSP/1.0 401 Unauthorized\r\nServer: Dahua Rtsp Server\r\n" + extra + b"\r\n")
        await writer.drain()

    found = said(probe({"rtsp": net.tcp(talk)}))

    assert found["rtsp.server"] == "Dahua Rtsp Server"
    assert found["rtsp.auth"] == 'Digest realm="Login to 4X7C5A1ZAG21L3F"'


def test_onvif_is_asked_before_login(net: Net) -> None:
    def device(_request: str, body: str) -> str:
        call = next(name for name in ("GetSystemDateAndTime", "GetScopes", "GetDeviceInformation") if name in body)
        pages = {
            "GetScopes": "<Scopes><ScopeItem>onvif://www.onvif.org/name/HIKVISION%20DS-2CD2143G0-I</ScopeItem></Scopes>",
            "GetDeviceInformation": "<Manufacturer>HIKVISION</Manufacturer><Model>DS-2CD2143G0-I</Model>"
            "<SerialNumber>DS-2CD2143G0-I20230101AAWRDOC000001</SerialNumber>",
        }
        inside = pages.get(call, "<UTCDateTime/>")
        return answer(
            f'<?xml version="1.0"?><E xmlns="urn:e"><Body><{call}Response>{inside}</{call}Response></Body></E>'
        )

    found = said(probe({"onvif": net.http({"/onvif/device_service": device})}))

    assert found["onvif.scopes"] == "onvif://www.onvif.org/name/HIKVISION%20DS-2CD2143G0-I"
    assert "<Manufacturer>HIKVISION" in found["onvif.deviceinformation"]
    assert found["entity.serial"] == "DS-2CD2143G0-I20230101AAWRDOC000001"


def test_ports_of_control_systems_are_never_touched(net: Net) -> None:
    for port in (102, 502, 2222, 44818, 47808):
        assert port in probe_table().forbidden
    records = probe({"http": 502, "sadp": 47808})

    assert {record.reason for record in records if isinstance(record, Unread)} == {Reason.LIMIT}
    assert net.connections == 0
    assert not {probe.port for probe in service_table().probes} & probe_table().forbidden
    assert {group.name for group in service_table().groups} <= set(SEARCHES)


def test_a_fragile_network_is_asked_little() -> None:
    names = [probe.name for probe in service_table().choose((), careful=True)]

    assert names == ["ssh", "http", "https"]


def test_a_probe_that_a_fragile_network_is_spared_is_told_and_not_passed_over(net: Net) -> None:
    (record,) = probe({"rtsp": net.tcp(greeting(b""))}, careful=True)

    assert (record.reason, record.detail) == (Reason.LIMIT, "rtsp: not asked on a fragile network")
    assert net.connections == 0
    assert probe({}, "-ssh", "-http", "-https", careful=True) == []


def test_a_probe_is_left_out_by_name_and_a_misspelt_one_is_told() -> None:
    names = [probe.name for probe in service_table().choose(("-telnet", "-ftp"), careful=False)]

    assert "telnet" not in names
    assert "ssh" in names
    with pytest.raises(UsageError, match="'telent' is no probe"):
        list(ProbeCollector().collect([], setup(("telent",))))


def test_a_device_nobody_answers_for_is_unread() -> None:
    records = probe({"ssh": 1, "telnet": 1})

    assert [record.reason for record in records if isinstance(record, Unread)] == [Reason.REFUSED]
    assert said(records) == {}


def test_a_device_that_opens_and_says_nothing_is_unread_too(net: Net) -> None:
    (record,) = probe({"ssh": net.tcp(silent)})

    assert (record.reason, record.detail) == (Reason.TIMEOUT, "it takes connections and said nothing to 1 probes")


def test_a_probe_that_was_cut_off_is_told_though_it_is_the_last(net: Net) -> None:
    (record,) = probe({"ssh": net.tcp(silent)}, timeout=5.0, deadline=0.2)

    assert (record.reason, record.detail) == (Reason.PARTIAL, "the time allowed for this device is over")


def test_a_closed_port_is_knocked_at_once_for_all_probes_that_share_it(net: Net) -> None:
    port = net.tcp(silent)
    probe(dict.fromkeys(("http", "onvif"), port))

    assert net.connections <= 2


def test_packets_are_paced_over_all_devices(net: Net) -> None:
    port = net.tcp(greeting(b"SSH-2.0-x\r\n"))
    targets = [Target(address="127.0.0.1", site=str(number), ports=(("ssh", port),)) for number in range(10)]
    began = time.monotonic()
    list(ProbeCollector().collect(targets, setup(("ssh",), packets_per_second=60.0)))

    assert time.monotonic() - began > 0.8


def test_a_caller_who_stops_early_leaves_no_thread(net: Net) -> None:
    port = net.tcp(greeting(b"SSH-2.0-x\r\n"))
    slow = net.tcp(silent)
    targets = [Target(address="127.0.0.1", site=str(n), ports=(("ssh", port if n == 0 else slow),)) for n in range(50)]
    reading = ProbeCollector().collect(targets, setup(("ssh",), timeout=30.0, deadline=60.0))
    next(reading)
    began = time.monotonic()
    reading.close()

    assert time.monotonic() - began < 3
    assert not [thread for thread in threading.enumerate() if thread.name == "probe"]


def test_two_hundred_devices_are_probed_at_once(net: Net) -> None:
    port, slow = net.tcp(greeting(b"SSH-2.0-x\r\n")), net.tcp(silent)
    targets = [Target(address="127.0.0.1", site=str(n), ports=(("ssh", port if n % 2 else slow),)) for n in range(200)]
    began = time.monotonic()
    records = list(ProbeCollector().collect(targets, setup(("ssh",))))

    assert sum(isinstance(record, Observation) for record in records) == 100
    assert time.monotonic() - began < 5


def test_every_problem_of_the_services_file_shows_at_once() -> None:
    with pytest.raises(AuditorError) as caught:
        load(
            '[[probe]]\nname = "x"\nport = 99999\ncolour = "red"\n[[page]]\npath = "//evil"\nafter = "("\n',
            "services.toml",
        )

    assert all(word in str(caught.value) for word in ("no port", "unknown key", "plain path", "no regular expression"))


def test_facts_are_told_of_the_device_itself(net: Net) -> None:
    records = probe({"ssh": net.tcp(greeting(b"SSH-2.0-x\r\n"))})

    assert [fact for record in records if isinstance(record, Observation) for fact in record.facts] == [
        Fact(kind="ssh.banner", value="SSH-2.0-x", where=f"tcp/{dict(records[0].target.ports)['ssh']}")
    ]
