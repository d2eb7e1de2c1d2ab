"""Which credentials are tried where, and in which order: strongest first, never weaker ones.

SNMPv3 and v2c side by side mean v3 alone, unless the site or the defaults say `downgrade = true`: who refuses v3 must
not be handed a community in clear text behind its owner's back.
"""

from collections.abc import Iterator, Sequence
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
    fitting = _without_downgrade([entry for entry in _candidates(like, config) if _covers(entry, piece)], like, config)
    return tuple(entry.public.name for entry in sorted(fitting, key=lambda entry: -strength(entry.public)))


def omissions(span: Span, names: Sequence[str], config: Config) -> Iterator[tuple[str, str]]:
    """Yield each credential for devices that a span is not read with, and why.

    `names` are those the command line asks for, if any.
    """
    piece, like = Interval(span.version, span.first, span.last), replace(span.like, credentials=tuple(names))
    usual, (choice, whose) = order_of(piece, like, config), _choice(like, config)
    for name, entry in config.credentials.items():
        if name in span.like.credentials or entry.public.kind in ALONE:
            continue
        if entry.sites and like.site not in entry.sites:
            yield name, f"bound to site {', '.join(entry.sites)}"
        elif not _covers(entry, piece):
            yield name, f"bound to {', '.join(entry.subnets)}"
        elif name in usual:
            yield name, "the list of targets names others"
        elif choice and name not in choice:
            yield name, f"{whose} others"
        else:
            yield name, "SNMPv3 is tried, and only downgrade = true lets a community follow"


def _covers(entry: CredentialEntry, piece: Interval) -> bool:
    return not entry.subnets or not minus([piece], map(whole, entry.subnets))


def _choice(like: Target, config: Config) -> tuple[tuple[str, ...], str]:
    """Return which names are chosen from, empty where all are, and who names them."""
    site = config.sites.get(like.site)
    if like.credentials:
        return like.credentials, "the command line names"
    if site and site.credentials:
        return site.credentials, f"site {site.name} names"
    return config.order, "[defaults] names"


def _candidates(like: Target, config: Config) -> list[CredentialEntry]:
    """Return the entries for a site: the target's own, the site's, the defaults', else all."""
    names, _ = _choice(like, config)
    entries = [config.credentials[name] for name in names] if names else list(config.credentials.values())
    devices = (entry for entry in entries if entry.public.kind not in ALONE)
    return [entry for entry in devices if not entry.sites or like.site in entry.sites]


def _without_downgrade(entries: list[CredentialEntry], like: Target, config: Config) -> list[CredentialEntry]:
    site = config.sites.get(like.site)
    if config.downgrade or (site is not None and site.downgrade):
        return entries
    if not any(entry.public.kind == "snmp-v3" for entry in entries):
        return entries
    return [entry for entry in entries if entry.public.kind not in {"snmp-v1", "snmp-v2c"}]
