"""The removal plan: quantities, order, cost.

What is set aside, gone or unpriced is counted apart.
"""

from collections import Counter
from dataclasses import replace

import pytest

from auditor.model import Place, Verdict
from auditor.paperwork import plan
from auditor.paperwork.case import FilingCase
from auditor.paperwork.prices import read
from auditor.paperwork.removal import Plan
from tests.tools.audits import audit, camera, stack, switch
from tests.tools.filing_cases import SHELF, case

HEAD = "id,kind,maker,model,category,low,likely,high,currency,source,date\n"


def planned(facts="", prices="", **more):
    lines = read((HEAD + prices).encode(), "prices.csv", "prices") if prices else ()
    return Plan(FilingCase(case(facts, **more), SHELF.by_id["removal_plan"]), prices=lines)


def table(made, name):
    (found,) = [one for one in plan.tables(made) if one.name == name]
    return [dict(zip(found.head, row, strict=True)) for row in found.rows]


def devices(number, plugged=None):
    """Return switches `sw-0` … of a site, each plugged into the one `plugged` names by number."""
    for index in range(number):
        item = switch()
        into = (plugged or {}).get(index)
        place = None if into is None else Place(switch=f"sw-{into}", port=f"p{index}")
        asset = replace(item.asset, key=f"k{index}", name=f"sw-{index}", serial=f"s{index}", place=place)
        yield replace(item, asset=asset, findings=(replace(item.findings[0], id=f"f{index}"),))


def test_set_aside_and_removed_units_are_counted_apart():
    made = planned('[asset."192.0.2.1"]\nremoved = 2026-11-01', at_least=Verdict.POSSIBLE)
    found = {row["maker"]: row for row in table(made, "quantities")}

    assert [found["Huawei"][key] for key in ("to_remove", "set_aside", "already_removed", "total")] == list("0011")
    assert [found["Hikvision"][key] for key in ("to_remove", "set_aside", "already_removed", "total")] == list("0101")
    assert [row["maker"] for row in table(made, "order")] == ["Dahua"]


@pytest.mark.parametrize(("day", "wanted"), [("2020-06-30", "yes"), ("2020-07-01", "no"), ("", "unknown")])
def test_only_the_day_makes_a_unit_reimbursable(day, wanted):
    made = planned(f'[asset."192.0.2.1"]\nobtained = {day}' if day else "")
    found = {row["maker"]: row for row in table(made, "quantities")}

    assert found["Huawei"][f"reimbursable_{wanted}"] == "1"
    assert found["Dahua"]["reimbursable_no"] == "1"


def test_what_hangs_on_a_device_goes_first():
    base = replace(audit(), assets=tuple(devices(4, {1: 0, 2: 1, 3: 1})))
    steps = [row["device"] for row in table(planned(base=base), "order")]

    assert steps == ["sw-2", "sw-3", "sw-1", "sw-0"]


def test_a_ring_of_cables_and_a_long_chain_end():
    ring = replace(audit(), assets=tuple(devices(3, {0: 1, 1: 2, 2: 0})))
    chain = replace(audit(), assets=tuple(devices(2_000, {index: index + 1 for index in range(1_999)})))

    assert len(table(planned(base=ring), "order")) == 3
    assert len(table(planned(base=chain), "order")) == 2_000


def test_sites_go_in_the_order_the_filer_wants():
    item = next(devices(1))
    far = replace(item, asset=replace(item.asset, site="aaa", key="far"), findings=(replace(item.findings[0], id="x"),))
    base = replace(audit(), assets=(item, far))

    assert [row["site"] for row in table(planned(base=base), "visits")] == ["aaa", "hq"]
    assert [row["site"] for row in table(planned("[site.hq]\nvisit_order = 1", base=base), "visits")] == ["hq", "aaa"]


def test_cost_adds_up_and_what_has_no_price_is_counted():
    prices = (
        "R,replace,,,switch,100,150,200.50,USD,quote,2026-01-01\nM,remove,,,,1,2,3,EUR,quote,2026-01-01\n"
        "V,visit,,,,10,20,30,USD,quote,2026-01-01\n"
    )
    base = replace(audit(), assets=(*devices(3), camera()))
    found = {(row["currency"], row["kind"]): row for row in table(planned(prices=prices, base=base), "totals")}

    assert [found["USD", "replace"][key] for key in ("units_priced", "low", "likely", "high")] == [
        "3",
        "300.00",
        "450.00",
        "601.50",
    ]
    assert [found["USD", "all"][key] for key in ("low", "likely", "high")] == ["310.00", "470.00", "631.50"]
    assert found["EUR", "all"]["likely"] == "8.00"
    (line,) = [
        row
        for row in table(planned(prices=prices, base=base), "cost")
        if row["quantity"] == "3" and row["price"] == "R"
    ]
    assert [line[key] for key in ("unit_likely", "low", "likely", "high")] == ["150.00", "300.00", "450.00", "601.50"]
    assert found["", "replace"]["units_unpriced"] == "1"
    assert found["", "dispose"]["units_unpriced"] == "4"


def test_without_a_price_list_there_is_no_price():
    made = planned()

    assert {row["low"] for row in table(made, "cost")} == {""}
    assert {one.what for one in plan.gaps(made)} >= {"a price to remove, replace, dispose", "a price to visit"}


def test_every_table_speaks_of_the_same_devices():
    base = replace(
        audit(), assets=(*devices(5, {1: 0}), *(item for item in audit().assets if item.asset.name != "sw-hq-1"))
    )
    made = planned(base=base)
    wanted = Counter(pair.item.asset.site for pair in made.going)

    assert Counter(row["site"] for row in table(made, "order")) == wanted
    assert Counter(row["site"] for row in table(made, "needs")) == wanted
    assert {row["site"]: int(row["devices"]) for row in table(made, "visits")} == wanted
    for kind in ("remove", "replace", "dispose"):
        assert sum(int(row["quantity"]) for row in table(made, "cost") if row["kind"] == kind) == wanted.total()
    assert sum(int(row["to_remove"]) for row in table(made, "quantities")) == wanted.total()


def test_needs_count_ports_seen_and_what_is_fed_over_ethernet():
    items = list(devices(1))
    plugged = replace(camera(), asset=replace(camera().asset, place=Place(switch="sw-0", port="p7")))
    made = planned(base=replace(audit(), assets=(*items, plugged)))
    (row,) = [row for row in table(made, "needs") if row["device"] == "sw-0"]

    assert (row["ports_in_use_seen"], row["fed_over_ethernet"]) == ("1", "1")


def test_ports_that_told_they_feed_power_count_whatever_hangs_there():
    phone = next(iter(devices(1)))
    plugged = [
        replace(phone, asset=replace(phone.asset, key=
        f"p{port}", name="", place=Place(switch="sw-0", port=f"p{port}", powered=port < 3)))
        for port in range(5)
    ]  # fmt: skip
    made = planned(base=replace(audit(), assets=(*devices(1), *plugged)))
    (row,) = [row for row in table(made, "needs") if row["device"] == "sw-0"]

    assert (row["ports_in_use_seen"], row["fed_over_ethernet"]) == ("5", "3")


def test_each_member_of_a_stack_is_counted_and_priced_and_its_ports_are_counted_once():
    prices = "R,replace,,,switch,100,150,200,USD,quote,2026-01-01\n"
    made = planned(prices=prices, base=replace(audit(), assets=(stack(),)))

    assert [(row["model"], row["to_remove"]) for row in table(made, "quantities")] == [
        ("S5720-28X-SI-AC", "1"), ("S5720-52X-SI-AC", "1"),
    ]  # fmt: skip
    assert [row["device"] for row in table(made, "order")] == ["sw-hq-1", "sw-hq-1, stack member Switch 2"]
    assert [row["likely"] for row in table(made, "totals") if row["kind"] == "replace"] == ["300.00"]
    assert [row["ports_in_use_seen"] for row in table(made, "needs")] == ["0", "counted with the stack"]
    assert [(row["devices"], row["other_devices_there"]) for row in table(made, "visits")] == [("2", "0")]


def test_one_member_of_a_stack_can_be_gone_before_the_others():
    base = replace(audit(), assets=(stack(),))

    left = {
        serial: [row["device"] for row in table(planned(
            f'[asset."{serial}"]\nremoved = 2026-11-01', base=base), "order")]
        for serial in ("2102350DLS10000001", "2102350DLS10000002")
    }  # fmt: skip

    assert left == {"2102350DLS10000001": ["sw-hq-1, stack member Switch 2"], "2102350DLS10000002": ["sw-hq-1"]}


def test_a_price_that_fits_nothing_is_told():
    made = planned(
        prices="A,replace,huawai,,,,100,,USD,quote,2026-01-01\nB,replace,Huawei,,,,100,,USD,quote,2026-01-01\n"
        "C,visit,,,,,100,,USD,quote,2026-01-01\n"
    )

    (idle,) = [gap for gap in plan.gaps(made) if gap.what == "a device this price fits"]

    assert (idle.number, idle.which) == (1, "A")


def test_the_way_to_another_site_is_replaced_first_and_goes_last():
    hub, far, end = devices(3, {1: 0, 2: 1})
    far, end = (
        replace(item, asset=replace(item.asset, site="far", place=replace(item.asset.place, carriers=(carrier,))))
        for item, carrier in ((far, "k0"), (end, "k1"))
    )
    made = planned(
        "[site.far]\nvisit_order = 1\n[site.hq]\nvisit_order = 2", base=replace(audit(), assets=(hub, far, end))
    )

    assert [(row["step"], row["visit"], row["device"]) for row in table(made, "replacements")] == [
        ("1", "1", "sw-0"), ("2", "2", "sw-1"),
    ]  # fmt: skip
    assert [(row["step"], row["visit"], row["device"]) for row in table(made, "order")] == [
        ("3", "2", "sw-2"), ("4", "2", "sw-1"), ("5", "3", "sw-0"),
    ]  # fmt: skip
    assert [row["replaced_in_step"] for row in table(made, "order")] == ["", "2", "1"]
    assert [row["cuts_off"] for row in table(made, "order")] == ["0", "1", "2"]
    assert [(row["site"], row["devices"], row["replacements"]) for row in table(made, "visits")] == [
        ("hq", "0", "1"), ("far", "2", "1"), ("hq", "1", "0"),
    ]  # fmt: skip
    (gap,) = [one for one in plan.gaps(made) if one.what == "visits in the order asked for"]
    assert gap.which == "hq; far"


def test_two_switches_of_one_name_carry_what_hangs_on_each():
    one, other, camera_on_other = devices(3)
    named = [replace(item, asset=replace(item.asset, name="Switch")) for item in (one, other)]
    place = Place(switch="Switch", port="p1", carriers=("k1",))
    last = replace(camera_on_other, asset=replace(camera_on_other.asset, place=place))
    made = planned(base=replace(audit(), assets=(*named, last)))

    assert [row["asset"] for row in table(made, "replacements")] == ["k1"]


def test_a_site_is_not_gone_back_to_before_it_can_be_finished():
    one, other, *ends = devices(4)
    placed = [
        replace(item, asset=replace(item.asset, site=site, place=Place(switch="sw", port="p1", carriers=(carrier,))))
        for item, site, carrier in zip(ends, ("near", "far"), ("k0", "k1"), strict=True)
    ]
    made = planned("[site.hq]\nvisit_order = 1", base=replace(audit(), assets=(one, other, *placed)))

    assert [row["site"] for row in table(made, "visits")] == ["hq", "far", "near", "hq"]


def test_each_total_of_all_says_how_many_have_no_price():
    prices = "R,replace,,,switch,100,150,200,USD,quote,2026-01-01\n"
    made = planned(prices=prices, base=replace(audit(), assets=(*devices(3), camera())))
    (whole,) = [row for row in table(made, "totals") if row["kind"] == "all"]

    assert (whole["units_priced"], whole["units_unpriced"]) == ("3", "10")
