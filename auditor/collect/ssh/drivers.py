"""Which CLI a device speaks and which lines it may be sent: `oui_rules/drivers.toml`.

Nothing here talks to a device. A line that is not in the table is never sent.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from auditor import normal, tables
from auditor.model import Fact

# All of these are asked; of the others only the first that a device knows.
ALL_OF = ("identity", "inventory")
FIRST_OF = ("arp", "mac", "lldp", "cdp", "onts")
# The safety floor: a command reads. Session lines change this session's terminal and nothing else.
_READS = re.compile(r"(?:admin )?show [\w./ |-]+|display [\w./ -]+|/[a-z][a-z /-]* print(?: [a-z-]+)*")
_TERMINAL = re.compile(
    r"screen-length [\w ]+|terminal (?:width|length) \d+|scroll|undo smart|infoswitch cli OFF|set cli [\w -]+|cli"
    r"|enable"
    r"|disable|yes|N|quit|exit|logout"
)
_BANNER_CAP = 255
_DESCR_CAP = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """One CLI: how to know it, how a session opens, and every line that may be sent."""

    id: str
    netmiko: str
    sysdescr: tuple[re.Pattern[str], ...] = ()
    sysobjectid: tuple[str, ...] = ()
    banner: tuple[re.Pattern[str], ...] = ()
    conn_timeout: int = 20
    enable: bool = False
    session: tuple[str, ...] = ()
    leave: str = "exit"
    login_suffix: str = ""
    templates: str = ""
    aliases: tuple[str, ...] = ()
    commands: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def may_send(self, line: str) -> bool:
        """Tell whether a line is on this driver's list; an empty line only asks for the prompt."""
        return not line or line in self.session or line == self.leave or line in self.lines()

    def lines(self) -> frozenset[str]:
        """Return every command of this driver, `enable` among them where it is used."""
        lines = {line for _purpose, lines in self.commands for line in lines}
        return frozenset(lines | ({"enable"} if self.enable else set()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Drivers:
    """All CLIs in file order, and what must never be opened over SSH."""

    drivers: tuple[Driver, ...]
    excluded: tuple[tuple[str, tuple[re.Pattern[str], ...]], ...]

    def names(self) -> dict[str, str]:
        """Return what a driver is called, here and in the inventories of other tools, and its id."""
        names = {name: driver.id for driver in self.drivers for name in driver.aliases}
        return names | {driver.id: driver.id for driver in self.drivers}

    def by_name(self, name: str) -> Driver | None:
        """Return the driver with this id, or nothing."""
        return next((driver for driver in self.drivers if driver.id == name), None)


def choose_driver(facts: Iterable[Fact]) -> str:
    """Return the id of the driver for a device from its own words, or an empty string.

    sysDescr names the operating system and goes first, then the longest sysObjectID subtree, then the SSH banner.
    """
    own = [fact for fact in facts if not fact.about]
    table = driver_table()
    for fact in own:
        if fact.kind == "snmp.sysdescr" and _is_excluded(table, fact.value):
            return ""
    for kind, find in (("snmp.sysdescr", _by_descr), ("snmp.sysobjectid", _by_oid), ("ssh.banner", _by_banner)):
        for fact in own:
            if fact.kind == kind and (driver := find(table, fact.value)):
                return driver
    return ""


@cache
def driver_table() -> Drivers:
    """Return the table that comes with the program, read once."""
    text = (resources.files("oui_rules") / "drivers.toml").read_text(encoding="utf-8")
    return load(text, "drivers.toml")


def load(text: str, name: str) -> Drivers:
    """Return the drivers in a table; every problem of the file is raised at once as `RuleError`."""
    top = tables.read_toml(text, name)
    drivers, excluded = tuple(map(_driver, top.sections("driver"))), tuple(map(_exclusion, top.sections("excluded")))
    for index, driver in enumerate(drivers):
        if any(driver.id == other.id for other in drivers[:index]):
            top.complain(f"'{driver.id}' stands here twice", f"driver[{index + 1}].id")
        if any(driver.netmiko == netmiko for netmiko, _patterns in excluded):
            top.complain(f"'{driver.netmiko}' is also listed as excluded", f"driver[{index + 1}].netmiko")
    tables.finish(top)
    return Drivers(drivers=drivers, excluded=excluded)


def _driver(section: tables.Section) -> Driver:
    driver = section.fill(
        Driver,
        sysdescr=_patterns(section, "sysdescr"),
        sysobjectid=tuple(_oids(section)),
        banner=_patterns(section, "banner"),
        session=_check(section, "session", section.texts("session"), _TERMINAL),
        commands=tuple(
            (purpose, _check(section, purpose, section.texts(purpose), _READS)) for purpose in (*ALL_OF, *FIRST_OF)
        ),
    )
    section.text("note", "")
    if not dict(driver.commands)["identity"]:
        section.complain("name at least one command that says what the device is", "identity")
    return driver


def _exclusion(section: tables.Section) -> tuple[str, tuple[re.Pattern[str], ...]]:
    section.text("because")
    return section.text("netmiko"), _patterns(section, "sysdescr")


def _patterns(section: tables.Section, key: str) -> tuple[re.Pattern[str], ...]:
    patterns = []
    for text in section.texts(key):
        try:
            patterns.append(re.compile(text))
        except re.error as exc:
            section.complain(f"{text!r} is no regular expression: {exc}", key)
    return tuple(patterns)


def _oids(section: tables.Section) -> Iterator[str]:
    for text in section.texts("sysobjectid"):
        if not normal.oid(text):
            section.complain(f"{text!r} is no object identifier", "sysobjectid")
        yield normal.oid(text)


def _check(section: tables.Section, key: str, lines: tuple[str, ...], pattern: re.Pattern[str]) -> tuple[str, ...]:
    for line in lines:
        if pattern.fullmatch(line) is None:
            section.complain(f"{line!r} is no line that only reads; such a line may never be sent", key)
    return lines


def _is_excluded(table: Drivers, descr: str) -> bool:
    return any(pattern.search(descr[:_DESCR_CAP]) for _netmiko, patterns in table.excluded for pattern in patterns)


def _by_descr(table: Drivers, descr: str) -> str:
    return next((d.id for d in table.drivers if any(p.search(descr[:_DESCR_CAP]) for p in d.sysdescr)), "")


def _by_oid(table: Drivers, oid: str) -> str:
    matches = [
        (len(tree), d.id) for d in table.drivers for tree in d.sysobjectid if normal.under(normal.oid(oid), tree)
    ]
    return max(matches)[1] if matches else ""


def _by_banner(table: Drivers, banner: str) -> str:
    return next((d.id for d in table.drivers if any(p.search(banner[:_BANNER_CAP].strip()) for p in d.banner)), "")
