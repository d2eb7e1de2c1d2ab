"""The configuration files in force, and what they say of sites."""

import os
from collections.abc import Mapping
from pathlib import Path

from auditor.errors import UsageError
from auditor.policy.oblige import Circumstances
from auditor.rules.load import vocabulary
from auditor.targets.config import Config, find, load


def configuration(named: str = "") -> Config:
    """Return the configuration: the named file alone, else the usual files, the nearest first."""
    return load(paths(named))


def paths(named: str = "") -> list[Path]:
    """Return the files of the configuration that exist; a named one must."""
    if named and not Path(named).is_file():
        raise UsageError("there is no such file", where=f"--config {named}")
    return [Path(named)] if named else find(Path.cwd(), os.environ)


def circumstances(named: str = "") -> Mapping[str, Circumstances]:
    """Return the purposes each site serves; a word no law knows would read as `no`: refused."""
    sites = configuration(named).sites
    purposes = vocabulary().purposes
    for name, site in sites.items():
        for word in site.purposes or ():
            if word not in purposes:
                raise UsageError(
                    f"unknown purpose '{word:.60}'; known: {', '.join(purposes)}", where=f"site.{name}.purposes"
                )
    return {name: Circumstances(purposes=site.purposes) for name, site in sites.items()}


def places(named: str = "") -> Mapping[str, tuple[float, float]]:
    """Return the latitude and longitude of each site that has them, in degrees."""
    return {name: site.place for name, site in configuration(named).sites.items() if site.place}
