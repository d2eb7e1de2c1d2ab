"""Sends one datagram to many addresses with one system call: sendmmsg, else sendto.

A datagram differs from its neighbour in four octets, the token a reply must carry. Tokens and addresses are laid into
the buffers by strided slices, so that no Python runs per packet; so are the pointers to them, or they would be most of
what a small subnet costs.
"""

import ctypes
import errno
import os
import socket
import sys
from array import array
from collections.abc import Callable
from functools import cache
from typing import Any

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
    """Return the C library's sendmmsg(2), or nothing where there is none."""
    try:
        function = ctypes.CDLL(None, use_errno=True).sendmmsg
    except (AttributeError, OSError):
        return None
    function.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int)
    sendmmsg: Callable[..., int] = function
    return sendmmsg


def name(family: socket.AddressFamily, port: int) -> bytes:
    """Return a sockaddr without its address, which goes to octet 4, of IPv6 to octet 8."""
    head = family.to_bytes(2, "little" if LITTLE else "big") + port.to_bytes(2, "big")
    return head + bytes((NAME6 if family == socket.AF_INET6 else NAME4) - len(head))


LITTLE = sys.byteorder == "little"


class Batch:
    """One probe, ready to be sent: what stands before and after the token, and the port."""

    def __init__(self, sock: socket.socket, before: bytes, after: bytes, port: int) -> None:
        self._socket = sock
        family = socket.AddressFamily(sock.family)
        self._width, self._address_at = (16, 8) if family == socket.AF_INET6 else (4, 4)
        one = name(family, port)
        self._name_size = len(one)
        self._at = len(before)
        self._size = len(before) + TOKEN + len(after)
        self._packets = bytearray((before + bytes(TOKEN) + after) * BATCH)
        self._names = bytearray(one * BATCH)
        self._send = _sendmmsg()
        self._messages = (_Message * BATCH)()
        self._iovecs = (_Iovec * BATCH)()
        self._aim()

    def _aim(self) -> None:
        """Point every message at its place in the buffers, by columns of pointers."""
        first, vector = self._messages[0].header, self._iovecs[0]
        first.name_size, first.iovec_count, vector.size = self._name_size, 1, self._size
        for rows in (self._messages, self._iovecs):
            plain = memoryview(rows).cast("B")
            plain[:] = bytes(plain[: len(plain) // BATCH]) * BATCH
        _point(self._iovecs, _Iovec.base.offset, _address(self._packets), self._size)
        _point(self._messages, _Header.name.offset, _address(self._names), self._name_size)
        _point(self._messages, _Header.iovecs.offset, ctypes.addressof(self._iovecs), ctypes.sizeof(_Iovec))

    def load(self, octets: bytes, tokens: bytes) -> None:
        """Lay out at most `BATCH` datagrams: addresses in network order, tokens of four octets."""
        count = len(tokens) // TOKEN
        for at in range(self._width):
            self._names[self._address_at + at : count * self._name_size : self._name_size] = octets[at :: self._width]
        for at in range(TOKEN):
            self._packets[self._at + at : count * self._size : self._size] = tokens[at::TOKEN]

    def send(self, first: int, last: int) -> int:
        """Send datagrams `first` to before `last`; return how many went, or raise for the first."""
        if self._send is None:
            return self._send_one(first)
        count = self._send(
            self._socket.fileno(), ctypes.addressof(self._messages) + first * ctypes.sizeof(_Message), last - first, 0
        )
        if count < 0:
            number = ctypes.get_errno()
            raise (BlockingIOError if number == errno.EAGAIN else OSError)(number, os.strerror(number))
        return count

    def _send_one(self, at: int) -> int:
        packet = self._packets[at * self._size : (at + 1) * self._size]
        start = at * self._name_size
        octets = self._names[start + self._address_at :][: self._width]
        port = int.from_bytes(self._names[start + 2 : start + 4], "big")
        self._socket.sendto(packet, (socket.inet_ntop(self._socket.family, octets), port))
        return 1


def _point(rows: "ctypes.Array[Any]", offset: int, start: int, step: int) -> None:
    """Set the pointer at `offset` of every row to `start`, `start + step` and so on."""
    words = memoryview(rows).cast("B").cast("L")
    first, width = offset // words.itemsize, len(words) // BATCH
    words[first::width] = array("L", range(start, start + BATCH * step, step))


def _address(buffer: bytearray) -> int:
    return ctypes.addressof((ctypes.c_char * len(buffer)).from_buffer(buffer))
