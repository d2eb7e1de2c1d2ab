"""The configuration as the commands see it: defaults for options, and what the user said of each site."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auditor.errors import UsageError
from auditor.policy.oblige import Circumstances
from auditor.targets.config import Config, find, load


def configuration(named: str = "") -> Config:
    """Return the configuration: the named file alone, else the usual files, the nearest first."""
    if named and not Path(named).is_file():
        raise UsageError("there is no such file", where=f"--config {named}")
    return load([Path(named)] if named else find(Path.cwd(), os.environ))


def defaults(named: str, command: str) -> dict[str, Any]:
    """Return what `[options]` sets for a command's options, spelled as on the command line; a subtable is for one command."""
    options = configuration(named).options
    own = options.get(command, {})
    shared = {key: value for key, value in options.items() if not isinstance(value, dict)}
    return {key.replace("-", "_"): value for key, value in (shared | (own if isinstance(own, dict) else {})).items()}


def circumstances(named: str) -> Mapping[str, Circumstances]:
    """Return what the user said of each site: which purposes it serves."""
    return {name: Circumstances(purposes=site.purposes) for name, site in configuration(named).sites.items()}


def places(named: str) -> Mapping[str, tuple[float, float]]:
    """Return the latitude and longitude of each site that has them, in degrees."""
    return {name: site.place for name, site in configuration(named).sites.items() if site.place}
