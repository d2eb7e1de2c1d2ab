"""Every asset of many runs, with the runs that first and last held it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from auditor.store.marks import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One asset over time: its first and last run (RFC 3339, UTC), and its last words."""

    site: str
    address: str
    name: str
    outcome: str
    makers: str
    first: str
    last: str
    runs: int
    key: str


def history(documents: Iterable[Document]) -> tuple[Sighting, ...]:
    """Return the assets of documents, oldest first, by site and key; one held at a time."""
    sightings: dict[str, Sighting] = {}
    for document in documents:
        begin = document["run"]["started"]
        for asset in document["assets"]:
            now = _sighting(asset, begin)
            before = sightings.get(now.key)
            sightings[now.key] = replace(now, first=before.first, runs=before.runs + 1) if before else now
    return tuple(sorted(sightings.values(), key=lambda sighting: (sighting.site, sighting.key)))


def _sighting(asset: Document, begin: str) -> Sighting:
    return Sighting(
        **{key: asset[key] for key in ("site", "address", "name", "outcome", "key")},
        makers=", ".join(f"{finding['maker']} ({finding['verdict']})" for finding in asset["findings"]),
        first=begin,
        last=begin,
        runs=1,
    )
