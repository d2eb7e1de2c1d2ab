"""Where a device is plugged in, and the sentence that says why, word for word."""

from datetime import UTC, datetime

import pytest

from auditor.assets.board import Reporter, Switchboard
from auditor.assets.links import Stranger
from auditor.assets.place import Placer
from auditor.assets.ports import load_ports
from auditor.model import Confidence, Fact, Hearsay
from auditor.rules.load import builtin

AT = datetime(2026, 11, 23, tzinfo=UTC)
PORTS = load_ports([builtin()])
OURS, OTHERS = "mac:00005e005301", ("mac:00005e005302", "mac:00005e005303")


def fact(kind, value, about=OURS):
    return Fact(kind=kind, value=value, about=about)


def row(port, vlan="20", about=OURS):
    return fact("fdb.port", port, about), fact("fdb.vlan", vlan, about)


def heard(by, *facts):
    return [Hearsay(by=by, fact=one) for one in facts]


def place(tables, *said):
    """Return the place of one device, of the tables of each switch and what they say of it."""
    said = said or [one for by, facts in tables.items() for one in heard(by, *(x for x in facts if x.about == OURS))]
    board = Switchboard(PORTS)
    for key, facts in tables.items():
        board.add(Reporter(key=key, name=key, site="hq", macs=(), at=AT, facts=facts))
    claims = [(key, one.value) for key, facts in tables.items() for one in facts if one.about == "lldp:sw9"]
    board.connect((), [Stranger(by=key, port=port, name="sw9") for key, port in claims])
    return Placer(board).place("hq/device", ("00005e005301",), said)


@pytest.mark.parametrize(
    ("others", "words"), [((), "no other MAC"), (OTHERS[:1], "1 other MAC"), (OTHERS, "2 other MACs")]
)
def test_the_macs_beside_it_are_counted(others, words):
    facts = [one for about in (OURS, *others) for one in row("Gi1/0/7", about=about)]

    found = place({"sw1": facts})

    assert words in found.because
    assert found.confidence is (Confidence.MEDIUM if others else Confidence.HIGH)
    assert found.behind == (f"unmanaged switch or recorder on sw1 Gi1/0/7, {len(others) + 1} devices" if others else "")


def test_a_port_that_leads_on_is_said_to():
    facts = [*row("Gi1/0/7"), fact("lldp.localport", "Gi1/0/7", "lldp:sw9")]

    found = place({"sw1": facts})

    assert (
        found.because == "sw1 learned its MAC on Gi1/0/7, with no other MAC on that port; sw9 announces itself there."
    )
    assert (found.behind, found.confidence) == ("behind sw9", "medium")


def test_of_several_ports_that_tell_nothing_of_each_other_the_emptiest_is_chosen_and_the_others_named():
    found = place({"sw1": row("Gi1/0/7"), "sw2": (*row("Gi1/0/48"), *row("Gi1/0/48", about=OTHERS[0]))})

    assert (found.switch, found.port) == ("sw1", "Gi1/0/7")
    assert found.confidence is Confidence.LOW
    assert found.because == (
        "sw1 learned its MAC on Gi1/0/7, with no other MAC on that port; also on sw2 Gi1/0/48:"
        " neither leads to the other, so it has moved, or the MAC is used twice."
    )


@pytest.mark.parametrize(
    ("port", "crowd", "leads_on"),
    [("Po1", 2, True), ("Port-channel 7", 2, True), ("Eth-Trunk3", 2, True), ("Po1", 1, False), ("Pots1", 2, False)],
)
def test_an_aggregate_leads_on_where_several_macs_are_behind_it(port, crowd, leads_on):
    facts = [one for about in (OURS, *OTHERS)[:crowd] for one in row(port, about=about)]

    assert (place({"sw1": facts}).behind == "behind a switch that was not read") is leads_on


def test_what_a_port_bundles_is_named_and_no_more_than_eight_of_it():
    members = [Fact(kind="lag.member", value=f"swp{number}", where="bond1") for number in range(1, 12)]

    because = place({"sw1": (*row("bond1"), *members)}).because

    assert because.endswith(" The port bundles swp1 and swp10 and swp11 and swp2 and swp3 and swp4 and swp5 and swp6.")


def test_the_lowest_vlan_that_is_one_is_shown():
    vlans = [fact("fdb.vlan", value) for value in ("30", "7", "x", "1" * 11)]
    claim = fact("lldp.localport", "Gi1/0/7")

    assert place({"sw1": ()}, *heard("sw1", fact("fdb.port", "Gi1/0/7"), *vlans, claim)).vlan == 7
    assert place({"sw1": ()}, *heard("sw1", *vlans, claim)).vlan is None


def test_a_neighbour_hangs_on_the_port_it_is_heard_on():
    found = place({"sw1": ()}, *heard("sw1", fact("cdp.localport", "Gi1/0/7")))

    assert (found.switch, found.port, found.powered) == ("sw1", "Gi1/0/7", False)
    assert found.because == "sw1 hears it over CDP on Gi1/0/7, so it is the device at the other end."


def test_power_is_told_of_the_port_a_neighbour_hangs_on():
    poe = Fact(kind="poe.port", value="Gi1/0/7")
    found = place({"sw1": (poe,)}, *heard("sw1", fact("lldp.localport", "Gi1/0/7")))

    assert found.powered
    assert found.because.endswith("other end. The port feeds power (PoE) to what is plugged in there.")


@pytest.mark.parametrize(
    ("told", "port", "because"),
    [
        ({"olt1": ["0/1/0"]}, "0/1/0", "olt1 lists a terminal with this serial number on PON port 0/1/0."),
        ({"olt1": []}, "PON", "olt1 lists a terminal with this serial number."),
        (
            {"olt2": ["0/2/0"], "olt1": ["0/1/1", "0/1/0"]},
            "0/1/0",
            "olt1 lists a terminal with this serial number on PON port 0/1/0, as others do.",
        ),
    ],
)
def test_a_terminal_hangs_on_the_line_terminal_that_lists_it(told, port, because):
    said = [
        one
        for by, ports in told.items()
        for one in heard(by, fact("gpon.serial", "HWTC12345678"), *(fact("gpon.port", at) for at in ports))
    ]
    found = place(dict.fromkeys(told, ()), *said)

    assert (found.switch, found.port, found.because) == ("olt1", port, because)


def test_what_a_device_says_of_itself_places_it_nowhere():
    assert place({"hq/device": ()}, *heard("hq/device", *row("Gi1/0/7"))) is None
