"""How a judged run is shown, the same for every command: reports, late waivers, exit code."""

from auditor.cli.common import CommonOptions
from auditor.cli.deliver import write_reports
from auditor.cli.terminal import warn
from auditor.run.conclude import Conclusion
from auditor.run.configuration import places


def report(conclusion: Conclusion, common: CommonOptions) -> int:
    """Write the reports asked for, to a file, a folder or stdout; return the exit code."""
    write_reports(conclusion.audit, conclusion.knowledge.names(), places(common.config), common)
    for waiver in conclusion.late:
        warn(f"auditor: the waiver of {waiver.finding} ended on {waiver.until}; it counts again")
    return conclusion.exit_code
