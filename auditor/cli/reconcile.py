"""`auditor reconcile`: inventories beside what scans saw."""

from pathlib import Path
from typing import Any

import click

from auditor.cli.common import QUIET, STORE, option, styles
from auditor.cli.person import AtTerminal
from auditor.cli.terminal import emit, is_terminal, tell
from auditor.errors import UsageError
from auditor.run.reconcile import FORMATS, reconcile
from auditor.store.files import write


@click.command("reconcile", short_help="Compare inventories with what scans saw.")
@click.argument("books", nargs=-1, required=True, metavar="BOOKS…", type=click.Path())
@option("--site", default="", metavar="NAME", help="The site of rows that name none.")
@styles(*FORMATS)
@option("-o", "--output", default="", metavar="FILE", help="Write there instead of stdout.")
@STORE
@QUIET
@click.pass_context
def reconcile_command(ctx: click.Context, /, books: tuple[str, ...], style: str, output: str, **words: Any) -> None:
    """Say what is on the BOOKS and was never seen, what was seen and is on no books, and both.

    BOOKS are whatever `auditor import` reads: CSV, workbooks, NetBox … Exits 3 where something on them was never seen.
    """
    lines, is_whole = reconcile(books, words["store"], AtTerminal(quiet=words["quiet"]), site=words["site"])
    content = FORMATS[style](lines)
    if output:
        write(Path(output), content)
    elif style == "text":
        tell(content.decode(), nl=False)
    elif style == "xlsx" and is_terminal():
        raise UsageError("xlsx is no text for a terminal; add --output FILE", where="--format")
    else:
        emit(content)
    ctx.exit(0 if is_whole else 3)
