"""The configuration as the commands see it: defaults for options, and what the user said of each site."""

import os
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from auditor.errors import UsageError
from auditor.policy.load import read_purposes
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
    """Return what the user said of each site: which purposes it serves; a word no law knows would read as `no` and is refused."""
    sites = configuration(named).sites
    known = read_purposes((files("oui_rules") / "vocabulary.toml").read_text(encoding="utf-8"))
    for name, site in sites.items():
        for word in site.purposes or ():
            if word not in known:
                raise UsageError(
                    f"unknown purpose '{word:.60}'; known: {', '.join(known)}", where=f"site.{name}.purposes"
                )
    return {name: Circumstances(purposes=site.purposes) for name, site in sites.items()}


def places(named: str) -> Mapping[str, tuple[float, float]]:
    """Return the latitude and longitude of each site that has them, in degrees."""
    return {name: site.place for name, site in configuration(named).sites.items() if site.place}
