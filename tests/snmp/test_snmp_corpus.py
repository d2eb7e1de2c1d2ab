"""Every recorded walk there is, played over UDP and read back.

The same varbinds, and the same as net-snmp's own walk reads.
"""

import os
import subprocess
from pathlib import Path

import pytest

from auditor import ber
from auditor.lab.agent import PlayedAgent
from auditor.model import VarBind
from auditor.parse.snmprec import read
from auditor.snmp.client import Client
from auditor.snmp.script import Agent
from tests.tools import snmp_agents as lab

CORPUS = Path(os.environ.get("AUDITOR_CORPUS", Path(__file__).parents[3] / "shared" / "corpus")) / "walks"
# One in four by default; AUDITOR_CORPUS set means that somebody wants all of them. Without a corpus our samples serve.
SAMPLES = Path(__file__).parents[2] / "samples"
PLACE = CORPUS.iterdir() if CORPUS.is_dir() else SAMPLES.rglob("*.snmprec")
WALKS = sorted(PLACE)[:: 1 if "AUDITOR_CORPUS" in os.environ or not CORPUS.is_dir() else 4]
TREES = ("1.0", "1.1", "1.2", "1.3")
AT_ONCE = 40


def _recorded(path: Path) -> list[VarBind]:
    binds = {bind.oid: bind for bind in read(path.read_text(encoding="utf-8", errors="surrogateescape")).varbinds}
    kept = [bind for bind in binds.values() if bind.tag not in ber.EXCEPTIONS and bind.oid.startswith(TREES)]
    return sorted(kept, key=lambda bind: tuple(map(int, bind.oid.split("."))))


@pytest.mark.slow
def test_recorded_walks_come_back_over_udp_as_they_were_recorded():
    for start in range(0, len(WALKS), AT_ONCE):
        recorded = {path.name: _recorded(path) for path in WALKS[start : start + AT_ONCE]}
        port = lab.free_port("127.0.74.1")
        homes = {name: f"127.0.74.{number}" for number, name in enumerate(recorded, 1)}
        devices = [PlayedAgent(address=homes[name], port=port, varbinds=binds) for name, binds in recorded.items()]
        with lab.playing(*devices):
            jobs = [(Agent(homes[name], port, "2c", lab.PUBLIC, label=name), lab.walk(*TREES)) for name in recorded]
            for result in Client(lab.LIMITS).run(jobs):
                assert result.fault is None, result
                assert result.value.complete, (result.agent.label, result.value.why)
                assert list(result.value.varbinds) == recorded[result.agent.label], result.agent.label


@pytest.mark.real
def test_net_snmps_walk_reads_the_same_names():
    walker = lab.program("snmpbulkwalk")
    for path in WALKS[::6]:
        recorded = [bind.oid for bind in _recorded(path) if bind.oid.startswith("1.3.6.1.2.1.")]
        port = lab.free_port("127.0.74.1")
        with lab.playing(PlayedAgent(address="127.0.74.1", port=port, varbinds=_recorded(path))):
            command = [walker, "-v2c", "-c", "public", "-m", "", "-Onq", f"127.0.74.1:{port}", "1.3.6.1.2.1"]
            said = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
        # Of a subtree that has nothing it says so under the name that was asked for.
        ends = (b"No more variables", b"No Such Object", b"No Such Instance")
        lines = [
            line for line in said.splitlines() if line.startswith(b".1.3.") and not any(end in line for end in ends)
        ]
        names = [line.split(b" ", 1)[0][1:].decode() for line in lines]
        assert names == recorded, path.name
