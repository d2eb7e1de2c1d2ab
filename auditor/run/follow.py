"""Neighbours that devices announce, asked hop by hop within the scope, without communities.

An address known by hearsay is named by a device that anybody may have plugged in. It is asked over SNMPv3, which shows
no secret, and logged in to over SSH where its host key is known already; probes and fetching of host keys are for whom
a person named.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from ipaddress import ip_address

from auditor.errors import OutOfScopeError
from auditor.model import Observation, Record, Span, Target
from auditor.normal import is_address
from auditor.run.budget import ScanPlan
from auditor.run.request import ScanRequest
from auditor.run.stages import Order
from auditor.targets import bind
from auditor.targets.select import Selection
from auditor.targets.spans import single

ANNOUNCED = {"lldp": "lldp.address", "cdp": "cdp.address"}
# What shows a stranger no secret.
SAFE, COMMUNITIES = frozenset({"snmp-v3", "ssh"}), frozenset({"snmp-v1", "snmp-v2c"})
STAGES = ("snmp", "ssh")
NO_LOGIN = "no SNMPv3 and no SSH credential fits them (--follow-v2c lets communities go there)"


@dataclass(slots=True)
class Crawl:
    """What a scan follows: whom it has asked so far, and why it left others alone."""

    plan: ScanPlan
    request: ScanRequest
    reasons: Counter[str] = field(default_factory=Counter)
    _past: set[tuple[str, str]] = field(default_factory=set)

    def hop(self, records: Iterable[Record]) -> Selection:
        """Return the neighbours that these records announce and nobody has asked yet."""
        return Selection(spans=tuple(self._spans(records)), scope=self.plan.selection.scope)

    def order(self, usual: Order, before: tuple[Record, ...]) -> Order:
        """Return how neighbours are asked: one by one, without sweep, probes and fetching of keys."""
        stages = tuple(stage for stage in usual.stages if stage in STAGES)
        return replace(usual, stages=stages, sweep=False, before=before, on_enrol=None, readers=None)

    def _spans(self, records: Iterable[Record]) -> Iterator[Span]:
        for site, address in self._addresses(records):
            if (site, address) in self._past:
                continue
            self._past.add((site, address))
            target = Target(address=address, site=site)
            if any(span.holds(target) for span in self.plan.selection.spans):
                continue
            try:
                self.plan.selection.scope.check(address, site)
            except OutOfScopeError as exc:
                self.reasons[exc.why.removeprefix(f"{address} ")] += 1
                continue
            yield from self._span(target)

    def _addresses(self, records: Iterable[Record]) -> Iterator[tuple[str, str]]:
        kinds = {ANNOUNCED[name] for name in self.request.follow}
        for record in records:
            if isinstance(record, Observation):
                words = (fact.value for fact in record.plain if fact.kind in kinds and fact.about)
                yield from ((record.target.site, str(ip_address(word))) for word in words if is_address(word))

    def _span(self, target: Target) -> Iterator[Span]:
        """Yield a neighbour with the credentials it may be shown; nothing where there is none."""
        request, plan = self.request, self.plan
        like = replace(
            target, address="", credentials=request.credential, collectors=request.collector, ports=request.own_ports
        )
        kinds = SAFE | (COMMUNITIES if request.follow_v2c else frozenset())
        for span in bind.spans(single(ip_address(target.address)), like, plan.config, 1):
            public = plan.setup.credentials
            names = tuple(name for name in span.like.credentials if public[name].kind in kinds)
            if names:
                yield replace(span, like=replace(span.like, credentials=names))
            else:
                self.reasons[NO_LOGIN] += 1


def neighbours(count: int) -> str:
    """Return so many neighbours in words."""
    return f"{count:,} neighbour" + ("" if count == 1 else "s")
