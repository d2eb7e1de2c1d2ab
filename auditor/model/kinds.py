"""What a fact says and whom it is about, as types: no other kind passes mypy."""

from typing import Literal, NewType, cast, get_args

# The kinds of `oui_rules/vocabulary.toml`, word for word; a test holds the two lists together.
Kind = Literal[
    "snmp.sysdescr", "snmp.sysobjectid", "snmp.sysname", "snmp.syslocation", "snmp.engineid", "snmp.enterprise",
    "snmp.value", "entity.descr", "entity.mfg", "entity.model", "entity.serial", "entity.name", "entity.class",
    "entity.firmware",
    "if.mac", "if.name", "if.descr", "arp.mac", "fdb.mac", "fdb.port", "fdb.vlan", "fdb.age", "lldp.chassis",
    "lldp.sysdescr", "lldp.sysname", "lldp.portid", "lldp.address", "lldp.localport", "lldp.capabilities",
    "cdp.deviceid", "cdp.platform", "cdp.address", "cdp.localport", "cli.output", "ssh.banner", "telnet.banner",
    "ftp.banner", "http.server", "http.title", "http.auth", "http.cookie", "http.response", "http.favicon",
    "rtsp.server", "rtsp.auth", "tls.subject", "tls.issuer", "tls.fingerprint", "sip.server", "sip.useragent",
    "onvif.deviceinformation", "onvif.scopes", "onvif.soap", "isapi.deviceinfo", "dahua.sysinfo", "sadp.reply",
    "dhip.reply", "upnp.description", "tr069.inform", "dhcp.vendorclass", "dhcp.hostname", "gpon.port", "gpon.serial",
    "lag.member", "poe.port", "stp.bridge", "inventory.vendor", "inventory.model", "inventory.serial", "inventory.mac",
    "inventory.firmware", "inventory.role", "inventory.item", "inventory.description", "inventory.acquired",
    "inventory.name", "inventory.place", "ports.open", "usb.id", "recorder.channel", "banner.other",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)
About = NewType("About", str)
DEVICE = About("")
_PART, _ADDRESS, _CHANNEL = "part:", "ip:", "channel:"


def kind_of(text: str) -> Kind:
    """Return a kind written in a file; one of another program passes through unchanged."""
    return cast("Kind", text)


def about_mac(digits: str) -> About:
    """Return the neighbour with a MAC, twelve hexadecimal digits."""
    return About(f"mac:{digits}")


def about_address(address: str) -> About:
    """Return the neighbour at an IP address."""
    return About(_ADDRESS + address)


def about_lldp(name: str) -> About:
    """Return the neighbour LLDP or CDP tells of, under a name unique at its reporter."""
    return About(f"lldp:{name}")


def about_ont(serial: str) -> About:
    """Return the optical network terminal with a GPON serial."""
    return About(f"gpon:{serial}")


def about_part(name: str) -> About:
    """Return a component of the device itself, e.g. a slot or an entPhysical index."""
    return About(_PART + name)


def about_channel(name: str) -> About:
    """Return a camera a recorder lists behind itself, by its channel."""
    return About(_CHANNEL + name)


def is_channel(about: str) -> bool:
    """Tell whether a text, or a part, is a channel of a recorder."""
    return about.startswith(_CHANNEL)


def part_of(about: About) -> str | None:
    """Return the name of a component or channel; nothing of the device or a neighbour."""
    if is_channel(about):
        return about
    return about.removeprefix(_PART) if about.startswith(_PART) else None


def ip_of(about: About) -> str:
    """Return the IP address of a neighbour, empty where it is named otherwise."""
    return about.removeprefix(_ADDRESS) if about.startswith(_ADDRESS) else ""
