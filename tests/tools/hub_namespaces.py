"""Sites in network namespaces of their own, which the hub cannot dial into; their workers join by certificate.

    python -m tests.tools.hub_namespaces [2|8] [kills of workers] [of the hub] [of PostgreSQL] [cuts of a link]
    prints what was read by whom, how long it took to go on after each kill or cut, and what was lost or doubled

A namespace has its loopback and nothing else: neither side has a route to the other. The only way out is a relay that
takes connections inside and dials the hub outside. Needs root; skipped by name without it or without PostgreSQL.
"""

import asyncio
import contextlib
import ctypes
import os
import queue
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from auditor.lab import network as networks
from auditor.lab.network import Network
from auditor.lab.play import Lab, play
from auditor.lab.samples import home
from auditor.run.hub_sites import JOIN_PORT
from tests.tools import postgres
from tests.tools.hub_demo import Sites, Trial, be_patient, play_out, say
from tests.tools.postgres import HERE, Postgres

FEW, MANY = ("carrier",), ("carrier", "demo", "contractor", "rural")
CUT_S = 60
NEW_NETWORK = 0x40000000
PATIENCE = 60


def union(names: tuple[str, ...]) -> Network:
    """Return some sample networks as one; credentials of the same name stay apart."""
    parts = [_named_apart(networks.load(home() / "networks" / f"{name}.toml"), name) for name in names]
    first = parts[0]
    lists = ("devices", "bystanders", "channels", "cables")
    sites = [site for part in parts for site in part.sites]
    return replace(
        first,
        credentials={name: one for part in parts for name, one in part.credentials.items()},
        # Each site at loopback addresses of its own, whatever its file says.
        sites=tuple(replace(site, at=f"127.1.{number}.") for number, site in enumerate(sites)),
        secret=frozenset().union(*(part.secret for part in parts)),
        **{name: tuple(one for part in parts for one in getattr(part, name)) for name in lists},
    )


def _named_apart(network: Network, prefix: str) -> Network:
    """Return a network whose sites and credentials are named after it."""

    def apart(name: str) -> str:
        return f"{prefix}-{name}"

    lists = {
        which: tuple(replace(one, site=apart(one.site)) for one in getattr(network, which))
        for which in ("devices", "bystanders", "channels", "cables")
    }
    lists["devices"] = tuple(
        replace(one, logins={use: apart(name) for use, name in one.logins.items()}) for one in lists["devices"]
    )
    return replace(
        network,
        credentials={apart(name): replace(one, name=apart(name)) for name, one in network.credentials.items()},
        secret=frozenset(map(apart, network.secret)),
        sites=tuple(
            replace(one, name=apart(one.name), credentials=tuple(map(apart, one.credentials))) for one in network.sites
        ),
        **lists,
    )


class Relay:
    """The way out of one namespace: takes connections inside, dials the same address and port outside.

    While it is cut nothing passes; after that every connection is broken off.
    """

    def __init__(self, name: str, ports: tuple[int, ...]) -> None:
        self._ports, self._open, self._lines = ports, asyncio.Event(), set[asyncio.StreamWriter]()
        self._loop = asyncio.new_event_loop()
        self._sockets: queue.Queue[socket.socket] = queue.Queue()
        inside = threading.Thread(target=self._listen, args=(name,))
        inside.start()
        inside.join(PATIENCE)
        threading.Thread(target=self._run, daemon=True).start()

    def cut(self, seconds: float) -> None:
        """Let nothing pass for so long, then break off every connection."""
        self._loop.call_soon_threadsafe(self._open.clear)
        time.sleep(seconds)
        self._loop.call_soon_threadsafe(self._reset)

    def _reset(self) -> None:
        for line in self._lines:
            line.transport.abort()
        self._open.set()

    def _listen(self, name: str) -> None:
        """Listen inside: a socket belongs to the network of the thread that made it."""
        with Path(f"/run/netns/{name}").open("rb") as file:
            if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), NEW_NETWORK):
                raise OSError(ctypes.get_errno(), f"no way into {name}")
        for port in self._ports:
            self._sockets.put(socket.create_server((HERE, port)))

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._open.set()
        for port in self._ports:
            self._loop.run_until_complete(
                asyncio.start_server(lambda near, far, port=port: self._pass(near, far, port), sock=self._sockets.get())
            )
        self._loop.run_forever()

    async def _pass(self, near: asyncio.StreamReader, back: asyncio.StreamWriter, port: int) -> None:
        with contextlib.suppress(OSError):
            await self._open.wait()
            there, on = await asyncio.open_connection(HERE, port)
            self._lines |= {back, on}
            await asyncio.gather(self._pump(near, on), self._pump(there, back), return_exceptions=True)
            self._lines -= {back, on}
        back.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                await self._open.wait()
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()


class ApartSites(Sites):
    """A hub, and workers in namespaces of their own; `places` are the labs that are played there, by site."""

    def __init__(self, lab: Lab, server: Postgres, folder: Path) -> None:
        super().__init__(lab, server.new("inventory"), folder)
        self.server, self.places = server, dict[str, Path]()
        self.relays = dict[str, Relay]()
        files = folder / "tls"
        self._do("hub", "hub", "certificate", HERE, "-o", str(files))
        server.show(*(files / name for name in ("server.key", "server.crt", "root.crt")))
        self.listener = self.begin("hub", "hub", "listen", HERE, "--store", self.url)
        assert self.listener.stderr is not None
        self.listener.stderr.readline()

    def begin(self, name: str, *words: str) -> subprocess.Popen[bytes]:
        """Start the program as the hub, or in the namespace of a site as its worker."""
        place, config = self.home(name), self.lab.config
        prefix = []
        if name in self.places:
            config, prefix = self.places[name] / "auditor.toml", ["ip", "netns", "exec", space(name)]
        command = [*prefix, sys.executable, "-m", "auditor", "--config", str(config), *words]
        return self.start(command, place)

    def join(self, site: str) -> None:
        """Invite a site and let its worker join by certificate."""
        address = f"postgresql://{HERE}:{self.server.port}/inventory"
        invite = ("hub", "invite", site, "--store", self.url, "--address", address)
        token = self._do("hub", *invite, "--join", f"https://{HERE}:{JOIN_PORT}")
        self._do(site, "worker", "join", given=token)

    def _do(self, name: str, *words: str, given: bytes = b"") -> bytes:
        process = self.begin(name, *words)
        out, error = process.communicate(given, timeout=PATIENCE)
        if process.returncode:
            raise SystemExit(error.decode())
        return out


def space(site: str) -> str:
    """Return the name of a site's namespace."""
    return f"auditor-{site}"


@contextlib.contextmanager
def apart(network: Network, names: tuple[str, ...], sites: ApartSites) -> Iterator[None]:
    """Play each site in a namespace of its own while the block runs."""
    with contextlib.ExitStack() as stack:
        for site in network.sites:
            name, place = space(site.name), sites.folder / f"lab-{site.name}"
            place.mkdir()
            subprocess.run(["ip", "netns", "add", name], check=True)
            stack.callback(subprocess.run, ["ip", "netns", "delete", name], check=False)
            subprocess.run(["ip", "-n", name, "link", "set", "lo", "up"], check=True)
            sites.relays[site.name] = Relay(name, (sites.server.port, JOIN_PORT))
            words = [sys.executable, "-m", "tests.tools.hub_namespaces", "play", str(place), *names]
            player = subprocess.Popen(
                ["ip", "netns", "exec", name, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            stack.callback(player.kill)
            assert player.stdout is not None
            player.stdout.readline()
            sites.places[site.name] = place
            # Known by their keys, as a site's own machine knows its devices.
            folder = sites.home(site.name)
            (folder / "known_hosts").write_bytes((place / "known_hosts").read_bytes())
        yield
        sites.listener.kill()


def play_here(folder: Path, names: tuple[str, ...]) -> None:
    """Play until nobody waits for it any more: all of it, as a single process sees it; a worker asks its site alone."""
    with play(union(names), home(), folder) as lab:
        be_patient(lab)
        say("played")
        sys.stdin.read()


class ApartTrial(Trial):
    """A trial in which links are cut too."""

    def kill(self, what: str) -> float | None:
        """Kill something, or cut the link of a site that has a job; return the seconds until the run goes on."""
        if what != "link":
            return super().kill(what)
        victim = self._busy()
        if victim is None:
            say("link: not cut, the run was over")
            return None
        assert isinstance(self.sites, ApartSites)
        self.sites.relays[victim].cut(CUT_S)
        start = time.monotonic()
        self._wait_for_word()
        seconds = time.monotonic() - start
        say(f"link of {victim} cut for {CUT_S} s: went on {seconds:.1f} s after it was whole again")
        return seconds


def main(words: list[str]) -> int:
    """Play sites apart once; return 1 where a promise is broken."""
    if words[:1] == ["play"]:
        play_here(Path(words[1]), tuple(words[2:]))
        return 0
    programs = postgres.programs()
    if programs is None or os.geteuid():
        say("skipped: needs root and PostgreSQL; on Debian: apt install postgresql, then as root")
        return 0
    names = MANY if words[:1] == ["8"] else FEW
    network = union(names)
    with tempfile.TemporaryDirectory() as name, postgres.server(programs) as server:
        folder = Path(name)
        (folder / "lab").mkdir()
        with play(network, home(), folder / "lab") as lab:
            be_patient(lab)
            sites = ApartSites(lab, server, folder)
            with apart(network, names, sites):
                kills = dict(zip(("worker", "hub", "PostgreSQL", "link"), map(int, words[1:]), strict=False))
                return play_out(sites, server, kills, ApartTrial)


if __name__ == "__main__":
    random.seed(0)
    raise SystemExit(main(sys.argv[1:]))
