"""Probes that log in over HTTP, to read one page: Digest only, one attempt per device and credential, read-only paths."""

import asyncio
from collections.abc import Callable, Iterator

from auditor.collect.base import Setup
from auditor.collect.probe_wire import Wire, digest
from auditor.errors import AuditorError
from auditor.model import Credential, Fact, Reason
from auditor.parse import web

_UNAUTHORIZED = 401
_TURN = 0.05

Read = Callable[[web.Response, str], Iterator[Fact]]
# What each login probe asks for and how the answer is read; every path only reads.
PATHS: dict[str, tuple[str, Read]] = {
    "isapi": ("/ISAPI/System/deviceInfo", web.isapi),
    "magicbox": ("/cgi-bin/magicBox.cgi?action=getSystemInfo", web.magicbox),
}


class Login:
    """The HTTP credentials of a run and the breaker that guards them."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.breaker = setup.tally.breaker("http", setup.limits.max_failed_logins)

    async def ask(self, name: str, wire: Wire, port: int) -> tuple[tuple[Fact, ...], tuple[Reason, str] | None]:
        """Return what one page says, and why it could not be read where that is worth telling."""
        path, read = PATHS[name]
        response = await wire.http(port, path)
        problem: tuple[Reason, str] | None = None
        for credential in self._bound(wire) if response is not None else ():
            if response is None or response.status != _UNAUTHORIZED:
                break
            answer, problem = await self._try(wire, port, path, credential, response.header("www-authenticate"))
            response = answer or response
        return (tuple(read(response, path)) if response is not None else ()), problem

    def _bound(self, wire: Wire) -> list[Credential]:
        named = (self.setup.credentials.get(name) for name in wire.target.credentials)
        return [credential for credential in named if credential is not None and credential.kind == "http"]

    async def _try(
        self, wire: Wire, port: int, path: str, credential: Credential, challenge: str
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
            response = await wire.http(port, path, Authorization=header)
            accepted = None if response is None else response.status != _UNAUTHORIZED
        finally:
            self.breaker.leave(credential.name, accepted=accepted)
        if accepted is False:
            page = path.partition("?")[0]
            return None, (Reason.AUTHENTICATION, f"credential '{credential.name}' was refused by {page}")
        return response, None
