"""Probes over real TLS on loopback.

Old versions, small keys, servers that know no better, and devices that speak nothing else.
"""

import asyncio
import hashlib
import socket
import ssl
import subprocess
import threading
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.lab import tls
from auditor.model import Reason, Record, Unread
from tests.tools.probe_asked import DEVICE_INFO, answer, guarded, probe, said
from tests.tools.probe_lab import Net

SUBJECT = "CN=www.hikvision.com,OU=DVRNVR,O=HIKVISION,L=HangZhou,ST=ZheJiang,C=CN"
ISSUER = "CN=Device CA,O=Example"


def test_subject_and_issuer_are_read_and_not_judged(net: Net) -> None:
    port = net.http({"/": answer("<title>Login</title>")}, tls=tls.context(SUBJECT, ISSUER))
    found = said(probe({"https": port}))
    shown = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", port)))

    assert found["tls.fingerprint"] == hashlib.sha256(shown).hexdigest()
    assert (found["tls.subject"], found["tls.issuer"]) == (SUBJECT, ISSUER)
    assert found["http.title"] == "Login"


@pytest.fixture(scope="module")
def weak(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a chain as cameras of 2008 carry it: RSA of 1024 bits, signed with SHA-1."""
    path = tmp_path_factory.mktemp("tls") / "weak.pem"
    words = "openssl req -x509 -newkey rsa:1024 -nodes -sha1 -days 30 -subj /CN=dvr/O=HIKVISION -keyout"
    done = subprocess.run([*words.split(), path, "-out", f"{path}.crt"], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("this openssl makes no 1024-bit key")
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


def old_server(chain: Path, newest: ssl.TLSVersion) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = newest
    context.load_cert_chain(chain)
    return context


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2], ids=str)
def test_a_device_that_speaks_only_an_old_version_with_a_small_key_is_read(
    net: Net, weak: Path, newest: ssl.TLSVersion
) -> None:
    found = said(probe({"https": net.http({"/": answer(Server="DVRDVS-Webs")}, tls=old_server(weak, newest))}))

    assert found["tls.subject"] == "O=HIKVISION,CN=dvr"
    assert found["http.server"] == "DVRDVS-Webs"


def intolerant(chain: Path) -> Callable[[socket.socket], None]:
    """Return a server that hangs up on whoever offers TLS 1.3, as some old ones do."""

    def serve(connection: socket.socket) -> None:
        if b"\x03\x04" in connection.recv(4096, socket.MSG_PEEK).partition(b"\x00\x2b")[2][:12]:
            connection.close()
            return
        with old_server(chain, ssl.TLSVersion.TLSv1).wrap_socket(connection, server_side=True) as spoken:
            spoken.recv(4096)
            # No Content-Length and no farewell: the end of the connection is the end of the page.
            spoken.sendall(b"HTTP/1.0 200 OK\nServer: DVRDVS-Webs\n\n<title>old</title>")

    return serve


def test_a_server_that_hangs_up_on_newer_words_is_asked_in_older_ones(weak: Path) -> None:
    serve, heard = intolerant(weak), []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            for _ in range(4):
                connection, _peer = listener.accept()
                heard.append(connection)
                serve(connection)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        found = said(probe({"https": listener.getsockname()[1]}))
        thread.join(5)

    assert (found["http.server"], found["http.title"], found["tls.subject"]) == (
        "DVRDVS-Webs",
        "old",
        "O=HIKVISION,CN=dvr",
    )
    # Twice for the page, twice for its icon.
    assert len(heard) == 4


def hello(chain: Path) -> bytes:
    """Return the first flight of a TLS 1.0 server that has not heard of RFC 5746."""
    der = ssl.PEM_cert_to_DER_cert(chain.read_text().partition("KEY-----\n")[2].partition("KEY-----\n")[2])
    sized = len(der).to_bytes(3, "big") + der
    parts = ((2, b"\x03\x01" + bytes(32) + b"\0\0\x2f\0"), (11, len(sized).to_bytes(3, "big") + sized), (14, b""))
    flight = b"".join(bytes((kind,)) + len(body).to_bytes(3, "big") + body for kind, body in parts)
    return b"\x16\x03\x01" + len(flight).to_bytes(2, "big") + flight


def test_a_server_without_secure_renegotiation_is_not_turned_away(net: Net, weak: Path) -> None:
    said_back: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(hello(weak))
        said_back.append(await reader.readexactly(1))

    probe({"https": net.tcp(talk)})

    # A handshake record (22) goes on with the key exchange; an alert (21) would be the end.
    assert said_back[0] == b"\x16"


def test_a_page_that_leads_to_tls_at_another_port_is_followed_there(net: Net) -> None:
    secure = net.http({"/ui": answer("<title>In</title>")}, tls=tls.context(SUBJECT))
    there = answer(status="302 Found", Location=f"https://127.0.0.1:{secure}/ui", Server="webs")
    found = said(probe({"http": net.http({"/": there})}))

    assert (found["http.server"], found["http.title"], found["tls.subject"]) == ("webs", "In", SUBJECT)


@pytest.mark.parametrize("plain", ["closed", "leads on"])
def test_a_device_that_talks_over_tls_only_is_logged_in_to_there(net: Net, plain: str) -> None:
    secure = net.http({"/ISAPI/System/deviceInfo": guarded(DEVICE_INFO)}, tls=tls.context(SUBJECT))
    away = answer(status="301 Moved", Location=f"https://127.0.0.1:{secure}/")
    port = 1 if plain == "closed" else net.http({"/ISAPI/System/deviceInfo": away})
    records = probe({"http": port, "https": secure}, "isapi", credentials=("cams",))

    assert said(records)["isapi.deviceinfo"] == DEVICE_INFO
    assert reasons(records) == []


def test_onvif_is_asked_over_tls_where_there_is_no_plain_door(net: Net) -> None:
    body = '<?xml version="1.0"?><E><GetSystemDateAndTimeResponse>2026</GetSystemDateAndTimeResponse></E>'
    secure = net.http({"/onvif/device_service": lambda *_: answer(body)}, tls=tls.context(SUBJECT))
    found = said(probe({"http": 1, "https": secure}, "onvif"))

    assert "GetSystemDateAndTimeResponse" in found["onvif.soap"]


def test_what_speaks_no_tls_costs_two_connections_and_says_nothing(net: Net) -> None:
    records = probe({"https": net.http({"/": answer()})})

    assert said(records) == {}
    assert net.connections <= 2


def reasons(records: list[Record]) -> list[Reason]:
    return [record.reason for record in records if isinstance(record, Unread)]
