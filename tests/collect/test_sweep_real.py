"""The sweep over a real wire, between two network namespaces.

What ARP, ICMP and TCP of a real kernel make of it.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.collect.sweep.addresses import GONE, WAITING
from auditor.collect.sweep.links import LOCAL_PER_SECOND
from tests.tools.wire_lab import SCENES

pytestmark = pytest.mark.real
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def scenes():
    """Every scene in a process of its own, all at once: they wait more than they work."""
    alone = ["unshare", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    if not shutil.which("ip") or subprocess.run([*alone, "--net", "true"], capture_output=True, check=False).returncode:
        pytest.skip("a network namespace of our own is not permitted here, or ip (iproute2) is missing")
    command = [*alone, sys.executable, "-m", "tests.tools.wire_lab"]
    running = {
        name: subprocess.Popen([*command, name], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for name in SCENES
    }
    told = {}
    for name, process in running.items():
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, ""), name
        told[name] = json.loads(out)
    return told


def test_echo_finds_who_says_nothing_else_over_both_ip_versions(scenes):
    assert scenes["echo"]["found"] == {"198.51.100.2": [], "fd00:db8::7": []}


def test_without_permission_to_ping_the_sweep_says_so_and_goes_on(scenes):
    assert (scenes["echo"]["refused"], scenes["echo"]["silent"]) == (["icmp not permitted"], 0)


def test_a_host_that_a_router_says_is_not_there_is_asked_once_and_in_no_other_way(scenes):
    asked = {host: count for host, count in scenes["unreachable"]["packets"].items() if int(host.split(".")[3]) <= 5}
    assert asked == {f"203.0.113.{number}": 1 for number in range(1, 6)}
    assert scenes["unreachable"]["hosts"] == {}


def test_what_a_router_says_of_one_host_is_not_held_against_the_next(scenes):
    """The kernel tells it on the next send, whoever that is for."""
    assert scenes["unreachable"]["two"] == [GONE, WAITING]
    assert scenes["unreachable"]["packets"]["203.0.113.22"] == 1


def test_a_device_that_refuses_every_port_is_alive_all_the_same(scenes):
    assert scenes["unreachable"]["router"] == {"198.51.100.2": []}


def test_a_machine_without_an_address_to_ask_from_does_not_wait_for_one(scenes):
    assert scenes["nowhere"]["found"] == {}
    assert scenes["nowhere"]["seconds"] < 10


def test_an_attached_network_is_not_flooded_and_its_last_device_is_found(scenes):
    """One wave of ARP an address is three requests; a few are sought twice.

    Unbounded, all 400 would be in the first second.
    """
    seen = scenes["arp"]
    assert list(seen["found"]) == ["198.51.101.146"]
    assert seen["addresses"] == 400
    assert seen["busiest"] <= LOCAL_PER_SECOND * 1.1
    assert seen["each"] <= 4.2


def test_no_second_is_fuller_than_the_pace_though_the_kernel_sends_again(scenes):
    """R13 on the wire: SNMP, engine discovery, connections with their second SYN packets."""
    seen = scenes["pace"]
    assert seen["busiest"] <= 200 * 1.05
    assert seen["busiest"] >= 150


def test_a_dry_run_tells_as_many_packets_as_go_over_the_wire(scenes):
    assert scenes["pace"]["sent"] == scenes["pace"]["told"] == 60 * (2 + 2 + 4 * 2)


def test_no_second_of_ssh_and_probes_is_fuller_than_the_pace_and_all_packets_keep_near_it(scenes):
    """R13 on the wire: what programs send in any second, and with the kernel's acknowledgements over ten."""
    seen = scenes["sessions"]
    assert seen["read"] == 6
    assert seen["seconds"] > 3
    assert seen["own"] <= seen["rate"] * 1.05
    assert seen["every"] <= seen["rate"] * 1.2
