"""Hub and sites find each other: the engine behind a store, invitations, joining."""

import base64
import json
import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from auditor import normal, ownership
from auditor.errors import AuditorError, OutputError, UsageError
from auditor.hub.authority import belongs, ends, request
from auditor.hub.join_server import Application, JoinServer, apply, from_texts
from auditor.hub.local import LocalEngine
from auditor.run.configuration import configuration
from auditor.run.home import data_home, now, store_password, store_url
from auditor.run.hub_authority import authority, write_private
from auditor.run.knowledge import knowledge
from auditor.version import VERSION

if TYPE_CHECKING:
    from auditor.hub.desk import PostgresDesk
    from auditor.hub.postgres import PostgresEngine

EXTRA = "needs PostgreSQL's driver and Procrastinate: pip install 'network-equipment-auditor[hub]'"
SCHEMES = ("postgresql://", "postgres://")
JOIN_PORT = 8443
# A certificate that ends within so long is told.
SOON = timedelta(days=30)
_log = logging.getLogger(__name__)
# Of a hub's own connection, what a worker needs to dial it.
DIALLED = ("host", "hostaddr", "port", "dbname", "sslmode", "sslrootcert")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """What a site joins with, and what its worker keeps.

    How the hub is dialled, the role, its secret. With a certificate: `join` is the hub's HTTPS address, `authority` the
    certificate (PEM) that vouches for the hub; the secret counts once, and what is kept instead are the files of
    `certificate_files`.
    """

    site: str
    hub: str
    role: str
    password: str = ""
    join: str = ""
    authority: str = ""

    def __repr__(self) -> str:
        return f"Invitation({self.site!r}, {self.role!r})"

    @property
    def token(self) -> str:
        """Return it as one word to be handed over."""
        return base64.urlsafe_b64encode(json.dumps(asdict(self)).encode()).decode().rstrip("=")

    @property
    def conninfo(self) -> str:
        """Return how the hub is dialled."""
        from psycopg.conninfo import make_conninfo

        if not self.authority:
            return make_conninfo(self.hub, user=self.role, password=self.password)
        files = certificate_files(self.site)
        proof = {"sslcert": str(files.certificate), "sslkey": str(files.key), "sslrootcert": str(files.authority)}
        return make_conninfo(**(proof | _words(self.hub)), user=self.role)


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """Where a worker keeps its key, its certificate and the hub's authority; all PEM."""

    key: Path
    certificate: Path
    authority: Path


def certificate_files(site: str) -> CertificateFiles:
    """Return where the worker of a site keeps what proves who it is."""
    path = _path(site)
    return CertificateFiles(*(path.with_suffix(end) for end in (".key", ".pem", ".authority.pem")))


def engine_of(store: str) -> "PostgresEngine | LocalEngine":
    """Return the engine of a store: in its PostgreSQL, or in this process where it is a file."""
    url = store_url(store)
    return postgres_engine(store) if url.startswith(SCHEMES) else LocalEngine()


def postgres_engine(store: str) -> "PostgresEngine":
    """Return the engine in a store's PostgreSQL; any other store is a `UsageError`."""
    url = store_url(store)
    if not url.startswith(SCHEMES):
        raise UsageError("workers at other machines need a store in PostgreSQL: postgresql://…", where=f"--store {url}")
    _demand_extra()
    from auditor.hub.postgres import PostgresEngine

    return PostgresEngine(_conninfo(url), version=VERSION, rules=rules_digest())


def rules_digest() -> str:
    """Return what names the rules in force here, and the registry they read MACs by."""
    tables = knowledge().tables()
    return f"{tables.rules} {tables.oui}"


def invite(site: str, store: str, address: str, config: str, url: str = "") -> Invitation:
    """Return an invitation for a site of the configuration.

    `address` is where its worker dials the hub; it joins by certificate at `url`, where one is given.
    """
    sites = configuration(config).sites
    if site not in sites:
        raise UsageError(f"no site is called this; known: {', '.join(sorted(sites)) or 'none'}", where=f"site {site}")
    if url and urlsplit(url).scheme != "https":
        raise UsageError("is no https address", where=f"--join {url}")
    engine = postgres_engine(store)
    hub = _address(address or store_url(store))
    vouching = authority().certificate.decode() if url else ""
    role, password = engine.invite(site, certificate=bool(url))
    return Invitation(site=site, hub=hub, role=role, password=password, join=url, authority=vouching)


def join_server(host: str, place: tuple[str, int], store: str, note: Callable[[str], None]) -> JoinServer:
    """Return the server where sites join: `https://host` by name, listening at a place."""
    engine, mine = postgres_engine(store), authority()

    def admit(application: Application) -> bytes:
        # Signed first: a request that is none does not use the invitation up.
        certificate = mine.sign(application.request.encode(), application.role, now())
        engine.admit(application.role, application.secret)
        return certificate

    return JoinServer(place, mine.server((host,), now()), admit, note)


def join(token: str) -> Invitation:
    """Join a site by its invitation, once; a secret of the worker's own replaces it."""
    _demand_extra()
    invitation = _read(_unpack(token))
    return _join_by_certificate(invitation) if invitation.join else _join_by_password(invitation)


def _join_by_certificate(invitation: Invitation) -> Invitation:
    """Have the hub sign a key that stays here."""
    own, pair = replace(invitation, password=""), request(invitation.role)
    files = certificate_files(own.site)
    # Whoever is let in and cannot keep the key has to be invited again: so it is kept first.
    write_private(files.key, pair.key)
    application = Application(invitation.role, invitation.password, pair.public.decode())
    try:
        certificate = apply(invitation.join, invitation.authority, application)
        if not belongs(certificate, pair.key):
            raise UsageError("the hub signed another key than ours", where=invitation.join)
    except AuditorError:
        with suppress(OSError):
            files.key.unlink()
        raise
    write_private(files.authority, invitation.authority.encode())
    write_private(files.certificate, certificate)
    write_private(_path(own.site), _packed(own))
    return own


def _join_by_password(invitation: Invitation) -> Invitation:
    """Replace the password of the invitation by one the hub never sees."""
    import psycopg

    own = replace(invitation, password=secrets.token_urlsafe(32))
    path = _path(invitation.site)
    write_private(path, _packed(own))
    try:
        with psycopg.connect(invitation.conninfo, connect_timeout=10) as base:
            words = own.password.encode(), own.role.encode(), b"scram-sha-256"
            base.execute("SELECT auditor_site.join_site(%s)", (base.pgconn.encrypt_password(*words).decode(),))
    except psycopg.Error as exc:
        with suppress(OSError):
            path.unlink()
        raise UsageError(
            f"the hub did not let us in: {str(exc).strip().partition(chr(10))[0]}", where="TOKEN"
        ) from None
    return own


def desk_of(site: str) -> "PostgresDesk":
    """Return the desk of a site that has joined; a hub that is away is an `OutputError`."""
    _demand_extra()
    from auditor.hub.desk import PostgresDesk

    path = _path(site)
    try:
        own = _read(ownership.read(path))
    except FileNotFoundError:
        raise UsageError("has not joined here; 'auditor worker join TOKEN' does it", where=f"site {site}") from None
    if own.authority:
        _demand_valid(own.site)
    try:
        return PostgresDesk(own.conninfo, version=VERSION, rules=rules_digest())
    except ConnectionError as exc:
        raise OutputError(f"the hub cannot be dialled: {exc}", where=f"site {site}") from None


def _demand_valid(site: str) -> None:
    """Refuse a certificate that has ended; log one that ends soon."""
    until = ends(ownership.read(certificate_files(site).certificate))
    again = "invite the site again, and let its worker join"
    if until <= now():
        raise UsageError(f"its certificate ended on {until:%Y-%m-%d}; {again}", where=f"site {site}")
    if until <= now() + SOON:
        _log.warning("site %s: its certificate ends on %s; %s", site, f"{until:%Y-%m-%d}", again)


def _demand_extra() -> None:
    try:
        import procrastinate  # noqa: F401 - whether it is there
        import psycopg  # noqa: F401
    except ImportError:
        raise UsageError(EXTRA) from None


def _conninfo(url: str) -> str:
    """Return a store's URL as its driver takes it; `password=secret:NAME` is looked up now."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    words = conninfo_to_dict(url)
    password = str(words.get("password") or "")
    if password.startswith("secret:"):
        words["password"] = store_password(password.removeprefix("secret:"))
    return make_conninfo("", **words)


def _words(address: str) -> dict[str, str]:
    """Return, of an address, what a worker needs to dial it."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        return {key: str(value) for key, value in conninfo_to_dict(address).items() if key in DIALLED}
    except ProgrammingError as exc:
        raise UsageError(f"is no address of PostgreSQL: {exc}", where="--address") from None


def _address(address: str) -> str:
    """Return a hub's address without user or password.

    Over a network its certificate has to be proven.
    """
    from psycopg.conninfo import make_conninfo

    words = _words(address)
    if not words.get("host", "/").startswith("/"):
        words.setdefault("sslmode", "verify-full")
    return make_conninfo("", **words)


def _unpack(token: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        raise UsageError("is no invitation; copy it whole", where="TOKEN") from None


def _read(data: bytes) -> Invitation:
    invitation = from_texts(Invitation, data)
    if invitation is None:
        raise UsageError("is no invitation; copy it whole", where="TOKEN")
    return invitation


def _packed(invitation: Invitation) -> bytes:
    return json.dumps(asdict(invitation)).encode()


def _path(site: str) -> Path:
    return data_home() / "sites" / f"{normal.file_name(site)}.json"
