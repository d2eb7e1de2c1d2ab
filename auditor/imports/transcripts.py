"""CLI transcripts as people paste or log them: prompts or `command:` lines, one device a file.

A file without either is one reply where its name tells device and command: `sw1_display_version.txt`.
"""

import re
from collections.abc import Iterator

from auditor.errors import InputError
from auditor.imports.source import Source
from auditor.model import Fact, Observation, Reason, Record, Target, Unread
from auditor.parse import cli


def read(source: Source) -> Iterator[Record]:
    """Yield the device a transcript was taken from; its target is the host name in the prompt, else the file's name."""
    text = source.text()
    stem, command = by_name(source.path.name)
    replies = [(typed, output) for typed, output in cli.split_transcript(text) if typed]
    if not replies and command and text.strip():
        replies = [(command, text)]
    if not replies:
        raise InputError(
            "shows no command; a transcript has prompts, or lines such as 'command: display version', or a name such as"
            " sw1_display_version.txt",
            where=str(source.path),
        )
    name = cli.hostname(text)
    # A file named after the command alone lies in its device's folder.
    target = Target(address=stem or name or source.path.resolve().parent.name, site=source.site)
    said = [(command, cli.facts(command, output)) for command, output in replies]
    own = (Fact(kind="snmp.sysname", value=name, where="prompt"),) if name else ()
    yield Observation(
        target=target, collector="ssh", at=source.at, facts=own + tuple(fact for _, facts in said for fact in facts)
    )
    for command, facts in said:
        if cli.unparsed(command, facts):
            detail = f"{command}: the reply was kept as text, nothing could be read out of it"
            yield Unread(target=target, collector="ssh", at=source.at, reason=Reason.NOT_PARSED, detail=detail)


_COMMAND_IN_NAME = re.compile(r"(?P<stem>.*?)(?P<command>(?:display|show)[_ -].+)", re.IGNORECASE)


def by_name(name: str) -> tuple[str, str]:
    """Return the device and the command a file name tells, either of them empty."""
    stem = name.rsplit(".", 1)[0]
    found = _COMMAND_IN_NAME.fullmatch(stem)
    return (found["stem"].rstrip("_ -"), found["command"].replace("_", " ")) if found else (stem, "")
