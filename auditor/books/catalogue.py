"""What NetBox's devices refer to: sites, manufacturers, roles, types; never changed."""

from collections.abc import Callable, Iterable, Sequence

from auditor.books.netbox import Entry, NetBox
from auditor.report.records import GREY, DeviceRecord, manufacturers, slug, unique_slug

MARK, GONE = "auditor", "auditor-gone"
MARKED = ("dcim.device", "dcim.inventoryitem")


class Catalogue:
    """The ids of what devices refer to, by name; those made up in a dry run are negative."""

    def __init__(self, netbox: NetBox, records: Sequence[DeviceRecord]) -> None:
        self._netbox = netbox
        self._marks()
        self.sites = self._ids("dcim/sites", {one.site for one in records}, lambda _name: {"status": "active"})
        self.makers = self._ids("dcim/manufacturers", manufacturers(records), lambda _name: {})
        self.roles = self._ids("dcim/device-roles", {one.role for one in records}, lambda _name: {"color": GREY})
        self.types = self._types(records)

    def site(self, record: DeviceRecord) -> int | None:
        """Return the site of a device."""
        return self.sites.get(record.site.casefold())

    def role(self, record: DeviceRecord) -> int | None:
        """Return the role of a device."""
        return self.roles.get(record.role.casefold())

    def type(self, record: DeviceRecord) -> int | None:
        """Return the type of a device."""
        return self.types.get((record.manufacturer.casefold(), record.model.casefold()))

    def maker(self, name: str) -> int | None:
        """Return a manufacturer; None where there is none or no name."""
        return self.makers.get(name.casefold())

    def _marks(self) -> None:
        """Make the custom field that holds what we wrote, and the tag of what is gone."""
        fields = list(self._netbox.pages("extras/custom-fields", {"name": MARK}))
        if not fields:
            body = {
                "name": MARK,
                "type": "json",
                "object_types": list(MARKED),
                "ui_visible": "if-set",
                "ui_editable": "no",
            }
            says = "Device number and the fields auditor wrote last; what a person changes stays."
            self._netbox.create("extras/custom-fields", [(MARK, {**body, "label": MARK, "description": says})])
        if not list(self._netbox.pages("extras/tags", {"slug": GONE})):
            says = "auditor has not seen it for long, or it was noted as removed."
            body = {"name": GONE, "slug": GONE, "color": GREY, "description": says}
            self._netbox.create("extras/tags", [(GONE, body)])

    def _ids(self, path: str, names: Iterable[str], more: Callable[[str], Entry]) -> dict[str, int]:
        entries = list(self._netbox.pages(path))
        ids = {str(one.get("slug", "")).casefold(): one["id"] for one in entries}
        slugs = set(ids)
        ids |= {str(one.get("name", "")).casefold(): one["id"] for one in entries}
        missing = {name.casefold(): name for name in sorted(names) if self._id(ids, name) is None}
        bodies = [(name, {"name": name, "slug": unique_slug(name, slugs), **more(name)}) for name in missing.values()]
        answers = self._netbox.create(path, bodies)
        ids |= {name.casefold(): one["id"] for (name, _), one in zip(bodies, answers, strict=True) if one}
        return ids | {name.casefold(): number for name in names if (number := self._id(ids, name)) is not None}

    def _id(self, ids: dict[str, int], name: str) -> int | None:
        """Return an entry by its name, else by the slug that name has: TP-LINK is tp-link."""
        return ids.get(name.casefold(), ids.get(slug(name)))

    def _types(self, records: Sequence[DeviceRecord]) -> dict[tuple[str, str], int]:
        ids: dict[tuple[str, str], int] = {}
        slugs = set[str]()
        for one in self._netbox.pages("dcim/device-types"):
            maker = str((one.get("manufacturer") or {}).get("name", "")).casefold()
            slugs.add(str(one.get("slug", "")).casefold())
            for key in ("part_number", "model"):
                if one.get(key):
                    ids[maker, str(one[key]).casefold()] = one["id"]
        by_title = {(one.manufacturer.casefold(), one.model.casefold()): one for one in records}
        missing = [one for key, one in sorted(by_title.items()) if key not in ids and self.maker(one.manufacturer)]
        bodies = [(f"{one.manufacturer} {one.model}", self._type(one, slugs)) for one in missing]
        answers = self._netbox.create("dcim/device-types", bodies)
        for record, entry in zip(missing, answers, strict=True):
            if entry:
                ids[record.manufacturer.casefold(), record.model.casefold()] = entry["id"]
        return ids

    def _type(self, record: DeviceRecord, slugs: set[str]) -> Entry:
        name = unique_slug(f"{record.manufacturer} {record.model}", slugs)
        return {"manufacturer": self.maker(record.manufacturer), "model": record.model, "slug": name, "u_height": 1}
