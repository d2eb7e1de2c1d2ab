"""The client's manners: how many at once, how fast, in whose name, how it takes nonsense."""

import logging
import socket
import sys
import threading
import time

import pytest

from auditor import ber
from auditor.lab.agent import PlayedAgent, Player
from auditor.model import Limits, Reason, VarBind
from auditor.snmp.client import Client, discover
from auditor.snmp.script import Agent, Community, Get, User, Walk
from tests.tools import snmp_agents as lab
from tests.tools.snmp_faults import Zoo, pull

HOME = "127.0.73.{}"
NAME = "1.3.6.1.2.1.1.5.0"
COLUMN = "1.3.6.1.2.1.17.4.3.1.2"
USER = User(name="audit", auth="SHA256", auth_secret="authpass123", priv="AES", priv_secret="privpass123")
MIB = (
    VarBind(NAME, ber.OCTET_STRING, b"sw1"),
    *(VarBind(f"{COLUMN}.{row}", ber.INTEGER, b"\x07") for row in range(1, 400)),
)
VLAN = (VarBind(NAME, ber.OCTET_STRING, b"vlan 10"),)


@pytest.fixture(scope="module")
def switches():
    port = lab.free_port(HOME.format(1))
    contexts = {"@10": VLAN, "vlan-10": VLAN}
    devices = [
        PlayedAgent(address=HOME.format(number), port=port, varbinds=MIB, users=(USER,), contexts=contexts)
        for number in range(1, 51)
    ]
    with lab.playing(*devices) as responder:
        yield responder


@pytest.fixture(scope="module")
def port(switches):
    return switches.players[0].device.port


def _agent(port: int, number: int = 1, **options) -> Agent:
    return Agent(HOME.format(number), port, "2c", lab.PUBLIC, **options)


def test_many_agents_are_read_whole_and_each_once(port):
    jobs = [(_agent(port, number, label=str(number)), lab.walk(COLUMN)) for number in range(1, 51)]
    results = {result.agent.label: result for result in Client(lab.LIMITS).run(jobs)}
    assert len(results) == 50
    assert all(len(result.value.varbinds) == 399 and result.value.complete for result in results.values())
    assert all(result.counts.retries == 0 for result in results.values())


def test_jobs_are_taken_up_only_as_others_finish(port):
    begun, finished = [], []

    def jobs():
        for number in range(1, 51):
            begun.append(number)
            assert len(begun) - len(finished) <= 5
            yield _agent(port, number), lab.get(NAME)

    for result in Client(Limits(packets_per_second=0.0, in_flight=4)).run(jobs()):
        finished.append(result)  # noqa: PERF402 - the jobs look at it meanwhile
    assert len(finished) == 50


def test_two_jobs_for_one_agent_wait_for_each_other(port):
    results = list(Client(lab.LIMITS).run([(_agent(port), lab.walk(COLUMN)) for _ in range(5)]))
    assert [len(result.value.varbinds) for result in results] == [399] * 5
    assert sum(result.counts.stray for result in results) == 0


def test_a_vlan_is_asked_for_in_the_community_or_in_the_context(port):
    by_suffix = lab.ask(_agent(port), lab.get(NAME, community_suffix="@10"))
    by_context = lab.ask(Agent(HOME.format(1), port, "3", user=USER), lab.get(NAME, context="vlan-10"))
    assert by_suffix.varbinds == by_context.varbinds == VLAN


def test_an_object_that_is_not_there_is_absent_and_not_missing(port):
    for version in ("1", "2c"):
        answer = lab.ask(Agent(HOME.format(1), port, version, lab.PUBLIC), lab.get(NAME, "1.3.6.1.2.1.99.0"))
        assert answer.complete
        assert answer.absent == ("1.3.6.1.2.1.99.0",)
        assert answer.varbinds == MIB[:1]


def test_packets_never_go_faster_than_told():
    with Zoo(74, healthy=20) as zoo:
        limits = Limits(timeout=2.0, packets_per_second=200)
        jobs = [(zoo.agent(name), pull()) for name in zoo.healthy]
        results = list(Client(limits).run(jobs))
        times = sorted(moment for scene in zoo.scenes.values() for moment in scene.times)
    assert len(results) == 20
    assert sum(result.counts.retries for result in results) == 0
    most = max(sum(start <= moment < start + 0.5 for moment in times) for start in times)
    assert most <= 200 * 0.5 * 1.05


def test_memory_is_bounded_and_everybody_is_still_read(port):
    jobs = [(_agent(port, number), lab.walk(COLUMN)) for number in range(1, 51)]
    results = list(Client(Limits(packets_per_second=0.0, careful=True), memory=10_000).run(jobs))
    assert [len(result.value.varbinds) for result in results] == [399] * 50


def test_a_script_that_goes_on_after_its_agent_died_gets_its_answers_at_once(port):
    def stubborn():
        answers = []
        for _ in range(200):
            answers.append((yield Walk(columns=(COLUMN,))))  # noqa: PERF401 - a comprehension cannot yield
        return answers

    began = time.monotonic()
    (result,) = Client(Limits(packets_per_second=0.0, timeout=0.1, retries=0)).run(
        [(Agent("127.0.73.250", port, "2c", lab.PUBLIC), stubborn())]
    )
    assert time.monotonic() - began < 1
    assert len(result.value) == 200
    assert not any(answer.complete for answer in result.value)


def test_a_script_that_never_ends_is_ended(port):
    def endless():
        while True:
            yield Get(oids=(NAME,))

    (result,) = Client(Limits(packets_per_second=0.0, timeout=0.05, retries=0)).run(
        [(Agent("127.0.73.251", port, "2c", lab.PUBLIC), endless())]
    )
    assert result.value is None
    assert result.fault is not None


def test_an_address_that_is_none_is_a_fault_and_no_look_up():
    (result,) = Client().run([(Agent("switch.example", 161, "2c", lab.PUBLIC), lab.get(NAME))])
    assert result.fault is not None
    assert result.fault.reason is Reason.UNREACHABLE
    assert result.counts.requests == 0


def test_an_agent_needs_what_its_version_needs():
    with pytest.raises(ValueError, match="needs a user"):
        Agent("192.0.2.1", version="3", community=lab.PUBLIC)
    with pytest.raises(ValueError, match="needs a community"):
        Agent("192.0.2.1", version="2c", user=USER)


def test_engines_are_found_without_any_credential(switches, port):
    asked = [(HOME.format(number), port) for number in range(1, 51)] + [("127.0.73.252", port)]
    found = {
        address: reply.engine_id for address, _, reply in discover(asked, Limits(packets_per_second=0.0, timeout=0.5))
    }
    assert len(found) == 50
    assert found[HOME.format(7)] == switches.players[6].engine_id


def test_ipv6_agents_are_read_too():
    port = lab.free_port("127.0.0.1")
    try:
        playing = lab.playing(PlayedAgent(address="::1", port=port, varbinds=MIB))
        with playing:
            assert lab.ask(Agent("::1", port, "2c", lab.PUBLIC), lab.get(NAME)).varbinds == MIB[:1]
    except OSError:
        pytest.skip("no IPv6 here")


def test_a_slow_reader_of_results_loses_no_reply(port):
    jobs = [(_agent(port, number), lab.walk(COLUMN)) for number in range(1, 51)]
    retries = 0
    for result in Client(Limits(packets_per_second=0.0, timeout=0.3)).run(jobs):
        time.sleep(0.01 if result.counts.requests else 0)
        retries += result.counts.retries
    assert retries == 0


def test_no_socket_or_thread_is_left_behind(port):
    before = threading.active_count()
    for result in Client(lab.LIMITS).run([(_agent(port, number), lab.get(NAME)) for number in range(1, 51)]):
        assert result.fault is None
        break
    assert threading.active_count() == before


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which port was closed (ip(7))")
def test_nobody_waits_for_an_engine_behind_a_closed_port(port):
    began = time.monotonic()
    found = list(
        discover(
            [(HOME.format(number), port) for number in (1, 200, 201)], Limits(packets_per_second=0.0, timeout=20.0)
        )
    )

    assert [address for address, _, _ in found] == [HOME.format(1)]
    assert time.monotonic() - began < 10


@pytest.fixture
def log(caplog):
    """Return what is logged at debug level, line by line."""
    caplog.set_level(logging.DEBUG, "auditor.snmp")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "auditor.snmp.trace"]


def test_each_request_can_be_read_in_the_log_and_no_secret_with_it(port, log):
    user = User(name="canary-user", auth="SHA", auth_secret="canary-auth-7f3a", priv="AES", priv_secret="canary-7f3a")
    agents = [
        Agent(HOME.format(1), port, "2c", Community(secret="canary-7f3a")),
        Agent(HOME.format(2), port, "2c", lab.PUBLIC),
    ]
    agents.append(Agent(HOME.format(3), port, "3", user=user))
    list(
        Client(Limits(packets_per_second=0.0, timeout=0.2, retries=1)).run(
            [(agent, lab.walk(COLUMN)) for agent in agents]
        )
    )

    told = "\n".join(log())
    wrong, right, unknown = (f"{HOME.format(number)} port {port}: " for number in (1, 2, 3))
    assert f"{wrong}asked GETBULK {COLUMN}, 1 names" in told
    assert f"{wrong}no reply within 0.2" in told
    assert f"{wrong}given up, timeout, no reply to 2 requests" in told
    assert f"{right}answered in 0.0" in told
    assert "noError, " in told
    assert f"{unknown}asked for its SNMPv3 engine" in told
    assert f"{unknown}given up, authentication, the agent does not know this user" in told
    assert "canary" not in told
    assert lab.PUBLIC.secret not in told


def test_the_log_of_requests_tells_what_was_thrown_away_and_why(log):
    with Zoo(74) as zoo:
        list(
            Client(Limits(packets_per_second=0.0, timeout=0.2, retries=0)).run(
                [(zoo.agent("only from another port"), pull())]
            )
        )

    assert any(line.endswith(": a spoofed message was dropped") for line in log())


def test_nobody_is_told_of_requests_unless_asked(port, caplog):
    caplog.set_level(logging.INFO)
    list(Client(lab.LIMITS).run([(_agent(port), lab.walk(COLUMN))]))

    assert caplog.records == []


def test_a_low_rate_takes_no_time_from_any_device_and_reads_them_one_after_the_other(port):
    ends, began = [], time.monotonic()
    jobs = [(_agent(port, number, label=str(number)), lab.walk(COLUMN)) for number in range(1, 41)]
    for result in Client(Limits(packets_per_second=300.0, deadline=0.3)).run(jobs):
        assert result.value.complete, result.fault
        ends.append(time.monotonic() - began)

    assert ends[-1] > 0.6
    assert ends[0] < ends[-1] / 4


def test_a_reply_that_comes_while_its_next_attempt_waits_for_the_rate_is_taken():
    address, free = HOME.format(199), lab.free_port(HOME.format(199))
    player = Player(PlayedAgent(address=address, port=free, varbinds=MIB))
    mute = HOME.format(198)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as slow, socket.socket(type=socket.SOCK_DGRAM) as silent:
        slow.bind((address, free))
        silent.bind((mute, free))

        def serve() -> None:
            data, sender = slow.recvfrom(65_535)
            time.sleep(0.3)
            slow.sendto(player.respond(data), sender)

        thread = threading.Thread(target=serve)
        thread.start()
        jobs = [(Agent(at, free, "2c", lab.PUBLIC), lab.get(NAME)) for at in (address, mute)]
        first, second = Client(Limits(timeout=0.2, retries=1, packets_per_second=2.0)).run(jobs)
        thread.join()

    assert (first.fault, first.counts.requests) == (None, 1)
    assert (second.fault.reason, second.counts.requests) == (Reason.TIMEOUT, 2)
