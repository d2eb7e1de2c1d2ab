"""`auditor demo`: the sample network, played on loopback, scanned and reported on."""

import itertools
import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from auditor import ownership
from auditor.cli.common import OWN_FOLDER, QUIET, CommonOptions, option
from auditor.cli.deliver import looks, write_reports
from auditor.cli.diff import event_lines
from auditor.cli.person import AtTerminal
from auditor.cli.terminal import program
from auditor.errors import UsageError
from auditor.lab import network as networks
from auditor.lab.samples import home
from auditor.model import Audit, Outcome
from auditor.run.compare import compare_runs
from auditor.run.conclude import Conclusion
from auditor.run.options import Judging
from auditor.run.request import ScanRequest
from auditor.run.scan import scan
from auditor.store.files import make_folder, write
from auditor.store.runs import Store

REPORTS = ("html", "xlsx", "json", "csv", "replace-csv", "replace-xlsx")


@click.command("demo", short_help="Play the sample network on loopback, scan it, report on it.")
@option("-o", "--output", type=OWN_FOLDER, default=Path("demo"), show_default=True, help="Where the reports go.")
@option("--network", default="demo", show_default=True, metavar="NAME", help="Which sample network to play.")
@QUIET
def demo_command(output: Path, network: str, quiet: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """Play the sample network on loopback, scan it, print the verdicts, write the reports.

    Contacts 127.0.0.0/8 only and needs no root. Exits 0 although it finds gear; a second demo shows what changed.
    """
    from auditor.lab.play import play

    plan = _network(network)
    make_folder(output)
    with TemporaryDirectory(prefix="auditor-demo-") as work:
        # Where somebody else could swap files between two steps of the demo, only finished reports are written.
        folder = output if ownership.is_safe(output) else Path(work)
        store = Store(folder / "auditor.db")
        person = AtTerminal(quiet=quiet, progress=not quiet)
        with play(plan, home(), Path(work, "lab")) as lab:
            write(folder / "known_hosts", lab.known_hosts.read_bytes())
            person.say(f"playing {len(lab.endpoints)} devices on loopback")
            judging = Judging(store=store.name, waivers=os.devnull, fail_on="never", config=str(lab.config))
            request = ScanRequest(targets=tuple(lab.targets), rate=5000, deadline=90)
            _report(scan(request, judging, person), store, output, person)
        _compare(store, person)
        if folder != output:
            person.say(f"others could change {output}, so it holds reports only, and the run itself is not kept")


def _network(name: str) -> networks.Network:
    path = home() / "networks" / f"{name}.toml"
    if not path.is_file():
        names = ", ".join(sorted(file.stem for file in path.parent.glob("*.toml")))
        raise UsageError(f"no sample network '{name}'; known: {names}", where="--network")
    return networks.load(path)


def _report(conclusion: Conclusion, store: Store, output: Path, person: AtTerminal) -> None:
    """Print the verdicts and write every report into the folder."""
    for common in (CommonOptions(), CommonOptions(format=REPORTS, output=str(output), quiet=person.quiet)):
        write_reports(conclusion.audit, looks(conclusion.look, {}), common)
    page = next(output.glob(f"*{conclusion.audit.run.id}.html"), None)
    if page is not None:
        person.say(f"open {page} in a browser")
    if ownership.is_safe(output):
        for words in _next_commands(conclusion.audit):
            person.say(f"next: {shlex.join([*program(), *words, '--store', store.name])}")


def _next_commands(audit: Audit) -> Iterator[tuple[str, ...]]:
    """Yield commands that show more of what was found."""
    numbers = (item.device for item in audit.assets if item.outcome is Outcome.MATCH)
    yield from (("explain", number) for number in itertools.islice(numbers, 1))
    yield ("topology",)
    yield ("assets",)


def _compare(store: Store, person: AtTerminal) -> None:
    """Say what changed since the demo before, if there was one."""
    runs = store.runs()
    if len(runs) > 1:
        events = [event for site in compare_runs("", "", store.name) for event in site.events]
        for line in event_lines(events):
            person.say(line)
        person.say(f"since run {runs[-2].id}: {len(events) or 'nothing'} changed")
