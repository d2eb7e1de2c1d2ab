"""The topology in the page: a row a device, nothing over anything else, and never too much to read."""

import re
from dataclasses import replace
from itertools import pairwise

from auditor.report.base import Options
from auditor.report.registry import render
from auditor.report.rows import device_rows
from auditor.report.topology.picture import DEEPEST, MAX_CARRIERS, ROW, cable_rows, site_pictures, text_width
from tests.tools.audits import audit, large
from tests.tools.topologies import campus

OPTIONS = Options(names={"huawei": "Huawei", "dahua": "Dahua"})


def test_every_box_has_a_row_of_its_own_and_stays_inside():
    for site in site_pictures(campus(300), OPTIONS):
        for picture in (site.tree, *site.ports):
            assert [box.y for box in picture.boxes] == [1 + ROW * row for row in range(len(picture.boxes))]
            assert all(box.x + box.width < picture.width for box in picture.boxes)


def test_a_line_leads_from_what_carries_a_box_to_it():
    (site, *_) = site_pictures(campus(40, ports=6, sites=1), OPTIONS)
    boxes = {box.name: box for box in site.tree.boxes}

    assert boxes["hq-core1"].path == ""
    assert boxes["hq-core1"].note.startswith("gateway · cuts off ")
    left, down, right = re.fullmatch(r"M([\d.]+) ([\d.]+)V[\d.]+H([\d.]+)", boxes["hq-acc1"].path).groups()
    assert (float(left), float(right)) == (boxes["hq-core1"].x + 10, boxes["hq-acc1"].x)
    assert boxes["hq-core1"].y < float(down) < boxes["hq-acc1"].y + ROW
    assert "also on hq-core2 Te1/1/2 · Huawei confirmed" in boxes["hq-acc2"].note
    assert boxes["hq-acc2"].look == "confirmed"


def test_ports_stand_in_the_order_people_count_in():
    site = site_pictures(campus(60, sites=1), OPTIONS)[0]

    notes = [box.note for box in site.ports[0].boxes[1:]]
    assert notes[:2] + notes[9:10] == ["on Gi1/0/1", "on Gi1/0/2", "on Gi1/0/10 · Dahua probable"]


def test_few_devices_are_unfolded_and_many_are_drawn_by_what_carries_them():
    few, some, many = campus(30, ports=6, sites=1), campus(300), campus(4_000, ports=8, sites=5)

    assert [site.is_open for site in site_pictures(few, OPTIONS)] == [True]
    assert {site.is_open for site in site_pictures(some, OPTIONS)} == {False}
    assert sum(len(picture.boxes) - 1 for site in site_pictures(some, OPTIONS) for picture in site.ports) == 300
    drawn = site_pictures(many, OPTIONS)
    assert all(site.ports == () for site in drawn)
    assert sum(len(site.tree.boxes) for site in drawn) <= MAX_CARRIERS
    # What has no row of its own is counted where it hangs.
    assert any(re.search(r"\d+ more that carry others", box.note) for site in drawn for box in site.tree.boxes)


def test_thousands_of_devices_make_the_page_little_larger():
    page = render(campus(4_000, ports=8, sites=5), "html", OPTIONS)

    start = page.index(b'<section id="topology"')
    assert page.index(b"</section>", start) - start < 200_000


def test_the_page_has_each_cable_once_by_the_numbers_of_its_devices():
    audit_of_some = campus(40, ports=6, sites=1)
    names = [row.device for row in device_rows(audit_of_some)]
    cables = {(names[one], names[other], port, far) for one, other, port, far in cable_rows(audit_of_some)}

    assert len(cables) == len(list(cable_rows(audit_of_some))) == len(names) + 1
    assert ("hq-acc1", "hq-core1", "Te1/0/2", "Te1/1/1") in cables
    assert ("hq-acc1", "hq-acc1-cam1", "Gi1/0/1", "") in cables


def test_nothing_connected_is_no_picture():
    assert site_pictures(large(200, 100), OPTIONS) == []
    assert b'id="topology"' not in render(large(20, 10), "html", OPTIONS)


def test_a_long_chain_is_not_drawn_off_the_sheet():
    items = [replace(item, asset=replace(item.asset, place=None)) for item in large(60, 0).assets]
    keys = [item.asset.key for item in items]
    links = tuple(replace(campus(10).links[0], one=one, other=other) for one, other in pairwise(keys))
    same = tuple(replace(item, asset=replace(item.asset, site="hq")) for item in items)

    (site,) = site_pictures(replace(audit(), assets=same, links=links), OPTIONS)

    assert max(box.x for box in site.tree.boxes) == 1 + DEEPEST * 26


def test_a_serial_number_of_capitals_has_the_room_it_takes() -> None:
    assert text_width("HWTCAA000017") > text_width("hwtcaa000017") == text_width("abcdef000017")
