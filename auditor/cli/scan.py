"""`auditor scan`: read devices now, within the scope, and keep everything that was read."""

import click

from auditor.cli import plan
from auditor.cli.common import CommonOptions, judging, takes
from auditor.cli.deliver import report
from auditor.cli.terminal import tell_line
from auditor.run.attend import attend
from auditor.run.conclude import Conclusion
from auditor.run.configuration import configuration
from auditor.run.request import ScanRequest
from auditor.run.scan import prepare, scan
from auditor.targets.scope import MANY


@click.command("scan", short_help="Read devices now.")
@click.argument("targets", nargs=-1, metavar="[TARGET]…")
@takes(ScanRequest, "request")
@judging
@click.pass_context
def scan_command(ctx: click.Context, /, request: ScanRequest, common: CommonOptions) -> None:
    """Read devices now: TARGET is a subnet, a range (10.0.0.1-50), a host or an address.

    Without one, the sites of auditor.toml are read.

    Only private addresses are contacted unless an allow-list and --public say otherwise. Nothing is ever written to a
    device.
    """
    if request.dry_run:
        _show(request, common)
    else:
        ctx.exit(attend(lambda: _scan(request, common), request.ping, common, common.person))


def _scan(request: ScanRequest, common: CommonOptions) -> tuple[int, Conclusion]:
    conclusion = scan(request, common, common.person)
    code = report(conclusion, common)
    if not configuration(common.config).devices:
        common.person.say(plan.without_login(conclusion.audit))
    return code, conclusion


def _show(request: ScanRequest, common: CommonOptions) -> None:
    """Print what would be contacted, how often at most, and with which credentials by name."""
    scan_plan = prepare(request, common, common.person)
    budget = scan_plan.budget()
    for span in scan_plan.spans():
        tell_line(plan.row(span))
    for line in plan.following(request):
        common.person.say(line)
    common.person.say(f"{plan.addresses(budget.addresses)}; {plan.cost(budget)}; nothing was contacted")
    for line in plan.hints(budget):
        common.person.say(line)
    if scan_plan.selection.needs_confirmation and not request.yes:
        common.person.say(f"more than {MANY:,} addresses: the scan itself will want --yes")
