"""The terminal report: the first screen is the answer, and comforts nobody without reason."""

import re
import time
from dataclasses import replace

import pytest

from auditor.model import Audit, AuditedAsset, Outcome, Reason, Seen, Tier
from auditor.report.base import Options
from auditor.report.columns import aligned, cell_width, wrapped
from auditor.report.registry import FORMATS, render
from auditor.report.views import natural
from auditor.report.words import headline
from tests.tools.audits import audit, camera, device_of, large, switch, unread, waived


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
    assert any("sold as lorex, sw-hq-1 GE0/0/7 VLAN 20" in line for line in first)


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (only(), "No device was examined."),
        (only(switch()), "1 of 1 device carries findings on covered makers: 1 confirmed."),
        (
            only(device_of(audit(), "f-0005")),
            "No finding on a covered maker among 1 device; see below what was not examined.",
        ),
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

    assert "depot: 192.0.2.10 (rt-1) (read in part)\n    snmp: login refused; 1 attempt made\n" in told
    assert "1 of these in part only" in told


def test_a_long_list_of_failures_is_cut_and_says_so() -> None:
    made = replace(audit(), unread=tuple(unread(f"192.0.2.{n}", "hq", Reason.TIMEOUT, f"{n}") for n in range(80)))

    assert "and 30 devices more; every other format lists them all" in text(made)


def test_a_waived_finding_is_still_listed_with_its_end() -> None:
    assert "Waived until 2027-01-31 by A. Auditor: removal is ordered." in " ".join(text(only(waived())).split())


def test_components_and_other_lists_stand_apart_from_the_findings() -> None:
    told = text(audit())

    assert told.index("Findings on covered makers (3)") < told.index(
        "Components of covered makers inside other devices (1)"
    )
    assert told.index("Components of covered makers inside other devices (1)") < told.index(
        "Watched makers: on other lists or on none, not covered ones (1)"
    )


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


def test_a_long_list_is_measured_once_and_not_for_every_line() -> None:
    rows = [("hq", f"192.0.2.{number}", "read") for number in range(4_000)]
    began = time.process_time()

    lines = aligned(rows)

    assert time.process_time() - began < 2
    assert lines[9] == "hq  192.0.2.9     read"


def test_ages_of_tables_are_told() -> None:
    assert "OUI registry 2026-06-25 (149 days old)" in " ".join(text(audit()).split())


def test_addresses_are_sorted_the_way_people_count() -> None:
    assert sorted(["10.0.0.10", "10.0.0.9", "sw-2", "sw-10"], key=natural) == ["10.0.0.9", "10.0.0.10", "sw-2", "sw-10"]


def test_a_device_nobody_could_read_counts_as_unread_not_as_no_match() -> None:
    silent = AuditedAsset(asset=replace(switch().asset, seen=Seen.HEARD), outcome=Outcome.UNREAD, why="no reply")

    told = text(only(silent))

    assert re.search(r"  Unread +1 ", told)
    assert re.search(r"  No match +0 ", told)


def scoped(*scope: str) -> Audit:
    made = audit()
    return replace(made, run=replace(made.run, scope=scope, addresses=256))


def test_what_was_contacted_and_did_not_answer_is_said() -> None:
    told = " ".join(text(scoped("hq: 192.0.2.1 to 192.0.2.254, 254 addresses")).split())

    assert "254 addresses contacted at hq; " in told
    assert re.search(r"; (\d+) answered; (\d+) did not, and nothing is known of what may be there", told)


def test_a_run_without_a_scope_does_not_pretend_to_one() -> None:
    assert "This run records no scope" in " ".join(text(only(switch())).split())


def test_devices_that_failed_alike_stand_together() -> None:
    made = replace(audit(), unread=tuple(unread(f"192.0.2.{n}", "hq", Reason.TIMEOUT, "") for n in range(40, 60)))
    told = " ".join(text(made).split())

    assert "Unread (20 devices, 20 failures)" in told
    assert "hq: 192.0.2.40, 192.0.2.41," in told
    assert "192.0.2.51 and 8 more snmp: no reply in time" in told


def test_where_the_place_does_not_fit_it_goes_below() -> None:
    assert "\n    sold as lorex, sw-hq-1 GE0/0/7 VLAN 20\n" in text(audit(), width=60)


def test_a_brand_is_shown_only_where_it_is_not_the_makers_name() -> None:
    item = switch()
    for brand in ("HUAWEI", "Huawei", "huawei"):
        one = replace(item, findings=(replace(item.findings[0], brand=brand),))
        assert "sold as" not in text(only(one))
        assert b"HUAWEI" not in render(only(one), "csv", Options()).replace(b"HUAWEI TECH", b"")


def test_many_watched_devices_are_counted_by_maker() -> None:
    watched = next(item for item in audit().assets if any(one.tier is Tier.WATCH for one in item.findings))
    many = [
        replace(watched, asset=replace(watched.asset, key=f"mac:{n:012x}", macs=(f"{n:012x}",), address=""))
        for n in range(60)
    ]
    told = text(only(*many), names={"tp-link": "TP-Link"})

    assert "TP-Link 60; every other format lists them." in told


def test_each_site_has_its_own_coverage() -> None:
    told = text(scoped("hq: 192.0.2.1 to 192.0.2.8, 8 addresses", "depot: 192.0.2.10"))

    assert re.search(r"\n  SITE +CONTACTED +ANSWERED +READ +HEARD +UNREAD", told)
    assert re.search(r"\n  depot +1 +1 ", told)
    assert re.search(r"\n  hq +8 +\d", told)
