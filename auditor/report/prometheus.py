"""Counts for node_exporter's textfile collector (Prometheus text format 0.0.4)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime

from auditor.formats.document import unread_devices
from auditor.model import Audit, Outcome, Seen
from auditor.normal import one_line
from auditor.report.base import Options

Sample = tuple[Mapping[str, str], float]


def as_prometheus(audit: Audit, options: Options) -> bytes:
    """Return gauges: devices, findings, unread by reason, events, last success, ages of tables."""
    return ("\n".join((*_lines(audit), *_events(options.events))) + "\n").encode()


def _lines(audit: Audit) -> Iterator[str]:
    outcomes = Counter(item.outcome for item in audit.assets)
    yield from gauge("devices", "Devices by outcome.", (({"outcome": word.value}, outcomes[word]) for word in Outcome))
    readings = Counter(item.asset.seen for item in audit.assets)
    yield from gauge(
        "devices_seen", "Devices by how they were seen.", (({"seen": word.value}, readings[word]) for word in Seen)
    )
    failures = Counter((item.target.site, item.reason.value) for item in audit.unread)
    yield from gauge(
        "unread", "Failures to read by site and reason.",
        (({"site": site, "reason": reason}, number) for (site, reason), number in sorted(failures.items())),
    )  # fmt: skip
    unread = len(unread_devices(audit))
    yield from gauge("unread_devices", "Devices of which something could not be read.", [({}, unread)])
    yield from gauge("findings", "Findings by site, maker, tier, verdict and waiver.", _findings(audit))
    again = sum(bool(item.removal) for item in audit.assets)
    yield from gauge("removed_devices_seen", "Devices noted as removed, yet read or heard of.", [({}, again)])
    yield from gauge("run_finished_timestamp_seconds", "When the run ended.", [({}, audit.finished.timestamp())])
    success = outcomes.total() > outcomes[Outcome.UNREAD]
    yield from gauge(
        "last_success_timestamp_seconds", "When the run ended, where it examined any device at all.",
        [({}, audit.finished.timestamp())] if success else [],
    )  # fmt: skip
    days = [*audit.tables.policies, *([("oui", audit.tables.oui)] if audit.tables.oui else [])]
    yield from gauge(
        "table_timestamp_seconds", "Dates of the tables the run was judged with.",
        (({"table": name}, _midnight(day)) for name, day in sorted(days)),
    )  # fmt: skip


def _events(counts: Mapping[tuple[str, str], int] | None) -> Iterator[str]:
    """Yield devices by event since the run before; nothing where no store knows that run."""
    if counts is not None:
        samples = (({"site": site, "event": event}, number) for (site, event), number in sorted(counts.items()))
        yield from gauge("device_events", "Devices by what came to them since the run before.", samples)


def _findings(audit: Audit) -> Iterator[Sample]:
    counts: Counter[tuple[str, ...]] = Counter()
    for item in audit.assets:
        for one in item.findings:
            waived = "false" if one.waiver is None else "true"
            counts[item.asset.site, one.maker, one.tier.value, one.verdict.word, waived] += 1
    for key, number in sorted(counts.items()):
        yield dict(zip(("site", "maker", "tier", "verdict", "waived"), key, strict=True)), number


def _midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()


def gauge(name: str, says: str, samples: Iterable[Sample]) -> Iterator[str]:
    """Yield the lines of one gauge, its labels escaped."""
    yield f"# HELP auditor_{name} {says}"
    yield f"# TYPE auditor_{name} gauge"
    for labels, value in samples:
        inner = ",".join(f'{label}="{_escape(text)}"' for label, text in labels.items())
        yield f"auditor_{name}{{{inner}}} {value:.15g}" if inner else f"auditor_{name} {value:.15g}"


def _escape(text: str) -> str:
    return one_line(text, 200).replace("\\", "\\\\").replace('"', '\\"')
