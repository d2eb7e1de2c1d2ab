"""The order of a collection, over played devices: sweep, SNMP, probes, SSH.

Who is asked, who is only counted, what a resumed run asks.
"""

import signal
import socket
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import IPv4Address

import pytest

from auditor.collect.base import Setup
from auditor.collect.sweep.collector import Ways
from auditor.formats import journal
from auditor.lab.agent import PlayedAgent
from auditor.model import Credential, Fact, Limits, Observation, Reason, Span, SweepNote, Target, Unread, VarBind
from auditor.run import stages as local
from auditor.snmp.script import User
from tests.tools import snmp_lab
from tests.tools.loopback import SCOPE, free_port

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
NET = int(IPv4Address("127.33.0.0"))
QUICK = Limits(timeout=0.15, retries=0, deadline=3.0, packets_per_second=0.0, max_failed_logins=3)
# A closed port on loopback says so at once: where nobody is silent this costs nothing, and a busy machine may take its
# time.
PATIENT = replace(QUICK, timeout=2.0)


class Secrets:
    def fetch(self, name, _part):
        return "public" if name == "public" else "something-else"


def setup(*more, **given):
    known = [Credential(name="public", kind="snmp-v2c"), Credential(name="cli", kind="ssh", user="audit"), *more]
    usual = {"limits": PATIENT, "now": lambda: NOW}
    return Setup(scope=SCOPE, credentials={one.name: one for one in known}, secrets=Secrets(), **(usual | given))


def span(first, last, port, *credentials, site="hq", collectors=("snmp",)):
    ports = (("http", 1), ("snmp", port), ("ssh", 1))
    like = Target(address="", site=site, credentials=credentials, ports=ports, collectors=collectors)
    return Span(first=NET + first, last=NET + last, like=like)


def address(number):
    return str(IPv4Address(NET + number))


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def played(port):
    """Play 127.33.0.5, .9 and .250 on one port."""
    rows = [VarBind("1.3.6.1.2.1.1.1.0", 0x04, b"S5720"), VarBind("1.3.6.1.2.1.1.3.0", 0x43, b"\x64")]
    devices = [PlayedAgent(address=address(number), port=port, varbinds=rows) for number in (5, 9, 250)]
    with snmp_lab.played(*devices):
        yield port


def order(**given):
    return local.Order(**({"stages": ("snmp",), "ways": Ways(icmp=False, ports=())} | given))


def collected(spans, made, asked):
    return [
        (record.collector, record.target.address, getattr(record, "reason", "read"))
        for record in local.collect(spans, made, asked)
    ]


def test_what_an_exclusion_leaves_of_a_subnet_is_looked_over_as_the_whole_was(played):
    left = [replace(span(first, last, played, "public"), entry_size=256) for first, last in ((0, 7), (9, 9), (11, 255))]
    records = collected(left, setup(), order())

    assert sorted(record for record in records if record[0] == "sweep") == [
        ("sweep", address(number), "read") for number in (250, 5, 9)
    ]
    assert sorted(record for record in records if record[0] == "snmp") == [
        ("snmp", address(number), "read") for number in (250, 5, 9)
    ]


def test_a_sweep_narrows_a_subnet_to_who_answers(played):
    records = collected([span(0, 255, played, "public")], setup(), order())

    assert sorted(records[:3]) == [("sweep", address(number), "read") for number in (250, 5, 9)]
    assert sorted(records[3:]) == [("snmp", address(number), "read") for number in (250, 5, 9)]


def test_every_address_of_a_short_list_is_read_or_unread(played):
    records = collected([span(4, 6, played, "public")], setup(), order())

    assert sorted(records) == [
        ("snmp", address(4), Reason.CLOSED),
        ("snmp", address(5), "read"),
        ("snmp", address(6), Reason.CLOSED),
    ]


def test_without_a_sweep_every_address_of_a_subnet_is_asked(played):
    records = collected([span(0, 63, played, "public")], setup(), order(sweep=False))

    assert len(records) == 64
    assert [record for record in records if record[2] == "read"] == [
        ("snmp", address(number), "read") for number in (5, 9)
    ]


def test_snmp_speaks_before_the_probes_and_ssh_comes_last(played):
    records = collected(
        [span(5, 5, played, "public", "cli", collectors=())],
        setup(probes=("http",)),
        order(stages=("ssh", "probe", "snmp")),
    )

    assert [name for name, _, _ in records] == [
        "snmp",
        "ssh",
    ]  # probes that find no service of a device that was read are silent


def test_a_device_that_spoke_snmp_and_has_no_credential_is_unread_and_not_clean(played):
    seen = Observation(
        target=Target(address=address(5), site="hq"),
        collector="sweep",
        at=NOW,
        facts=(),
        sweep=SweepNote(collectors=("probe", "snmp")),
    )
    going_on = order(before=(seen, replace(seen, collector="ssh", target=Target(address=address(9), site="hq"))))

    records = collected([span(0, 255, played, collectors=())], setup(), going_on)

    assert records == [("snmp", address(5), Reason.NO_CREDENTIAL)]


def test_a_resumed_run_asks_only_who_has_not_been_read(played):
    spans = [span(0, 255, played, "public")]
    whole = list(local.collect(spans, setup(), order()))
    # What a journal keeps of a record: no credentials, no ports.
    kept = [journal.decode(journal.encode(record)) for record in whole[:-1]]

    again = collected(spans, setup(), order(before=tuple(kept)))

    assert again == [("snmp", whole[-1].target.address, "read")]


def test_a_run_cut_short_in_its_sweep_finds_the_rest_and_reads_all(played):
    spans = [span(0, 255, played, "public")]
    (first, *_) = local.collect(spans, setup(), order())
    kept = journal.decode(journal.encode(first))

    again = collected(spans, setup(), order(before=(kept,)))

    assert sorted(entry for entry in again if entry[0] == "sweep") == sorted(
        ("sweep", address(number), "read") for number in (5, 9, 250) if address(number) != kept.target.address
    )
    assert sorted(entry[1] for entry in again if entry[0] == "snmp") == sorted(map(address, (5, 9, 250)))


def test_a_device_whose_sweep_was_cut_short_is_looked_over_again_and_read_once(played):
    spans = [span(0, 255, played, "public")]
    (first, *_) = local.collect(spans, setup(), order())
    cut = replace(journal.decode(journal.encode(first)), sweep=SweepNote(collectors=("snmp",), cut=True))

    again = collected(spans, setup(), order(before=(cut,)))

    assert sorted(again) == sorted(
        (way, address(number), "read") for number in (5, 9, 250) for way in ("snmp", "sweep")
    )


def test_a_resumed_run_tells_of_silent_probes_what_a_whole_run_tells(played):
    spans = [span(6, 6, played, "cli", collectors=("probe", "ssh"))]
    target = Target(address=address(6), site="hq")
    over_ssh = Observation(target=target, collector="ssh", at=NOW, facts=())

    again = collected(spans, setup(), order(stages=("probe", "ssh"), before=(over_ssh,)))

    # Over SSH it answers after the probes have found nothing, in a whole run too.
    assert again == [("probe", address(6), Reason.REFUSED)]


@pytest.fixture
def guarded(port):
    """Play five SNMPv3 agents on one port; only 127.33.0.1 knows the password."""
    rows = [VarBind("1.3.6.1.2.1.1.1.0", 0x04, b"S5720"), VarBind("1.3.6.1.2.1.1.3.0", 0x43, b"\x64")]
    users = [User(name="audit", auth="SHA", auth_secret=secret) for secret in ("something-else", "another-secret")]
    devices = [
        PlayedAgent(
            address=address(number),
            port=port,
            varbinds=rows,
            communities=(),
            users=(users[number > 1],),
            versions=("3",),
        )
        for number in range(1, 6)
    ]
    with snmp_lab.played(*devices):
        yield port


def test_a_credential_that_worked_before_a_run_was_cut_short_is_not_given_up_after_it(guarded):
    secured = Credential(name="v3", kind="snmp-v3", user="audit", auth="SHA")
    spans = [span(1, 5, guarded, "v3")]
    (first,) = local.collect([span(1, 1, guarded, "v3")], setup(secured), order())
    kept = journal.decode(journal.encode(first))

    again = collected(spans, setup(secured), order(before=(kept,)))

    refused = [(where, why) for _, where, why in again if why != "read"]
    assert sorted(refused) == [(address(number), Reason.AUTHENTICATION) for number in (2, 3, 4, 5)]


def test_each_site_has_its_own_limits(played):
    heard = []
    spans = [span(4, 4, played, "public", site="slow"), span(5, 5, played, "public", site="hq")]
    slow = replace(QUICK, timeout=0.4)
    asked = order(limits={"slow": slow}, on_begin=lambda site, stage, count: heard.append((site, stage, count)))

    records = collected(spans, setup(), asked)

    assert sorted(where for _, where, _ in records) == [address(4), address(5)]
    assert sorted(heard) == [("hq", "snmp", 1), ("slow", "snmp", 1)]
    assert list(local.parts(spans, QUICK, {"slow": slow})) == [([spans[1]], QUICK), ([spans[0]], slow)]


@pytest.fixture
def mute(port):
    """Keep 127.33.1.1 silent on the port: no answer and no word that it is closed."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind((address(257), port))
        yield 257


def test_a_slow_site_holds_up_no_other(played, mute):
    spans = [span(mute, mute, played, "public", site="slow"), span(5, 5, played, "public", site="fast")]
    made = setup(limits=replace(QUICK, timeout=1.0))

    assert collected(spans, made, order(limits={"fast": QUICK})) == [
        ("snmp", address(5), "read"),
        ("snmp", address(mute), Reason.TIMEOUT),
    ]


def test_a_careful_run_takes_one_site_after_the_other(played, mute):
    spans = [span(mute, mute, played, "public", site="slow"), span(5, 5, played, "public", site="fast")]
    made = setup(limits=replace(QUICK, timeout=0.3, careful=True))

    records = collected(spans, made, order(limits={"fast": replace(QUICK, careful=True)}))

    assert [where for _, where, _ in records] == [address(mute), address(5)]


@pytest.fixture
def interruptible():
    """Whoever runs the tests in the background has SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("stage", ["snmp", "probe", "ssh"])
def test_an_interruption_ends_every_site_soon_and_keeps_what_was_read(played, mute, stage):
    with socket.socket() as hangs:
        hangs.bind((address(mute), 0))
        hangs.listen()
        spans = [span(mute, mute, played, "public", "cli", site="slow"), span(5, 5, played, "public", site="fast")]
        ports = (("http", hangs.getsockname()[1]), ("snmp", played), ("ssh", hangs.getsockname()[1]))
        spans[0] = replace(spans[0], like=replace(spans[0].like, ports=ports, collectors=(stage,), driver="cisco_ios"))
        made = setup(limits=replace(QUICK, timeout=10.0, deadline=60.0), probes=("http",))
        asked = order(stages=("snmp", "probe", "ssh"), limits={"fast": QUICK})
        records, began = [], time.monotonic()
        interruption = threading.Timer(1.0, signal.raise_signal, [signal.SIGINT])
        interruption.start()
        with pytest.raises(KeyboardInterrupt):
            records.extend(local.collect(spans, made, asked))

    assert time.monotonic() - began < 6
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(("site", "ssh", "probe"))]


def test_refused_logins_are_counted_over_all_sites(played):
    made = setup()
    for _ in range(3):
        made.history.breaker("snmp", 3).note("v3", success=False)
    made = replace(made, credentials={**made.credentials, "v3": Credential(name="v3", kind="snmp-v3", user="audit")})

    (record,) = local.collect([span(5, 5, played, "v3")], made, order())

    assert (record.reason, "refused 3 times" in record.detail) == (Reason.BREAKER, True)


def test_what_opened_a_device_the_last_time_is_tried_first(played):
    made = setup(Credential(name="wrong", kind="snmp-v2c"), limits=replace(QUICK, timeout=0.5))
    spans = [span(5, 5, played, "wrong", "public")]
    asked = []
    list(local.collect(spans, replace(made, notify=lambda notice: asked.append(notice.event)), order()))
    assert asked.count("asked") == 2
    assert made.history.last_credentials == {("snmp", "hq", address(5)): "public"}

    again = []
    list(local.collect(spans, replace(made, notify=lambda notice: again.append(notice.event)), order()))

    assert again.count("asked") == 1


def test_a_community_that_worked_never_goes_before_snmpv3(played):
    made = setup(Credential(name="v3", kind="snmp-v3", user="audit"))
    made.history.remember("snmp", Target(address=address(5), site="hq"), "public")
    asked = []
    told = replace(made, notify=lambda notice: asked.append(notice.event))

    list(local.collect([span(5, 5, played, "v3", "public")], told, order()))

    assert asked == ["asked", "asked", "read"]


def test_a_bug_in_a_collector_is_a_traceback_and_never_an_unread(played):
    def broken():
        raise ZeroDivisionError("a bug")

    spans = [span(5, 5, played, "public"), span(9, 9, played, "public", site="other")]
    for some in (spans[:1], spans):
        with pytest.raises(ZeroDivisionError, match="a bug"):
            list(local.collect(some, setup(now=broken), order(limits={"other": QUICK})))


def test_memory_keeps_only_what_later_stages_need():
    memory = local.Memory()
    target = Target(address="192.0.2.1", site="hq")
    facts = (
        Fact(kind="snmp.sysdescr", value="VRP"),
        Fact(kind="fdb.mac", value="00e0fc000001", about="mac:00e0fc000001"),
    )
    memory.note(Observation(target=target, collector="snmp", at=NOW, facts=facts))
    memory.note(Unread(target=Target(address="192.0.2.2"), collector="snmp", at=NOW, reason=Reason.TIMEOUT))

    assert memory.facts_of(target) == facts[:1]
    assert (memory.was_read(target), memory.was_read(Target(address="192.0.2.2"))) == (True, False)
