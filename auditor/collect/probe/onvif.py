"""ONVIF's device service: three calls that need no login (access class PRE_AUTH)."""

from auditor.collect.probe.base import Facts, Visit
from auditor.collect.probe.wire import ProbeWire, WebServer
from auditor.model import Fact
from auditor.parse import web
from auditor.parse.services import port

PATH = "/onvif/device_service"
_CALLS = ("GetSystemDateAndTime", "GetScopes", "GetDeviceInformation")
_SOAP = (
    '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
    '<{call} xmlns="http://www.onvif.org/ver10/device/wsdl"/></s:Body></s:Envelope>'
)


async def ask(visit: Visit) -> Facts:
    """Ask the three calls; a server that does not know the first is not asked the others."""
    return await calls(visit.wire, usual_doors(visit.wire, visit.port), PATH)


def usual_doors(wire: ProbeWire, plain: int) -> tuple[WebServer, WebServer]:
    """Return where a device service usually is: at the port of the probe, or over TLS."""
    return WebServer(port=plain), WebServer(port=port("https", wire.target), tls=True)


async def calls(wire: ProbeWire, doors: tuple[WebServer, ...], path: str) -> Facts:
    """Ask a device service behind the first of some doors that has one."""
    facts: list[Fact] = []
    for call in _CALLS:
        door, response = await wire.either(doors, path, body=_SOAP.format(call=call))
        answer = tuple(web.onvif(response)) if response is not None else ()
        if door is None or not answer:
            break
        doors = (door,)
        facts += answer
    return tuple(facts)
