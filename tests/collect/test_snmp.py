"""The SNMP collector against agents that really answer, over loopback."""

import socket
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from auditor.collect import COLLECTORS, collector
from auditor.collect.base import Limits, Setup
from auditor.model import Credential, Observation, Reason, Target, Unread, VarBind
from auditor.parse.snmprec import integer_octets, oid_octets
from auditor.snmp.agent import Device, Responder
from auditor.snmp.script import User

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
QUICK = Limits(timeout=0.2, retries=1, deadline=10.0, packets_per_second=0.0)
CAMERA = bytes.fromhex("bcad28000001")


def text(oid, value):
    return VarBind(oid, 0x04, value if isinstance(value, bytes) else value.encode())


def number(oid, value):
    return VarBind(oid, 0x02, integer_octets(value))


def name(oid, value):
    return VarBind(oid, 0x06, oid_octets(value))


def system(sysobjectid="1.3.6.1.4.1.2011.2.23.291", descr="S5720"):
    return [
        text("1.3.6.1.2.1.1.1.0", descr),
        name("1.3.6.1.2.1.1.2.0", sysobjectid),
        VarBind("1.3.6.1.2.1.1.3.0", 0x43, integer_octets(500_000)),
    ]


def switch():
    rows = system()
    for port in range(1, 49):
        rows += [text(f"1.3.6.1.2.1.2.2.1.6.{port}", bytes.fromhex("00e0fc0000") + bytes([port]))]
        rows += [
            text(f"1.3.6.1.2.1.31.1.1.1.1.{port}", f"GE0/0/{port}"),
            number(f"1.3.6.1.2.1.17.1.4.1.2.{port}", port),
        ]
    for host in range(300):
        arcs = f"188.173.40.0.{host >> 8}.{host & 255}"
        rows += [number(f"1.3.6.1.2.1.17.7.1.2.2.1.2.20.{arcs}", 1 + host % 48)]
        rows += [
            text(
                f"1.3.6.1.2.1.4.22.1.2.7.10.9.{host >> 8}.{host & 255}",
                bytes.fromhex("bcad2800") + host.to_bytes(2, "big"),
            )
        ]
    rows += [text("1.3.6.1.2.1.47.1.1.1.1.11.1", "210235000010000001"), number("1.3.6.1.2.1.47.1.1.1.1.5.1", 3)]
    return rows


@dataclass
class Secrets:
    values: dict[tuple[str, str], str]
    fetched: Counter[str] = field(default_factory=Counter)

    def fetch(self, name, part):
        self.fetched[name] += 1
        return self.values[name, part]


COMMUNITY = Credential(name="public", kind="snmp-v2c")
OLD = Credential(name="old", kind="snmp-v1")
WRONG = Credential(name="wrong", kind="snmp-v2c")
V3 = Credential(name="core", kind="snmp-v3", user="audit", auth="SHA256", priv="AES")
STALE = Credential(name="stale", kind="snmp-v3", user="audit", auth="SHA256", priv="AES")
USER = User(name="audit", auth="SHA256", auth_secret="auth-secret", priv="AES", priv_secret="priv-secret")
SECRETS = {
    ("public", "community"): "public",
    ("old", "community"): "public",
    ("wrong", "community"): "private",
    ("core", "auth"): "auth-secret",
    ("core", "priv"): "priv-secret",
    ("stale", "auth"): "another-secret",
    ("stale", "priv"): "another-secret",
}


def setup(limits=QUICK):
    credentials = {item.name: item for item in (COMMUNITY, OLD, WRONG, V3, STALE)}
    return Setup(credentials=credentials, secrets=Secrets(SECRETS), now=lambda: NOW, limits=limits)


@pytest.fixture
def port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def played(*devices):
    with Responder(devices) as responder:
        thread = threading.Thread(target=responder.serve, args=(0.02,))
        thread.start()
        try:
            yield responder
        finally:
            responder.stop()
            thread.join()


def target(port, *credentials, address="127.20.0.1", site=""):
    return Target(address=address, site=site, credentials=credentials or ("public",), ports=(("snmp", port),))


def collect(*targets, limits=QUICK):
    return list(collector("snmp").collect(targets, setup(limits)))


def kinds(record):
    return Counter(fact.kind for fact in record.facts)


@pytest.mark.parametrize("credential", ["public", "old", "core"])
def test_a_switch_is_read_whole_in_every_version(port, credential):
    with played(Device(address="127.20.0.1", port=port, varbinds=switch(), users=(USER,))):
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
    with played(Device(address="127.20.0.1", port=port, varbinds=system())):
        (record,) = collect(target(port, "wrong", "public"))
    assert isinstance(record, Observation)


def test_the_last_credential_says_why_a_device_is_unread(port):
    with played(Device(address="127.20.0.1", port=port, varbinds=system())):
        (record,) = collect(target(port, "wrong"))
    assert (record.reason, record.detail) == (Reason.TIMEOUT, "no reply to 2 requests (credential wrong)")


def test_a_target_without_credential_is_told_and_not_asked(port):
    with played(Device(address="127.20.0.1", port=port, varbinds=system())) as responder:
        (record,) = collect(Target(address="127.20.0.1", ports=(("snmp", port),)))
        assert record.reason is Reason.NO_CREDENTIAL
        assert not responder.stats


def test_a_wrong_password_stops_after_a_few_devices(port):
    devices = [Device(address=f"127.20.1.{n}", port=port, varbinds=system(), users=(USER,)) for n in range(1, 41)]
    with played(*devices):
        records = collect(*(target(port, "stale", address=device.address) for device in devices))
    lost = Counter(record.reason for record in records if isinstance(record, Unread))
    assert lost == {Reason.AUTHENTICATION: 3, Reason.BREAKER: 37}
    # Refused or not, an agent names its engine before anybody logs in.
    assert sum(isinstance(record, Observation) for record in records) == 3


def test_a_good_credential_is_not_slowed_by_the_breaker(port):
    devices = [Device(address=f"127.20.1.{n}", port=port, varbinds=system(), users=(USER,)) for n in range(1, 41)]
    with played(*devices):
        records = collect(*(target(port, "core", address=device.address) for device in devices))
    assert [type(record) for record in records] == [Observation] * 40


def test_the_winner_is_tried_first_at_the_same_site(port):
    devices = [Device(address=f"127.20.1.{n}", port=port, varbinds=system()) for n in (1, 2, 3)]
    limits = Limits(timeout=0.2, retries=1, packets_per_second=0.0, in_flight=1)
    with played(*devices) as responder:
        records = collect(
            *(target(port, "wrong", "public", address=device.address) for device in devices), limits=limits
        )
        # Two tries each at the first device and at the one already taken up; none at the third.
        assert responder.stats["bad_community"] == 4
    assert [type(record) for record in records] == [Observation] * 3


def test_a_cisco_bridge_is_asked_once_per_vlan(port):
    rows = [*system("1.3.6.1.4.1.9.1.516"), text("1.3.6.1.2.1.31.1.1.1.1.11", "Gi0/1")]
    rows += [number(f"1.3.6.1.4.1.9.9.46.1.3.1.1.2.1.{vlan}", 1) for vlan in (1, 20, 1002)]
    inside = [number("1.3.6.1.2.1.17.4.3.1.2.188.173.40.0.0.1", 5), number("1.3.6.1.2.1.17.1.4.1.2.5", 11)]
    with played(Device(address="127.20.0.1", port=port, varbinds=rows, contexts={"@20": inside})):
        record = collect(target(port))[0]
    said = {fact.kind: fact.value for fact in record.facts if fact.kind.startswith("fdb.")}
    assert said == {"fdb.mac": "bc:ad:28:00:00:01", "fdb.port": "Gi0/1", "fdb.vlan": "20"}


def test_a_vague_agent_is_asked_for_the_makers_subtrees(port):
    rows = [
        *system("1.3.6.1.4.1.8072.3.2.10", "Linux"),
        text("1.3.6.1.4.1.3902.3.1.0", "x"),
        text("1.3.6.1.4.1.3902.3.2.0", "y"),
    ]
    rows.append(text("1.3.6.1.4.1.2011.6.164.1.1.1.4.0", "SMU11B"))
    with played(
        Device(
            address="127.20.0.1", port=port, varbinds=sorted(rows, key=lambda row: list(map(int, row.oid.split("."))))
        )
    ):
        records = collect(target(port))
    said = [(fact.kind, fact.value) for fact in records[0].facts]
    assert ("snmp.value", "SMU11B") in said
    assert [value for kind, value in said if kind == "snmp.enterprise"] == ["2011", "3902"]
    assert len(records) == 1


def test_a_named_agent_is_not_asked_for_other_makers(port):
    rows = [*system("1.3.6.1.4.1.9.1.1"), text("1.3.6.1.4.1.2011.6.164.1.1.1.4.0", "SMU11B")]
    with played(Device(address="127.20.0.1", port=port, varbinds=rows)):
        record = collect(target(port))[0]
    assert not kinds(record)["snmp.value"]


def test_a_table_cut_short_is_read_and_told(port):
    limits = Limits(timeout=0.2, retries=1, packets_per_second=0.0, max_rows=50)
    with played(Device(address="127.20.0.1", port=port, varbinds=switch())):
        read, *gaps = collect(target(port), limits=limits)
    assert kinds(read)["fdb.mac"] == 50
    assert {gap.reason for gap in gaps} == {Reason.PARTIAL}
    assert any("forwarding table: limit" in gap.detail for gap in gaps)


def test_nothing_is_ever_written_to_a_device(port):
    with played(Device(address="127.20.0.1", port=port, varbinds=switch())) as responder:
        collect(target(port))
        assert not responder.stats["set"]
        assert responder.stats["get"]


def test_a_secret_that_cannot_be_fetched_is_a_reason_not_a_crash(port):
    from auditor.errors import UsageError

    class Broken:
        def fetch(self, name, _part):
            raise UsageError("the environment variable X is not set", where=f"credential {name}")

    chosen = Setup(credentials={"public": COMMUNITY}, secrets=Broken(), now=lambda: NOW, limits=QUICK)
    (record,) = collector("snmp").collect([target(port)], chosen)
    assert (record.reason, record.detail) == (
        Reason.NO_CREDENTIAL,
        "credential public: the environment variable X is not set",
    )


@pytest.mark.parametrize("word", ["snmp"])
def test_a_collector_is_found_by_its_word(word):
    assert collector(word).name == word
    assert word in COLLECTORS
