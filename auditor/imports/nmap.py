"""What nmap found (`-oX`): hosts, MACs, ports, banners, answers of harmless scripts."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from xml.etree import ElementTree as ET  # a document that could define an entity is refused before it is parsed

from auditor.errors import InputError
from auditor.imports.batches import Hosts
from auditor.imports.source import SourceFile
from auditor.model import Fact, Kind, Observation, Reason, Record, Target
from auditor.parse import web

CAP = 64 << 20
DEPTH = 64
SCRIPTS: Mapping[str, Kind] = {
    "banner": "banner.other",
    "http-title": "http.title",
    "http-server-header": "http.server",
    "http-auth": "http.auth",
    "http-favicon": "http.favicon",
    "ssl-cert": "tls.subject",
    "snmp-sysdescr": "snmp.sysdescr",
    "upnp-info": "upnp.description",
    "ftp-syst": "ftp.banner",
    "rtsp-server-header": "rtsp.server",
}
# What nmap says in its own words where the device said nothing.
OWN_WORDS = ("Site doesn't have a title", "Did not follow redirect", "ERROR:", "Requested resource was")
_MD5 = re.compile(r"\b[0-9A-Fa-f]{32}\b")
_INTERFACE_MAC = re.compile(r"MAC address: ((?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2})")
_DTD = re.compile(r"<!ENTITY|<!DOCTYPE[^>\[]*\[", re.IGNORECASE)
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,200}\?>")
_CHUNK = 1 << 20
_ATTRIBUTES = (
    ("commonName", "CN"),
    ("organizationName", "O"),
    ("organizationalUnitName", "OU"),
    ("countryName", "C"),
    ("stateOrProvinceName", "ST"),
    ("localityName", "L"),
)
# How masscan names what a service greeted with.
GREETINGS: Mapping[str, Kind] = {
    "ssh": "ssh.banner",
    "telnet": "telnet.banner",
    "ftp": "ftp.banner",
    "http.server": "http.server",
    "title": "http.title",
}
_HEX_ESCAPE = re.compile(r"\\x([0-9A-Fa-f]{2})")
BANNERS: Mapping[str, Kind] = {"ssh": "ssh.banner", "telnet": "telnet.banner", "ftp": "ftp.banner"}


def read(source: SourceFile) -> Iterator[Record]:
    """Yield every host that was up; entity definitions and more than 64 MB are refused."""
    # Decoded before it is looked at and fed as text, so that no other encoding can hide a definition from the check.
    text = _DECLARATION.sub("", source.text(CAP).lstrip("\ufeff"), count=1)
    if _DTD.search(text):
        raise InputError("defines XML entities, which nmap never does; not read", where=str(source.path))
    count, hosts = 0, Hosts()
    try:
        for node in _hosts(text):
            count += 1
            for record in _host(source, node):
                hosts.listen(record)
                yield record
    except ET.ParseError as exc:
        problem = f"{'is no well-formed XML: ' if hasattr(exc, 'position') else ''}{exc}; was the scan cut short?"
        if not count:
            raise InputError(problem, where=str(source.path)) from None
        yield from source.partial([f"{problem} Hosts read before that: {count}"], "nmap")
    hosts.warn(source)


def _hosts(text: str) -> Iterator[ET.Element]:
    """Yield each host as soon as it is whole, and let go of it afterwards."""
    parser: ET.XMLPullParser[ET.Element] = ET.XMLPullParser(("start", "end"))
    around: list[ET.Element] = []
    for start in range(0, len(text), _CHUNK):
        parser.feed(text[start : start + _CHUNK])
        for event, node in _events(parser):
            if event == "start":
                around.append(node)
                if len(around) > DEPTH:
                    raise ET.ParseError("nested more deeply than nmap ever does")
                continue
            around.pop()
            if node.tag == "finished" and node.get("exit") == "error":
                raise ET.ParseError(f"nmap ended in an error ({node.get('errormsg', '')[:200]})")
            if node.tag == "host":
                yield node
                node.clear()
                if around:
                    around[-1].remove(node)
    parser.close()


def _events(parser: "ET.XMLPullParser[ET.Element]") -> Iterator[tuple[str, ET.Element]]:
    for event in parser.read_events():
        yield str(event[0]), event[1]  # type: ignore[misc]  # the stubs know more sorts of event than were asked for


def _host(source: SourceFile, node: ET.Element) -> Iterator[Record]:
    status = node.find("status")
    if status is not None and status.get("state") != "up":
        return
    addresses = {entry.get("addrtype", ""): entry.get("addr", "") for entry in node.findall("address")}
    label = addresses.get("ipv4") or addresses.get("ipv6") or addresses.get("mac")
    if not label:
        source.warn(f"{source.path}: a host without an address, not read")
        return
    if node.get("timedout") == "true":
        yield source.unread("nmap", Reason.PARTIAL, "nmap gave the host up before it was done (--host-timeout)", label)
    yield Observation(
        target=Target(address=label, site=source.site),
        collector="nmap",
        at=_moment(node, source.at),
        facts=tuple(_facts(node, addresses)),
    )


def _moment(node: ET.Element, default: datetime) -> datetime:
    text = node.get("endtime", "")
    return datetime.fromtimestamp(int(text), UTC) if text.isdecimal() and len(text) < 12 else default  # noqa: PLR2004


def _facts(node: ET.Element, addresses: dict[str, str]) -> Iterator[Fact]:
    if addresses.get("mac"):
        yield Fact(kind="inventory.mac", value=addresses["mac"], where="nmap address")
    names = node.find("hostnames/hostname")
    if names is not None and names.get("name"):
        yield Fact(kind="inventory.name", value=names.get("name", ""), where="nmap hostname")
    if numbers := sorted(_open_ports(node)):
        yield Fact(kind="ports.open", value=",".join(map(str, numbers)), where="nmap")
    for script in node.findall("hostscript/script"):
        yield from _script(script, "host")
    for port in node.findall("ports/port"):
        state = port.find("state")
        if state is not None and state.get("state") == "open":
            yield from _port(port)


def _open_ports(node: ET.Element) -> Iterator[int]:
    for port in node.findall("ports/port"):
        state, number = port.find("state"), port.get("portid", "")
        is_open = state is not None and state.get("state") == "open"
        if is_open and port.get("protocol") == "tcp" and number.isdecimal() and len(number) <= len("65535"):
            yield int(number)


def _port(port: ET.Element) -> Iterator[Fact]:
    where = f"{port.get('portid', '')}/{port.get('protocol', '')}"
    service = port.find("service")
    name = service.get("name", "") if service is not None else ""
    if service is not None:
        words = " ".join(filter(None, (service.get(key, "") for key in ("product", "version", "extrainfo"))))
        if words:
            yield Fact(kind="banner.other", value=words, where=f"{where} {name} as nmap names it")
        yield from greetings(name, service.get("banner", ""), where)
    for script in port.findall("script"):
        yield from _script(script, f"{where} {name}", name)


def greetings(name: str, said: str, where: str) -> Iterator[Fact]:
    """Yield what a service greeted with, by the name masscan gives it."""
    text = _HEX_ESCAPE.sub(lambda octet: chr(int(octet[1], 16)), said).strip()
    if name == "http" and (response := web.head(text.encode("utf-8", "replace"))):
        yield from web.page(response, f"{where} {name}")
    elif text:
        yield Fact(kind=GREETINGS.get(name, "banner.other"), value=text, where=f"{where} {name}".strip())


def _script(script: ET.Element, where: str, service: str = "") -> Iterator[Fact]:
    sort, output = script.get("id", ""), script.get("output", "").strip()
    if sort == "snmp-info":
        yield from _snmp_info(script, where)
    if sort == "snmp-interfaces":
        for digits in dict.fromkeys(_INTERFACE_MAC.findall(output)):
            yield Fact(kind="if.mac", value=digits, where=f"{where} {sort}")
    if sort == "ssl-cert" and (issuer := _issuer(script)):
        yield Fact(kind="tls.issuer", value=issuer, where=f"{where} {sort}")
    kind = BANNERS.get(service, SCRIPTS["banner"]) if sort == "banner" else SCRIPTS.get(sort)
    if kind and output and (value := _wording(sort, output)):
        yield Fact(kind=kind, value=value, where=f"{where} {sort}".strip())


def _wording(sort: str, output: str) -> str:
    """Return what the device said, without the words nmap puts around it."""
    first = output.splitlines()[0]
    if first.startswith(OWN_WORDS):
        return ""
    if sort == "ssl-cert":
        return _distinguished_name(first.removeprefix("Subject: "))
    if sort == "http-favicon":
        match = _MD5.search(output)
        return match.group().lower() if match else ""
    if sort == "http-auth":
        realms = (line.strip() for line in output.splitlines() if not line.startswith("HTTP/"))
        return next(filter(None, realms), "")
    return first if sort in {"http-title", "http-server-header"} else output


def _distinguished_name(text: str) -> str:
    """Return a distinguished name with the short names of RFC 4514, comma between its parts."""
    for name, short in _ATTRIBUTES:
        text = text.replace(f"{name}=", f"{short}=")
    return text.replace("/", ",")


def _issuer(script: ET.Element) -> str:
    """Return the issuer out of a certificate's table, as other collectors spell it."""
    table = next((entry for entry in script.findall("table") if entry.get("key") == "issuer"), None)
    values = {entry.get("key", ""): entry.text or "" for entry in table.findall("elem")} if table is not None else {}
    return _distinguished_name("/".join(f"{key}={value}" for key, value in values.items() if value))


def _snmp_info(script: ET.Element, where: str) -> Iterator[Fact]:
    """Yield the MAC inside an SNMPv3 engine ID of format 3 (RFC 3411)."""
    values = {entry.get("key"): entry.text or "" for entry in script.findall("elem")}
    if values.get("engineIDFormat") == "mac" and values.get("engineIDData"):
        yield Fact(kind="inventory.mac", value=values["engineIDData"], where=f"{where} engineIDData")
