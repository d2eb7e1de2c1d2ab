"""A web server on loopback that gives one JSON document for each path, and keeps what headers came."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import HTTPServer

from tests.tools.loopback import QuietHandler, serving


@dataclass
class Replies:
    """Where the server listens, and the headers of the last request for each path."""

    url: str = ""
    headers: dict[str, dict[str, str]] = field(default_factory=dict)


@contextmanager
def web_replies(documents: Mapping[str, object]) -> Iterator[Replies]:
    """Serve documents by path, query included, while the block runs; of any other path 404."""
    web = Replies()

    class Handler(QuietHandler):
        def do_GET(self) -> None:  # noqa: N802 - http.server calls it so
            web.headers[self.path] = dict(self.headers)
            body = json.dumps(documents.get(self.path)).encode() if self.path in documents else b""
            self.send_response(200 if self.path in documents else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the same

    with serving(HTTPServer(("127.0.0.1", 0), Handler)) as web.url:
        yield web
