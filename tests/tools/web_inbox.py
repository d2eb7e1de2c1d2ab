"""A web server on loopback that keeps what it is sent, for pings and messages."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer


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

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            box.requests.append((self.command, self.path, body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET  # noqa: N815 - the same

        def log_message(self, *_args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    box.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield box
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
