"""What a plan costs: crews, what comes once, pieces, shares; and the way from site to site."""

from dataclasses import replace

import pytest

from auditor.model import Place
from auditor.paperwork import plan
from auditor.paperwork.case import FilingCase
from auditor.paperwork.plan import lacks
from auditor.paperwork.prices import read
from auditor.paperwork.removal import Plan, great_circle
from tests.tools.audits import audit, switch
from tests.tools.filing_cases import SHELF, case

HEAD = "id,kind,maker,low,likely,high,from_quantity,crew_days,per,on,currency,source,date\n"
END = "USD,quote,2026-01-01\n"
WORK = (
    f"A,remove,huawei,90,100,120,,0.5,,,{END}"
    f"B,replace,huawei,,1000,,,1,,,{END}"
    f"C,dispose,huawei,,10,,,,,,{END}"
    f"D,visit,,,50,,,,,,{END}"
)


def sites(places, plugged=None):
    """Return a switch at each site; `plugged` says at which site what carries it stands."""
    for name in places:
        item = switch()
        into = (plugged or {}).get(name)
        place = None if into is None else Place(switch=f"sw-{into}", port="p1")
        asset = replace(item.asset, key=f"k-{name}", name=f"sw-{name}", site=name, serial=name, address="", place=place)
        yield replace(item, asset=asset, findings=(replace(item.findings[0], id=f"f-{name}"),))


def planned(prices="", facts="", places=("one", "two"), plugged=None, candidates=()):
    base = replace(audit(), assets=tuple(sites(places, plugged)), links=(), gateways=(), unread=())
    lines = read((HEAD + prices).encode(), "prices.csv", "prices") if prices else ()
    return Plan(FilingCase(case(facts, base=base), SHELF.by_id["removal_plan"]), prices=lines, candidates=candidates)


def table(made, name):
    (one,) = [one for one in plan.tables(made) if one.name == name]
    return [dict(zip(one.head, row, strict=True)) for row in one.rows]


def sums(made):
    return {row["kind"]: tuple(row[key] for key in ("low", "likely", "high")) for row in table(made, "totals")}


def test_days_of_crews_are_counted_by_site_and_priced_by_their_own_line():
    made = planned(WORK + f"E,labour,,,600,800,,,,,{END}")
    lines = [row for row in table(made, "cost") if row["kind"] == "labour"]

    assert [(row["site"], row["quantity"], row["likely"], row["high"]) for row in lines] == [
        ("one", "1.5", "900.00", "1200.00"),
        ("two", "1.5", "900.00", "1200.00"),
    ]


def test_days_of_crews_nobody_priced_are_named():
    (row,) = [row for row in table(planned(WORK), "unpriced") if row["kind"] == "labour"]

    assert (row["units"], row["which"]) == ("3", "one; two")


def test_contingency_is_of_the_work_and_tax_of_what_it_names_with_bands():
    made = planned(
        WORK + f"F,contingency,,5,10,20,,,,,{END}" + f"G,tax,,,8,,,,,replace; contingency,{END}"
        + f"H,soft,,,400,,,,site,,{END}" + f"I,soft,,,1000,,,,,,{END}" + f"L,labour,,,0,,,,,,{END}"
    )  # fmt: skip
    found = sums(made)

    assert found["remove"] == ("180.00", "200.00", "240.00")
    assert found["soft"] == ("1800.00", "1800.00", "1800.00")
    work = [180 + 2000 + 20 + 100 + 1800, 200 + 2000 + 20 + 100 + 1800, 240 + 2000 + 20 + 100 + 1800]
    shares = [work[0] * 0.05, work[1] * 0.1, work[2] * 0.2]
    assert found["contingency"] == tuple(f"{share:.2f}" for share in shares)
    assert found["tax"] == tuple(f"{(2000 + share) * 0.08:.2f}" for share in shares)
    whole = [one + share + (2000 + share) * 0.08 for one, share in zip(work, shares, strict=True)]
    assert found["all"] == tuple(f"{one:.2f}" for one in whole)


@pytest.mark.parametrize(("number", "price"), [(1, "1000.00"), (2, "1000.00"), (3, "700.00"), (4, "700.00")])
def test_a_price_by_quantity_counts_from_its_number_of_pieces_on(number, price):
    made = planned(WORK + f"Q,replace,huawei,,700,,3,,,,{END}", places=[f"s{index}" for index in range(number)])

    assert {row["unit_likely"] for row in table(made, "cost") if row["kind"] == "replace"} == {price}


def test_a_total_says_what_has_no_price_also_where_nothing_has_one():
    (row,) = [row for row in table(planned(), "totals") if row["kind"] == "all"]

    assert (row["currency"], row["units_priced"], row["units_unpriced"], row["likely"]) == ("", "0", "8", "")
    assert [row["kind"] for row in table(planned(), "unpriced")] == ["remove, replace, dispose", "visit"]


FAR = """
[site.a]
latitude = 45.0
longitude = -90.0
[site.b]
latitude = 45.0
longitude = -95.0
[site.c]
latitude = 45.0
longitude = -91.0
[site.d]
latitude = 45.0
longitude = -94.0
"""


def way(made):
    return [(row["site"], row["because"]) for row in table(made, "visits")]


def test_sites_are_visited_by_distance_where_coordinates_are_known():
    made = planned(facts=FAR, places="abcd")

    assert [site for site, _ in way(made)] == ["a", "c", "d", "b"]
    assert [row["km_from_the_last"] for row in table(made, "visits")] == ["", "79", "236", "79"]
    assert way(made)[1] == ("c", "the nearest that can be worked at")


def test_an_order_somebody_states_comes_before_distance():
    made = planned(facts=FAR.replace("[site.b]", "[site.b]\nvisit_order = 1"), places="abcd")

    assert way(made) == [
        ("b", "as asked for"), *((site, "the nearest that can be worked at") for site in "dca"),
    ]  # fmt: skip


def test_sites_without_coordinates_follow_by_name():
    made = planned(facts=FAR.partition("[site.c]")[0], places="dcba")

    assert way(made) == [
        ("a", "the first"), ("b", "the nearest that can be worked at"),
        ("c", "no coordinates"), ("d", "no coordinates"),
    ]  # fmt: skip


def test_the_great_circle_is_that_of_the_sphere():
    assert great_circle((0, 0), (0, 180)) == pytest.approx(20015, abs=1)
    assert great_circle((52.5, 13.4), (52.5, 13.4)) == 0


@pytest.mark.parametrize(
    ("candidate", "ports", "fed", "words"),
    [
        ({"ports": "24", "poe_watts": "370"}, "24", "6", ""),
        ({"ports": "24", "poe_watts": "370"}, "25", "6", "ports: 24 of 25 in use"),
        ({"ports": "24"}, "3", "6", "power over Ethernet: not said, 6 ports feed it"),
        ({"ports": "24", "poe_watts": "0"}, "3", "6", "power over Ethernet: none, 6 ports feed it"),
        ({"replacement": "Example"}, "3", "0", "ports: not said, 3 in use"),
        ({"replacement": "Example"}, "0", "0", ""),
        ({"ports": "1"}, "counted with the stack", "counted with the stack", ""),
        ({}, "99", "9", ""),
    ],
)
def test_a_candidate_with_too_little_is_flagged(candidate, ports, fed, words):
    assert lacks(candidate, ports, fed) == words


def test_a_candidate_with_too_few_ports_is_a_gap_by_name():
    entry = {"replacement": "Example 1", "maker": "huawei", "ports": "0", "source": "quote", "date": "2026-01-01"}
    made = planned(places=("one", "two"), plugged={"two": "one"}, candidates=(entry,))
    base = made.case.inputs.audit
    inside = tuple(
        replace(item, asset=replace(item.asset, site="one")) for item in base.assets
    )  # a cable is within a site
    made = replace(
        made, case=FilingCase(replace(made.case.inputs, audit=replace(base, assets=inside)), made.case.filing)
    )
    (gap,) = [one for one in plan.gaps(made) if one.what == "a candidate with ports and power enough"]

    assert "ports: 0 of 1 in use" in gap.which
