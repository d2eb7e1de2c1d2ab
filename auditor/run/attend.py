"""A run nobody watches: a monitor is told of its start and end, people of what it found."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from auditor.formats.document import unread_devices
from auditor.report.words import counted, headline
from auditor.run.conclude import Conclusion
from auditor.run.configuration import configuration
from auditor.run.happenings import event_lines
from auditor.run.home import now
from auditor.run.knowledge import ageing
from auditor.run.news import Channels, news_text
from auditor.run.options import Judging
from auditor.run.person import Person
from auditor.run.ping import END, FAILURE, START, check, ping
from auditor.targets.secrets import Vault

# The codes of a run that did its work: what it found is news, not a failure of the job.
WORKED = frozenset({0, 1, 3})
BUG = 70
# What is worth a message, by exit code; of all else nothing is sent.
TITLES = {
    1: "findings",
    2: "the run could not be done",
    3: "not everything was examined",
    4: "rules, policies or waivers are invalid, expired or too old",
    BUG: "a fault of auditor itself",
}


def attend(work: Callable[[], tuple[int, Conclusion]], url: str, judging: Judging, person: Person) -> int:
    """Do some work and return its exit code; it decides nothing whether anybody could be told."""
    check(url)
    channels: Channels | None = None
    try:
        channels = _channels(judging, person)
        ping(url, START, person.warn)
        code, conclusion = work()
    except BaseException as exc:
        code = getattr(exc, "exit_code", BUG if isinstance(exc, Exception) else 130)
        ping(url, FAILURE, person.warn)
        if channels:
            problems = getattr(exc, "problems", (exc,)) if code != BUG else (type(exc).__name__,)
            _send(channels, code, lambda: [str(problem) for problem in problems], person)
        raise
    ping(url, END if code in WORKED else FAILURE, person.warn)
    _send(channels, code, lambda: news_lines(conclusion), person)
    return code


def news_lines(conclusion: Conclusion) -> list[str]:
    """Return what a run has to say to who was not there, a line each."""
    audit = conclusion.audit
    unread = len(unread_devices(audit))
    left = [f"{counted(unread, 'device')} could not be read, or only in part."] if unread else []
    old = ageing(audit.tables, audit.finished.date())
    return list(filter(None, [headline(audit), *left, *audit.notes, *event_lines(conclusion.news), old]))


def _channels(judging: Judging, person: Person) -> Channels:
    config = configuration(judging.config)
    vault = Vault(config, os.environ, Path.home(), person.ask)
    person.hide(vault.veil)
    return Channels(config.notify, vault, now)


def _send(channels: Channels, code: int, lines: Callable[[], Sequence[str]], person: Person) -> None:
    if code in TITLES and channels.reach_anybody:
        channels.send(f"auditor: {TITLES[code]}", news_text(lines()), code, person.warn)
