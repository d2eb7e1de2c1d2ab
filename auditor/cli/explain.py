"""`auditor explain`: the whole case for and against one asset."""

import click

from auditor.cli.common import STORE, styles
from auditor.cli.terminal import emit, tell
from auditor.run.assets import explanations


@click.command("explain", short_help="Show every fact and rule behind one verdict.")
@click.argument("asset")
@click.argument("run", default="last")
@styles("text", "markdown", "json")
@STORE
def explain_command(asset: str, run: str, style: str, store: str) -> None:
    """Show every fact of ASSET, the rules that fired, what speaks against, what laws ask.

    ASSET is an address, a MAC, a serial, a name, a finding's id, or the key that `auditor assets` prints.
    """
    text = "\n\n".join(explanations(asset, run, store, style))
    if style == "json":
        emit(text, nl=True)
    else:
        tell(text)
