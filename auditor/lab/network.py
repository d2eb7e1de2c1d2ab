"""A network that exists nowhere: samples, their addresses, how they are read, the wiring.

    [ports]            snmp = 16100  ssh = 16022  http = 16080     every address listens on the same ones
    [credential.NAME]  kind = "snmp-v3"  user = "audit"  auth = "SHA256"  priv = "AES"  known = true
    [[site]]           name = "hq"  net = "192.0.2."  at = "127.0.50."  credentials = ["core", "cli"]
    [[device]]         site, host, plays; name, mac, serial if not the sample's; snmp, ssh, http = a credential;
                       link = "SWITCH PORT", uplink = the own port, vlan, lldp = true, capabilities = "bridge router",
                       tables = ["fdb", "arp", "lldp", "stp"], bundles = ["Po1 = Te1/1/1 Te1/1/2"],
                       members = serial numbers of further stack members, shares = a MAC the other of a pair has too
    [[heard]]          site, mac, link, vlan, host, maker, what: never answers, only others speak of it; name,
                       uplink, lldp, capabilities where it announces itself
    [[channel]]        site, recorder, address; name, model, serial, mac, protocol: a camera that a recorder lists
                       to whoever has its http credential
    [[cable]]          site, near, far: a cable between two switches that the spanning tree blocks at the near end
    [truth]            what an audit of this network must count

No secret stands here: each is drawn anew when the network is played. A credential with `known = false` is asked for by
its device and never told to the audit: that device stays unread.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from auditor import normal
from auditor.errors import InputError
from auditor.model import Credential
from auditor.tables import Section, finish, read_toml

PORTS = {"snmp": 16100, "ssh": 16022, "http": 16080, "https": 16443, "telnet": 16023, "rtsp": 16554, "ssdp": 16190}
DATAGRAMS = frozenset({"snmp", "ssdp"})
KINDS = ("snmp-v1", "snmp-v2c", "snmp-v3", "ssh", "http")
TABLES = frozenset({"fdb", "arp", "lldp", "stp"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LabSite:
    """One place: the network its samples speak of, and the loopback network it plays on."""

    name: str
    net: str
    at: str
    credentials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LabDevice:
    """One device; `logins` names the credential per protocol, none where it never answers."""

    site: str
    host: int
    plays: str = ""
    name: str = ""
    mac: str = ""
    serial: str = ""
    logins: Mapping[str, str] = field(default_factory=dict)
    switch: str = ""
    port: str = ""
    uplink: str = ""
    vlan: int = 1
    tables: frozenset[str] = frozenset()
    lldp: bool = False
    capabilities: str = ""
    bundles: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    shares: str = ""

    def ports_of(self, name: str) -> tuple[str, ...]:
        """Return the ports an aggregate bundles, or the port itself."""
        pairs = (bundle.partition("=")[::2] for bundle in self.bundles)
        return next((tuple(ports.split()) for whole, ports in pairs if whole.strip() == name), (name,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cable:
    """A cable between two switches that the spanning tree blocks at its near end."""

    site: str
    near: tuple[str, str]
    far: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bystander:
    """A box no scan reaches: only tables of others hold its MAC. `maker` is the truth."""

    site: str
    mac: str
    switch: str = ""
    port: str = ""
    vlan: int = 1
    host: int = 0
    maker: str = ""
    what: str = ""
    name: str = ""
    uplink: str = ""
    lldp: bool = False
    capabilities: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderChannel:
    """A camera behind a recorder, on a switch that nobody else hears, as the recorder lists it."""

    site: str
    recorder: str
    address: str
    name: str = ""
    model: str = ""
    serial: str = ""
    mac: str = ""
    protocol: str = "ONVIF"


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A whole network to play. `secret` lists the credentials the audit is not told."""

    sites: tuple[LabSite, ...]
    devices: tuple[LabDevice, ...]
    bystanders: tuple[Bystander, ...]
    credentials: Mapping[str, Credential]
    secret: frozenset[str]
    ports: Mapping[str, int]
    truth: Mapping[str, object]
    cables: tuple[Cable, ...] = ()
    channels: tuple[RecorderChannel, ...] = ()

    @property
    def plugged(self) -> tuple[LabDevice | Bystander, ...]:
        """Return everything that is plugged in somewhere."""
        return (*self.devices, *self.bystanders)

    def site(self, name: str) -> LabSite:
        """Return a site by name."""
        return next(site for site in self.sites if site.name == name)

    def address(self, device: LabDevice) -> str:
        """Return the loopback address a device is played at."""
        return f"{self.site(device.site).at}{device.host}"


def load(path: Path) -> Network:
    """Return the network of a TOML file; every mistake in it is raised at once."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as exc:
        raise InputError(f"cannot be read: {exc.strerror}", where=str(path)) from None
    top = read_toml(text, str(path), error=InputError)
    ports, group = top.section("ports"), top.section("credential")
    credentials = {name: _credential(name, group.section(name)) for name in group.values}
    network = Network(
        ports={name: ports.number(name, port) for name, port in PORTS.items()},
        credentials={name: credential for name, (credential, _is_known) in credentials.items()},
        secret=frozenset(name for name, (_credential, is_known) in credentials.items() if not is_known),
        sites=tuple(map(_site, top.sections("site"))),
        devices=tuple(map(_device, top.sections("device"))),
        bystanders=tuple(map(_bystander, top.sections("heard"))),
        truth=top.section("truth").rest(),
        cables=tuple(map(_cable, top.sections("cable"))),
        channels=tuple(map(_channel, top.sections("channel"))),
    )
    ports.close()
    _check(network, top)
    finish(top)
    return network


def _credential(name: str, section: Section) -> tuple[Credential, bool]:
    kind, is_known = section.choice("kind", KINDS), section.flag("known", default=True)
    user, auth, priv = (section.text(key, "") for key in ("user", "auth", "priv"))
    section.close()
    return Credential(name=name, kind=kind, user=user, auth=auth, priv=priv), is_known


def _site(section: Section) -> LabSite:
    site = section.fill(LabSite)
    if not site.at.startswith("127."):
        section.complain("must be a loopback network such as '127.0.50.'; the lab plays nowhere else", "at")
    return site


def _device(section: Section) -> LabDevice:
    switch, port = _link(section)
    device = section.fill(
        LabDevice,
        mac=_mac(section),
        logins={way: name for way in ("snmp", "ssh", "http") if (name := section.text(way, ""))},
        switch=switch,
        port=port,
        tables=frozenset(section.texts("tables")),
        bundles=tuple(section.texts("bundles")),
        members=tuple(section.texts("members")),
        shares=_mac(section, "shares"),
    )
    if unknown := device.tables - TABLES:
        section.complain(f"'{min(unknown)}' is no table; known: {', '.join(sorted(TABLES))}", "tables")
    return device


def _bystander(section: Section) -> Bystander:
    switch, port = _link(section)
    return section.fill(Bystander, mac=_mac(section), switch=switch, port=port)


def _channel(section: Section) -> RecorderChannel:
    return section.fill(RecorderChannel, mac=_mac(section))


def _cable(section: Section) -> Cable:
    return section.fill(Cable, near=_link(section, "near"), far=_link(section, "far"))


def _link(section: Section, key: str = "link") -> tuple[str, str]:
    switch, _, port = section.text(key, "").partition(" ")
    return switch, port


def _mac(section: Section, key: str = "mac") -> str:
    text = section.text(key, "")
    digits = normal.mac(text)
    if text and not digits:
        section.complain(f"{text!r} is no MAC", key)
    return digits


def _check(network: Network, top: Section) -> None:
    sites = {site.name for site in network.sites}
    names = {device.name for device in network.devices if device.name}
    for index, device in enumerate(network.devices, 1):
        if device.site not in sites:
            top.complain(f"no site '{device.site}'", f"device[{index}].site")
        for way, name in device.logins.items():
            if name not in network.credentials:
                top.complain(f"no credential '{name}'", f"device[{index}].{way}")
    recorders = {(device.site, device.name) for device in network.devices if device.logins.get("http")}
    for index, channel in enumerate(network.channels, 1):
        if (channel.site, channel.recorder) not in recorders:
            top.complain(f"no recorder '{channel.recorder}' there with a http login", f"channel[{index}].recorder")
    ends = {name for cable in network.cables for name, _port in (cable.near, cable.far)}
    for switch in ends | {item.switch for item in network.plugged}:
        if switch and switch not in names:
            top.complain(f"no device '{switch}' to be plugged into", "link")
