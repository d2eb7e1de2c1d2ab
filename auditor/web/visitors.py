"""Who is asking and what they may: sessions, tokens, a trusted proxy, how many tries."""

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address

from auditor.run.tokens import digest_of, token_by_digest, token_by_name, token_by_secret
from auditor.store.browse import SiteScope
from auditor.store.tokens import ROLES, TokenEntry

COOKIE = "auditor"
SESSION_S = 12 * 3600
SESSIONS = 1000
# So many wrong tokens from one address within this time, and it has to wait.
TRIES, TRIES_S = 5, 900
ADDRESSES = 10_000
PROXIED, BEARER = "proxy:", ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who asks: name, role, the sites they may see.

    `ident` is what a form's token is made of; empty where a token comes with every request and no form can forge it.
    """

    name: str
    role: str
    scope: SiteScope = field(default_factory=SiteScope)
    ident: str = BEARER

    def may(self, role: str) -> bool:
        """Tell whether they may do what a role may."""
        return ROLES.index(self.role) >= ROLES.index(role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Where a request comes from, and what it brings to say whose it is."""

    address: str
    headers: Mapping[str, str]
    cookie: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorRules:
    """Whom the door lets in: the store of tokens, the one-time token's digest, proxies."""

    store: str
    owner: str = ""
    once: str = ""
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    header: str = "x-remote-user"
    tries: int = TRIES


class TooManyTriesError(Exception):
    """This address tried too often; `seconds` is how long it has to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many wrong tokens; wait {seconds} s")
        self.seconds = seconds


@dataclass(slots=True)
class Attempts:
    """Wrong tokens by address; safe between threads, bounded in memory."""

    tries: int = TRIES
    clock: Callable[[], float] = time.monotonic
    failures: OrderedDict[str, list[float]] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def demand(self, address: str) -> None:
        """Raise `TooManyTriesError` where an address has to wait."""
        with self.lock:
            moments = self._recent(address)
            if len(moments) >= self.tries:
                raise TooManyTriesError(max(1, int(moments[0] + TRIES_S - self.clock())))

    def fail(self, address: str) -> None:
        """Count a wrong token."""
        with self.lock:
            self.failures[address] = [*self._recent(address), self.clock()][-self.tries :]
            self.failures.move_to_end(address)
            while len(self.failures) > ADDRESSES:
                self.failures.popitem(last=False)

    def _recent(self, address: str) -> list[float]:
        since = self.clock() - TRIES_S
        return [moment for moment in self.failures.get(address, []) if moment > since]


@dataclass(slots=True)
class Sessions:
    """Who entered, by the digest of their cookie; for twelve hours, or until the process ends."""

    clock: Callable[[], float] = time.monotonic
    entries: OrderedDict[str, tuple[str, float]] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self, whose: str) -> str:
        """Return the cookie of a new session of somebody, by the digest of their token."""
        cookie = secrets.token_urlsafe(32)
        with self.lock:
            self.entries[digest_of(cookie)] = whose, self.clock() + SESSION_S
            while len(self.entries) > SESSIONS:
                self.entries.popitem(last=False)
        return cookie

    def whose(self, cookie: str) -> str:
        """Return whose session a cookie is, or nothing."""
        with self.lock:
            whose, end = self.entries.get(digest_of(cookie), ("", 0.0))
        return whose if self.clock() < end else ""

    def close(self, cookie: str) -> None:
        """End a session."""
        with self.lock:
            self.entries.pop(digest_of(cookie), None)


class Doorkeeper:
    """Tells who is asking; a token that was revoked ends the sessions that were opened with it."""

    def __init__(self, rules: DoorRules) -> None:
        self.rules, self.attempts, self.sessions = rules, Attempts(rules.tries), Sessions()
        self._key = secrets.token_bytes(32)
        self._once = rules.once
        self._lock = threading.Lock()

    def enter(self, secret: str, peer: Peer) -> str:
        """Return the cookie of a session for a token, or nothing; the one-time token opens one once."""
        address = self.address(peer)
        self.attempts.demand(address)
        if self._take_once(secret):
            return self.sessions.open(self.rules.once)
        entry = token_by_secret(secret, self.rules.store) if secret else None
        if entry is None:
            self.attempts.fail(address)
            return ""
        return self.sessions.open(entry.digest)

    def visitor(self, peer: Peer) -> Visitor | None:
        """Return who is asking, or None."""
        scheme, _, secret = peer.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._bearer(secret.strip(), peer)
        name = peer.headers.get(self.rules.header, "") if self._is_proxy(peer.address) else ""
        if name:
            entry = token_by_name(name, self.rules.store)
            return _visitor(entry, PROXIED + name) if entry else None
        return self._session(peer.cookie) if peer.cookie else None

    def form_token(self, visitor: Visitor) -> str:
        """Return what a form of theirs has to bring back; nobody else can know it."""
        return hmac.new(self._key, visitor.ident.encode(), hashlib.sha256).hexdigest()

    def is_own_form(self, visitor: Visitor, text: str) -> bool:
        """Tell whether a request that changes something is theirs and not another page's."""
        return visitor.ident == BEARER or hmac.compare_digest(
            self.form_token(visitor).encode(), text.encode("utf-8", "replace")
        )

    def address(self, peer: Peer) -> str:
        """Return the address that tries are counted by: a trusted proxy's word, or the peer's."""
        last = peer.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
        return last[:64] if last and self._is_proxy(peer.address) else peer.address

    def _take_once(self, secret: str) -> bool:
        with self._lock:
            is_it = bool(self._once) and hmac.compare_digest(self._once, digest_of(secret))
            if is_it:
                self._once = ""
            return is_it

    def _bearer(self, secret: str, peer: Peer) -> Visitor | None:
        address = self.address(peer)
        self.attempts.demand(address)
        entry = token_by_secret(secret, self.rules.store)
        if entry is None:
            self.attempts.fail(address)
            return None
        return _visitor(entry, BEARER)

    def _session(self, cookie: str) -> Visitor | None:
        whose = self.sessions.whose(cookie)
        if whose and whose == self.rules.once:
            return Visitor(name=self.rules.owner or "owner", role=ROLES[-1], ident=digest_of(cookie))
        entry = token_by_digest(whose, self.rules.store) if whose else None
        return _visitor(entry, digest_of(cookie)) if entry else None

    def _is_proxy(self, address: str) -> bool:
        try:
            number = ip_address(address)
        except ValueError:
            return False
        return any(number in network for network in self.rules.proxies)


def _visitor(entry: TokenEntry, ident: str) -> Visitor:
    scope = SiteScope(sites=frozenset(entry.sites)) if entry.sites else SiteScope()
    return Visitor(name=entry.name, role=entry.role, scope=scope, ident=ident)
