"""The pages: what the REST interface answers, for people; forms change what it changes."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse

from auditor.errors import AuditorError
from auditor.run.browse import SiteTopology, device_page, site_topology, under_way
from auditor.run.home import now
from auditor.run.removal import STATES
from auditor.store.media import SORTS
from auditor.store.tokens import ROLES
from auditor.web import answers
from auditor.web.api import AllActs, AllLists, UploadForm, acts_of, attach, note_step
from auditor.web.door import Admin, Field, Reader, gate_of, peer_of
from auditor.web.rendering import bare, page
from auditor.web.visitors import COOKIE, SESSION_S

FEW = 8


def overview(request: Request, visitor: Reader, lists: AllLists) -> Response:
    """Show what is known at a glance."""
    sites, today = lists.sites(visitor).items, now().date().isoformat()
    words = ("devices", "match", "no_match", "undetermined", "failures")
    counts = {word: sum(getattr(one, word) for one in sites) for word in words}
    dues = [one for one in lists.due(visitor, "").items if one.due >= today][:FEW]
    rows = lists.runs(visitor, answers.SiteAsk(limit=FEW)).items
    now_reading = under_way(lists.store, visitor.scope)
    return page(request, visitor, "overview.html", counts=counts, dues=dues, runs=rows, live=now_reading)


def live(request: Request, visitor: Reader, lists: AllLists) -> Response:
    """Show the runs that read now, for a page that asks again."""
    return page(request, visitor, "live.html", live=under_way(lists.store, visitor.scope))


def sites(request: Request, visitor: Reader, lists: AllLists) -> Response:
    """Show every site."""
    return page(request, visitor, "sites.html", sites=lists.sites(visitor).items)


def runs(request: Request, visitor: Reader, lists: AllLists, ask: Annotated[answers.SiteAsk, Depends()]) -> Response:
    """Show what runs did, and those under way."""
    rows, now = lists.runs(visitor, ask), under_way(lists.store, visitor.scope)
    return page(request, visitor, "runs.html", list=rows, ask=ask, live=now)


def run(
    run: str, request: Request, visitor: Reader, lists: AllLists, ask: Annotated[answers.SiteAsk, Depends()]
) -> Response:
    """Show what a run told of devices."""
    return page(request, visitor, "run.html", list=lists.events(visitor, run, ask), run=run)


def devices(
    request: Request, visitor: Reader, lists: AllLists, ask: Annotated[answers.DeviceAsk, Depends()]
) -> Response:
    """Show devices as they were last seen."""
    return page(request, visitor, "devices.html", list=lists.devices(visitor, ask), ask=ask)


def device(device: answers.Number, request: Request, visitor: Reader, lists: AllLists) -> Response:
    """Show one device: what is found and why, where it was, what was done."""
    own = device_page(device, lists.store, visitor.scope)
    return page(
        request, visitor, "device.html", device=own.history, notes=own.notes, files=own.files, states=STATES,
        sorts=SORTS,
    )  # fmt: skip


def findings(
    request: Request, visitor: Reader, lists: AllLists, ask: Annotated[answers.FindingAsk, Depends()]
) -> Response:
    """Show findings as they were last seen."""
    rows = lists.findings(visitor, ask)
    return page(request, visitor, "findings.html", list=rows, ask=ask, choices=lists.choices(visitor))


def unread(request: Request, visitor: Reader, lists: AllLists, ask: Annotated[answers.SiteAsk, Depends()]) -> Response:
    """Show what could not be read."""
    return page(request, visitor, "unread.html", list=lists.unread(visitor, ask), ask=ask)


def due(request: Request, visitor: Reader, lists: AllLists, site: answers.Text = "") -> Response:
    """Show what is due by which day."""
    return page(
        request, visitor, "due.html", dues=lists.due(visitor, site).items, site=site, today=now().date().isoformat()
    )


def topology(
    request: Request, visitor: Reader, lists: AllLists, ask: Annotated[answers.TopologyAsk, Depends()]
) -> Response:
    """Show who carries whom at a site; the first one where none is named."""
    sites = [one.site for one in lists.sites(visitor).items]
    site, own, problem = ask.site or next(iter(sites), ""), None, ""
    try:
        own = _topology(site, ask, lists.store, visitor.scope) if sites else None
    except AuditorError as exc:
        problem = str(exc)
    return page(request, visitor, "topology.html", sites=sites, site=site, ask=ask, own=own, problem=problem)


def _topology(site: str, ask: answers.TopologyAsk, store: str, scope: Any) -> SiteTopology:
    return site_topology(site, ask.start, ask.hops, store, scope)


def board(request: Request, visitor: Reader, lists: AllLists, ask: Annotated[answers.BoardAsk, Depends()]) -> Response:
    """Show where each removal stands."""
    return page(request, visitor, "removals.html", list=lists.board(visitor, ask), ask=ask, states=STATES)


def note_here(
    device: answers.Number, step: Annotated[answers.StepForm, Depends()], visitor: Field, acts: AllActs
) -> Response:
    """Note a step from a form."""
    return _back(device, note_step(device, step.note_of(), visitor, acts))


def attach_here(
    device: answers.Number,
    file: Annotated[UploadFile, File()],
    form: Annotated[UploadForm, Depends()],
    visitor: Field,
    acts: AllActs,
) -> Response:
    """Attach a file from a form."""
    return _back(device, attach(device, file, form, visitor, acts))


def _back(device: str, done: answers.Done) -> Response:
    words = urlencode({"done": "; ".join(done.lines)[:300]})
    return RedirectResponse(f"/devices/{device}?{words}#removal", 303)


def tokens(request: Request, visitor: Admin, lists: AllLists) -> Response:
    """Show who may ask."""
    return page(request, visitor, "tokens.html", tokens=lists.tokens(visitor).items, roles=ROLES, secret="", name="")


def give_here(
    request: Request, form: Annotated[answers.TokenForm, Depends()], visitor: Admin, lists: AllLists
) -> Response:
    """Give a token from a form, and show its secret this once."""
    secret = acts_of(request).give_token(visitor, form.note_of())
    rows = lists.tokens(visitor).items
    return page(request, visitor, "tokens.html", tokens=rows, roles=ROLES, secret=secret, name=form.name)


def revoke_here(number: answers.Row, visitor: Admin, acts: AllActs) -> Response:
    """Take a token back from a form."""
    return RedirectResponse(f"/tokens?{urlencode({'done': acts.revoke_token(visitor, number)})}", 303)


def door(token: answers.Text = "") -> Response:
    """Show the form that takes a token."""
    return bare("enter.html", token=token, problem="")


def enter(request: Request, token: Annotated[str, Form(max_length=200)] = "") -> Response:
    """Open a session for a token."""
    cookie = gate_of(request).enter(token.strip(), peer_of(request))
    if not cookie:
        return bare("enter.html", 403, token="", problem="This token is not known, or was used before.")
    answer = RedirectResponse("/", 303)
    tls = request.app.state.tls
    answer.set_cookie(COOKIE, cookie, max_age=SESSION_S, httponly=True, samesite="strict", secure=tls, path="/")
    return answer


def leave(request: Request, _visitor: Reader) -> Response:
    """End a session."""
    gate_of(request).sessions.close(request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/enter", 303)
    answer.delete_cookie(COOKIE, path="/")
    return answer


GET: Mapping[str, Callable[..., Any]] = {
    "/": overview, "/live": live, "/sites": sites, "/runs": runs, "/runs/{run}": run, "/devices": devices,
    "/devices/{device}": device, "/findings": findings, "/unread": unread, "/due": due, "/topology": topology,
    "/removals": board, "/tokens": tokens, "/enter": door,
}  # fmt: skip
POST: Mapping[str, Callable[..., Any]] = {
    "/devices/{device}/steps": note_here, "/devices/{device}/files": attach_here, "/tokens": give_here,
    "/tokens/{number}/revoke": revoke_here, "/enter": enter, "/leave": leave,
}  # fmt: skip


def router() -> APIRouter:
    """Return the routes of the pages; they are no part of the OpenAPI document."""
    own = APIRouter(include_in_schema=False)
    for method, routes in (("GET", GET), ("POST", POST)):
        for path, answer in routes.items():
            own.add_api_route(path, answer, methods=[method], response_class=HTMLResponse, response_model=None)
    return own
