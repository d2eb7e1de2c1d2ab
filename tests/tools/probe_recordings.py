r"""Recordings of probes, `samples/probes/NAME.replies`, and a server that plays them.

A line `= kind: value` is a fact the recording must give (without a value: any value); `>>> words` begins a reply and
says what a question must hold to get it, nothing for a device that speaks first. The lines of a reply end in CR LF;
`\xNN`, `\n` and `\\` are escapes, and `{port}` stands for the port of the server.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from auditor.lab import tls
from tests.tools.probe_lab import Net

FOLDER = Path(__file__).parents[2] / "samples" / "probes"
OVER_TLS = {"https"}
Change = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Recording:
    facts: tuple[tuple[str, str], ...]
    replies: tuple[tuple[bytes, bytes], ...]

    def answer(self, question: bytes, port: int) -> bytes:
        """Return the reply to a question, empty where none was recorded."""
        match = next((reply for words, reply in self.replies if words in question), b"")
        return match.replace(b"{port}", str(port).encode())


def recording(name: str) -> Recording:
    """Return the recording of a probe; one that has none is refused by name."""
    path = FOLDER / f"{name}.replies"
    assert path.is_file(), f"the probe '{name}' has no recording: write {path.relative_to(FOLDER.parents[1])}"
    head, *blocks = re.split(r"(?m)^>>>", path.read_text(encoding="utf-8").removesuffix("\n"))
    rows = [line[2:].partition(": ") for line in head.splitlines() if line.startswith("= ")]
    facts = tuple((kind, unescaped(value).decode("latin-1")) for kind, _, value in rows)
    replies = tuple((unescaped(block.partition("\n")[0][1:]), _reply(block.partition("\n")[2])) for block in blocks)
    assert facts, f"the recording of the probe '{name}' says no fact it must give"
    assert replies, f"the recording of the probe '{name}' holds no reply"
    return Recording(facts, replies)


def _reply(text: str) -> bytes:
    return unescaped("\r\n".join(text.removesuffix("\n").split("\n")))


def unescaped(text: str) -> bytes:
    codes = {"n": b"\n", "r": b"\r", "\\": b"\\"}
    parts = re.split(r"\\(x[0-9a-f]{2}|[nr\\])", text)
    octets = [
        (codes.get(part) or bytes([int(part[1:], 16)])) if odd % 2 else part.encode() for odd, part in enumerate(parts)
    ]
    return b"".join(octets)


def play(net: Net, name: str, change: Change = lambda reply: reply) -> dict[str, int]:
    """Answer as recorded, over TCP and UDP, and return the ports of a target that does.

    `change` is made to every reply.
    """
    recorded = recording(name)
    ports: dict[str, int] = {}

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        question = b"" if any(not words for words, _ in recorded.replies) else await reader.read(65_536)
        net.asked.append(question.decode("latin-1"))
        writer.write(change(recorded.answer(question, ports["http"])))
        await writer.drain()

    ports["http"] = net.tcp(talk)
    if name in OVER_TLS:
        ports[name] = net.tcp(talk, tls=tls.context("CN=dvr,O=HIKVISION"))
    else:
        ports[name] = net.udp(lambda data: change(recorded.answer(data, ports["http"])), ports["http"])
    return {"https": 1, **ports}
