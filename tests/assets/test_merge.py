"""One device, one asset; a neighbour is heard, never confused with its reporter."""

import random
from datetime import UTC, datetime

from auditor.assets.ports import load_ports
from auditor.model import Confidence, Fact, Observation, Seen, Target
from auditor.rules.load import builtin
from tests.tools.merging import merge

AT = datetime(2026, 11, 21, tzinfo=UTC)
CAMERA = "bcad28000001"


def seen(address, *facts, site="hq", collector="snmp"):
    return Observation(target=Target(address=address, site=site), collector=collector, at=AT, facts=tuple(facts))


def fact(kind, value, where="", about=""):
    return Fact(kind=kind, value=value, where=where, about=about)


def serial(value="2102359579DMHC000288"):
    return fact("entity.serial", value, "1")


def learned(mac, port, vlan="20"):
    about = f"mac:{mac}"
    return fact("fdb.mac", mac, "", about), fact("fdb.port", port, "", about), fact("fdb.vlan", vlan, "", about)


def named(name):
    return fact("snmp.sysname", name)


def test_two_addresses_of_one_chassis_are_one_asset():
    assets = merge([seen("192.0.2.1", serial()), seen("192.0.2.2", serial())])

    assert [asset.addresses for asset in assets] == [("192.0.2.1", "192.0.2.2")]


def test_no_key_of_a_device_breaks_a_line_or_steers_a_terminal():
    announced = fact("lldp.sysname", "x", "", "lldp:1\n2")
    told = [seen("192.0.2.1", serial("A1\x1b[31m\nB2C3D4"), announced), seen("192\n7")]

    assert [asset.key for asset in merge(told)] == [
        "hq/192 7",
        "hq/serial:A1[31m B2C3D4",
        "hq/serial:A1[31m B2C3D4#lldp:1 2",
    ]


def test_a_shared_own_mac_makes_one_asset_of_two_targets():
    assets = merge(
        [seen("192.0.2.1", fact("if.mac", "00:e0:fc:00:00:01")), seen("192.0.2.2", fact("if.mac", "00e0-fc00-0001"))]
    )

    assert len(assets) == 1


def test_one_address_at_two_sites_is_two_assets():
    assets = merge([seen("192.0.2.1", named("a"), site="hq"), seen("192.0.2.1", named("b"), site="lab")])

    assert [asset.key for asset in assets] == ["hq/192.0.2.1", "lab/192.0.2.1"]


def test_different_serials_are_never_one_box_even_with_one_mac():
    mac = fact("if.mac", "00:e0:fc:00:00:01")

    assets = merge([seen("192.0.2.1", serial(), mac), seen("192.0.2.2", serial("2102359579DMHC000999"), mac)])

    assert len(assets) == 2


def test_what_a_device_learned_about_itself_is_no_word_of_another():
    own = fact("if.mac", "00:e0:fc:00:00:01", "1")

    (asset,) = merge([seen("192.0.2.1", own, *learned("00e0fc000001", "GE1"))])

    assert (asset.seen, asset.hearsay) == (Seen.READ, ())


def test_a_factory_default_serial_joins_nobody():
    assets = merge([seen("192.0.2.1", serial("0000000000")), seen("192.0.2.2", serial("0000000000"))])

    assert len(assets) == 2


def test_cloned_engine_ids_do_not_join_boxes_with_their_own_macs():
    engine = fact("snmp.engineid", "80001f8880aabbccdd00112233")

    assets = merge(
        [
            seen("192.0.2.1", engine, fact("if.mac", "00:e0:fc:00:00:01")),
            seen("192.0.2.2", engine, fact("if.mac", "00:e0:fc:00:00:02")),
        ]
    )

    assert len(assets) == 2


def test_a_third_target_links_two_that_stood_apart():
    link = seen("192.0.2.3", serial(), fact("if.mac", "00:e0:fc:00:00:01"))

    assets = merge([seen("192.0.2.1", serial()), seen("192.0.2.2", fact("if.mac", "00:e0:fc:00:00:01")), link])

    assert [asset.addresses for asset in assets] == [("192.0.2.1", "192.0.2.2", "192.0.2.3")]


def test_order_of_observations_changes_nothing():
    records = [
        seen("192.0.2.1", serial(), named("sw1"), *learned(CAMERA, "Gi1/0/7")),
        seen("192.0.2.2", serial()),
        seen("192.0.2.9", fact("http.server", "webs"), collector="probe"),
        seen("192.0.2.8", fact("arp.mac", CAMERA, "", "ip:192.0.2.9")),
    ]
    want = merge(records)

    for seed in range(5):
        shuffled = records[:]
        random.Random(seed).shuffle(shuffled)
        assert [(asset.key, asset.macs, asset.place) for asset in merge(shuffled)] == [
            (asset.key, asset.macs, asset.place) for asset in want
        ]


def test_a_neighbour_becomes_a_heard_asset_and_says_nothing_of_its_reporter():
    reporter, camera = sorted(
        merge([seen("192.0.2.1", serial(), *learned(CAMERA, "Gi1/0/7"))]), key=lambda asset: asset.seen
    )[::-1]

    assert (reporter.seen, camera.seen) == (Seen.READ, Seen.HEARD)
    assert (reporter.hearsay, camera.facts) == ((), ())
    assert camera.macs == (CAMERA,)


def test_group_local_and_null_macs_are_no_devices():
    tables = [fact("fdb.mac", mac, "", f"mac:{mac}") for mac in ("01005e000001", "020000000001", "000000000000")]

    assert [asset.seen for asset in merge([seen("192.0.2.1", *tables)])] == [Seen.READ]


def test_a_mac_the_caller_calls_virtual_is_no_device():
    vrrp = fact("arp.mac", "00:00:5e:00:01:01", "", "ip:192.0.2.254")

    assets = merge([seen("192.0.2.1", vrrp)], usable=lambda mac: not mac.startswith("00005e0001"))

    assert len(assets) == 1


def test_an_arp_row_lends_its_mac_to_a_target_that_showed_none():
    assets = merge(
        [
            seen("192.0.2.9", fact("http.server", "webs"), collector="probe"),
            seen("192.0.2.1", fact("arp.mac", CAMERA, "", "ip:192.0.2.9")),
        ]
    )

    camera = next(asset for asset in assets if asset.address == "192.0.2.9")
    assert camera.seen is Seen.READ
    assert [said.by for said in camera.hearsay] == ["hq/192.0.2.1"]


def test_an_arp_row_never_overrules_the_macs_a_target_showed_itself():
    own = fact("if.mac", "00:00:5e:00:53:01")

    assets = merge([seen("192.0.2.9", own), seen("192.0.2.1", fact("arp.mac", CAMERA, "", "ip:192.0.2.9"))])

    assert {asset.key for asset in assets} == {"hq/mac:00005e005301", "hq/192.0.2.1", f"hq/mac:{CAMERA}"}


def test_two_arp_tables_that_disagree_lend_nothing():
    rows = [fact("arp.mac", mac, "", "ip:192.0.2.9") for mac in (CAMERA, "bcad28000002")]

    assets = merge(
        [seen("192.0.2.9", fact("http.server", "webs")), seen("192.0.2.1", rows[0]), seen("192.0.2.2", rows[1])]
    )

    assert next(asset for asset in assets if asset.key == "hq/192.0.2.9").hearsay == ()


def test_the_edge_port_wins_over_the_uplink():
    uplink = fact("lldp.localport", "Gi1/0/48", "", "lldp:48.1")
    core = seen("192.0.2.1", named("core"), *learned(CAMERA, "Te1/1"), *learned("bcad28000002", "Te1/1"))
    access = seen("192.0.2.2", named("access"), *learned(CAMERA, "Gi1/0/7"), uplink)

    camera = next(asset for asset in merge([core, access]) if CAMERA in asset.macs)

    assert (camera.place.switch, camera.place.port, camera.place.vlan) == ("access", "Gi1/0/7", 20)
    assert "no other MAC" in camera.place.because


def test_a_port_that_leads_to_another_switch_says_so():
    link = fact("lldp.localport", "Gi1/0/1", "", "lldp:1.1")

    camera = next(
        a for a in merge([seen("192.0.2.1", named("core"), *learned(CAMERA, "Gi1/0/1"), link)]) if CAMERA in a.macs
    )

    assert camera.place.behind == "behind a device"
    assert camera.place.confidence is Confidence.MEDIUM


def test_a_vlan_of_endless_digits_is_none():
    (heard,) = [asset for asset in merge([seen("192.0.2.1", *learned(CAMERA, "Gi1", "9" * 5000))]) if asset.place]

    assert (heard.place.port, heard.place.vlan) == ("Gi1", None)


def test_lldp_names_the_port_outright():
    said = (
        fact("lldp.chassis", "00:e0:fc:00:00:09", "", "lldp:7.1"),
        fact("lldp.localport", "Gi1/0/7", "", "lldp:7.1"),
    )

    neighbour = next(asset for asset in merge([seen("192.0.2.1", named("sw1"), *said)]) if asset.seen is Seen.HEARD)

    assert (neighbour.place.switch, neighbour.place.port) == ("sw1", "Gi1/0/7")


def test_parts_stay_parts():
    optic = fact("entity.mfg", "HUAWEI", "67", "part:67")

    (switch,) = merge([seen("192.0.2.1", named("sw1"), optic)])

    assert (switch.part_facts, optic in switch.facts) == ((optic,), False)


def test_a_list_of_others_is_no_device():
    (camera,) = merge([seen("arp.txt", fact("arp.mac", CAMERA, "", "ip:192.0.2.9"), collector="table")])

    assert (camera.seen, camera.address) == (Seen.HEARD, "192.0.2.9")


def test_a_device_that_answered_and_said_nothing_is_still_a_device():
    assert len(merge([seen("192.0.2.1")])) == 1


def test_a_mac_lent_by_one_routers_arp_is_found_on_another_switchs_port():
    router = seen("192.0.2.1", named("router"), fact("arp.mac", CAMERA, "", "ip:192.0.2.9"))
    switch = seen("192.0.2.2", named("switch"), *learned(CAMERA, "Gi1/0/7"))
    camera = seen("192.0.2.9", fact("http.server", "webs"), collector="probe")

    assets = merge([router, switch, camera])

    (found,) = [asset for asset in assets if CAMERA in asset.macs]
    assert (found.address, found.place.switch, found.place.port) == ("192.0.2.9", "switch", "Gi1/0/7")


ONT = "HWTCA1B2C3D4"


def terminal(serial=ONT, port="0/1/0 ONT 3"):
    about = f"gpon:{serial}"
    return fact("gpon.serial", serial, "display ont info 0 all", about), fact("gpon.port", port, "", about)


def test_a_terminal_an_olt_lists_is_heard_at_its_pon_port():
    (_olt, ont) = merge([seen("192.0.2.1", named("olt1"), *terminal())])

    assert (ont.key, ont.seen, ont.serial, ont.name) == (f"hq/gpon:{ONT}", Seen.HEARD, ONT, ONT)
    assert (ont.place.switch, ont.place.port) == ("olt1", "0/1/0 ONT 3")
    assert ont.place.because == "olt1 lists a terminal with this serial number on PON port 0/1/0 ONT 3."


def test_a_terminal_two_olts_list_is_one_device():
    assets = merge([seen("192.0.2.1", named("olt1"), *terminal()), seen("192.0.2.2", named("olt2"), *terminal())])

    (ont,) = [asset for asset in assets if asset.seen is Seen.HEARD]
    assert {said.by for said in ont.hearsay} == {"hq/192.0.2.1", "hq/192.0.2.2"}


def test_a_terminal_that_was_read_is_the_one_the_olt_lists_however_it_spells_its_serial():
    for own in (fact("gpon.serial", ONT), fact("inventory.serial", "48575443a1b2c3d4")):
        assets = merge([seen("192.0.2.1", named("olt1"), *terminal()), seen("192.0.2.9", own)])

        (ont,) = [asset for asset in assets if asset.address == "192.0.2.9"]
        assert (len(assets), ont.seen, ont.place.port) == (2, Seen.READ, "0/1/0 ONT 3")


def test_two_terminals_of_one_olt_are_two_devices():
    assets = merge([seen("192.0.2.1", named("olt1"), *terminal(), *terminal("ZTEGA1B2C3D4", "0/1/0 ONT 4"))])

    assert sorted(asset.serial for asset in assets) == ["", ONT, "ZTEGA1B2C3D4"]


def test_a_busy_aggregate_leads_to_another_device():
    core = seen("192.0.2.1", named("core"), *learned(CAMERA, "Eth-Trunk1"), *learned("bcad28000002", "Eth-Trunk1"))
    crowd = [row for n in range(3, 6) for row in learned(f"bcad2800000{n}", "GE0/0/7")]
    access = seen("192.0.2.2", named("access"), *learned(CAMERA, "GE0/0/7"), *crowd)

    assets = merge([core, access], spelling=load_ports([builtin()]))
    camera = next(asset for asset in assets if CAMERA in asset.macs)

    assert (camera.place.switch, camera.place.port) == ("access", "GE0/0/7")


def test_a_place_lldp_names_keeps_the_vlan_its_mac_was_learned_in():
    mac = "00e0fc000009"
    said = (fact("lldp.chassis", mac, "", "lldp:7.1"), fact("lldp.localport", "Gi1/0/7", "", "lldp:7.1"))

    assets = merge([seen("192.0.2.1", named("sw1"), *said, *learned(mac, "Gi1/0/7", "30"))])

    (phone,) = [asset for asset in assets if mac in asset.macs]
    assert (phone.place.port, phone.place.vlan) == ("Gi1/0/7", 30)
    assert "LLDP" in phone.place.because


def bundled(aggregate, *members):
    return [fact("lag.member", member, aggregate) for member in members]


def named_camera(assets):
    return next(asset for asset in assets if CAMERA in asset.macs)


def test_an_aggregate_whose_member_leads_to_a_switch_leads_there_too_whatever_it_is_called():
    core = seen(
        "192.0.2.1",
        named("core"),
        *learned(CAMERA, "uplinks"),
        *bundled("uplinks", "Gi1/0/1", "Gi1/0/2"),
        fact("lldp.localport", "Gi1/0/2", "", "lldp:2.1"),
    )
    access = seen("192.0.2.2", named("access"), *learned(CAMERA, "Gi0/7"), *learned("bcad28000002", "Gi0/7"))

    camera = named_camera(merge([core, access]))

    assert (camera.place.switch, camera.place.port) == ("access", "Gi0/7")


def test_a_place_on_an_aggregate_names_its_members():
    core = seen("192.0.2.1", named("core"), *learned(CAMERA, "bond9"), *bundled("bond9", "swp2", "swp1"))

    camera = named_camera(merge([core]))

    assert camera.place.port == "bond9"
    assert camera.place.because.endswith("The port bundles swp1 and swp2.")


def test_a_device_alone_on_a_port_that_feeds_power_is_said_to_be_fed():
    fed = fact("poe.port", "Gi1/0/7", "pethPsePortDetectionStatus.1.7")

    alone = named_camera(merge([seen("192.0.2.1", named("sw1"), *learned(CAMERA, "Gi1/0/7"), fed)]))
    other = named_camera(merge([seen("192.0.2.1", named("sw1"), *learned(CAMERA, "Gi1/0/8"), fed)]))
    crowd = learned("bcad28000002", "Gi1/0/7")
    shared = named_camera(merge([seen("192.0.2.1", named("sw1"), *learned(CAMERA, "Gi1/0/7"), *crowd, fed)]))

    assert alone.place.because.endswith("The port feeds power (PoE) to what is plugged in there.")
    assert not any("PoE" in asset.place.because for asset in (other, shared))
    assert [asset.place.powered for asset in (alone, other, shared)] == [True, False, True]


def test_a_neighbour_lldp_names_on_a_port_that_feeds_power_is_said_to_be_fed():
    said = (
        fact("lldp.chassis", CAMERA, "", "lldp:7.1"),
        fact("lldp.localport", "Gi1/0/7", "", "lldp:7.1"),
        fact("poe.port", "Gi1/0/7"),
    )

    assert named_camera(merge([seen("192.0.2.1", named("sw1"), *said)])).place.because.endswith("plugged in there.")


def test_a_device_is_named_by_the_strongest_word_others_have_for_it():
    words = ["dhcp.hostname", "inventory.name", "cdp.deviceid", "lldp.sysname"]
    about = f"mac:{CAMERA}"
    row = fact("arp.mac", CAMERA, "", "ip:192.0.2.9")
    for known in range(1, len(words) + 1):
        said = [fact(kind, f"by {kind}", "", about) for kind in words[:known]]

        assert named_camera(merge([seen("192.0.2.1", row, *said)])).name == f"by {words[known - 1]}"


def test_a_device_that_does_not_name_itself_is_named_by_its_lease():
    lease = (fact("arp.mac", CAMERA, "", "ip:192.0.2.9"), fact("dhcp.hostname", "cam-7", "", f"mac:{CAMERA}"))
    camera = seen("192.0.2.9", fact("http.server", "webs"), collector="probe")
    table = seen("leases", *lease, collector="table")

    (silent,) = merge([camera, table])
    (spoken,) = merge([camera, seen("192.0.2.9", named("gate")), table])

    assert (silent.name, spoken.name) == ("cam-7", "gate")


def test_of_its_own_names_the_strongest_counts_in_whatever_order_they_came():
    weak, strong = fact("dhcp.hostname", "cam-7"), named("gate")

    for facts in ((weak, strong), (strong, weak)):
        (asset,) = merge([seen("192.0.2.9", *facts)])
        assert asset.name == "gate"


def test_a_mac_that_two_ways_of_reading_show_is_still_alone_on_its_port():
    shown = fact("fdb.port", "Gi1/0/7", "show mac address-table", f"mac:{CAMERA}")

    camera = named_camera(
        merge([seen("192.0.2.1", named("sw1"), *learned(CAMERA, "Gi1/0/7")), seen("192.0.2.1", shown, collector="ssh")])
    )

    assert "no other MAC on that port" in camera.place.because
    assert "ports learned it" not in camera.place.because


def test_a_heard_device_has_the_serial_number_it_announced():
    about = "lldp:7.1"
    said = (fact("lldp.chassis", CAMERA, "", about), fact("inventory.serial", "AB123456", "", about))

    assert named_camera(merge([seen("192.0.2.1", named("sw1"), *said)])).serial == "AB123456"


def test_a_neighbour_with_a_made_up_chassis_is_a_device_where_it_announces_itself():
    about = "lldp:02005e005301"
    chassis, name = fact("lldp.chassis", "02:00:5e:00:53:01", "", about), fact("lldp.sysname", "acc-7", "", about)

    def usable(mac):
        return not mac.startswith("02")

    heard = [asset for asset in merge([seen("192.0.2.1", serial(), chassis, name)], usable) if asset.seen is Seen.HEARD]

    assert [(asset.name, asset.macs) for asset in heard] == [("acc-7", ())]
    assert len(merge([seen("192.0.2.1", serial(), chassis)], usable)) == 1
