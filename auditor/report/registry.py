"""Which reports there are. Adding one means a module, one line here and a golden file."""

from collections.abc import Iterable
from dataclasses import replace

from auditor.errors import UsageError
from auditor.model import Audit
from auditor.report.base import Format, Options
from auditor.report.cyclonedx import as_cyclonedx
from auditor.report.documents import as_json, as_jsonl, pieces_of_json
from auditor.report.frames import as_counts_csv
from auditor.report.inventories import as_ansible, as_netbox, as_netbox_items, as_netbox_zip, as_nornir, as_snipe_it
from auditor.report.lens import narrow
from auditor.report.markdown import as_markdown
from auditor.report.page import as_html
from auditor.report.pdf import as_pdf
from auditor.report.prometheus import as_prometheus
from auditor.report.sarif import as_sarif
from auditor.report.sheets import as_csv, as_replace_csv
from auditor.report.text import as_text
from auditor.report.workbook import as_replace_xlsx, as_xlsx

FORMATS: dict[str, Format] = {
    "text": Format(says="a table for the terminal", suffix="txt", render=as_text),
    "json": Format(
        says="the audit document, schema 1", suffix="json", render=as_json, whole=True, pieces=pieces_of_json
    ),
    "jsonl": Format(says="the audit document, one object a line", suffix="jsonl", render=as_jsonl, whole=True),
    "csv": Format(says="one line per finding, and per device nobody can tell of yet", suffix="csv", render=as_csv),
    "html": Format(says="one page to read, filter and print", suffix="html", render=as_html),
    "xlsx": Format(says="a workbook of everything", suffix="xlsx", render=as_xlsx, binary=True),
    "replace-csv": Format(says="the rip-and-replace list", suffix="csv", render=as_replace_csv),
    "replace-xlsx": Format(
        says="the rip-and-replace list as a workbook", suffix="xlsx", render=as_replace_xlsx, binary=True
    ),
    "counts-csv": Format(says="findings counted by site, maker and model", suffix="csv", render=as_counts_csv),
    "md": Format(says="Markdown for a ticket or a wiki", suffix="md", render=as_markdown),
    "pdf": Format(says="the report on paper (extra: pdf)", suffix="pdf", render=as_pdf, binary=True),
    "sarif": Format(says="SARIF 2.1.0", suffix="sarif", render=as_sarif, whole=True),
    "cyclonedx": Format(
        says="CycloneDX 1.6, every device a component", suffix="cdx.json", render=as_cyclonedx, whole=True
    ),
    "netbox": Format(says="CSV for NetBox's import of devices", suffix="csv", render=as_netbox),
    "netbox-items": Format(says="CSV for NetBox's import of inventory items", suffix="csv", render=as_netbox_items),
    "netbox-zip": Format(
        says="every CSV an empty NetBox needs, in import order", suffix="zip", render=as_netbox_zip, binary=True
    ),
    "ansible": Format(says="an inventory for Ansible", suffix="yaml", render=as_ansible),
    "nornir": Format(says="hosts.yaml for nornir", suffix="yaml", render=as_nornir),
    "snipe-it": Format(says="CSV for Snipe-IT's import of assets", suffix="csv", render=as_snipe_it),
    "prometheus": Format(says="counts for node_exporter's textfile collector", suffix="prom", render=as_prometheus),
}


def render(audit: Audit, name: str, options: Options | None = None) -> bytes:
    """Return one report; an unknown name is a `UsageError` that lists the known ones."""
    kind, options = _format(name), options or Options()
    if not isinstance(audit.assets, tuple):
        # Most reports go through the assets many times.
        audit = replace(audit, assets=tuple(audit.assets))
    return kind.render(*((audit, options) if kind.whole else narrow(audit, options)))


def render_pieces(audit: Audit, name: str, options: Options) -> Iterable[bytes]:
    """Return what `render` does in pieces; most reports are one."""
    pieces = _format(name).pieces
    return [render(audit, name, options)] if pieces is None else pieces(audit)


def _format(name: str) -> Format:
    kind = FORMATS.get(name)
    if kind is None:
        raise UsageError(f"unknown report format {name!r}; known are {', '.join(FORMATS)}", where="format")
    return kind
