"""Templates to pages: all is escaped; text of a device is one line that steers nothing."""

from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse

from auditor.normal import one_line
from auditor.run.browse import look_of_pages
from auditor.web.door import gate_of
from auditor.web.visitors import Visitor

CAP = 4000
MESSAGE = 300
PLACES = (
    ("/", "Overview"), ("/sites", "Sites"), ("/devices", "Devices"), ("/findings", "Findings"), ("/due", "Due"),
    ("/unread", "Unread"), ("/removals", "Removals"), ("/topology", "Topology"), ("/runs", "Runs"),
)  # fmt: skip


def page(request: Request, visitor: Visitor, name: str, /, **words: Any) -> HTMLResponse:
    """Return a page for a visitor; one with a `list` gets the address of what follows."""
    after = getattr(words.get("list"), "next", None)
    own = {**request.query_params, "after": after}
    usual = {
        "visitor": visitor, "places": PLACES, "here": request.url.path, "csrf": gate_of(request).form_token(visitor),
        "message": request.query_params.get("done", "")[:MESSAGE],
        "next_url": f"{request.url.path}?{_query(own)}" if after else "",
    }  # fmt: skip
    return HTMLResponse(_templates().get_template(name).render({**usual, **words}))


def bare(name: str, status: int = 200, headers: Mapping[str, str] | None = None, /, **words: Any) -> HTMLResponse:
    """Return a page that says nothing of the store, for whoever asks."""
    return HTMLResponse(_templates().get_template(name).render(words), status, headers=dict(headers or {}))


@cache
def _templates() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    env = Environment(
        loader=PackageLoader("auditor.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, finalize=_plain,
    )  # fmt: skip
    env.filters["maker"] = lambda word: look_of_pages().name(word)
    env.filters["asks"] = lambda word: look_of_pages().asks(word)
    env.filters["query"] = _query
    return env


def _query(words: Mapping[str, Any]) -> str:
    """Return what of some words is said, as the query of an address."""
    query = {name: value for name, value in words.items() if value and name != "done"}
    return urlencode(query, errors="replace")


def _plain(value: object) -> object:
    return one_line(value, CAP) if type(value) is str else value
