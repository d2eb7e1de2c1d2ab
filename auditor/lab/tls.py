"""A certificate made while the network is played, on a key that nobody else has."""

import ssl
import tempfile
from datetime import UTC, datetime, timedelta

_YEARS = timedelta(days=3650)


def context(subject: str, issuer: str = "") -> ssl.SSLContext:
    """Return a server context that shows these names (RFC 4514); self-signed without an issuer."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # The module reads a chain from a file only; this one is gone when the name is.
    with tempfile.NamedTemporaryFile() as file:
        file.write(_chain(subject, issuer or subject))
        file.flush()
        server.load_cert_chain(file.name)
    return server


def _chain(subject: str, issuer: str) -> bytes:
    """Return a fresh key and its certificate, PEM; who signs is whoever made the key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    builder = x509.CertificateBuilder(
        subject_name=x509.Name.from_rfc4514_string(subject),
        issuer_name=x509.Name.from_rfc4514_string(issuer),
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - timedelta(days=1),
        not_valid_after=now + _YEARS,
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
