"""Our client and our agent against strangers.

Pysnmp, net-snmp's programs, net-snmp's daemon, recorded walks. Same questions, same varbinds.
"""

import asyncio
import subprocess
import warnings

import pytest
from hypothesis import HealthCheck, given, settings

from auditor import ber
from auditor.lab.agent import PlayedAgent, Player
from auditor.lab.table import VarbindTable
from auditor.model import VarBind
from auditor.snmp import message
from auditor.snmp.client import Client
from auditor.snmp.message import GET_BULK, Pdu
from auditor.snmp.script import Agent, User
from tests.tools import snmp_agents as lab

TREE = "1.3.6.1.2.1"
HOME = "127.0.71.1"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lab.tables())
def test_a_walk_returns_every_varbind_of_any_mib_in_order(mib):
    port = lab.free_port(HOME)
    with lab.playing(PlayedAgent(address=HOME, port=port, varbinds=mib)):
        for version in ("2c", "1"):
            answer = lab.ask(Agent(HOME, port, version, lab.PUBLIC), lab.walk(TREE))
            assert answer.complete
            assert list(answer.varbinds) == mib


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lab.tables(30).filter(bool))
def test_pysnmp_and_we_hear_the_same(mib):
    port = lab.free_port(HOME)
    with lab.playing(PlayedAgent(address=HOME, port=port, varbinds=mib)):
        ours = lab.ask(Agent(HOME, port, "2c", lab.PUBLIC), lab.walk(TREE)).varbinds
        assert list(ours) == asyncio.run(_pysnmp_walk(port))


async def _pysnmp_walk(port: int) -> list[VarBind]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pysnmp.hlapi.v1arch.asyncio import (
            CommunityData,
            ObjectIdentity,
            ObjectType,
            SnmpDispatcher,
            UdpTransportTarget,
            bulk_walk_cmd,
        )
    from pyasn1.codec.ber import encoder

    heard = []
    with SnmpDispatcher() as dispatcher:
        target = await UdpTransportTarget.create((HOME, port), timeout=2, retries=1)
        start = ObjectType(ObjectIdentity(TREE))
        walking = bulk_walk_cmd(
            dispatcher,
            CommunityData("public", mpModel=1),  # noqa: S508 - v2c is what is compared
            target,
            0,
            10,
            start,
            lookupMib=False,
            lexicographicMode=False,
        )
        async for failed, status, _, binds in walking:
            assert not failed
            assert not status
            for name, value in binds:
                octets = encoder.encode(value)
                tag, at, _ = ber.header(octets, 0, len(octets))
                heard.append(VarBind(str(name), tag, octets[at:]))
    return heard


_PYSNMP_AUTH = {
    "MD5": "USM_AUTH_HMAC96_MD5",
    "SHA": "USM_AUTH_HMAC96_SHA",
    "SHA224": "USM_AUTH_HMAC128_SHA224",
    "SHA256": "USM_AUTH_HMAC192_SHA256",
    "SHA384": "USM_AUTH_HMAC256_SHA384",
    "SHA512": "USM_AUTH_HMAC384_SHA512",
}
_PYSNMP_PRIV = {
    "DES": "USM_PRIV_CBC56_DES",
    "AES": "USM_PRIV_CFB128_AES",
    "AES192": "USM_PRIV_CFB192_AES_BLUMENTHAL",
    "AES256": "USM_PRIV_CFB256_AES_BLUMENTHAL",
    "AES192C": "USM_PRIV_CFB192_AES",
    "AES256C": "USM_PRIV_CFB256_AES",
}


def test_pysnmp_is_let_in_with_every_pair_of_protocols_and_so_are_we():
    pairs = [User(name=f"{auth}{priv}", auth=auth, auth_secret="authpass123", priv=priv, priv_secret="privpass123")
             for auth in _PYSNMP_AUTH for priv in _PYSNMP_PRIV]  # fmt: skip
    bind = VarBind("1.3.6.1.2.1.1.1.0", ber.OCTET_STRING, b"told in confidence")
    port = lab.free_port(HOME)
    with lab.playing(PlayedAgent(address=HOME, port=port, varbinds=(bind,), users=tuple(pairs))):
        theirs = asyncio.run(_pysnmp_get(port, pairs))
        ours = [lab.ask(Agent(HOME, port, "3", user=user), lab.get(bind.oid)).varbinds for user in pairs]
    assert theirs == [(bind.raw,)] * len(pairs)
    assert ours == [(bind,)] * len(pairs)


async def _pysnmp_get(port: int, users: list[User]) -> list[tuple[bytes, ...]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pysnmp.hlapi.v3arch.asyncio as hlapi
    engine = hlapi.SnmpEngine()
    found = []
    for user in users:
        auth, priv = getattr(hlapi, _PYSNMP_AUTH[user.auth]), getattr(hlapi, _PYSNMP_PRIV[user.priv])
        let_in = hlapi.UsmUserData(user.name, user.auth_secret, user.priv_secret, authProtocol=auth, privProtocol=priv)
        target = await hlapi.UdpTransportTarget.create((HOME, port), timeout=2, retries=1)
        wanted = hlapi.ObjectType(hlapi.ObjectIdentity("1.3.6.1.2.1.1.1.0"))
        failed, _, _, binds = await hlapi.get_cmd(engine, let_in, target, hlapi.ContextData(), wanted, lookupMib=False)
        assert not failed, failed
        found.append(tuple(bytes(value) for _, value in binds))
    engine.close_dispatcher()
    return found


@pytest.mark.real
def test_a_real_snmpd_tells_us_what_it_tells_net_snmps_own_walk(tmp_path):
    walker = lab.program("snmpbulkwalk")
    tree = "1.3.6.1.2.1.1"
    with lab.snmpd(tmp_path, HOME) as port:
        command = [walker, "-v2c", "-c", "public", "-m", "", "-Onx", f"{HOME}:{port}", tree]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout
        names = [line.split(" ", 1)[0].lstrip(".") for line in said.splitlines() if line.startswith(".1")]
        answers = [lab.ask(Agent(HOME, port, version, lab.PUBLIC), lab.walk(tree)) for version in ("1", "2c")]
    for answer in answers:
        assert answer.complete
        assert [bind.oid for bind in answer.varbinds] == names
        assert answer.varbinds[0].raw == b"a real snmpd"


@pytest.mark.real
def test_a_real_snmpd_lets_us_in_with_every_pair_of_protocols(tmp_path):
    with lab.snmpd(tmp_path, HOME) as port:
        jobs = [(Agent(HOME, port, "3", user=user, label=user.name), lab.walk("1.3.6.1.2.1.1")) for user in lab.users()]
        results = {result.agent.label: result for result in Client(lab.LIMITS).run(jobs)}
    refused = {name: result.fault for name, result in results.items() if result.fault or not result.value.complete}
    assert not refused
    assert all(result.value.varbinds[0].raw == b"a real snmpd" for result in results.values())
    assert len({result.engine_id for result in results.values()}) == 1


@pytest.mark.real
def test_a_wrong_password_at_a_real_snmpd_is_an_authentication_fault(tmp_path):
    wrong = [
        User(name="SHA256AES", auth="SHA256", auth_secret="not the one", priv="AES", priv_secret="privpass123"),
        User(name="nobody", auth="SHA256", auth_secret="authpass123"),
        User(name="SHA256AES", auth="SHA256", auth_secret="authpass123", priv="AES", priv_secret="not the one"),
    ]
    with lab.snmpd(tmp_path, HOME) as port:
        faults = [_fault(Agent(HOME, port, "3", user=user)) for user in wrong]
    assert [fault.reason.value for fault in faults[:2]] == ["authentication"] * 2
    # net-snmp says nothing at all to a message that does not decrypt; the detail must still name the likely cause.
    assert "privacy password" in faults[2].detail


def _fault(agent: Agent):
    (result,) = Client(lab.LIMITS).run([(agent, lab.get("1.3.6.1.2.1.1.1.0"))])
    return result.fault


@pytest.mark.real
def test_net_snmps_programs_read_our_agent(tmp_path):
    walker = lab.program("snmpbulkwalk")
    mib = [VarBind(f"1.3.6.1.2.1.2.2.1.2.{row}", ber.OCTET_STRING, b"port %d" % row) for row in range(1, 200)]
    user = lab.users()[-1]
    port = lab.free_port(HOME)
    secrets = [
        "-v3",
        "-l",
        "authPriv",
        "-u",
        user.name,
        "-a",
        "SHA-512",
        "-A",
        user.auth_secret,
        "-x",
        "AES-256",
        "-X",
        user.priv_secret,
    ]
    with lab.playing(PlayedAgent(address=HOME, port=port, varbinds=mib, users=(user,))):
        for options in (["-v2c", "-c", "public"], secrets):
            command = [walker, *options, "-m", "", "-Onq", f"{HOME}:{port}", "1.3.6.1.2.1.2"]
            environment = {"SNMP_PERSISTENT_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"}
            said = subprocess.run(
                command, capture_output=True, text=True, check=True, timeout=20, env=environment
            ).stdout
            assert said.splitlines()[:199] == [f'.{bind.oid} "{bind.raw.decode()}"' for bind in mib]


def test_our_agent_never_writes():
    bind = VarBind("1.3.6.1.2.1.1.5.0", ber.OCTET_STRING, b"sw1")
    player = Player(PlayedAgent(address=HOME, port=161, varbinds=(bind,)))
    change = ber.join_varbinds([(ber.oid(bind.oid), bind.tag, b"changed")])
    for version, status in ((0, 4), (1, 17)):
        reply = player.respond(message.plain(version, b"public", message.pdu(message.SET, 7, 0, 0, change)))
        assert message.read_plain(reply).pdu.status == status
    assert player.stats["set"] == 2
    asked = message.plain(1, b"public", message.pdu(message.GET, 7, 0, 0, message.null_binds([ber.oid(bind.oid)])))
    assert message.varbinds(message.read_plain(player.respond(asked)).pdu.region) == (bind,)


def test_a_bulk_reply_fits_the_room_it_is_given():
    table = VarbindTable([VarBind(f"1.3.6.1.2.1.2.2.1.2.{row}", ber.OCTET_STRING, b"x" * 50) for row in range(100)])
    names = ber.join_varbinds([(ber.oid("1.3.6.1.2.1.2"), ber.NULL, b"")])
    for room in (100, 484, 1400, 9000):
        _, _, region = table.answer(1, Pdu(GET_BULK, 1, 0, 100, names), room)
        assert 0 < len(region) <= room
