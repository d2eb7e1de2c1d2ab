"""What every probe is: one question to one port of a target, and facts out of the answer."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from auditor.collect.probe.login import Login
from auditor.collect.probe.wire import ProbeWire
from auditor.model import Fact, Kind
from auditor.parse.services import Service

Facts = tuple[Fact, ...]
BANNER_CAP = 2_048


@dataclass(frozen=True, slots=True)
class Visit:
    """One probe at one target: the wire, what services.toml says of the probe, the logins."""

    wire: ProbeWire
    service: Service
    login: Login

    @property
    def port(self) -> int:
        """Return the port this target is asked on."""
        return self.service.at(self.wire.target)

    def fact(self, kind: Kind, value: str) -> Facts:
        """Return what was read off the port, if anything."""
        return (Fact(kind=kind, value=value, where=f"tcp/{self.port}"),) if value else ()


Probe = Callable[[Visit], Awaitable[Facts]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A probe of one datagram each way; the question may go to a multicast group too.

    `question` takes the address and port it goes to; `further` follows what an answer points to at the same target.
    """

    question: Callable[[str, int], bytes]
    read: Callable[[bytes], Iterator[Fact]]
    further: Callable[[Visit, bytes], Awaitable[Facts]] | None = None

    async def __call__(self, visit: Visit) -> Facts:
        """Ask the target itself."""
        data = await visit.wire.udp(visit.port, self.question(visit.wire.target.address, visit.port))
        facts = tuple(self.read(data))
        return facts + await self.further(visit, data) if self.further else facts
