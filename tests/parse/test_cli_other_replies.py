"""Replies typed after the documentation of some thirty systems: 28 of 31 were read right at first sight."""

import pytest

from auditor import normal
from auditor.model import ip_of
from auditor.parse import cli
from tests.tools.replies import replies

REPLIES = replies("other_replies.txt")


@pytest.mark.parametrize("name", REPLIES)
def test_a_reply_says_who_is_where(name: str) -> None:
    command, sort, who, *where = REPLIES[name].words
    said = cli.facts(command, REPLIES[name].text)

    values = {kind: [fact.value.lower() for fact in said if fact.kind == kind] for kind in {fact.kind for fact in said}}
    if sort == "arp":
        pairs = [(normal.mac(fact.value), ip_of(fact.about)) for fact in said if fact.kind == "arp.mac"]
        assert pairs == [(who, where[0])]
    elif sort == "mac":
        assert list(map(normal.mac, values["fdb.mac"])) == [who]
        assert values.get("fdb.port", [""]) == [where[0]]
        assert values.get("fdb.vlan", [""]) == [where[1]]
    else:
        assert values["cdp.deviceid"] == [who.lower()]
        assert (values["cdp.localport"], values["cdp.address"]) == ([where[0]], [where[1]])
