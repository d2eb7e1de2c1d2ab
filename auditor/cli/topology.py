"""`auditor topology`: who carries whom, what is cut off, and in which order devices can go."""

from pathlib import Path
from typing import Any

import click

from auditor.cli.common import REDACT, RULES, STORE, option, styles
from auditor.cli.deliver import redaction_key
from auditor.cli.terminal import emit, tell
from auditor.run.topology import HOPS, TopologyRequest, topology
from auditor.store.files import write


@click.command("topology", short_help="Show who carries whom, and what is cut off.")
@click.argument("run", default="last", metavar="[RUN|AUDIT.json]")
@option("--from", "start", default="", metavar="DEVICE", help="Show what is around this device only.")
@option("--hops", type=click.IntRange(min=0), default=HOPS, show_default=True, help="How many cables around it.")
@option(
    "--gateway", "gateways", multiple=True, metavar="DEVICE", help="The way out, if it is taken wrongly (repeatable)."
)
@styles("text", "json", "graphml", "dot", "drawio")
@option("-o", "--output", default="", metavar="FILE", help="Write there instead of stdout.")
@STORE
@RULES
@REDACT
def topology_command(output: str, redact: str, **words: Any) -> None:
    """Show who carries whom in RUN, what each device cuts off, and the order of removal.

    Covered devices are replaced from the gateways outwards and removed from the leaves inwards.
    """
    content = topology(TopologyRequest(redact=redaction_key(redact) if redact else b"", **words))
    if output:
        write(Path(output), content)
    elif words["style"] == "text":
        tell(content.decode(), nl=False)
    else:
        emit(content)
