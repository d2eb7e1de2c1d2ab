"""No order of records, facts or addresses changes which box is which."""

import os
import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from auditor.model import CollectedAsset, Fact, Observation
from auditor.model.kinds import about_part
from tests.tools.merging import merge
from tests.tools.records import arp, descr, fact, learned, lldp, mac, name, seen

# `make orders` draws 5,000.
SETS = int(os.environ.get("AUDITOR_TEST_SETS", "400"))
MACS = [f"00:00:5e:00:53:0{digit}" for digit in "abcdef"]
SERIALS = ("ROLLOUT-2026", "FOC00000001", "FOC00000002")
NAMES = ("sw1", "sw1.example.org", "sw2", "Switch")
PONS = ("ABCD01020304", "ABCD01020305")
NOBODYS = "192.0.2.200"
PRODUCTS = ("1.3.6.1.4.1.32473.1", "1.3.6.1.4.1.32473.2")


def member(row: str, number: str) -> list[Fact]:
    about = about_part(row)
    return [fact("entity.serial", number, row, about), fact("entity.class", "chassis", row, about)]


def own_words(chance: random.Random) -> list[Fact]:
    """Return what one device may show of itself: too little, or the marks of others as well."""
    words = [
        *(
            fact("entity.serial", one, chance.choice("12"))
            for one in chance.sample(SERIALS, chance.choice((0, 0, 1, 2)))
        ),
        *(mac(one) for one in chance.sample(MACS[:4], chance.choice((0, 1, 1, 2)))),
        *(fact("if.mac", one, "dot1dBaseBridgeAddress.0") for one in chance.sample(MACS[:3], chance.choice((0, 0, 1)))),
        *(name(one) for one in chance.sample(NAMES, chance.choice((0, 1)))),
        *(fact("gpon.serial", one) for one in chance.sample(PONS, chance.choice((0, 0, 0, 1)))),
        *(fact("snmp.sysobjectid", one) for one in chance.sample(PRODUCTS, chance.choice((0, 0, 1)))),
        *(fact("inventory.serial", one) for one in chance.sample(SERIALS, chance.choice((0, 0, 0, 1)))),
    ]
    if chance.random() < 0.2:
        words.append(fact("snmp.engineid", "80001f8880aabbccdd00112233"))
    if chance.random() < 0.2:
        words += [*member("1001", chance.choice(SERIALS)), *member("2001", chance.choice(SERIALS))]
    if chance.random() < 0.2:
        words.append(descr("ExampleOS 1.0"))
    return words


def hearsay(chance: random.Random, addresses: list[str]) -> list[Fact]:
    """Return what one device may say of others."""
    words: list[Fact] = []
    if chance.random() < 0.3:
        words += learned(chance.choice(MACS).replace(":", ""), "Gi1")
    if chance.random() < 0.3:
        words.append(arp(chance.choice(addresses), chance.choice(MACS)))
    if chance.random() < 0.4:
        claim = {
            "chassis": chance.choice((*MACS, chance.choice(addresses), "Switch")),
            "sysname": chance.choice(NAMES),
            "portid": chance.choice((*MACS, "Gi1")),
            "address": chance.choice(addresses),
            "sysdescr": "ExampleOS 1.0",
        }
        words += lldp("Gi1", **dict(chance.sample(sorted(claim.items()), chance.randint(1, 4))))
    if chance.random() < 0.2:
        words += [fact("cdp.deviceid", "sw1(FOC00000001)", "", "lldp:cdp2.1")]
        words += [fact("cdp.localport", "Gi2", "", "lldp:cdp2.1")]
    return words


def network(chance: random.Random) -> list[Observation]:
    """Return records of a few targets, some of which were read twice."""
    addresses = [f"192.0.2.{number}" for number in range(1, chance.randint(3, 7))]
    records = []
    for address in addresses:
        for hours in range(chance.choice((1, 1, 1, 2))):
            one = seen(address, *own_words(chance), *hearsay(chance, [*addresses, NOBODYS]))
            collector = chance.choice(("snmp", "snmp", "ssh"))
            records.append(replace(one, at=one.at + timedelta(hours=chance.choice((0, hours))), collector=collector))
    return records


def shuffled(records: list[Observation], chance: random.Random) -> list[Observation]:
    mixed = [replace(one, facts=tuple(chance.sample(one.facts, len(one.facts)))) for one in records]
    return chance.sample(mixed, len(mixed))


def renumbered(records: Iterable[Observation], numbers: dict[str, str]) -> list[Observation]:
    """Return the records with other addresses, wherever one stands."""

    def other(text: str) -> str:
        return numbers.get(text, text)

    return [
        replace(
            one,
            target=replace(one.target, address=other(one.target.address)),
            facts=tuple(
                replace(said, value=other(said.value), about="ip:" + other(said.about[3:]))
                if said.about.startswith("ip:")
                else replace(said, value=other(said.value))
                for said in one.facts
            ),
        )
        for one in records
    ]


def boxes(assets: Iterable[CollectedAsset], numbers: dict[str, str]) -> set[tuple[object, ...]]:
    """Return what each asset is, but for words that name an address and the order of addresses."""
    back = {new: old for old, new in numbers.items()}
    return {
        (
            frozenset(back.get(address, address) for address in asset.addresses),
            asset.macs,
            asset.name,
            asset.serial,
            asset.seen,
            asset.key if ":" in asset.key and "#" not in asset.key else "",
            frozenset(fact for fact in asset.facts if not fact.value.startswith("192.0.2.")),
            frozenset(item.fact.kind for item in asset.hearsay),
        )
        for asset in assets
    }


def test_no_order_of_records_or_facts_and_no_record_twice_changes_an_asset():
    chance = random.Random(1)
    for _ in range(SETS):
        records = network(chance)
        wanted = merge(records)

        assert merge(shuffled([*records, *records[: chance.randint(0, 1) * 9]], chance)) == wanted
        assert len({asset.key for asset in wanted}) == len(wanted)


def test_other_addresses_change_no_box():
    chance = random.Random(2)
    for _ in range(SETS):
        records = network(chance)
        addresses = sorted({one.target.address for one in records})
        numbers = dict(zip(addresses, chance.sample(addresses, len(addresses)), strict=True))

        assert boxes(merge(renumbered(records, numbers)), numbers) == boxes(merge(records), {})
