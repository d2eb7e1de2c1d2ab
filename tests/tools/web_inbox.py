"""A web server on loopback that keeps what it is sent, for pings and messages."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import HTTPServer

from tests.tools.loopback import QuietHandler, serving


@dataclass
class Inbox:
    """Where the server listens, and each request: method, path, body."""

    url: str = ""
    requests: list[tuple[str, str, bytes]] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        """Return the paths asked for, in order."""
        return [path for _, path, _ in self.requests]


@contextmanager
def inbox(status: int = 200) -> Iterator[Inbox]:
    """Serve while the block runs; every request is answered with one status."""
    box = Inbox()

    class Handler(QuietHandler):
        def do_GET(self) -> None:  # noqa: N802 - http.server calls it so
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            box.requests.append((self.command, self.path, body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET  # noqa: N815 - the same

    with serving(HTTPServer(("127.0.0.1", 0), Handler)) as box.url:
        yield box
