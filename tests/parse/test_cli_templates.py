"""Templates of other people: all that fit agree, none takes long, nothing is lost in silence."""

import re
import time
from importlib import resources
from pathlib import Path

import pytest

from auditor.parse import cli
from auditor.parse.cli import templates
from auditor.parse.cli.choice import DIFFERENT

IOS = """\
          Mac Address Table
-------------------------------------------

Vlan    Mac Address       Type        Ports
----    -----------       --------    -----
  30    0000.5e00.5307    DYNAMIC     Gi1/0/7
  30    0000.5e00.5308    DYNAMIC     Gi1/0/8
Total Mac Addresses for this criterion: 2
"""


def test_a_reply_is_read_by_the_templates_of_systems_nobody_named() -> None:
    said = cli.read("show mac address-table", IOS)

    assert said.problem == ""
    assert [fact.value for fact in said.facts if fact.kind == "fdb.port"] == ["Gi1/0/7", "Gi1/0/8"]


def test_templates_that_read_a_reply_differently_make_it_unread() -> None:
    """Without titles `7  30` is a port and a VLAN to one system, a VLAN and an age to another."""
    rows = "".join(f"0000.5e00.53{at:02x} 7 dynamic {at}\n" for at in range(16, 32))

    said = cli.read("show mac-address", rows)

    assert [fact.kind for fact in said.facts] == ["cli.output"]
    assert said.problem == DIFFERENT


def test_a_template_that_leaves_a_row_out_does_not_fit() -> None:
    odd = IOS.replace("  30    0000.5e00.5308    DYNAMIC     Gi1/0/8", "here stands 0000.5e00.5308 on Gi1/0/8")

    said = cli.facts("show mac address-table", odd)

    assert {fact.value for fact in said if fact.kind == "fdb.mac"} == {"0000.5e00.5307", "0000.5e00.5308"}


def test_more_neighbours_announced_than_read_are_told() -> None:
    reply = "Local Intf: Gi1/0/2\nChassis id: 0000.5e00.5301\nSystem Name: acc-7\n\nTotal entries displayed: 3\n"

    assert "3 neighbours" in cli.read("show lldp neighbors detail", reply).problem


def test_a_reply_beyond_the_cap_is_told_to_be_cut() -> None:
    said = cli.read("show mac address-table", IOS, cap=len(IOS) - 50)

    assert "cut after" in said.problem
    assert len(said.facts) > 1


def test_a_table_longer_than_what_is_kept_of_it_is_read_to_its_end() -> None:
    rows = "".join(f"  30    0000.5e{at // 256:02x}.{at % 256:02x}07    DYNAMIC     Gi1/0/7\n" for at in range(6_000))

    said = cli.read("show mac address-table", IOS.rpartition("  30 ")[0].rpartition("  30 ")[0] + rows)

    assert said.problem == ""
    assert len([fact for fact in said.facts if fact.kind == "fdb.mac"]) == 6_000
    assert len(said.facts[0].value) == cli.OUTPUT_CAP


def test_hardly_a_template_needs_more_than_linear_time() -> None:
    folder = Path(str(resources.files("ntc_templates"))) / "templates"
    names = [
        path.name for path in folder.glob("*.textfsm") if any(word in path.name for word in ("arp", "mac", "_cdp_"))
    ]

    caps = [templates._expression(rule.regex)[1] for name in names for rule in rules(name)]

    assert len(caps) > 300
    assert caps.count(None) >= 0.99 * len(caps)


def rules(name):
    import textfsm

    with (Path(str(resources.files("ntc_templates"))) / "templates" / name).open(encoding="utf-8") as file:
        return [rule for state in textfsm.TextFSM(file).states.values() for rule in state]


@pytest.mark.parametrize("bait", ["a " * 20_000, "0000.5e00.5307 " * 4_000, "-" * 50_000, "Device ID: " + "x" * 50_000])
def test_a_line_without_end_takes_no_time(bait: str) -> None:
    began = time.process_time()
    for command in ("show lldp neighbors", "show cdp neighbors detail", "show mac address-table"):
        cli.read(command, f"{bait}\n{bait}\n")

    assert time.process_time() - began < 4


def test_the_index_is_read_as_its_own_library_reads_it():
    from textfsm import clitable

    folder = resources.files("ntc_templates") / "templates"
    table = clitable.CliTable("index", str(folder)).index
    rows = [line.split(",")[3].strip() for line in (folder / "index").read_text().splitlines() if ".textfsm" in line]
    plain = [re.sub(r"\[\[(.+?)\]\]", short, row) for row in rows[::7] for short in (r"\1", "")]
    plain += [re.sub(r"\((.*?)\|.*?\)", r"\1", one) for one in plain]
    commands = sorted({one.strip() for one in (*plain, "display arp", "sh  ver")})

    for command in commands:
        fitting = [number for number, row in enumerate(table.compiled, 1) if row["Command"].match(command)]
        first = {}
        for number in fitting:
            first.setdefault(table.index[number]["Platform"], table.index[number]["Template"].split(":")[0])
        assert templates.names(command) == tuple(first.values()), command
