"""Probes that log in over HTTP: Digest only, and never again where it was refused."""

import asyncio
import hashlib
import re
import secrets

from auditor.collect.base import Setup
from auditor.collect.probe.wire import ProbeWire, WebServer
from auditor.errors import AuditorError
from auditor.model import Credential, Reason, Target
from auditor.parse import web
from auditor.parse.services import Service, port

_UNAUTHORIZED = 401
_TURN = 0.05

_CHALLENGE = re.compile(r'(\w+)=(?:"([^"]{0,500})"|([^\s,"]{1,500}))')
_HASHES = {"": "md5", "md5": "md5", "sha-256": "sha256"}

Problem = tuple[Reason, str]


class LoginError(Exception):
    """A page was not read, for a reason that goes into the journal."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


class Login:
    """The HTTP credentials of a run and the breaker that guards them."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.breaker = setup.history.breaker("http", setup.limits.max_failed_logins)
        # A device that refused a credential is not asked with it for another page: accounts lock on the third try.
        self.refusals: set[tuple[Target, str]] = set()

    async def page(self, service: Service, wire: ProbeWire) -> web.Response | None:
        """Return the page of a probe, over TLS where it is nowhere else; nothing where it is not."""
        doors = (WebServer(port=service.at(wire.target)), WebServer(port=port("https", wire.target), tls=True))
        door, response = await wire.either(doors, service.path)
        if door is None or response is None:
            return None
        problem: Problem | None = None
        for credential in self._credentials(wire):
            if (wire.target, credential.name) in self.refusals:
                continue
            if response.status != _UNAUTHORIZED:
                break
            challenge = response.header("www-authenticate")
            answer, problem = await self._try(wire, door, service.path, credential, challenge)
            response = answer or response
        if problem is not None:
            raise LoginError(*problem)
        return response

    def _credentials(self, wire: ProbeWire) -> list[Credential]:
        candidates = (self.setup.credentials.get(name) for name in wire.target.credentials)
        return [credential for credential in candidates if credential is not None and credential.kind == "http"]

    async def _try(
        self, wire: ProbeWire, door: WebServer, path: str, credential: Credential, challenge: str
    ) -> tuple[web.Response | None, Problem | None]:
        """Answer one challenge; what is no Digest challenge gets no answer and counts as no login."""
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
        success: bool | None = None
        try:
            response = await wire.http(door, path, Authorization=header)
            success = None if response is None else response.status != _UNAUTHORIZED
        finally:
            self.breaker.leave(credential.name, success=success)
        if success is False:
            self.refusals.add((wire.target, credential.name))
            page = path.partition("?")[0]
            return None, (Reason.AUTHENTICATION, f"credential '{credential.name}' was refused by {page}")
        return response, None


def digest(challenge: str, path: str, user: str, password: str) -> str:
    """Return the answer to a Digest challenge (RFC 7616), or nothing: Basic shows the password."""
    scheme, _, rest = challenge.partition(" ")
    fields = {match[1].lower(): match[2] or match[3] or "" for match in _CHALLENGE.finditer(rest)}
    name = _HASHES.get(fields.get("algorithm", "").lower(), "")
    if scheme.lower() != "digest" or not name or not fields.get("nonce"):
        return ""

    def digest_of(*parts: str) -> str:
        return hashlib.new(name, ":".join(parts).encode(), usedforsecurity=False).hexdigest()

    realm, nonce = fields.get("realm", ""), fields["nonce"]
    own, request_hash = digest_of(user, realm, password), digest_of("GET", path)
    words = [f'username="{user}"', f'realm="{realm}"', f'nonce="{nonce}"', f'uri="{path}"']
    if "auth" in fields.get("qop", "").replace(",", " ").split():
        fresh = secrets.token_hex(8)
        words += [
            f'response="{digest_of(own, nonce, "00000001", fresh, "auth", request_hash)}"',
            "qop=auth",
            "nc=00000001",
        ]
        words += [f'cnonce="{fresh}"']
    else:
        words.append(f'response="{digest_of(own, nonce, request_hash)}"')
    words += [f'opaque="{fields["opaque"]}"'] if "opaque" in fields else []
    words += [f"algorithm={fields['algorithm']}"] if "algorithm" in fields else []
    return "Digest " + ", ".join(words)
