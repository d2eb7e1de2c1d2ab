"""The facts file: the nearest word wins, and every mistake is told at once with its place."""

from datetime import date

import pytest

from auditor.errors import AuditorError, InputError
from auditor.paperwork.facts import Facts, names, read
from auditor.paperwork.registry import all_filings
from tests.tools.audits import camera, switch

QUESTIONS = all_filings().questions
NEAREST = """
[filer]
supplier_name = "by filer"
[site.hq]
supplier_name = "by site"
[maker.huawei]
supplier_name = "by maker"
[model."S5720-28X-SI-AC"]
supplier_name = "by model"
[asset."192.0.2.1"]
supplier_name = "by asset"
"""


def facts(text):
    return read(text, "facts.toml", QUESTIONS)


def test_the_nearest_word_wins():
    item = switch()
    finding = item.findings[0]
    text = NEAREST.replace("S5720-28X-SI-AC", finding.model)
    for level in ("asset", "model", "maker", "site", "filer"):
        assert facts(text).of_device("supplier_name", item.asset, finding) == f"by {level}"
        text = text.replace(f'supplier_name = "by {level}"', "")
    assert facts(text).of_device("supplier_name", item.asset, finding) == ""


@pytest.mark.parametrize("which", range(len(names(switch().asset, switch().findings[0]))))
def test_a_device_answers_to_each_of_its_names(which):
    item = switch()
    name = names(item.asset, item.findings[0])[which]

    assert facts(f'[asset."{name}"]\nobtained = 2018-03-01').obtained(item.asset, item.findings[0]) == date(2018, 3, 1)


def test_a_mac_may_be_spelled_as_people_spell_it():
    item = switch()

    assert facts('[asset."00:E0:FC:00:00:01"]\nremoved = 2026-01-02').of_asset(item.asset)["removed"] == "2026-01-02"


def test_no_purpose_said_is_not_no_purpose():
    item = camera()
    site = item.asset.site

    assert Facts().purposes(item.asset) is None
    assert facts(f"[site.{site}]\npurposes = []").purposes(item.asset) == ()
    assert facts(f'[site.{site}]\npurposes = ["public-safety"]').purposes(item.asset) == ("public-safety",)


def test_a_device_nobody_knows_is_told():
    item = switch()
    told = facts('[asset."192.0.2.250"]\nremoved = 2026-01-02\n[asset."192.0.2.1"]\nremoved = 2026-01-02')

    assert told.strangers([item]) == ["192.0.2.250"]


def test_the_filers_word_goes_before_the_inventorys():
    below = Facts(asset={"a": {"obtained": "2017-01-01", "removed": "2026-01-01"}})

    merged = facts("[asset.a]\nobtained = 2018-01-01").under(below)

    assert merged.asset["a"] == {"obtained": "2018-01-01", "removed": "2026-01-01"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[filer]\nfnr = '1'", "facts.toml: filer.fnr: unknown key; known here: "),
        ("[filer]\nfrn = 1", "facts.toml: filer.frn: must be text in quotes"),
        ("[asset.a]\nfrn = '1'", "facts.toml: asset.a.frn: unknown key"),
        ("[asset.a]\nobtained = '2018'", "must be a date such as"),
        ("[asset.a]\nobtained = 2018-01-01T00:00:00Z", "must be a date such as"),
        ("[filer]\ndiscovered = 2018-01-01", "must be a time with its offset"),
        ("[filer]\ndiscovered = 2018-01-01T10:00:00", "must be a time with its offset"),
        ("[asset.a]\nacquisition = 'stolen'", "must be one of purchase, rent, lease, other"),
        ("[site.a]\npurposes = ['fun']", "must be one of public-safety"),
        ("[asset.a]\ninoperable = 'yes'", "must be true or false"),
        ("[[cost]]\nqty = true", "cost[1].qty: must be a number"),
        ("[colour]\na = 1", "unknown key"),
        ("filer = 1", "must be a table"),
        ("[filer", "not valid TOML"),
    ],
)
def test_a_mistake_is_told_with_its_place(text, told):
    with pytest.raises(InputError) as caught:
        facts(text)
    assert told in str(caught.value)


def test_all_mistakes_are_told_at_once():
    with pytest.raises(AuditorError) as caught:
        facts("[filer]\nfnr = 1\nfrn = 1\n[asset.a]\nobtained = 1")
    assert str(caught.value).count("facts.toml") == 3
