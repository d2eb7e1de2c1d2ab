"""When packets arrive on loopback, by the kernel's own clock."""

import socket
import struct
import threading
from collections.abc import Sequence
from typing import Self

from auditor.lab.agent import Player
from tests.tools.loopback import free_port

_TIMESTAMPS = 35  # SO_TIMESTAMPNS, and the kind of its control message


class Meter:
    """A network that notes when each packet arrived, by the kernel's own clock.

    Players answer, other addresses are silent.
    """

    def __init__(self, players: Sequence[Player] = ()) -> None:
        self.port = free_port()
        self.moments: list[float] = []
        self._players = players
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        for player in self._players or (None,):
            opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            opened.setsockopt(socket.SOL_SOCKET, _TIMESTAMPS, 1)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            opened.bind((player.device.address if player else "0.0.0.0", self.port))
            opened.settimeout(0.1)
            thread = threading.Thread(target=self._hear, args=(opened, player), daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _hear(self, opened: socket.socket, player: Player | None) -> None:
        with opened:
            while not self._stop.is_set():
                try:
                    data, ancillary, _, sender = opened.recvmsg(65_535, 128)
                except TimeoutError:
                    continue
                seconds, nanos = struct.unpack("qq", ancillary[0][2][:16])
                self.moments.append(seconds + nanos / 1e9)
                if player is not None and (answer := player.respond(data)):
                    opened.sendto(answer, sender)
