"""One declaration for each option of a request: an annotation of its field."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from auditor.model import FAIL_ON
from auditor.store.baseline import GONE_AFTER


@dataclass(frozen=True, slots=True)
class Option:
    """What a person reads of an option: help, short spelling, a word for its value, choices.

    `also` are spellings people have in their fingers from other programs.
    """

    help: str
    short: str = ""
    also: tuple[str, ...] = ()
    metavar: str = ""
    choices: tuple[str, ...] = ()
    shows_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """What records are judged by, and where the run is kept. Empty: the default of each."""

    policy: Annotated[
        tuple[str, ...], Option("Ask only these policies, us-* too (repeatable; default: all).", metavar="ID")
    ] = ()
    country: Annotated[
        tuple[str, ...], Option("Ask only the laws of this country (repeatable; default: all).", metavar="US")
    ] = ()
    as_of: Annotated[datetime | None, Option("Ask the laws of that day (default: today).", metavar="DATE")] = None
    site: Annotated[str, Option("The site of devices that name none.", metavar="NAME")] = ""
    store: Annotated[str, Option("Where runs are kept: a path, sqlite:///path, or none.", metavar="URL|none")] = ""
    journal: Annotated[str, Option("Append every observation to this journal.", metavar="FILE")] = ""
    fail_on: Annotated[str, Option("Exit 1 from this verdict on.", choices=tuple(FAIL_ON), shows_default=True)] = (
        "probable"
    )
    rules: Annotated[tuple[str, ...], Option("Own rules over the built-in ones (repeatable).", metavar="FOLDER")] = ()
    waivers: Annotated[
        str, Option("Waivers to honour (default: waivers.toml here, where there is one).", metavar="FILE")
    ] = ""
    gone_after: Annotated[int, Option("A device silent in so many runs, and days, is gone.", metavar="N")] = GONE_AFTER
    remind_unread: Annotated[
        str, Option("Tell again of what stays unread after so long (default: never).", metavar="30d")
    ] = ""
    config: str = ""
