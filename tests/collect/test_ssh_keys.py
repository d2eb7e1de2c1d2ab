"""Host keys and key exchange.

An unknown or changed host gets no password, old gear is still talked to.
"""

import threading
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest

from auditor.collect.ssh.keys import enrol, site_file
from auditor.model import Reason
from tests.tools.loopback import SCOPE
from tests.tools.ssh_lab import Device, Lab
from tests.tools.ssh_read import enrolled, facts, read, reasons, setup, target

# The played devices speak key exchanges that cryptography warns of; that they still can is the point of the tests.
pytestmark = pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")


def test_an_unknown_host_is_sent_no_password(lab: Lab, known_hosts: str) -> None:
    device = Device()
    records = read(target(lab.add(device)), setup(known_hosts))

    assert reasons(records) == [Reason.HOST_KEY]
    assert device.logins == []


def test_a_changed_host_key_is_no_timeout_and_gets_no_password(lab: Lab, known_hosts: str) -> None:
    device = Device()
    where = enrolled(lab, device, known_hosts)
    line = Path(known_hosts).read_text().split()
    impostor = asyncssh.generate_private_key("ssh-rsa", key_size=2048).export_public_key().decode().split()
    Path(known_hosts).write_text(f"{line[0]} ssh-rsa {impostor[1]}\n")
    records = read(where, setup(known_hosts))

    assert reasons(records) == [Reason.HOST_KEY]
    assert device.logins == []


def test_enrolment_refuses_a_changed_key_until_told_to_replace_it(lab: Lab, known_hosts: str) -> None:
    where = enrolled(lab, Device(), known_hosts)
    before = Path(known_hosts).read_text()
    other = asyncssh.generate_private_key("ssh-rsa", key_size=2048).export_public_key().decode().split()[1]
    Path(known_hosts).write_text(before.replace(before.split()[2], other))

    with pytest.raises(Exception, match="has changed"):
        enrol(where, known_hosts, SCOPE)
    assert enrol(where, known_hosts, SCOPE, replace=True).startswith("SHA256:")
    assert Path(known_hosts).read_text() == before
    assert Path(known_hosts).stat().st_mode & 0o777 == 0o600


def test_two_sites_with_one_address_keep_a_key_each(lab: Lab, known_hosts: str) -> None:
    port = lab.add(Device())
    here, there = (replace(target(port), site=site) for site in ("hq", "a/.. site"))
    enrol(here, known_hosts, SCOPE)
    enrol(there, known_hosts, SCOPE)
    mine, theirs = (Path(site_file(known_hosts, where.site)) for where in (here, there))
    other = asyncssh.generate_private_key("ssh-rsa", key_size=2048).export_public_key().decode().split()[1]
    theirs.write_text(theirs.read_text().replace(theirs.read_text().split()[2], other))

    assert mine.parent == theirs.parent == Path(f"{known_hosts}.d")
    assert reasons(read(here, setup(known_hosts))) == []
    assert reasons(read(there, setup(known_hosts))) == [Reason.HOST_KEY]


def test_a_key_enrolled_for_every_site_is_not_replaced_by_a_sites_enrolment(lab: Lab, known_hosts: str) -> None:
    where = enrolled(lab, Device(), known_hosts)
    before = Path(known_hosts).read_text()
    other = asyncssh.generate_private_key("ssh-rsa", key_size=2048).export_public_key().decode().split()[1]
    Path(known_hosts).write_text(before.replace(before.split()[2], other))

    with pytest.raises(Exception, match="has changed"):
        enrol(replace(where, site="hq"), known_hosts, SCOPE)


def test_forty_enrolments_at_once_lose_none(lab: Lab, known_hosts: str) -> None:
    ports = [lab.add(Device()) for _ in range(40)]
    threads = [threading.Thread(target=enrol, args=(target(port), known_hosts, SCOPE)) for port in ports]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(Path(known_hosts).read_text().splitlines()) == 40


@pytest.mark.parametrize(
    "kex", ["diffie-hellman-group1-sha1", "diffie-hellman-group14-sha1", "diffie-hellman-group-exchange-sha1"]
)
def test_old_key_exchange_still_works(lab: Lab, known_hosts: str, kex: str) -> None:
    where = enrolled(lab, Device(), known_hosts, kex_algs=[kex], encryption_algs=["aes128-cbc"], mac_algs=["hmac-sha1"])

    assert "entity.serial" in {fact.kind for fact in facts(read(where, setup(known_hosts)))}


def test_the_enrolled_key_type_is_asked_for_where_a_server_has_several(lab: Lab, known_hosts: str) -> None:
    rsa, newer = asyncssh.generate_private_key("ssh-rsa"), asyncssh.generate_private_key("ssh-ed25519")
    port = lab.add(Device(), key=rsa)
    enrol(target(port), known_hosts, SCOPE)
    line = Path(known_hosts).read_text().split()
    both = lab.add(Device(), key=[rsa, newer])
    Path(known_hosts).write_text(f"[127.0.0.1]:{both} {line[1]} {line[2]}\n")

    assert reasons(read(target(both), setup(known_hosts))) == []
