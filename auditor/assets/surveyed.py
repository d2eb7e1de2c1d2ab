"""The assets of a survey; those of which tables alone speak are made at each look."""

from bisect import bisect_left
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from typing import overload

from auditor.assets.sites import at_home, renamed
from auditor.model import Asset, order

_MAC = "/mac:"


@dataclass(frozen=True, slots=True)
class AssetKeys(Container[str]):
    """The keys of assets: of some each, of others by site and MAC (sorted)."""

    keys: Container[str]
    macs: Mapping[str, Sequence[str]]

    def __contains__(self, key: object) -> bool:
        """Tell whether an asset has a key."""
        site, _, mac = str(key).rpartition(_MAC)
        macs = self.macs.get(site, ())
        at = bisect_left(macs, mac)
        return key in self.keys or (at < len(macs) and macs[at] == mac)


class SurveyedAssets(Sequence[Asset]):
    """Assets by site and key: others, each at its home site, and one for each of `macs`.

    These are sorted. `make` returns the asset of a site and a MAC; it is asked anew for each look. `keys` are those the
    assets had before they were at home, `homes` which of them became which.
    """

    def __init__(
        self, others: Sequence[Asset], macs: Mapping[str, Sequence[str]], make: Callable[[str, str], Asset]
    ) -> None:
        self.keys = AssetKeys(frozenset(asset.key for asset in others), macs)
        at_homes, self.homes = at_home(sorted(others, key=lambda asset: asset.key))
        self.others = sorted(at_homes, key=order)
        self._macs = sorted(macs.items())
        self._make = make

    def alone(self) -> Iterator[tuple[str, str]]:
        """Yield key and MAC of each that tables alone speak of, made of nothing but these."""
        yield from ((f"{site}{_MAC}{mac}", mac) for site, macs in self._macs for mac in macs)

    def __iter__(self) -> Iterator[Asset]:
        """Yield all, in order."""
        alone = (self._make(site, mac) for site, macs in self._macs for mac in macs)
        return merge(self.others, (renamed(one, self.homes) for one in alone) if self.homes else alone, key=order)

    def __len__(self) -> int:
        return len(self.others) + sum(len(macs) for _, macs in self._macs)

    @overload
    def __getitem__(self, at: int) -> Asset: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Asset, ...]: ...
    def __getitem__(self, at: int | slice) -> Asset | tuple[Asset, ...]:
        return tuple(self)[at]
