"""Every recorded walk of the corpus, or of our samples, played over real UDP.

The collector hears the facts the recording holds.
"""

import os
from collections import Counter
from pathlib import Path

import pytest

from auditor.lab.agent import PlayedAgent
from auditor.model import Limits, Observation
from auditor.parse import snmp, snmprec
from tests.tools.loopback import free_port
from tests.tools.snmp_lab import collect, played, target

CORPUS = Path(os.environ.get("AUDITOR_CORPUS", Path(__file__).parents[3] / "shared" / "corpus")) / "walks"
SAMPLES = Path(__file__).parents[2] / "samples"
PLACE = CORPUS.glob("*") if CORPUS.is_dir() else SAMPLES.rglob("*")
WALKS = sorted(path for path in PLACE if path.suffix in {".snmprec", ".snmpwalk"})
PATIENT = Limits(timeout=0.8, retries=3, deadline=120.0, packets_per_second=0.0)


def recorded(path):
    return snmprec.read(path.read_text(encoding="utf-8", errors="surrogateescape")).varbinds


@pytest.mark.slow
def test_a_recording_says_the_same_over_the_wire():
    port = free_port()
    devices = {f"127.21.{number >> 8}.{number & 255}": recorded(path) for number, path in enumerate(WALKS, 1)}
    with played(*(PlayedAgent(address=address, port=port, varbinds=binds) for address, binds in devices.items())):
        records = collect(*(target(port, address=address) for address in devices), limits=PATIENT)
    heard = {record.target.address: record.facts for record in records if isinstance(record, Observation)}
    different = {}
    for number, (address, binds) in enumerate(devices.items()):
        held = Counter(snmp.facts(binds))
        # A recording without one variable we would ask for is of no agent; nobody would answer for it.
        if held and held != Counter(heard.get(address, ())):
            only_held, only_heard = held - Counter(heard.get(address, ())), Counter(heard.get(address, ())) - held
            different[WALKS[number].name] = (list(only_held)[:3], list(only_heard)[:3])
    assert different == {}
