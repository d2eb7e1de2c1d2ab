"""How many SSH sessions at once.

`python tests/bench/bench_ssh.py [devices] [sessions]`, played devices in a process of their own.

Prints one line of JSON: devices read, seconds, and what was left open afterwards.
"""

import gc
import json
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from tests.tools.loopback import SCOPE

sys.path.insert(0, str(Path(__file__).parents[2]))


class Vault:
    """One password for all played devices."""

    def fetch(self, _name: str, part: str) -> str:
        """Return it."""
        return "sshpass123" if part == "password" else ""


def serve(devices: int) -> None:
    """Play so many devices until stdin closes; print where they are and the key they show."""
    from tests.tools.ssh_lab import Device, Lab

    warnings.simplefilter("ignore")
    with Lab() as lab:
        where = [(f"127.9.{n // 250}.{n % 250 + 1}", 0) for n in range(devices)]
        ports = [(address, lab.add(Device(), address=address)) for address, _port in where]
        key = lab.key.export_public_key().decode().split()
        sys.stdout.write(json.dumps({"ports": ports, "key": key[:2]}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


def read(devices: int, sessions: int) -> dict[str, object]:
    """Read all played devices and return what it took."""
    command = [sys.executable, __file__, "--serve", str(devices)]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as lab,
        tempfile.TemporaryDirectory() as folder,
    ):
        told = json.loads(lab.stdout.readline())
        hosts = Path(folder) / "known_hosts"
        hosts.write_text("".join(f"[{address}]:{port} {' '.join(told['key'])}\n" for address, port in told["ports"]))
        took = _collect(told["ports"], str(hosts), sessions)
        lab.stdin.close()
    return {"devices": devices, "sessions": sessions, **took}


def _collect(ports: list[tuple[str, int]], known_hosts: str, sessions: int) -> dict[str, object]:
    from auditor.collect.base import Setup
    from auditor.collect.ssh.collector import SshCollector
    from auditor.model import Credential, Limits, Observation, Target, Unread

    targets = [Target(address=a, ports=(("ssh", p),), driver="huawei", credentials=("audit",)) for a, p in ports]
    setup = Setup(
        scope=SCOPE,
        credentials={"audit": Credential(name="audit", kind="ssh", user="audit")},
        secrets=Vault(),
        now=lambda: datetime.now(UTC),
        limits=Limits(sessions=sessions, deadline=120.0),
        known_hosts=known_hosts,
    )
    list(SshCollector().collect(targets[:1], setup))
    before, began = _open(), time.monotonic()
    records = list(SshCollector().collect(targets, setup))
    took = time.monotonic() - began
    time.sleep(0.5)
    whole = [r for r in records if isinstance(r, Observation) and any(f.kind == "entity.serial" for f in r.facts)]
    missed = Counter(f"{r.reason}: {r.detail}" for r in records if isinstance(r, Unread))
    return {
        "read": len(whole),
        "seconds": round(took, 1),
        "per_second": round(len(whole) / took, 1),
        "unread": dict(missed),
        "left_open": {name: now - before[name] for name, now in _open().items()},
    }


def _open() -> dict[str, int]:
    gc.collect()
    return {"files": len(list(Path("/proc/self/fd").iterdir())), "threads": threading.active_count()}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(int(sys.argv[2]))
    else:
        numbers = [int(word) for word in sys.argv[1:3]]
        sys.stdout.write(json.dumps(read(*(numbers + [1000, 200][len(numbers) :]))) + "\n")
