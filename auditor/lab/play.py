"""Plays a network on loopback: every protocol, the same high ports on each 127.x address.

with play(load(path), samples_folder, work_folder) as lab:
    … lab.config, lab.targets, lab.stats, lab.commands
"""

import asyncio
import contextlib
import secrets
import socket
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from auditor.errors import UsageError
from auditor.lab import samples, settings, tls
from auditor.lab.agent import PlayedAgent, Responder
from auditor.lab.cast import Played, cast
from auditor.lab.channels import with_channels
from auditor.lab.discovery import DiscoveryServers, repliers
from auditor.lab.network import DATAGRAMS, Network
from auditor.lab.ssh import SshHost, SshServers
from auditor.lab.web import Greeter, TextServers, WebSite
from auditor.lab.wiring import wire_up
from auditor.model import Credential
from auditor.oids import scalar
from auditor.snmp.script import User

_JOIN = 10.0
# How far the ports move where somebody, another lab most likely, listens on them already.
_SHIFTS = (0, 1000, 2000, 3000, 4000, 5000)

Secrets = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One device of a played lab, and the ports it answers on, e.g. `snmp` → 16100."""

    name: str
    site: str
    sample: str
    address: str
    mac: str
    ports: Mapping[str, int]


class Lab:
    """A played network: where its devices are, what to scan it with, what it was asked."""

    def __init__(self, network: Network, devices: Sequence[Played], folder: Path, secret: Secrets) -> None:
        ports = network.ports
        self.network = network
        self.folder = folder
        self.secrets = secret
        self.responder = Responder(_agents(devices, network, secret))
        self.ssh = SshServers(_hosts(devices, network, secret))
        self.text = TextServers(_sites(devices, network, secret), _greeters(devices, ports))
        self.searches = DiscoveryServers(
            answer for box in devices for answer in repliers(box.sample, box.address, ports)
        )
        self.endpoints = tuple(_endpoint(box, ports) for box in devices)
        self.targets = tuple(settings.targets(network))
        self.config = settings.write(folder, network, secret, self.ssh.known_hosts())
        self.known_hosts = folder / "known_hosts"

    @property
    def stats(self) -> Counter[str]:
        """Return counts over all devices: get, next, bulk, ssh_sessions, failed_logins and so on."""
        return self.responder.stats + self.ssh.stats + self.text.stats + self.searches.stats

    @property
    def commands(self) -> tuple[tuple[str, str], ...]:
        """Return every line typed over SSH: (address, line), in the order heard."""
        return tuple(self.ssh.commands)


@contextlib.contextmanager
def play(network: Network, sample_folder: Path, folder: Path) -> Iterator[Lab]:
    """Play a network until the block ends; configuration and secrets go below `folder`."""
    labels = samples.labels(sample_folder)
    devices = [
        cast(device, samples.read(sample_folder, device.plays), labels[device.plays], network)
        for device in network.devices
        if device.plays
    ]
    network = _somewhere_free(network, devices)
    lab = Lab(network, with_channels(network, wire_up(network, devices)), folder, _draw(network))
    with _talking(lab):
        yield lab


def _somewhere_free(network: Network, devices: Sequence[Played]) -> Network:
    """Return the network on ports that are free at every address."""
    addresses = [box.address for box in devices]
    for shift in _SHIFTS:
        ports = {name: port + shift for name, port in network.ports.items()}
        if all(_is_free(address, ports) for address in addresses):
            return replace(network, ports=ports)
    raise UsageError(f"the lab cannot listen on 127.x ports {', '.join(str(port) for port in network.ports.values())}")


def _is_free(address: str, ports: Mapping[str, int]) -> bool:
    with contextlib.ExitStack() as stack:
        for name, port in ports.items():
            kind = socket.SOCK_DGRAM if name in DATAGRAMS else socket.SOCK_STREAM
            sock = stack.enter_context(socket.socket(socket.AF_INET, kind))
            if kind is socket.SOCK_STREAM:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind((address, port))
            except OSError:
                return False
    return True


@contextlib.contextmanager
def _talking(lab: Lab) -> Iterator[None]:
    loop = asyncio.new_event_loop()
    threads = [
        threading.Thread(target=loop.run_forever, daemon=True),
        threading.Thread(target=lab.responder.serve, daemon=True),
    ]
    try:
        loop.run_until_complete(_open(lab))
        for thread in threads:
            thread.start()
        lab.ssh.start()
        yield
    finally:
        lab.ssh.close()
        lab.responder.stop()
        _end(loop, lab, threads)
        lab.responder.close()


async def _open(lab: Lab) -> None:
    await lab.text.start()
    await lab.searches.start()


def _end(loop: asyncio.AbstractEventLoop, lab: Lab, threads: Sequence[threading.Thread]) -> None:
    if threads[0].is_alive():
        asyncio.run_coroutine_threadsafe(_hang_up(lab), loop).result(_JOIN)
        loop.call_soon_threadsafe(loop.stop)
    for thread in threads:
        if thread.is_alive():
            thread.join(_JOIN)
    loop.close()


async def _hang_up(lab: Lab) -> None:
    await lab.text.close()
    lab.searches.close()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _draw(network: Network) -> Secrets:
    """Return a fresh secret for every secret part of every credential."""
    return {
        (name, part): secrets.token_urlsafe(12)
        for name, credential in network.credentials.items()
        for part in settings.parts(credential)
    }


def _agents(devices: Sequence[Played], network: Network, secret: Secrets) -> Iterator[PlayedAgent]:
    for box in devices:
        credential = network.credentials.get(box.device.logins.get("snmp", ""))
        if credential is None:
            continue
        is_v3 = credential.kind == "snmp-v3"
        user = User(
            name=credential.user,
            auth=credential.auth,
            auth_secret=secret.get((credential.name, "auth_secret"), ""),
            priv=credential.priv,
            priv_secret=secret.get((credential.name, "priv_secret"), ""),
        )
        yield PlayedAgent(
            address=box.address,
            port=network.ports["snmp"],
            varbinds=box.sample.varbinds,
            communities=() if is_v3 else (secret[credential.name, "secret"],),
            users=(user,) if is_v3 else (),
            engine_id=next((bind.raw for bind in box.sample.varbinds if bind.oid == scalar("snmpEngineID")), b""),
            versions=_versions(credential, network),
        )


def _versions(credential: Credential, network: Network) -> tuple[str, ...]:
    """Return what an agent speaks; one that stays unread never tells its engine ID."""
    if credential.kind == "snmp-v3":
        return ("3",)
    return ("1", "2c") if credential.name in network.secret else ("1", "2c", "3")


def _hosts(devices: Sequence[Played], network: Network, secret: Secrets) -> Iterator[SshHost]:
    for box in devices:
        credential = network.credentials.get(box.device.logins.get("ssh", ""))
        banner = box.sample.greeting("ssh.banner")
        if credential is not None or banner:
            yield SshHost(
                address=box.address,
                port=network.ports["ssh"],
                banner=banner,
                transcript=box.sample.transcript,
                user=credential.user if credential else "",
                password=secret[credential.name, "secret"] if credential else "",
                enable=secret[credential.name, "enable_secret"] if credential else "",
            )


def _sites(devices: Sequence[Played], network: Network, secret: Secrets) -> Iterator[WebSite]:
    for box in devices:
        credential = network.credentials.get(box.device.logins.get("http", ""))
        if box.sample.pages:
            site = WebSite(
                address=box.address,
                port=network.ports["http"],
                pages=box.sample.pages,
                user=credential.user if credential else "",
                password=secret[credential.name, "secret"] if credential else "",
            )
            yield site
            if subject := box.sample.greeting("tls.subject"):
                context = tls.context(subject, box.sample.greeting("tls.issuer"))
                yield replace(site, port=network.ports["https"], tls=context)


def _greeters(devices: Sequence[Played], ports: Mapping[str, int]) -> Iterator[Greeter]:
    for box in devices:
        sample = box.sample
        if telnet := sample.greeting("telnet.banner"):
            yield Greeter(address=box.address, port=ports["telnet"], telnet=telnet)
        if sample.greeting("rtsp.server") or sample.greeting("rtsp.auth"):
            yield Greeter(
                address=box.address,
                port=ports["rtsp"],
                rtsp_server=sample.greeting("rtsp.server"),
                rtsp_auth=sample.greeting("rtsp.auth"),
            )


def _endpoint(box: Played, ports: Mapping[str, int]) -> Endpoint:
    sample = box.sample
    open_ways = {
        "snmp": "snmp" in box.device.logins,
        "ssh": "ssh" in box.device.logins or bool(sample.greeting("ssh.banner")),
        "http": bool(sample.pages),
        "https": bool(sample.pages and sample.greeting("tls.subject")),
        "ssdp": bool(sample.greeting("upnp.description")),
        "telnet": bool(sample.greeting("telnet.banner")),
        "rtsp": bool(sample.greeting("rtsp.server") or sample.greeting("rtsp.auth")),
    }
    return Endpoint(
        name=box.name,
        site=box.device.site,
        sample=sample.name,
        address=box.address,
        mac=box.mac,
        ports={way: ports[way] for way, is_open in open_ways.items() if is_open},
    )
