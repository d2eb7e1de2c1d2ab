"""What is written stands in the published schemas, key by key, and fills them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from auditor.cli import main

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "docs" / "schemas"


def closed(schema: object) -> object:
    """Return a schema that takes no key it does not describe: we write no others."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(value) for key, value in schema.items()}
    if inner.get("type") == "object" and "properties" in inner:
        inner.setdefault("additionalProperties", False)
    return inner


def validator(name: str) -> "Draft202012Validator":
    # Its formats take two seconds to import, which no worker need spend that runs other tests.
    from jsonschema import Draft202012Validator, FormatChecker

    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(closed(schema), format_checker=FormatChecker())


def described(schema: object) -> Iterator[str]:
    """Yield every key a schema describes."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
    for item in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from described(item)


def keys(value: object) -> Iterator[str]:
    """Yield every key of a document."""
    if isinstance(value, dict):
        yield from value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from keys(item)


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> tuple[list[dict], dict]:
    """Judge every sample at once; return the lines of its journal and its audit document."""
    folder = tmp_path_factory.mktemp("schemas")
    words = [
        "import",
        str(ROOT / "samples"),
        "--store",
        "none",
        "--journal",
        str(folder / "j.jsonl"),
        "-f",
        "json",
        "-q",
    ]
    result = CliRunner().invoke(main, words)
    assert result.exit_code in {1, 3}, result.output
    lines = (folder / "j.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines], json.loads(result.stdout)


def test_every_line_of_a_journal_stands_in_its_schema(written):
    check = validator("journal")

    assert [error.message for line in written[0] for error in check.iter_errors(line)][:3] == []


def test_an_audit_stands_in_its_schema_and_fills_it(written):
    check = validator("audit")

    assert [f"{list(error.path)}: {error.message}" for error in check.iter_errors(written[1])][:3] == []
    schema = json.loads((SCHEMAS / "audit.schema.json").read_text(encoding="utf-8"))
    # A key that is described and never written would be a promise nobody keeps; samples hold nothing of a store.
    assert set(described(schema)) - set(keys(written[1])) <= {"finding", "who", "authority", "removal"}


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("journal", {"type": "unread", "target": {"address": "a"}, "collector": "snmp", "at": "x", "reason": "bored"}),
        ("journal", {"type": "observation", "target": {}, "collector": "snmp", "at": "x", "facts": []}),
        ("audit", {"schema": 2}),
    ],
)
def test_a_wrong_document_is_refused(name, document):
    assert not validator(name).is_valid(document)
