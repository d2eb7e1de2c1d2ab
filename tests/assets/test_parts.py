"""Whatever in a box says a serial number or a model stands among its parts, once."""

import random
from datetime import UTC, datetime
from pathlib import Path

from auditor.assets.serials import load_fillers
from auditor.collect.ssh.drivers import driver_table
from auditor.model import Fact, Observation, Seen, Target
from auditor.parse import cli
from auditor.rules.load import builtin
from tests.tools.merging import merge

AT = datetime(2026, 11, 21, tzinfo=UTC)
SAMPLES = Path(__file__).parents[2] / "samples"
FILLERS = load_fillers([builtin()])


def fact(kind, value, where="", about=""):
    return Fact(kind=kind, value=value, where=where, about=about)


def row(index, about="part", **cells):
    name = f"{about}:{index}" if about else ""
    kinds = {"sort": "class"}
    return tuple(fact(f"entity.{kinds.get(kind, kind)}", value, index, name) for kind, value in cells.items())


def read(*facts, address="192.0.2.1", collector="snmp"):
    return Observation(target=Target(address=address, site="hq"), collector=collector, at=AT, facts=facts)


def parts_of(*observations):
    return next(asset.parts for asset in merge(observations, filler=FILLERS) if asset.seen is Seen.READ)


CHASSIS = row("1", "", sort="chassis", serial="210235C03B0000000011", model="CE6881-48S6CQ")


def test_a_board_without_a_finding_is_a_part_with_all_it_says():
    board = row("68", sort="module", name="slot 1", descr="Line card", mfg="Acme", model="LE1D", serial="BRD0000000042")

    (part,) = parts_of(read(*CHASSIS, *board))

    assert (part.part, part.sort, part.name, part.description) == ("68", "module", "slot 1", "Line card")
    assert (part.vendor, part.model, part.serial) == ("Acme", "LE1D", "BRD0000000042")


def test_what_says_neither_serial_nor_model_is_no_part():
    empty = row("5", sort="container", descr="SFP slot", serial="N/A", model="none")

    assert parts_of(read(*CHASSIS, *empty)) == ()


def test_a_part_that_says_its_model_only_is_a_part():
    (part,) = parts_of(read(*CHASSIS, *row("9", sort="fan", model="FAN-031A", serial="To be filled by O.E.M.")))

    assert (part.model, part.serial) == ("FAN-031A", "")


def test_a_second_row_that_is_the_device_itself_is_not_lost():
    shelf = row("40", "", sort="chassis", serial="734762100047", model="SMXA")

    assert [part.serial for part in parts_of(read(*CHASSIS, *shelf))] == ["734762100047"]


def test_two_boards_a_device_gives_one_name_are_both_kept():
    boards = row("Main_Board", serial="BRD0000000042") + row("Main_Board", serial="BRD0000000043")

    assert [(part.part, part.serial) for part in parts_of(read(*CHASSIS, *boards))] == [
        ("Main_Board", "BRD0000000042"), ("Main_Board (2)", "BRD0000000043"),
    ]  # fmt: skip


def test_a_row_another_programs_journal_leaves_to_the_device_is_a_part_by_its_serial():
    board = (fact("entity.serial", "BRD0000000042", "entPhysical.2"), fact("entity.model", "LE1D", "entPhysical.2"))

    assert [(part.part, part.model) for part in parts_of(read(*CHASSIS, *board))] == [("entPhysical.2", "LE1D")]


def test_one_board_read_over_snmp_and_over_the_cli_is_one_part():
    over_snmp = read(*CHASSIS, *row("68", sort="module", serial="BRD0000000042"))
    over_cli = read(
        fact("entity.serial", "BRD0000000042", "display elabel", "part:slot 1"),
        fact("entity.model", "LE1D", "display elabel", "part:slot 1"),
        collector="ssh",
    )

    (part,) = parts_of(over_snmp, over_cli)

    assert (part.part, part.sort, part.model) == ("68", "module", "LE1D")


def test_two_parts_of_one_serial_and_two_models_stay_two():
    boards = row("2", serial="BRD0000000042", model="A1") + row("3", serial="BRD0000000042", model="B2")

    assert [part.model for part in parts_of(read(*CHASSIS, *boards))] == ["A1", "B2"]


def test_a_terminal_on_a_line_is_a_part_and_an_asset():
    ont = (
        fact("gpon.serial", "HWTC1A2B3C4D", "ont", "gpon:HWTC1A2B3C4D"),
        fact("gpon.port", "0/1/2 ONT 5", "ont", "gpon:HWTC1A2B3C4D"),
    )

    terminal, olt = sorted(merge([read(*CHASSIS, *ont)]), key=lambda asset: asset.seen.value)

    (part,) = olt.parts
    assert (part.sort, part.serial, part.name) == ("terminal", "HWTC1A2B3C4D", "0/1/2 ONT 5")
    assert part.asset == terminal.key


def test_no_order_of_facts_changes_the_parts():
    facts = [*CHASSIS, *row("10", serial="B1000042", model="X"), *row("9", serial="B1000043"), *row("9", model="Y")]
    facts += row("slot 1", serial="B1000042", name="slot 1")
    parts = parts_of(read(*facts))
    shuffle = random.Random(7)

    for _ in range(20):
        shuffle.shuffle(facts)
        assert parts_of(read(*facts)) == parts
    assert [part.part for part in parts] == ["9", "10"]


def of_session(sample, driver):
    """Return the parts of what a driver asks and a recorded session answers, but for those of other commands."""
    asked = driver_table().by_name(driver).lines()
    replies = cli.split_transcript((SAMPLES / f"{sample}.cli").read_text(encoding="utf-8"))
    return parts_of(read(*(one for line, reply in replies if line in asked for one in cli.facts(line, reply))))


def test_an_optic_on_the_labels_and_among_the_transceivers_is_one_part():
    optics = [part for part in of_session("huawei/s5720", "huawei") if "XGigabitEthernet0/0/1" in part.part]

    assert [(part.serial, part.model, part.vendor) for part in optics] == [("OPT00000017", "SFP-10G-LR", "OEM")]


def test_an_optic_of_comware_is_put_together_from_two_replies():
    (optic,) = of_session("lookalikes/h3c-s5130", "h3c_comware")

    assert (optic.part, optic.model) == ("Ten-GigabitEthernet1/0/25", "10G_BASE_SR_SFP")
    assert (optic.serial, optic.vendor) == ("OPT00000025", "OEM")


def test_one_serial_at_one_port_under_two_models_is_one_optic():
    label = row("Slot_0 Port_XGigabitEthernet0/0/1", serial="OPT00000017", model="SFP-10G-LR")
    optic = row("XGigabitEthernet0/0/1", serial="OPT00000017", model="LX-10G")
    other = row("GigabitEthernet0/0/1", serial="OPT00000017", model="LX-10G-B")

    assert len(parts_of(read(*CHASSIS, *label, *optic))) == 1
    assert len(parts_of(read(*CHASSIS, *label, *other))) == 2
