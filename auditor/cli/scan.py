"""`auditor scan`: read devices now, within the scope, with credentials by name, and keep everything that was read."""

from dataclasses import dataclass, fields
from typing import Any

import click

from auditor.cli.common import Shared, judging, option, store_url
from auditor.errors import UsageError
from auditor.parse.services import shipped
from auditor.store.lock import locked
from auditor.store.sqlite import open_store


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The options only a scan has."""

    targets: tuple[str, ...]
    input_file: str = ""
    exclude: tuple[str, ...] = ()
    credential: tuple[str, ...] = ()
    collector: tuple[str, ...] = ()
    probe: tuple[str, ...] = ()
    port: tuple[str, ...] = ()
    allow_file: str = ""
    public: bool = False
    yes: bool = False
    dry_run: bool = False
    sweep: bool = True
    ports: str = ""
    tcp: bool = True
    careful: bool = False
    enrol: bool = False
    rate: float = 0.0
    deadline: float = 0.0
    resume: str = ""
    snmp_engine: str = "own"
    ssh_config: str = ""

    @property
    def own_ports(self) -> tuple[tuple[str, int], ...]:
        """Return the ports to use instead of the usual ones, `snmp=16100`."""
        pairs = [word.partition("=") for word in self.port]
        for name, _, number in pairs:
            if name not in (names := shipped().names):
                raise UsageError(f"'{name}' has no port to set; known are {', '.join(names)}", where="--port")
            if not is_port(number):
                raise UsageError(f"'{name}={number}' is no port; write snmp=161", where="--port")
        return tuple(sorted((name, int(number)) for name, _, number in pairs))


def is_port(word: str) -> bool:
    """Tell whether a word is the number of a port."""
    return word.isdecimal() and 0 < int(word[:6]) < 65_536  # noqa: PLR2004 - the range of a port


@click.command("scan", short_help="Read devices now.")
@click.argument("targets", nargs=-1, metavar="[TARGET]…")
@option("-i", "--input-file", default="", metavar="FILE", help="Targets from a file, one a line; - reads stdin.")
@option("--exclude", multiple=True, metavar="TARGET", help="Never contact these (repeatable); exclusions always win.")
@option("--credential", multiple=True, metavar="NAME", help="Use only these credentials, by name (repeatable).")
@option(
    "--collector",
    multiple=True,
    type=click.Choice(["snmp", "probe", "ssh"]),
    help="Only these ways of reading (repeatable).",
)
@option(
    "--probe", multiple=True, metavar="NAME", help="Only these probes, such as rtsp; -rtsp leaves one out (repeatable)."
)
@option("--port", multiple=True, metavar="NAME=PORT", help="Another port, such as snmp=1161 (repeatable).")
@option("--allow-file", default="", metavar="FILE", help="Public addresses that may be contacted; needs --public too.")
@option("--public", is_flag=True, help="Contact the public addresses of the allow-list.")
@option("--yes", is_flag=True, help="Contact more than 65,536 addresses without asking.")
@option(
    "--dry-run",
    is_flag=True,
    help="Show what would be contacted, how often and with which credentials; contact nobody.",
)
@option(
    "--no-sweep",
    "sweep",
    flag_value=False,
    default=True,
    help="Ask every address of a subnet instead of first looking who answers.",
)
@option(
    "--ports",
    default="",
    metavar="22,80,…",
    help="TCP ports that show the sweep who is there (default: 22, 23, 80, 443, 554, 8000, 37777).",
)
@option("--no-tcp", "tcp", flag_value=False, default=True, help="Look who answers over SNMP and ICMP only.")
@option(
    "--careful",
    is_flag=True,
    help="For fragile networks: one device at a time, few packets, no probes but safe ones named.",
)
@option("--enrol", is_flag=True, help="Fetch and keep the SSH host keys of devices not known yet, before reading them.")
@option(
    "--rate",
    type=click.FloatRange(0),
    default=0.0,
    metavar="PACKETS",
    help="Packets per second at most (default: 100).",
)
@option(
    "--deadline",
    type=click.FloatRange(0),
    default=0.0,
    metavar="SECONDS",
    help="Time for one device at most (default: 120).",
)
@option(
    "--resume", default="", metavar="RUN", help="Go on with an interrupted run; what it has read is not read again."
)
@option(
    "--snmp-engine",
    type=click.Choice(["own", "pysnmp"]),
    default="own",
    show_default=True,
    help="Which SNMP client to use.",
)
@option("--ssh-config", default="", metavar="FILE", help="An OpenSSH client configuration, for jump hosts.")
@judging
@click.pass_context
def scan_command(ctx: click.Context, /, shared: Shared, **given: Any) -> None:
    """Read devices now: TARGET is a subnet, a range (10.0.0.1-50), a host or an address; without one, the sites of auditor.toml.

    Only private addresses are contacted unless an allow-list and --public say otherwise. Nothing is ever written to a device.
    """
    from auditor.cli.collection import scan, show_plan

    asked = Asked(**{entry.name: given[entry.name] for entry in fields(Asked)})
    if asked.dry_run:
        show_plan(asked, shared)
        return
    store = open_store(store_url(shared.store))
    if store is None:
        ctx.exit(scan(asked, shared))
    with locked(store.path.with_suffix(".lock")):
        ctx.exit(scan(asked, shared))
