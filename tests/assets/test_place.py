"""In networks of known wiring devices are found on their ports, nothing wrong and sure."""

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from auditor.assets.common import common_tables
from auditor.assets.links import Bridge, PortPairs
from auditor.assets.ports import PortNames, load, load_ports
from auditor.errors import RuleError
from auditor.model import Confidence
from auditor.rules.load import builtin
from tests.tools.merging import merge
from tests.tools.records import AT, arp, fact, learned, lldp, mac, name, seen, serial
from tests.tools.wired_networks import Site, Switch, Variant, draw, observations

PORTS = load_ports([builtin()])
SEEDS = range(1, 9)
VARIANTS = {
    "LLDP everywhere": Variant(),
    "switches do not hear each other": Variant(lldp="endpoints"),
    "no LLDP": Variant(lldp="none"),
    "no LLDP, switches silent": Variant(lldp="none", own=False),
    "LLDP of phones alone, switches silent": Variant(lldp="endpoints", own=False),
    "little traffic": Variant(lldp="none", reach=0.3),
    "little traffic, switches silent": Variant(lldp="endpoints", own=False, reach=0.3),
    "two switches unread": Variant(unread=2),
    "two switches unread, no LLDP": Variant(lldp="none", unread=2),
    "two switches unread, little traffic": Variant(lldp="none", unread=2, reach=0.3),
    "a table cut short": Variant(lldp="none", cut=1),
    "a stale table": Variant(stale=True),
}


def above(one: Switch) -> Switch:
    """Return the topmost of the unread switches that hang together with one."""
    while one.parent is not None and not one.parent.read:
        one = one.parent
    return one


def around(one: Switch) -> set[tuple[str, str]]:
    """Return the ports of read switches that lead to an unread one and its unread neighbours."""
    top = above(one)
    ports = set()
    if top.parent is not None:
        ports.add((top.parent.name, next(port for port, child in top.parent.down.items() if child is top)))
    waiting = [top]
    while waiting:
        for child in waiting.pop().down.values():
            if child.read:
                ports.add((child.name, child.uplink))
            else:
                waiting.append(child)
    return ports


def score(variant: Variant) -> Counter[str]:
    """Count over all sites what was placed, rightly, how surely."""
    counts: Counter[str] = Counter()
    for seed in SEEDS:
        site = draw(seed)
        assets = {
            mac: asset for asset in merge(observations(site, variant, seed), spelling=PORTS) for mac in asset.macs
        }
        switches = {one.name: one for one in site.switches}
        for digits, (switch, port) in site.truth().items():
            if digits not in assets:
                continue
            read = switches[switch].read
            wanted = {(switch, port)} if read else around(switches[switch])
            place = assets[digits].place
            right = place is not None and (place.switch, place.port) in wanted
            sure = place is not None and place.confidence is not Confidence.LOW
            flat = place is not None and not place.behind
            doubt = place is None or place.confidence is not Confidence.HIGH
            counts.update(all=1, right=right, sure=sure, wrong_and_sure=sure and not right, flat=flat and doubt)
            if read and digits in site.alone:
                counts.update(alone=1, alone_high=place is not None and place.confidence is Confidence.HIGH)
    return counts


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_devices_are_placed_on_their_ports_and_nothing_is_wrong_and_sure(variant):
    counts = score(variant)

    assert counts["all"] > 1000
    assert counts["right"] >= 0.99 * counts["all"]
    assert counts["wrong_and_sure"] == 0
    assert counts["flat"] == 0
    assert counts["alone_high"] >= 0.9 * counts["alone"]
    assert counts["sure"] >= 0.85 * counts["all"]


def shuffled(record, chance):
    return replace(record, facts=tuple(chance.sample(record.facts, len(record.facts))))


def test_no_order_of_records_or_rows_changes_a_place():
    chance, site = random.Random(7), draw(3)
    records = observations(site, Variant(lldp="endpoints", own=False, reach=0.3))
    wanted = merge(records, spelling=PORTS)

    for _ in range(5):
        mixed = [shuffled(record, chance) for record in chance.sample(records, len(records))]
        assert [(one.key, one.place) for one in merge(mixed, spelling=PORTS)] == [
            (one.key, one.place) for one in wanted
        ]


def test_switches_hang_on_the_switch_above_them():
    site = draw(5)

    assets = {asset.serial: asset for asset in merge(observations(site, Variant()), spelling=PORTS)}

    for one in site.switches:
        if one.parent is not None and one.hosts:
            port = next(port for port, child in one.parent.down.items() if child is one)
            place = assets[one.serial].place
            assert (place.switch, place.port) in {(one.parent.name, port)} | {
                (child.name, child.uplink) for child in one.down.values()
            }


CAMERA, OTHER = "bcad28000001", "001422000001"


def camera(*records):
    (asset,) = [asset for asset in merge(records, spelling=PORTS) if CAMERA in asset.macs]
    return asset.place


def crowd(port, count, first=10):
    return [row for number in range(first, first + count) for row in learned(f"0014220000{number:02x}", port)]


ROUTES = [arp(f"192.0.2.{50 + number}", f"0014220000{90 + number:02x}") for number in range(4)]
CORE, ACCESS = "00:1b:54:00:00:03", "00:1b:54:00:00:02"


def core(*facts):
    return seen("192.0.2.3", name("core"), serial("SNCORE001"), mac(CORE), *facts)


def access(*facts):
    return seen("192.0.2.2", name("acc"), serial("SNACC0001"), mac(ACCESS), *facts)


def test_a_phone_on_the_port_makes_no_uplink_of_it():
    phone = lldp("Gi1/0/7", chassis="00:15:65:00:00:01", sysname="SEP1")
    place = camera(
        access(*learned(CAMERA, "Gi1/0/7"), *learned("001565000001", "Gi1/0/7"), *phone, *crowd("Gi1/0/10", 1)),
        core(*learned(CAMERA, "Gi1/0/1"), *crowd("Gi1/0/1", 1), *learned("001b54000002", "Gi1/0/1")),
    )

    assert (place.switch, place.port, place.behind, place.confidence) == ("acc", "Gi1/0/7", "behind SEP1", "medium")


def test_the_fewest_addresses_are_not_the_nearest_port():
    place = camera(
        access(*learned(CAMERA, "Gi1/0/7"), *crowd("Gi1/0/7", 12)),
        core(*learned(CAMERA, "Gi1/0/1"), *crowd("Gi1/0/1", 1), *learned("001b54000002", "Gi1/0/1")),
    )

    assert (place.switch, place.port) == ("acc", "Gi1/0/7")
    assert place.behind == "unmanaged switch or recorder on acc Gi1/0/7, 13 devices"


def test_what_hangs_on_a_switch_nobody_read_is_behind_it():
    dark = lldp("Gi1/0/27", chassis="00:1f:29:00:00:09", sysname="dark")
    place = camera(
        core(*learned(CAMERA, "Gi1/0/27"), *crowd("Gi1/0/27", 5), *dark),
        access(*learned(CAMERA, "28"), *crowd("28", 30)),
    )

    assert (place.switch, place.port, place.behind, place.confidence) == ("core", "Gi1/0/27", "behind dark", "medium")
    assert "dark, which was not read, announces itself on core Gi1/0/27, and its MAC was learned there" in place.because
    assert place.because.endswith("; also on acc 28.")


def test_the_newest_table_says_where_a_device_is_and_the_older_one_where_it_was():
    old = access(*learned(CAMERA, "Gi1/0/9"))
    new = core(*learned(CAMERA, "Gi1/0/5"))
    new = replace(new, at=new.at + timedelta(days=3))

    place = camera(old, new)

    assert (place.switch, place.port, place.confidence) == ("core", "Gi1/0/5", "low")
    assert "acc Gi1/0/9" in place.because
    assert place.behind == "was on acc Gi1/0/9 by an older table"


def of_an_old_table(*facts, further=()):
    """Return where a camera is that only an old table has on a port of its own."""
    old = access(*learned(CAMERA, "Gi1/0/9"), *learned(CORE.replace(":", ""), "Gi1/0/24"), *facts)
    ahead = (*learned(CAMERA, "Gi1/0/1"), *learned(ACCESS.replace(":", ""), "Gi1/0/1"))
    newer = [core(*ahead, *further[:1][0] if further else ()), *further[1:]]
    place = camera(old, *(replace(one, at=one.at + timedelta(days=2)) for one in newer))
    return place.switch, place.port, place.confidence.value, place.behind


def test_an_older_table_that_newer_ones_bear_out_gives_medium():
    assert of_an_old_table() == ("acc", "Gi1/0/9", "medium", "by an older table")
    assert of_an_old_table(*crowd("Gi1/0/10", 6), further=[crowd("Gi1/0/1", 6)])[2] == "medium"


THIRD = "00:1b:54:00:00:04"
BESIDE = seen("192.0.2.4", name("beside"), serial("SNBES0001"), mac(THIRD), *learned(CORE.replace(":", ""), "Gi1/0/24"))


@pytest.mark.parametrize(
    ("facts", "further"),
    [
        ([], [crowd("Gi1/0/1", 1)]),
        (crowd("Gi1/0/10", 7), [crowd("Gi1/0/1", 7)]),
        (learned(THIRD.replace(":", ""), "Gi1/0/12"), [learned(THIRD.replace(":", ""), "Gi1/0/1"), BESIDE]),
        ([], [lldp("Gi1/0/1", sysname="dark", chassis="00:1f:29:00:00:09")]),
        (lldp("Gi1/0/11", sysname="dark", chassis="00:1f:29:00:00:09"), []),
    ],
    ids=["more on the way", "many on one port", "another switch that lacks it", "a switch above", "a switch below"],
)
def test_an_older_table_is_low_where_the_device_may_hang_elsewhere(facts, further):
    assert of_an_old_table(*facts, further=further)[:3] == ("acc", "Gi1/0/9", "low")


def test_what_hangs_behind_an_unread_switch_may_hang_on_one_behind_it_whose_table_was_cut():
    third, dark = THIRD.replace(":", ""), {"sysname": "dark", "chassis": "00:1f:29:00:00:09"}
    above = core(*learned(CAMERA, "Gi1/0/1"), *learned(third, "Gi1/0/1"), *lldp("Gi1/0/1", **dark))
    below = access(*learned(CAMERA, "Gi1/0/24"), *learned(third, "Gi1/0/24"), *lldp("Gi1/0/24", **dark))
    records = [
        replace(above, facts=(*above.facts, *learned(ACCESS.replace(":", ""), "Gi1/0/1"))),
        replace(below, facts=(*below.facts, *learned(CORE.replace(":", ""), "Gi1/0/24"))),
        BESIDE,
    ]
    places = [
        next(one.place for one in merge(records, spelling=PORTS, cut=cut) if CAMERA in one.macs)
        for cut in ((), {("hq", "192.0.2.4")})
    ]

    assert [(place.behind, place.confidence) for place in places] == [
        ("behind dark", "medium"),
        ("behind dark or beside", "medium"),
    ]
    assert "The table of beside, behind it, was not read to its end." in places[1].because


@pytest.mark.parametrize(("heard", "wanted"), [(True, "medium"), (False, "low")])
def test_a_switch_on_two_others_is_sure_only_where_both_hear_it(heard, wanted):
    third = THIRD.replace(":", "")
    records = [
        core(*learned(third, "Gi1/0/5"), *ROUTES, *(lldp("Gi1/0/5", sysname="beside", chassis=THIRD) if heard else ())),
        access(*learned(third, "Gi1/0/6"), *(lldp("Gi1/0/6", sysname="beside", chassis=THIRD) if heard else ())),
        BESIDE,
    ]
    (place,) = [one.place for one in merge(records, spelling=PORTS) if third in one.macs]

    assert (place.confidence, "so does" in place.because) == (wanted, True)


def shared_rows(port, count):
    return [row for number in range(count) for row in learned(f"00142200f0{number:02x}", port)]


def test_a_port_that_may_lead_to_a_switch_without_the_device_is_low():
    """Both learned three hosts, so that any port may face the other; neither is heard."""
    above = core(*learned(CAMERA, "Gi1/0/1"), *shared_rows("Gi1/0/1", 3))
    small = replace(BESIDE, facts=(*BESIDE.facts[:3], *shared_rows("Gi1/0/7", 2), *shared_rows("Gi1/0/8", 1)))

    place = camera(above, small)

    assert (place.port, place.confidence, place.behind) == ("Gi1/0/1", "low", "on or behind beside")
    assert camera(above).confidence is Confidence.MEDIUM


def test_an_address_alone_on_two_ports_tells_nothing_of_the_cables():
    pairs = [("00:1b:54:00:00:0a", "a"), ("00:1b:54:00:00:0b", "a"), (CAMERA, "b")]
    one, other = (
        Bridge(key=key, name=key, site="hq", macs=frozenset(), at=AT, tables=[([mac for mac, _ in pairs], ports)])
        for key, ports in (("one", ["up", "up", "x"]), ("other", ["c", "d", "y"]))
    )
    tables = common_tables([one, other])

    assert tables["one"].pairs(tables["other"]) == Counter({("up", "c"): 1, ("up", "d"): 1})


def test_an_address_used_twice_is_told_with_both_ports():
    records = [access(*learned(CAMERA, "Gi1/0/5")), core(*learned(CAMERA, "Gi1/0/6"))]

    place, assets = camera(*records), merge(records, spelling=PORTS)

    assert (place.switch, place.port, place.confidence) == ("acc", "Gi1/0/5", "low")
    assert place.behind == "also on core Gi1/0/6"
    assert [one for asset in assets for one in asset.conflicts] == [
        "Its MAC was learned alone on acc Gi1/0/5, core Gi1/0/6: it has moved, or several devices use it."
    ]


def test_a_place_left_open_among_others_is_no_address_used_twice():
    records = [access(*learned(CAMERA, "Gi1/0/5"), *crowd("Gi1/0/5", 3)), core(*learned(CAMERA, "Gi1/0/6"))]

    assert [asset.conflicts for asset in merge(records, spelling=PORTS) if asset.conflicts] == []
    assert camera(*records).confidence is Confidence.LOW


def test_two_tables_tell_which_ports_face_each_other():
    pairs = Counter({("up", "a"): 3, ("up", "b"): 2, ("x", "down"): 4, ("y", "down"): 2})

    assert PortPairs(pairs).facing() == ("up", "down")
    assert PortPairs(Counter({("up", "a"): 3, ("up", "b"): 3})).facing() == ("up", "")
    assert PortPairs(Counter({("up", "a"): 30})).facing() == ("", "")
    assert PortPairs(pairs + Counter({("z", "c"): 1})).facing() == ("", "")
    assert PortPairs(Counter({("x", "down"): 2, ("up", "a"): 9})).opposite({"up"}) == "down"
    assert PortPairs(Counter({("x", "down"): 1, ("up", "a"): 9})).opposite({"up"}) == ""


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            '[[family]]\nname="a"\nspellings=["Gi"]\nexamples=["Gi1 = Ge1"]\napart=["Gi1 = Gi2"]',
            "do not come out as one port",
        ),
        (
            '[[family]]\nname="a"\nspellings=["Gi","Ge"]\nexamples=["Gi1 = Ge1"]\napart=["Gi1 = Ge1"]',
            "come out as one port",
        ),
        ('[[family]]\nname="a"\nspellings=["Gi"]\nexamples=["Gi1"]\napart=["Gi1 = Gi2"]', "with ' = ' between them"),
    ],
)
def test_a_file_of_spellings_bears_its_own_examples_out(text, wanted):
    with pytest.raises(RuleError, match=wanted):
        load(text)


def test_a_port_nobody_knows_loses_blanks_and_capitals_alone():
    assert PortNames()("sfp-sfpplus1") == "sfp-sfpplus1"
    assert PORTS("Wlan-ESS 0/0") == "wlan-ess0/0"
    assert PORTS("10GE1/0/3") != PORTS("GE1/0/3")
    assert PortNames({"e": "ethernet"})("1/1/1") == "1/1/1"


def test_a_port_of_slashes_alone_is_the_ethernet_port_of_that_number():
    switch = seen("192.0.2.2", *learned(CAMERA, "1/1/5"), *lldp("ethernet1/1/5", sysname="edge"))

    assert camera(switch).behind == "behind edge"


def test_a_site_drawn_twice_is_the_same():
    assert isinstance(draw(1), Site)
    assert draw(4).truth() == draw(4).truth()


def spanning(port, digits):
    return fact("stp.bridge", digits, port)


def test_the_spanning_tree_tells_which_port_leads_to_which_switch():
    place = camera(
        access(*learned(CAMERA, "Gi1/0/48"), spanning("Gi1/0/48", CORE), *crowd("Gi1/0/7", 1)),
        core(*learned(CAMERA, "Gi1/0/9"), *crowd("Gi1/0/1", 2, 90)),
    )
    assert (place.switch, place.port, place.confidence) == ("core", "Gi1/0/9", "high")


def test_a_bridge_that_only_the_spanning_tree_knows_stands_between():
    place = camera(access(*learned(CAMERA, "Gi1/0/7"), spanning("Gi1/0/7", "00:1f:29:00:00:09")))

    assert (place.confidence, place.behind) == ("medium", "behind 00:1f:29:00:00:09")


def test_trees_that_name_several_bridges_on_a_port_count_all_of_them_that_were_read():
    other = spanning("Gi1/0/48", "00:1f:29:00:00:09")
    place = camera(
        access(*learned(CAMERA, "Gi1/0/48"), spanning("Gi1/0/48", CORE), other, *crowd("Gi1/0/7", 1)),
        core(*learned(CAMERA, "Gi1/0/9"), *crowd("Gi1/0/1", 2, 90)),
    )

    assert (place.switch, place.port, place.confidence, place.behind) == ("core", "Gi1/0/9", "high", "")


def test_an_unread_bridge_with_a_mac_for_each_tree_is_one():
    macs = ("00:1f:29:00:00:09", "00:1f:29:00:00:0a")
    place = camera(access(*learned(CAMERA, "Gi1/0/7"), *(spanning("Gi1/0/7", mac) for mac in macs)))

    assert (place.confidence, place.behind) == ("medium", "behind 00:1f:29:00:00:09")


def test_a_station_on_a_port_has_nothing_behind_it():
    printer = lldp("Gi1/0/7", chassis="00:15:65:00:00:01", sysname="printer", capabilities="station")
    place = camera(access(*learned(CAMERA, "Gi1/0/7"), *learned("001565000001", "Gi1/0/7"), *printer))

    assert place.behind == "unmanaged switch or recorder on acc Gi1/0/7, 2 devices"


def test_a_phone_is_at_an_edge_where_a_switch_may_lead_on():
    phone = lldp("Gi1/0/7", chassis="00:15:65:00:00:01", sysname="SEP1", capabilities="bridge telephone")
    dark = lldp("Gi1/0/27", chassis="00:1f:29:00:00:09", sysname="dark", capabilities="bridge router")
    place = camera(
        access(*learned(CAMERA, "Gi1/0/7"), *learned("001565000001", "Gi1/0/7"), *phone),
        core(*learned(CAMERA, "Gi1/0/27"), *crowd("Gi1/0/27", 5), *dark),
    )

    assert (place.switch, place.port, place.behind, place.confidence) == ("acc", "Gi1/0/7", "behind SEP1", "medium")


def test_of_two_rows_of_one_time_the_one_last_heard_counts():
    def aged(port, seconds):
        return (*learned(CAMERA, port), fact("fdb.age", seconds, "", f"mac:{CAMERA}"))

    place = camera(access(*aged("Gi1/0/5", "250")), core(*aged("Gi1/0/6", "3")))

    assert (place.switch, place.port, place.confidence) == ("core", "Gi1/0/6", "low")


def test_a_table_that_was_not_read_to_its_end_never_makes_sure():
    far = core(*learned(CAMERA, "Gi1/0/1"), *crowd("Gi1/0/1", 3), *learned("001b54000002", "Gi1/0/1"))
    cut = {("hq", "192.0.2.2")}

    here, there = (
        next(asset.place for asset in merge(records, spelling=PORTS, cut=cut) if CAMERA in asset.macs)
        for records in ([access(*learned(CAMERA, "Gi1/0/7"))], [access(*crowd("Gi1/0/7", 1)), far])
    )

    assert (here.port, here.confidence, here.behind) == ("Gi1/0/7", "medium", "by a table cut short")
    assert (there.switch, there.port, there.confidence, there.behind) == ("core", "Gi1/0/1", "medium", "behind acc")


def test_what_hangs_between_two_switches_is_told_at_the_one_nearer_to_the_gateway():
    place = camera(
        access(*learned(CAMERA, "Gi1/0/48"), *learned("001b54000003", "Gi1/0/48"), *crowd("Gi1/0/7", 5, 90)),
        core(*learned(CAMERA, "Gi1/0/1"), *learned("001b54000002", "Gi1/0/1"), *crowd("Gi1/0/1", 5, 90), *ROUTES),
    )

    assert (place.switch, place.port, place.confidence) == ("core", "Gi1/0/1", "medium")
    assert place.behind == "between acc Gi1/0/48 and core Gi1/0/1"


def test_a_switch_that_may_hang_behind_another_is_placed_with_doubt():
    hidden = seen("192.0.2.4", name("mid"), serial("SNMID0001"), mac("00:1b:54:00:00:04"), *crowd("Gi1/0/3", 1, 70))
    records = [
        access(spanning("Gi1/0/48", CORE), *crowd("Gi1/0/7", 4, 90), *crowd("Gi1/0/48", 3, 20)),
        core(*crowd("Gi1/0/1", 4, 90), *crowd("Gi1/0/2", 3, 20), *learned("001b54000004", "Gi1/0/1"), *ROUTES),
    ]

    def place(*more):
        return next(one.place for one in merge([*records, *more], spelling=PORTS) if one.serial == "SNACC0001")

    assert (place().port, place().confidence) == ("Gi1/0/1", "high")
    assert (place(hidden).port, place(hidden).confidence, place(hidden).behind) == (
        "Gi1/0/1",
        "low",
        "on or behind mid",
    )


def test_a_port_is_printed_as_the_table_spells_it_whatever_comes_first():
    named = fact("if.name", "Gi1/0/7", "ifName.7")
    row = learned(CAMERA, "GigabitEthernet1/0/7")

    assert {camera(access(named, *row)).port, camera(access(*row, named)).port} == {"GigabitEthernet1/0/7"}


def test_an_older_table_that_a_newer_one_bears_out_is_never_sure_of_the_port():
    newer = core(*learned(CAMERA, "Gi1/0/1"), *learned("001b54000002", "Gi1/0/1"), *crowd("Gi1/0/1", 2))
    place = camera(access(*learned(CAMERA, "Gi1/0/7")), replace(newer, at=newer.at + timedelta(days=3)))

    assert (place.switch, place.port, place.confidence) == ("acc", "Gi1/0/7", "low")
    assert place.behind == "by an older table"
