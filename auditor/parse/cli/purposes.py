"""What a command asks for: a table, a version, labels … or nothing of any device."""

import re

_PURPOSES = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("mac", r"mac-address\b.*\bont\b|\bmac(?:-real-time)? .*\bonu\b|display location"),
        ("onts", r"\bon[tu]\b|\bpon\b"),
        ("own-ont", r"display sn$"),
        ("board-serials", r"board serial-number"),
        ("boards", r"display board \d"),
        ("lldp", r"lldp|ip neighbor.* print"),
        ("cdp", r"\b(?:c|is|f|e)dp (?:neigh|ent)|\bcdp\b"),
        (
            "arp",
            (
                r"\b(?:ip)?arp(?:entry)?\b|ipv?6 neigh|\bip (?:-\S+ )*neigh|ipv6 show neigh|get-netneigh|ndp\b"
                r"|show router(?: (?!bgp|ospf|isis|ldp|rip|pim|igmp|mpls|rsvp)\S+)? neighbor$"
            ),
        ),
        (
            "mac",
            (
                r"mac-?addr|mac addr|\bmacs?\b(?![- ](?:sec|acl|access|move|flap|limit|ping))|ethernet-switching"
                r" table|bridge host|\bfdb|showmacs|address-table|bridge table|mac-table|\bl2-table|^show lt\b"
                r"|brctl name host|\bcam\b|mac-learning"
            ),
        ),
        ("hosts", r"device list|\bstations?\b|\bclients?\b|dhcp.*(?:binding|lease|in-use|user-bind)|user-bind|leases"),
        ("optics", r"transceiver"),
        ("labels", r"manuinfo|elabel"),
        ("manufacture", r"manufacture-info"),
        ("identity", r"inventory chassis"),
        ("inventory", r"inventory"),
        ("hardware", r"chassis hardware"),
        ("cards", r"show card"),
        (
            "identity",
            (
                r"version|\besn\b|system-group|deviceinfo|\bsn\b|sysman|show system|switchinfo|routerboard|resource"
                r"|show hardware|identity print|productmac|show switch$|show chassis|sys-info|sysinfo"
                r"|get system status|get hardware|display device$|show unit$|dmidecode|board\.info|show modules?$"
                r"|show (?:hw|fru|manuf|mainboard|sku|idprom)|system info|os-release|show system|show image"
            ),
        ),
    )
)
# Tables of these speak of no device: neither of the one that was asked nor of another.
_MUTE = re.compile(
    r"(?:show|display) (?:running|current|saved|startup|tech|log|clock|interfaces?\b(?!.* fdb)|vlan|ip route"
    r"|ip interface|ip int|ipv6 (?:route|int)|spanning|stp|cpu|proc|memory|users?|env|temp|fan|power|ntp|snmp|time"
    r"|history|alarm|flash|dir"
    r"|boot|licen|ospf|bgp|ip (?:ospf|bgp|rout)|counters|acl|access-list|qos|traffic|port-|channel|etherchannel|trunk"
    r"|lacp|aaa|radius|tacacs|mpls|vrf|ip vrf|standby|vrrp|hsrp|ssh|tcp|udp"
    r"|route(?!r (?:.*arp|(?:\S+ )?neighbor))|isis|this|policy|service(?!.* fdb)"
    r"|profile|dba)"
    r"|(?:dir|ls|pwd|cd|ping|tracert|traceroute|ssh|telnet|terminal|screen-length|screen-width|scroll|enable|conf\w*"
    r"|system-view|undo|quit|exit)\b"
)


def purpose(command: str) -> str:
    """Return what a command asks for: lldp, arp, labels … or an empty string (`_PURPOSES`)."""
    words = in_full(command)
    if _MUTE.match(words) and "transceiver" not in words:
        return ""
    return next((name for name, pattern in _PURPOSES if pattern.search(words)), "")


def plain(command: str) -> str:
    """Return a command as others write it too: RouterOS 7 has paths, `/ip/arp/print`."""
    words = command.strip()
    return " ".join(words.strip("/").split("/")) if words.startswith("/") else words


def in_full(command: str) -> str:
    """Return a command in lower case, its first word in full."""
    return re.sub(r"^dis?p?\b", "display", re.sub(r"^sho?\b", "show", plain(command).lower()))


def is_mute(command: str) -> bool:
    """Tell whether a command's reply speaks of no device, neither of its own nor of another."""
    return _MUTE.match(in_full(command)) is not None
