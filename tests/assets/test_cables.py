"""Which cables there are between devices that carry others, and by which device a site is reached."""

from dataclasses import replace

import pytest

from auditor.assets.merge import survey
from auditor.model import Confidence, Fact, Observation, Target
from tests.tools.wired_networks import NOW, Variant, draw, observations


def read(name, *facts, site="hq"):
    own = (Fact(kind="snmp.sysname", value=name), Fact(kind="entity.serial", value=f"SN-{name}-0001", where="1"))
    target = Target(address=name, site=site)
    return Observation(target=target, collector="snmp", at=NOW, facts=(*own, *facts))


def mac(digits):
    return Fact(kind="if.mac", value=digits, where="1")


def hears(name, port, far="", digits="", over="lldp"):
    about = f"{over}:{port}"
    label = "lldp.sysname" if over == "lldp" else "cdp.deviceid"
    facts = [Fact(kind=label, value=name, about=about), Fact(kind=f"{over}.localport", value=port, about=about)]
    facts += [Fact(kind="lldp.portid", value=far, about=about)] if far else []
    return (*facts, Fact(kind="lldp.chassis", value=digits, about=about)) if digits else tuple(facts)


def learns(digits, port):
    return [Fact(kind=kind, value=value, where=digits, about=f"mac:{digits}") for kind, value in
            (("fdb.mac", digits), ("fdb.port", port))]  # fmt: skip


def cables(records):
    made = survey(records)
    names = {asset.key: asset.name or asset.key.rpartition(":")[2] for asset in made.assets}
    return {(names[one.one], one.port, names[one.other], one.far_port, str(one.source)) for one in made.links}


A, B, C = "001b54000001", "001b54000002", "001b54000003"


@pytest.mark.parametrize("lldp", ["all", "endpoints", "none"])
def test_the_cables_of_a_drawn_site_are_those_between_its_switches(lldp):
    site = draw(3, switches=8, hosts=5)
    wanted = {
        (one.name, port, child.name, child.uplink, "lldp" if lldp == "all" else "tables")
        for one in site.switches
        for port, child in one.down.items()
    }

    assert cables(observations(site, Variant(lldp=lldp))) == wanted


def test_routers_without_tables_are_linked_by_what_they_announce_with_both_ports():
    records = [
        read("r1", mac(A), *hears("r2", "Gi0/1", "ge-0/0/1", B)),
        read("r2", mac(B), *hears("r1", "ge-0/0/1", "Gi0/1", A), *hears("r3", "ge-0/0/2", "", C)),
        read("r3", mac(C), *hears("r2", "eth7", "", B)),
    ]

    assert cables(records) == {("r1", "Gi0/1", "r2", "ge-0/0/1", "lldp"), ("r2", "ge-0/0/2", "r3", "eth7", "lldp")}


def test_what_announces_itself_on_a_port_stands_between_two_switches():
    hosts = [f"3c970e0000{number:02x}" for number in range(8)]
    one = read("sw1", mac(A), *hears("radio", "p9", "", C), *learns(B, "p9"), *learns(C, "p9"),
               *(fact for host in hosts[:4] for fact in learns(host, "p1")),
               *(fact for host in hosts[4:] for fact in learns(host, "p9")))  # fmt: skip
    two = read("sw2", mac(B), *learns(A, "p9"), *learns(C, "p9"),
               *(fact for host in hosts[:4] for fact in learns(host, "p9")),
               *(fact for host in hosts[4:] for fact in learns(host, "p2")))  # fmt: skip

    assert cables([one, two]) == {("radio", "", "sw2", "p9", "tables")}


def test_a_cable_to_another_site_is_known_by_the_mac_of_the_device_there():
    near = read("edge", mac(A), *hears("far", "p1", "p2", B), site="hq")
    far = read("far", mac(B), site="valley")

    assert ("edge", "p1", "far", "p2", "lldp") in cables([near, far])


def arps(count):
    return [
        Fact(kind="arp.mac", value=f"3c970e0001{number:02x}", about=f"ip:192.0.2.{number}") for number in range(count)
    ]


def test_who_answers_arp_for_a_site_is_its_gateway():
    made = survey([read("r1", *arps(20)), read("r2", *arps(12)), read("sw1", *arps(3)), read("host", *arps(1))])
    names = {asset.key: asset.name for asset in made.assets}

    assert [names[one.asset] for one in made.gateways] == ["r1", "r2"]
    assert "20 addresses" in made.gateways[0].because


def test_a_manager_that_speaks_to_everybody_is_no_gateway_beside_a_router():
    router = read("r1", mac(A), Fact(kind="if.mac", value=B, where="2"), *arps(20))

    made = survey([router, read("nms", mac(C), *arps(30))])

    assert [one.asset for one in made.gateways] == ["hq/serial:SN-r1-0001"]


def test_a_list_of_addresses_is_no_gateway():
    table = replace(read("arp.txt", *arps(20)), collector="table")

    assert survey([table, read("sw1", *arps(3))]).gateways[0].asset.endswith("SN-sw1-0001")


def test_a_device_behind_another_is_carried_by_that_one():
    phone, camera = "001b54000011", "001422000012"
    made = survey([read("sw1", *hears("SEP1", "p3", "", phone), *learns(phone, "p3"), *learns(camera, "p3"))])
    carriers = {asset.macs[0]: asset.place.carriers for asset in made.assets if asset.macs}

    assert carriers == {phone: ("hq/serial:SN-sw1-0001",), camera: (f"hq/mac:{phone}",)}
    assert [asset.place.confidence for asset in made.assets if asset.macs] == [Confidence.MEDIUM, Confidence.HIGH]
