"""Read one played SSH device and look at what it said: the words of the SSH tests.

No test in here.
"""

from datetime import UTC, datetime

from auditor.collect.base import Setup
from auditor.collect.ssh.collector import SshCollector
from auditor.collect.ssh.keys import enrol
from auditor.model import Credential, Fact, Limits, Observation, Reason, Record, Target, Unread
from tests.tools.loopback import SCOPE
from tests.tools.ssh_lab import Device, Lab

NOW = datetime(2026, 11, 21, tzinfo=UTC)


class Vault:
    """Secrets by name, as the pipeline hands them over."""

    def __init__(self, **secrets: str) -> None:
        self.secrets = {
            "audit.password": "sshpass123",
            **{key.replace("_", "."): value for key, value in secrets.items()},
        }

    def fetch(self, name: str, part: str) -> str:
        return self.secrets.get(f"{name}.{part}", "")


def target(
    port: int, driver: str = "huawei", *, address: str = "127.0.0.1", credentials: tuple[str, ...] = ("audit",)
) -> Target:
    return Target(address=address, ports=(("ssh", port),), driver=driver, credentials=credentials)


def setup(known_hosts: str, vault: Vault | None = None, **limits: float) -> Setup:
    names = ("audit", "other")
    return Setup(
        scope=SCOPE,
        credentials={name: Credential(name=name, kind="ssh", user="audit") for name in names},
        secrets=vault or Vault(),
        now=lambda: NOW,
        limits=Limits(**{"deadline": 20.0, **limits}),
        known_hosts=known_hosts,
    )


def read(where: Target, how: Setup, patience: float = 5.0) -> list[Record]:
    return list(SshCollector(patience=patience).collect([where], how))


def facts(records: list[Record]) -> list[Fact]:
    return [fact for record in records if isinstance(record, Observation) for fact in record.facts]


def reasons(records: list[Record]) -> list[Reason]:
    return [record.reason for record in records if isinstance(record, Unread)]


def enrolled(lab: Lab, device: Device, known_hosts: str, driver: str = "huawei", **options: object) -> Target:
    where = target(lab.add(device, **options), driver)
    enrol(where, known_hosts, SCOPE)
    return where
