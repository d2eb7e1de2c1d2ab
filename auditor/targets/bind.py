"""Which credentials are tried where, and in which order: strongest first, never weaker ones.

SNMPv3 and v2c side by side mean v3 alone, unless the site or the defaults say `downgrade = true`: who refuses v3 must
not be handed a community in clear text behind its owner's back.
"""

from collections.abc import Iterator
from dataclasses import replace

from auditor.model import Credential, Span, Target
from auditor.targets.config import ALONE, Config, CredentialEntry
from auditor.targets.spans import Interval, common, minus, whole


def strength(credential: Credential) -> int:
    """Return how well a credential protects what it opens; higher is tried first among its kind."""
    if credential.kind == "snmp-v3":
        return 5 if credential.priv else 4 if credential.auth else 3
    return {"snmp-v2c": 2, "snmp-v1": 1}.get(credential.kind, 3 + bool(credential.key_file))


def spans(item: Interval, like: Target, config: Config, entry_size: int = 0) -> Iterator[Span]:
    """Yield an interval cut where the credentials change, each piece with its own and its ports.

    `named` is how many addresses the words held that named these.
    """
    cuts = [whole(word) for entry in _candidates(like, config) for word in entry.subnets]
    pieces = [item]
    for cut in cuts:
        pieces = [part for piece in pieces for part in (*common([piece], [cut]), *minus([piece], [cut]))]
    site = config.sites.get(like.site)
    ports = {**dict(site.ports if site else ()), **dict(like.ports)}
    for piece in sorted(pieces):
        names = order_of(piece, like, config)
        like_there = replace(like, credentials=names, ports=tuple(sorted(ports.items())))
        yield Span(first=piece.first, last=piece.last, version=piece.version, like=like_there, entry_size=entry_size)


def order_of(piece: Interval, like: Target, config: Config) -> tuple[str, ...]:
    """Return the names of the credentials for addresses treated alike, strongest first."""
    fitting = [
        entry
        for entry in _candidates(like, config)
        if not entry.subnets or not minus([piece], map(whole, entry.subnets))
    ]
    site = config.sites.get(like.site)
    if not (config.downgrade or (site is not None and site.downgrade)):
        fitting = _without_downgrade(fitting)
    return tuple(entry.public.name for entry in sorted(fitting, key=lambda entry: -strength(entry.public)))


def _candidates(like: Target, config: Config) -> list[CredentialEntry]:
    """Return the entries for a site: the target's own, the site's, the defaults', else all."""
    site = config.sites.get(like.site)
    names = like.credentials or (site.credentials if site else ()) or config.order
    entries = [config.credentials[name] for name in names] if names else list(config.credentials.values())
    devices = (entry for entry in entries if entry.public.kind not in ALONE)
    return [entry for entry in devices if not entry.sites or like.site in entry.sites]


def _without_downgrade(entries: list[CredentialEntry]) -> list[CredentialEntry]:
    if not any(entry.public.kind == "snmp-v3" for entry in entries):
        return entries
    return [entry for entry in entries if entry.public.kind not in {"snmp-v1", "snmp-v2c"}]
