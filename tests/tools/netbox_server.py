"""A NetBox of the tests' own: the lists we write, with its required fields, uniqueness and errors.

After the REST API of NetBox 4.7: pages with `count` and `next`, foreign keys by id answered as objects, lists in one
request made whole or not at all, errors by field, custom fields that have to exist, tags by name.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.tools.loopback import QuietHandler, serving

TOKEN = "0123456789abcdef0123456789abcdef01234567"
Entry = dict[str, Any]
# List → fields that must be there, sets of fields nobody else may have alike, foreign keys and their lists.
LISTS: dict[str, tuple[tuple[str, ...], tuple[tuple[str, ...], ...], dict[str, str]]] = {
    "extras/custom-fields": (("name", "type", "object_types"), (("name",),), {}),
    "extras/tags": (("name", "slug"), (("name",), ("slug",)), {}),
    "dcim/sites": (("name", "slug"), (("name",), ("slug",)), {}),
    "dcim/manufacturers": (("name", "slug"), (("name",), ("slug",)), {}),
    "dcim/device-roles": (("name", "slug"), (("name",), ("slug",)), {}),
    "dcim/device-types": (
        ("manufacturer", "model", "slug"),
        (("manufacturer", "model"), ("manufacturer", "slug")),
        {"manufacturer": "dcim/manufacturers"},
    ),
    "dcim/devices": (
        ("role", "device_type", "site"),
        (("name", "site"), ("asset_tag",)),
        {"role": "dcim/device-roles", "device_type": "dcim/device-types", "site": "dcim/sites"}
        | dict.fromkeys(("primary_ip4", "primary_ip6"), "ipam/ip-addresses"),
    ),
    "dcim/interfaces": (
        ("device", "name", "type"),
        (("device", "name"),),
        {"device": "dcim/devices", "primary_mac_address": "dcim/mac-addresses"},
    ),
    "dcim/mac-addresses": (("mac_address",), (), {}),
    "ipam/ip-addresses": (("address",), (("address",),), {}),
    "dcim/inventory-items": (
        ("device", "name"),
        (("device", "name"),),
        {"device": "dcim/devices", "manufacturer": "dcim/manufacturers"},
    ),
}
SLUG = re.compile(r"[-a-zA-Z0-9_]{1,100}\Z")
CAPS = {"name": 100, "serial": 50, "part_id": 50, "description": 200}
BRIEF = {"id", "name", "slug", "model", "address", "mac_address", "manufacturer", "device"}
OF_DEVICES = {"dcim.device": "dcim/devices", "dcim.inventoryitem": "dcim/inventory-items"}


class RefusalError(Exception):
    """What NetBox answers with status 400."""


@dataclass
class NetBoxTables:
    """What the server holds, by list, and every request that came: method and path."""

    url: str = ""
    version: str = "4.7.3"
    token: str = f"Token {TOKEN}"
    lists: dict[str, list[Entry]] = field(default_factory=lambda: {name: [] for name in LISTS})
    requests: list[tuple[str, str]] = field(default_factory=list)
    # Whom a rule of the house (CUSTOM_VALIDATORS) refuses, by name.
    veto: str = ""
    # The answer to anything, instead of what NetBox would say: status, headers, body.
    instead: tuple[int, dict[str, str], bytes] | None = None

    def add(self, path: str, body: Entry) -> Entry:
        """Make one entry, as a person at the pages would."""
        entry = self._checked(path, body, None)
        self.lists[path].append(entry)
        return self.shown(path, entry)

    def rows(self, path: str) -> list[Entry]:
        """Return a list as it is answered."""
        return [self.shown(path, one) for one in self.lists[path]]

    def writes(self) -> list[tuple[str, str]]:
        """Return the requests that were to change anything."""
        return [one for one in self.requests if one[0] != "GET"]

    def shown(self, path: str, entry: Entry, depth: int = 2) -> Entry:
        """Return an entry as it is answered: what it refers to as objects, and those in brief."""
        out = {name: value for name, value in deepcopy(entry).items() if depth or name in BRIEF}
        for name, other in LISTS[path][2].items():
            if name in out and isinstance(entry[name], int):
                out[name] = self.shown(other, self._find(other, entry[name]), max(depth - 1, 0))
        if depth and entry.get("assigned_object_id"):
            port = self._find("dcim/interfaces", entry["assigned_object_id"])
            out["assigned_object"] = self.shown("dcim/interfaces", port, depth - 1)
        if depth and path in OF_DEVICES.values():
            names = [one["name"] for one in self.lists["extras/custom-fields"]]
            out["custom_fields"] = dict.fromkeys(names) | entry.get("custom_fields", {})
        if "status" in out:
            out["status"] = {"value": out["status"], "label": out["status"].capitalize()}
        return out

    def change(self, method: str, path: str, number: int | None, body: Any) -> Any:
        """Make or change what a request asks for; of a list all or nothing."""
        if number is not None:
            return self._patch(path, {**body, "id": number})
        before, made, errors = deepcopy(self.lists), [], []
        for one in body if isinstance(body, list) else [body]:
            try:
                made.append(self.add(path, one) if method == "POST" else self._patch(path, one))
                errors.append({})
            except RefusalError as exc:
                errors.append(exc.args[0])
        if any(errors):
            self.lists = before
            raise RefusalError(errors if isinstance(body, list) else errors[0])
        return made if isinstance(body, list) else made[0]

    def _patch(self, path: str, patch: Entry) -> Entry:
        old = self._find(path, patch["id"])
        fields = {name: value for name, value in patch.items() if name != "id"}
        fields |= {"custom_fields": {**old.get("custom_fields", {}), **fields.get("custom_fields", {})}}
        entry = self._checked(path, {**old, **fields}, old)
        self.lists[path][self.lists[path].index(old)] = entry
        return self.shown(path, entry)

    def _checked(self, path: str, body: Entry, old: Entry | None) -> Entry:
        required, unique, keys = LISTS[path]
        errors: dict[str, list[str]] = {name: ["This field is required."] for name in required if name not in body}
        errors |= {
            name: [f"Ensure this field has no more than {cap} characters."]
            for name, cap in CAPS.items()
            if len(str(body.get(name) or "")) > (64 if (path, name) == ("dcim/devices", "name") else cap)
        }
        if "slug" in body and not SLUG.match(body["slug"]):
            errors["slug"] = ["Enter a valid slug."]
        for name, other in keys.items():
            if isinstance(body.get(name), int) and not any(one["id"] == body[name] for one in self.lists[other]):
                errors[name] = [f"Related object not found using the provided numeric ID: {body[name]}"]
        for name in set(body.get("custom_fields", {})) - {one["name"] for one in self.lists["extras/custom-fields"]}:
            errors["custom_fields"] = [f"Unknown field name '{name}' in custom field data."]
        for tag in body.get("tags", ()):
            if not any(one["slug"] == tag["slug"] for one in self.lists["extras/tags"]):
                errors["tags"] = [f"Related object not found using the provided attributes: {tag}"]
        for fields in unique:
            if self._is_taken(path, fields, body, old):
                errors["__all__"] = [f"{path} with this {' and '.join(fields)} already exists."]
        errors |= self._of_device(body, old) if path == "dcim/devices" else {}
        if errors:
            raise RefusalError(errors)
        number = old["id"] if old else 1 + max((one["id"] for rows in self.lists.values() for one in rows), default=0)
        return {**deepcopy(body), "id": number}

    def _of_device(self, body: Entry, old: Entry | None) -> Entry:
        """Return what is wrong with a device beyond its fields: a primary address has to be its own."""
        if self.veto and body.get("name") == self.veto:
            return {"name": ["Names follow the rule of the house."]}
        for name in ("primary_ip4", "primary_ip6"):
            if isinstance(body.get(name), int):
                address = self._find("ipam/ip-addresses", body[name])
                port = next(
                    (one for one in self.lists["dcim/interfaces"] if one["id"] == address.get("assigned_object_id")), {}
                )
                if old is None or port.get("device") != old["id"]:
                    return {name: [f"The specified IP address ({address['address']}) is not assigned to this device."]}
        return {}

    def _is_taken(self, path: str, fields: tuple[str, ...], body: Entry, old: Entry | None) -> bool:
        mine = [str(body.get(name) or "").casefold() for name in fields]
        others = (one for one in self.lists[path] if one is not old)
        return mine[0] != "" and any([str(one.get(name) or "").casefold() for name in fields] == mine for one in others)

    def _find(self, path: str, number: int) -> Entry:
        return next(one for one in self.lists[path] if one["id"] == number)

    def page(self, path: str, query: dict[str, list[str]]) -> Entry:
        """Return one page of a list."""
        rows = self.rows(path)
        for key, values in query.items():
            if key == "device_id":
                rows = [one for one in rows if str(one["device"]["id"]) in values]
            elif key == "address":
                rows = [one for one in rows if one["address"].partition("/")[0] in values]
            elif key in {"name", "slug"}:
                rows = [one for one in rows if one[key] in values]
        start, most = int(query.get("offset", ["0"])[0]), min(int(query.get("limit", ["50"])[0]), 4)
        # `next` names a server nobody may follow; pages are small, so that there are several.
        after = f"http://192.0.2.1/api/{path}/?offset={start + most}" if start + most < len(rows) else None
        return {"count": len(rows), "next": after, "previous": None, "results": rows[start : start + most]}


class Handler(QuietHandler):
    """Answers one request out of the tables of its server."""

    protocol_version = "HTTP/1.1"
    tables: NetBoxTables

    def do_GET(self) -> None:  # noqa: N802 - http.server calls it so
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts, tables = urlsplit(self.path), self.tables
        tables.requests.append((self.command, parts.path))
        if tables.instead is not None:
            self.answer(*tables.instead)
        elif self.headers.get("Authorization") != tables.token:
            self.reply(403, {"detail": "Invalid v1 token"})
        elif parts.path == "/api/status/":
            self.reply(200, {"netbox-version": tables.version})
        else:
            self.reply(*self.result(parts.path, parse_qs(parts.query), json.loads(raw) if raw else None))

    do_POST = do_PATCH = do_GET  # noqa: N815 - the same

    def result(self, path: str, query: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        """Return the status and the document for one request."""
        found = re.fullmatch(r"/api/(\w+/[\w-]+)/(?:(\d+)/)?", path)
        if not found or found[1] not in LISTS:
            return 404, {"detail": "Not found."}
        if self.command == "GET":
            return 200, self.tables.page(found[1], query)
        try:
            made = self.tables.change(self.command, found[1], int(found[2]) if found[2] else None, body)
        except RefusalError as exc:
            return 400, exc.args[0]
        return (201 if self.command == "POST" else 200), made

    def reply(self, status: int, document: Any) -> None:
        """Answer with a document."""
        self.answer(status, {"Content-Type": "application/json"}, json.dumps(document).encode())

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """Answer with octets."""
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def netbox_server() -> Iterator[NetBoxTables]:
    """Serve an empty NetBox on loopback while the block runs."""
    tables = NetBoxTables()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OwnHandler", (Handler,), {"tables": tables}))
    with serving(server) as tables.url:
        yield tables
