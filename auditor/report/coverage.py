"""What was contacted and what came of it by site: silence never reads as clean."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from auditor.formats.document import counts_as_hardware, unread_devices
from auditor.model import AssetKind, Audit, AuditedAsset, Outcome, Reason, Seen
from auditor.normal import one_line
from auditor.report.words import counted

# With these the device itself, or its stack, came back to us; the others leave open whether anybody is there.
REPLIED = frozenset(
    {
        Reason.REFUSED, Reason.AUTHENTICATION, Reason.AUTHORIZATION, Reason.HOST_KEY, Reason.PROTOCOL, Reason.PARTIAL,
        Reason.CLOSED, Reason.NOT_PARSED, Reason.NO_DRIVER,
    }
)  # fmt: skip
NO_SITE = "no site"
COLUMNS = (
    "site",
    "contacted",
    "answered",
    "silent",
    "read",
    "heard",
    "unread",
    "undetermined",
    "no_match",
    "match",
    "virtual",
    "local_macs",
)
NO_SCOPE = "This run records no scope: what was never in its records was not looked at."
SILENT = "nothing is known of what may be there"
_SPAN = re.compile(r"(?P<first>\S+?)(?: to (?P<last>\S+), (?P<size>\d+) addresses)?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """One site: addresses contacted, answered and silent; its devices by outcome.

    `virtual` counts virtual machines, which are no devices, `local_macs` the locally administered MACs in the tables of
    its devices, each reporter's own.
    """

    site: str
    contacted: int
    answered: int
    silent: int
    read: int
    heard: int
    unread: int
    undetermined: int
    no_match: int
    match: int
    virtual: int
    local_macs: int


@dataclass(frozen=True, slots=True)
class _Span:
    site: str
    size: int
    first: IPv4Address | IPv6Address | None
    last: IPv4Address | IPv6Address | None

    def holds(self, address: IPv4Address | IPv6Address | None) -> bool:
        """Tell whether an address is one of these; in a shared copy the site alone decides."""
        if self.first is None or self.last is None or address is None:
            return self.first is None and address is None
        return address.version == self.first.version and int(self.first) <= int(address) <= int(self.last)


def coverage(audit: Audit) -> list[Coverage]:
    """Return one line per site, sorted; `contacted` is nought where a run records no scope."""
    spans = _spans(audit)
    sizes = Counter({site: sum(span.size for span in own) for site, own in spans.items()}) - not_asked(audit)
    replies = Counter(site for site, _address in _replies(audit, spans))
    devices = _devices(audit)
    unread = Counter(site for site, _address in unread_devices(audit))
    return [
        Coverage(
            site=site,
            contacted=sizes[site],
            answered=min(replies[site], sizes[site]),
            silent=max(0, sizes[site] - replies[site]),
            read=devices[site, Seen.READ],
            heard=devices[site, Seen.HEARD],
            unread=unread[site],
            undetermined=devices[site, Outcome.UNDETERMINED],
            no_match=devices[site, Outcome.NO_MATCH],
            match=devices[site, Outcome.MATCH],
            virtual=devices[site, AssetKind.VIRTUAL],
            local_macs=devices[site, "local"],
        )
        for site in sorted({*sizes, *(site for site, _what in devices), *audit.run.sites, *unread})
    ]


def not_asked(audit: Audit) -> Counter[str]:
    """Return by site how many addresses a sweep had left when the run ended."""
    left: Counter[str] = Counter()
    for one in audit.unread:
        first, _, last = one.target.address.partition("-")
        ends = _address(first), _address(last)
        if one.reason is Reason.INTERRUPTED and ends[0] is not None and ends[1] is not None:
            left[one.target.site] += int(ends[1]) - int(ends[0]) + 1
    return left


def columns(lines: Iterable[Coverage]) -> list[str]:
    """Return the columns that say something: what no run recorded is left out, not nought."""
    lines = list(lines)
    absent = {name for name in ("virtual", "local_macs") if not any(getattr(line, name) for line in lines)}
    if not any(line.contacted for line in lines):
        absent |= {"contacted", "answered", "silent"}
    return [name for name in COLUMNS if name not in absent]


def table(audit: Audit) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows as people read them."""
    lines = coverage(audit)
    names = columns(lines)
    rows = [[_cell(getattr(line, name)) for name in names] for line in lines]
    return [name.replace("_", " ").capitalize().replace("macs", "MACs") for name in names], rows


def _cell(value: str | int) -> str:
    return f"{value:,}" if isinstance(value, int) else one_line(value) or NO_SITE


def scope_line(audit: Audit) -> str:
    """Return how much was contacted and how much of it answered, in one sentence."""
    lines = [line for line in coverage(audit) if line.contacted]
    total = sum(line.contacted for line in lines)
    left = not_asked(audit).total()
    late = f"{counted(left, 'address was', 'addresses were')} not asked to the end, as the run ended before"
    if left and not total:
        return f"{late}, and {SILENT}."
    if not total:
        return f"{counted(audit.run.addresses, 'address', 'addresses')} contacted." if audit.run.addresses else NO_SCOPE
    answered = sum(line.answered for line in lines)
    where = f"at {lines[0].site or NO_SITE}" if len(lines) == 1 else f"at {counted(len(lines), 'site')}"
    silent = total - answered
    rest = f"; {silent:,} did not, and {SILENT}" if silent > 0 else ""
    rest += f"; {late}" if left else ""
    return f"{counted(total, 'address', 'addresses')} contacted {where}; {answered:,} answered{rest}."


def scope_lines(audit: Audit, most: int) -> list[str]:
    """Return the spans contacted as a person wrote them, at most `most` lines."""
    lists: dict[str, list[str]] = {}
    for line in audit.run.scope:
        site, _colon, rest = line.rpartition(": ")
        lists.setdefault(site or NO_SITE, []).append(rest)
    lines = [f"{site}: {'; '.join(words)}" for site, words in lists.items()]
    return lines if len(lines) <= most else [*lines[:most], f"and {len(lines) - most:,} more sites"]


def _devices(audit: Audit) -> Counter[tuple[str, str]]:
    count: Counter[tuple[str, str]] = Counter()
    for item in audit.assets:
        site = item.asset.site
        count[site, "local"] += item.asset.local_macs
        if counts_as_hardware(item):
            count[site, item.asset.seen] += 1
            count[site, item.outcome] += 1
        else:
            count[site, item.asset.kind] += 1
    return count


def _spans(audit: Audit) -> dict[str, list[_Span]]:
    spans: dict[str, list[_Span]] = {}
    for line in audit.run.scope:
        site, _colon, words = line.rpartition(": ")
        match = _SPAN.match(words)
        size = int(match["size"] or 1) if match else 0
        first, last = (_address(match["first"]), _address(match["last"] or match["first"])) if match else (None, None)
        own = "" if site == NO_SITE else site
        spans.setdefault(own, []).append(_Span(own, size, first, last))
    return spans


def _replies(audit: Audit, spans: dict[str, list[_Span]]) -> set[tuple[str, str]]:
    """Return the contacted addresses from which anything came back."""
    return {
        (site, text) for site, text in _spoke(audit) if any(span.holds(_address(text)) for span in spans.get(site, ()))
    }


def _spoke(audit: Audit) -> Iterator[tuple[str, str]]:
    for item in audit.assets:
        if item.asset.seen is Seen.READ:
            yield from ((item.asset.site, address) for address in _own(item))
    yield from ((one.target.site, one.target.address) for one in audit.unread if one.reason in REPLIED)


def _own(item: AuditedAsset) -> Iterable[str]:
    main, others = item.asset.address, item.asset.addresses
    # In a shared copy nobody can tell which of a device's addresses were in the scope: one then stands for all.
    return ({main, *others} if _address(main) is not None else {main}) - {""}


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
