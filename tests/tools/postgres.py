"""A PostgreSQL server of the tests' own, on a Unix socket in a folder of its own."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

OWNER = "postgres"
SORT = "postgresql"
# Nothing here has to outlive the tests.
QUICK = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c listen_addresses="
# `guarded` and the sites of a hub need the password of their role; everybody else is who they say they are.
RULES = "local all guarded scram-sha-256\nlocal all +auditor_sites scram-sha-256\nlocal all all trust\n"


class Postgres:
    """A running server; `new` gives the URL of a database that nobody has written to."""

    def __init__(self, folder: Path, restart: Callable[[], None]) -> None:
        self.folder = folder
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
        return f"postgresql:///{name}?host={self.folder}&user={user}"

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
def server(programs: Path) -> Iterator[Postgres]:
    """Run a server while the block runs."""
    folder = Path(tempfile.mkdtemp(prefix="auditor-pg-"))
    user = _user()
    try:
        if user:
            shutil.chown(folder, user)
            folder.chmod(0o755)  # whoever runs the tests speaks to the socket in it
        data = folder / "data"
        _run(user, programs / "initdb", "-D", data, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        (data / "pg_hba.conf").write_text(RULES)
        words = f"{QUICK} -k {folder}"
        control = (programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "-l", folder / "log", "-o", words)
        _run(user, *control, "start")
        try:
            yield Postgres(folder, lambda: _run(user, *control, "restart"))
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
