"""Rows of our own reports that come back beside their sources: they add nothing."""

from collections.abc import Iterable, Iterator, Sequence

from auditor import normal
from auditor.model import Fact, Observation, ip_of

MARK_KINDS = frozenset(
    {"inventory.serial", "entity.serial", "gpon.serial", "snmp.sysname", "inventory.name", "dhcp.hostname"}
)


def evidence(observations: Iterable[Observation]) -> Sequence[Observation]:
    """Return the observations without rows our reports concluded on devices others tell of.

    A row about a device nobody else tells of stays: whoever keeps such a list may know of it what no network shows.
    """
    records = list(observations)
    ours = [one for one in records if one.is_returned]
    if not ours:
        return records
    names = {name for one in records if not one.is_returned for name in _names(one)}
    return [one for one in records if not (one.is_returned and names.intersection(_names(one)))]


def _names(observation: Observation) -> Iterator[str]:
    """Yield what an observation calls devices by: addresses, names, serials, MACs."""
    yield normal.mac(observation.target.address) or observation.target.address
    for fact in observation.facts:
        yield from _names_in(fact)


def _names_in(fact: Fact) -> Iterator[str]:
    if address := ip_of(fact.about):
        yield address
    if fact.kind in MARK_KINDS:
        yield normal.one_line(fact.value)
    if digits := normal.mac(fact.value if fact.kind.endswith("mac") or fact.kind == "lldp.chassis" else ""):
        yield digits
