"""Enrolment of many devices: host keys are fetched side by side, at the rate of the run."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from auditor.collect.base import Setup
from auditor.collect.events import CollectEvent, Notice
from auditor.collect.ssh.collector import sessions
from auditor.collect.ssh.errors import classify
from auditor.collect.ssh.keys import enrol, host_name, site_keys
from auditor.model import Target
from auditor.parse import services

# A device that answers takes a connection within so many timeouts, and has agreed on keys after so many seconds.
_OPENING, _KEYS = 2, 30.0


def enrol_all(targets: Sequence[Target], setup: Setup) -> Iterator[str]:
    """Yield a line for each device without an enrolled key: its fingerprint, or why it has none.

    A changed key is never replaced, and an absent device stops nobody.
    """
    keys = {site: site_keys(setup.known_hosts, site) for site in {target.site for target in targets}}
    new = [one for one in targets if host_name(one.address, services.port("ssh", one)) not in keys[one.site]]
    with ThreadPoolExecutor(max_workers=sessions(setup), thread_name_prefix="enrol") as pool:
        yield from pool.map(lambda target: _line(target, setup), new)


def _line(target: Target, setup: Setup) -> str:
    try:
        key = enrol(
            target,
            setup.known_hosts,
            setup.scope,
            ssh_config=setup.ssh_config,
            gate=setup.gate,
            patience=(setup.limits.timeout * _OPENING, min(setup.limits.deadline, _KEYS)),
        )
        line = f"enrolled {target.address}: {key}"
    except Exception as exc:  # noqa: BLE001 - classify, which raises our own bugs again
        line = f"not enrolled {target.address}: {classify(exc)}"
    setup.notify(Notice(CollectEvent.ENROLLED, target))
    return line
