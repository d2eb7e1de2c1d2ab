"""What a driver must fulfil beyond what its reader asks: its session and its parsers exist."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files

from auditor.collect.ssh.drivers import FIRST_OF, Driver, Drivers
from auditor.parse import cli
from auditor.tables import Problem

Check = Callable[[Drivers], Iterator[tuple[str, str]]]


def opens_with_a_session_of_netmiko(table: Drivers) -> Iterator[tuple[str, str]]:
    """Demand device types that netmiko has, of the drivers and of what is never opened."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from netmiko.ssh_dispatcher import CLASS_MAPPER
    for place, driver in _with_numbers(table):
        if driver.netmiko not in CLASS_MAPPER:
            yield f"{place}.netmiko", f"netmiko has no device type '{driver.netmiko}'"
    for number, (netmiko, _patterns) in enumerate(table.excluded, 1):
        if netmiko not in CLASS_MAPPER:
            yield f"excluded[{number}].netmiko", f"netmiko has no device type '{netmiko}'"


def reads_by_templates_there_are(table: Drivers) -> Iterator[tuple[str, str]]:
    """Demand a platform of which ntc-templates has a template."""
    names = [file.name for file in (files("ntc_templates") / "templates").iterdir()]
    for place, driver in _with_numbers(table):
        if driver.templates and not any(name.startswith(f"{driver.templates}_") for name in names):
            yield f"{place}.templates", f"ntc-templates has no platform '{driver.templates}'"


def asks_for_what_a_parser_reads(table: Drivers) -> Iterator[tuple[str, str]]:
    """Demand of a command that asks for neighbours that a parser reads its reply."""
    for place, driver in _with_numbers(table):
        for purpose, lines in driver.commands:
            for line in lines if purpose in FIRST_OF else ():
                if not cli.purpose(line):
                    yield f"{place}.{purpose}", f"no parser reads the reply to '{line}'"


def is_called_by_names_of_its_own(table: Drivers) -> Iterator[tuple[str, str]]:
    """Demand that no two drivers share an alias, and that none takes the id of another."""
    owners: dict[str, str] = {driver.id: driver.id for driver in table.drivers}
    for place, driver in _with_numbers(table):
        for alias in driver.aliases:
            if owners.setdefault(alias, driver.id) != driver.id:
                yield f"{place}.aliases", f"'{alias}' already stands for {owners[alias]}"


CHECKS: Sequence[Check] = (
    opens_with_a_session_of_netmiko,
    reads_by_templates_there_are,
    asks_for_what_a_parser_reads,
    is_called_by_names_of_its_own,
)


def check(table: Drivers, name: str = "drivers.toml") -> Iterator[Problem]:
    """Yield every problem of a table of drivers."""
    for demand in CHECKS:
        for place, text in demand(table):
            yield Problem(place=f"{name}: {place}", check=demand.__name__, demand=text)


def _with_numbers(table: Drivers) -> Iterator[tuple[str, Driver]]:
    return ((f"driver[{number}]", driver) for number, driver in enumerate(table.drivers, 1))
