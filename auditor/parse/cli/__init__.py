"""CLI replies to facts: a command's text as `cli.output`, and what can be read out of it."""

import re
from collections.abc import Iterator

from auditor.model import Fact
from auditor.parse.cli import identity, neighbours, optical, tables, templates
from auditor.parse.cli.text import clean as clean
from auditor.parse.cli.text import forbidden as forbidden
from auditor.parse.cli.text import is_refusal as is_refusal
from auditor.parse.cli.text import pager_waits as pager_waits
from auditor.parse.cli.transcript import greeting as greeting
from auditor.parse.cli.transcript import hostname as hostname
from auditor.parse.cli.transcript import split_transcript as split_transcript

_PURPOSES = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("onts", r"\bon[tu]\b|\bpon\b"),
        ("own-ont", r"display sn$"),
        ("board-serials", r"board serial-number"),
        ("boards", r"display board \d"),
        ("lldp", r"lldp|ip neighbor"),
        ("cdp", r"\bcdp\b"),
        ("arp", r"\barp\b|ipv6 neigh"),
        ("mac", r"mac-?addr|mac addr|\bmac\b|ethernet-switching table|bridge host|\bfdb\b"),
        ("optics", r"transceiver"),
        ("labels", r"manuinfo|elabel"),
        ("manufacture", r"manufacture-info"),
        ("inventory", r"inventory"),
        ("hardware", r"chassis hardware"),
        ("cards", r"show card"),
        (
            "identity",
            (
                r"version|\besn\b|system-group|deviceinfo|\bsn\b|sysman|show system|switchinfo|routerboard|resource"
                r"|show hardware|identity print|productmac"
            ),
        ),
    )
)
_GLANCE = 20_000
# A neighbour that is named, in whatever words.
_NAMED = re.compile(
    r"(?:system ?name|sys ?name|device[ -]?id|chassis ?id)[^\n:=]{0,30}[:=][ \t]{0,40}\S", re.IGNORECASE
)
# Tables of these speak of no device: neither of the one that was asked nor of another.
_MUTE = re.compile(
    r"(?:show|display) (?:running|current|saved|startup|tech|log|clock|interfaces?\b|vlan|ip route|ip interface|ip int"
    r"|ipv6 (?:route|int)|spanning|stp|cpu|proc|memory|users?|env|temp|fan|power|ntp|snmp|time|history|alarm|flash|dir"
    r"|boot|licen|ospf|bgp|ip (?:ospf|bgp|rout)|counters|acl|access-list|qos|traffic|port-|channel|etherchannel|trunk"
    r"|lacp|aaa|radius|tacacs|mpls|vrf|ip vrf|standby|vrrp|hsrp|ssh|tcp|udp|route|isis|this|policy|service|profile|dba)"
    r"|(?:dir|ls|pwd|cd|ping|tracert|traceroute|ssh|telnet|terminal|screen-length|screen-width|scroll|enable|conf\w*"
    r"|system-view|undo|quit|exit)\b"
)


def facts(command: str, output: str, platform: str = "") -> tuple[Fact, ...]:
    """Return a command's whole reply as `cli.output`, then what could be read out of it.

    `platform` is what ntc-templates calls the system; with it their templates are tried where they are better than our
    own parsers or where we have none. A reply that could not be read stays `cli.output` alone; `lacks_facts` tells.
    """
    text = clean(output)
    whole = Fact(kind="cli.output", value=text, where=command)
    if is_refusal(text) or forbidden(text):
        return (whole,)
    return (whole, *dict.fromkeys(_read(command, text, platform)))


def purpose(command: str) -> str:
    """Return what a command asks for: lldp, arp, labels … or an empty string (`_PURPOSES`)."""
    words = _in_full(command)
    if _MUTE.match(words) and "transceiver" not in words:
        return ""
    return next((name for name, pattern in _PURPOSES if pattern.search(words)), "")


def _in_full(command: str) -> str:
    return re.sub(r"^dis?p?\b", "display", re.sub(r"^sho?\b", "show", command.strip().lower()))


def lacks_facts(command: str, reply: tuple[Fact, ...]) -> bool:
    """Tell whether a reply should have yielded more facts than its own text and did not.

    A version reply is evidence as it stands, and a table with nothing under its titles is an empty table.
    """
    sort = purpose(command)
    text = reply[0].value if len(reply) == 1 else ""
    if not text or sort in {"identity", "onts", "own-ont", "optics"} or is_refusal(text) or forbidden(text):
        return False
    if sort in {"arp", "mac", "lldp", "cdp"} or (not sort and not _MUTE.match(_in_full(command))):
        start = text[:_GLANCE]
        names = bool(sort) and _NAMED.search(start) is not None
        return names or tables.mac_in(start) is not None or tables.has_rows(start)
    return bool(sort) and len(text.split()) > 1


def _read(command: str, text: str, platform: str) -> Iterator[Fact]:
    sort = purpose(command)
    if platform and sort in {"arp", "mac"}:
        rows = tuple(templates.table_facts(sort, command, templates.rows(platform, command, text)))
        if rows:
            yield from rows
            return
    if sort in {"lldp", "cdp"}:
        yield from neighbours.neighbours(command, text, protocol=sort)
    elif sort in _READERS:
        ours = tuple(_READERS[sort](command, text))
        yield from ours
        if platform and sort not in {"arp", "mac", "onts"} and (not ours or sort == "identity"):
            kinds = {fact.kind for fact in ours}
            device = templates.device_facts(command, templates.rows(platform, command, text))
            yield from (fact for fact in device if fact.kind not in kinds)


_READERS: dict[str, identity.Reader] = {
    "onts": optical.terminals,
    "own-ont": optical.own_serial,
    "boards": optical.boards,
    "board-serials": optical.board_serials,
    "arp": tables.arp,
    "mac": tables.forwarding,
    "labels": identity.labels,
    "manufacture": identity.manufacture,
    "inventory": identity.inventory,
    "hardware": identity.hardware,
    "optics": identity.optics,
    "cards": identity.cards,
    "identity": identity.own,
}
