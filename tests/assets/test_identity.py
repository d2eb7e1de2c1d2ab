"""Contradicting marks split an address, a stack is a set, a pair with one MAC is two."""

from datetime import UTC, datetime, timedelta

import pytest

from auditor.assets.ports import load_ports
from auditor.model import Confidence, Fact, Observation, Seen, Target
from auditor.model.kinds import about_lldp, about_part
from auditor.rules.load import builtin
from tests.tools.merging import merge
from tests.tools.records import arp, fact, learned, lldp, mac, name, seen, serial

MORNING = datetime(2026, 11, 23, 5, tzinfo=UTC)
PORTS = load_ports([builtin()])
ONE, TWO, SHARED = "00:1b:17:aa:00:02", "00:1b:17:aa:00:03", "00:1b:17:00:01:20"


def at(hours, *facts, address="192.0.2.9", collector="snmp"):
    """Return what one collector saw at an address so many hours after the morning."""
    return Observation(
        target=Target(address=address, site="hq"), collector=collector, at=MORNING + timedelta(hours=hours), facts=facts
    )


def keys(*observations):
    return [asset.key for asset in merge(observations, spelling=PORTS)]


def test_an_address_two_boxes_had_one_after_the_other_is_two_assets():
    old = at(0, name("cam-old"), serial("SNOLD0001"), mac("00:00:5e:00:53:01"))
    new = at(18, name("cam-new"), serial("SNNEW0001"), mac("00:00:5e:00:53:02"))

    assets = merge([new, old])

    assert [(asset.key, asset.name, asset.macs) for asset in assets] == [
        ("hq/serial:SNNEW0001", "cam-new", ("00005e005302",)),
        ("hq/serial:SNOLD0001", "cam-old", ("00005e005301",)),
    ]


BOARDS = ["2102310ABC10J1234567", "2102310ABC10J1234568"]


def boards(*names, hours=(0, 0), macs=("", "")):
    rows = zip(names, BOARDS, hours, macs, strict=True)
    return [at(hour, name(text), serial(board), *([mac(own)] if own else [])) for text, board, hour, own in rows]


def test_rows_of_one_list_that_name_one_device_are_its_boards():
    (asset,) = merge(boards("OLT-1", "OLT-1"))

    assert {fact.value for fact in asset.facts if fact.kind == "entity.serial"} == set(BOARDS)


@pytest.mark.parametrize(
    "rows",
    [
        boards("OLT-1", "OLT-2"),
        boards("OLT-1", "OLT-1", hours=(0, 18)),
        boards("OLT-1", "OLT-1", macs=("00:00:5e:00:53:01", "00:00:5e:00:53:02")),
    ],
    ids=["another name", "another time", "another MAC"],
)
def test_rows_that_differ_in_more_than_a_serial_are_two_devices(rows):
    assert len(merge(rows)) == len(merge(rows[::-1])) == 2


def test_words_without_a_mark_go_to_the_box_that_was_there_at_the_time():
    old, new = at(0, serial("SNOLD0001")), at(18, serial("SNNEW0001"))
    page = at(17, fact("http.title", "AXIS P3245-LV"), collector="probe")

    assets = {asset.serial: asset for asset in merge([page, new, old])}

    assert [fact.value for fact in assets["SNNEW0001"].facts if fact.kind == "http.title"] == ["AXIS P3245-LV"]
    assert not [fact for fact in assets["SNOLD0001"].facts if fact.kind == "http.title"]


def test_two_collectors_that_each_show_another_serial_of_one_box_are_one_box():
    assert len(keys(at(0, serial("CHASSIS0001")), at(0, serial("BOARD000002"), collector="ssh"))) == 1


def test_what_the_books_say_of_a_serial_splits_nothing():
    books = at(0, fact("inventory.serial", "ASSETDB0002"), collector="csv")

    assert (
        keys(at(0, serial("CHASSIS0001")), books)
        == keys(books, at(0, serial("CHASSIS0001")))
        == ["hq/serial:CHASSIS0001"]
    )


def stack(address, own, other):
    """Return a stack of two as its master shows it, the other's serial that of a part."""
    part = about_part("2001")
    return seen(
        address,
        name("stk"),
        mac("00:1b:54:00:00:02"),
        Fact(kind="entity.serial", value=own, where="1001"),
        Fact(kind="entity.class", value="chassis", where="1001"),
        Fact(kind="entity.serial", value=other, where="2001", about=part),
        Fact(kind="entity.class", value="chassis", where="2001", about=part),
    )


def test_a_stack_whose_master_changed_is_one_asset_under_one_key():
    first, second = stack("192.0.2.2", "FOCAAAA0001", "FOCBBBB0002"), stack("192.0.2.22", "FOCBBBB0002", "FOCAAAA0001")

    assert keys(first, second) == keys(second, first) == keys(first) == keys(second) == ["hq/serial:FOCAAAA0001"]


def test_a_pair_that_shares_an_address_is_two_assets_and_says_so():
    pair = [
        seen("192.0.2.2", name("fw1"), mac(ONE), mac(SHARED)),
        seen("192.0.2.3", name("fw2"), mac(TWO), mac(SHARED)),
    ]

    assets = merge(pair)

    assert [asset.name for asset in assets] == ["fw1", "fw2"]
    assert all("00:1b:17:00:01:20" in asset.conflicts[0] for asset in assets)
    assert assets[0].conflicts[0].startswith("fw2 (192.0.2.3, MAC 00:1b:17:aa:00:03) shows the MAC")


def test_one_router_at_two_addresses_is_still_one():
    assert (
        len(
            keys(
                seen("192.0.2.2", name("r1"), mac(ONE), mac(SHARED)),
                seen("192.0.2.3", name("r1.example.org"), mac(TWO), mac(SHARED)),
            )
        )
        == 1
    )


def test_a_serial_on_two_boxes_is_told_at_both():
    pair = [seen("192.0.2.2", serial("FOC12345678"), mac(ONE)), seen("192.0.2.3", serial("FOC12345678"), mac(TWO))]

    assert [len(asset.conflicts) for asset in merge(pair)] == [1, 1]
    assert "FOC12345678" in merge(pair)[0].conflicts[0]


def cdp(text):
    about = about_lldp("cdp7.1")
    return Fact(kind="cdp.deviceid", value=text, about=about), Fact(kind="cdp.localport", value="Gi1/0/7", about=about)


@pytest.mark.parametrize("text", ["hex:001b54000003", "SEP001B54000003", "SNSW20002(sw2)", "001b.5400.0003"])
def test_a_cdp_name_that_holds_a_mac_or_a_serial_is_that_box(text):
    other = seen("192.0.2.3", serial("SNSW20002"), mac("00:1b:54:00:00:03"))

    assets = merge([seen("192.0.2.2", serial("SNSW10001"), *cdp(text)), other])

    assert [asset.key for asset in assets] == ["hq/serial:SNSW10001", "hq/serial:SNSW20002"]
    assert (assets[1].place.switch, assets[1].place.port) == ("192.0.2.2", "Gi1/0/7")


def test_a_neighbour_known_by_its_address_alone_is_the_box_read_there():
    reporter = seen("192.0.2.2", serial("SNSW10001"), *lldp("Gi1/0/1", chassis="192.0.2.3", address="192.0.2.3"))

    assert keys(reporter, seen("192.0.2.3", serial("SNSW20002"), mac(ONE))) == [
        "hq/serial:SNSW10001",
        "hq/serial:SNSW20002",
    ]


def test_an_address_does_not_make_a_box_of_other_words_the_neighbour():
    forged = lldp("Gi1/0/1", address="192.0.2.3", sysname="hik", sysdescr="HIKVISION DS-2CD2143G2-I")
    box = seen("192.0.2.3", serial("SNSW20002"), name("lx1"), fact("snmp.sysdescr", "Linux lx1 6.1.0"))

    assets = merge([seen("192.0.2.2", serial("SNSW10001"), *forged), box])

    assert len(assets) == 3
    assert assets[-1].hearsay == () or all(item.fact.kind != "lldp.sysdescr" for item in assets[-1].hearsay)


def test_a_switch_that_was_not_read_has_the_address_it_announces():
    reporter = seen(
        "192.0.2.2", serial("SNSW10001"), *lldp("Gi1/0/1", chassis="00:e0:fc:00:00:09", address="192.0.2.9")
    )

    assert [asset.addresses for asset in merge([reporter])] == [("192.0.2.9",), ("192.0.2.2",)]


def test_a_name_and_tables_in_common_make_one_of_a_neighbour_and_a_box_that_showed_no_mac():
    camera = "bcad28000001"
    access = seen("acc", name("acc"), *learned(camera, "GE0/0/7"), *learned("001422000001", "GE0/0/7"))
    claim = lldp("GigabitEthernet0/0/1", chassis="00:e0:fc:00:00:02", sysname="acc", portid="GigabitEthernet0/0/24")
    core = seen("core", name("core"), *learned(camera, "GE0/0/1"), *claim)

    assets = merge([access, core], spelling=PORTS)

    (placed,) = [asset for asset in assets if camera in asset.macs]
    assert len(assets) == 4
    assert (placed.place.switch, placed.place.port, placed.place.confidence) == ("acc", "GE0/0/7", "medium")


def conflicts(*observations):
    return [asset.conflicts for asset in merge(observations)]


PRODUCT, OTHER_PRODUCT = (
    fact("snmp.sysobjectid", "1.3.6.1.4.1.32473.1"),
    fact("snmp.sysobjectid", "1.3.6.1.4.1.32473.2"),
)


def test_a_serial_of_two_products_joins_nothing_and_is_told_at_both():
    two = [seen("192.0.2.2", serial("FOC12345678"), PRODUCT), seen("192.0.2.3", serial("FOC12345678"), OTHER_PRODUCT)]

    assert keys(*two) == ["hq/192.0.2.2", "hq/192.0.2.3"]
    (words,) = conflicts(*two)[0]
    assert words.startswith(
        "a device (192.0.2.3, serial FOC12345678, sysObjectID 1.3.6.1.4.1.32473.2) shows the serial"
    )
    assert words.endswith(" FOC12345678 as well, with another sysObjectID; it makes no box of two.")


def test_a_serial_of_one_product_at_two_addresses_is_one_box():
    assert keys(*[seen(f"192.0.2.{n}", serial("FOC12345678"), PRODUCT) for n in (2, 3)]) == ["hq/serial:FOC12345678"]


def test_a_mac_under_two_serials_is_told_at_both():
    two = [seen(f"192.0.2.{n}", serial(f"FOC0000000{n}"), mac(SHARED)) for n in (2, 3)]

    assert [words[0].partition(" shows ")[0] for words in conflicts(*two)] == [
        "a device (192.0.2.3, serial FOC00000003)",
        "a device (192.0.2.2, serial FOC00000002)",
    ]
    assert "with another serial number" in conflicts(*two)[0][0]


def test_two_that_have_many_macs_in_common_are_told_once():
    macs = [mac(f"00:00:5e:00:53:{n:02x}") for n in range(40)]

    (words,), _ = conflicts(*[seen(f"192.0.2.{n}", serial(f"FOC0000000{n}"), *macs) for n in (2, 3)])

    assert "shows the MAC 00:00:5e:00:53:00 and 39 more as well, with another serial number" in words


def test_many_that_show_one_engine_id_name_the_first_few_others():
    engine = fact("snmp.engineid", "80001f8880aabbccdd00112233")
    crowd = [seen(f"192.0.2.{n}", engine, mac(f"00:00:5e:00:53:{n:02x}")) for n in range(1, 10)]

    assert {len(words) for words in conflicts(*crowd)} == {1}
    assert all("and 5 more shows the engine ID" in words[0] for words in conflicts(*crowd))


def test_two_collectors_that_differ_in_serial_mac_and_name_saw_two_boxes():
    old = at(0, name("cam-old"), serial("SNOLD0001"), mac(ONE))
    page = [fact("inventory.serial", "SNNEW0001"), fact("inventory.mac", TWO), fact("inventory.name", "cam-new")]

    assert keys(old, at(18, *page, collector="http")) == ["hq/serial:SNNEW0001", "hq/serial:SNOLD0001"]
    assert keys(old, at(18, *page[:2], collector="http")) == ["hq/serial:SNOLD0001"]


def test_an_address_two_products_had_in_turn_is_two_assets_and_the_last_has_its_name():
    assert keys(at(0, PRODUCT), at(18, OTHER_PRODUCT)) == ["hq/192.0.2.9", "hq/192.0.2.9#2026-11-23T05:00:00Z"]
    assert keys(at(0, PRODUCT), at(18, PRODUCT)) == ["hq/192.0.2.9"]


def test_of_two_names_of_one_box_the_fuller_one_is_kept_at_whichever_address():
    for one, other in (("r1", "r1.example.org"), ("r1.example.org", "r1")):
        (asset,) = merge([seen("192.0.2.2", name(one), mac(ONE)), seen("192.0.2.3", name(other), mac(ONE))])
        assert asset.name == "r1.example.org"


@pytest.mark.parametrize(
    ("text", "wanted"), [("SNSW20002(sw2)", "sw2"), ("sw2(SNSW20002)", "sw2"), ("sw-hall-2(FOX1234567)", "sw-hall-2")]
)
def test_a_cdp_name_is_told_without_the_serial_beside_it(text, wanted):
    (heard,) = [asset for asset in merge([seen("192.0.2.2", serial("SNSW10001"), *cdp(text))]) if asset.hearsay]

    assert heard.name == wanted


def test_a_telephone_that_announces_its_address_is_the_mac_of_its_port():
    phone = lldp("Gi1/0/7", chassis="192.0.2.77", portid="00:15:65:00:00:01")
    switch = seen("192.0.2.2", serial("SNSW10001"), *phone, *learned("001565000001", "Gi1/0/7"))

    assert keys(switch) == ["hq/mac:001565000001", "hq/serial:SNSW10001"]


def test_a_port_with_the_mac_of_a_read_box_is_that_box_unless_its_words_differ():
    box = seen("192.0.2.3", serial("SNSW20002"), mac(ONE), fact("snmp.sysdescr", "ExampleOS 1.0"))
    claim = {"chassis": "hall", "portid": ONE}

    assert len(keys(box, seen("192.0.2.2", serial("SNSW10001"), *lldp("Gi1", **claim)))) == 2
    other = lldp("Gi1", **claim, sysdescr="OtherOS 2.0")
    assert len(keys(box, seen("192.0.2.2", serial("SNSW10001"), *other))) == 3


def heard_of(*records):
    return [asset for asset in merge(records) if asset.seen is Seen.HEARD]


def cdp_of(text, address, row="cdp4.1", port="Gi1/0/4"):
    about = about_lldp(row)
    words = (("cdp.deviceid", text), ("cdp.address", address), ("cdp.localport", port))
    return [Fact(kind=kind, value=value, about=about) for kind, value in words if value]


DARK = {"chassis": "00:e0:fc:00:00:09", "sysname": "dark.example.org", "address": "192.0.2.9"}


def test_a_switch_that_was_not_read_is_one_by_its_management_address():
    one = seen("192.0.2.2", serial("SNSW10001"), *lldp("Gi1/0/1", **DARK))
    other = seen("192.0.2.3", serial("SNSW20002"), *cdp_of("dark", "192.0.2.9"))

    (dark,) = heard_of(one, other)

    assert (dark.key, {item.by for item in dark.hearsay}) == (
        "hq/mac:00e0fc000009",
        {"hq/serial:SNSW10001", "hq/serial:SNSW20002"},
    )
    assert dark.place.behind.startswith("also on")


def test_what_lldp_and_cdp_name_alike_on_one_port_is_one():
    both = seen("192.0.2.2", serial("SNSW10001"), *lldp("Gi1/0/4", **DARK), *cdp_of("dark", ""))

    assert [asset.key for asset in heard_of(both)] == ["hq/mac:00e0fc000009"]
    assert len(heard_of(seen("192.0.2.2", *lldp("Gi1/0/5", **DARK), *cdp_of("dark", "")))) == 2


def test_an_address_joins_no_two_that_differ_in_name_and_none_of_two_macs():
    lone = lldp("Gi1/0/1", row="1.1", **DARK)
    twin = lldp("Gi1/0/2", row="2.1", **DARK | {"chassis": "00:e0:fc:00:00:0a"})

    assert len(heard_of(seen("192.0.2.2", *lone, *cdp_of("other", "192.0.2.9")))) == 2
    assert len(heard_of(seen("192.0.2.2", *lone, *twin, *cdp_of("dark", "192.0.2.9")))) == 3


VLAN_INTERFACE = "00:e0:fc:00:00:0b"
AT_MANAGEMENT = arp("192.0.2.9", VLAN_INTERFACE)


def test_the_mac_at_the_management_address_of_a_silent_switch_is_its_own():
    hears = (*lldp("Gi1/0/1", **DARK), *cdp_of("dark", "192.0.2.9"), *learned(VLAN_INTERFACE, "Gi1/0/1"))

    (dark,) = heard_of(seen("192.0.2.2", serial("SNSW10001"), *hears), seen("192.0.2.3", AT_MANAGEMENT))

    assert (dark.key, dark.macs) == ("hq/mac:00e0fc000009", ("00e0fc000009", "00e0fc00000b"))
    assert dark.remarks == (
        "ARP tables have 192.0.2.9, its management address, at 00:e0:fc:00:00:0b: a MAC of its own, then.",
    )
    assert (dark.place.port, dark.place.confidence, dark.place.behind) == ("Gi1/0/1", Confidence.HIGH, "")


@pytest.mark.parametrize(
    "facts",
    [
        learned(VLAN_INTERFACE, "Gi1/0/7"),
        [arp("192.0.2.9", "00:e0:fc:00:00:0c")],
        [arp("192.0.2.8", VLAN_INTERFACE)],
        lldp("Gi1/0/1", "8.1", chassis=VLAN_INTERFACE),
        lldp("Gi1/0/2", "9.1", **DARK | {"chassis": "00:e0:fc:00:00:0a"}),
        [fact("dhcp.hostname", "camera", "", f"mac:{VLAN_INTERFACE}")],
    ],
    ids=["another port", "another MAC there", "another address", "its own words", "two switches", "another name"],
)
def test_no_mac_is_taken_into_a_silent_switch_that_anything_contradicts(facts):
    switch = (serial("SNSW10001"), *lldp("Gi1/0/1", **DARK))
    apart = [asset for asset in heard_of(seen("192.0.2.2", *switch, AT_MANAGEMENT, *facts)) if len(asset.macs) != 1]

    assert apart == []


def test_a_mac_at_the_address_of_what_was_read_there_stays_with_that():
    switch = seen("192.0.2.2", serial("SNSW10001"), *lldp("Gi1/0/1", **DARK), AT_MANAGEMENT)

    (read,) = [one for one in merge([switch, seen("192.0.2.9", serial("SNSW20002"))]) if one.serial == "SNSW20002"]

    assert "00e0fc00000b" in read.macs
