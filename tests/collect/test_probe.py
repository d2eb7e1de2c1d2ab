"""Probes against bare servers on loopback, well-behaved and hostile ones."""

import asyncio
import datetime as dt
import gzip
import hashlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from auditor.collect.base import Limits, Setup
from auditor.collect.probe import ProbeCollector, _Run
from auditor.collect.probe_multicast import PROTOCOLS, hear
from auditor.collect.probe_services import Group, load, shipped
from auditor.collect.probe_wire import digest
from auditor.errors import AuditorError, UsageError
from auditor.model import Credential, Fact, Observation, Reason, Record, Target, Unread
from auditor.parse.snmp_probes import known
from tests.collect.probe_lab import Net

NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)


@pytest.fixture
def net() -> Iterator[Net]:
    with Net() as running:
        yield running


class Vault:
    def fetch(self, name: str, part: str) -> str:
        return "cam-canary" if (name, part) == ("cams", "password") else ""


def probe(ports: dict[str, int], *names: str, credentials: tuple[str, ...] = (), **limits: object) -> list[Record]:
    target = Target(address="127.0.0.1", ports=tuple(ports.items()), credentials=credentials)
    return list(ProbeCollector().collect([target], setup(names or tuple(ports), **limits)))


def setup(names: tuple[str, ...], **limits: object) -> Setup:
    return Setup(
        credentials={"cams": Credential(name="cams", kind="http", user="audit")},
        secrets=Vault(),
        now=lambda: NOW,
        limits=Limits(**{"timeout": 0.5, "packets_per_second": 10_000.0, "deadline": 10.0, **limits}),
        probes=names,
    )


def said(records: list[Record]) -> dict[str, str]:
    found: dict[str, str] = {}
    for record in records:
        for fact in record.facts if isinstance(record, Observation) else ():
            found.setdefault(fact.kind, fact.value)
    return found


def greeting(text: bytes) -> object:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await writer.drain()
        await reader.read(1)

    return talk


def answer(body: str = "", status: str = "200 OK", **headers: str) -> str:
    rows = [f"HTTP/1.1 {status}", f"Content-Length: {len(body.encode())}"]
    return (
        "\r\n".join(rows + [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()])
        + "\r\n\r\n"
        + body
    )


@pytest.mark.parametrize(
    ("name", "sent", "kind", "value"),
    [
        ("ssh", b"SSH-2.0-HUAWEI-1.5\r\n", "ssh.banner", "SSH-2.0-HUAWEI-1.5"),
        ("ssh", b"hello\r\nSSH-2.0-ZTE_SSH.2.0\n", "ssh.banner", "SSH-2.0-ZTE_SSH.2.0"),
        ("telnet", b"\xff\xfb\x01\xff\xfd\x03\xff\xfa\x18\x01\xff\xf0\r\nWelcome Visiting Huawei Home Gateway\r\nLogin:", "telnet.banner",
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


def certificate(path: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    pairs = (
        ("C", "CN"),
        ("ST", "ZheJiang"),
        ("L", "HangZhou"),
        ("O", "HIKVISION"),
        ("OU", "DVRNVR"),
        ("CN", "www.hikvision.com"),
    )
    oids = {"C": x509.NameOID.COUNTRY_NAME, "ST": x509.NameOID.STATE_OR_PROVINCE_NAME, "L": x509.NameOID.LOCALITY_NAME,
            "O": x509.NameOID.ORGANIZATION_NAME, "OU": x509.NameOID.ORGANIZATIONAL_UNIT_NAME, "CN": x509.NameOID.COMMON_NAME}  # fmt: skip
    name = x509.Name([x509.NameAttribute(oids[key], value) for key, value in pairs])
    builder = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    )
    made = builder.not_valid_before(NOW).not_valid_after(NOW + dt.timedelta(days=9)).sign(key, hashes.SHA256())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def test_a_certificate_is_read_and_not_judged(net: Net, tmp_path: Path) -> None:
    port = net.http({"/": answer("<title>Login</title>")}, tls=certificate(tmp_path / "pem"))
    found = said(probe({"https": port}))

    assert found["tls.subject"] == "CN=www.hikvision.com,OU=DVRNVR,O=HIKVISION,L=HangZhou,ST=ZheJiang,C=CN"
    assert found["http.title"] == "Login"


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
        inside = {"GetScopes": "<Scopes><ScopeItem>onvif://www.onvif.org/name/HIKVISION%20DS-2CD2143G0-I</ScopeItem></Scopes>",
                  "GetDeviceInformation": "<Manufacturer>HIKVISION</Manufacturer><Model>DS-2CD2143G0-I</Model>"
                  "<SerialNumber>DS-2CD2143G0-I20230101AAWRDOC000001</SerialNumber>"}.get(call, "<UTCDateTime/>")  # fmt: skip
        return answer(
            f'<?xml version="1.0"?><E xmlns="urn:e"><Body><{call}Response>{inside}</{call}Response></Body></E>'
        )

    found = said(probe({"onvif": net.http({"/onvif/device_service": device})}))

    assert found["onvif.scopes"] == "onvif://www.onvif.org/name/HIKVISION%20DS-2CD2143G0-I"
    assert "<Manufacturer>HIKVISION" in found["onvif.deviceinformation"]
    assert found["entity.serial"] == "DS-2CD2143G0-I20230101AAWRDOC000001"


def test_discovery_protocols_are_asked_one_datagram_each(net: Net) -> None:
    match = ('<?xml version="1.0"?><E><Body><ProbeMatches><ProbeMatch><Scopes>onvif://www.onvif.org/name/Dahua onvif://x/y</Scopes>'
             "</ProbeMatch></ProbeMatches></Body></E>")  # fmt: skip
    sadp = ("<?xml version='1.0'?><ProbeMatch><DeviceDescription>DS-2CD2143G0-I</DeviceDescription><DeviceSN>DOC0001AAWR</DeviceSN>"
            "<MAC>bc-ad-28-00-00-01</MAC></ProbeMatch>")  # fmt: skip
    body = b'{"method":"client.notifyDevInfo","params":{"deviceInfo":{"Vendor":"General","SerialNo":"DOC0002"}},"mac":"3c:ef:8c:00:00:01"}'
    dhip = b"\x20\0\0\0DHIP" + bytes(8) + (len(body).to_bytes(4, "little") + bytes(4)) * 2 + body
    old = b"\xb3" + bytes(31) + b"Name:Dahua\r\nDevice:Virtual\r\nSerialNo:DOC0003\r\n"
    answers = {"ws-discovery": match.encode(), "sadp": sadp.encode(), "dhip": dhip, "dahua-5050": old}
    found = {name: said(probe({name: net.udp(lambda _data, text=text: text)})) for name, text in answers.items()}

    assert found["ws-discovery"]["onvif.scopes"] == "onvif://www.onvif.org/name/Dahua\nonvif://x/y"
    assert found["sadp"]["sadp.reply"] == sadp
    assert (found["sadp"]["entity.serial"], found["sadp"]["if.mac"]) == ("DOC0001AAWR", "bc-ad-28-00-00-01")
    assert '"client.notifyDevInfo"' in found["dhip"]["dhip.reply"]
    assert (found["dhip"]["entity.serial"], found["dhip"]["if.mac"]) == ("DOC0002", "3c:ef:8c:00:00:01")
    assert found["dahua-5050"]["entity.serial"] == "DOC0003"
    assert len(net.asked) == 4


def test_a_device_service_that_lies_elsewhere_is_asked_where_the_search_answer_says(net: Net) -> None:
    body = '<?xml version="1.0"?><E><GetSystemDateAndTimeResponse>2026</GetSystemDateAndTimeResponse></E>'
    elsewhere = net.http({"/onvif/other": lambda *_: answer(body)})
    match = f"<E><XAddrs>http://192.0.2.1/x http://127.0.0.1:{elsewhere}/onvif/other</XAddrs></E>"
    found = said(probe({"ws-discovery": net.udp(lambda _data: match.encode())}))

    assert "GetSystemDateAndTimeResponse" in found["onvif.soap"]


def test_ssdp_reads_the_description_on_the_same_host_only(net: Net) -> None:
    xml = "<root><device><deviceType>x</deviceType><manufacturer>ZTE</manufacturer></device></root>"
    port = net.http({"/d.xml": answer(xml)})
    near = f"HTTP/1.1 200 OK\r\nSERVER: ZTE/1.0 UPnP\r\nLOCATION: http://127.0.0.1:{port}/d.xml\r\n\r\n".encode()
    far = b"HTTP/1.1 200 OK\r\nLOCATION: http://192.0.2.1:80/d.xml\r\n\r\n"
    records = probe({"ssdp": net.udp(lambda _data: near)})
    values = [fact.value for record in records if isinstance(record, Observation) for fact in record.facts]
    net.asked.clear()
    probe({"ssdp": net.udp(lambda _data: far)})

    assert xml in values
    assert len(net.asked) == 1


DEVICE_INFO = (
    '<?xml version="1.0" encoding="UTF-8"?><DeviceInfo version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">'
    "<deviceName>cam</deviceName><model>DS-2CD2143G0-I</model><serialNumber>DS-2CD2143G0-I20230101AAWRDOC000001</serialNumber>"
    "<macAddress>bc:ad:28:00:00:01</macAddress></DeviceInfo>"
)


def guarded(body: str, right: str = "cam-canary", scheme: str = "Digest") -> object:
    """Answer one page to whoever solves the challenge, checked against RFC 7616 by hand."""

    def page(request: str, _body: str) -> str:
        rows = {name.lower(): value for name, _, value in (row.partition(": ") for row in request.splitlines()[1:])}
        given = rows.get("authorization", "")
        words = dict(part.split("=", 1) for part in given.removeprefix("Digest ").split(", ") if "=" in part)
        told = {key: value.strip('"') for key, value in words.items()}
        if told:
            md5 = lambda text: hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()  # noqa: E731 - a formula
            own, asked = md5(f"audit:cam:{right}"), md5(f"GET:{request.split()[1]}")
            if told["response"] == md5(f"{own}:n0nce:{told['nc']}:{told['cnonce']}:auth:{asked}"):
                return answer(body)
        return answer(
            status="401 Unauthorized", WWW_Authenticate=f'{scheme} realm="cam", nonce="n0nce", qop="auth,auth-int"'
        )

    return page


def test_with_a_credential_isapi_and_magicbox_are_read(net: Net) -> None:
    port = net.http({
        "/ISAPI/System/deviceInfo": guarded(DEVICE_INFO),
        "/cgi-bin/magicBox.cgi?action=getSystemInfo": guarded("deviceType=31\r\nserialNumber=DOC00001PAZ\r\nupdateSerial=DH-NVR5232-4KS3/I"),
    })  # fmt: skip
    records = probe({"http": port}, "isapi", "magicbox", credentials=("cams",))
    found = said(records)

    assert found["isapi.deviceinfo"] == DEVICE_INFO
    assert "updateSerial=DH-NVR5232-4KS3/I" in found["dahua.sysinfo"]
    assert "cam-canary" not in "".join(net.asked) + repr(records)


def test_a_wrong_http_password_is_sent_once_and_the_account_is_spared(net: Net) -> None:
    port = net.http({"/ISAPI/System/deviceInfo": guarded(DEVICE_INFO, right="another")})
    targets = [
        Target(address="127.0.0.1", site=str(number), ports=(("http", port),), credentials=("cams",))
        for number in range(20)
    ]
    records = list(ProbeCollector().collect(targets, setup(("isapi",))))
    tries = [row for row in net.asked if "authorization" in row.lower()]
    reasons = [record.reason for record in records if isinstance(record, Unread)]

    assert len(tries) == 3
    assert reasons.count(Reason.BREAKER) == 17


def test_basic_authentication_is_never_answered(net: Net) -> None:
    port = net.http({"/ISAPI/System/deviceInfo": guarded(DEVICE_INFO, scheme="Basic")})
    probe({"http": port}, "isapi", credentials=("cams",))

    assert not [row for row in net.asked if "authorization" in row.lower()]


def test_a_digest_answer_follows_the_rfc() -> None:
    got = digest(
        'Digest realm="http-auth@example.org", nonce="7ypf/xlj9XXwfDPEoM4URrv", algorithm=SHA-256',
        "/dir/index.html",
        "Mufasa",
        "x",
    )
    own = hashlib.sha256(b"Mufasa:http-auth@example.org:x").hexdigest()
    asked = hashlib.sha256(b"GET:/dir/index.html").hexdigest()

    assert hashlib.sha256(f"{own}:7ypf/xlj9XXwfDPEoM4URrv:{asked}".encode()).hexdigest() in got
    assert digest('Basic realm="x"', "/", "u", "p") == ""
    assert digest('Digest realm="x", nonce="n", algorithm=MD5-sess', "/", "u", "p") == ""


async def _endless_headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-Filler: " + b"x" * 1000 + b"\r\n")
        await writer.drain()


async def _endless_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nServer: endless\r\n\r\n")
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


async def _endless_chunks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1\r\nx\r\n" * 1000)
        await writer.drain()


async def _drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    for char in b"HTTP/1.1 200 OK\r\nServer: slow" * 100:
        writer.write(bytes((char,)))
        await writer.drain()
        await asyncio.sleep(0.05)


async def _silent(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def _garbage(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(bytes(range(256)) * 64)
    await writer.drain()


async def _bomb(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    body = gzip.compress(bytes(20_000_000))
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    await writer.drain()


async def _title(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n<title>" + b"<title " * 20_000 + b"A" * 100_000)
    await writer.drain()


HOSTILE = [_endless_headers, _endless_body, _endless_chunks, _drip, _silent, _garbage, _bomb, _title]


def test_hostile_servers_cost_bounded_time_and_memory(net: Net) -> None:
    names = ("ssh", "telnet", "ftp", "http", "rtsp", "onvif", "isapi")
    targets = [
        Target(
            address="127.0.0.1",
            site=talk.__name__,
            ports=tuple(dict.fromkeys(names, net.tcp(talk)).items()),
            credentials=("cams",),
        )
        for talk in HOSTILE
    ]
    began = time.monotonic()
    records = list(ProbeCollector().collect(targets, setup(names, deadline=8.0)))
    sizes = [len(fact.value) for record in records if isinstance(record, Observation) for fact in record.facts]

    assert {record.target.site for record in records} == {target.site for target in targets}
    assert time.monotonic() - began < 12
    assert max(sizes, default=0) <= 20_000


def test_ports_of_control_systems_are_never_touched(net: Net) -> None:
    for port in (102, 502, 2222, 44818, 47808):
        assert port in known().forbidden
    records = probe({"http": 502, "sadp": 47808})

    assert {record.reason for record in records if isinstance(record, Unread)} == {Reason.LIMIT}
    assert net.connections == 0
    assert not {probe.port for probe in shipped().probes} & known().forbidden
    assert {group.name for group in shipped().groups} == set(PROTOCOLS)


def test_a_fragile_network_is_asked_little() -> None:
    names = [probe.name for probe in shipped().chosen((), careful=True)]

    assert names == ["ssh", "http", "https"]


def test_a_probe_that_a_fragile_network_is_spared_is_told_and_not_passed_over(net: Net) -> None:
    (record,) = probe({"rtsp": net.tcp(greeting(b""))}, careful=True)

    assert (record.reason, record.detail) == (Reason.LIMIT, "rtsp: not asked on a fragile network")
    assert net.connections == 0
    assert probe({}, "-ssh", "-http", "-https", careful=True) == []


def test_a_device_no_group_heard_is_unread_where_nothing_else_was_asked() -> None:
    """Asked of the run itself: a packet to a real group would leave this machine."""
    (record,) = _Run(setup(("multicast",))).spared([Target(address="127.0.0.9")])

    assert (record.reason, record.detail) == (Reason.TIMEOUT, "nothing was heard from it in the discovery groups")


def test_a_probe_is_left_out_by_name_and_a_misspelt_one_is_told() -> None:
    names = [probe.name for probe in shipped().chosen(("-telnet", "-ftp"), careful=False)]

    assert "telnet" not in names
    assert "ssh" in names
    with pytest.raises(UsageError, match="'telent' is no probe"):
        list(ProbeCollector().collect([], setup(("telent",))))


def test_a_device_nobody_answers_for_is_unread() -> None:
    records = probe({"ssh": 1, "telnet": 1})

    assert [record.reason for record in records if isinstance(record, Unread)] == [Reason.REFUSED]
    assert said(records) == {}


def test_a_device_that_opens_and_says_nothing_is_unread_too(net: Net) -> None:
    (record,) = probe({"ssh": net.tcp(_silent)})

    assert (record.reason, record.detail) == (Reason.TIMEOUT, "it takes connections and said nothing to 1 probes")


def test_a_closed_port_is_knocked_at_once_for_all_probes_that_share_it(net: Net) -> None:
    port = net.tcp(_silent)
    probe(dict.fromkeys(("http", "onvif"), port))

    assert net.connections <= 2


def test_datagrams_from_another_port_are_not_heard() -> None:
    sadp = b"<ProbeMatch><DeviceDescription>DS-2CD</DeviceDescription></ProbeMatch>"
    asked, elsewhere = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    with asked, elsewhere:
        for sock in (asked, elsewhere):
            sock.bind(("127.0.0.1", 0))

        def lie() -> None:
            _data, sender = asked.recvfrom(4096)
            elsewhere.sendto(sadp, sender)

        liar = threading.Thread(target=lie)
        liar.start()
        found = said(probe({"sadp": asked.getsockname()[1]}))
        liar.join()

    assert found == {}


def test_a_discovery_group_is_asked_once_and_strangers_are_not_heard(net: Net) -> None:
    sadp = b"<ProbeMatch><DeviceDescription>DS-2CD</DeviceDescription><DeviceSN>DOC0009</DeviceSN></ProbeMatch>"
    group = Group(name="sadp", group="127.0.0.1", port=net.udp(lambda _data: sadp))
    listed, stranger = Target(address="127.0.0.1"), Target(address="127.0.0.2")
    found = said(list(hear([listed], setup(()), [group], seconds=0.3)))
    nobody = list(hear([stranger], setup(()), [group], seconds=0.3))

    assert found["entity.serial"] == "DOC0009"
    assert nobody == []
    assert len(net.asked) == 2


def test_a_device_that_talks_without_end_drowns_no_other() -> None:
    words = b"<ProbeMatch><DeviceDescription>DS-2CD</DeviceDescription><DeviceSN>DOC%d</DeviceSN></ProbeMatch>"
    asked, loud, calm = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3))
    with asked, loud, calm:
        for number, sock in enumerate((asked, loud, calm), 1):
            sock.bind((f"127.0.0.{number}", 0))

        def shout() -> None:
            _data, sender = asked.recvfrom(4096)
            for number in range(21_000):
                loud.sendto(words % (number + 10_000), sender)
            calm.sendto(words % 9, sender)

        shouter = threading.Thread(target=shout)
        shouter.start()
        group = Group(name="sadp", group="127.0.0.1", port=asked.getsockname()[1])
        records = hear([Target(address=f"127.0.0.{n}") for n in (2, 3)], setup(()), [group], seconds=1.5)
        heard = {record.target.address: len(record.facts) for record in records}
        shouter.join()

    assert heard == {"127.0.0.2": 40, "127.0.0.3": 2}


def test_packets_are_paced_over_all_devices(net: Net) -> None:
    port = net.tcp(greeting(b"SSH-2.0-x\r\n"))
    targets = [Target(address="127.0.0.1", site=str(number), ports=(("ssh", port),)) for number in range(10)]
    began = time.monotonic()
    list(ProbeCollector().collect(targets, setup(("ssh",), packets_per_second=60.0)))

    assert time.monotonic() - began > 0.8


def test_a_caller_who_stops_early_leaves_no_thread(net: Net) -> None:
    port = net.tcp(greeting(b"SSH-2.0-x\r\n"))
    slow = net.tcp(_silent)
    targets = [Target(address="127.0.0.1", site=str(n), ports=(("ssh", port if n == 0 else slow),)) for n in range(50)]
    reading = ProbeCollector().collect(targets, setup(("ssh",), timeout=30.0, deadline=60.0))
    next(reading)
    began = time.monotonic()
    reading.close()

    assert time.monotonic() - began < 3
    assert not [thread for thread in threading.enumerate() if thread.name == "probe"]


def test_two_hundred_devices_are_probed_at_once(net: Net) -> None:
    port, slow = net.tcp(greeting(b"SSH-2.0-x\r\n")), net.tcp(_silent)
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
