"""How a network team lives with it: quiet nights, one new camera, its removal, its return."""

from contextlib import nullcontext
from dataclasses import replace

from auditor.lab.agent import PlayedAgent
from auditor.model import Fact
from tests.tools.loopback import free_port
from tests.tools.nightly import Nights, box
from tests.tools.snmp_lab import played, system, text

CAMERA = "a4:d5:c2:00:53:01"
NEW = ("--fail-on", "new")
CISCO = "Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E3"


def switch(*macs):
    """Return a switch of a maker nobody lists, and what it learned on its ports."""
    own = box("192.0.2.1", mac="00:00:5e:00:53:11", serial="SN-SWITCH", name="sw1", says=CISCO)
    learned = [
        Fact(kind=kind, value=value, where=f"dot1qTpFdbPort.20.{at}", about=f"mac:{mac.replace(':', '')}")
        for at, mac in enumerate(macs)
        for kind, value in (("fdb.mac", mac), ("fdb.port", f"Gi1/0/{at + 1}"))
    ]
    return replace(own, facts=(*own.facts, *learned))


def test_a_team_is_woken_twice_in_a_fortnight_and_each_time_rightly(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    nights = Nights(tmp_path)
    old = box("192.0.2.2", mac="00:00:5e:00:53:22", serial="SN-OLD", name="old")

    nights.night(switch(), old, words=NEW)  # the first night tells what there is
    nights(
        "waive", "192.0.2.2", "--who", "A", "--why", "Goes in May.", "--authority", "Memo 7", "--until", "2027-06-01"
    )
    for _ in range(3):
        assert nights.night(switch(), old, words=(*NEW, "-q", "-o", "report.txt"), code=0).output == ""

    nights.night(switch(CAMERA), old, words=NEW)
    nights("diff", code=1)
    (event,) = nights.json("diff", code=1)
    assert (event["sort"], event["after"]) == ("new", "hikvision probable, sw1 Gi1/0/1")

    nights.night(switch(CAMERA), old, words=NEW, code=0)
    nights("removal", "note", event["device"], "removed", "--who", "A", "--note", "ticket 4")
    sorts = []
    for _ in range(5):
        nights.night(switch(), old, words=NEW, code=0)
        sorts += [one["sort"] for one in nights.json("diff", code=None)]
    assert sorts == ["silent", "gone"]

    nights.night(switch(CAMERA), old, words=NEW)
    assert {one["sort"] for one in nights.json("diff", code=1)} == {"back", "removed, seen again"}
    assert "removed" in nights("report").output


CONFIG = """
[limits]
timeout = 0.1
retries = 1
[credential.lab]
kind = "snmp-v2c"
secret = "env:COMMUNITY"
subnets = ["127.30.9.0/26"]
[site.hq]
subnets = ["127.30.9.0/26"]
ports = {{ snmp = {port} }}
"""


def test_a_subnet_in_which_nobody_answers_any_more_is_silent_and_then_gone(tmp_path, monkeypatch):
    """The power of a whole building is off: the sweep finds nobody, and each device there was asked."""
    monkeypatch.chdir(tmp_path)
    nights, port = Nights(tmp_path), free_port()
    (tmp_path / "auditor.toml").write_text(CONFIG.format(port=port))
    rows = [*system(descr="S5720"), text("1.3.6.1.2.1.2.2.1.6.1", bytes.fromhex("00005e005301"))]
    agent = PlayedAgent(address="127.30.9.7", port=port, varbinds=rows)

    def night(*there, code):
        nights.day += 1
        words = ("scan", "127.30.9.0/26", "--no-tcp", "--collector", "snmp", "--fail-on", "new", "--no-progress")
        with played(*there) if there else nullcontext():
            nights(*words, code=code, env=nights.at(nights.day) | {"COMMUNITY": "public"})
        return [one["sort"] for one in nights.json("diff", code=None)] if nights.day > 1 else []

    assert night(agent, code=1) == []
    assert [night(code=3) for _ in range(4)] == [["silent"], [], [], ["gone"]]
    assert "same: audit document" in nights("verify", "last").output
    assert night(agent, code=1) == ["back"]
