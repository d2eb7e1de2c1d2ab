"""A recorded session answers as the device did."""

from pathlib import Path

import pytest

from auditor.lab.shell import Shell, without_tables

SAMPLES = Path(__file__).parents[2] / "samples"


def shell(name):
    return Shell((SAMPLES / f"{name}.cli").read_text(encoding="utf-8"))


def test_a_recorded_command_brings_its_recorded_reply():
    answer = shell("huawei/s5720").enter("display esn")

    assert answer.text == "ESN of device: 2102350ABCDMK9000103"
    assert answer.prompt == ""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("huawei/s5720", "Error: Unrecognized command found at '^' position."),
        ("huawei/ma5800-x7", "% Unknown command, the error locates at '^'"),
        ("zte/zxr10-5950", "%Error 20200: Invalid input detected at '^' marker."),
        ("others/cisco-c2960x", "% Invalid input detected at '^' marker."),
        ("lookalikes/h3c-s5130", " % Unrecognized command found at '^' position."),
    ],
)
def test_an_unknown_command_is_refused_in_the_words_of_the_system(name, words):
    assert words in shell(name).enter("reboot").text


def test_enable_without_a_password_changes_the_prompt():
    session = shell("zte/zxr10-5950")

    assert session.prompt == "dp-sw1>"
    assert session.enter("enable").prompt == "dp-sw1#"
    assert session.prompt == "dp-sw1#"
    session.enter("disable")
    assert session.prompt == "dp-sw1>"


def test_a_reply_does_not_move_the_session():
    session = shell("zte/zxr10-5950")

    assert "ZTE 5950-36TM" in session.enter("show version").text
    assert session.prompt == "dp-sw1>"


def test_enable_with_a_password_waits_for_it():
    session = shell("others/cisco-c2960x")
    answer = session.enter("enable")

    assert answer.asks_password
    assert session.prompt == "hq-acc1>"
    session.let_in(answer)
    assert session.prompt == "hq-acc1#"


def test_paging_ends_when_it_is_switched_off():
    session = shell("huawei/s5720")

    assert session.paged
    session.enter("screen-length 0 temporary")
    assert not session.paged


def test_a_greeting_stops_at_its_question():
    first, rest = shell("huawei/ne8000-m8").questions

    assert first.endswith("Change now? [Y/N]:")
    assert "max number of VTY users" in rest


@pytest.mark.parametrize("word", ["quit", "exit", "logout"])
def test_a_session_can_be_left(word):
    assert shell("huawei/s5720").enter(word).ends


def test_another_device_of_the_kind_has_no_neighbours_of_the_recorded_one():
    kept = without_tables((SAMPLES / "huawei/s5720.cli").read_text(encoding="utf-8"))

    assert "display version" in kept
    assert "ESN of device" in kept
    assert "display mac-address" not in kept
    assert "9c8e-cd00-0114" not in kept
    assert "hq-acc1" not in kept


def test_no_transcript_leaves_a_session_nobody_can_use():
    session = Shell("")

    assert session.prompt == ">"
    assert "Invalid input" in session.enter("show version").text
