"""A PostgreSQL server of the tests' own: on a Unix socket in a folder of its own, and over TLS on loopback."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from socket import SOCK_STREAM

from tests.tools.loopback import free_port

OWNER = "postgres"
SORT = "postgresql"
# Nothing here has to outlive the tests.
QUICK = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"
# `guarded` and the sites of a hub need the password of their role; everybody else is who they say they are. Over the
# network come sites alone, by certificate.
RULES = """
local all guarded scram-sha-256
local all +auditor_sites scram-sha-256
local all all trust
hostssl all +auditor_sites 0.0.0.0/0 cert
"""
HERE = "127.0.75.1"


class Postgres:
    """A running server; `new` gives the URL of a database that nobody has written to."""

    def __init__(self, folder: Path, place: tuple[str, int], restart: Callable[[], None]) -> None:
        self.folder, (self.host, self.port) = folder, place
        # Kills the server in the middle of whatever it does, and starts it again.
        self.restart = restart
        self._names = (f"store{number}" for number in count(1))

    def new(self, name: str = "") -> str:
        """Make an empty database and return its URL."""
        name = name or next(self._names)
        self.sql(f"CREATE DATABASE {name}")
        return self.url(name)

    def url(self, name: str, user: str = OWNER) -> str:
        """Return the URL of a database."""
        return f"postgresql:///{name}?host={self.folder}&port={self.port}&user={user}"

    def show(self, key: Path, certificate: Path, authority: Path) -> None:
        """Show this certificate on the network from now on, and demand those that the authority signed."""
        for setting, path in (("ssl_key_file", key), ("ssl_cert_file", certificate), ("ssl_ca_file", authority)):
            own = self.folder / "data" / path.name
            shutil.copy(path, own)
            own.chmod(0o600)
            if (user := _user()) is not None:
                shutil.chown(own, user)
            self.sql(f"ALTER SYSTEM SET {setting} = '{own}'")
        self.sql("ALTER SYSTEM SET ssl = on")
        self.sql("SELECT pg_reload_conf()")

    def sql(self, words: str, name: str = OWNER) -> None:
        """Run a statement as the owner of the server."""
        import psycopg

        with psycopg.connect(self.url(name), autocommit=True) as base:
            base.execute(words)


def programs() -> Path | None:
    """Return the folder of the newest PostgreSQL here, as Debian or the path has it."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    own = [path for path in folders if (path / "initdb").is_file()]
    on_path = shutil.which("initdb")
    return own[-1] if own else Path(on_path).resolve().parent if on_path else None


@contextmanager
def server(programs: Path, host: str = HERE) -> Iterator[Postgres]:
    """Run a server while the block runs."""
    folder = Path(tempfile.mkdtemp(prefix="auditor-pg-"))
    user, port = _user(), free_port(host, kind=SOCK_STREAM)
    try:
        if user:
            shutil.chown(folder, user)
            folder.chmod(0o755)  # whoever runs the tests speaks to the socket in it
        data = folder / "data"
        _run(user, programs / "initdb", "-D", data, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        (data / "pg_hba.conf").write_text(RULES)
        words = f"{QUICK} -k {folder} -c listen_addresses={host} -p {port}"
        control = (programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "-l", folder / "log", "-o", words)
        _run(user, *control, "start")
        try:
            yield Postgres(folder, (host, port), lambda: _run(user, *control, "restart"))
        finally:
            _run(user, programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> str | None:
    """Return who the server runs as; it refuses to be root."""
    if os.geteuid():
        return None
    return next(name for name in (OWNER, "nobody") if any(one.pw_name == name for one in pwd.getpwall()))


def _run(user: str | None, program: Path, *words: object) -> None:
    command = [str(program), *map(str, words)]
    # What pg_ctl leaves running must not hold a pipe open.
    subprocess.run(
        command,
        user=user,
        check=True,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        timeout=60,
        stderr=subprocess.DEVNULL,
    )
