"""The terminal report: the first screen is the answer, and nothing in it comforts anybody without reason."""

import re
from dataclasses import replace

import pytest

from auditor.model import Audit, AuditedAsset, Outcome, Reason, Seen
from auditor.report import FORMATS, Options, render
from auditor.report.rows import natural
from auditor.report.text import cell_width, wrapped
from auditor.report.words import headline
from tests.report.factory import audit, camera, large, switch, unread, waived


def text(made: Audit, **options: object) -> str:
    return render(made, "text", Options(**options)).decode()  # type: ignore[arg-type]


def only(*assets: AuditedAsset) -> Audit:
    return replace(audit(), assets=assets, unread=(), notes=())


def test_the_first_screen_is_the_answer() -> None:
    first = text(audit()).splitlines()[:24]

    assert first[0] == "3 of 7 devices carry findings on covered makers: 1 confirmed, 1 probable, 1 possible."
    for label in ("Read", "Heard", "Unread", "Undetermined", "No match", "Match"):
        assert any(re.match(rf"  {label} +\d", line) for line in first)
    assert any("Huawei" in line and "confirmed" in line for line in first)
    assert any("Dahua" in line and "sw-hq-1 GE0/0/7 VLAN 20" in line for line in first)


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (only(), "No device was examined."),
        (only(switch()), "1 of 1 device carries findings on covered makers: 1 confirmed."),
        (only(audit().assets[4]), "No finding on a covered maker among 1 device; see below what was not examined."),
    ],
    ids=["nothing", "one", "none-covered"],
)
def test_the_headline_says_how_many_of_how_many(made: Audit, says: str) -> None:
    assert headline(made) == says


@pytest.mark.parametrize("name", [name for name, kind in FORMATS.items() if not kind.binary])
def test_an_empty_report_is_not_praised(name: str) -> None:
    quiet = replace(large(3, 0), unread=(), notes=())

    told = render(quiet, name, Options()).decode().lower()

    # Style and script of the page are not its words.
    words = set(re.sub(r"<(style|script)>.*?</\1>", "", told, flags=re.DOTALL).split())
    assert not words & {
        "clean",
        "clean.",
        "compliant",
        "passed",
        "success",
        "successfully",
        "congratulations",
        "safe",
        "ok",
    }


def test_unread_devices_are_listed_with_their_reason() -> None:
    told = text(audit())

    assert re.search(r"depot +192\.0\.2\.10 +snmp +authentication +login refused; 1 attempt made", told)
    assert "1 of these in part only" in told


def test_a_long_list_of_failures_is_cut_and_says_so() -> None:
    made = replace(audit(), unread=tuple(unread(f"192.0.2.{n}", "hq", Reason.TIMEOUT, "") for n in range(80)))

    assert "and 30 more; every other format lists them all" in text(made)


def test_a_waived_finding_is_still_listed_with_its_end() -> None:
    assert "Waived until 2027-01-31 by A. Auditor: removal is ordered." in " ".join(text(only(waived())).split())


def test_components_and_other_lists_stand_apart_from_the_findings() -> None:
    told = text(audit())

    assert told.index("Findings on covered makers (3)") < told.index("Components inside other devices (1)")
    assert told.index("Components inside other devices (1)") < told.index("Makers on other lists only (1)")


def test_colour_comes_only_when_told() -> None:
    assert "\x1b" not in text(audit())
    assert "\x1b[1;31mconfirmed\x1b[0m" in text(audit(), colour=True)


@pytest.mark.parametrize("width", [40, 60, 80, 132])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert max(map(cell_width, text(audit(), width=width).splitlines())) <= width


def test_a_reason_shared_by_neighbouring_rows_is_said_once() -> None:
    twice = only(
        camera(), replace(camera(), asset=replace(camera().asset, key="mac:e0508b000008", macs=("e0508b000008",)))
    )

    assert text(twice).count("The prefix is registered to Dahua.") == 1


def test_wide_and_combining_characters_are_measured_as_a_terminal_shows_them() -> None:
    assert [cell_width(word) for word in ("abc", "\u534e\u4e3a", "e\u0301", "\u200b")] == [3, 4, 1, 0]
    assert wrapped("\u534e\u4e3a" * 5, 8) == ["\u534e\u4e3a\u534e\u4e3a", "\u534e\u4e3a\u534e\u4e3a", "\u534e\u4e3a"]


def test_ages_of_tables_are_told() -> None:
    assert "OUI registry 2026-06-25 (149 days old)" in " ".join(text(audit()).split())


def test_addresses_are_sorted_the_way_people_count() -> None:
    assert sorted(["10.0.0.10", "10.0.0.9", "sw-2", "sw-10"], key=natural) == ["10.0.0.9", "10.0.0.10", "sw-2", "sw-10"]


def test_a_device_nobody_could_read_counts_as_unread_not_as_no_match() -> None:
    silent = AuditedAsset(asset=replace(switch().asset, seen=Seen.HEARD), outcome=Outcome.UNREAD, why="no reply")

    told = text(only(silent))

    assert re.search(r"  Unread +1 ", told)
    assert re.search(r"  No match +0 ", told)
