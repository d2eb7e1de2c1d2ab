"""The numbers behind the pictures."""

from dataclasses import replace

import pytest

from auditor.report.base import Options
from auditor.report.charts import by_maker, by_site, by_verdict, caption_of, site_map
from tests.tools.audits import audit, large


def test_bars_are_cut_by_verdict_and_add_up() -> None:
    bars = by_maker(large(100, 90), Options())

    assert sum(bar.total for bar in bars) == 90
    assert [sum(piece.count for piece in bar.pieces) for bar in bars] == [bar.total for bar in bars]
    assert max(bar.pieces[-1].x + bar.pieces[-1].width for bar in bars) == pytest.approx(100, abs=0.1)


def test_components_and_other_lists_are_no_part_of_the_charts() -> None:
    assert [bar.label for bar in by_maker(audit(), Options())] == ["Dahua", "Hikvision", "Huawei"]


def test_the_tail_of_many_sites_is_a_number_without_a_bar() -> None:
    bars = by_site(large(400, 400))

    assert len(bars) == 8
    assert (bars[-1].label, bars[-1].total, bars[-1].pieces) == ("33 other sites", 330, ())


def test_the_surest_verdict_stands_first() -> None:
    assert [bar.label for bar in by_verdict(audit())] == ["confirmed", "probable", "possible"]


def test_a_chart_can_be_heard() -> None:
    assert caption_of(by_site(audit())) == "hq: 2 findings; depot: 1 finding"
    assert caption_of(by_site(replace(audit(), assets=()))) == "no findings"


def test_the_map_puts_north_up_and_east_right_and_counts_sites_without_place() -> None:
    drawn = site_map(audit(), {"hq": (40.0, -74.0), "depot": (41.0, -73.0)}, ["depot", "hq", "shed"])

    assert drawn is not None
    depot, hq = drawn.dots
    assert depot.y < hq.y
    assert depot.x > hq.x
    assert (depot.findings, hq.findings, drawn.without) == (1, 2, 1)


def test_a_single_site_stands_in_the_middle() -> None:
    drawn = site_map(audit(), {"hq": (40.0, -74.0)}, ["hq"])

    assert drawn is not None
    assert (drawn.dots[0].x, drawn.dots[0].y) == (320.0, 160.0)
    assert len(drawn.meridians) >= 2


def test_the_whole_world_fits() -> None:
    drawn = site_map(audit(), {"hq": (-60.0, -179.0), "depot": (70.0, 179.0)}, ["depot", "hq"])

    assert drawn is not None
    assert all(0 <= dot.x <= 640 and 0 <= dot.y <= 320 for dot in drawn.dots)


def test_without_coordinates_there_is_no_map() -> None:
    assert site_map(audit(), {}, ["hq"]) is None
