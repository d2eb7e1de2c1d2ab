"""The sweep over loopback: who answers is found, and nobody is believed who was not asked."""

import errno
import json
import os
import resource
import socket
import threading
import time
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import IPv4Address, ip_address
from itertools import pairwise

import pytest

from auditor.collect.base import Setup
from auditor.collect.events import CollectEvent
from auditor.collect.sweep import batch as sweep_batch
from auditor.collect.sweep.addresses import GONE, AddressBlock, blocks
from auditor.collect.sweep.collector import LastHeard, Ways, over, packets, sweep
from auditor.collect.sweep.links import on_link
from auditor.collect.sweep.packets import engine, read_echo, read_snmp
from auditor.collect.sweep.udp import REFUSALS, UdpProber
from auditor.errors import UsageError
from auditor.formats import journal
from auditor.lab.agent import PlayedAgent, Responder
from auditor.model import Credential, EmptySweep, Limits, Span, SweepNote, Target, VarBind
from auditor.snmp.pace import Pace
from tests.tools.loopback import SCOPE, free_port
from tests.tools.snmp_lab import played

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
QUIET = Ways(engine=False, icmp=False, ports=())
NET = int(IPv4Address("127.30.0.0"))


class Secrets:
    def fetch(self, name, _part):
        return name


def setup(**limits):
    given = {"timeout": 0.3, "packets_per_second": 0.0} | limits
    names = ("public", "other")
    return Setup(
        scope=SCOPE,
        credentials={name: Credential(name=name, kind="snmp-v2c") for name in names},
        secrets=Secrets(),
        now=lambda: NOW,
        limits=Limits(**given),
    )


def span(first, last, *credentials, port=161, base=NET, site=""):
    like = Target(address="", site=site, credentials=credentials or ("public",), ports=(("snmp", port),))
    return Span(first=base + first, last=base + last, like=like)


def device(number, port, **more):
    rows = [VarBind("1.3.6.1.2.1.1.1.0", 0x04, b"S5720"), VarBind("1.3.6.1.2.1.1.3.0", 0x43, b"\x64")]
    return PlayedAgent(address=str(IPv4Address(NET + number)), port=port, varbinds=rows, **more)


@pytest.fixture
def port():
    return free_port()


def numbers(block):
    return [int(ip_address(block.address(position))) for position in range(block.size)]


def found(spans, ways=QUIET, before=(), **limits):
    records = sweep(spans, setup(**limits), ways, before=before)
    return {seen.target.address: seen for seen in records if not isinstance(seen, EmptySweep)}


def test_who_answers_is_found_and_nobody_else(port):
    with played(device(7, port), device(300, port)):
        seen = found([span(1, 1000, port=port)])
    assert sorted(seen) == ["127.30.0.7", "127.30.1.44"]
    (fact,) = seen["127.30.0.7"].facts
    assert (fact.kind, fact.value) == ("snmp.sysdescr", "S5720")
    assert seen["127.30.0.7"].target.collectors == ("probe", "snmp")


def test_a_device_that_ignores_the_community_still_names_its_engine(port):
    with played(device(7, port, communities=("secret",), engine_id=bytes.fromhex("800007db03bcad28000001"))):
        seen = found([span(1, 20, port=port)], Ways(icmp=False, ports=()))
    assert [(fact.kind, fact.value) for fact in seen["127.30.0.7"].facts] == [
        ("snmp.engineid", "800007db03bcad28000001")
    ]


def test_only_the_communities_bound_to_a_subnet_are_sent_there(port):
    with played(device(7, port, communities=("other",))) as responder:
        assert found([span(1, 20, port=port)]) == {}
        assert found([span(1, 20, "other", port=port)])
        assert found([span(1, 20, "public", "other", port=port)])
        assert responder.stats["set"] == 0


def test_loopback_that_answers_every_echo_is_not_alive_for_it(port):
    assert found([span(1, 50, port=port)], Ways(engine=False, ports=())) == {}


def test_a_resumed_sweep_leaves_out_who_is_done(port):
    with played(device(7, port), device(8, port)) as responder:
        before = found([span(7, 7, port=port, site="hq")])
        asked = responder.stats["get"]
        seen = found([span(1, 20, port=port, site="hq")], before=before.values())
        assert (sorted(before), sorted(seen)) == (["127.30.0.7"], ["127.30.0.8"])
        assert responder.stats["get"] - asked <= 2


def test_a_resumed_sweep_asks_no_address_of_a_stretch_that_was_asked_to_its_end(port):
    with played(device(7, port)):
        before = found([span(1, 20, port=port, site="hq")])
    note = SweepNote(collectors=("probe", "snmp"), ranges=("127.30.0.1-127.30.0.20",))
    assert before["127.30.0.7"].sweep == note

    with played(device(8, port), device(25, port)) as responder:
        seen = found([span(1, 30, port=port, site="hq")], before=before.values())
        elsewhere = found([span(1, 30, port=port, site="branch")], before=before.values())
        asked = responder.players[0].stats["get"]
    assert (sorted(seen), sorted(elsewhere)) == (["127.30.0.25"], ["127.30.0.25", "127.30.0.8"])
    assert asked == 1


def test_what_a_journal_says_of_stretches_is_believed_only_where_it_makes_sense(port):
    """Whatever stands in a journal, a resumed sweep asks too much rather than nothing."""
    seen = next(iter(found_one(port)))
    line = json.loads(journal.encode(replace(seen, sweep=None)))
    for odd in ({}, {"swept": 7}, {"swept": ["x", "127.30.0.9-::1", "127.30.0.9-127.30.0.1", "-"]}, {"found": [1]}):
        with played(device(8, port)):
            assert found([span(1, 20, port=port)], before=[journal.decode(json.dumps(line | odd))])


def found_one(port):
    with played(device(7, port)):
        return found([span(7, 7, port=port)]).values()


def test_whoever_was_heard_when_a_sweep_is_stopped_is_kept_and_asked_again(port):
    """Ctrl-C in the second way of asking.

    The device that answered the first is told, not as one that is done with.
    """
    kept, sent, ways = [], [], Ways(icmp=False, ports=(9,))

    def stop(notice):
        if notice.event is not CollectEvent.PACKETS:
            return
        time.sleep(0.05)
        sent.append(notice.count)
        if len(sent) == 2:
            raise KeyboardInterrupt

    with played(device(7, port)):
        made = replace(setup(), notify=stop)
        with pytest.raises(KeyboardInterrupt):
            kept.extend(sweep([span(1, 20, port=port)], made, ways))
        assert [seen.sweep for seen in kept] == [SweepNote(collectors=("probe", "snmp"), cut=True)]
        assert (found([span(1, 20, port=port)], before=kept).keys(), over(kept[0])) == ({"127.30.0.7"}, False)


def test_a_lost_first_packet_is_made_good_by_the_second_pass(port):
    # The agent comes up between the passes.
    opened = Responder([device(7, port)])
    thread = threading.Thread(target=lambda: (time.sleep(0.15), opened.serve(0.02)))
    thread.start()
    try:
        assert found([span(1, 400, port=port)])
    finally:
        opened.stop()
        thread.join()
        opened.close()


def test_an_answer_nobody_asked_for_is_not_believed(port):
    """A neighbour cannot answer for another address, nor an outsider without the token."""
    token = None
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as liar,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked,
    ):
        asked.bind(("127.30.0.7", port))
        liar.bind(("127.30.0.9", port))

        def lie():
            nonlocal token
            asked.settimeout(2)
            probe, peer = asked.recvfrom(4096)
            reply = probe.replace(b"\xa0", b"\xa2", 1)
            token = read_snmp(reply).token
            liar.sendto(reply, peer)

        thread = threading.Thread(target=lie)
        thread.start()
        seen = found([span(1, 20, port=port)])
        thread.join()
    assert token is not None
    assert seen == {}


def test_an_answer_from_another_port_is_not_believed(port):
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
    ):
        asked.bind(("127.30.0.7", port))
        other.bind(("127.30.0.7", 0))

        def lie():
            asked.settimeout(2)
            probe, peer = asked.recvfrom(4096)
            other.sendto(probe.replace(b"\xa0", b"\xa2", 1), peer)

        thread = threading.Thread(target=lie)
        thread.start()
        seen = found([span(1, 20, port=port)])
        thread.join()
    assert seen == {}


def test_open_tcp_ports_are_found_and_closed_loopback_ports_say_nothing():
    with socket.create_server(("127.30.0.7", 0)) as server:
        tcp = server.getsockname()[1]
        seen = found([span(1, 20)], Ways(snmp=False, engine=False, icmp=False, ports=(tcp,)))
    assert sorted(seen) == ["127.30.0.7"]
    assert (seen["127.30.0.7"].facts, seen["127.30.0.7"].target.collectors) == ((), ("probe",))


def test_a_sweep_short_of_files_waits_for_those_it_has():
    held = [os.dup(0) for _ in range(80)]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with socket.create_server(("127.30.0.17", 0)) as server:
        tcp = server.getsockname()[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(held) + 8, hard))
        try:
            seen = found([span(1, 20)], Ways(snmp=False, engine=False, icmp=False, ports=(tcp,)), in_flight=20)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            for handle in held:
                os.close(handle)
    assert sorted(seen) == ["127.30.0.17"]


@pytest.mark.parametrize("number", [102, 502, 20000, 44818, 47808])
def test_ports_of_control_systems_are_refused_whatever_is_asked(number):
    with pytest.raises(UsageError, match=f"ports {number}: these ports belong to control systems"):
        Ways(ports=(22, number))


def test_never_faster_than_the_pace(port):
    """Measured where the packets arrive.

    In no quarter of a second more than its share, five in a hundred over at most.
    """
    arrived = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink:
        sink.bind(("0.0.0.0", port))
        sink.settimeout(0.4)

        def count():
            try:
                while sink.recv(4096):
                    arrived.append(time.monotonic())
            except TimeoutError:
                return

        thread = threading.Thread(target=count)
        thread.start()
        found([span(1, 60, port=port)], packets_per_second=200.0, timeout=0.1)
        thread.join()
    assert len(arrived) == 120
    busiest = max(sum(first <= moment < first + 0.25 for moment in arrived) for first in arrived)
    # A packet that was held up by a busy machine may arrive with the next ones.
    assert busiest <= 200 * 0.25 * 1.05 + 8


def test_what_it_will_cost_is_known_before():
    assert packets([span(1, 100, "public", "other")], setup(), Ways(ports=(22, 80))) == 100 * (4 * 2 + 2)


def test_one_stretch_after_another_keeps_to_one_pace():
    clock = [0.0]
    pace = Pace(10.0, clock=lambda: clock[0])
    pace.spend(1)
    reports = []
    assert pace.at(5.0, reports.append).wait() == pytest.approx(0.1)
    pace.spend(1)
    assert (pace.wait(), reports) == (pytest.approx(0.3), [1])


def test_at_a_slow_pace_a_stretch_is_short_so_that_little_is_lost_when_it_is_stopped():
    sizes = [
        block.size for block in blocks([Span(first=1, last=1000, like=Target(address=""))], most=lambda _like: 300)
    ]
    assert sizes == [300, 300, 300, 100]


def test_a_stretch_is_bounded_whatever_the_size_of_the_network():
    sizes = [block.size for block in blocks([Span(first=1, last=2**20, like=Target(address=""))])]
    assert max(sizes) <= 131_072
    assert sum(sizes) == 2**20


def test_every_address_is_in_a_stretch_once():
    spans = [span(1, 700), span(5, 9), span(2000, 2000), span(3000, 3010, "other")]
    held = [(block.like.credentials, sorted(numbers(block))) for block in blocks(spans)]
    assert held == [
        (("public",), [NET + n for n in [*range(1, 701), 2000]]),
        (("other",), [NET + n for n in range(3000, 3011)]),
    ]


def test_an_address_is_found_where_it_is_sent():
    """Where an address stands is arithmetic.

    It has to agree with the order in which they are sent, gaps and both versions included.
    """
    for version, low in ((4, NET), (6, 0xFD00 << 112)):
        for pieces in ([range(low, low + 7)], [range(low, low + 300), range(low + 1000, low + 2111)]):
            block = AddressBlock(Target(address=""), version, pieces)
            held = numbers(block)
            assert [block.at(block.address(position)) for position in range(block.size)] == list(range(block.size))
            assert sorted(held) == [number for piece in pieces for number in piece]
            assert (block.position((low - 1).to_bytes(16)), block.position((low + 500).to_bytes(16))) == (-1, -1)


def test_neighbours_in_a_network_are_not_asked_one_after_the_other():
    (block,) = blocks([span(0, 4095)])
    assert min(abs(after - before) for before, after in pairwise(numbers(block))) >= 256


@pytest.mark.parametrize(("version", "low"), [(4, NET), (6, 0xFD00 << 112)])
def test_an_address_costs_octets_and_no_object(version, low):
    """A dictionary or a list with an entry an address would cost eight octets and more each.

    Some fixed ones are fair.
    """

    def held(count):
        tracemalloc.start()
        try:
            block = AddressBlock(Target(address=""), version, [range(low, low + count)])
            for way in ("snmp", "engine"):
                block.accept(0, 0, way, ())
                block.states(way)[0] = 1
                block.waiting(way)
            assert block.at(block.address(count - 1)) == count - 1
            return tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()

    few, many = held(1 << 12), held(1 << 16)
    own = (4 if version == 4 else 16) + 4 + 2
    assert (many - few) / ((1 << 16) - (1 << 12)) <= own + 0.5


def test_tokens_are_random_and_fit_the_hole():
    block = AddressBlock(Target(address=""), 4, [range(10_000)])
    tokens = {block.tokens[at : at + 4] for at in range(0, 40_000, 4)}
    assert len(tokens) > 9_990
    assert all(0x40 <= token[0] <= 0x7F for token in tokens)


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_addresses_are_laid_out_as_the_kernel_wants_them(family, host, port):
    """Both IP versions, and more than one address.

    The second would not arrive where the steps between them are wrong.
    """
    with socket.socket(family, socket.SOCK_DGRAM) as sender, socket.socket(family, socket.SOCK_DGRAM) as ear:
        ear.bind((host, port))
        ear.settimeout(1)
        batch = sweep_batch.Batch(sender, b"<", b">", port)
        batch.load(socket.inet_pton(family, host) * 3, b"abcdefghijkl")
        assert batch.send(0, 3) == 3
        assert [ear.recv(99) for _ in range(3)] == [b"<abcd>", b"<efgh>", b"<ijkl>"]


@pytest.mark.parametrize("fast", [True, False])
def test_both_ways_of_sending_put_the_same_packets_on_the_wire(fast, port):
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear,
    ):
        ear.bind(("127.30.0.7", port))
        ear.settimeout(1)
        batch = sweep_batch.Batch(sender, b"<", b">", port)
        if not fast:
            batch._send = None
        batch.load(socket.inet_aton("127.30.0.7") * 2, b"abcdefgh")
        sent = 0
        while sent < 2:
            sent += batch.send(sent, 2)
        assert [ear.recv(99), ear.recv(99)] == [b"<abcd>", b"<efgh>"]


def test_an_address_the_kernel_refuses_is_named_as_such():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        batch = sweep_batch.Batch(sender, b"<", b">", 9)
        batch.load(socket.inet_aton("255.255.255.255"), b"abcd")
        with pytest.raises(PermissionError, match=rf"\[Errno {errno.EACCES}\]"):
            batch.send(0, 1)


def test_an_address_the_kernel_refuses_stops_nobody():
    """Nobody may send to everybody (EACCES); that is tried a few times, not for ever."""
    block = AddressBlock(Target(address=""), 4, [range(NET + 7, NET + 8), range(2**32 - 1, 2**32)])
    with UdpProber(block, Pace(0.0)) as ear:
        ear.ask(engine(), 9)
    assert block.states("engine")[1] == GONE


def test_a_machine_that_was_short_of_memory_still_gives_up_an_address_the_kernel_refuses():
    """Each shortage counts as a refusal too: whatever they add up to, the next refusal ends it."""

    class Refused:
        errors = iter([errno.ENOBUFS] * (REFUSALS + 1))

        def send(self, _first, _last):
            raise OSError(next(self.errors, errno.EACCES), "refused")

    block = AddressBlock(Target(address=""), 4, [range(NET + 7, NET + 8)])
    with UdpProber(block, Pace(0.0)) as ear:
        ear._fire(Refused(), socket.inet_aton("127.30.0.7"), "engine")
    assert block.states("engine")[0] == GONE


def test_the_sweep_says_that_it_leaves_a_port_of_control_systems_alone():
    notices = []
    list(sweep([span(1, 2, port=502)], replace(setup(), notify=notices.append), QUIET))
    assert [notice.event for notice in notices] == [CollectEvent.PORT_BARRED]


def test_ipv6_addresses_that_are_listed_are_asked(port):
    rows = [VarBind("1.3.6.1.2.1.1.1.0", 0x04, b"six")]
    like = Target(address="", credentials=("public",), ports=(("snmp", port),))
    with played(PlayedAgent(address="::1", port=port, varbinds=rows)):
        seen = found([Span(first=1, last=1, version=6, like=like)])
    assert [fact.value for fact in seen["::1"].facts] == ["six"]


def test_echo_replies_are_read_and_other_icmp_is_not():
    assert read_echo(b"\x00\x00\x00\x00\x00\x00\x00\x01\x40\x00\x00\x01auditor sweep") == (0x40000001, "icmp", ())
    assert read_echo(b"\x03\x00\x00\x00\x00\x00\x00\x01\x40\x00\x00\x01auditor sweep") is None
    assert read_echo(b"") is None


@pytest.mark.parametrize("datagram", [b"", b"\x30", b"\x30\x82\xff\xff", bytes(64), b"\xff" * 500])
def test_rubbish_is_no_answer(datagram):
    assert read_snmp(datagram) is None


def test_an_attached_network_is_told_from_a_routed_one():
    routes = (
        "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n"
        "eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\n"
        "eth0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\n"
    )
    here, there = int(IPv4Address("10.0.0.9")), int(IPv4Address("10.0.1.9"))
    assert on_link(4, [range(there, there + 9), range(here, here + 9)], routes)
    assert not on_link(4, [range(there, there + 9), range(here - 99, here - 9)], routes)


def test_the_pace_spreads_packets():
    clock = [0.0]
    pace = Pace(100.0, clock=lambda: clock[0])
    assert pace.batch(256) == 1
    pace.spend(1)
    assert pace.wait() == pytest.approx(0.01)
    clock[0] = 5.0
    pace.spend(1)
    assert pace.wait() == pytest.approx(0.01)


def test_addresses_after_whoever_was_heard_last_count_as_asked(port):
    """A row of racks that lost its power stands behind the last device that answers, in a block of its own."""
    with played(device(7, port)):
        (seen,) = found([span(1, 20, port=port)]).values()
    last = LastHeard((seen.target, 4), replace(seen, sweep=SweepNote()))
    last.ranges += [range(NET + 1, NET + 21), range(NET + 21, NET + 301)]

    assert [one.sweep.ranges for one in last.release()] == [("127.30.0.1-127.30.1.44",)]
    assert list(last.release()) == []


def test_ranges_nobody_answered_at_are_on_record_and_asked_once(port):
    """Without it nobody there would ever be silent; a kind of address is told even where another has answers."""
    spans = [span(1, 20, port=port, site="hq"), span(21, 40, "other", port=port, site="hq")]
    with played(device(7, port)) as responder:
        records = list(sweep(spans, setup(), QUIET))
        asked = responder.stats["get"]
        again = list(sweep(spans, setup(), QUIET, before=records))
        assert (again, responder.stats["get"]) == ([], asked)
    seen, empty = records
    assert (seen.target.address, seen.sweep.ranges) == ("127.30.0.7", ("127.30.0.1-127.30.0.20",))
    assert empty == EmptySweep(
        target=Target(address="", site="hq"), collector="sweep", at=NOW, ranges=("127.30.0.21-127.30.0.40",)
    )


def test_each_kind_of_address_is_told_to_its_own_end(port):
    """Where other credentials are bound to the rest, whoever was heard last of each kind speaks for it."""
    with played(device(7, port), device(30, port)):
        seen = found([span(1, 20, port=port), span(21, 40, "public", "other", port=port)])

    assert {address: one.sweep.ranges for address, one in seen.items()} == {
        "127.30.0.7": ("127.30.0.1-127.30.0.20",),
        "127.30.0.30": ("127.30.0.21-127.30.0.40",),
    }
