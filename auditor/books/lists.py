"""What inventories hold, fetched whole over their APIs, as `auditor import` takes it."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from auditor.books.netbox import NetBox
from auditor.books.web import Server
from auditor.errors import ServiceError

# NetBox's tokens of the second version say so by their beginning (NetBox 4.5).
BEARER = "nbt_"
Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ApiKind:
    """One sort of inventory: the header its token goes in, and how all its devices are fetched."""

    headers: Callable[[str], Headers]
    fetch: Callable[[Server, str, str], Any]


def netbox_headers(token: str) -> Headers:
    """Return the header a token of NetBox goes in, by its version."""
    return {"Authorization": f"{'Bearer' if token.startswith(BEARER) else 'Token'} {token}"}


def _netbox(server: Server, _user: str, _secret: str) -> Any:
    netbox = NetBox(server)
    netbox.check()
    devices = list(netbox.pages("dcim/devices", {"exclude": "config_context"}))
    return {"count": len(devices), "next": None, "results": devices}


def _librenms(server: Server, _user: str, _secret: str) -> Any:
    document = server.get("/api/v0/devices")
    devices = document.get("devices") if isinstance(document, dict) else None
    if not isinstance(devices, list):
        raise ServiceError("answers with no list of devices", where=f"{server.url}/api/v0/devices")
    return {"status": "ok", "count": len(devices), "devices": devices}


def _netdisco(server: Server, user: str, secret: str) -> Any:
    """Return the device search for everything, by a key that user and password fetch."""
    pair = base64.b64encode(f"{user}:{secret}".encode()).decode()
    answer = server.send("POST", "/login", headers={"Authorization": f"Basic {pair}"})
    key = answer.document.get("api_key") if answer.is_good and isinstance(answer.document, dict) else None
    if not isinstance(key, str) or not key.isprintable():
        raise ServiceError(f"gives no key of the API: {answer.complaint}", where=f"{server.url}/login")
    devices = server.get("/api/v1/search/device", {"q": "%"}, {"Authorization": key})
    if not isinstance(devices, list):
        raise ServiceError("answers with no list of devices", where=f"{server.url}/api/v1/search/device")
    return devices


KINDS: dict[str, ApiKind] = {
    "netbox": ApiKind(netbox_headers, _netbox),
    "librenms": ApiKind(lambda token: {"X-Auth-Token": token}, _librenms),
    "netdisco": ApiKind(lambda _password: {}, _netdisco),
}
