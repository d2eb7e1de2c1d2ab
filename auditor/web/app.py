"""The application: routes, who may ask, how a failure reads; every request passes the guard."""

from collections.abc import Mapping
from importlib import resources
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse

from auditor.errors import AuditorError
from auditor.normal import one_line
from auditor.version import VERSION
from auditor.web import api, pages
from auditor.web.door import EnterFirstError, Reader
from auditor.web.guard import App, Guard
from auditor.web.rendering import bare
from auditor.web.visitors import Doorkeeper, DoorRules, TooManyTriesError

API = "/api/"
STATIC = {"web.css": "text/css", "web.js": "text/javascript", "page.css": "text/css", "icon.svg": "image/svg+xml"}


def application(rules: DoorRules, hosts: frozenset[str], *, tls: bool) -> App:
    """Return the ASGI application over a store, for the names a browser may call it by."""
    app = FastAPI(
        title="auditor", version=VERSION, docs_url=None, redoc_url=None, openapi_url=None,
        description="Which gear Huawei, ZTE, Hikvision, Dahua or Hytera made, where it is plugged in, what is done.",
        exception_handlers={
            AuditorError: _refuse, EnterFirstError: _unknown, HTTPException: _forbidden,
            RequestValidationError: _invalid, TooManyTriesError: _too_many,
        },
    )  # fmt: skip
    app.state.gate, app.state.store, app.state.tls = Doorkeeper(rules), rules.store, tls
    app.include_router(api.router())
    app.include_router(pages.router())
    app.add_api_route("/metrics", api.show_metrics, response_class=Response, responses=dict(api.PROBLEMS))
    app.add_api_route("/api/v1/openapi.json", _openapi, include_in_schema=False)
    app.add_api_route("/static/{name}", _static, include_in_schema=False)
    return Guard(app, hosts, tls=tls)


def _openapi(request: Request, _visitor: Reader) -> JSONResponse:
    """Describe the interface as OpenAPI 3.1."""
    return JSONResponse(request.app.openapi())


def _static(name: str) -> Response:
    """Give out a style sheet, the script or the icon; there are no other files."""
    if name not in STATIC:
        return Response("there is no such file\n", 404, media_type="text/plain")
    room = "auditor.report" if name == "page.css" else "auditor.web"
    folder = "templates" if name == "page.css" else "static"
    content = resources.files(room).joinpath(folder, name).read_bytes()
    return Response(content, media_type=STATIC[name], headers={"cache-control": "max-age=300"})


def _is_program(request: Request) -> bool:
    """Tell whether a program asks, and no person with a browser."""
    return request.url.path.startswith(API) or request.url.path == "/metrics"


def _answer(request: Request, status: int, words: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return a failure as the one who asked can read it."""
    if _is_program(request):
        return JSONResponse({"detail": words}, status, headers=dict(headers or {}))
    return bare("failure.html", status, headers, status=status, words=words, here=request.url.path)


async def _refuse(request: Request, exc: Exception) -> Response:
    return _answer(request, 400, one_line(str(exc), 1000))


async def _unknown(request: Request, _exc: Exception) -> Response:
    if _is_program(request):
        return _answer(request, 401, "a token is needed: Authorization: Bearer …", {"www-authenticate": "Bearer"})
    return RedirectResponse("/enter", 303)


async def _forbidden(request: Request, exc: Exception) -> Response:
    status: int = getattr(exc, "status_code", 500)
    return _answer(request, status, str(getattr(exc, "detail", "")), getattr(exc, "headers", None))


async def _too_many(request: Request, exc: Exception) -> Response:
    return _answer(request, 429, str(exc), {"retry-after": str(getattr(exc, "seconds", 60))})


async def _invalid(request: Request, exc: Exception) -> Response:
    errors: Any = getattr(exc, "errors", list)()
    if request.url.path.startswith(API):
        problems = [{key: one[key] for key in ("loc", "msg", "type")} for one in errors]
        return JSONResponse({"detail": problems}, 422)
    return _answer(request, 422, "; ".join(f"{one['loc'][-1]}: {one['msg']}" for one in errors))
