"""A site joins by certificate: the key stays there, the hub signs, PostgreSQL lets in nobody else."""

import base64
import json
import socket
import ssl
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from auditor.cli import main
from auditor.errors import InputError, OutputError, UsageError
from auditor.hub.authority import new_authority, request
from auditor.hub.join_server import LONGEST, Application, apply
from auditor.run.hub_authority import authority, write_server_files
from auditor.run.hub_sites import certificate_files, desk_of, invite, join, join_server
from tests.tools.loopback import serving

HOST = "127.0.75.2"
NOW = datetime.now(UTC)


class Hub:
    """A hub that listens for sites, and its PostgreSQL, which shows a certificate of the hub's authority."""

    def __init__(self, postgres, folder):
        self.url, self.lines = postgres.new(), []
        self.config = folder / "auditor.toml"
        self.config.write_text('[site.north]\nsubnets = ["192.0.2.0/28"]\n[site.south]\nsubnets = ["192.0.2.16/28"]\n')
        self.server = join_server(HOST, (HOST, 0), self.url, self.lines.append)
        postgres.show(*write_server_files((postgres.host,), folder / "tls"))
        self.address = f"postgresql://{postgres.host}:{postgres.port}/{self.url.split('/')[3].split('?')[0]}"
        self.join = f"https://{HOST}:{self.server.server_port}"

    def invite(self, site="north"):
        return invite(site, self.url, self.address, str(self.config), self.join)

    def rows(self, words):
        with psycopg.connect(self.url) as base:
            return base.execute(words).fetchall()


@pytest.fixture
def hub(postgres, tmp_path):
    made = Hub(postgres, tmp_path)
    with serving(made.server):
        yield made


def dial(conninfo):
    """Dial as soon as the server has read its new certificate."""
    deadline = time.monotonic() + 10
    while True:
        try:
            return psycopg.connect(conninfo)
        except psycopg.OperationalError as exc:
            if ("certificate" not in str(exc) and "SSL" not in str(exc)) or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def application(invitation, **other):
    words = {"role": invitation.role, "secret": invitation.password}
    return Application(**(words | {"request": request("x").public.decode()} | other))


def asked(hub, one):
    return apply(hub.join, authority().certificate.decode(), one)


def test_a_site_joins_once_and_dials_by_a_key_that_never_left_it(hub):
    invitation = hub.invite()

    own = join(invitation.token)

    files = certificate_files("north")
    assert files.key.stat().st_mode & 0o777 == 0o600
    assert own.password == ""
    dial(own.conninfo).close()
    desk = desk_of("north")
    assert desk.site == "north"
    desk.close()
    with pytest.raises(UsageError, match="no such invitation stands"):
        join(invitation.token)
    assert [line.partition(": ")[2] for line in hub.lines] == [
        f"joined as {own.role}",
        "not let in: no such invitation stands: it was used, is over 15 minutes old, or a newer one followed",
    ]
    # Nothing the hub keeps lets anybody in.
    kept = json.dumps(hub.rows("SELECT site::text FROM auditor_hub.site"))
    assert invitation.password not in kept + json.dumps(hub.rows("SELECT rolname, rolpassword FROM pg_authid"))
    assert hub.rows("SELECT * FROM auditor_hub.invitation") == []


def test_postgresql_lets_in_nobody_without_the_certificate_of_that_role(hub):
    north, south = join(hub.invite("north").token), join(hub.invite("south").token)
    dial(north.conninfo).close()
    swapped = north.conninfo.replace(north.role, south.role)
    without = " ".join(word for word in north.conninfo.split() if not word.startswith(("sslcert", "sslkey")))

    for conninfo, problem in (
        (swapped, "authentication failed"),
        (without, "certificate"),
        (without.replace("verify-full", "disable"), "no encryption"),
    ):
        with pytest.raises(psycopg.OperationalError, match=problem):
            psycopg.connect(conninfo)


def test_a_site_invited_again_locks_its_old_worker_out(hub):
    old = join(hub.invite().token)
    dial(old.conninfo).close()
    held = old.conninfo
    copies = {
        path: path.read_bytes() for path in (certificate_files("north").key, certificate_files("north").certificate)
    }
    join(hub.invite().token)
    for path, content in copies.items():
        path.write_bytes(content)

    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba.conf entry|not permitted to log in"):
        psycopg.connect(held)


def test_the_secret_alone_opens_and_a_guess_does_not_use_it_up(hub):
    invitation = hub.invite()
    for one in (
        application(invitation, secret="x" * 32),
        application(invitation, role="postgres"),
        application(hub.invite("south"), role=invitation.role),
    ):
        with pytest.raises(UsageError, match="no such invitation stands"):
            asked(hub, one)
    with pytest.raises(UsageError, match="certificate request"):
        asked(hub, application(invitation, request="no request"))

    assert asked(hub, application(invitation)).startswith(b"-----BEGIN CERTIFICATE")


def test_an_invitation_ends_after_a_quarter_of_an_hour(hub):
    invitation = hub.invite()
    with psycopg.connect(hub.url) as base:
        base.execute("UPDATE auditor_hub.invitation SET until = now() - interval '1 second'")

    with pytest.raises(UsageError, match="15 minutes"):
        asked(hub, application(invitation))


def test_whatever_a_request_says_the_certificate_is_that_of_the_invitation_and_of_a_worker():
    mine, key = new_authority(NOW), ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name.from_rfc4514_string("CN=postgres"))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    asks = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    made = x509.load_pem_x509_certificate(mine.sign(asks, "auditor_1", NOW))

    assert made.subject.rfc4514_string() == "CN=auditor_1"
    assert not made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert [one.dotted_string for one in made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value] == [
        "1.3.6.1.5.5.7.3.2"
    ]
    made.verify_directly_issued_by(x509.load_pem_x509_certificate(mine.certificate))


def test_a_request_of_another_sort_of_key_or_not_proven_is_refused():
    subject = x509.Name.from_rfc4514_string("CN=x")
    other = x509.CertificateSigningRequestBuilder().subject_name(subject)
    weak = other.sign(rsa.generate_private_key(65537, 2048), hashes.SHA256())
    lines = request("x").public.decode().splitlines()
    data = bytearray(base64.b64decode("".join(lines[1:-1])))
    data[-1] ^= 1
    forged = f"{lines[0]}\n{base64.b64encode(data).decode()}\n{lines[-1]}\n".encode()

    for asks in (weak.public_bytes(serialization.Encoding.PEM), forged):
        with pytest.raises(InputError, match="P-256"):
            new_authority(NOW).sign(asks, "x", NOW)


def test_a_hub_that_is_another_one_gets_no_secret(hub):
    invitation = hub.invite()
    other = new_authority(NOW).certificate.decode()

    with pytest.raises(OutputError, match="certificate verify failed"):
        apply(hub.join, other, application(invitation))
    with pytest.raises(OutputError, match="cannot be reached"):
        apply(hub.join.replace(HOST, "127.0.75.3"), other, application(invitation))
    assert hub.lines == []


def test_who_speaks_no_tls_or_too_long_or_elsewhere_is_refused_and_the_next_is_served(hub):
    place = HOST, hub.server.server_port
    with socket.create_connection(place, 5) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
        with suppress(ConnectionResetError):
            assert b"HTTP" not in plain.recv(100)
    context = ssl.create_default_context(cadata=authority().certificate.decode())
    for head in (
        f"POST /join HTTP/1.1\r\nContent-Length: {LONGEST + 1}\r\n\r\n",
        "POST /join HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST /other HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
        "GET /join HTTP/1.1\r\n\r\n",
    ):
        with socket.create_connection(place, 5) as line, context.wrap_socket(line, server_hostname=HOST) as wrapped:
            wrapped.sendall(head.encode())
            assert wrapped.recv(100).split()[1] in {b"400", b"501"}

    assert asked(hub, application(hub.invite())).startswith(b"-----BEGIN")


def test_a_certificate_that_has_ended_is_refused_before_dialling(hub):
    own = join(hub.invite().token)
    late = NOW - timedelta(days=900)
    certificate_files("north").certificate.write_bytes(authority().sign(request("x").public, own.role, late))

    with pytest.raises(UsageError, match="its certificate ended on"):
        desk_of("north")


def test_a_join_address_that_is_no_https_is_refused(hub):
    words = ["--config", str(hub.config), "hub", "invite", "north", "--store", hub.url, "--join", "http://hub.example"]

    result = CliRunner().invoke(main, words)

    assert (result.exit_code, "no https address" in result.output) == (2, True)


def test_the_files_of_a_server_are_named_as_its_settings(tmp_path):
    result = CliRunner().invoke(main, ["hub", "certificate", "hub.example", "192.0.2.1", "-o", str(tmp_path / "tls")])

    assert result.output.splitlines() == [
        f"ssl_key_file = '{tmp_path}/tls/server.key'",
        f"ssl_cert_file = '{tmp_path}/tls/server.crt'",
        f"ssl_ca_file = '{tmp_path}/tls/root.crt'",
    ]
    assert (tmp_path / "tls" / "server.key").stat().st_mode & 0o777 == 0o600
