"""Search answers come as recorded, in their protocol, and read back to the recorded facts."""

import asyncio
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.lab import samples
from auditor.lab.discovery import DiscoveryServers, repliers
from auditor.parse import discovery
from tests.tools.loopback import free_port

SAMPLES = Path(__file__).parents[2] / "samples"
PORTS = {"http": 16080, "ssdp": 16190}
CASES = [
    ("hikvision/ds-2cd2143g0", "sadp", b"<?xml version='1.0'?><Probe/>", discovery.sadp, "sadp.reply"),
    ("dahua/ipc-hdw2431t", "dhip", b"\x20\0\0\0DHIP" + bytes(24), discovery.dhip, "dhip.reply"),
    ("rebrands/cpplus-unc", "ws-discovery", b"<d:Probe/>", discovery.ws_discovery, "onvif.scopes"),
]


async def asked(answer, question):
    """Return what one question brings from one answering port, nothing after half a second."""
    servers = DiscoveryServers([answer])
    await servers.start()
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.setblocking(False)
        await loop.sock_sendto(asker, question, (answer.address, answer.port))
        try:
            return await asyncio.wait_for(loop.sock_recv(asker, 65_535), 0.5)
        except TimeoutError:
            return b""
        finally:
            servers.close()
            await asyncio.sleep(0)


@pytest.mark.parametrize(("name", "protocol", "question", "read", "kind"), CASES, ids=[case[1] for case in CASES])
def test_a_search_is_answered_as_recorded(name, protocol, question, read, kind):
    sample = samples.read(SAMPLES, name)
    (answer,) = [found for found in repliers(sample, "127.0.0.1", PORTS) if found.name == protocol]
    facts = list(read(asyncio.run(asked(replace(answer, port=free_port()), question))))

    assert sample.greeting(kind) in [fact.value for fact in facts if fact.kind == kind]


def test_what_is_no_search_is_not_answered():
    (answer, *_) = repliers(samples.read(SAMPLES, "hikvision/ds-2cd2143g0"), "127.0.0.1", PORTS)

    assert asyncio.run(asked(replace(answer, port=free_port()), b"hello")) == b""


def test_a_taken_port_spoils_nothing_else():
    sample = samples.read(SAMPLES, "dahua/ipc-hdw2431t")
    first, second = repliers(sample, "127.0.0.1", PORTS)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        servers = DiscoveryServers([replace(first, port=holder.getsockname()[1]), replace(second, port=free_port())])
        asyncio.run(start_and_close(servers))

    assert servers.stats["searches_not_played"] == 1


async def start_and_close(servers):
    await servers.start()
    servers.close()
    await asyncio.sleep(0)
