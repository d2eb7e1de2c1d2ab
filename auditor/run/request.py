"""What a scan is asked to do, and how; its words are checked here, once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

from auditor.collect.sweep.collector import PORTS, Ways
from auditor.errors import UsageError
from auditor.model import Limits
from auditor.parse.services import service_table
from auditor.run.options import Option
from auditor.run.stages import STAGES, Order
from auditor.targets.config import Config
from auditor.targets.schedule import seconds
from auditor.targets.select import Request, exclusion_words, is_port


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRequest:
    """What a scan reads: targets as people write them, the ways of reading, limits of its own."""

    targets: tuple[str, ...] = ()
    input_file: Annotated[
        str, Option("Targets from a file, one a line; - reads stdin.", short="-i", also=("-iL",), metavar="FILE")
    ] = ""
    device: Annotated[
        tuple[str, ...], Option("A device of the store, where it answered last (repeatable).", metavar="D-42")
    ] = ()
    exclude: Annotated[
        tuple[str, ...], Option("Never contact these (repeatable); exclusions always win.", metavar="TARGET")
    ] = ()
    exclude_file: Annotated[
        tuple[str, ...],
        Option("Never contact what this file names, one a line (repeatable).", also=("--excludefile",), metavar="FILE"),
    ] = ()
    credential: Annotated[
        tuple[str, ...], Option("Use only these credentials, by name (repeatable).", metavar="NAME")
    ] = ()
    collector: Annotated[
        tuple[str, ...], Option("Only these ways of reading (repeatable).", choices=("snmp", "probe", "ssh"))
    ] = ()
    probe: Annotated[
        tuple[str, ...], Option("Only these probes, such as rtsp; -rtsp leaves one out (repeatable).", metavar="NAME")
    ] = ()
    port: Annotated[tuple[str, ...], Option("Another port, such as snmp=1161 (repeatable).", metavar="NAME=PORT")] = ()
    allow_file: Annotated[
        str, Option("Public addresses that may be contacted; needs --public too.", metavar="FILE")
    ] = ""
    public: Annotated[bool, Option("Contact the public addresses of the allow-list.")] = False
    yes: Annotated[bool, Option("Contact more than 65,536 addresses without asking.")] = False
    dry_run: Annotated[
        bool, Option("Show what would be contacted, how often and with which credentials; contact nobody.")
    ] = False
    follow: Annotated[
        tuple[str, ...],
        Option(
            "Ask neighbours that devices announce too, within the scope: SNMPv3, or SSH with a known host key"
            " (repeatable).",
            choices=("lldp", "cdp"),
        ),
    ] = ()
    hops: Annotated[int, Option("With --follow: so many steps away at most (default: 3).", metavar="N")] = 3
    follow_v2c: Annotated[bool, Option("With --follow: let communities go to neighbours, in clear text.")] = False
    sample: Annotated[
        int, Option("Of ranges beyond 256 addresses look at the first N of each /24 only.", metavar="N")
    ] = 0
    sweep: Annotated[bool, Option("Ask every address of a subnet instead of first looking who answers.")] = True
    ports: Annotated[
        str,
        Option(
            f"TCP ports that show the sweep who is there (default: {', '.join(map(str, PORTS))}).", metavar="22,80,…"
        ),
    ] = ""
    tcp: Annotated[bool, Option("Look who answers over SNMP and ICMP only.")] = True
    careful: Annotated[
        bool, Option("For fragile networks: one device at a time, few packets, no probes but safe ones named.")
    ] = False
    enrol: Annotated[
        bool, Option("Fetch and keep the SSH host keys of devices not known yet, before reading them.")
    ] = False
    rate: Annotated[float, Option("Packets per second at most (default: 100).", metavar="PACKETS")] = 0.0
    deadline: Annotated[float, Option("Time for one device at most (default: 120).", metavar="SECONDS")] = 0.0
    max_length: Annotated[
        str, Option("Ask no other device once the run has taken so long; the rest is unread.", metavar="4h")
    ] = ""
    now: Annotated[bool, Option("Run outside the window of auditor.toml, and past its end.")] = False
    ping: Annotated[
        str, Option("Tell a monitor of scheduled jobs: URL/start, then URL, or URL/fail.", metavar="URL")
    ] = ""
    resume: Annotated[
        str, Option("Go on with an interrupted run; what it has read is not read again.", metavar="RUN")
    ] = ""
    jobs: Annotated[
        int, Option("Processes that read (default: as many as there are cores, where that pays).", metavar="N")
    ] = 0
    snmp_engine: Annotated[str, Option("Which SNMP client to use.", choices=("own", "pysnmp"), shows_default=True)] = (
        "own"
    )
    ssh_config: Annotated[str, Option("An OpenSSH client configuration, for jump hosts.", metavar="FILE")] = ""

    def selection(self, site: str) -> Request:
        """Return what is asked of the selection of targets beside their words."""
        return Request(
            site=site,
            credentials=self.credential,
            collectors=self.collector,
            exclude=(*self.exclude, *self._file_exclusions()),
            allow_file=self.allow_file,
            public=self.public,
            ports=self.own_ports,
            sample=self.sample,
        )

    def _file_exclusions(self) -> list[str]:
        """Return what the files of exclusions name; one that cannot be read is an error."""
        return [word for name in self.exclude_file for word in exclusion_words(Path(name))]

    @property
    def own_ports(self) -> tuple[tuple[str, int], ...]:
        """Return the ports to use instead of the usual ones, `snmp=16100`."""
        pairs = [word.partition("=") for word in self.port]
        for name, _, number in pairs:
            if name not in (names := service_table().names):
                raise UsageError(f"'{name}' has no port to set; known are {', '.join(names)}", where="--port")
            if not is_port(number):
                raise UsageError(f"'{name}={number}' is no port; write snmp=161", where="--port")
        return tuple(sorted((name, int(number)) for name, _, number in pairs))

    @property
    def crawl_words(self) -> str:
        """Return in words which neighbours are asked besides; nothing where none are."""
        if not self.follow:
            return ""
        how = " and ".join(name.upper() for name in self.follow)
        steps = "1 hop" if self.hops == 1 else f"{self.hops} hops"
        return f"neighbours announced over {how}, at most {steps} away, within the scope"

    def ending(self, config: Config, moment: datetime, clock: Callable[[], float]) -> Callable[[], str]:
        """Return what says why no other device is asked: nothing until the run's time is up.

        It begins at `moment`; `clock` counts seconds. Outside the window of the configuration it is refused.
        """
        limits = (
            [(clock() + self._longest, f"not asked: the run's {self.max_length} were over")] if self.max_length else []
        )
        if config.window and not self.now:
            left = config.window.left(moment).total_seconds()
            if left <= 0:
                raise UsageError(
                    f"it is outside the window {config.window}; --now runs all the same", where="schedule.window"
                )
            limits.append((clock() + left, f"not asked: the window {config.window} was over"))
        end, why = min(limits, default=(float("inf"), ""))
        return lambda: why if clock() >= end else ""

    @property
    def _longest(self) -> float:
        try:
            return seconds(self.max_length)
        except ValueError as exc:
            raise UsageError(str(exc), where="--max-length") from None

    def order(self, config: Config) -> Order:
        """Return what to collect and how, before anything is known of a run that is gone on with."""
        stages = self.collector or (("snmp", "ssh") if self.careful and not self.probe else STAGES)
        return Order(
            stages=tuple(stages),
            sweep=self.sweep,
            ways=self.ways(),
            snmp_engine=self.snmp_engine,
            limits=self.site_limits(config),
        )

    def ways(self) -> Ways | None:
        """Return how the sweep looks for devices, where that is not the usual way."""
        if not self.tcp:
            return Ways(ports=())
        words = [word.strip() for word in self.ports.split(",") if word.strip()]
        for word in words:
            if not is_port(word):
                raise UsageError(f"'{word}' is no port; write 22,80,443", where="--ports")
        return Ways(ports=tuple(dict.fromkeys(map(int, words)))) if words else None

    def limits(self, config: Config) -> Limits:
        """Return the limits of the run: the configuration's, then those of the request."""
        return self._over(Limits(**config.limits))

    def site_limits(self, config: Config) -> dict[str, Limits]:
        """Return the limits of each site that has its own; none is faster than the run."""
        usual = self.limits(config)
        own = {name: self._over(replace(usual, **site.limits)) for name, site in config.sites.items() if site.limits}
        pace = usual.packets_per_second
        return {
            name: replace(
                limits, packets_per_second=min(config.sites[name].limits.get("packets_per_second", pace), pace)
            )
            for name, limits in own.items()
        }

    def _over(self, limits: Limits) -> Limits:
        if self.rate:
            limits = replace(limits, packets_per_second=self.rate)
        if self.deadline:
            limits = replace(limits, deadline=self.deadline)
        return limits.gentle() if self.careful or limits.careful else limits
