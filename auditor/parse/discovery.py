"""Discovery replies to facts: WS-Discovery, SSDP, the search protocols of camera makers."""

import json
import re
from collections.abc import Iterator

from auditor import normal
from auditor.model import Fact
from auditor.parse import web, xml

CAP = 65_507
_HEADER = 32
_VALUE_CAP = 16_384
_FIELD = re.compile(r"(Name|Device|SerialNo|Vendor|Version|Mac|IP)[:=]([^\r\n\0]{1,200})", re.IGNORECASE)


def ws_discovery(data: bytes) -> Iterator[Fact]:
    """Yield the envelope of a WS-Discovery ProbeMatch or Hello, and its scopes, one a line."""
    text = _text(data)
    root = xml.parse(text)
    names = {xml.local(element) for element in root.iter()} if root is not None else set()
    # A Probe names the scopes somebody looks for; they say nothing of who asks.
    if root is None or "Probe" in names:
        return
    if names & {"ProbeMatch", "Hello"}:
        yield Fact(kind="onvif.soap", value=text[:_VALUE_CAP], where="ws-discovery")
    for element in root.iter():
        if xml.local(element) == "Scopes" and (scopes := (element.text or "").split()):
            yield Fact(kind="onvif.scopes", value="\n".join(scopes)[:_VALUE_CAP], where="ws-discovery")


def service(data: bytes, address: str) -> web.Destination | None:
    """Return the first service address of a ProbeMatch that lies at the address asked."""
    words = xml.texts(xml.parse(_text(data))).get("XAddrs", "").split()[:8]
    places = (web.place(word, address) for word in words)
    return next((place for place in places if place and place.tls is not None), None)


def ssdp(data: bytes) -> Iterator[Fact]:
    """Yield an SSDP answer's headers as sent (UPnP Device Architecture 1.1 section 1.3.3)."""
    response = web.head(data[:CAP])
    if response is None:
        return
    yield Fact(kind="upnp.description", value=_text(data)[:_VALUE_CAP], where="ssdp")
    if server := response.header("server"):
        yield Fact(kind="http.server", value=server, where="ssdp")


def ssdp_location(data: bytes, address: str) -> web.Destination | None:
    """Return where an SSDP answer says its description lies, at the same address only."""
    response = web.head(data[:CAP])
    place = web.place(response.header("location"), address) if response else None
    return place if place and place.tls is not None else None


def description(response: web.Response, path: str) -> Iterator[Fact]:
    """Yield a UPnP device description as sent, and the serial number in it."""
    values = xml.texts(xml.parse(response.text[:_VALUE_CAP]))
    if "deviceType" in values or "manufacturer" in values:
        yield Fact(kind="upnp.description", value=response.text[:_VALUE_CAP].replace("\0", ""), where=path)
        if normal.serial(values.get("serialNumber", "")):
            yield Fact(kind="entity.serial", value=values["serialNumber"], where=path)


def sadp(data: bytes) -> Iterator[Fact]:
    """Yield a SADP ProbeMatch as sent (UDP 37020), and its serial number and MAC."""
    text = _text(data)
    root = xml.parse(text)
    if root is None or xml.local(root) != "ProbeMatch":
        return
    values = xml.texts(root)
    yield Fact(kind="sadp.reply", value=text[:_VALUE_CAP], where="udp/37020")
    yield from web.own(values, "udp/37020", {"DeviceSN": "entity.serial", "MAC": "if.mac"})


def dhip(data: bytes) -> Iterator[Fact]:
    """Yield a DHIP answer (UDP 37810: 32 octets, then JSON) and the serial and MAC in it."""
    if len(data) <= _HEADER or data[4:8] != b"DHIP":
        return
    text = _text(data[_HEADER:])
    yield Fact(kind="dhip.reply", value=text[:_VALUE_CAP], where="udp/37810")
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return
    yield from web.own(_flat(answer), "udp/37810", {"SerialNo": "entity.serial", "mac": "if.mac"})


def dahua_5050(data: bytes) -> Iterator[Fact]:
    """Yield the text fields of an answer of the older search (UDP 5050, first octet 0xb3)."""
    if not data.startswith(b"\xb3"):
        return
    text = "".join(char if char.isprintable() or char in "\r\n" else "\n" for char in data[:CAP].decode("latin-1"))
    fields = {match[1].lower(): match[2].strip() for match in _FIELD.finditer(text)}
    if fields:
        text = "\n".join(f"{name}:{value}" for name, value in _FIELD.findall(text))
        yield Fact(kind="dhip.reply", value=f"\xb3{text}"[:_VALUE_CAP], where="udp/5050")
        yield from web.own(fields, "udp/5050", {"serialno": "entity.serial", "mac": "if.mac"})


def _flat(answer: object) -> dict[str, str]:
    """Return the text values of a search answer's nested objects, without their nesting."""
    values: dict[str, str] = {}
    level = [answer]
    for _depth in range(4):
        objects = [item for item in level if isinstance(item, dict)]
        for item in objects:
            values.update({str(key): value for key, value in item.items() if isinstance(value, str)})
        level = [value for item in objects for value in item.values()]
    return values


def _text(data: bytes) -> str:
    return normal.device_text(data[:CAP].rstrip(b"\0\r\n ")) if data else ""
