"""NetBox's REST API: pages read, entries written in batches, and what was done of each."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from auditor.books.web import Query, Server
from auditor.errors import ServiceError

PAGE, BATCH = 500, 50
# MAC addresses are entries of their own from this release on.
OLDEST = (4, 2)
CREATE, UPDATE, KEEP, REFUSE = "create", "update", "keep", "refuse"
Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class EntryChange:
    """One thing done, left to a person or refused: the sort of entry, its name, what of it."""

    action: str
    sort: str
    name: str
    detail: str = ""


@dataclass(slots=True)
class NetBox:
    """A NetBox; without `is_real` nothing is sent, and what would be is told of as if it were."""

    server: Server
    is_real: bool = False
    changes: list[EntryChange] = field(default_factory=list)
    _fake: int = 0

    def check(self) -> None:
        """Refuse what is no NetBox, and one too old."""
        document = self.server.get("/api/status/")
        version = str(document.get("netbox-version", "")) if isinstance(document, dict) else ""
        numbers = tuple(map(int, re.findall(r"\d+", version)[:2]))
        if not numbers:
            raise ServiceError("says no version of NetBox under /api/status/", where=self.server.url)
        if numbers < OLDEST:
            raise ServiceError(f"is NetBox {version}; 4.2 or newer is needed", where=self.server.url)

    def pages(self, path: str, query: Query | None = None) -> Iterator[Entry]:
        """Yield every entry of a list; pages are counted here, since `next` may name another server."""
        past: set[int] = set()
        while True:
            page = self.server.get(f"/api/{path}/", {**(query or {}), "limit": PAGE, "offset": len(past)})
            results = page.get("results") if isinstance(page, dict) else None
            if not isinstance(results, list):
                raise ServiceError("answers with no list of entries", where=f"{self.server.url}/api/{path}/")
            fresh = [one for one in results if isinstance(one, dict) and isinstance(one.get("id"), int)]
            fresh = [one for one in fresh if one["id"] not in past]
            past.update(one["id"] for one in fresh)
            yield from fresh
            if not fresh or not page.get("next"):
                return

    def select(self, path: str, key: str, values: Sequence[str | int], query: Query | None = None) -> Iterator[Entry]:
        """Yield the entries whose `key` is one of some values, but for entries not yet made."""
        real = [value for value in values if not isinstance(value, int) or value > 0]
        for start in range(0, len(real), BATCH):
            yield from self.pages(path, {**(query or {}), key: real[start : start + BATCH]})

    def create(self, path: str, bodies: Sequence[tuple[str, Entry]]) -> list[Entry | None]:
        """Create entries, each with the name it is told of by; one that is refused is None."""
        entries: list[Entry | None] = []
        for start in range(0, len(bodies), BATCH):
            entries += self._create(path, bodies[start : start + BATCH])
        return entries

    def update(self, path: str, patches: Sequence[tuple[str, Entry]]) -> None:
        """Change entries: each patch has the `id` of its entry and nothing that is to stay."""
        for name, patch in patches:
            self.changes.append(EntryChange(UPDATE, _sort(path), name, _words(patch)))
        for start in range(0, len(patches) if self.is_real else 0, BATCH):
            batch = patches[start : start + BATCH]
            answer = self.server.send("PATCH", f"/api/{path}/", [patch for _, patch in batch])
            if not answer.is_good:
                for name, patch in batch:
                    one = self.server.send("PATCH", f"/api/{path}/{patch['id']}/", patch)
                    if not one.is_good:
                        self.refuse(path, name, one.complaint)

    def keep(self, path: str, name: str, detail: str) -> None:
        """Note what is left to the person who wrote it."""
        self.changes.append(EntryChange(KEEP, _sort(path), name, detail))

    def refuse(self, path: str, name: str, detail: str) -> None:
        """Note what NetBox did not take; what was noted as done of it is taken back."""
        at = next((at for at, one in enumerate(self.changes) if (one.sort, one.name) == (_sort(path), name)), None)
        if at is not None and self.changes[at].action in {CREATE, UPDATE}:
            del self.changes[at]
        self.changes.append(EntryChange(REFUSE, _sort(path), name, detail))

    def _create(self, path: str, batch: Sequence[tuple[str, Entry]]) -> list[Entry | None]:
        self.changes += [EntryChange(CREATE, _sort(path), name) for name, _ in batch]
        if not self.is_real:
            return [self._made_up(body) for _, body in batch]
        answer = self.server.send("POST", f"/api/{path}/", [body for _, body in batch])
        if answer.is_good and isinstance(answer.document, list) and len(answer.document) == len(batch):
            return list(answer.document)
        return [self._create_one(path, name, body) for name, body in batch]

    def _create_one(self, path: str, name: str, body: Entry) -> Entry | None:
        """Create one entry of a batch that was refused as a whole."""
        answer = self.server.send("POST", f"/api/{path}/", body)
        if answer.is_good and isinstance(answer.document, dict):
            return answer.document
        self.refuse(path, name, answer.complaint)
        return None

    def _made_up(self, body: Entry) -> Entry:
        self._fake -= 1
        return {**body, "id": self._fake}


def _sort(path: str) -> str:
    """Return what entries of a list are called: `dcim/mac-addresses` → MAC address."""
    return SORTS[path]


def _words(patch: Mapping[str, Any]) -> str:
    fields = (f"{key} {value!r}" for key, value in patch.items() if key not in {"id", "custom_fields"})
    return ", ".join(fields) or "noted as ours"


SORTS = {
    "extras/custom-fields": "custom field",
    "extras/tags": "tag",
    "dcim/sites": "site",
    "dcim/manufacturers": "manufacturer",
    "dcim/device-roles": "device role",
    "dcim/device-types": "device type",
    "dcim/devices": "device",
    "dcim/interfaces": "interface",
    "dcim/mac-addresses": "MAC address",
    "ipam/ip-addresses": "IP address",
    "dcim/inventory-items": "inventory item",
}
