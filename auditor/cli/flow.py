"""How a judged run is told: reports, waivers that have ended, the exit code; the same for every command."""

from collections.abc import Iterable
from pathlib import Path

from auditor.cli.common import Shared
from auditor.cli.deliver import Delivery, write_reports
from auditor.cli.terminal import warn
from auditor.model import Record, Run
from auditor.run.conclude import Conclusion
from auditor.run.conclude import conclude as judged
from auditor.run.configuration import places


def conclude(
    records: Iterable[Record], shared: Shared, run: Run, journal_file: Path | None, *, keep: bool = True
) -> int:
    """Judge records, keep the run, write the reports asked for, and return the exit code."""
    return report(judged(records, run, shared.judging, journal_file, keep=keep), shared)


def report(conclusion: Conclusion, shared: Shared) -> int:
    """Write the reports asked for, to a file, a folder or stdout; return the exit code."""
    delivery = Delivery(
        formats=shared.format or ("text",),
        output=shared.output,
        redact=shared.redact,
        places=places(shared.config),
        say=shared.say,
    )
    write_reports(conclusion.audit, conclusion.knowledge.names(), delivery)
    for waiver in conclusion.late:
        warn(f"auditor: the waiver of {waiver.finding} ended on {waiver.until}; it counts again")
    return conclusion.exit_code
