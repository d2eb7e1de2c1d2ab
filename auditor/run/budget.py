"""What a scan costs at most, in numbers: packets, requests, logins, seconds."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from auditor.collect.base import Setup
from auditor.collect.sweep.collector import Ways, packets
from auditor.model import Limits, Span
from auditor.run import stages
from auditor.targets.bind import omissions
from auditor.targets.config import Config
from auditor.targets.select import Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The cost of a whole run at most.

    `rate` is in packets a second; `tcp_packets` are among the sweep's; `requests` go over SNMP to who stays silent;
    `failed_logins` are for each credential; `seconds` are the sweep's.
    """

    addresses: int
    sites: tuple[str, ...]
    rate: float
    sweep_packets: int
    tcp_packets: int
    requests: int
    logins: int
    failed_logins: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanBudget:
    """The cost of one span at most, and how it is read; without a sweep, `sweep_packets` is 0.

    `omissions` are credentials that are not tried there, and why.
    """

    site: str
    ends: tuple[str, str]
    addresses: int
    sweep_packets: int
    requests: int
    stages: tuple[str, ...]
    limits: Limits
    credentials: tuple[str, ...]
    omissions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanPlan:
    """What a scan is about to do: whom it contacts, with what, in which order.

    `names` are the credentials that the command line asks for, if any.
    """

    selection: Selection
    setup: Setup
    order: stages.Order
    config: Config
    names: tuple[str, ...] = ()

    def budget(self) -> Budget:
        """Return what it costs at most."""
        spans, setup, order = self.selection.spans, self.setup, self.order
        swept = stages.subnets(spans) if order.sweep else []
        whole = packets(swept, setup, order.ways)
        return Budget(
            addresses=self.selection.count,
            sites=self.selection.sites,
            rate=setup.limits.packets_per_second,
            sweep_packets=whole,
            tcp_packets=whole - packets(swept, setup, replace(order.ways or Ways(), ports=())),
            requests=_requests(set(spans) - set(swept), setup, order),
            logins=_logins(spans, setup, order),
            failed_logins=setup.limits.max_failed_logins,
            seconds=_seconds(swept, setup, order),
        )

    def spans(self) -> Iterator[SpanBudget]:
        """Yield what each span costs at most, and how it is read."""
        setup, order = self.setup, self.order
        for span in self.selection.spans:
            like = span.like
            yield SpanBudget(
                site=like.site,
                ends=ends(span),
                addresses=span.size,
                sweep_packets=packets(stages.subnets([span]) if order.sweep else [], setup, order.ways),
                requests=_requests([span], setup, order),
                stages=tuple(one for one in stages.STAGES if one in order.stages and stages.fits(one, like, setup)),
                limits=order.limits.get(like.site, setup.limits),
                credentials=like.credentials,
                omissions=tuple(omissions(span, self.names, self.config)),
            )


def ends(span: Span) -> tuple[str, str]:
    """Return the first and the last address of a span as people write them."""
    first, last = (next(replace(span, first=end, last=end).targets()).address for end in (span.first, span.last))
    return first, last


def _requests(spans: Iterable[Span], setup: Setup, order: stages.Order) -> int:
    """Return the SNMP requests at most to addresses asked without a sweep that never answer.

    Each credential is tried as often as a reply may get lost, SNMPv3 once more: an engine is discovered before a login
    is spent.
    """
    if "snmp" not in order.stages:
        return 0
    total = 0
    for span in spans:
        kinds = [setup.credentials[name].kind for name in span.like.credentials if name in setup.credentials]
        tries = sum(kind.startswith("snmp") for kind in kinds) + ("snmp-v3" in kinds)
        limits = order.limits.get(span.like.site, setup.limits)
        total += span.size * tries * (limits.retries + 1) * stages.fits("snmp", span.like, setup)
    return total


def _logins(spans: Iterable[Span], setup: Setup, order: stages.Order) -> int:
    """Return how many SSH logins a run makes at most: one a device and credential."""
    if "ssh" not in order.stages:
        return 0
    public = setup.credentials
    return sum(
        span.size * sum(name in public and public[name].kind == "ssh" for name in span.like.credentials)
        for span in spans
        if stages.fits("ssh", span.like, setup)
    )


def _seconds(swept: Sequence[Span], setup: Setup, order: stages.Order) -> float:
    """Return how long a sweep takes at most: sites side by side, together at the run's pace."""
    seconds, whole = 0.0, 0
    for part, limits in stages.parts(swept, setup.limits, order.limits):
        count = packets(part, setup, order.ways)
        seconds = max(seconds, count / (limits.packets_per_second or math.inf))
        whole += count
    return max(seconds, whole / (setup.limits.packets_per_second or math.inf))
