"""Probes that log in over HTTP, to read one page: Digest only, one attempt per device and credential, read-only paths."""

import asyncio
from collections.abc import Callable, Iterator

from auditor.collect.base import Setup
from auditor.collect.probe.wire import Door, Wire, digest
from auditor.errors import AuditorError
from auditor.model import Credential, Fact, Reason
from auditor.parse import web
from auditor.parse.services import Service, shipped

_UNAUTHORIZED = 401
_TURN = 0.05

Read = Callable[[web.Response, str], Iterator[Fact]]
# How the page of each login probe is read; which page that is stands in the table, and it may only be one that reads.
READERS: dict[str, Read] = {"isapi": web.isapi, "magicbox": web.magicbox}


class Login:
    """The HTTP credentials of a run and the breaker that guards them."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.breaker = setup.history.breaker("http", setup.limits.max_failed_logins)

    async def ask(self, service: Service, wire: Wire) -> tuple[tuple[Fact, ...], tuple[Reason, str] | None]:
        """Return what one page says, over TLS where the device shows it nowhere else, and why it could not be read if worth telling."""
        plain = Door(port=service.at(wire.target))
        secure = Door(port=shipped().port("https", wire.target), tls=True)
        door, response = await wire.either((plain, secure), service.path)
        problem: tuple[Reason, str] | None = None
        if door is None or response is None:
            return (), None
        for credential in self._bound(wire):
            if response.status != _UNAUTHORIZED:
                break
            challenge = response.header("www-authenticate")
            answer, problem = await self._try(wire, door, service.path, credential, challenge)
            response = answer or response
        return tuple(READERS[service.name](response, service.path)), problem

    def _bound(self, wire: Wire) -> list[Credential]:
        named = (self.setup.credentials.get(name) for name in wire.target.credentials)
        return [credential for credential in named if credential is not None and credential.kind == "http"]

    async def _try(
        self, wire: Wire, door: Door, path: str, credential: Credential, challenge: str
    ) -> tuple[web.Response | None, tuple[Reason, str] | None]:
        """Answer one challenge with one credential; what is no Digest challenge gets no answer and counts as no login."""
        try:
            secret = self.setup.secrets.fetch(credential.name, "password")
        except AuditorError as exc:
            return None, (Reason.NO_CREDENTIAL, str(exc))
        header = digest(challenge, path, credential.user, secret) if secret else ""
        if not header:
            return None, None
        while not self.breaker.enter(credential.name, 0.0):
            if self.breaker.open(credential.name):
                return None, (Reason.BREAKER, f"credential '{credential.name}' was refused too often; not tried here")
            await asyncio.sleep(_TURN)
        accepted: bool | None = None
        try:
            response = await wire.http(door, path, Authorization=header)
            accepted = None if response is None else response.status != _UNAUTHORIZED
        finally:
            self.breaker.leave(credential.name, accepted=accepted)
        if accepted is False:
            page = path.partition("?")[0]
            return None, (Reason.AUTHENTICATION, f"credential '{credential.name}' was refused by {page}")
        return response, None
