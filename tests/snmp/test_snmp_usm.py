"""SNMPv3's keys and clocks, against the examples of the RFCs."""

import pytest

from auditor.lab.agent import PlayedAgent, Player
from auditor.model import Reason
from auditor.snmp import message, usm
from auditor.snmp.client import Client
from auditor.snmp.conversation import Patience
from auditor.snmp.question import AgentProfile, Ask
from auditor.snmp.script import Agent, Get, User
from auditor.snmp.session import Again, Drop, UserSession
from auditor.snmp.usm import UsmError

ENGINE = bytes.fromhex("000000000000000000000002")
USER = User(name="audit", auth="SHA256", auth_secret="authpass123", priv="AES", priv_secret="privpass123")


# RFC 3414 A.3.1 and A.3.2
@pytest.mark.parametrize(
    ("name", "master", "key"),
    [
        ("md5", "9faf3283884e92834ebc9847d8edd963", "526f5eed9fcce26f8964c2930787d82b"),
        ("sha1", "9fb5cc0381497b3793528939ff788d5d79145211", "6695febc9288e36282235fc7151f128497b38f3f"),
    ],
)
def test_keys_are_those_of_rfc_3414(name, master, key):
    found = usm.master_key(name, b"maplesyrup")
    assert found.hex() == master
    assert usm.localise(name, found, ENGINE).hex() == key


@pytest.mark.parametrize("auth", usm.AUTH_PROTOCOLS)
@pytest.mark.parametrize("priv", usm.PRIV_PROTOCOLS)
def test_what_is_encrypted_can_be_read_again(auth, priv):
    user = User(name="u", auth=auth, auth_secret="authpass123", priv=priv, priv_secret="privpass123")
    keys = usm.keys_for(user, ENGINE)
    hidden, salt = usm.encrypt(keys, 3, 99, 2**64 - 1, b"a plain text")
    assert b"plain" not in hidden
    assert usm.decrypt(keys, 3, 99, salt, hidden).startswith(b"a plain text")
    assert usm.decrypt(keys, 3, 98, salt, hidden).startswith(b"a plain text") == (priv == "DES")


def test_ciscos_and_net_snmps_way_of_lengthening_keys_differ():
    keys = [
        usm.keys_for(
            User(name="u", auth="SHA", auth_secret="authpass123", priv=priv, priv_secret="privpass123"), ENGINE
        )
        for priv in ("AES256", "AES256C")
    ]
    assert keys[0].priv_key[:20] == keys[1].priv_key[:20]
    assert keys[0].priv_key != keys[1].priv_key


@pytest.mark.parametrize(
    ("user", "told"),
    [
        (User(name="u", auth="SHA", auth_secret="short"), "shorter than 8"),
        (User(name="u", auth="SHA3", auth_secret="authpass123"), "unknown authentication protocol"),
        (
            User(name="u", auth="SHA", auth_secret="authpass123", priv="ROT13", priv_secret="privpass123"),
            "unknown privacy",
        ),
        (User(name="u", priv="AES", priv_secret="privpass123"), "without authentication"),
    ],
)
def test_a_user_that_cannot_work_is_told_before_anything_is_sent(user, told):
    with pytest.raises(UsmError, match=told):
        usm.check(user)
    (result,) = Client().run([(Agent("127.0.0.1", 1, "3", user=user), _ask_one())])
    assert result.fault is not None
    assert result.fault.reason is Reason.NO_CREDENTIAL
    assert result.counts.requests == 0


def _ask_one():
    return (yield Get(oids=("1.3.6.1.2.1.1.1.0",)))


def test_no_secret_shows():
    shown = repr((USER, usm.keys_for(USER, ENGINE), Agent("192.0.2.1", version="3", user=USER)))
    assert "pass123" not in shown
    assert usm.keys_for(USER, ENGINE).auth_key.hex() not in shown


class _Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def _met(clock):
    """Return a session that knows its agent's engine, and the agent."""
    player = Player(PlayedAgent(address="127.0.0.1", port=161, varbinds=(), users=(USER,)), clock)
    session = UserSession(USER, "", AgentProfile(most=96, bulk=True))
    report = player.respond(session.dress(Ask(message.GET, []), Get(oids=()), 1 << 30, clock()))
    assert session.judge(message.read_secured(report), report, clock()) is Again.ENGINE
    return session, player


def _exchange(session, player, clock, request_id=1 << 30):
    asked = session.dress(Ask(message.GET, []), Get(oids=()), request_id, clock())
    reply = player.respond(asked)
    return session.judge(message.read_secured(reply), reply, clock()), reply


def test_a_reply_from_before_the_window_is_refused():
    clock = _Clock()
    session, player = _met(clock)
    _, old = _exchange(session, player, clock)
    clock.now += usm.WINDOW + 5
    assert isinstance(_exchange(session, player, clock)[0], message.Pdu)
    assert session.judge(message.read_secured(old), old, clock()) is Drop.SPOOFED


def test_a_restarted_agent_is_followed_and_the_restart_noted():
    clock = _Clock()
    session, player = _met(clock)
    clock.now += 1000
    assert isinstance(_exchange(session, player, clock)[0], message.Pdu)
    player.reboot()
    assert _exchange(session, player, clock)[0] is Again.CLOCK
    assert isinstance(_exchange(session, player, clock)[0], message.Pdu)
    assert session._learned.restarts == 1


def test_one_changed_octet_makes_a_reply_worthless():
    clock = _Clock()
    session, player = _met(clock)
    _, reply = _exchange(session, player, clock)
    refused = 0
    for at in range(len(reply)):
        changed = reply[:at] + bytes((reply[at] ^ 0x01,)) + reply[at + 1 :]
        try:
            judged = session.judge(message.read_secured(changed), changed, clock())
        except ValueError:
            refused += 1
            continue
        refused += not isinstance(judged, message.Pdu)
    assert refused == len(reply)


def test_the_master_key_is_made_once_per_password():
    usm.master_key.cache_clear()
    for number in range(50):
        usm.keys_for(USER, b"engine%d" % number)
    assert usm.master_key.cache_info().misses == 2


def test_a_signed_answer_without_the_privacy_that_was_asked_for_is_refused():
    clock = _Clock()
    session, player = _met(clock)
    _, honest = _exchange(session, player, clock)
    keys = player._keys_of(USER)
    body = message.scoped_pdu(player.engine_id, b"", message.pdu(message.RESPONSE, 1 << 30, 0, 0, b""))
    bare = player.seal(message.read_secured(honest), usm.Keys(auth=keys.auth, auth_key=keys.auth_key), body)
    assert session.judge(message.read_secured(bare), bare, clock()) is Drop.SPOOFED


def test_patience_follows_the_agent_and_grows_with_every_loss():
    patience = Patience(2.0)
    assert patience.wait() == 2.0
    for _ in range(20):
        patience.took(3.0, at_once=True)
    assert 3.0 <= patience.wait() < 4.0
    patience.lose()
    assert patience.wait() > 4.0
    for _ in range(50):
        patience.lose()
    assert patience.wait() == 8.0
