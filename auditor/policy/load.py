"""Read policy files strictly: a law or list a file, its rows, dates and examples."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

from auditor.model import Applies
from auditor.tables import Section, finish, read_each, read_toml, toml_files

UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One clause: whom and what equipment it names, what it asks, since when, until when.

    It has a first day, `since`, where a source names it; else `known_on`, a day it was in force by, before which nobody
    can say. `makers` may be `*`, for clauses that name a sort of equipment whoever built it; empty where a list's row
    names no device. `due` is the day by which the duty must be met, `due_each` month and day where that returns every
    year; `acquired_until` and `acquired_from` bound the day the unit was obtained. `purposes` are words such as
    `public-safety` or `network:5g`: what stands before the colon names the question they answer.
    """

    id: str
    makers: tuple[str, ...]
    categories: tuple[str, ...]
    applies: Applies
    duty: str
    since: date | None
    known_on: date | None
    until: date | None
    due: date | None
    due_each: tuple[int, int] | None
    condition: str
    purposes: tuple[str, ...]
    acquired_until: date | None
    acquired_from: date | None
    needs: tuple[str, ...]
    cite: str
    url: str
    evidence_class: str
    exceptions: tuple[str, ...]

    @property
    def begins(self) -> date:
        """Return the first day it is sure to be in force."""
        return self.since or self.known_on or date.min


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyExample:
    """A case and the answer the policy must give; the loader's tests run them all."""

    row: str
    maker: str
    category: str
    on: date
    purposes: tuple[str, ...] | None
    acquired: date | None
    applies: Applies


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One law or list: who is bound, as of which day it was read, its rows and their examples.

    It binds those in its `jurisdiction`, of that only in `states` where any are named, who have one of its `roles`
    where any are. `phrases` are the words by which other files speak of it.
    """

    id: str
    title: str
    jurisdiction: str
    bound: str
    read_on: date
    context_only: bool
    states: tuple[str, ...]
    roles: tuple[str, ...]
    phrases: tuple[str, ...]
    rows: tuple[Clause, ...]
    examples: tuple[PolicyExample, ...]

    def __hash__(self) -> int:
        return hash((self.id, self.read_on))  # of what is equal; a hash of every row would be slow


def load(folders: Iterable[Traversable]) -> tuple[Policy, ...]:
    """Return every policy of some folders by id, later ones over earlier; all problems at once."""
    policies = {policy.id: policy for policy in read_each(toml_files(folders), read)}
    return tuple(policies[key] for key in sorted(policies))


@lru_cache(maxsize=128)
def read(text: str, name: str) -> Policy:
    """Return one policy; its id is the stem of `name`. The same text is read once."""
    top = read_toml(text, name)
    policy = Policy(
        id=PurePosixPath(name).stem,
        title=top.text("title"),
        jurisdiction=top.text("jurisdiction"),
        bound=top.text("bound"),
        read_on=top.day("read_on", required=True) or date.min,
        context_only=top.flag("context_only"),
        states=top.texts("states"),
        roles=top.texts("roles"),
        phrases=top.texts("phrases"),
        rows=tuple(_row(section) for section in top.sections("row")),
        examples=tuple(_example(section) for section in top.sections("example")),
    )
    if not policy.rows:
        top.complain("add at least one [[row]]", "row")
    top.once((row.id for row in policy.rows), "row")
    finish(top)
    return policy


def _row(section: Section) -> Clause:
    applies = section.choice("applies", tuple(Applies))
    row = Clause(
        id=section.text("id"),
        makers=section.texts("makers"),
        categories=section.texts("categories"),
        applies=Applies(applies or "no"),
        duty=section.text("duty"),
        since=section.day("since"),
        known_on=section.day("known_on"),
        until=section.day("until"),
        due=section.day("due"),
        due_each=_each_year(section),
        condition=section.text("condition", ""),
        purposes=section.texts("purposes"),
        acquired_until=section.day("acquired_until"),
        acquired_from=section.day("acquired_from"),
        needs=section.texts("needs"),
        cite=section.text("cite"),
        url=section.text("url", ""),
        evidence_class=section.text("evidence_class"),
        exceptions=section.texts("exceptions"),
    )
    if (row.since is None) is (row.known_on is None):
        section.complain("say the first day where a source names it, else known_on, a day it was in force by", "since")
    if not row.url and row.evidence_class != UNCONFIRMED:
        section.complain("say where the text can be read, or mark the row unconfirmed", "url")
    if row.applies is Applies.IF_PURPOSE and not row.purposes:
        section.complain("say which purposes make it apply", "purposes")
    if row.applies is Applies.UNDECIDABLE and not row.needs:
        section.complain("say which documents would decide", "needs")
    return row


def _each_year(section: Section) -> tuple[int, int] | None:
    """Return month and day of `due_each = "03-31"`, or nothing where the key is absent."""
    text = section.text("due_each", "")
    try:
        # A common year, so that a 29th of February is refused rather than missed three years in four.
        day = date.fromisoformat(f"2001-{text}") if text else None
    except ValueError:
        section.complain(f"{text!r:.20} must be month and day, such as 03-31", "due_each")
        return None
    return None if day is None else (day.month, day.day)


def _example(section: Section) -> PolicyExample:
    on = section.day("on", required=True)
    example = PolicyExample(
        row=section.text("row"),
        maker=section.text("maker"),
        category=section.text("category", ""),
        on=on or date.min,
        purposes=section.texts("purposes") if "purposes" in section.values else None,
        acquired=section.day("acquired"),
        applies=Applies(section.choice("applies", tuple(Applies)) or "no"),
    )
    section.keys_read.add("purposes")
    return example
