"""Which reports there are. Adding one means a module, one line here and a golden file."""

from auditor.errors import UsageError
from auditor.model import Audit
from auditor.report.base import Format, Options
from auditor.report.documents import as_json, as_jsonl
from auditor.report.page import as_html
from auditor.report.sheets import as_csv, as_replace_csv
from auditor.report.text import as_text
from auditor.report.workbook import as_replace_xlsx, as_xlsx

FORMATS: dict[str, Format] = {
    "text": Format(says="a table for the terminal", suffix="txt", render=as_text),
    "json": Format(says="the audit document, schema 1", suffix="json", render=as_json),
    "jsonl": Format(says="the audit document, one object a line", suffix="jsonl", render=as_jsonl),
    "csv": Format(says="one line per finding", suffix="csv", render=as_csv),
    "html": Format(says="one page to read, filter and print", suffix="html", render=as_html),
    "xlsx": Format(says="a workbook of everything", suffix="xlsx", render=as_xlsx, binary=True),
    "replace-csv": Format(says="the rip-and-replace list", suffix="csv", render=as_replace_csv),
    "replace-xlsx": Format(
        says="the rip-and-replace list as a workbook", suffix="xlsx", render=as_replace_xlsx, binary=True
    ),
}


def render(audit: Audit, name: str, options: Options | None = None) -> bytes:
    """Return one report; an unknown name is a `UsageError` that lists the known ones."""
    kind = FORMATS.get(name)
    if kind is None:
        raise UsageError(f"unknown report format {name!r}; known are {', '.join(FORMATS)}", where="format")
    return kind.render(audit, options or Options())
