"""`auditor import`: judge what other programs or people recorded, without a network."""

import click

from auditor.cli.common import CommonOptions, judging, option
from auditor.cli.deliver import report
from auditor.imports.registry import FORMATS
from auditor.run.files import AUTO, import_files


@click.command("import", short_help="Read what others recorded.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…", type=click.Path())
@option(
    "--type",
    "sort",
    type=click.Choice([AUTO, *FORMATS]),
    default=AUTO,
    show_default=True,
    help="What the files are.",
)
@option(
    "--labels",
    default="",
    metavar="FILE",
    help="Only look MACs up, millions a second: write registrant, maker, tier and kind of each line as CSV"
    " (`-`: stdout).",
)
@judging
@click.pass_context
def import_command(
    ctx: click.Context, /, paths: tuple[str, ...], sort: str, labels: str, common: CommonOptions
) -> None:
    """Read recordings, exports and tables, walking folders; judge them, keep the run, report."""
    if labels:
        from auditor.cli.labels import write_labels

        ctx.exit(write_labels(paths, sort, labels, common))
    ctx.exit(report(import_files(paths, sort, common, common.person), common))
