"""A neighbour is the read box of its own marks, not of a common name or address."""

import pytest

from auditor.model import Seen
from tests.tools.merging import merge
from tests.tools.records import arp, descr, fact, learned, lldp, mac, name, seen, serial

ROUTER = "00005e005301"
CAMERA = "00005e005302"
IOS = "Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(4)E7"
OTHER = "ExampleOS Software, Version 5.170 (S5700)"
BOX = (name("Switch"), serial("FOC00000001"), mac("00:00:5e:00:53:0a"), fact("if.name", "Gi1/0/49"))


def switch_and_neighbour(*own, facts=(), **words):
    """Return the serials of the boxes that were read and how many devices were only heard of."""
    claim = lldp("Gi1/0/5", chassis="Switch", sysname="Switch", **words)
    assets = merge([seen("192.0.2.2", *BOX, *own), seen("192.0.2.3", serial("FOC00000002"), *claim, *facts)])
    (box,) = [asset for asset in assets if asset.serial == "FOC00000001"]
    return len(assets), len(box.hearsay) > 0


APART, JOINED = (3, False), (2, True)


def test_a_name_alone_joins_nobody():
    assert switch_and_neighbour() == APART


@pytest.mark.parametrize(
    "words",
    [
        {"address": "192.0.2.2"},
        {"portid": "00:00:5e:00:53:0a"},
        {"portid": "Gi1/0/49"},
        {"sysdescr": IOS},
        {"sysdescr": IOS[:60]},
    ],
    ids=["address", "MAC of the port", "name of the port", "description", "description cut off"],
)
def test_a_name_joins_with_a_second_agreement(words):
    assert switch_and_neighbour(descr(IOS), **words) == JOINED


@pytest.mark.parametrize(
    "words",
    [
        {"address": "192.0.2.9"},
        {"portid": "00:00:5e:00:53:0b"},
        {"portid": "GE0/0/49"},
        {"sysdescr": OTHER},
        {"sysdescr": OTHER, "address": "192.0.2.2", "portid": "Gi1/0/49"},
    ],
    ids=["address", "MAC of the port", "name of the port", "description", "description against all else"],
)
def test_a_name_joins_nobody_whose_own_words_it_contradicts(words):
    assert switch_and_neighbour(descr(IOS), **words) == APART


def test_a_name_joins_with_the_serial_a_neighbour_announces_and_not_with_another():
    for number, wanted in (("FOC00000001", JOINED), ("FOC00000009", APART)):
        told = fact("inventory.serial", number, "", "lldp:7.1")

        assert switch_and_neighbour(facts=[told], address="192.0.2.2" if wanted == APART else "192.0.2.8") == wanted


def test_of_two_boxes_of_one_name_the_one_that_agrees_is_meant():
    claim = lldp("Gi1/0/5", chassis="Switch", sysname="Switch", address="192.0.2.2")
    records = [
        seen("192.0.2.2", name("Switch"), serial("FOC00000001")),
        seen("192.0.2.4", name("Switch"), serial("FOC00000004")),
        seen("192.0.2.3", serial("FOC00000002"), *claim),
    ]

    assert [asset.serial for asset in merge(records) if asset.hearsay] == ["FOC00000001"]


def test_a_cdp_neighbour_joins_by_name_and_address_or_model():
    about = "lldp:cdp5.1"
    said = (fact("cdp.deviceid", "Switch", "", about), fact("cdp.localport", "Gi1/0/5", "", about))
    model = fact("entity.model", "EX2960-24")
    for more, count in (
        ((), 3),
        ((fact("cdp.address", "192.0.2.2", "", about),), 2),
        ((fact("cdp.platform", "example EX2960-24", "", about),), 2),
        ((fact("cdp.platform", "example EX9999", "", about),), 3),
    ):
        records = [seen("192.0.2.2", *BOX, model), seen("192.0.2.3", serial("FOC00000002"), *said, *more)]

        assert len(merge(records)) == count


def test_a_neighbour_that_only_shares_a_name_keeps_its_words_and_its_place():
    claim = lldp("Gi1/0/5", chassis="Switch", sysname="Switch", sysdescr=OTHER)

    assets = merge([seen("192.0.2.2", *BOX, descr(IOS)), seen("192.0.2.3", name("core"), *claim)])

    (neighbour,) = [asset for asset in assets if asset.seen is Seen.HEARD]
    assert (neighbour.name, neighbour.place.switch, neighbour.place.port) == ("Switch", "core", "Gi1/0/5")
    assert OTHER in {item.fact.value for item in neighbour.hearsay}


def web(address):
    return seen(address, fact("http.title", "Camera"), collector="http")


def test_cameras_behind_proxy_arp_do_not_take_the_routers_mac_and_the_router_stays():
    answers = [arp(f"192.0.2.{n}", ROUTER) for n in (50, 51, 254)]

    assets = merge([web("192.0.2.50"), web("192.0.2.51"), seen("192.0.2.1", name("fw"), *answers)])

    assert [(asset.key, asset.macs) for asset in assets if asset.seen is Seen.READ] == [
        ("hq/192.0.2.1", ()),
        ("hq/192.0.2.50", ()),
        ("hq/192.0.2.51", ()),
    ]
    (router,) = [asset for asset in assets if asset.seen is Seen.HEARD]
    assert (router.key, router.macs, router.addresses) == (f"hq/mac:{ROUTER}", (ROUTER,), ("192.0.2.254",))


def test_one_camera_of_several_addresses_behind_a_router_does_not_take_its_mac_either():
    assets = merge(
        [web("192.0.2.50"), seen("192.0.2.1", arp("192.0.2.50", ROUTER)), seen("192.0.2.2", arp("192.0.2.77", ROUTER))]
    )

    assert {asset.key: asset.macs for asset in assets}["hq/192.0.2.50"] == ()


def test_a_mac_of_a_router_that_was_read_is_not_lent():
    router = seen("192.0.2.254", name("router"), mac(ROUTER))

    assets = merge([web("192.0.2.50"), router, seen("192.0.2.1", arp("192.0.2.50", ROUTER))])

    assert {asset.address: asset.macs for asset in assets}["192.0.2.50"] == ()
    assert {asset.address: asset.macs for asset in assets}["192.0.2.254"] == (ROUTER,)


def test_a_host_has_one_mac_for_its_addresses_of_both_versions():
    tables = seen("192.0.2.1", arp("192.0.2.50", CAMERA), arp("fe80::200:5eff:fe00:5302", CAMERA))

    assert {asset.address: asset.macs for asset in merge([web("192.0.2.50"), tables])}["192.0.2.50"] == (CAMERA,)


def test_an_address_of_version_6_that_was_read_as_another_device_is_anothers():
    tables = seen("192.0.2.1", arp("192.0.2.50", CAMERA), arp("2001:db8::51", CAMERA))

    assets = merge([web("192.0.2.50"), web("2001:db8::51"), tables])

    assert {asset.address: asset.macs for asset in assets}["192.0.2.50"] == ()


def test_a_box_read_at_both_addresses_its_mac_answers_for_has_that_mac():
    read = [seen(f"192.0.2.{n}", serial("FOC00000001")) for n in (50, 51)]

    assets = merge(
        [*read, seen("192.0.2.1", arp("192.0.2.50", CAMERA), arp("192.0.2.51", CAMERA), *learned(CAMERA, "Gi7"))]
    )

    (camera,) = [asset for asset in assets if asset.serial]
    assert (camera.macs, camera.place.port) == ((CAMERA,), "Gi7")


def test_a_description_that_two_boxes_of_one_name_share_leads_to_neither():
    boxes = [seen(f"192.0.2.{n}", name("Switch"), descr(IOS), serial(f"FOC0000000{n}")) for n in (1, 2)]
    claim = lldp("Gi1/0/5", chassis="Switch", sysname="Switch", sysdescr=IOS)

    assert [
        asset.seen for asset in merge([*boxes, seen("192.0.2.3", serial("FOC00000009"), *claim)]) if asset.hearsay
    ] == [Seen.HEARD]
