"""What changed between two runs; changes of law apart from those of devices. Pure."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from auditor.errors import UsageError
from auditor.store.devices import SORTS, Document, same_devices


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One asset that differs: new, gone, changed, moved or policy, before and after."""

    sort: str
    key: str
    site: str
    address: str
    before: str
    after: str


def diff(old: Document, new: Document, spelling: Callable[[str], str] = str) -> tuple[Change, ...]:
    """Return what changed between two documents, sorted; their sites must be the same.

    A device is found again by its marks, whatever it is called and at whatever address; `spelling` gives a port the one
    spelling it is compared by.
    """
    sites = {asset["site"] for asset in old["assets"]}, {asset["site"] for asset in new["assets"]}
    if all(sites) and not sites[0] & sites[1]:
        raise UsageError(
            f"the runs share no site ({_list(sites[0])} against {_list(sites[1])}); there is nothing to compare"
        )
    before = {asset["key"]: asset for asset in old["assets"]}
    after = {asset["key"]: asset for asset in new["assets"]}
    pairs = same_devices(before, after)
    ports = _Ports(old, new, pairs, spelling)
    changes = [change for key, older in pairs.items() for change in _changes(before[older[0]], after[key], ports)]
    changes += [_change("new", asset, "", _verdict(asset)) for key, asset in after.items() if key not in pairs]
    left = before.keys() - {key for older in pairs.values() for key in older}
    changes += [_change("gone", before[key], _verdict(before[key]), "") for key in left]
    return tuple(
        sorted(changes, key=lambda change: (ORDER.index(change.sort), change.key, change.before, change.after))
    )


ORDER = ("new", "gone", "changed", "moved", "policy")
VERDICTS = ("possible", "probable", "confirmed")


def new_findings(old: Document | None, new: Document) -> frozenset[str]:
    """Return the ids of findings the older audit did not have, or had at a lower verdict.

    A finding is one of its device, whatever that is called by today, of its maker and of its part.
    """
    before = {asset["key"]: asset for asset in old["assets"]} if old else {}
    after = {asset["key"]: asset for asset in new["assets"]}
    pairs = same_devices(before, after)
    fresh: set[str] = set()
    for key, asset in after.items():
        levels: dict[tuple[str, str], int] = {}
        for older in pairs.get(key, ()):
            for what, level, _id in _findings(before[older]):
                levels[what] = max(level, levels.get(what, -1))
        fresh |= {name for what, level, name in _findings(asset) if level > levels.get(what, -1)}
    return frozenset(fresh)


def _findings(asset: Document) -> Iterator[tuple[tuple[str, str], int, str]]:
    """Yield maker and part, level and id of each finding; a part without one has no verdict."""
    for finding in (*asset["findings"], *asset.get("parts", ())):
        if finding.get("verdict") in VERDICTS:
            yield ((finding["maker"], finding.get("part", "")), VERDICTS.index(finding["verdict"]), finding["id"])


class _Ports:
    """The port a device hangs on as one of a switch, whatever the switch is called that night."""

    def __init__(
        self, old: Document, new: Document, pairs: Mapping[str, list[str]], spelling: Callable[[str], str]
    ) -> None:
        self._spelling = spelling
        successor = {older: key for key, own in pairs.items() for older in own}
        self._old = {name: successor.get(key, key) for name, key in _switches(old).items()}
        self._new = _switches(new)

    def before(self, asset: Document) -> tuple[str, str] | None:
        """Return switch and port of the older sighting."""
        return self._port(asset, self._old)

    def after(self, asset: Document) -> tuple[str, str] | None:
        """Return switch and port of the newer sighting."""
        return self._port(asset, self._new)

    def _port(self, asset: Document, switches: Mapping[tuple[str, str], str]) -> tuple[str, str] | None:
        place = asset.get("place")
        if place is None:
            return None
        return switches.get((asset["site"], place["switch"]), place["switch"]), self._spelling(place["port"])


def _switches(document: Document) -> dict[tuple[str, str], str]:
    """Return the key of each device by what it is called; a name of two is nobody's."""
    names = [
        ((asset["site"], name), asset["key"])
        for asset in document["assets"]
        for name in {asset.get("name", ""), asset["address"]} - {""}
    ]
    counts = Counter(name for name, _ in names)
    return {name: key for name, key in names if counts[name] == 1}


def _changes(old: Document, new: Document, ports: _Ports) -> list[Change]:
    if old["site"] != new["site"]:
        return [_change("moved", new, f"site {old['site']}", f"site {new['site']}")]
    changes = []
    if _verdict(old) != _verdict(new):
        changes.append(_change("changed", new, _verdict(old), _verdict(new)))
    if ports.before(old) != ports.after(new) and _is_settled(old) and _is_settled(new):
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
    return name if name.startswith(SORTS) else key


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
