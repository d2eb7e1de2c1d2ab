"""A server of pages over a store, in a thread of its own on loopback, and whoever asks it."""

import http.client
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import uvicorn

from auditor.formats.document import to_document
from auditor.model import Audit
from auditor.run.tokens import digest_of, give
from auditor.store.runs import Store
from auditor.store.tokens import ROLES
from auditor.web.app import application
from auditor.web.server import ServeRequest, _hosts, _listening
from auditor.web.visitors import DoorRules
from tests.tools.stores import keep, row

ONCE = "once-and-never-again"


@dataclass(frozen=True)
class Answer:
    """What a server answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Client:
    """Somebody who asks: with a token, or with the cookie of a session; `headers` come with every request."""

    port: int
    headers: Mapping[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        words = {name.replace("_", "-"): value for name, value in headers.items()}
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            link.request(method, path, body, {**self.headers, **words})
            reply = link.getresponse()
            return Answer(reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read())
        finally:
            link.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.send("GET", path, **headers)

    def post(self, path: str, **cells: str) -> Answer:
        return self.send("POST", path, urlencode(cells).encode(), Content_Type="application/x-www-form-urlencoded")

    def put(self, path: str, cells: Any, method: str = "POST", **headers: str) -> Answer:
        return self.send(method, path, json.dumps(cells).encode(), Content_Type="application/json", **headers)

    def upload(self, path: str, name: str, content: bytes, **cells: str) -> Answer:
        edge = "----edge"
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in cells.items()
        ]
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = "".join(parts).encode() + head.encode() + content + f"\r\n--{edge}--\r\n".encode()
        return self.send("POST", path, body, Content_Type=f"multipart/form-data; boundary={edge}")

    def entered(self, token: str) -> "Client":
        """Return who has a session for a token."""
        answer = self.post("/enter", token=token)
        assert answer.status == 303, answer.text
        cookie = SimpleCookie(answer.headers["set-cookie"])["auditor"]
        return replace(self, headers={"Cookie": f"auditor={cookie.value}"})

    def form_token(self) -> str:
        """Return the token in the forms of a page."""
        return self.get("/sites").text.partition('name="csrf" value="')[2].partition('"')[0]


@dataclass(frozen=True)
class Served:
    """A store that is served: its path, the port, a client for each token by its name."""

    store: Path
    port: int
    tokens: Mapping[str, str]

    @property
    def nobody(self) -> Client:
        return Client(self.port)

    def by(self, name: str) -> Client:
        """Return who asks with the token of somebody."""
        return Client(self.port, {"Authorization": f"Bearer {self.tokens[name]}"})


def keep_audit(path: Path, audit: Audit, name: str = "night1", started: str = "2026-11-21T05:00:00Z") -> Store:
    """Keep an audit in a store, as a run of its own."""
    store = Store(path)
    document = to_document(audit)
    for asset in document["assets"]:
        asset["site"] = asset["site"] or "hq"
    keep(store, row(name, started), document)
    return store


@contextmanager
def served(path: Path, sites: Mapping[str, str] | None = None, **rules: Any) -> Iterator[Served]:
    """Serve a store with a token for each role, and one for a field engineer at each of some sites."""
    tokens = {role: give(role, role, (), str(path)) for role in ROLES}
    tokens |= {name: give(name, "field", [site], str(path)) for name, site in (sites or {}).items()}
    own = {"store": str(path), "owner": "owner", "once": digest_of(ONCE)} | rules
    request = ServeRequest(port=0)
    with _listening(request) as listener:
        port = listener.getsockname()[1]
        app = application(DoorRules(**own), _hosts(request, port), tls=False)
        config = uvicorn.Config(app, log_config=None, lifespan="off", proxy_headers=False, server_header=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        end = time.monotonic() + 60
        while not server.started and time.monotonic() < end:
            time.sleep(0.01)
        try:
            yield Served(path, port, tokens)
        finally:
            server.should_exit = True
            thread.join(20)
