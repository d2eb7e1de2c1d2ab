"""The assets of observations, without how they are connected."""

from typing import Any

from auditor.assets import survey
from auditor.model import CollectedAsset


def merge(*words: Any, **more: Any) -> tuple[CollectedAsset, ...]:
    """Return one asset per device, by site and key."""
    return tuple(survey(*words, **more).assets)
