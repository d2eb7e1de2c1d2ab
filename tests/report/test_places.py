"""A port that is not sure is printed with its doubt in every format, names hidden."""

import csv
import io
from dataclasses import replace

import openpyxl
import pytest

from auditor.model import Audit, Confidence, Place
from auditor.report.base import Options
from auditor.report.explain import explain
from auditor.report.redact import redact
from auditor.report.registry import FORMATS, render
from auditor.report.views import place, port
from tests.tools.audits import EDGE, audit, camera

DOUBT = "(medium: behind SEP1)"
CONFLICT = "gate (192.0.2.9) shows the serial number 2102350DLS10000001 as well; it makes no box of two."
BECAUSE = "sw-hq-1 learned its MAC on GE0/0/7, with 1 other MAC on that port; SEP1 announces itself there."
UNSURE = replace(EDGE, confidence=Confidence.MEDIUM, behind="behind SEP1", because=BECAUSE)
# Numbers alone stand in two, plain fields in three, and what can be logged in to in the last two.
WITHOUT = {"prometheus", "counts-csv", "json", "jsonl", "netbox-items", "ansible", "nornir"}


def with_place(where: Place) -> Audit:
    item = camera()
    unsure = replace(item, asset=replace(item.asset, place=where, conflicts=(CONFLICT,)))
    return replace(audit(), assets=tuple(unsure if one.asset.key == item.asset.key else one for one in audit().assets))


def text_of(name: str, made: Audit) -> str:
    return " ".join(render(made, name, Options(width=400)).decode().split())


@pytest.mark.parametrize("name", [name for name, kind in FORMATS.items() if not kind.binary and name not in WITHOUT])
def test_every_format_prints_the_doubt_beside_the_port(name):
    assert DOUBT in text_of(name, with_place(UNSURE))
    assert "(high" not in text_of(name, with_place(EDGE))


def test_a_document_has_place_confidence_and_words_in_fields():
    text = text_of("json", with_place(UNSURE))

    assert '"behind":"behind SEP1"' in text
    assert '"confidence":"medium"' in text
    assert CONFLICT in text


@pytest.mark.parametrize(
    ("where", "words"),
    [
        (EDGE, "sw-hq-1 GE0/0/7 VLAN 20"),
        (UNSURE, f"sw-hq-1 GE0/0/7 VLAN 20 {DOUBT}"),
        (replace(UNSURE, behind=""), f"sw-hq-1 GE0/0/7 VLAN 20 (medium: {BECAUSE})"),
        (Place(switch="a", port="b", confidence=Confidence.LOW), "a b (low)"),
    ],
)
def test_a_port_is_flat_only_where_it_is_sure(where, words):
    asset = replace(camera().asset, place=where)

    assert place(asset) == words
    assert port(asset) in words.replace(" VLAN 20", "")


@pytest.mark.parametrize(("name", "more"), [("csv", ["kind", "remarks", "vendor", "role"]), ("replace-csv", [])])
def test_tables_end_in_confidence_words_and_conflicts(name, more):
    rows = list(csv.DictReader(io.StringIO(render(with_place(UNSURE), name, Options()).decode())))

    (row,) = [row for row in rows if row["maker"].casefold() == "dahua"]
    last = ["place_confidence", "place_words", "conflicts", *more, "said_by"]
    assert list(row)[-len(last) :] == last
    assert (row["port"], row["place_confidence"]) == (f"GE0/0/7 {DOUBT}", "medium")
    assert (row["place_words"], row["conflicts"]) == (BECAUSE, CONFLICT)


@pytest.mark.parametrize(("name", "sheet"), [("xlsx", "Findings"), ("xlsx", "Assets"), ("replace-xlsx", "Replace")])
def test_workbooks_print_the_doubt_as_well(name, sheet):
    book = openpyxl.load_workbook(io.BytesIO(render(with_place(UNSURE), name, Options())))

    cells = {cell for row in book[sheet].iter_rows(values_only=True) for cell in row}
    assert {f"GE0/0/7 {DOUBT}", BECAUSE, CONFLICT} <= cells


def test_the_note_on_a_device_names_what_others_show_as_well():
    made = with_place(UNSURE)
    (item,) = [item for item in made.assets if item.asset.conflicts]

    note = " ".join(explain(item, made).split())

    assert f"Plugged in at sw-hq-1 GE0/0/7 VLAN 20 {DOUBT}." in note
    assert CONFLICT in note


def test_a_shared_copy_names_nobody_in_a_place_or_a_conflict():
    where = replace(UNSURE, behind="unmanaged switch or recorder on sw-hq-1 GE0/0/7, 3 devices")
    made = with_place(where)
    engine = "rt-1 (192.0.2.10) shows the engine ID 800007db0300e0fc000001 as well, with other MACs."
    made = replace(
        made,
        assets=tuple(
            replace(one, asset=replace(one.asset, conflicts=(*one.asset.conflicts, engine))) for one in made.assets
        ),
    )

    shared = text_of("json", redact(made, b"a key of this test")).replace('"gateways"', "")

    assert "3 devices" in shared
    for secret in ("sw-hq-1", "2102350DLS10000001", "192.0.2.9", "gate", "rt-1", "800007db", "00e0fc000001"):
        assert secret not in shared
