"""The promises of `make faults`, small.

Nothing harmed, nothing believed that is forged, nobody locked out, never too fast.
"""

import dataclasses

import pytest

from tests.tools import faults, hostile_devices, promises, snmp_faults, ssh_faults
from tests.tools.loopback import busiest

# The played devices speak key exchanges that cryptography warns of; that they still can is the point.
pytestmark = pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")


def broken(*made):
    """Return the promises that were not kept, in words."""
    return [f"{promise.says}: {promise.figure}" for promise in made if not promise.kept]


@pytest.fixture(scope="module")
def snmp():
    return faults.snmp_round(7)


@pytest.fixture(scope="module")
def ssh():
    return faults.ssh_round()


@pytest.mark.slow
def test_every_hostile_device_is_survived_and_named_and_no_healthy_one_harmed(snmp, ssh):
    assert broken(faults.survival([*snmp[0], *ssh], 1)) == []


def test_a_fault_that_is_not_named_breaks_the_promise(snmp):
    rows = [*snmp[0], dataclasses.replace(snmp[0][0], protocol="SSH", good=False)]

    assert not faults.survival(rows, 1).kept


def test_no_forged_answer_is_taken(snmp):
    assert broken(promises.spoofs(snmp[1])) == []


def test_walks_in_circles_end(snmp):
    assert broken(promises.guards(snmp[1])) == []


def test_the_fault_run_fits_into_little_memory():
    assert broken(promises.memory()) == []


@pytest.mark.slow
def test_healthy_devices_are_read_as_if_the_hostile_ones_were_not_there():
    # Over SSH this is shown in tests/collect/test_ssh.py, and with more devices by `make faults`.
    assert broken(promises.snmp_neighbours()) == []


@pytest.mark.slow
def test_a_wrong_password_locks_nobody_out():
    assert broken(*promises.no_lockout(30)) == []


def test_a_changed_host_key_gets_no_password():
    assert broken(promises.host_keys(8, 2)) == []


@pytest.mark.slow
def test_hostile_words_reach_no_report():
    assert broken(hostile_devices.survived(200)) == []


def test_hostile_words_are_noticed_where_a_report_lets_them_through():
    counts = {"formulas": 0, "control characters": 0, "tags": 0}
    hostile_devices._text("csv", 'a,"=1+1"\n', counts)
    hostile_devices._text("html", "<script></script><script></script><img src=x onerror=alert(1)>\x1b", counts)

    assert counts["formulas"] == 1
    assert counts["tags"] > 0
    assert counts["control characters"] == 1


@pytest.mark.slow
def test_a_scan_only_reads():
    assert broken(promises.read_only()) == []


def test_no_second_holds_more_packets_than_allowed():
    assert broken(*promises.pace(300.0, 1.8)) == []


def test_the_busiest_second_is_found_wherever_it_begins():
    assert busiest([0.0, 0.25, 0.5, 1.125, 1.2, 5.0]) == 4


def test_an_ssh_device_that_hangs_is_not_as_it_should_be_when_it_took_too_long():
    case = ssh_faults.healthy(1)[0]
    told = ssh_faults.Told(case, seconds=ssh_faults.DEADLINE * 2)

    assert not told.good


def test_the_fault_table_has_every_row_that_is_promised():
    assert len(snmp_faults.FAULTS) >= 38
    assert len(ssh_faults.cases()) >= 13
