"""Which port every collector and probe uses: `oui_rules/services.toml`, read strictly."""

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

from auditor import tables
from auditor.errors import UsageError
from auditor.model import Target

_MAX_PORT = 65_535
# The safety floor: a page asked for with a password shows something and changes nothing.
_READS = re.compile(r"/(?!/)[\w./-]*(?:\?action=get\w+(?:&name=RemoteDevice)?)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One collector or probe: its port, when it runs, the page it asks for behind a login."""

    name: str
    port: int
    default: bool = False
    careful: bool = False
    login: bool = False
    shares: str = ""
    path: str = ""

    def at(self, target: Target) -> int:
        """Return the port on a target: its own setting, that of `shares`, or the usual one."""
        return target.port(self.name, target.port(self.shares, self.port) if self.shares else self.port)


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherPage:
    """A page asked for where the first one shows a reason to."""

    path: str
    after: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A multicast group; `bind` where devices answer to the group and not to us."""

    name: str
    group: str
    port: int
    bind: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """All probes in the order they run, pages of HTTP, groups, other collectors."""

    probes: tuple[Service, ...]
    pages: tuple[FurtherPage, ...]
    groups: tuple[Group, ...] = ()
    collectors: tuple[Service, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Return every name a port can be set for, collectors first."""
        return tuple(service.name for service in (*self.collectors, *self.probes))

    def choose(self, names: tuple[str, ...], *, careful: bool) -> tuple[Service, ...]:
        """Return the probes to run: those named, else the safe ones; `-name` leaves one out."""
        choices = {probe.name for probe in self.probes} | {"multicast"}
        for name in names:
            if name.removeprefix("-") not in choices:
                raise UsageError(f"'{name}' is no probe; known are {', '.join(sorted(choices))}", where="probe")
        on = {name for name in names if not name.startswith("-")}
        services = [probe for probe in self.probes if f"-{probe.name}" not in names]
        services = [probe for probe in services if probe.name in on or (not on and probe.default)]
        return tuple(probe for probe in services if probe.careful or not careful)


@cache
def service_table() -> Services:
    """Return the table that comes with the program, read once."""
    return load((resources.files("oui_rules") / "services.toml").read_text(encoding="utf-8"), "services.toml")


def port(name: str, target: Target) -> int:
    """Return the port of a collector or probe by name on a target, as the shipped table has it."""
    table = service_table()
    return next(service.at(target) for service in (*table.collectors, *table.probes) if service.name == name)


def load(text: str, name: str) -> Services:
    """Return a table of services; every problem of it is raised at once as `RuleError`."""
    top = tables.read_toml(text, name)
    services = Services(
        probes=tuple(map(_service, top.sections("probe"))),
        pages=tuple(map(_page, top.sections("page"))),
        groups=tuple(map(_group, top.sections("multicast"))),
        collectors=tuple(map(_service, top.sections("collector"))),
    )
    top.once(services.names, "probe")
    known = ", ".join(sorted(set(services.names)))
    for service in services.probes:
        if service.shares and service.shares not in services.names:
            problem = f"{service.name} shares its port with '{service.shares}', which is none of {known}"
            top.complain(problem, "probe")
    tables.finish(top)
    return services


def _service(section: tables.Section) -> Service:
    service = section.fill(Service)
    if service.login and not _READS.fullmatch(service.path):
        section.complain("must be the path of a page that only reads", "path")
    if not 0 < service.port <= _MAX_PORT:
        section.complain(f"{service.port} is no port", "port")
    return service


def _group(section: tables.Section) -> Group:
    group = section.fill(Group)
    if not re.fullmatch(r"239\.\d{1,3}\.\d{1,3}\.\d{1,3}", group.group):
        section.complain("must be an administratively scoped group, 239.x.x.x (RFC 2365)", "group")
    return group


def _page(section: tables.Section) -> FurtherPage:
    path, text = section.text("path"), section.text("after")
    if not re.fullmatch(r"/(?!/)[A-Za-z0-9._/-]*", path):
        section.complain("must be a plain path that starts with /", "path")
    try:
        after = re.compile(text)
    except re.error as exc:
        section.complain(f"no regular expression: {exc}", "after")
        after = re.compile("")
    return FurtherPage(path=path, after=after)
