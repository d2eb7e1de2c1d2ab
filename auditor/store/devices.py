"""Which asset of one audit is which of another: by marks, never by a name alone. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Document = Mapping[str, Any]
# How a key says which mark it is made of.
SORTS = ("serial:", "mac:", "gpon:", "engine:")
Assets = Mapping[str, Document]


def same_devices(before: Assets, after: Assets) -> dict[str, list[str]]:
    """Return for each newer key the older keys of the same device; a new device has none.

    One key is one device. What is left is found by its marks at its site, then by the address or the port where one of
    both sightings shows no mark, then, at another site, by its serial number where maker or MAC agree.
    """
    pairs = {key: [key] for key in after if key in before}
    for match in (_by_marks, _by_address, _by_port, _across):
        done = {key for older in pairs.values() for key in older}
        left = {key: before[key] for key in sorted(before.keys() - done)}
        pairs |= match(left, {key: after[key] for key in sorted(after.keys() - pairs.keys())})
    return pairs


def _by_marks(before: Assets, after: Assets) -> dict[str, list[str]]:
    """Pair by a MAC or serial number in common: heard first, read later."""
    holders: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key, asset in before.items():
        for mark in marks(asset):
            holders[mark].append(key)
    pairs: dict[str, list[str]] = {}
    done: set[str] = set()
    for key, asset in after.items():
        older = {one for mark in marks(asset) for one in holders.get(mark, ())} - done
        if older:
            pairs[key] = sorted(older)
            done |= older
    return pairs


def _by_address(before: Assets, after: Assets) -> dict[str, list[str]]:
    """Pair by address where one sighting shows no mark and no name contradicts."""
    return _by(before, after, lambda asset: ((asset["site"], at) for at in _addresses(asset)), _continues)


def _by_port(before: Assets, after: Assets) -> dict[str, list[str]]:
    """Pair what is known by its name alone where it is still heard on the same port."""
    return _by(before, after, _hearings, _continues)


def _across(before: Assets, after: Assets) -> dict[str, list[str]]:
    """Pair by serial number whatever the site, where maker or MAC agree."""
    return _by(before, after, lambda asset: filter(None, (serial(asset),)), _agree)


def _by(
    before: Assets,
    after: Assets,
    words: Callable[[Document], Iterable[object]],
    fit: Callable[[Document, Document], bool],
) -> dict[str, list[str]]:
    """Pair where a word is of one older and one newer asset alone, and they fit together."""
    older, newer = _holders(before, words), _holders(after, words)
    pairs: dict[str, list[str]] = {}
    done: set[str] = set()
    for word in sorted(older.keys() & newer.keys(), key=str):
        olds, news = older[word], newer[word]
        is_open = len(olds) == len(news) == 1 and olds[0] not in done and news[0] not in pairs
        if is_open and fit(before[olds[0]], after[news[0]]):
            pairs[news[0]] = olds
            done.add(olds[0])
    return pairs


def _holders(assets: Assets, words: Callable[[Document], Iterable[object]]) -> dict[object, list[str]]:
    holders: dict[object, list[str]] = defaultdict(list)
    for key, asset in assets.items():
        for word in dict.fromkeys(words(asset)):
            holders[word].append(key)
    return holders


def marks(asset: Document) -> list[tuple[str, str]]:
    """Return what names the box at its site: MACs, and a serial number no other box shows."""
    return [(asset["site"], mark) for mark in (*asset.get("macs", ()), serial(asset)) if mark]


def serial(asset: Document) -> str:
    """Return the serial number, unless others show it too."""
    text: str = asset.get("serial", "")
    return "" if any(text in conflict for conflict in asset.get("conflicts", ())) else text


def _addresses(asset: Document) -> set[str]:
    return {*asset.get("addresses", ()), asset["address"]} - {""}


def _hearings(asset: Document) -> Iterable[object]:
    place, name = asset.get("place"), asset.get("name", "")
    if place and name and "#" in asset["key"]:
        yield (asset["site"], name, place["switch"], place["port"])


def _continues(old: Document, new: Document) -> bool:
    """Tell whether one of two sightings shows no mark, and their names are not two."""
    names = {asset.get("name", "").partition(".")[0].casefold() for asset in (old, new)} - {""}
    return not (_is_marked(old) and _is_marked(new)) and len(names) < 2  # noqa: PLR2004 - two names are two devices


def _is_marked(asset: Document) -> bool:
    name = asset["key"].partition("/")[2]
    return bool(marks(asset)) or (name.startswith(SORTS) and "#" not in name)


def _agree(old: Document, new: Document) -> bool:
    """Tell whether a MAC, or the maker where one has no MAC, makes one of two."""
    macs = [set(asset.get("macs", ())) for asset in (old, new)]
    if all(macs):
        return bool(macs[0] & macs[1])
    makers = [{finding["maker"] for finding in asset["findings"]} for asset in (old, new)]
    return bool(makers[0] & makers[1])
