"""Who stands before a route: the visitor, what their role may, whether a form is theirs."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPBearer

from auditor.web.guard import SAFE
from auditor.web.visitors import COOKIE, Doorkeeper, Peer, Visitor

FORM_TOKEN = "csrf"  # noqa: S105 - the name of a field
HEADER = "x-csrf-token"
# Says in the OpenAPI document that a token may come with a request; who it is of, the gate tells.
_BEARER = HTTPBearer(auto_error=False, description="A token of `auditor serve token add`.")


class EnterFirstError(Exception):
    """Nobody is known to be asking."""


def peer_of(request: Request) -> Peer:
    """Return where a request comes from."""
    address = request.client.host if request.client else ""
    return Peer(address=address, headers=request.headers, cookie=request.cookies.get(COOKIE, ""))


def gate_of(request: Request) -> Doorkeeper:
    """Return the gate of the server a request came to."""
    gate: Doorkeeper = request.app.state.gate
    return gate


def needs(role: str) -> Callable[[Request, object], Awaitable[Visitor]]:
    """Return what lets a request through whose visitor may do what a role may."""

    async def visitor_of(request: Request, _token: Annotated[object, Depends(_BEARER)]) -> Visitor:
        from starlette.concurrency import run_in_threadpool

        gate = gate_of(request)
        visitor: Visitor | None = await run_in_threadpool(gate.visitor, peer_of(request))
        if visitor is None:
            raise EnterFirstError
        if request.method not in SAFE and not gate.is_own_form(visitor, await _form_token(request)):
            raise HTTPException(403, "the form is too old, or another page sent it; open it anew")
        if not visitor.may(role):
            raise HTTPException(403, f"the role {visitor.role} may not do this; it takes {role}")
        return visitor

    return visitor_of


async def _form_token(request: Request) -> str:
    """Return the token a form brings back, or a script's header."""
    if (own := request.headers.get(HEADER)) is not None:
        return str(own)
    kind = request.headers.get("content-type", "")
    if not kind.startswith(("multipart/form-data", "application/x-www-form-urlencoded")):
        return ""
    value = (await request.form()).get(FORM_TOKEN, "")
    return value if isinstance(value, str) else ""


Reader = Annotated[Visitor, Depends(needs("reader"))]
Field = Annotated[Visitor, Depends(needs("field"))]
Officer = Annotated[Visitor, Depends(needs("officer"))]
Admin = Annotated[Visitor, Depends(needs("admin"))]
