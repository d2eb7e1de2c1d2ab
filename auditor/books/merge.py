"""What may be written over what stands there: only our own words, never a person's."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from auditor.report.records import UNKNOWN

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Merge:
    """Fields to write, fields that are ours from then on, and those a person decided."""

    changes: dict[str, str] = field(default_factory=dict)
    ours: dict[str, str] = field(default_factory=dict)
    theirs: dict[str, str] = field(default_factory=dict)


def merge(current: Texts, aims: Texts, ours: Texts) -> Merge:
    """Return what becomes of an entry's fields: `ours` is what we wrote there last.

    A field that is empty is filled once, one that holds what we wrote is kept up to date, any other is a person's. What
    nobody knows tonight takes nothing away.
    """
    result = Merge(ours=dict(ours))
    for name, want in aims.items():
        have = current.get(name, "")
        if same(have, want) or not want or (want == UNKNOWN and have):
            continue
        is_ours = name in ours and same(have, ours[name])
        if is_ours or (not have and name not in ours):
            result.changes[name] = result.ours[name] = want
        else:
            result.theirs[name] = have
    return result


def same(one: str, other: str) -> bool:
    """Tell whether two texts say the same to an inventory that keeps names whatever their case."""
    return one.strip().casefold() == other.strip().casefold()
