"""What the Tab key offers where a command takes a name: a report, a policy, a stored run.

Each function is given the beginning of a word and returns the words that fit; a file that cannot be read offers
nothing, since nobody asked for a message.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from auditor.errors import AuditorError

if TYPE_CHECKING:
    from auditor.targets.config import Config

Offer = Callable[[click.Context, click.Parameter, str], "list[str] | list[CompletionItem]"]
RUNS = 20


def _offer(words: Callable[[click.Context], Iterable[str]]) -> Offer:
    def fitting(context: click.Context, _parameter: click.Parameter, beginning: str) -> list[str]:
        try:
            return [word for word in words(context) if word.startswith(beginning)]
        except (AuditorError, OSError):
            return []

    return fitting


def _formats(_context: click.Context) -> Iterable[str]:
    from auditor.report.registry import FORMATS

    return FORMATS


def _policies(_context: click.Context) -> Iterable[str]:
    from auditor.run.knowledge import knowledge

    return [policy.id for policy in knowledge().policies]


def _countries(_context: click.Context) -> Iterable[str]:
    from auditor.run.knowledge import knowledge

    return sorted({code for codes in knowledge().book.words.countries.values() for code in codes})


def _filings(_context: click.Context) -> Iterable[str]:
    from auditor.paperwork.registry import all_filings

    return ["all", *all_filings().by_id]


def _config(context: click.Context) -> "Config":
    from auditor.run.configuration import configuration

    return configuration(str(context.find_root().params.get("config") or ""))


def _runs(context: click.Context) -> Iterable[str]:
    from auditor.run.recorded import kept_runs

    newest = [run.id for run in kept_runs(str(context.params.get("store") or "")).runs()][-RUNS:]
    return ["last", "previous", *reversed(newest)]


def _path(sort: str) -> Offer:
    """Return what leaves a word to the shell, which knows its files and folders."""
    return lambda _context, _parameter, beginning: [CompletionItem(beginning, type=sort)]


# By what stands for a value in the help.
OF_METAVARS = {"FILE": _path("file"), "FOLDER": _path("dir"), "FILE|DIR": _path("file")}
RUN, FILING, POLICY = _offer(_runs), _offer(_filings), _offer(_policies)
OF_OPTIONS: dict[str, Offer] = {
    "format": _offer(_formats),
    "policy": POLICY,
    "country": _offer(_countries),
    "credential": _offer(lambda context: _config(context).credentials),
    "site": _offer(lambda context: _config(context).sites),
    "resume": RUN,
}
