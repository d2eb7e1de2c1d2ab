"""What a scan is about to do, in words: packets, logins, time, each span of addresses."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.cli.progress import duration
from auditor.model import Audit, Outcome, Reason, Seen

if TYPE_CHECKING:
    from auditor.run.budget import Budget, SpanBudget
    from auditor.run.request import ScanRequest

LONG = 600.0
WAYS = {"snmp": "over SNMP", "probe": "by probes without login", "ssh": "over SSH"}


def announcement(budget: "Budget") -> Iterator[str]:
    """Yield what is said before the first packet."""
    sites = ", ".join(filter(None, budget.sites)) or "one site"
    yield f"contacting {addresses(budget.addresses)} at {sites}; {cost(budget)}"
    yield from hints(budget)


def cost(budget: "Budget") -> str:
    """Return what a run may cost at most: packets and their rate, logins, failed logins."""
    parts = [f"at most {budget.rate:g} packets a second"]
    if budget.sweep_packets:
        parts.append(f"a sweep of at most {budget.sweep_packets:,} packets")
    if budget.requests:
        parts.append(f"at most {budget.requests:,} SNMP requests to who stays silent")
    if budget.logins:
        parts.append(f"{budget.logins:,} logins")
    parts.append(f"{budget.failed_logins} failed logins a credential")
    return ", ".join(parts)


def hints(budget: "Budget") -> Iterator[str]:
    """Yield what to do about a sweep that will take long."""
    if budget.seconds < LONG:
        return
    advice = "--rate N allows more packets a second"
    if budget.tcp_packets:
        share = budget.tcp_packets * 100 // budget.sweep_packets
        advice += f"; {share} % of them are TCP: --ports 22,80 tries fewer ports, --no-tcp none"
    yield f"the sweep takes about {duration(budget.seconds)}; {advice}"


def following(request: "ScanRequest") -> Iterator[str]:
    """Yield which neighbours are asked besides, and what they are not shown."""
    if words := request.crawl_words:
        communities = "communities go there too" if request.follow_v2c else "communities are kept back"
        yield f"then {words}: over SNMPv3, over SSH where the host key is known; {communities}"


def row(span: "SpanBudget") -> str:
    """Return a span in one line: where, how, cost, limits, credentials, and why not others."""
    cells = [
        span.site or "-",
        "-".join(dict.fromkeys(span.ends)),
        addresses(span.addresses),
        f"looking who answers first, at most {span.sweep_packets:,} packets"
        if span.sweep_packets
        else f"each asked, at most {span.requests:,} SNMP requests where it stays silent",
        ", ".join(WAYS[stage] for stage in span.stages) or "in no way",
        f"{span.limits.packets_per_second:g} packets/s, {span.limits.deadline:g} s a device",
        f"credentials: {', '.join(span.credentials) or 'none'}",
    ]
    cells += [f"{name} left out: {why}" for name, why in span.omissions]
    return "\t".join(cells)


def without_login(audit: Audit) -> str:
    """Return what probes alone could say of a network, and what a community would add."""
    answers = [item for item in audit.assets if item.asset.seen is Seen.READ]
    findings = sum(item.outcome is Outcome.MATCH for item in answers)
    closed = len({one.target.address for one in audit.unread if one.reason is Reason.NO_CREDENTIAL})
    return (
        f"without a login: {len(answers)} of {len(audit.assets)} devices showed something to probes alone,"
        f" {findings} of them a covered maker{f'; {closed} speak SNMPv3 and were not read' if closed else ''}."
        " A read-only SNMPv3 user or community would add models, serial numbers, firmware, neighbours and switch ports;"
        " 'auditor init' writes where its secret comes from"
    )


def addresses(number: int) -> str:
    """Return so many addresses in words."""
    return f"{number:,} address" + ("" if number == 1 else "es")
