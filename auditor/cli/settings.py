"""The configuration as the commands see it: defaults for options, and what the user said of each site."""

from collections.abc import Mapping
from typing import Any

from auditor.policy.oblige import Circumstances


def defaults(_config: str | None, _command: str) -> dict[str, Any]:
    """Return what the configuration files set for a command's options."""
    return {}


def circumstances(_config: str) -> Mapping[str, Circumstances]:
    """Return what the user said of each site: which purposes it serves."""
    return {}
