"""Every other member of a stack is a unit of its own in each report and each count."""

import csv
import io
import json
from dataclasses import replace

import pytest

from auditor.formats.document import from_document, to_document
from auditor.report.explain import explain
from auditor.report.registry import FORMATS, render
from auditor.report.views import device_findings, section
from auditor.report.words import DISCLAIMER
from tests.tools.audits import audit, device_of, others, stack

MEMBER = "sw-hq-1, stack member Switch 2"
SERIAL = "2102350DLS10000002"
STACKED = replace(audit(), assets=(stack(), *others()))


def report(name: str) -> str:
    return render(STACKED, name).decode()


@pytest.mark.parametrize("name", ["text", "md", "html", "sarif", "replace-csv"])
def test_a_member_is_called_what_it_is(name: str) -> None:
    assert MEMBER in report(name)


def test_a_member_stands_among_the_covered_and_a_module_among_the_components() -> None:
    assert [(pair.finding.part, section(pair)) for pair in device_findings(STACKED)] == [
        ("", "covered"), ("2001", "covered"), ("part:1003", "components"), ("", "watched"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["csv", "replace-csv"])
def test_a_table_has_a_row_for_each_member_with_the_serial_number_of_its_own(name: str) -> None:
    rows = list(csv.DictReader(io.StringIO(report(name))))

    assert [(row["model"], row["serial"]) for row in rows[:2]] == [
        ("S5720-28X-SI-AC", "2102350DLS10000001"), ("S5720-52X-SI-AC", SERIAL),
    ]  # fmt: skip


def test_a_member_without_a_serial_number_does_not_borrow_that_of_the_stack() -> None:
    item = stack()
    bare = replace(item, parts=(replace(item.parts[0], serial=""),))
    _first, member = device_findings(replace(STACKED, assets=(bare,)))

    rows = list(csv.DictReader(io.StringIO(render(replace(STACKED, assets=(bare,)), "csv").decode())))

    assert (rows[1]["unit"], rows[1]["serial"]) == ("stack member Switch 2", "")
    assert "serial number" in rows[1]["missing"]
    assert member.finding.unit == "Switch 2"


def test_sarif_fails_on_a_member_and_reviews_a_module() -> None:
    results = json.loads(report("sarif"))["runs"][0]["results"]

    kinds = {result["partialFingerprints"]["finding/v1"]: result["kind"] for result in results}
    assert (kinds["f-0006"], kinds["f-0004"]) == ("fail", "review")


def test_a_note_says_that_a_member_is_to_be_replaced_by_itself() -> None:
    note = explain(device_of(STACKED, "f-0006"), STACKED)

    assert "Huawei, stack member Switch 2: confirmed" in note
    assert "a unit of its own" in note
    assert "does not name the maker of the device" not in note
    assert DISCLAIMER.split(".", maxsplit=1)[0] in " ".join(note.split())


def test_a_member_survives_the_document() -> None:
    assert device_of(from_document(to_document(STACKED)), "f-0006").parts == stack().parts


def test_a_stack_is_in_every_format() -> None:
    assert all(render(STACKED, name) for name in FORMATS)
