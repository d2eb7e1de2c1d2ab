"""The configuration files in force, and what they say of sites."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from auditor.errors import UsageError
from auditor.model import Organisation, Seat
from auditor.policy.oblige import Circumstances
from auditor.rules.load import vocabulary
from auditor.rules.vocabulary import Vocabulary
from auditor.targets.config import Config, find, load

# Letters of a country's code, and how many codes one country has at most: a place with more is a union of them.
CODE_LENGTH = 2
SPELLINGS = 2


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


def organisation(config: str = "") -> Organisation | None:
    """Return who is asking, where the configuration says it; words no law knows are refused."""
    settings = configuration(config)
    table, words = settings.organisation, vocabulary()
    if table is None:
        return None
    for role in table.roles or ():
        if role not in words.laws["role"]:
            roles = ", ".join(words.laws["role"])
            raise UsageError(f"unknown role '{role:.60}'; known: {roles}", where="organisation.roles")
    own = _seat("", "organisation", table.country, table.state, words)
    sites = (_seat(name, f"site.{name}", site.country, site.state, words) for name, site in settings.sites.items())
    elsewhere = (replace(seat, country=seat.country or own.country) for seat in sites if seat.country or seat.state)
    return Organisation(name=table.name, person=table.person, roles=table.roles, seats=(own, *elsewhere))


def _seat(site: str, where: str, country: str, state: str, words: Vocabulary) -> Seat:
    code = country_code(country, words) if country else ""
    if code is None:
        raise UsageError(
            f"unknown country '{country:.60}'; write its two letters, such as US", where=f"{where}.country"
        )
    return Seat(site=site, country=code, state=state.upper().removeprefix(f"{code}-"))


def country_code(text: str, words: Vocabulary) -> str | None:
    """Return the ISO 3166-1 code of a country by its letters or name; None where it is none."""
    if len(text) == CODE_LENGTH and text.isascii() and text.isalpha():
        return text.upper()
    codes = {place.casefold(): codes for place, codes in words.countries.items()}
    own = codes.get(text.casefold(), ())
    return own[0] if own and len(own) <= SPELLINGS else None


def places(config: str = "") -> Mapping[str, tuple[float, float]]:
    """Return the latitude and longitude of each site that has them, in degrees."""
    return {name: site.place for name, site in configuration(config).sites.items() if site.place}
