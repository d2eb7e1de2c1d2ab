"""A forged announcement moves nobody; a true one places a device as it always did."""

from auditor.assets.ports import load_ports
from auditor.rules.load import builtin
from tests.tools.merging import merge
from tests.tools.records import descr, fact, learned, lldp, mac, name, seen

PORTS = load_ports([builtin()])

DEVICE = "00005e005307"
OTHER_MAC = "00005e005308"
IOS = "Example IOS Software, Version 15.2"
FORGED = {"chassis": DEVICE, "sysname": "core-7", "sysdescr": "Other OS, Version 5.170"}
TRUE = {"chassis": DEVICE, "sysname": "acc1", "sysdescr": IOS}
ACC = seen("192.0.2.9", name("acc1"), descr(IOS), mac(DEVICE))
SILENT = seen("192.0.2.9", fact("http.title", "Welcome"), mac(DEVICE))


def place(device, *reporters):
    assets = merge([device, *reporters], spelling=PORTS)
    (found,) = [asset for asset in assets if asset.address == "192.0.2.9"]
    return found.place and (found.place.switch, found.place.port)


def switch(number, *facts):
    return seen(f"192.0.2.{number}", name(f"sw{number}"), *facts)


def test_a_claim_that_contradicts_the_device_does_not_move_it_from_where_it_was_learned():
    learner, liar = switch(2, *learned(DEVICE, "Gi1/0/7")), switch(1, *lldp("Gi1/0/44", **FORGED))

    assert place(ACC, learner, liar) == ("sw2", "Gi1/0/7")


def test_nor_on_a_port_it_shares_with_others():
    learner = switch(2, *learned(DEVICE, "Gi1/0/7"), *learned(OTHER_MAC, "Gi1/0/7"))

    assert place(ACC, learner, switch(1, *lldp("Gi1/0/44", **FORGED))) == ("sw2", "Gi1/0/7")


def test_nor_to_another_port_of_the_same_switch():
    assert place(ACC, switch(1, *learned(DEVICE, "Gi1/0/7"), *lldp("Gi1/0/44", **FORGED))) == ("sw1", "Gi1/0/7")


def test_a_claim_that_contradicts_the_device_places_it_nowhere():
    assert place(ACC, switch(1, *lldp("Gi1/0/44", **FORGED))) is None


def test_a_true_announcement_wins_over_a_forged_one_whichever_switch_heard_it():
    for liar, honest in ((1, 2), (2, 1)):
        reports = switch(liar, *lldp("Gi1/0/44", **FORGED)), switch(honest, *lldp("Gi1/0/7", **TRUE))

        assert place(ACC, *reports) == (f"sw{honest}", "Gi1/0/7")


def test_an_announcement_in_the_devices_own_words_places_it_where_others_learned_it_too():
    reporter, beyond = switch(1, *lldp("Te1/1", **TRUE)), switch(2, *learned(DEVICE, "Gi1/0/48"))

    assert place(ACC, reporter, beyond) == ("sw1", "Te1/1")


def test_a_switch_that_learned_a_device_alone_on_one_port_is_not_believed_about_another():
    assert place(ACC, switch(1, *learned(DEVICE, "Gi1/0/7"), *lldp("Gi1/0/44", **TRUE))) == ("sw1", "Gi1/0/7")


def test_forwarding_tables_bear_an_announcement_out_however_the_port_is_spelled():
    crowd = learned(OTHER_MAC, "Gi1/0/44")
    reporter = switch(2, *lldp("GigabitEthernet1/0/44", **TRUE), *learned(DEVICE, "Gi1/0/44"), *crowd)

    assert place(ACC, reporter, switch(1, *lldp("Gi1/0/3", **TRUE))) == ("sw2", "GigabitEthernet1/0/44")


def test_an_announcement_on_a_member_of_the_aggregate_it_was_learned_on_is_borne_out():
    bundle = fact("lag.member", "Te1/1", "Po1"), fact("lag.member", "Te1/2", "Po1")
    reporter = switch(2, *lldp("Te1/2", **TRUE), *learned(DEVICE, "Po1"), *learned(OTHER_MAC, "Po1"), *bundle)

    assert place(ACC, reporter, switch(1, *lldp("Gi1/0/3", **TRUE))) == ("sw2", "Te1/2")


def test_a_device_that_says_nothing_to_compare_stays_where_it_was_learned_alone():
    claim = switch(1, *lldp("Gi1/0/44", **FORGED))
    crowded = switch(2, *learned(DEVICE, "Gi1/0/7"), *learned(OTHER_MAC, "Gi1/0/7"))

    assert place(SILENT, claim, switch(2, *learned(DEVICE, "Gi1/0/7"))) == ("sw2", "Gi1/0/7")
    assert place(SILENT, claim, crowded) == place(SILENT, claim) == ("sw1", "Gi1/0/44")


def test_a_description_of_another_form_counts_where_the_name_is_the_devices_own():
    mixed = lldp("Gi1/0/44", chassis=DEVICE, sysname="acc1.example.org", sysdescr="Debian GNU/Linux 12")

    assert place(ACC, switch(1, *mixed)) == ("sw1", "Gi1/0/44")
    assert place(ACC, switch(1, *mixed, *learned(DEVICE, "Gi1/0/44"))) == ("sw1", "Gi1/0/44")
    assert place(ACC, switch(1, *mixed), switch(2, *learned(DEVICE, "Gi1/0/7"))) == ("sw2", "Gi1/0/7")


def test_a_device_nobody_read_is_placed_by_whatever_it_announces():
    assets = merge([switch(1, *lldp("Gi1/0/44", **FORGED)), switch(2, *learned(DEVICE, "Gi1/0/7"))])

    (heard,) = [asset for asset in assets if asset.macs == (DEVICE,)]
    assert (heard.place.switch, heard.place.port) == ("sw1", "Gi1/0/44")
