"""WS-Discovery (April 2005, UDP 3702): cameras answer a Probe with their scopes."""

import uuid

from auditor.collect.probe import onvif
from auditor.collect.probe.base import Facts, Search, Visit
from auditor.parse import discovery
from auditor.parse.services import port

_PROBE = (
    '<?xml version="1.0" encoding="utf-8"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
    ' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"'
    ' xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><e:Header><w:MessageID>uuid:{id}</w:MessageID>'
    '<w:To e:mustUnderstand="true">urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>'
    '<w:Action e:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action></e:Header>'
    "<e:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></e:Body></e:Envelope>"
)


def _question(_address: str, _port: int) -> bytes:
    """Return a Probe for network video transmitters."""
    return _PROBE.format(id=uuid.uuid4()).encode()


async def _service(visit: Visit, data: bytes) -> Facts:
    """Ask the device service an answer points to, where the `onvif` probe would not find it."""
    place = discovery.service(data, visit.wire.target.address)
    doors = onvif.usual_doors(visit.wire, port("onvif", visit.wire.target))
    if place is None or (visit.wire.door(place).port, place.path) in {(door.port, onvif.PATH) for door in doors}:
        return ()
    return await onvif.calls(visit.wire, (visit.wire.door(place),), place.path)


SEARCH = Search(question=_question, read=discovery.ws_discovery, further=_service)
