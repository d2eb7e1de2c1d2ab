"""Probes that log in over HTTP: one page, one attempt, Digest only."""

import hashlib

from auditor.collect.probe.collector import ProbeCollector
from auditor.collect.probe.login import digest
from auditor.model import Reason, Target, Unread
from tests.tools.probe_asked import DEVICE_INFO, guarded, probe, said, setup
from tests.tools.probe_lab import Net


def test_with_a_credential_isapi_and_magicbox_are_read(net: Net) -> None:
    port = net.http({
        "/ISAPI/System/deviceInfo": guarded(DEVICE_INFO),
        "/cgi-bin/magicBox.cgi?action=getSystemInfo": guarded(
            "deviceType=31\r\nserialNumber=DOC00001PAZ\r\nupdateSerial=DH-NVR5232-4KS3/I"),
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


CHANNELS = (
    '<?xml version="1.0" encoding="UTF-8"?><InputProxyChannelList xmlns="http://www.hikvision.com/ver20/XMLSchema">'
    "<InputProxyChannel><id>1</id><sourceInputPortDescriptor><ipAddress>198.51.100.11</ipAddress>"
    "<model>DS-2CD2143G0-I</model></sourceInputPortDescriptor></InputProxyChannel></InputProxyChannelList>"
)
PAGES = ("isapi", "isapi-channels", "isapi-status", "magicbox", "remote-devices")


def test_a_recorder_is_asked_for_its_channels_with_the_credential_that_opened_it(net: Net) -> None:
    port = net.http({
        "/ISAPI/System/deviceInfo": guarded(DEVICE_INFO),
        "/ISAPI/ContentMgmt/InputProxy/channels": guarded(CHANNELS),
    })  # fmt: skip
    found = said(probe({"http": port}, *PAGES, credentials=("cams",)))

    assert found["recorder.channel"] == "address=198.51.100.11"
    assert found["inventory.model"] == "DS-2CD2143G0-I"


def test_a_device_that_refused_a_credential_is_not_asked_with_it_again(net: Net) -> None:
    port = net.http({
        "/ISAPI/System/deviceInfo": guarded(DEVICE_INFO, right="another"),
        "/ISAPI/ContentMgmt/InputProxy/channels": guarded(CHANNELS, right="another"),
        "/cgi-bin/configManager.cgi?action=getConfig&name=RemoteDevice": guarded("x", right="another"),
    })  # fmt: skip
    records = probe({"http": port}, *PAGES, credentials=("cams",))

    assert len([row for row in net.asked if "authorization" in row.lower()]) == 1
    assert [record.reason for record in records if isinstance(record, Unread)] == [Reason.AUTHENTICATION]


def test_without_a_credential_nobody_is_asked_for_channels(net: Net) -> None:
    port = net.http({"/ISAPI/ContentMgmt/InputProxy/channels": guarded(CHANNELS)})
    probe({"http": port}, *PAGES)

    assert not [row for row in net.asked if "InputProxy" in row]
