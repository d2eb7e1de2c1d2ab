"""Cameras and recorders that neither Hikvision nor Dahua built accuse nobody.

`other_cameras.tsv` holds what such units are called and answer, whose they are and where that stands. A model is said
in every way a model can be said; anything else as the kind of fact it is.
"""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from auditor.model import AuditedAsset, CollectedAsset, Fact, Seen, Tier
from auditor.pipeline import learn
from tests.tools.judging import judge_one

TODAY = date(2026, 11, 30)
ROWS = Path(__file__).parent / "other_cameras.tsv"


@pytest.fixture(scope="module")
def ask():
    """Return a function that judges a device which said only the facts given."""
    known = learn()

    def judged(*facts: Fact) -> AuditedAsset:
        return judge_one(CollectedAsset(key="hq/1", site="hq", seen=Seen.READ, facts=facts), known, TODAY)

    return judged


def rows() -> list[dict[str, str]]:
    with ROWS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def ways(kind: str, value: str, whose: str) -> Iterator[tuple[Fact, ...]]:
    """Yield every way in which a row can be said."""
    text = value.replace("\\r", "\r").replace("\\n", "\n")
    if kind != "model":
        yield (Fact(kind=kind, value=text),)
        return
    name, joined = whose, text.replace(" ", "%20")
    vendor, model = Fact(kind="inventory.vendor", value=name), Fact(kind="inventory.model", value=text)
    yield (model,)
    yield vendor, model
    yield Fact(kind="entity.mfg", value=name), Fact(kind="entity.model", value=text)
    for said, words in (
        ("inventory.item", f"{name} {text}"),
        ("inventory.description", f"{name} {text}"),
        ("inventory.description", f"recorder {text} on the second floor"),
        ("snmp.sysdescr", f"{name} {text}"),
        ("snmp.sysdescr", text),
        ("http.title", text),
        ("http.title", f"{name} {text} - Login"),
        ("http.auth", f'Digest realm="{text}", qop="auth"'),
        ("onvif.deviceinformation", f"<tds:Manufacturer>{name}</tds:Manufacturer><tds:Model>{text}</tds:Model>"),
        (
            "onvif.scopes",
            f"onvif://www.onvif.org/name/{name.replace(' ', '%20')}\nonvif://www.onvif.org/hardware/{joined}",
        ),
        ("upnp.description", f"<manufacturer>{name}</manufacturer><modelName>{text}</modelName>"),
        ("isapi.deviceinfo", f"<DeviceInfo><manufacturer>{name}</manufacturer><model>{text}</model></DeviceInfo>"),
    ):
        yield (Fact(kind=said, value=words),)


def test_there_are_two_hundred_of_them_and_each_says_where_it_stands():
    table = rows()

    assert len(table) >= 200
    assert len({(row["kind"], row["value"]) for row in table}) == len(table)
    assert all(row["whose"] and row["source"] for row in table)


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['kind']}: {row['value'][:40]}")
def test_nobody_is_accused_by_what_another_maker_built(ask, row: dict[str, str]):
    accused = [
        (way, finding.maker, finding.verdict.name)
        for way in ways(row["kind"], row["value"], row["whose"])
        for finding in ask(*way).findings
        if finding.tier is Tier.COVERED
    ]

    assert accused == []
