"""Who may ask `auditor serve`: tokens to give, list, take back and look up."""

import hashlib
import secrets
from collections.abc import Callable, Sequence

from auditor.errors import UsageError
from auditor.formats.journal import stamp
from auditor.normal import one_line
from auditor.run.home import account, now, old_store, store_of
from auditor.run.recorded import kept_runs
from auditor.store.tokens import ROLES, TokenEntry

NAME = 80
PREFIX = "aud_"


def digest_of(secret: str) -> str:
    """Return what a store keeps of a secret: 256 random bits need no salt, no slow digest."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def give(name: str, role: str, sites: Sequence[str], url: str, who: str = "") -> str:
    """Keep a token for a person and return its secret, which nothing shows again."""
    from auditor.store import tokens

    if not name.strip() or name != one_line(name, NAME):
        raise UsageError(f"a name is 1 to {NAME} printable characters on one line", where="NAME")
    if role not in ROLES:
        raise UsageError(f"'{role:.40}' is none of {', '.join(ROLES)}", where="--role")
    store = store_of(url)
    if store is None:
        raise UsageError("a token has to be kept somewhere; name a --store", where="--store none")
    secret = PREFIX + secrets.token_urlsafe(32)
    with store.database.writing() as base:
        if any(one.name == name and not one.revoked for one in tokens.entries(base)):
            raise UsageError("has a token already; revoke that first", where=name)
        tokens.add(
            base,
            TokenEntry(
                name=name, role=role, sites=tuple(sites), digest=digest_of(secret), who=who or account(),
                at=stamp(now()),
            ),
        )  # fmt: skip
    return secret


def tokens_of(url: str) -> tuple[TokenEntry, ...]:
    """Return every token of a store, oldest first."""
    from auditor.store import tokens

    store = old_store(url)
    if store is None:
        return ()
    with store.database.reading() as base:
        return tokens.entries(base)


def revoke(name: str, url: str, who: str = "") -> str:
    """Take back the token of a person, by name or number, and return that in a line."""
    from auditor.store import tokens

    with kept_runs(url, "keeps no token").database.writing() as base:
        own = [one for one in tokens.entries(base) if name in {one.name, str(one.id)} and not one.revoked]
        if not own:
            raise UsageError("nobody of this name has a token; 'auditor serve token list' lists them", where=name)
        tokens.revoke(base, own[0].id, who or account(), stamp(now()))
    return f"the token of {own[0].name} is revoked"


def token_by_secret(secret: str, url: str) -> TokenEntry | None:
    """Return the token that a secret opens, or None."""
    return token_by_digest(digest_of(secret), url)


def token_by_digest(digest: str, url: str) -> TokenEntry | None:
    """Return the token whose secret has a digest, or None."""
    return _first(url, lambda one: secrets.compare_digest(one.digest, digest))


def token_by_name(name: str, url: str) -> TokenEntry | None:
    """Return the token of a person, or None."""
    return _first(url, lambda one: one.name == name)


def _first(url: str, is_wanted: Callable[[TokenEntry], bool]) -> TokenEntry | None:
    return next((one for one in tokens_of(url) if is_wanted(one) and not one.revoked), None)
