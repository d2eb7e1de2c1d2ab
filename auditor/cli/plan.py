"""What a scan is about to do, in numbers: limits by site, packets and logins at most, how long the sweep takes."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

from auditor.cli.common import Shared
from auditor.cli.progress import span as lasting
from auditor.cli.scan import Asked, is_port
from auditor.cli.terminal import tell_line
from auditor.collect.base import Setup
from auditor.collect.sweep.collector import Ways, packets
from auditor.errors import UsageError
from auditor.model import Limits, Span
from auditor.run import stages as local
from auditor.targets.config import Config
from auditor.targets.select import Selection

LONG = 600.0
WAYS = {"snmp": "over SNMP", "probe": "by probes without login", "ssh": "over SSH"}


def run_limits(asked: Asked, config: Config) -> Limits:
    """Return the limits of the run: the configuration's, then the command line's."""
    return _asked_for(asked, _typed(Limits(), config.limits))


def site_limits(asked: Asked, config: Config) -> dict[str, Limits]:
    """Return the limits of each site that has its own; none is faster than the run."""
    usual = run_limits(asked, config)
    own = {name: _asked_for(asked, _typed(usual, site.limits)) for name, site in config.sites.items() if site.limits}
    pace = usual.packets_per_second
    return {
        name: replace(limits, packets_per_second=min(config.sites[name].limits.get("packets_per_second", pace), pace))
        for name, limits in own.items()
    }


def _typed(usual: Limits, given: Mapping[str, float]) -> Limits:
    kinds: dict[str, Any] = {entry.name: type(getattr(usual, entry.name)) for entry in fields(Limits)}
    return replace(usual, **{name: kinds[name](value) for name, value in given.items()})


def _asked_for(asked: Asked, limits: Limits) -> Limits:
    if asked.rate:
        limits = replace(limits, packets_per_second=asked.rate)
    if asked.deadline:
        limits = replace(limits, deadline=asked.deadline)
    return replace(limits, careful=True, in_flight=1, sessions=1) if asked.careful or limits.careful else limits


def ways(asked: Asked) -> Ways | None:
    """Return how the sweep looks for devices, where that is not the usual way."""
    if not asked.tcp:
        return Ways(ports=())
    words = [word.strip() for word in asked.ports.split(",") if word.strip()]
    for word in words:
        if not is_port(word):
            raise UsageError(f"'{word}' is no port; write 22,80,443", where="--ports")
    return Ways(ports=tuple(dict.fromkeys(map(int, words)))) if words else None


def announce(selection: Selection, setup: Setup, order: local.Order, shared: Shared) -> None:
    """Say before the first packet what is contacted, with how many packets and logins at most."""
    sites = ", ".join(filter(None, selection.sites)) or "one site"
    shared.say(f"contacting {_count(selection.count, 'address')} at {sites}; {budget(selection, setup, order)}")
    for line in hints(selection, setup, order):
        shared.say(line)


def budget(selection: Selection, setup: Setup, order: local.Order) -> str:
    """Return what a run may cost at most: packets of the sweep and their rate, logins, failed logins."""
    limits = setup.limits
    swept = local.subnets(selection.spans) if order.sweep else []
    parts = [f"at most {limits.packets_per_second:g} packets a second"]
    if swept:
        parts.append(f"a sweep of at most {packets(swept, setup, order.ways):,} packets")
    if count := requests(set(selection.spans) - set(swept), setup, order):
        parts.append(f"at most {count:,} SNMP requests to who stays silent")
    if (count := logins(selection.spans, setup, order)) > 0:
        parts.append(f"{count:,} logins")
    parts.append(f"{limits.max_failed_logins} failed logins a credential")
    return ", ".join(parts)


def requests(spans: Iterable[Span], setup: Setup, order: local.Order) -> int:
    """Return how many SNMP requests addresses cost at most that are asked without a sweep and never answer.

    Each credential is tried as often as a reply may get lost, and SNMPv3 once more: who has an engine is asked before a login is spent.
    """
    if "snmp" not in order.stages:
        return 0
    total = 0
    for span in spans:
        kinds = [setup.credentials[name].kind for name in span.like.credentials if name in setup.credentials]
        tries = sum(kind.startswith("snmp") for kind in kinds) + ("snmp-v3" in kinds)
        limits = order.limits.get(span.like.site, setup.limits)
        total += span.size * tries * (limits.retries + 1) * local.fits("snmp", span.like, setup)
    return total


def logins(spans: Iterable[Span], setup: Setup, order: local.Order) -> int:
    """Return how many SSH logins a run makes at most: one a device and credential."""
    if "ssh" not in order.stages:
        return 0
    public = setup.credentials
    return sum(
        span.size * sum(name in public and public[name].kind == "ssh" for name in span.like.credentials)
        for span in spans
        if local.fits("ssh", span.like, setup)
    )


def hints(selection: Selection, setup: Setup, order: local.Order) -> Iterator[str]:
    """Yield what to do about a sweep that will take long."""
    swept = local.subnets(selection.spans) if order.sweep else []
    seconds = duration(swept, setup, order)
    if seconds < LONG:
        return
    whole = packets(swept, setup, order.ways)
    tcp = whole - packets(swept, setup, replace(order.ways or Ways(), ports=()))
    advice = "--rate N allows more packets a second"
    if tcp:
        advice += f"; {tcp * 100 // whole} % of them are TCP: --ports 22,80 tries fewer ports, --no-tcp none"
    yield f"the sweep takes about {lasting(seconds)}; {advice}"


def duration(swept: Iterable[Span], setup: Setup, order: local.Order) -> float:
    """Return the seconds a sweep takes at most: sites side by side, each at its own pace, all of them at the run's."""
    seconds, whole = 0.0, 0
    for part, limits in local.parts(list(swept), setup.limits, order.limits):
        count = packets(part, setup, order.ways)
        seconds = max(seconds, count / (limits.packets_per_second or math.inf))
        whole += count
    return max(seconds, whole / (setup.limits.packets_per_second or math.inf))


def show(selection: Selection, setup: Setup, order: local.Order, shared: Shared) -> None:
    """Print a line a span: site, addresses, how many, how they are read, packets and pace, credentials by name; contact nobody."""
    for span in selection.spans:
        like = span.like
        limits = order.limits.get(like.site, setup.limits)
        ends = [next(replace(span, first=end, last=end).targets()).address for end in (span.first, span.last)]
        swept = local.subnets([span]) if order.sweep else []
        stages = [WAYS[stage] for stage in local.STAGES if stage in order.stages and local.fits(stage, like, setup)]
        cells = [
            like.site or "-",
            "-".join(dict.fromkeys(ends)),
            _count(span.size, "address"),
            f"looking who answers first, at most {packets(swept, setup, order.ways):,} packets"
            if swept
            else f"each asked, at most {requests([span], setup, order):,} SNMP requests where it stays silent",
            ", ".join(stages) or "in no way",
            f"{limits.packets_per_second:g} packets/s, {limits.deadline:g} s a device",
            f"credentials: {', '.join(like.credentials) or 'none'}",
        ]
        tell_line("\t".join(cells))
    shared.say(f"{_count(selection.count, 'address')}; {budget(selection, setup, order)}; nothing was contacted")
    for line in hints(selection, setup, order):
        shared.say(line)


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}" + ("" if number == 1 else "es")
