"""Who may ask `auditor serve`: tokens by the digest of a random secret, in the ledger."""

import json
from dataclasses import dataclass

from sqlalchemy import Connection, select

from auditor.store import acts, ledger
from auditor.store.bulk import clean
from auditor.store.rows import DecisionRow
from auditor.store.schema import decision, token

REVOKE = "revoke"
# Each may do what those before it may.
ROLES = ("reader", "field", "officer", "admin")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenEntry:
    """A token: whose it is, what it may, at which sites (none: at all), who gave it when.

    `digest` is the SHA-256 of its secret in hexadecimal; `revoked` says who took it back and when.
    """

    id: int = 0
    name: str
    role: str
    sites: tuple[str, ...] = ()
    digest: str
    who: str
    at: str
    revoked: str = ""


def add(base: Connection, entry: TokenEntry) -> int:
    """Keep a token and return its number."""
    words = {word: clean(getattr(entry, word)) for word in ("name", "role", "digest", "who", "at")}
    cells = words | {"sites": json.dumps(sorted(map(clean, entry.sites)))}
    number = ledger.append(base, "token", entry.at, cells)
    result = base.execute(token.insert().values(**cells, link=number))
    return int(result.inserted_primary_key[0])  # type: ignore[index]


def entries(base: Connection) -> tuple[TokenEntry, ...]:
    """Return every token, oldest first, with who took it back."""
    revoked = select(decision.c.devices, decision.c.who, decision.c.at).where(decision.c.sort == REVOKE)
    ends = {int(row.devices): f"{row.who}, {row.at[:10]}" for row in base.execute(revoked)}
    words = ("id", "name", "role", "digest", "who", "at")
    return tuple(
        TokenEntry(
            **{word: getattr(row, word) for word in words},
            sites=tuple(json.loads(row.sites)),
            revoked=ends.get(row.id, ""),
        )
        for row in base.execute(select(token).order_by(token.c.id))
    )


def revoke(base: Connection, number: int, who: str, at: str) -> None:
    """Take a token back."""
    acts.decide(base, DecisionRow(sort=REVOKE, devices=str(number), who=who, at=at))
