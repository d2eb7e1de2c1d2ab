"""The first page of a web server, what it leads to, its icon, its certificate."""

from auditor.collect.probe.base import Facts, Visit
from auditor.collect.probe.wire import ProbeWire, WebServer
from auditor.model import Fact
from auditor.parse import web
from auditor.parse.services import service_table

_REDIRECTS = 2
_OK = 200
_ICON = web.Destination(path="/favicon.ico")


async def ask(visit: Visit) -> Facts:
    """Read the first page, what it leads to on the same host, one icon, and pages with a reason."""
    return await _pages(visit.wire, WebServer(port=visit.port))


async def ask_tls(visit: Visit) -> Facts:
    """Do what `ask` does over TLS, and read subject and issuer of the certificate shown."""
    return await _pages(visit.wire, WebServer(port=visit.port, tls=True))


async def _pages(wire: ProbeWire, door: WebServer) -> Facts:
    response = await wire.http(door, "/")
    if response is None:
        return _certificate(wire, door)
    facts, step, path = list(web.page(response, "/")), response, "/"
    for _hop in range(_REDIRECTS):
        leads = web.redirect(step, wire.target.address)
        page = await wire.further(wire.door(leads, door), leads.path) if leads is not None else None
        if leads is None or page is None:
            break
        door, step, path = wire.door(leads, door), page, leads.path
        facts += web.page(page, path)
    facts += await _icon(wire, door, web.icon(step, path, wire.target.address))
    reason = "\n".join([response.header("server"), response.header("location"), response.text, step.text])
    for more in service_table().pages:
        if more.path != path and more.after.search(reason[: web.BODY_CAP]):
            page = await wire.further(door, more.path)
            facts += web.page(page, more.path) if page is not None and page.status == _OK else ()
    return (*_certificate(wire, door), *dict.fromkeys(facts))


async def _icon(wire: ProbeWire, door: WebServer, other: web.Destination | None) -> Facts:
    """Read the icon at its usual path, or where there is none the one a page names."""
    for place in dict.fromkeys((_ICON, other)):
        page = await wire.further(wire.door(place, door), place.path) if place is not None else None
        if place is not None and page is not None and (facts := tuple(web.favicon(page, place.path))):
            return facts
    return ()


def _certificate(wire: ProbeWire, door: WebServer) -> Facts:
    """Return the names in the certificate a server has shown."""
    names = wire.certificates.get(door.port, {})
    return tuple(Fact(kind=kind, value=value, where=f"tcp/{door.port}") for kind, value in names.items() if value)
