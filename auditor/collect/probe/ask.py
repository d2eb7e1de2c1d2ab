"""What each probe sends and how its answer is read. Each is a coroutine from a wire and a port to facts."""

import uuid
from collections.abc import Awaitable, Callable

from auditor.collect.probe.wire import Door, ForbiddenPortError, Wire
from auditor.model import Fact, Kind
from auditor.parse import discovery, web
from auditor.parse.cli import clean
from auditor.parse.services import shipped

Facts = tuple[Fact, ...]
Probe = Callable[[Wire, int], Awaitable[Facts]]

_BANNER_CAP = 2_048
_REDIRECTS = 2
_OK = 200
_SOAP = (
    '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
    '<{call} xmlns="http://www.onvif.org/ver10/device/wsdl"/></s:Body></s:Envelope>'
)
_ICON = web.Destination(path="/favicon.ico")
_ONVIF_PATH = "/onvif/device_service"
_ONVIF_CALLS = ("GetSystemDateAndTime", "GetScopes", "GetDeviceInformation")
_WS_PROBE = (
    '<?xml version="1.0" encoding="utf-8"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"'
    ' xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><e:Header><w:MessageID>uuid:{id}</w:MessageID>'
    '<w:To e:mustUnderstand="true">urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>'
    '<w:Action e:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action></e:Header>'
    "<e:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></e:Body></e:Envelope>"
)


def ws_question() -> bytes:
    """Return a WS-Discovery Probe for network video transmitters."""
    return _WS_PROBE.format(id=uuid.uuid4()).encode()


def ssdp_question(host: str, port: int) -> bytes:
    """Return an M-SEARCH for root devices (UPnP Device Architecture 1.1 section 1.3.2)."""
    search = f"M-SEARCH * HTTP/1.1\r\nHOST: {host}:{port}\r\n"
    return f'{search}MAN: "ssdp:discover"\r\nMX: 1\r\nST: upnp:rootdevice\r\n\r\n'.encode()


def sadp_question() -> bytes:
    """Return a SADP inquiry."""
    ask = f'<?xml version="1.0" encoding="utf-8"?><Probe><Uuid>{uuid.uuid4()}</Uuid><Types>inquiry</Types></Probe>'
    return ask.encode()


def dhip_question() -> bytes:
    """Return a DHIP search: a header of 32 octets, then JSON."""
    body = b'{ "method" : "DHDiscover.search", "params" : { "mac" : "", "uni" : 1 } }\n'
    length = len(body).to_bytes(4, "little") + bytes(4)
    return b"\x20\0\0\0DHIP" + bytes(8) + length * 2 + body


async def ssh(wire: Wire, port: int) -> Facts:
    """Read the SSH identification string; nothing is sent."""
    data = await wire.tcp(port, enough=b"\n", cap=_BANNER_CAP)
    found = [line for line in data.decode("ascii", "replace").splitlines() if line.startswith("SSH-")]
    return _said("ssh.banner", found[0][:255] if found else "", f"tcp/{port}")


async def telnet(wire: Wire, port: int) -> Facts:
    """Read what Telnet shows before login; option bytes are dropped, nothing is typed."""
    data = await wire.tcp(port, cap=_BANNER_CAP)
    return _said("telnet.banner", clean(_without_options(data).decode("utf-8", "replace")).strip(), f"tcp/{port}")


async def ftp(wire: Wire, port: int) -> Facts:
    """Read the FTP greeting; nothing is sent."""
    data = await wire.tcp(port, enough=b"\n", cap=_BANNER_CAP)
    text = clean(data.decode("utf-8", "replace")).strip()
    return _said("ftp.banner", text.removeprefix("220").lstrip(" -") if text.startswith("220") else "", f"tcp/{port}")


async def http(wire: Wire, port: int) -> Facts:
    """Read the first page, what it leads to on the same host, one icon, and pages the first one gives a reason for."""
    return await _web(wire, Door(port=port))


async def https(wire: Wire, port: int) -> Facts:
    """Do what `http` does over TLS, and read subject and issuer of the certificate shown."""
    return await _web(wire, Door(port=port, tls=True))


async def rtsp(wire: Wire, port: int) -> Facts:
    """Ask OPTIONS and DESCRIBE; the headers of the answers name server and realm."""
    url = f"rtsp://{wire.target.address}:{port}/"
    said: list[Fact] = []
    for number, method in enumerate(("OPTIONS", "DESCRIBE"), 1):
        request = f"{method} {url} RTSP/1.0\r\nCSeq: {number}\r\nUser-Agent: auditor\r\n\r\n"
        response = web.head(await wire.tcp(port, request.encode(), enough=b"\r\n\r\n"))
        if response is None:
            break
        said += web.rtsp(response)
    return tuple(dict.fromkeys(said))


async def onvif(wire: Wire, port: int) -> Facts:
    """Ask the three device calls ONVIF allows before login; a server that does not know the first is not asked the others."""
    return await _onvif(wire, (Door(port=port), _secure(wire)), _ONVIF_PATH)


async def ws_discovery(wire: Wire, port: int) -> Facts:
    """Send one WS-Discovery Probe to the device itself; where its device service lies elsewhere, the calls are asked there."""
    data = await wire.udp(port, ws_question())
    said = tuple(discovery.ws_discovery(data))
    found = discovery.service(data, wire.target.address)
    usual = {(door.port, _ONVIF_PATH) for door in (Door(port=shipped().port("onvif", wire.target)), _secure(wire))}
    if found is None or (_door(found, wire).port, found.path) in usual:
        return said
    return said + await _onvif(wire, (_door(found, wire),), found.path)


async def ssdp(wire: Wire, port: int) -> Facts:
    """Send one M-SEARCH to the device itself and read the description it points to, on the same host only."""
    data = await wire.udp(port, ssdp_question(wire.target.address, port))
    said = tuple(discovery.ssdp(data))
    found = discovery.ssdp_location(data, wire.target.address)
    response = await _further(wire, _door(found, wire), found.path) if found is not None else None
    return said + (tuple(discovery.description(response, found.path)) if found and response is not None else ())


async def sadp(wire: Wire, port: int) -> Facts:
    """Send one SADP inquiry to the device itself."""
    return tuple(discovery.sadp(await wire.udp(port, sadp_question())))


async def dhip(wire: Wire, port: int) -> Facts:
    """Send one DHIP search to the device itself: a header of 32 octets, then JSON."""
    return tuple(discovery.dhip(await wire.udp(port, dhip_question())))


async def dahua_5050(wire: Wire, port: int) -> Facts:
    """Send one search of the older protocol to the device itself: 32 octets that open with 0xa3."""
    ask = bytes((0xA3, 1, 0, 1)).ljust(16, b"\0") + b"\x02".ljust(16, b"\0")
    return tuple(discovery.dahua_5050(await wire.udp(port, ask)))


PROBES: dict[str, Probe] = {
    "ssh": ssh,
    "telnet": telnet,
    "ftp": ftp,
    "http": http,
    "https": https,
    "rtsp": rtsp,
    "onvif": onvif,
    "ws-discovery": ws_discovery,
    "ssdp": ssdp,
    "sadp": sadp,
    "dhip": dhip,
    "dahua-5050": dahua_5050,
}


async def _onvif(wire: Wire, doors: tuple[Door, ...], path: str) -> Facts:
    said: list[Fact] = []
    for call in _ONVIF_CALLS:
        door, response = await wire.either(doors, path, body=_SOAP.format(call=call))
        found = tuple(web.onvif(response)) if response is not None else ()
        if door is None or not found:
            break
        doors = (door,)
        said += found
    return tuple(said)


async def _web(wire: Wire, door: Door) -> Facts:
    response = await wire.http(door, "/")
    if response is None:
        return _certified(wire, door)
    said, step, path = list(web.page(response, "/")), response, "/"
    for _hop in range(_REDIRECTS):
        leads = web.redirect(step, wire.target.address)
        further = await _further(wire, _door(leads, wire, door), leads.path) if leads is not None else None
        if leads is None or further is None:
            break
        door, step, path = _door(leads, wire, door), further, leads.path
        said += web.page(further, path)
    said += await _icon(wire, door, web.icon(step, path, wire.target.address))
    reason = "\n".join([response.header("server"), response.header("location"), response.text, step.text])
    for page in shipped().pages:
        if page.path != path and page.after.search(reason[: web.BODY_CAP]):
            further = await _further(wire, door, page.path)
            said += web.page(further, page.path) if further is not None and further.status == _OK else ()
    return (*_certified(wire, door), *dict.fromkeys(said))


async def _icon(wire: Wire, door: Door, named: web.Destination | None) -> Facts:
    """Read the icon at its usual path, or where there is none the one a page names."""
    for place in dict.fromkeys((_ICON, named)):
        found = await _further(wire, _door(place, wire, door), place.path) if place is not None else None
        if place is not None and found is not None and (said := tuple(web.favicon(found, place.path))):
            return said
    return ()


async def _further(wire: Wire, door: Door, path: str) -> web.Response | None:
    """Return a page a device pointed to, or nothing where it is not to be had: what was read before stays read."""
    try:
        return await wire.http(door, path)
    except (OSError, EOFError, ForbiddenPortError):
        return None


def _door(place: web.Destination, wire: Wire, here: Door | None = None) -> Door:
    """Return the server a place lies at; a scheme's usual port is where this target has it."""
    if place.tls is None and here is not None:
        return here
    secure = bool(place.tls)
    return Door(port=place.port or shipped().port("https" if secure else "http", wire.target), tls=secure)


def _secure(wire: Wire) -> Door:
    return Door(port=shipped().port("https", wire.target), tls=True)


def _certified(wire: Wire, door: Door) -> Facts:
    """Return the names in the certificate a server has shown."""
    shown = wire.certificates.get(door.port, {})
    return tuple(Fact(kind=kind, value=value, where=f"tcp/{door.port}") for kind, value in shown.items() if value)


def _said(kind: Kind, value: str, where: str) -> Facts:
    return (Fact(kind=kind, value=value, where=where),) if value else ()


def _without_options(data: bytes) -> bytes:
    """Return Telnet text without its IAC sequences (RFC 854); an unfinished one at the end is dropped."""
    out, index = bytearray(), 0
    while index < len(data):
        if data[index] != 255:  # noqa: PLR2004 - IAC, RFC 854
            out.append(data[index])
            index += 1
        elif data[index + 1 : index + 2] == b"\xfa":
            end = data.find(b"\xff\xf0", index)
            index = len(data) if end < 0 else end + 2
        else:
            index += 3 if data[index + 1 : index + 2] in {b"\xfb", b"\xfc", b"\xfd", b"\xfe"} else 2
    return bytes(out)
