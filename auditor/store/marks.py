"""What tells one box from others in an asset document, strongest first. Pure."""

import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

from auditor import normal
from auditor.normal import first_label

Document = Mapping[str, Any]
# What belongs to the box, strongest first; the serials of the members of a stack are a set.
BOX = ("serial", "member", "mac", "engine", "gpon")
# What only says where the box was found, or under which name: it continues a device while nothing contradicts.
WEAK = ("item", "address", "port")
# Under which key a run had it; this only lets people name it by an old key.
KEY = "key"
CHASSIS = "chassis"
# The characters of a GPON serial at least: four of the maker, eight digits (ITU-T G.984.3).
PON_LENGTH = 12
# The second digit of a MAC that is neither locally administered nor a group's (IEEE 802).
_UNIVERSAL = frozenset("048c")


class Mark(NamedTuple):
    """One mark: its kind (`BOX`, `WEAK` or `KEY`), its value, and the site it holds at."""

    kind: str
    value: str
    site: str


class AssetMarks(NamedTuple):
    """One asset of a run and the marks it is numbered by, the strongest first."""

    key: str
    asset: Document
    box: tuple[Mark, ...]
    weak: tuple[Mark, ...]

    @property
    def counts(self) -> bool:
        """Tell whether it gets a number: a locally administered or a group's MAC alone gives none."""
        return bool(self.box) or not self.asset["macs"] or self.asset["seen"] == "read"

    @property
    def order(self) -> tuple[object, ...]:
        """Return the sort key: the strongest mark, then the site, then the key."""
        first = (*self.box, *self.weak)[0]
        return ((*BOX, *WEAK, KEY).index(first.kind), first.value, first.site, self.key)

    def values(self, kinds: Container[str]) -> set[str]:
        """Return the values of its marks of some kinds."""
        return {mark.value for mark in self.box if mark.kind in kinds}


def marks(assets: Iterable[Document]) -> list[AssetMarks]:
    """Return the marks of each asset, by key; what two of a site show marks neither."""
    sets = [
        AssetMarks(asset["key"], asset, _box(asset), _weak(asset))
        for asset in sorted(assets, key=lambda asset: asset["key"])
    ]
    counts = Counter(chain.from_iterable(one.box for one in sets))
    shared = {mark for mark, count in counts.items() if count > 1}
    if shared:
        sets = [one._replace(box=tuple(mark for mark in one.box if mark not in shared)) for one in sets]
    return sets


def makers_in_words(asset: Document) -> str:
    """Return the makers an asset has findings on, each with its verdict."""
    return ", ".join(f"{finding['maker']} ({finding['verdict']})" for finding in asset["findings"])


def makers(asset: Document) -> frozenset[str]:
    """Return the makers an asset has findings on."""
    return frozenset(finding["maker"] for finding in asset["findings"])


def _box(asset: Document) -> tuple[Mark, ...]:
    site, own = asset["site"], asset["key"].partition("/")[2]
    serial, gpon = asset["serial"], _gpon(asset, own)
    box = [Mark("serial", serial, site)] if serial and not own.startswith("gpon:") else []
    box += [
        Mark("member", part["serial"], site)
        for part in asset["parts"]
        if part.get("class") == CHASSIS and part["serial"] not in {"", serial}
    ]
    box += [Mark("mac", mac, site) for mac in asset["macs"] if mac[1] in _UNIVERSAL]
    if own.startswith("engine:"):
        box.append(Mark("engine", own.removeprefix("engine:").partition("#")[0], site))
    box += [Mark("gpon", value, site) for value in sorted(gpon)]
    if asset["conflicts"]:
        conflicts = " ".join(asset["conflicts"])
        box = [mark for mark in box if not _is_disputed(mark, conflicts)]
    return tuple(dict.fromkeys(box))


def _is_disputed(mark: Mark, conflicts: str) -> bool:
    """Tell whether a conflict names a mark that others show too.

    A MAC that two show is in both of them, and needs no sentence.
    """
    return mark.kind != "mac" and re.search(rf"(?<![\w-]){re.escape(mark.value)}(?![\w-])", conflicts) is not None


def _gpon(asset: Document, own: str) -> set[str]:
    """Return the GPON serials it goes by itself, or at its line terminal."""
    texts = [own.removeprefix("gpon:").partition("#")[0] if own.startswith("gpon:") else asset["serial"]]
    if asset["said"]:
        texts += [entry["fact"]["value"] for entry in asset["said"] if entry["fact"]["kind"] == "gpon.serial"]
    return {normal.pon_serial(text) for text in texts if len(text) >= PON_LENGTH} - {""}


def _weak(asset: Document) -> tuple[Mark, ...]:
    site, addresses = asset["site"], asset["addresses"] or [asset["address"]]
    weak = [Mark("item", asset["item"], site)] if asset.get("item") else []
    weak += [Mark("address", address, site) for address in addresses if address]
    if sightings := asset.get("sightings"):
        weak += [Mark("address", one["address"], one["site"]) for one in sightings]
    if not addresses[0] and asset["name"]:
        weak += [Mark("port", f"{first_label(asset['name'])} at {port}", site) for port in _ports(asset)]
    return (*dict.fromkeys(weak), Mark(KEY, asset["key"], site))


def _ports(asset: Document) -> Iterator[str]:
    """Yield the port it is announced on: by the key of its switch, by what that is called."""
    place, (reporter, row, _) = asset["place"], asset["key"].partition("#")
    if place and row:
        yield from (f"{switch} {place['port']}" for switch in (reporter, place["switch"]))


def by_device(holders: Mapping[Mark, int]) -> dict[int, set[Mark]]:
    """Return the marks of each device, those that say under which key a run had it left out."""
    groups: dict[int, set[Mark]] = defaultdict(set)
    for mark, device in holders.items():
        if mark[0] != KEY:
            groups[device].add(mark)
    return groups
