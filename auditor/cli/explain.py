"""`auditor explain`: the whole case for and against one asset, as an expert would write it down."""

import click

from auditor.cli.common import STORE, option
from auditor.cli.report import stored_audit
from auditor.cli.terminal import emit, tell
from auditor.errors import UsageError
from auditor.model import Audit, AuditedAsset
from auditor.normal import mac


@click.command("explain", short_help="Show every fact and rule behind one verdict.")
@click.argument("asset")
@click.argument("run", default="last")
@option(
    "-f",
    "--format",
    "style",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="How to print it.",
)
@STORE
def explain_command(asset: str, run: str, style: str, store: str) -> None:
    """Show what was seen of ASSET and where, which rules fired and why, what speaks against, and what each law asks.

    ASSET is an address, a MAC, a serial, a name, a finding's id, or the key that `auditor assets` prints.
    """
    from auditor.cli.knowledge import knowledge
    from auditor.report.base import Options
    from auditor.report.explain import explain

    audit = stored_audit(run, store)
    options = Options(names=knowledge().names())
    texts = [explain(found, audit, style, options) for found in find(audit, asset)]
    if style == "json":
        emit("\n\n".join(texts), nl=True)
    else:
        tell("\n\n".join(texts))


def find(audit: Audit, wanted: str) -> list[AuditedAsset]:
    """Return the assets a person means; one address may stand for a device at each of several sites."""
    found = [
        item for item in audit.assets if wanted in _names(item) or (mac(wanted) and mac(wanted) in item.asset.macs)
    ]
    if not found:
        raise UsageError(_unknown(audit, wanted), where="ASSET")
    return found


def _unknown(audit: Audit, wanted: str) -> str:
    """Return that a run knows no such asset, or why what was tried there was not read: an address that failed is not unknown."""
    failed = [f"{one.collector} {one.reason.value}" for one in audit.unread if one.target.address == wanted]
    if failed:
        return f"'{wanted}' is unread in run {audit.run.id}, and nobody spoke of it: {', '.join(dict.fromkeys(failed))}"
    return f"no asset '{wanted}' in run {audit.run.id}; 'auditor assets' lists them"


def _names(item: AuditedAsset) -> set[str]:
    asset = item.asset
    findings = {name for finding in (*item.findings, *item.parts) for name in (finding.id, finding.serial)}
    return {asset.key, asset.name, asset.serial, asset.address, *asset.addresses, *findings} - {""}
