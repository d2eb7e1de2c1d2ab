"""Labels and numbers that resemble a covered maker's make no finding probable.

`other_labels.tsv` says of each whose it is and where that can be looked up; `constructed` shows how wide an expression
may not be.
"""

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from auditor.model import AuditedAsset, Fact, Observation, Target, Tier, Verdict
from auditor.pipeline import learn
from tests.tools.judging import judge_one
from tests.tools.merging import merge

TABLE = Path(__file__).parent / "other_labels.tsv"
AT = datetime(2026, 11, 30, 5, 0, tzinfo=UTC)
Ask = Callable[..., AuditedAsset]


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@pytest.fixture(scope="module")
def ask() -> Ask:
    known = learn()

    def judged(*said: tuple[str, str]) -> AuditedAsset:
        facts = tuple(Fact(kind=kind, value=value, where="row 2") for kind, value in said)
        seen = Observation(target=Target(address="192.0.2.7"), collector="inventory", at=AT, facts=facts)
        (asset,) = merge([seen], known.identifies)
        return judge_one(asset, known, date(2026, 11, 30))

    return judged


def accused(audited: AuditedAsset, least: Verdict) -> set[str]:
    return {one.maker for one in audited.findings if one.tier is Tier.COVERED and one.verdict >= least}


def test_the_table_is_whole() -> None:
    table = rows()

    assert len(table) >= 80
    assert [row for row in table if not all(row.values())] == []
    assert len({(row["kind"], row["value"]) for row in table}) == len(table)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["value"])
def test_what_is_somebody_elses_is_never_probable(ask: Ask, row: dict[str, str]) -> None:
    assert accused(ask((row["kind"], row["value"])), Verdict.PROBABLE) == set()


@pytest.mark.parametrize(
    "row", [row for row in rows() if row["kind"] == "inventory.item"], ids=lambda row: row["value"]
)
def test_nor_is_it_when_the_device_answers_with_its_label_and_number(ask: Ask, row: dict[str, str]) -> None:
    label, _, number = row["value"].rpartition(" ")
    reply = f"<tds:Manufacturer>{label}</tds:Manufacturer><tds:Model>{number}</tds:Model>"

    assert accused(ask(("onvif.deviceinformation", reply)), Verdict.PROBABLE) == set()


@pytest.mark.parametrize(
    "row", [row for row in rows() if row["kind"] == "inventory.vendor"], ids=lambda row: row["value"]
)
def test_a_label_of_several_makers_alone_is_not_even_possible(ask: Ask, row: dict[str, str]) -> None:
    assert accused(ask((row["kind"], row["value"])), Verdict.POSSIBLE) == set()
