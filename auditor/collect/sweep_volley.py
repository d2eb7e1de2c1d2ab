"""Sends the same datagram to many addresses with one system call: `sendmmsg` through ctypes, `sendto` where there is none.

A datagram differs from its neighbour in four octets, the token a reply must carry. Tokens and addresses are laid into the buffers by
strided slices, so that no Python runs per packet.
"""

import ctypes
import errno
import os
import socket
from array import array
from collections.abc import Callable, Sequence
from functools import cache
from ipaddress import IPv6Address

BATCH = 256
NAME4, NAME6 = 16, 28
TOKEN = 4


class _Iovec(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("size", ctypes.c_size_t))


class _Header(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_size", ctypes.c_uint32),
        ("iovecs", ctypes.c_void_p),
        ("iovec_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_size", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Message(ctypes.Structure):
    _fields_ = (("header", _Header), ("sent", ctypes.c_uint32))


@cache
def _sendmmsg() -> Callable[..., int] | None:
    """Return the C library's sendmmsg, or nothing where there is none (sendmmsg(2) is Linux and BSD)."""
    try:
        function = ctypes.CDLL(None, use_errno=True).sendmmsg
    except (AttributeError, OSError):
        return None
    function.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int)
    called: Callable[..., int] = function
    return called


def names(family: socket.AddressFamily, port: int, addresses: Sequence[int]) -> bytes:
    """Return socket addresses (struct sockaddr_in or sockaddr_in6), one after the other."""
    if family == socket.AF_INET6:
        head = family.to_bytes(2, "little" if _LITTLE else "big") + port.to_bytes(2, "big") + bytes(4)
        return b"".join([head + number.to_bytes(16, "big") + bytes(4) for number in addresses])
    one = family.to_bytes(2, "little" if _LITTLE else "big") + port.to_bytes(2, "big") + bytes(12)
    out = bytearray(one * len(addresses))
    octets = big_endian(addresses)
    for at in range(4):
        out[4 + at :: NAME4] = octets[at::4]
    return bytes(out)


def big_endian(numbers: Sequence[int]) -> bytes:
    """Return 32-bit numbers in network order."""
    held = array("I", numbers)
    if _LITTLE:
        held.byteswap()
    return held.tobytes()


_LITTLE = array("I", [1]).tobytes()[0] == 1


class Volley:
    """One probe, ready to be sent on one socket: what stands before and after the token, and the port it goes to."""

    def __init__(self, opened: socket.socket, before: bytes, after: bytes, port: int) -> None:
        self._socket = opened
        self._port = port
        self._name_size = NAME6 if opened.family == socket.AF_INET6 else NAME4
        self._at = len(before)
        self._size = len(before) + TOKEN + len(after)
        self._packets = bytearray((before + bytes(TOKEN) + after) * BATCH)
        self._names = bytearray(self._name_size * BATCH)
        self._send = _sendmmsg()
        self._messages = (_Message * BATCH)()
        self._iovecs = (_Iovec * BATCH)()
        self._aim()

    def _aim(self) -> None:
        packets = ctypes.addressof((ctypes.c_char * len(self._packets)).from_buffer(self._packets))
        given = ctypes.addressof((ctypes.c_char * len(self._names)).from_buffer(self._names))
        for at in range(BATCH):
            self._iovecs[at].base = packets + at * self._size
            self._iovecs[at].size = self._size
            header = self._messages[at].header
            header.name = given + at * self._name_size
            header.name_size = self._name_size
            header.iovecs = ctypes.addressof(self._iovecs[at])
            header.iovec_count = 1

    def load(self, addresses: Sequence[int], tokens: bytes) -> None:
        """Lay out the next datagrams, at most `BATCH`; `tokens` are four octets each."""
        count = len(addresses)
        family = socket.AddressFamily(self._socket.family)
        self._names[: count * self._name_size] = names(family, self._port, addresses)
        for at in range(TOKEN):
            self._packets[self._at + at : count * self._size : self._size] = tokens[at::TOKEN]

    def send(self, first: int, last: int) -> int:
        """Send datagrams `first` to before `last`; return how many went out, at least one. Raises `OSError` for the first of them."""
        if self._send is None:
            return self._send_one(first)
        done = self._send(
            self._socket.fileno(), ctypes.addressof(self._messages) + first * ctypes.sizeof(_Message), last - first, 0
        )
        if done < 0:
            number = ctypes.get_errno()
            raise (BlockingIOError if number == errno.EAGAIN else OSError)(number, os.strerror(number))
        return done

    def _send_one(self, at: int) -> int:
        packet = bytes(self._packets[at * self._size : (at + 1) * self._size])
        name = bytes(self._names[at * self._name_size : (at + 1) * self._name_size])
        octets = name[8:24] if self._name_size == NAME6 else name[4:8]
        host = IPv6Address(octets).compressed if self._name_size == NAME6 else socket.inet_ntoa(octets)
        self._socket.sendto(packet, (host, self._port))
        return 1
