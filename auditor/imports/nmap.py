"""What nmap found (`-oX`): hosts, their MACs, banners and the answers of its harmless scripts."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from xml.etree import ElementTree as ET  # a document with an internal DTD subset is refused before it is parsed

from auditor.errors import InputError
from auditor.imports.source import Source
from auditor.model import Fact, Observation, Record, Target

CAP = 64 << 20
SCRIPTS = {
    "banner": "banner.other",
    "http-title": "http.title",
    "http-server-header": "http.server",
    "http-auth": "http.auth",
    "http-favicon": "http.favicon",
    "ssl-cert": "tls.subject",
    "snmp-sysdescr": "snmp.sysdescr",
    "upnp-info": "upnp.description",
    "ftp-syst": "ftp.banner",
}
BANNERS = {"ssh": "ssh.banner", "telnet": "telnet.banner", "ftp": "ftp.banner"}


def read(source: Source) -> Iterator[Record]:
    """Yield every host that was up. Entity definitions are refused, and so is a document of more than 64 MB."""
    data = source.data(CAP)
    if b"<!ENTITY" in data or b"<!DOCTYPE nmaprun [" in data:
        raise InputError("defines XML entities, which nmap never does; not read", where=str(source.path))
    try:
        for _event, node in ET.iterparse(io.BytesIO(data)):  # noqa: S314 - see above
            if node.tag == "host":
                yield from _host(source, node)
                node.clear()
    except ET.ParseError as exc:
        raise InputError(f"is no well-formed XML: {exc}", where=str(source.path)) from None


def _host(source: Source, node: ET.Element) -> Iterator[Record]:
    status = node.find("status")
    if status is not None and status.get("state") != "up":
        return
    addresses = {entry.get("addrtype", ""): entry.get("addr", "") for entry in node.findall("address")}
    label = addresses.get("ipv4") or addresses.get("ipv6") or addresses.get("mac")
    if not label:
        return
    yield Observation(
        target=Target(address=label, site=source.site),
        collector="nmap",
        at=_moment(node, source.at),
        facts=tuple(_facts(node, addresses)),
    )


def _moment(node: ET.Element, default: datetime) -> datetime:
    text = node.get("endtime", "")
    return datetime.fromtimestamp(int(text), UTC) if text.isdecimal() and len(text) < 12 else default  # noqa: PLR2004 - seconds since 1970


def _facts(node: ET.Element, addresses: dict[str, str]) -> Iterator[Fact]:
    if addresses.get("mac"):
        yield Fact(kind="inventory.mac", value=addresses["mac"], where="nmap address")
    for script in node.findall("hostscript/script"):
        yield from _script(script, "host")
    for port in node.findall("ports/port"):
        state = port.find("state")
        if state is not None and state.get("state") == "open":
            yield from _port(port)


def _port(port: ET.Element) -> Iterator[Fact]:
    where = f"{port.get('portid', '')}/{port.get('protocol', '')}"
    service = port.find("service")
    name = service.get("name", "") if service is not None else ""
    if service is not None:
        words = " ".join(filter(None, (service.get(key, "") for key in ("product", "version", "extrainfo"))))
        if words:
            yield Fact(kind="banner.other", value=words, where=f"{where} {name} as nmap names it")
    for script in port.findall("script"):
        yield from _script(script, f"{where} {name}", name)


def _script(script: ET.Element, where: str, service: str = "") -> Iterator[Fact]:
    sort, output = script.get("id", ""), script.get("output", "").strip()
    if sort == "snmp-info":
        yield from _snmp_info(script, where)
    kind = BANNERS.get(service, SCRIPTS["banner"]) if sort == "banner" else SCRIPTS.get(sort, "")
    if kind and output:
        yield Fact(kind=kind, value=_wording(sort, output), where=f"{where} {sort}".strip())


def _wording(sort: str, output: str) -> str:
    """Return what the device said, without the words nmap puts around it."""
    first = output.splitlines()[0]
    if sort == "ssl-cert":
        return (
            first.removeprefix("Subject: ")
            .replace("/", ",")
            .replace("commonName=", "CN=")
            .replace("organizationName=", "O=")
        )
    return first if sort in {"http-title", "http-server-header"} else output


def _snmp_info(script: ET.Element, where: str) -> Iterator[Fact]:
    """Yield the MAC inside an SNMPv3 engine ID, where the ID has that format (RFC 3411, format 3)."""
    told = {entry.get("key"): entry.text or "" for entry in script.findall("elem")}
    if told.get("engineIDFormat") == "mac" and told.get("engineIDData"):
        yield Fact(kind="inventory.mac", value=told["engineIDData"], where=f"{where} engineIDData")
