"""Who is let in: tries, sessions, proxies, without a network."""

from ipaddress import ip_network

import pytest

from auditor.run.tokens import give, revoke, tokens_of
from auditor.web.visitors import (
    COOKIE,
    SESSION_S,
    TRIES,
    TRIES_S,
    Attempts,
    Doorkeeper,
    DoorRules,
    Peer,
    Sessions,
    TooManyTriesError,
)


def peer(address, headers=None):
    return Peer(address=address, headers=headers or {})


@pytest.fixture
def store(tmp_path):
    return str(tmp_path / "s.db")


def test_five_wrong_tokens_close_the_door_to_an_address_and_to_no_other(store):
    secret = give("ada", "reader", (), store)
    door, here, there = Doorkeeper(DoorRules(store=store)), peer("192.0.2.1"), peer("192.0.2.2")
    for _ in range(TRIES):
        assert door.enter("guess", here) == ""

    with pytest.raises(TooManyTriesError):
        door.enter(secret, here)
    with pytest.raises(TooManyTriesError):
        door.visitor(peer("192.0.2.1", {"authorization": f"Bearer {secret}"}))
    assert door.enter(secret, there) != ""


def test_the_door_opens_again_after_a_while():
    now = [0.0]
    attempts = Attempts(clock=lambda: now[0])
    for _ in range(TRIES):
        attempts.fail("192.0.2.1")
    with pytest.raises(TooManyTriesError):
        attempts.demand("192.0.2.1")

    now[0] = TRIES_S + 1

    attempts.demand("192.0.2.1")


def test_a_session_ends_after_twelve_hours():
    now = [0.0]
    sessions = Sessions(clock=lambda: now[0])
    cookie = sessions.open("ada")
    assert sessions.whose(cookie) == "ada"

    now[0] = SESSION_S + 1

    assert sessions.whose(cookie) == sessions.whose("another") == ""


def test_a_name_counts_only_where_the_proxy_says_it_and_a_token_of_that_name_stands(store):
    give("ada", "officer", ["hq"], store)
    door = Doorkeeper(DoorRules(store=store, proxies=(ip_network("192.0.2.0/30"),), header="x-remote-user"))

    seen = {
        (address, name): door.visitor(peer(address, {"x-remote-user": name}))
        for address in ("192.0.2.1", "198.51.100.1", "nonsense")
        for name in ("ada", "eve")
    }

    assert [key for key, visitor in seen.items() if visitor] == [("192.0.2.1", "ada")]
    visitor = seen["192.0.2.1", "ada"]
    assert (visitor.role, visitor.scope.sites) == ("officer", {"hq"})
    assert not door.is_own_form(visitor, ""), "a browser behind a proxy sends its name whatever page asks"
    assert door.is_own_form(visitor, door.form_token(visitor))


def test_without_a_proxy_nobody_becomes_somebody_by_a_header(store):
    give("ada", "admin", (), store)

    assert Doorkeeper(DoorRules(store=store)).visitor(peer("127.0.0.1", {"x-remote-user": "ada"})) is None


def test_tries_are_counted_by_the_address_the_trusted_proxy_names(store):
    door = Doorkeeper(DoorRules(store=store, proxies=(ip_network("127.0.0.1/32"),)))

    assert door.address(peer("127.0.0.1", {"x-forwarded-for": "10.0.0.1, 192.0.2.9"})) == "192.0.2.9"
    assert door.address(peer("198.51.100.1", {"x-forwarded-for": "192.0.2.9"})) == "198.51.100.1"


def test_a_revoked_token_opens_nothing_and_its_name_may_be_given_again(store):
    first = give("ada", "admin", (), store)
    revoke("ada", store)
    second = give("ada", "reader", (), store)
    door = Doorkeeper(DoorRules(store=store))

    assert door.visitor(peer("192.0.2.1", {"authorization": f"Bearer {first}"})) is None
    assert door.visitor(peer("192.0.2.1", {"authorization": f"Bearer {second}"})).role == "reader"
    assert [bool(one.revoked) for one in tokens_of(store)] == [True, False]
    assert COOKIE == "auditor"
