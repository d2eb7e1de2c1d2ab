"""The sentences every report shares: what was found, and what that does not prove."""

from collections.abc import Iterator
from datetime import date

from auditor.formats.document import summary
from auditor.model import Audit, Outcome, Reason, Seen, Strength, Tier, is_channel
from auditor.report.base import Options

DISCLAIMER = (
    "This is an inventory, not legal advice. It says what devices said of themselves or what others said of them."
    " A person who signs for it has to check it."
)
SILENCE = (
    "A device without a finding is not shown to be free of covered equipment:"
    " no match means no rule fired, unread and undetermined mean nobody knows yet."
)
OUTCOMES = {
    Outcome.MATCH: "match",
    Outcome.NO_MATCH: "no match",
    Outcome.UNDETERMINED: "undetermined",
    Outcome.UNREAD: "unread",
}
OUTCOME_MEANS = {
    Outcome.MATCH: "evidence names a covered maker",
    Outcome.NO_MATCH: "examined, no rule for a covered maker fired",
    Outcome.UNDETERMINED: "too little was seen to say",
    Outcome.UNREAD: "could not be examined",
}
SEEN_MEANS = {Seen.READ: "spoke for itself", Seen.HEARD: "only others spoke of it"}
STRENGTH_MEANS = {
    Strength.PROOF: "decides by itself",
    Strength.STRONG: "counts as one witness",
    Strength.HINT: "asks for a closer look",
}
REASON_MEANS = {
    Reason.TIMEOUT: "no reply in time",
    Reason.REFUSED: "connection refused",
    Reason.UNREACHABLE: "no route to it",
    Reason.AUTHENTICATION: "login refused",
    Reason.AUTHORIZATION: "logged in, but not allowed to read",
    Reason.HOST_KEY: "host key unknown or changed",
    Reason.NO_CREDENTIAL: "no credential for it",
    Reason.NO_DRIVER: "no driver for its command line",
    Reason.PROTOCOL: "its replies break the protocol",
    Reason.PARTIAL: "read in part",
    Reason.SPOOFED: "replies came from another address",
    Reason.CLOSED: "it closed the connection",
    Reason.LIMIT: "a limit was reached",
    Reason.BREAKER: "held back after failed logins",
    Reason.INTERRUPTED: "the run was interrupted",
    Reason.NOT_PARSED: "its reply could not be understood",
    Reason.EXCLUDED: "may not be contacted",
}


def local_line(count: int, where: str) -> str:
    """Return the sentence on MACs nobody registered, which stand for no device."""
    macs = counted(count, "locally administered MAC")
    return (
        f"{macs} in {where} {'stands' if count == 1 else 'stand'} for no device: telephones and computers invent them."
    )


def counted(number: int, one: str, many: str = "") -> str:
    """Return `1 device`, `1,204 devices`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def headline(audit: Audit) -> str:
    """Return the answer in one sentence; an empty one praises nobody."""
    counts = summary(audit)
    total, match = counts["assets"], counts["match"]
    if not audit.assets:
        return "No device was examined."
    behind = _behind_recorders(audit)
    if match == 0 and behind:
        return f"No device of {total:,} carries a finding on a covered maker itself.{behind}"
    if match == 0:
        return f"No finding on a covered maker among {counted(total, 'device')}; see below what was not examined."
    parts = [f"{number:,} {word}" for word, number in reversed(counts["findings"].items()) if number]
    verb = "carries" if match == 1 else "carry"
    return f"{match:,} of {counted(total, 'device')} {verb} findings on covered makers: {', '.join(parts)}.{behind}"


def _behind_recorders(audit: Audit) -> str:
    """Return a sentence on cameras of covered makers that only recorders speak of, or nothing."""
    parts = (part for item in audit.assets for part in item.parts if part.tier is Tier.COVERED)
    number = sum(is_channel(part.part) for part in parts)
    return f" Recorders list {counted(number, 'camera')} of covered makers behind themselves." if number else ""


def counts(audit: Audit) -> list[tuple[str, int, str]]:
    """Return label, number and meaning of each count a report must open with."""
    totals = summary(audit)
    partly, again = totals["partly_read"], sum(bool(item.removal) for item in audit.assets)
    unread = "could not be examined" + (f"; {partly:,} of these in part only" if partly else "")
    return [
        ("Devices", totals["assets"], "known from any source"),
        ("Read", totals["read"], SEEN_MEANS[Seen.READ]),
        ("Heard", totals["heard"], SEEN_MEANS[Seen.HEARD]),
        ("Unread", totals["unread"], unread),
        ("Undetermined", totals["undetermined"], OUTCOME_MEANS[Outcome.UNDETERMINED]),
        ("No match", totals["no_match"], OUTCOME_MEANS[Outcome.NO_MATCH]),
        ("Match", totals["match"], OUTCOME_MEANS[Outcome.MATCH]),
        *(
            [("Virtual", totals["virtual"], "virtual machines: guests of hypervisors, no devices")]
            if totals["virtual"]
            else ()
        ),
        ("Waived", totals["waived"], "findings a person set aside; still listed"),
        *([("Seen again", again, "noted as removed, yet read or heard in this run")] if again else ()),
    ]


def tables(audit: Audit) -> Iterator[tuple[str, str]]:
    """Yield what the audit was judged with, and how old each table was that day."""
    yield "Rules", audit.tables.rules
    yield "OUI registry", "none" if audit.tables.oui is None else _aged(audit.tables.oui, audit.as_of)
    for name, day in audit.tables.policies:
        yield f"Policy {name}", _aged(day, audit.as_of)


def about(audit: Audit, options: Options) -> Iterator[tuple[str, str]]:
    """Yield where the audit comes from: run, dates, versions."""
    yield "Run", audit.run.id
    yield "Collected", moment(audit.run.started.isoformat())
    yield "Finished", moment(audit.finished.isoformat())
    yield "Judged as of", audit.as_of.isoformat()
    yield "Sites", ", ".join(sites(audit)) or "none named"
    yield "Made by", f"auditor {audit.tool}"
    if options.ledger:
        yield "Kept as", options.ledger
    if options.origin:
        yield "Journal from elsewhere", options.origin
    if options.redacted:
        yield "Shared copy", "serial numbers, addresses, names and sites are replaced, MAC addresses are cut"
    yield from tables(audit)


def sites(audit: Audit) -> list[str]:
    """Return every site the audit knows, sorted."""
    devices = (item.asset.site for item in audit.assets)
    return sorted({*devices, *(item.target.site for item in audit.unread), *audit.run.sites} - {""})


def moment(text: str) -> str:
    """Return an RFC 3339 time as people read it: `2026-11-21 05:00 UTC`."""
    return text[:16].replace("T", " ") + " UTC"


def _aged(day: date, today: date) -> str:
    age = (today - day).days
    return f"{day} ({counted(age, 'day')} old)" if age >= 0 else f"{day} (after the date judged for)"
