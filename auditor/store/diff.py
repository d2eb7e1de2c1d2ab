"""What changed between two runs; changes of law apart from those of devices. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from auditor.errors import UsageError

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One asset that differs: new, gone, changed, moved or policy, before and after."""

    sort: str
    key: str
    site: str
    address: str
    before: str
    after: str


def diff(old: Document, new: Document) -> tuple[Change, ...]:
    """Return what changed between two documents, sorted; their sites must be the same."""
    sites = {asset["site"] for asset in old["assets"]}, {asset["site"] for asset in new["assets"]}
    if all(sites) and not sites[0] & sites[1]:
        raise UsageError(
            f"the runs share no site ({_list(sites[0])} against {_list(sites[1])}); there is nothing to compare"
        )
    before = {asset["key"]: asset for asset in old["assets"]}
    after = {asset["key"]: asset for asset in new["assets"]}
    changes = []
    for key, older in _successors(before, after).items():
        changes += _changes(before[older[0]], after[key])
        for one in older:
            del before[one]
        del after[key]
    changes += [*_arrivals(before, after), *_departures(before, after)]
    for key in before.keys() & after.keys():
        changes.extend(_changes(before[key], after[key]))
    return tuple(
        sorted(changes, key=lambda change: (ORDER.index(change.sort), change.key, change.before, change.after))
    )


ORDER = ("new", "gone", "changed", "moved", "policy")


def new_findings(old: Document | None, new: Document) -> frozenset[str]:
    """Return the ids of findings the older audit did not have, or had at a lower verdict."""
    old_findings = {(finding["id"], finding["verdict"]) for finding in _findings(old)} if old else set()
    return frozenset(
        finding["id"] for finding in _findings(new) if (finding["id"], finding["verdict"]) not in old_findings
    )


def _findings(document: Document) -> list[Mapping[str, Any]]:
    return [finding for asset in document["assets"] for finding in asset["findings"]]


def _successors(before: Mapping[str, Document], after: Mapping[str, Document]) -> dict[str, list[str]]:
    """Return the older keys of each device with a new key, such as heard first, read later."""
    holders = {mark: key for key in sorted(before.keys() - after.keys()) for mark in _marks(before[key])}
    successors: dict[str, list[str]] = {}
    for key in sorted(after.keys() - before.keys()):
        older = {holders[mark] for mark in _marks(after[key]) if mark in holders}
        if older:
            successors[key] = sorted(older)
            holders = {mark: one for mark, one in holders.items() if one not in older}
    return successors


def _marks(asset: Document) -> list[tuple[str, str]]:
    """Return what names the box at its site: MACs, and a serial number no other box shows."""
    serial = "" if asset.get("conflicts") else asset.get("serial", "")
    return [(asset["site"], mark) for mark in (*asset.get("macs", ()), serial) if mark]


def _arrivals(before: Mapping[str, Document], after: Mapping[str, Document]) -> list[Change]:
    departures = {identity(key): before[key] for key in before.keys() - after.keys()}
    changes = []
    for key in after.keys() - before.keys():
        was = departures.get(identity(key))
        sort, note = ("moved", f"site {was['site']}") if was else ("new", "")
        changes.append(_change(sort, after[key], note, f"site {after[key]['site']}" if was else _verdict(after[key])))
    return changes


def _departures(before: Mapping[str, Document], after: Mapping[str, Document]) -> list[Change]:
    come = {identity(key) for key in after.keys() - before.keys()}
    return [
        _change("gone", before[key], _verdict(before[key]), "")
        for key in before.keys() - after.keys()
        if identity(key) not in come
    ]


def _changes(old: Document, new: Document) -> list[Change]:
    changes = []
    if _verdict(old) != _verdict(new):
        changes.append(_change("changed", new, _verdict(old), _verdict(new)))
    if _place(old) != _place(new) and _is_settled(old) and _is_settled(new):
        changes.append(_change("moved", new, _place(old), _place(new)))
    if _duties(old) != _duties(new) and _verdict(old) == _verdict(new):
        old_duties, new_duties = _duties(old) - _duties(new), _duties(new) - _duties(old)
        changes.append(_change("policy", new, _list(old_duties), _list(new_duties)))
    return changes


def _change(sort: str, asset: Document, before: str, after: str) -> Change:
    return Change(sort=sort, key=asset["key"], site=asset["site"], address=asset["address"], before=before, after=after)


def identity(key: str) -> str:
    """Return what names the box whatever its site; an address names a box only at its own site."""
    name = key.partition("/")[2]
    return name if name.startswith(("serial:", "mac:", "gpon:", "engine:")) else key


def _verdict(asset: Document) -> str:
    note = [
        f"{finding['maker']} {finding['model']} {finding['verdict']}".replace("  ", " ")
        for finding in asset["findings"]
    ]
    return ", ".join(sorted(note)) or asset["outcome"]


def _place(asset: Document) -> str:
    place = asset.get("place")
    return f"{place['switch']} {place['port']}" if place else ""


def _is_settled(asset: Document) -> bool:
    """Tell whether a place is more than a guess: two guesses that differ are no move."""
    place = asset.get("place")
    return place is not None and place.get("confidence") != "low"


def _duties(asset: Document) -> set[str]:
    return {
        f"{duty['policy']}: {duty['applies']}"
        for finding in asset["findings"]
        for duty in finding["obligations"]
        if duty["applies"] != "no"
    }


def _list(words: set[str]) -> str:
    return ", ".join(sorted(words))
