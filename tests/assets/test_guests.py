"""Virtual machines are told as guests of their host; MACs nobody registered are counted."""

from dataclasses import replace

import pytest

from auditor.assets import survey
from auditor.assets.guests import local_macs, near_hosts, settle_guests
from auditor.assets.hypervisors import Hypervisors, load, load_hypervisors
from auditor.errors import RuleError
from auditor.model import AssetKind, Confidence
from auditor.rules.load import builtin
from tests.tools.records import arp, descr, fact, learned, lldp, mac, name, seen, serial

HOSTS = load_hypervisors([builtin()])
HOST, GUEST, KVM, CAMERA, PLAIN = "0025b5000001", "005056000001", "525400000001", "bcad28000001", "001422000001"
ESX = (name("esx1"), serial("SNESX0001"), mac("00:25:b5:00:00:01"), descr("VMware ESXi 7.0.3 build-1 VMware, Inc."))


def usable(digits):
    return not int(digits[1], 16) & 2 or bool(HOSTS.guest(digits))


def settled(*records):
    assets = settle_guests(survey(records, usable).assets, HOSTS, lambda digits: digits == CAMERA)
    return {asset.macs[0] if asset.macs else asset.key: asset for asset in assets}


def switch(*macs, port="Gi1/0/9"):
    return seen("192.0.2.2", name("acc"), serial("SNACC0001"), *(row for one in macs for row in learned(one, port)))


@pytest.mark.parametrize("digits", [GUEST, KVM, PLAIN])
def test_a_mac_on_the_port_of_a_hypervisor_that_was_read_is_its_guest(digits):
    assets = settled(switch(HOST, digits), seen("192.0.2.9", *ESX))

    guest = assets[digits]
    assert (guest.kind, guest.place.port, guest.place.behind) == (
        AssetKind.VIRTUAL,
        "Gi1/0/9",
        "virtual machine on esx1",
    )
    assert guest.remarks[0].startswith("A virtual machine on esx1:")


def test_a_hypervisor_that_has_its_port_to_itself_and_its_guests_is_alone_there():
    assets = settled(switch(HOST, GUEST, KVM), seen("192.0.2.9", *ESX))

    assert (assets[HOST].kind, assets[HOST].place.confidence, assets[HOST].place.behind) == ("device", "high", "")


def test_gear_of_a_covered_maker_on_the_port_of_a_hypervisor_is_hardware():
    assets = settled(switch(HOST, GUEST, CAMERA), seen("192.0.2.9", *ESX))

    assert assets[CAMERA].kind is AssetKind.DEVICE
    assert assets[HOST].place.confidence is Confidence.MEDIUM


def test_a_mac_a_hypervisor_gives_is_a_guest_wherever_it_was_learned():
    guest = settled(switch(GUEST, PLAIN))[GUEST]

    assert (guest.kind, guest.place.port) == (AssetKind.VIRTUAL, "Gi1/0/9")
    assert guest.remarks == (
        "A virtual machine: its MAC is one that VMware gives to its guests; which hypervisor runs it was not seen.",
    )


def test_a_server_that_was_read_beside_a_hypervisor_is_no_guest_of_it():
    server = seen("192.0.2.8", name("nas"), serial("SNNAS0001"), mac("00:14:22:00:00:01"))

    assert settled(switch(HOST, PLAIN), seen("192.0.2.9", *ESX), server)[PLAIN].kind is AssetKind.DEVICE


def test_a_hypervisor_is_none_for_the_macs_of_its_own_that_look_like_a_guests():
    only = seen("192.0.2.9", name("esx2"), mac("00:50:56:00:00:09"), descr("VMware ESXi 8.0.1 build-2"))
    machine = seen("192.0.2.8", name("vm1"), mac("00:50:56:00:00:08"), descr("Linux vm1 6.1.0"))

    assert {asset.name: asset.kind for asset in settled(only, machine).values()} == {
        "esx2": AssetKind.DEVICE,
        "vm1": AssetKind.VIRTUAL,
    }


def test_what_has_a_port_to_itself_but_for_guests_runs_them_though_it_does_not_say_so():
    server = seen("192.0.2.8", name("nas"), serial("SNNAS0001"), mac("00:14:22:00:00:01"))

    assets = settled(switch(PLAIN, GUEST), server)

    assert (assets[GUEST].place.behind, assets[PLAIN].place.confidence) == ("virtual machine on nas", "high")
    unknown = "which hypervisor runs it was not seen"
    assert unknown in settled(switch(PLAIN, GUEST, HOST), server)[GUEST].remarks[0]
    assert unknown in settled(switch(PLAIN, GUEST))[GUEST].remarks[0]


def test_a_switch_with_a_guest_on_the_port_that_leads_to_it_runs_no_virtual_machine():
    below = seen("192.0.2.3", name("sw2"), serial("SNSW20002"), mac("00:1b:54:00:00:03"), *learned(CAMERA, "Gi1"))
    claim = lldp("Gi1/0/9", chassis="00:1b:54:00:00:03", sysname="sw2")
    above = seen("192.0.2.2", name("acc"), serial("SNACC0001"), *claim, *learned(GUEST, "Gi1/0/9"))
    above = replace(above, facts=(*above.facts, *learned(CAMERA, "Gi1/0/9")))

    assets = settled(above, below)

    assert (assets["001b54000003"].place.port, assets[GUEST].place.port) == ("Gi1/0/9", "Gi1/0/9")
    assert "which hypervisor runs it was not seen" in assets[GUEST].remarks[0]


def test_macs_nobody_registered_on_the_port_of_a_host_are_near_it_and_those_on_an_uplink_are_not():
    local, far = "02aabbccdd01", "02aabbccdd02"
    core = seen("192.0.2.3", *(row for one in (HOST, local, far, PLAIN, GUEST) for row in learned(one, "Te1")))

    assert near_hosts([switch(HOST, local), core, seen("192.0.2.9", *ESX)], HOSTS) == {local}
    assert near_hosts([switch(HOST, local), core], HOSTS) == frozenset()


def test_macs_nobody_registered_are_counted_once_for_each_reporter():
    one = switch("02aabbccdd01", "02aabbccdd01", GUEST, KVM, "01005e000001")
    router = seen("192.0.2.1", arp("192.0.2.50", "2:aa:bb:cc:dd:1"), arp("192.0.2.51", "da:aa:bb:cc:dd:02"))

    counts = {place[1]: sorted(macs) for place, macs in local_macs([one, router], usable).items()}

    assert counts == {"192.0.2.2": ["02aabbccdd01"], "192.0.2.1": ["02aabbccdd01", "daaabbccdd02"]}


def entry(prefix="0A0B0C", says='begins="Rack"', example="Rackvisor 1", never="Linux"):
    return (
        f'[[hypervisor]]\nname="R"\nsource="x"\nprefixes=["{prefix}"]\n'
        f'[[hypervisor.says]]\nfact="snmp.sysdescr"\n{says}\nexample="{example}"\nnever="{never}"\n'
    )


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (entry("0a0b0c"), "hexadecimal digits in capitals"),
        (entry() + entry().replace('"R"', '"S"'), "is of 'R' already"),
        (entry(example="Linux"), "the example is no host's"),
        (entry(never="Rack 2"), "this is a host's too"),
        (entry(says="", never="x"), "say how the fact begins"),
    ],
)
def test_a_file_of_hypervisors_bears_its_own_examples_out(text, wanted):
    with pytest.raises(RuleError, match=wanted):
        load(text)


def test_what_two_files_of_hypervisors_list_is_known_together():
    both = load(entry()) | HOSTS

    assert (both.guest("0a0b0c000001"), both.guest(GUEST), Hypervisors().guest(GUEST)) == ("R", "VMware", "")
    assert both.host([fact("snmp.sysdescr", "RACKVISOR 9")]) == "R"
