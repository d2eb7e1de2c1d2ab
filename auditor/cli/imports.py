"""`auditor import`: judge what other programs or people recorded, without a network."""

from collections.abc import Sequence
from pathlib import Path

import click

from auditor.cli.common import CommonOptions, judging, option
from auditor.cli.deliver import report
from auditor.cli.terminal import stream
from auditor.imports.registry import FORMATS
from auditor.run.attend import attend
from auditor.run.conclude import Conclusion
from auditor.run.files import AUTO, import_files
from auditor.store.files import whole_file


@click.command("import", short_help="Read what others recorded.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…", type=click.Path())
@option(
    "--type", "sort", type=click.Choice([AUTO, *FORMATS]), default=AUTO, show_default=True, help="What the files are."
)
@option(
    "--labels",
    default="",
    metavar="FILE",
    help="Only look MACs up, millions a second: write registrant, maker, tier and kind of each line as CSV"
    " (`-`: stdout).",
)
@option("--ping", "url", default="", metavar="URL", help="Tell a monitor of jobs of start and end (healthchecks.io).")
@judging
@click.pass_context
def import_command(ctx: click.Context, /, paths: tuple[str, ...], common: CommonOptions, **words: str) -> None:
    """Read recordings, exports and tables, walking folders; judge them, keep the run, report."""
    sort, target = words["sort"], words["labels"]
    if target:
        ctx.exit(_write_labels(paths, sort, target, common))
    ctx.exit(attend(lambda: _import(paths, sort, common), words["url"], common, common.person))


def _import(paths: Sequence[str], sort: str, common: CommonOptions) -> tuple[int, Conclusion]:
    conclusion = import_files(paths, sort, common, common.person)
    return report(conclusion, common), conclusion


def _write_labels(paths: Sequence[str], sort: str, target: str, common: CommonOptions) -> int:
    """Write a row for each line of the files; return the exit code: 3 where no line held a MAC."""
    from auditor.run.labels import label

    with stream() if target == "-" else whole_file(Path(target), 0o600) as out:
        labels = label(paths, sort, out, common.rules, common.person)
    common.person.say(f"{labels.lines} lines: {labels.counts()}")
    return 0 if labels.lines > labels.without_mac else 3
