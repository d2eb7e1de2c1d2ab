"""The REST interface: JSON under /api/v1, the same questions as the pages ask."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile

from auditor.errors import UsageError
from auditor.run.browse import RunUnderWay, device_page, history_cells, site_topology, under_way
from auditor.store.media import SUFFIXES
from auditor.web import answers
from auditor.web.acts import Acts, Upload
from auditor.web.door import Admin, Field, Officer, Reader
from auditor.web.lists import Lists
from auditor.web.metrics import metrics

# What any route may answer beside its own: said in the OpenAPI document, so that nobody is surprised.
PROBLEMS: Mapping[int | str, dict[str, Any]] = {
    400: {"description": "What was asked for is not there, or may not be done."},
    401: {"description": "No token, or none that is known."},
    403: {"description": "The role may not do this, or another page sent it."},
    413: {"description": "The request is too large."},
    429: {"description": "Too many wrong tokens from this address."},
}
FILE_KINDS = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in SUFFIXES}


@dataclass(frozen=True, slots=True)
class Route:
    """One route: how it is asked for, what answers it, what an answer looks like."""

    method: str
    path: str
    answer: Callable[..., Any]
    model: Any = None
    more: Mapping[str, Any] | None = None


def lists_of(request: Request) -> Lists:
    """Return the lists of the server a request came to."""
    return Lists(request.app.state.store)


def acts_of(request: Request) -> Acts:
    """Return what can be changed at the server a request came to."""
    return Acts(request.app.state.store)


AllLists = Annotated[Lists, Depends(lists_of)]
AllActs = Annotated[Acts, Depends(acts_of)]


def sites(visitor: Reader, lists: AllLists) -> answers.SiteList:
    """List every site with its counts."""
    return lists.sites(visitor)


def runs(visitor: Reader, lists: AllLists, ask: Annotated[answers.SiteAsk, Depends()]) -> answers.RunList:
    """List what runs did at sites, the newest first."""
    return lists.runs(visitor, ask)


def live(visitor: Reader, lists: AllLists) -> list[RunUnderWay]:
    """List the runs that read now, and how far each is."""
    return list(under_way(lists.store, visitor.scope))


def events(run: str, visitor: Reader, lists: AllLists, ask: Annotated[answers.SiteAsk, Depends()]) -> answers.EventList:
    """List what a run told of devices."""
    return lists.events(visitor, run, ask)


def devices(visitor: Reader, lists: AllLists, ask: Annotated[answers.DeviceAsk, Depends()]) -> answers.DeviceList:
    """List devices as they were last seen."""
    return lists.devices(visitor, ask)


def device(device: answers.Number, visitor: Reader, lists: AllLists) -> dict[str, Any]:
    """Show all that is kept of a device: where it was, what is found and why, steps, files."""
    return dict(history_cells(device_page(device, lists.store, visitor.scope)))


def findings(visitor: Reader, lists: AllLists, ask: Annotated[answers.FindingAsk, Depends()]) -> answers.FindingList:
    """List findings as they were last seen."""
    return lists.findings(visitor, ask)


def unread(visitor: Reader, lists: AllLists, ask: Annotated[answers.SiteAsk, Depends()]) -> answers.UnreadList:
    """List what the newest run of each site could not read."""
    return lists.unread(visitor, ask)


def due(visitor: Reader, lists: AllLists, site: answers.Text = "") -> answers.DueList:
    """List what laws ask by which day."""
    return lists.due(visitor, site)


def topology(visitor: Reader, lists: AllLists, ask: Annotated[answers.TopologyAsk, Depends()]) -> dict[str, Any]:
    """Show who carries whom at a site, as `auditor topology -f json` does."""
    return dict(site_topology(ask.site, ask.start, ask.hops, lists.store, visitor.scope).document)


def board(visitor: Reader, lists: AllLists, ask: Annotated[answers.BoardAsk, Depends()]) -> answers.BoardList:
    """List the devices to be removed, and where each removal stands."""
    return lists.board(visitor, ask)


def note_step(device: answers.Number, step: answers.StepNote, visitor: Field, acts: AllActs) -> answers.Done:
    """Note a step of a device's removal."""
    return answers.Done(lines=acts.note_step(visitor, device, step))


@dataclass(frozen=True, slots=True)
class UploadForm:
    """What comes with a file: the step it proves, what it is, a note."""

    step: Annotated[str, Form(max_length=40)] = ""
    sort: Annotated[str, Form(max_length=40)] = ""
    note: Annotated[str, Form(max_length=400)] = ""


def attach(
    device: answers.Number,
    file: Annotated[UploadFile, File(description="A JPEG, a PNG or a PDF.")],
    form: Annotated[UploadForm, Depends()],
    visitor: Field,
    acts: AllActs,
) -> answers.Done:
    """Attach a photograph or a certificate to a device."""
    upload = Upload(
        name=file.filename or "", content=file.file.read(), step=form.step, sort=form.sort, note=form.note
    )  # fmt: skip
    return answers.Done(lines=acts.attach(visitor, device, upload))


def file(device: answers.Number, digest: answers.Digest, visitor: Reader, acts: AllActs) -> Response:
    """Give back a file attached to a device, by its SHA-256."""
    one, content = acts.file(visitor, device, digest)
    headers = {
        "content-disposition": f'inline; filename="{one.sha256[:12]}{SUFFIXES.get(one.type, "")}"',
        "content-security-policy": "default-src 'none'; sandbox",
    }
    return Response(content, media_type=one.type, headers=headers)


def set_aside(device: answers.Number, waiver: answers.WaiverNote, visitor: Officer, acts: AllActs) -> answers.Done:
    """Set a device, or one finding on it, aside until a day."""
    return answers.Done(lines=[acts.set_aside(visitor, device, waiver)])


def tokens(visitor: Admin, lists: AllLists) -> answers.TokenList:
    """List the tokens."""
    return lists.tokens(visitor)


def give_token(token: answers.TokenNote, visitor: Admin, acts: AllActs) -> answers.Secret:
    """Give somebody a token; its secret is shown this once."""
    return answers.Secret(token=acts.give_token(visitor, token))


def revoke_token(number: answers.Row, visitor: Admin, acts: AllActs) -> answers.Done:
    """Take a token back."""
    return answers.Done(lines=[acts.revoke_token(visitor, number)])


def show_metrics(visitor: Reader, lists: AllLists) -> Response:
    """Write counts of the whole store for Prometheus."""
    if visitor.scope.sites is not None:
        raise UsageError("counts of all sites are for whoever may see all of them", where="metrics")
    return Response(metrics(lists.store), media_type="text/plain; version=0.0.4; charset=utf-8")


ROUTES = (
    Route("GET", "/sites", sites, answers.SiteList),
    Route("GET", "/runs", runs, answers.RunList),
    Route("GET", "/runs/live", live, list[RunUnderWay]),
    Route("GET", "/runs/{run}/events", events, answers.EventList),
    Route("GET", "/devices", devices, answers.DeviceList),
    Route("GET", "/devices/{device}", device, dict[str, Any]),
    Route("GET", "/findings", findings, answers.FindingList),
    Route("GET", "/unread", unread, answers.UnreadList),
    Route("GET", "/due", due, answers.DueList),
    Route("GET", "/topology", topology, dict[str, Any]),
    Route("GET", "/removals", board, answers.BoardList),
    Route("POST", "/devices/{device}/steps", note_step, answers.Done),
    Route("POST", "/devices/{device}/files", attach, answers.Done),
    Route("GET", "/devices/{device}/files/{digest}", file, None, {"responses": {200: {"content": FILE_KINDS}}}),
    Route("POST", "/devices/{device}/waivers", set_aside, answers.Done),
    Route("GET", "/tokens", tokens, answers.TokenList),
    Route("POST", "/tokens", give_token, answers.Secret),
    Route("DELETE", "/tokens/{number}", revoke_token, answers.Done),
)


def router() -> APIRouter:
    """Return the routes under /api/v1."""
    own = APIRouter(prefix="/api/v1")
    for route in ROUTES:
        more = dict(route.more or {})
        problems = {**PROBLEMS, **more.pop("responses", {})}
        kind = {"response_class": Response} if route.model is None else {"response_model": route.model}
        own.add_api_route(
            route.path, route.answer, methods=[route.method], responses=problems, tags=["auditor"], **kind, **more
        )
    return own
