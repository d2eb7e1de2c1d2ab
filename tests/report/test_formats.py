"""What every report has to pass, whatever its format; the registry says which there are."""

import json
import subprocess
import sys

import pytest

from auditor.errors import UsageError
from auditor.formats.document import from_document
from auditor.report.base import Options
from auditor.report.registry import FORMATS, render
from tests.tools.audits import audit
from tests.tools.golden_reports import OPTIONS, golden

TEXTUAL = [name for name, kind in FORMATS.items() if not kind.binary]


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_audit_gives_the_same_bytes(name: str) -> None:
    assert render(audit(), name, OPTIONS) == render(audit(), name, OPTIONS)


@pytest.mark.parametrize("name", TEXTUAL)
def test_the_report_is_the_golden_one(name: str) -> None:
    """A wanted change of a report is written down with `python -m tests.tools.golden_reports`."""
    assert render(audit(), name, OPTIONS).decode() == golden(name).read_bytes().decode()


def test_an_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="known are text, json"):
        render(audit(), "docx", Options())


def test_naming_the_formats_loads_nothing_heavy() -> None:
    code = (
        "import sys, auditor.report;"
        "print([name for name in ('pandas', 'jinja2', 'xlsxwriter', 'rich', 'typst') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


LATER = {
    "due",
    "jurisdiction",
    "bound",
    "needs",
    "evidence_class",
    "context",
    "unit",
    "powered",
    "scope",
    "addresses",
} | {"alone", "mac_only"}


def aged(value: object) -> object:
    """Return a document as it was before keys were added to schema 1."""
    if isinstance(value, dict):
        return {key: aged(one) for key, one in value.items() if key not in LATER}
    return [aged(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", FORMATS)
def test_a_run_stored_before_keys_were_added_still_makes_every_report(name: str) -> None:
    document = aged(json.loads(golden("json").read_bytes()))

    assert "jurisdiction" not in json.dumps(document)
    assert render(from_document(document), name, OPTIONS)
