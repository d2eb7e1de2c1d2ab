"""What every played network on loopback needs: a port nobody uses, and servers in a thread of their own. No test in here."""

import asyncio
import socket
import threading
from collections.abc import Coroutine
from typing import Any, Self, TypeVar

Made = TypeVar("Made")


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM, address: str = "127.0.0.1") -> int:
    """Return a port nobody used a moment ago."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


class Loop:
    """An event loop in a thread of its own; what is in `open` is closed at the end, what still runs is cancelled."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="net", daemon=True)
        self.open: list[Any] = []

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.run(self._stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    def run(self, work: Coroutine[Any, Any, Made]) -> Made:
        """Run something in the loop and return what it returns."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    async def _stop(self) -> None:
        for item in self.open:
            item.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0.02)
