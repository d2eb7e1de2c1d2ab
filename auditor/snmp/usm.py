"""The user-based security model: keys, digests, encryption, time (RFC 3414, 3826, 7860).

The costly step, one mebibyte of digest per password, is done once per credential; localising a key to an engine takes
microseconds.
"""

import hashlib
import hmac
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from auditor import ber
from auditor.snmp import message
from auditor.snmp.message import ScopedPdu, Secured, Speaker
from auditor.snmp.script import User

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import Cipher

# The usmStats counters an agent reports by (RFC 3414 5), in the order of their numbers.
UNSUPPORTED_LEVEL, NOT_IN_WINDOW, UNKNOWN_USER, UNKNOWN_ENGINE, WRONG_DIGEST, DECRYPTION = range(1, 7)
MAX_BOOTS = 2**31 - 1
WINDOW = 150
MIN_SECRET = 8
_MEBIBYTE = 1 << 20
_BLOCK = 8


@dataclass(frozen=True, slots=True)
class AuthProtocol:
    """A digest: hashlib's name of it and how many octets of it travel."""

    hash: str
    octets: int


@dataclass(frozen=True, slots=True)
class PrivProtocol:
    """A cipher: octets of key, and whether short keys grow Reeder's (Cisco's) way."""

    cipher: str
    octets: int
    reeder: bool = False


AUTH_PROTOCOLS = {
    "MD5": AuthProtocol("md5", 12),
    "SHA": AuthProtocol("sha1", 12),
    "SHA224": AuthProtocol("sha224", 16),
    "SHA256": AuthProtocol("sha256", 24),
    "SHA384": AuthProtocol("sha384", 32),
    "SHA512": AuthProtocol("sha512", 48),
}
PRIV_PROTOCOLS = {
    "DES": PrivProtocol("des", 16),
    "AES": PrivProtocol("aes", 16),
    "AES192": PrivProtocol("aes", 24),
    "AES256": PrivProtocol("aes", 32),
    "AES192C": PrivProtocol("aes", 24, reeder=True),
    "AES256C": PrivProtocol("aes", 32, reeder=True),
}


class UsmError(ValueError):
    """A user cannot be used as written, or a message does not decrypt."""


@lru_cache(maxsize=256)
def master_key(hash_name: str, secret: bytes) -> bytes:
    """Return Ku, a password's key before it is tied to an engine (RFC 3414 A.2)."""
    if not secret:
        raise UsmError("an empty password makes no key")
    repeat = secret * (_MEBIBYTE // len(secret) + 1)
    return hashlib.new(hash_name, repeat[:_MEBIBYTE], usedforsecurity=False).digest()


def localise(hash_name: str, key: bytes, engine_id: bytes) -> bytes:
    """Return Kul, a key tied to one engine (RFC 3414 section 2.6)."""
    return hashlib.new(hash_name, key + engine_id + key, usedforsecurity=False).digest()


def privacy_key(auth: AuthProtocol, priv: PrivProtocol, secret: bytes, engine_id: bytes) -> bytes:
    """Return the key for a cipher, lengthened where the digest is shorter than the cipher's key."""
    key = localise(auth.hash, master_key(auth.hash, secret), engine_id)
    while len(key) < priv.octets:
        if priv.reeder:
            key += localise(auth.hash, master_key(auth.hash, key), engine_id)
        else:
            key += hashlib.new(auth.hash, key, usedforsecurity=False).digest()
    return key[: priv.octets]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """A user's keys at one engine. The repr shows none of them."""

    auth: AuthProtocol | None = None
    auth_key: bytes = field(default=b"", repr=False)
    priv: PrivProtocol | None = None
    priv_key: bytes = field(default=b"", repr=False)

    @property
    def flags(self) -> int:
        """Return the security level as msgFlags: 0, 1 (auth) or 3 (auth and priv)."""
        return (1 if self.auth else 0) | (2 if self.priv else 0)


def check(user: User) -> None:
    """Raise `UsmError` for unknown protocols or passwords too short (RFC 3414 11.2)."""
    if user.auth and user.auth not in AUTH_PROTOCOLS:
        raise UsmError(f"unknown authentication protocol {user.auth}")
    if user.priv and user.priv not in PRIV_PROTOCOLS:
        raise UsmError(f"unknown privacy protocol {user.priv}")
    if user.priv and not user.auth:
        raise UsmError("privacy without authentication does not exist in SNMPv3")
    both = ("authentication", user.auth, user.auth_secret), ("privacy", user.priv, user.priv_secret)
    for word, used, secret in both:
        if used and len(secret.encode()) < MIN_SECRET:
            raise UsmError(f"the {word} password is shorter than {MIN_SECRET} octets")


def keys_for(user: User, engine_id: bytes) -> Keys:
    """Return a user's keys at one engine."""
    check(user)
    if not user.auth:
        return Keys()
    auth = AUTH_PROTOCOLS[user.auth]
    auth_key = localise(auth.hash, master_key(auth.hash, user.auth_secret.encode()), engine_id)
    if not user.priv:
        return Keys(auth=auth, auth_key=auth_key)
    priv = PRIV_PROTOCOLS[user.priv]
    priv_key = privacy_key(auth, priv, user.priv_secret.encode(), engine_id)
    return Keys(auth=auth, auth_key=auth_key, priv=priv, priv_key=priv_key)


def digest(keys: Keys, datagram: bytes) -> bytes:
    """Return the digest of a whole message whose own digest field holds zeros."""
    auth = keys.auth
    return hmac.digest(keys.auth_key, datagram, auth.hash)[: auth.octets] if auth else b""


def sign(keys: Keys, datagram: bytes, at: int) -> bytes:
    """Return the message with the zeros at `at` replaced by its digest."""
    signature = digest(keys, datagram)
    return datagram[:at] + signature + datagram[at + len(signature) :]


def is_genuine(keys: Keys, datagram: bytes, at: int, signature: bytes) -> bool:
    """Tell whether the digest found at `at` is the right one; takes equally long either way."""
    if keys.auth is None or len(signature) != keys.auth.octets:
        return False
    blank = datagram[:at] + bytes(len(signature)) + datagram[at + len(signature) :]
    return hmac.compare_digest(digest(keys, blank), signature)


def encrypt(keys: Keys, boots: int, time: int, salt: int, text: bytes) -> tuple[bytes, bytes]:
    """Return cipher text and msgPrivacyParameters; `salt` must never repeat under one key."""
    if keys.priv is None:
        raise UsmError("no privacy protocol")
    if keys.priv.cipher == "des":
        parameters = struct.pack(">II", boots & 0xFFFFFFFF, salt & 0xFFFFFFFF)
        text += bytes(-len(text) % _BLOCK)
    else:
        parameters = struct.pack(">Q", salt & 0xFFFFFFFFFFFFFFFF)
    coder = _cipher(keys, boots, time, parameters).encryptor()
    return coder.update(text) + coder.finalize(), parameters


def decrypt(keys: Keys, boots: int, time: int, parameters: bytes, cipher_text: bytes) -> bytes:
    """Return the plain text of a scopedPDU, with whatever padding follows it."""
    if keys.priv is None or len(parameters) != _BLOCK:
        raise UsmError("not encrypted as agreed")
    if keys.priv.cipher == "des" and len(cipher_text) % _BLOCK:
        raise UsmError("cipher text is no whole number of blocks")
    coder = _cipher(keys, boots, time, parameters).decryptor()
    return coder.update(cipher_text) + coder.finalize()


def seal(keys: Keys, head: tuple[int, int], who: Speaker, salt: int, body: bytes) -> bytes:
    """Return a v3 message around a scopedPDU, sealed with the keys; `head` is msgID, msgFlags."""
    parameters = b""
    if keys.priv:
        text, parameters = encrypt(keys, who.boots, who.time, salt, body)
        body = ber.tlv(ber.OCTET_STRING, text)
    blank = bytes(keys.auth.octets) if keys.auth else b""
    datagram = message.secure_message(*head, message.usm_parameters(who, blank, parameters), body)
    # The digest ends where the salt's own header begins.
    at = len(datagram) - len(body) - len(parameters) - 2 - len(blank)
    return sign(keys, datagram, at) if keys.auth else datagram


def unseal(keys: Keys, incoming: Secured) -> ScopedPdu:
    """Return the scopedPDU of a message, decrypted where it has to be; `UsmError` or `BerError`."""
    text = incoming.scoped_pdu
    if incoming.is_encrypted:
        text = decrypt(keys, incoming.speaker.boots, incoming.speaker.time, incoming.salt, text)
    return message.read_scoped(text)


def _cipher(keys: Keys, boots: int, time: int, parameters: bytes) -> "Cipher[Any]":
    des, aes = _ciphers()
    if keys.priv is not None and keys.priv.cipher == "des":
        mask = keys.priv_key[_BLOCK : 2 * _BLOCK]
        return des(keys.priv_key[:_BLOCK], bytes(a ^ b for a, b in zip(mask, parameters, strict=True)))
    return aes(keys.priv_key, struct.pack(">II", boots & 0xFFFFFFFF, time & 0xFFFFFFFF) + parameters)


CipherOf = Callable[[bytes, bytes], "Cipher[Any]"]


@lru_cache(maxsize=1)
def _ciphers() -> tuple[CipherOf, CipherOf]:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    try:  # cryptography 47 moved CFB, 43 had moved 3DES already
        from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
        from cryptography.hazmat.decrepit.ciphers.modes import CFB
    except ImportError:
        from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
        from cryptography.hazmat.primitives.ciphers.modes import CFB

    def des(key: bytes, vector: bytes) -> "Cipher[Any]":
        return Cipher(TripleDES(key * 3), modes.CBC(vector))

    def aes(key: bytes, vector: bytes) -> "Cipher[Any]":
        return Cipher(algorithms.AES(key), CFB(vector))

    return des, aes
