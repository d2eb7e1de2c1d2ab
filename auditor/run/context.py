"""Who asked, and which purposes the sites served, recorded with the run it was judged by."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from auditor.errors import InputError
from auditor.formats.document import ORGANISATION
from auditor.model import Organisation
from auditor.policy.oblige import Circumstances
from auditor.run.configuration import circumstances, organisation
from auditor.store.rows import Stored
from auditor.store.runs import Store

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """Who asks, what the user said of each site, and the `origin` of the journal."""

    organisation: Organisation | None = None
    circumstances: Mapping[str, Circumstances] = field(default_factory=dict)
    origin: str = ""

    @property
    def purposes(self) -> dict[str, tuple[str, ...]]:
        """Return the purposes of each site of which somebody said them."""
        return {site: one.purposes for site, one in self.circumstances.items() if one.purposes is not None}

    def to_json(self) -> dict[str, Any]:
        """Return what is kept of it."""
        asked = {"organisation": organisation_json(self.organisation), "purposes": self.purposes}
        return asked | ({"origin": self.origin} if self.origin else {})


def context_in_force(config: str = "") -> RunContext:
    """Return what the configuration says today."""
    return RunContext(organisation=organisation(config), circumstances=circumstances(config))


def context_of(store: Store, run: Stored, config: str = "") -> RunContext:
    """Return what was recorded with a run; who asks today where nobody had said it then.

    Of a run older than the record it is what is in force.
    """
    record = store.context(run)
    if record is None:
        return context_in_force(config)
    try:
        context = replace(
            read_context(record["organisation"], record["purposes"]), origin=str(record.get("origin", ""))
        )
    except (KeyError, TypeError, AttributeError, InputError) as exc:
        raise store.database.damage(f"run {run.id} is damaged: who asked cannot be read ({exc})") from None
    return context if context.organisation else replace(context, organisation=organisation(config))


def read_context(asking: Json | None, purposes: Mapping[str, Any]) -> RunContext:
    """Return what `to_json` wrote."""
    return RunContext(
        organisation=ORGANISATION.read(asking) if asking else None,
        circumstances={site: Circumstances(purposes=tuple(map(str, words))) for site, words in purposes.items()},
    )


def organisation_json(asking: Organisation | None) -> dict[str, Any] | None:
    """Return an organisation as plain dicts and lists."""
    return None if asking is None else ORGANISATION.write(asking)
