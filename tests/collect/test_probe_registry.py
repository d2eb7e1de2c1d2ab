"""What every probe owes: a service, a recording, patience with hostile devices."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from auditor.collect.probe.collector import ProbeCollector
from auditor.collect.probe.registry import PROBES, SEARCHES
from auditor.model import KINDS, Observation, Target
from auditor.parse.services import service_table
from tests.tools import hostile_servers
from tests.tools.probe_asked import setup
from tests.tools.probe_lab import Net
from tests.tools.probe_recordings import FOLDER, play, recording


def test_every_probe_is_a_service_and_every_service_a_probe():
    services = {service.name for service in service_table().probes}

    assert sorted(set(PROBES) - services) == [], "these probes have no line in services.toml"
    assert sorted(services - set(PROBES)) == [], "these services have no probe in auditor/collect/probe/registry.py"
    assert {group.name for group in service_table().groups} <= set(SEARCHES)


def test_no_recording_is_left_of_a_probe_that_is_gone():
    assert {path.stem for path in FOLDER.glob("*.replies")} <= set(PROBES)


@pytest.mark.parametrize("name", PROBES)
def test_a_recorded_device_gives_the_facts_its_recording_says(net: Net, name: str):
    ports = play(net, name)
    target = Target(address="127.0.0.1", ports=tuple(ports.items()), credentials=("cams",))
    records = list(ProbeCollector().collect([target], setup((name,))))
    facts = [fact for record in records if isinstance(record, Observation) for fact in record.facts]

    assert {fact.kind for fact in facts} <= set(KINDS)
    for kind, value in recording(name).facts:
        assert any(fact.kind == kind and (not value or fact.value == value) for fact in facts), (kind, value, facts)


def test_hostile_devices_cost_every_probe_bounded_time_and_memory(net: Net):
    # Hundreds of connections end at once.
    net.settle = 1.0
    tcp = {case: net.tcp(talk) for case, talk in hostile_servers.TCP.items()}
    udp = {case: net.udp(lambda _data, reply=reply: reply) for case, reply in hostile_servers.UDP.items()}

    def read(name: str) -> tuple[float, list]:
        port = {case: ((name, number), ("http", number), ("https", number)) for case, number in (tcp | udp).items()}
        targets = [
            Target(address="127.0.0.1", site=case, ports=tuple(dict(ports).items()), credentials=("cams",))
            for case, ports in port.items()
        ]
        began = time.monotonic()
        records = list(ProbeCollector().collect(targets, setup((name,), deadline=8.0)))
        return time.monotonic() - began, records

    with ThreadPoolExecutor(len(PROBES)) as pool:
        results = dict(zip(PROBES, pool.map(read, PROBES), strict=True))

    for name, (seconds, records) in results.items():
        facts = [fact for record in records if isinstance(record, Observation) for fact in record.facts]
        assert {record.target.site for record in records} == set(tcp) | set(udp), name
        assert seconds < 20, name
        assert max((len(fact.value) for fact in facts), default=0) <= 20_000, name
