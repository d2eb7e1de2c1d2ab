"""The SNMP collector against agents that really answer, over loopback."""

from collections import Counter

import pytest

from auditor import ber
from auditor.collect import COLLECTORS, collector
from auditor.collect.base import Setup
from auditor.errors import UsageError
from auditor.lab.agent import PlayedAgent
from auditor.model import Limits, Observation, Reason, Target, Unread, VarBind
from auditor.snmp import message
from tests.tools.loopback import SCOPE, free_port
from tests.tools.snmp_lab import (
    CREDENTIALS,
    NOW,
    QUICK,
    USER,
    collect,
    failing,
    faulty,
    kinds,
    number,
    played,
    switch,
    system,
    target,
    text,
)


@pytest.fixture
def port():
    return free_port()


@pytest.mark.parametrize("credential", ["public", "old", "core"])
def test_a_switch_is_read_whole_in_every_version(port, credential):
    with played(PlayedAgent(address="127.20.0.1", port=port, varbinds=switch(), users=(USER,))):
        (record,) = collect(target(port, credential))
    assert isinstance(record, Observation)
    assert (record.collector, record.at) == ("snmp", NOW)
    found = kinds(record)
    assert {kind: found[kind] for kind in ("snmp.sysdescr", "if.mac", "if.name", "fdb.mac", "fdb.port", "arp.mac")} == {
        "snmp.sysdescr": 1,
        "if.mac": 48,
        "if.name": 48,
        "fdb.mac": 300,
        "fdb.port": 300,
        "arp.mac": 300,
    }
    assert found["snmp.engineid"] == (1 if credential == "core" else 0)


def test_silence_is_an_unread_device_not_a_clean_one(port):
    (record,) = collect(target(port, address="127.20.0.9"))
    assert isinstance(record, Unread)
    assert record.reason in {Reason.TIMEOUT, Reason.CLOSED}


def test_credentials_are_tried_in_order_until_one_works(port):
    with played(PlayedAgent(address="127.20.0.1", port=port, varbinds=system())):
        (record,) = collect(target(port, "wrong", "public"))
    assert isinstance(record, Observation)


def test_an_unread_device_says_of_each_credential_why_it_failed(port):
    with played(PlayedAgent(address="127.20.0.1", port=port, varbinds=system(), users=(USER,))):
        *_engine, record = collect(target(port, "stale", "wrong"))
    refused, silent = record.detail.split("; ")
    assert refused.endswith("(credential stale)")
    assert (record.reason, silent) == (Reason.TIMEOUT, "no reply to 2 requests (credential wrong)")


def test_a_target_without_credential_is_told_and_not_asked(port):
    with played(PlayedAgent(address="127.20.0.1", port=port, varbinds=system())) as responder:
        (record,) = collect(Target(address="127.20.0.1", ports=(("snmp", port),)))
        assert record.reason is Reason.NO_CREDENTIAL
        assert not responder.stats


def test_a_wrong_password_stops_after_a_few_devices(port):
    devices = [PlayedAgent(address=f"127.20.1.{n}", port=port, varbinds=system(), users=(USER,)) for n in range(1, 41)]
    with played(*devices):
        records = collect(*(target(port, "stale", address=device.address) for device in devices))
    lost = Counter(record.reason for record in records if isinstance(record, Unread))
    assert lost == {Reason.AUTHENTICATION: 3, Reason.BREAKER: 37}
    # Refused or not, an agent names its engine before anybody logs in.
    assert sum(isinstance(record, Observation) for record in records) == 3


def test_a_good_credential_is_not_slowed_by_the_breaker(port):
    devices = [PlayedAgent(address=f"127.20.1.{n}", port=port, varbinds=system(), users=(USER,)) for n in range(1, 41)]
    with played(*devices):
        records = collect(*(target(port, "core", address=device.address) for device in devices))
    assert [type(record) for record in records] == [Observation] * 40


def test_the_last_credential_is_tried_first_at_the_same_site(port):
    devices = [PlayedAgent(address=f"127.20.1.{n}", port=port, varbinds=system()) for n in (1, 2, 3)]
    limits = Limits(timeout=0.2, retries=1, packets_per_second=0.0, in_flight=1)
    with played(*devices) as responder:
        records = collect(
            *(target(port, "wrong", "public", address=device.address) for device in devices), limits=limits
        )
        # Two tries at the first device, perhaps two at one already taken up; none at the third.
        assert responder.stats["bad_community"] in {2, 4}
    assert [type(record) for record in records] == [Observation] * 3


def test_a_cisco_bridge_is_asked_once_per_vlan(port):
    rows = [*system("1.3.6.1.4.1.9.1.516"), text("1.3.6.1.2.1.31.1.1.1.1.11", "Gi0/1")]
    rows += [number(f"1.3.6.1.4.1.9.9.46.1.3.1.1.2.1.{vlan}", 1) for vlan in (1, 20, 1002)]
    inside = [number("1.3.6.1.2.1.17.4.3.1.2.188.173.40.0.0.1", 5), number("1.3.6.1.2.1.17.1.4.1.2.5", 11)]
    inside.append(VarBind("1.3.6.1.2.1.17.2.15.1.8.5", ber.OCTET_STRING, bytes.fromhex("8014bcad28000002")))
    with played(PlayedAgent(address="127.20.0.1", port=port, varbinds=rows, contexts={"@20": inside})):
        record = collect(target(port))[0]
    said = {fact.kind: fact.value for fact in record.facts if fact.kind.startswith("fdb.")}
    assert said == {"fdb.mac": "bc:ad:28:00:00:01", "fdb.port": "Gi0/1", "fdb.vlan": "20"}
    assert [fact.value for fact in record.facts if fact.kind == "stp.bridge"] == ["bc:ad:28:00:00:02"]


def ordered(rows):
    return sorted(rows, key=lambda row: [int(arc) for arc in row.oid.split(".")])


@pytest.mark.parametrize("word", ["snmp", "snmp-pysnmp"])
def test_the_enterprise_numbers_of_an_agent_are_counted_off_and_their_scalars_asked(port, word):
    rows = [*system("1.3.6.1.4.1.9.1.1"), *(text(f"1.3.6.1.4.1.9.2.1.{n}.0", "x") for n in range(90))]
    rows += [text("1.3.6.1.4.1.2011.6.164.1.1.1.4.0", "SMU11B"), text("1.3.6.1.4.1.3902.3.1.0", "y")]
    with played(PlayedAgent(address="127.20.0.1", port=port, varbinds=ordered(rows))):
        (record,) = collect(target(port), word=word)
    said = [(fact.kind, fact.value) for fact in record.facts]
    assert [value for kind, value in said if kind == "snmp.enterprise"] == ["9", "2011", "3902"]
    assert ("snmp.value", "SMU11B") in said


def test_an_agent_that_hides_its_tree_is_still_asked_by_name_when_it_is_vague(port):
    """Some cameras answer GET for their model and nothing to GETNEXT."""
    rows = [*system("0.0", "camera"), text("1.3.6.1.4.1.39165.1.1.0", "DS-2CD2185FWD-I")]
    with played(PlayedAgent(address="127.20.0.1", port=port, varbinds=ordered(rows))) as responder:
        (record,) = collect(target(port))
        assert responder.stats["get"]
    assert ("snmp.value", "DS-2CD2185FWD-I") in [(fact.kind, fact.value) for fact in record.facts]


def test_a_table_cut_short_is_read_and_told(port):
    limits = Limits(timeout=0.2, retries=1, packets_per_second=0.0, max_rows=50)
    with played(PlayedAgent(address="127.20.0.1", port=port, varbinds=switch())):
        read, *gaps = collect(target(port), limits=limits)
    assert kinds(read)["fdb.mac"] == 50
    assert {gap.reason for gap in gaps} == {Reason.PARTIAL}
    assert any("forwarding table: limit" in gap.detail for gap in gaps)


def test_an_agent_that_answers_null_everywhere_is_not_wholly_read(port):
    def spoil(_asked, reply):
        names, _, _ = ber.split_varbinds(reply.region)
        return reply._replace(region=ber.join_varbinds([(name, ber.NULL, b"") for name in names]))

    with faulty(PlayedAgent(address="127.20.0.1", port=port, varbinds=switch()), spoil):
        _, *gaps = collect(target(port))
    assert {gap.reason for gap in gaps} == {Reason.PARTIAL}
    assert any("system group: NULL instead of each" in gap.detail for gap in gaps)


def test_an_agent_that_counts_ports_and_shows_none_is_not_wholly_read(port):
    varbinds = [*system(), number("1.3.6.1.2.1.2.1.0", 24)]
    with played(PlayedAgent(address="127.20.0.1", port=port, varbinds=varbinds)):
        _, *gaps = collect(target(port))
    assert [gap.reason for gap in gaps] == [Reason.PARTIAL]
    assert "IF-MIB" in gaps[0].detail


GET, WALKS = {message.GET}, {message.GET_BULK}
FAILURES = {
    "genErr to a GETBULK": ("public", failing(WALKS, 5, 0), True),
    "genErr to a GETBULK, its first object": ("public", failing(WALKS, 5, 1), True),
    "genErr to a GET of several": ("public", failing(GET, 5, 0, most=1), True),
    "genErr to a GET of several, its first object": ("public", failing(GET, 5, 1, most=1), True),
    "genErr to a GET of several, its last object": ("public", failing(GET, 5, 4, most=3), True),
    "tooBig to a GET of several": ("public", failing(GET, 1, 0, most=1), True),
    "noSuchName to a GET of several": ("old", failing(GET, 2, 0, most=1), True),
    "noSuchName to a GET of several, its first object": ("old", failing(GET, 2, 1, most=1), True),
    "genErr to every GETBULK and GETNEXT": ("public", failing({*WALKS, message.GET_NEXT}, 5, 0), False),
    "genErr to every GET": ("public", failing(GET, 5, 1), False),
}


@pytest.mark.parametrize("name", FAILURES)
def test_an_agent_that_fails_at_much_at_once_is_asked_for_less(port, name):
    credential, spoil, is_whole = FAILURES[name]
    varbinds = [*switch(), text("1.3.6.1.2.1.1.5.0", "sw1"), text("1.3.6.1.2.1.1.6.0", "room 1")]
    with played(PlayedAgent(address="127.20.0.1", port=port, varbinds=varbinds)):
        healthy, *_ = collect(target(port, credential))
    with faulty(PlayedAgent(address="127.20.0.1", port=port, varbinds=varbinds), spoil) as player:
        read, *gaps = collect(target(port, credential))
        assert sum(player.stats.values()) < 1500
    if is_whole:
        assert set(read.facts) == set(healthy.facts)
        assert gaps == []
    else:
        assert {one.reason for one in (read, *gaps) if isinstance(one, Unread)} == {Reason.PARTIAL}


def test_nothing_is_ever_written_to_a_device(port):
    with played(PlayedAgent(address="127.20.0.1", port=port, varbinds=switch())) as responder:
        collect(target(port))
        assert not responder.stats["set"]
        assert responder.stats["get"]


def test_a_secret_that_cannot_be_fetched_is_a_reason_not_a_crash(port):
    class Broken:
        def fetch(self, name, _part):
            raise UsageError("the environment variable X is not set", where=f"credential {name}")

    chosen = Setup(scope=SCOPE, credentials={"public": CREDENTIALS[0]}, secrets=Broken(), now=lambda: NOW, limits=QUICK)
    (record,) = collector("snmp").collect([target(port)], chosen)
    assert (record.reason, record.detail) == (
        Reason.NO_CREDENTIAL,
        "credential public: the environment variable X is not set",
    )


def test_a_collector_is_found_by_its_word():
    assert [collector(word).name for word in ("snmp", "snmp-pysnmp")] == ["snmp", "snmp"]
    assert set(COLLECTORS) == {"snmp", "snmp-pysnmp", "ssh", "probe"}


@pytest.mark.parametrize("credential", ["public", "old", "core"])
def test_pysnmp_hears_the_same_facts(port, credential):
    with played(PlayedAgent(address="127.20.0.1", port=port, varbinds=switch()[:120], users=(USER,))):
        (ours,) = collect(target(port, credential))
        (theirs,) = collect(target(port, credential), word="snmp-pysnmp")
    # Only our own client tells the engine ID it met on the way.
    assert theirs.facts == tuple(fact for fact in ours.facts if fact.kind != "snmp.engineid")


def test_pysnmp_tells_silence_from_a_wrong_password(port):
    with played(PlayedAgent(address="127.20.0.1", port=port, varbinds=system(), users=(USER,))):
        (silent,) = collect(target(port, "wrong"), word="snmp-pysnmp")
        (refused,) = collect(target(port, "stale"), word="snmp-pysnmp")
    assert (silent.reason, refused.reason) == (Reason.TIMEOUT, Reason.AUTHENTICATION)


def test_pysnmp_stops_where_a_table_is_cut_short(port):
    limits = Limits(timeout=0.2, retries=1, packets_per_second=0.0, max_rows=20)
    with played(PlayedAgent(address="127.20.0.1", port=port, varbinds=switch())):
        read, *gaps = collect(target(port), limits=limits, word="snmp-pysnmp")
    assert kinds(read)["fdb.mac"] == 20
    assert any("forwarding table: limit" in gap.detail for gap in gaps)
