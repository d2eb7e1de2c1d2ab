"""The hub's own certificate authority, for its servers and its sites' workers (RFC 5280).

Keys are on P-256, and none of a worker ever leaves its site: the authority signs requests (RFC 2986).
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from auditor.errors import InputError

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
    from cryptography.x509 import Certificate, ExtendedKeyUsage, GeneralName, Name

AUTHORITY_DAYS, CERTIFICATE_DAYS = 3650, 825
# Clocks of sites differ.
EARLIER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Pair:
    """A private key and what is public of it, certificate or request; both PEM."""

    key: bytes
    public: bytes

    def __repr__(self) -> str:
        return "Pair()"


@dataclass(frozen=True, slots=True)
class Authority:
    """A key that signs, and its certificate; both PEM."""

    key: bytes
    certificate: bytes

    def __repr__(self) -> str:
        return "Authority()"

    def server(self, hosts: Sequence[str], now: datetime) -> Pair:
        """Return a key and the certificate of a server with these names or addresses."""
        from cryptography import x509
        from cryptography.x509.oid import ExtendedKeyUsageOID

        key = _new_key()
        names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        return Pair(_key_pem(key), self._certificate(hosts[0], key.public_key(), now, usage, names))

    def sign(self, request: bytes, role: str, now: datetime) -> bytes:
        """Return the certificate (PEM) of a worker: named `role`, whatever the request says.

        `InputError` where the request is not proven by a key on P-256.
        """
        from cryptography import x509
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.x509.oid import ExtendedKeyUsageOID

        try:
            read = x509.load_pem_x509_csr(request)
            key = read.public_key()
            is_valid = read.is_signature_valid
        except (ValueError, UnsupportedAlgorithm):
            raise InputError("is no certificate request (PKCS #10, PEM)", where="request") from None
        if not (is_valid and isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)):
            raise InputError("is not signed by a key on P-256", where="request")
        return self._certificate(role, key, now, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]))

    def _certificate(
        self,
        name: str,
        key: "EllipticCurvePublicKey",
        now: datetime,
        usage: "ExtendedKeyUsage",
        names: "x509.SubjectAlternativeName | None" = None,
    ) -> bytes:
        from cryptography import x509
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        signer = serialization.load_pem_private_key(self.key, None)
        assert isinstance(signer, ec.EllipticCurvePrivateKey)  # noqa: S101 - our own file holds no other
        issuer = x509.load_pem_x509_certificate(self.certificate).subject
        builder = _builder(name, issuer, key, now, CERTIFICATE_DAYS)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(usage, critical=False)
        if names is not None:
            builder = builder.add_extension(names, critical=False)
        return _pem(builder, signer)


def new_authority(now: datetime) -> Authority:
    """Return an authority that nobody has seen."""
    from cryptography import x509

    key = _new_key()
    issuer = _name("auditor hub")
    builder = _builder("auditor hub", issuer, key.public_key(), now, AUTHORITY_DAYS)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    return Authority(_key_pem(key), _pem(builder.add_extension(usage, critical=True), key))


def request(role: str) -> Pair:
    """Return a key nobody has seen, and the request that its certificate be signed for `role`."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    key = _new_key()
    csr = x509.CertificateSigningRequestBuilder().subject_name(_name(role)).sign(key, hashes.SHA256())
    return Pair(_key_pem(key), csr.public_bytes(serialization.Encoding.PEM))


def ends(certificate: bytes) -> datetime:
    """Return when a certificate ends; `InputError` where the text is none."""
    return _read(certificate).not_valid_after_utc


def belongs(certificate: bytes, key: bytes) -> bool:
    """Tell whether a certificate is that of a key."""
    from cryptography.hazmat.primitives import serialization

    form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    public = serialization.load_pem_private_key(key, None).public_key().public_bytes(*form)
    return _read(certificate).public_key().public_bytes(*form) == public


def _read(certificate: bytes) -> "Certificate":
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificate(certificate)
    except ValueError:
        raise InputError("is no certificate (PEM)", where="certificate") from None


def _builder(
    name: str, issuer: "Name", key: "EllipticCurvePublicKey", now: datetime, days: int
) -> "x509.CertificateBuilder":
    from cryptography import x509

    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.astimezone(UTC) - EARLIER)
        .not_valid_after(now.astimezone(UTC) + timedelta(days=days))
    )


def _name(text: str) -> "Name":
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general_name(host: str) -> "GeneralName":
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _new_key() -> "EllipticCurvePrivateKey":
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


def _key_pem(key: "EllipticCurvePrivateKey") -> bytes:
    from cryptography.hazmat.primitives import serialization

    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _pem(builder: "x509.CertificateBuilder", signer: "EllipticCurvePrivateKey") -> bytes:
    from cryptography.hazmat.primitives import hashes, serialization

    return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
