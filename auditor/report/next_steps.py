"""What would settle a verdict: which further read, or which paper, one device still lacks."""

from collections import Counter
from collections.abc import Iterator

from auditor.model import Audit, AuditedAsset, Outcome, Reason, Seen, Tier, Verdict
from auditor.normal import one_line
from auditor.report.base import Options
from auditor.report.views import CELL, device, needs_of

# By what evidence was read from, the collector that reads it and what one would do to hear it; what was heard or
# read is not asked again.
SOURCES = (
    ("snmp", "snmp", "Read the system group over SNMP: sysDescr and sysObjectID are the device's own words."),
    ("entity", "snmp", "Read ENTITY-MIB over SNMP: maker name, model and serial number of the chassis."),
    ("cli", "ssh", "Log in over SSH and read its identity and inventory commands."),
    (
        "mac",
        "",
        "Read its MAC from the router's ARP or the switch's forwarding table, and look up who registered the prefix.",
    ),
)
# For gear that answers on the web rather than over SNMP.
SCREENS = frozenset({"camera", "recorder", "intercom", "access", "alarm", "video"})
ASK_SCREENS = (
    "Ask its web, ONVIF or discovery service for device information; no password is sent before it names itself."
)
LABEL = (
    "Look at the type plate: maker, model, serial number, and the maker named in small print by certification marks."
)
PAPERS = "Look up the purchase record: seller, order date, the maker's declaration of origin."
REMEDIES = {
    Reason.TIMEOUT: "Check that it is switched on and that filters let this machine's requests through.",
    Reason.REFUSED: "Switch the service on, or let this machine's address through.",
    Reason.UNREACHABLE: "Check routes and VLANs between this machine and the device.",
    Reason.AUTHENTICATION: "Check the credential named for it; no second attempt was made.",
    Reason.AUTHORIZATION: "Give the account read access to identity and tables.",
    Reason.HOST_KEY: "Compare the host key with the device's console and enrol it.",
    Reason.NO_CREDENTIAL: "Name a credential for it in the configuration.",
    Reason.NO_DRIVER: "Name its driver in the target file, or import a transcript of its identity commands.",
    Reason.PROTOCOL: "Read it over another protocol; its replies cannot be trusted as they are.",
    Reason.PARTIAL: "Read it again; what is missing is named above.",
    Reason.SPOOFED: "Find out which machine answered in its place before reading it again.",
    Reason.CLOSED: "Raise its session limit, or read it when fewer people are logged in.",
    Reason.LIMIT: "Raise the limit that was reached, or read it alone.",
    Reason.BREAKER: "Correct the credential, then read it again; "
    "logins were held back to keep accounts from being locked.",
    Reason.INTERRUPTED: "Resume the run.",
    Reason.EXCLUDED: "Change what leads to the excluded address, or the exclusion if that address may be contacted.",
    Reason.NOT_PARSED: "Send the stored reply to whoever keeps the rules; the text is in the journal.",
}

STEP_HEAD = ("Site", "Heard by", "Maker", "Model", "Devices", "Next step")
HEARD_TITLE = "Only heard of: what to do next"
HEARD_ENDS = "What only others spoke of is probable at most. One step serves all devices of a line."


def next_steps(audit: Audit, options: Options) -> list[tuple[str, ...]]:
    """Return what to do about devices only heard of, a line for each reporter and model."""
    names = {item.asset.key: device(item.asset) for item in audit.assets}
    groups: Counter[tuple[str, str, str, str]] = Counter()
    for item in audit.assets:
        for finding in item.findings if item.asset.seen is Seen.HEARD else ():
            if finding.tier is Tier.COVERED and not finding.waiver:
                by = min((one.by for one in finding.evidence if one.by), default="")
                who = one_line(names.get(by) or by.partition("/")[2], CELL)
                maker, model = options.name(finding.maker), one_line(finding.model, CELL)
                groups[one_line(item.asset.site, CELL), who, maker, model] += 1
    return [(*group, f"{number:,}", _step(number)) for group, number in sorted(groups.items())]


def _step(number: int) -> str:
    one = "it" if number == 1 else "one of them"
    were = "it was" if number == 1 else "they were"
    return f"Make {one} a target of the next run, or look at its type plate: {were} only heard of."


def settling(item: AuditedAsset, audit: Audit) -> Iterator[str]:
    """Yield what to do next about one device, the cheapest first."""
    yield from _remedies(item, audit)
    sure = (finding.verdict is Verdict.CONFIRMED and not finding.against for finding in item.findings)
    if item.outcome is Outcome.MATCH and any(sure):
        yield "Nothing more is needed to name the maker."
    else:
        yield from _reads(item)
        yield LABEL
    needs = needs_of(*item.findings)
    if needs:
        yield f"The laws asked about also need: {'; '.join(needs)}."
    if item.findings:
        yield PAPERS


def _remedies(item: AuditedAsset, audit: Audit) -> Iterator[str]:
    own = {(item.asset.site, address) for address in (*item.asset.addresses, item.asset.address) if address}
    reasons = {one.reason for one in audit.unread if (one.target.site, one.target.address) in own}
    yield from (REMEDIES[reason] for reason in sorted(reasons))


def _reads(item: AuditedAsset) -> Iterator[str]:
    evidence = (one for finding in item.findings for one in finding.evidence)
    sources = {"mac" if one.witness == "mac" else one.fact.kind.partition(".")[0] for one in evidence}
    if item.asset.seen is Seen.HEARD:
        yield "Make it a target of the next run, so that it is read and not only heard of."
    if any(finding.category in SCREENS for finding in item.findings):
        yield ASK_SCREENS
    if item.asset.macs:
        sources.add("mac")
    for source, collector, says in SOURCES:
        if source not in sources and collector not in item.asset.collectors:
            yield says
