"""A device read from two sites is one with two sightings, by serial and MAC or maker alone."""

from auditor.assets.merge import survey
from tests.tools.records import fact, learned, lldp, mac, name, seen, serial

NUMBER, OTHER = "FOC1234X0AB", "FOC1234X0AC"
ROUTER = (name("r1"), serial(NUMBER), mac("00:00:5e:00:53:01"))
MAKER = fact("snmp.sysobjectid", "1.3.6.1.4.1.32473.1.5")


def assets(*records):
    return survey(records).assets


def test_a_router_read_from_two_sites_is_one_device_with_two_sightings():
    switch = seen("192.0.2.2", name("acc"), *learned("00005e005301", "Gi1/0/7"), site="lab")
    tables = learned("001422000001", "Gi0/1")

    told = assets(seen("192.0.2.1", *ROUTER, *tables, site="hq"), seen("198.51.100.1", *ROUTER, site="lab"), switch)

    assert len(told) == 3
    (router,) = [asset for asset in told if asset.serial]
    assert (router.key, router.addresses, router.place.port) == (f"lab/serial:{NUMBER}", ("198.51.100.1",), "Gi1/0/7")
    assert [(one.site, one.address) for one in router.sightings] == [("hq", "192.0.2.1"), ("lab", "198.51.100.1")]
    assert router.remarks == ("Also read at hq (192.0.2.1); it is counted here alone.",)


def test_what_a_router_told_at_its_other_site_is_still_its_word():
    claim = lldp("Gi0/1", chassis="00:00:5e:00:53:07", sysname="dark")
    network = survey(
        [
            seen("192.0.2.1", *ROUTER, fact("snmp.sysdescr", "ExampleOS"), site="hq"),
            seen("198.51.100.1", *ROUTER, *claim, site="lab"),
        ]
    )

    router, dark = network.assets
    assert {item.by for item in dark.hearsay} == {router.key} == {f"hq/serial:{NUMBER}"}
    assert dark.place.carriers == (router.key,)
    assert all(end != f"lab/serial:{NUMBER}" for link in network.links for end in (link.one, link.other))


def test_a_serial_and_a_maker_join_across_sites_where_no_mac_was_shown():
    records = [seen("192.0.2.1", serial(NUMBER), MAKER, site=site) for site in ("hq", "lab")]

    assert [len(asset.sightings) for asset in assets(*records)] == [2]


def test_nothing_else_joins_across_sites():
    for own, other in (
        ((serial(NUMBER), mac("00:00:5e:00:53:01")), (serial(NUMBER), mac("00:00:5e:00:53:02"))),
        ((serial(NUMBER), MAKER, mac("00:00:5e:00:53:01")), (serial(NUMBER), MAKER, mac("00:00:5e:00:53:02"))),
        ((serial(NUMBER),), (serial(NUMBER),)),
        ((serial(NUMBER), MAKER), (serial(NUMBER), fact("snmp.sysobjectid", "1.3.6.1.4.1.9.1"))),
    ):
        two = assets(seen("192.0.2.1", *own, site="hq"), seen("192.0.2.1", *other, site="lab"))
        assert [len(asset.sightings) for asset in two] == [0, 0]
        assert all("shows the serial number FOC1234X0AB as well" in asset.conflicts[0] for asset in two)
    macs = [seen("192.0.2.1", mac("00:00:5e:00:53:01"), site=site) for site in ("hq", "lab")]
    assert len(assets(*macs)) == 2


def test_a_board_read_from_two_sites_is_one_part_of_one_router():
    board = (fact("entity.serial", "BRD0000000042", "68", "part:68"), fact("entity.model", "LE1D", "68", "part:68"))
    records = [seen("192.0.2.1", *ROUTER, *board, site="hq"), seen("198.51.100.1", *ROUTER, board[0], site="lab")]

    (router,) = assets(*records)

    assert [(part.part, part.serial, part.model) for part in router.parts] == [("68", "BRD0000000042", "LE1D")]


def test_a_part_that_is_a_device_of_two_sites_has_the_key_of_its_home():
    channel = (
        fact("recorder.channel", "address=192.0.2.1", "c 1", "channel:1"),
        fact("inventory.serial", NUMBER, "c 1", "channel:1"),
    )
    camera = [seen("192.0.2.1", *ROUTER, fact("snmp.sysdescr", "ExampleOS"), site="hq")]
    camera += [seen("198.51.100.1", *ROUTER, site="lab"), seen("198.51.100.9", name("nvr1"), *channel, site="lab")]

    told = assets(*camera)

    (recorder,) = [asset for asset in told if asset.parts]
    assert recorder.parts[0].asset == f"hq/serial:{NUMBER}"
