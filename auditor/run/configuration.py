"""The configuration files in force, and what they say of sites."""

import os
from collections.abc import Mapping
from pathlib import Path

from auditor.errors import UsageError
from auditor.policy.oblige import Circumstances
from auditor.rules.load import vocabulary
from auditor.targets.config import Config, find, load


def configuration(config: str = "") -> Config:
    """Return the configuration: the named file alone, else the usual files, the nearest first."""
    return load(paths(config))


def paths(config: str = "") -> list[Path]:
    """Return the files of the configuration that exist; a named one must."""
    if config and not Path(config).is_file():
        raise UsageError("there is no such file", where=f"--config {config}")
    return [Path(config)] if config else find(Path.cwd(), os.environ)


def circumstances(config: str = "") -> Mapping[str, Circumstances]:
    """Return the purposes each site serves; a word no law knows would read as `no`: refused."""
    sites = configuration(config).sites
    purposes = vocabulary().laws["purpose"]
    for name, site in sites.items():
        for word in site.purposes or ():
            if word not in purposes:
                raise UsageError(
                    f"unknown purpose '{word:.60}'; known: {', '.join(purposes)}", where=f"site.{name}.purposes"
                )
    return {name: Circumstances(purposes=site.purposes) for name, site in sites.items()}


def places(config: str = "") -> Mapping[str, tuple[float, float]]:
    """Return the latitude and longitude of each site that has them, in degrees."""
    return {name: site.place for name, site in configuration(config).sites.items() if site.place}
