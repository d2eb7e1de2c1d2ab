"""CLI transcripts: prompts or `command:` lines, one device a file.

A file without either is one reply where its name tells device and command: `sw1_display_version.txt`.
"""

import re
from collections.abc import Iterator

from auditor.errors import InputError
from auditor.imports.batches import Hosts
from auditor.imports.source import SourceFile
from auditor.model import Fact, Observation, Reason, Record, Target, Unread
from auditor.parse import cli

CAP = 64 << 20
BANNER = "before the first prompt"
LEFTOVER = "what stands before the first prompt is the rest of a reply nobody knows the command of, not read"


def read(source: SourceFile) -> Iterator[Record]:
    """Yield a transcript's device; its target is the prompt's host, else the file's name."""
    text = source.text(CAP)
    stem, command = by_name(source.path.name)
    pairs = cli.split_transcript(text)
    replies = [(commands, output) for commands, output in pairs if commands]
    banner, rest = cli.greeting(pairs[0][1]) if replies and not pairs[0][0] else ("", "")
    name = cli.hostname(text)
    if not replies:
        printed, name = cli.configuration(text)
        replies = [(command or printed, text)] if (command or printed) and text.strip() else []
    if not replies:
        raise InputError(
            "shows no command; a transcript has prompts, or lines such as 'command: display version', or a name such as"
            " sw1_display_version.txt",
            where=str(source.path),
        )
    # A file named after the command alone lies in its device's folder.
    target = Target(address=stem or name or source.path.resolve().parent.name, site=source.site)
    readings = [(command, cli.read(command, output)) for command, output in replies]
    # An operator may have written either: rules take a name and what a device shows before login for no more than that.
    own = [Fact(kind="snmp.sysname", value=name, where="prompt")] if name else []
    own += [Fact(kind="telnet.banner", value=banner, where=BANNER)] if banner else []
    facts = (*own, *(fact for _, reply in readings for fact in reply.facts))
    observation = Observation(target=target, collector="ssh", at=source.at, facts=facts)
    yield observation
    hosts = Hosts()
    hosts.listen(observation)
    hosts.warn(source)
    unread = [f"{command}: {reply.problem}" for command, reply in readings if reply.problem]
    for detail in dict.fromkeys([*([LEFTOVER] * bool(rest)), *unread]):
        source.warn(f"{source.path}: {detail}")
        yield Unread(target=target, collector="ssh", at=source.at, reason=Reason.PARTIAL, detail=detail)


_COMMAND_IN_NAME = re.compile(
    r"(?P<stem>.*?)(?P<command>(?:display|show)[_ -].+"
    r"|(?:(?<=[_ -])|(?<![\s\S]))(?:dis|sho?|get|diagnose|lldp[_ -]show|(?:ip|ipv6|interface)(?=.*[_ -]print))[_ -].+)",
    re.IGNORECASE,
)


def by_name(name: str) -> tuple[str, str]:
    """Return the device and the command a file name tells, either of them empty."""
    stem = name.rsplit(".", 1)[0]
    match = _COMMAND_IN_NAME.fullmatch(stem)
    if match is None:
        return stem, ""
    command = match["command"].replace("_", " ")
    is_sure = command.lower().startswith(("display", "show")) or cli.purpose(command)
    return (match["stem"].rstrip("_ -"), command) if is_sure else (stem, "")


def is_reply(name: str, text: str, resembles: str) -> bool:
    """Tell whether a file is a reply or a session, though its text resembles another format.

    What a DHCP server printed of its leases is read as leases.
    """
    commands = [by_name(name)[1], *(command for command, _ in cli.split_transcript(text))]
    sorts = {cli.purpose(command) for command in commands} - {""}
    return bool(sorts - {"hosts"}) if resembles == "leases" else bool(sorts) or commands[0] != ""
