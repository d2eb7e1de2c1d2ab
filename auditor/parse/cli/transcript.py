"""A recorded session cut into commands and their replies."""

import re
from collections.abc import Iterator

from auditor import normal
from auditor.parse.cli.prompts import prompt
from auditor.parse.cli.text import RAW_CAP, clean

_BANNER_CAP = 4_000
# How a configuration begins that was saved without its prompt: VRP, IOS, ZTE's OLTs.
_CONFIG = re.compile(
    r"^(?:!Software Version V\d|\[V\d{3}R\d{3}C\d{2}\w*\]|Current configuration ?: \d{1,9} bytes|!<[a-z\-]{2,24}>\s*$"
    r"|add-rack rackno \d)",
    re.MULTILINE,
)
_CONFIG_NAME = re.compile(r'^[ \t]{0,2}(sysname|hostname) "?([^\s"]{1,64})"?[ \t]*$', re.MULTILINE)
_CONFIG_MARK = re.compile(r"^[!#][ \t]*$", re.MULTILINE)
_INTERFACE = re.compile(r"^interface \S", re.MULTILINE)
_FEW = 3
# What PuTTY, SecureCRT, MobaXterm, iTerm or `ts` write before a line on request.
_STAMP = re.compile(
    r"(?:[\[(]?\d{4}[-/]\d\d[-/]\d\d[T ,]{1,2}\d\d:\d\d:\d\d(?:[.,:]\d{1,6})?(?:Z|[+-]\d\d:?\d\d)?[\])]?:?"
    r"|[\[(]\d\d:\d\d:\d\d(?:[.,:]\d{1,6})?[\])]|[\[(]?\w{3} \d\d \d\d:\d\d:\d\d[\])]?)(?: |$)"
)
_CONFIG_CAP = 1 << 18
# A session that goes on to another host, and lines that the client or the user wrote.
_HOPS = re.compile(r"[#>$%\]] ?(?:ssh|telnet|stelnet|ssh2)[ \t]+\S|^(?:spawn )?(?:ssh|telnet) \S", re.IGNORECASE)
_TYPED = re.compile(
    r"\s*(?:[^:\n]{0,80}(?:password|passphrase|user ?name|login as|login)\s*:|trying |connected to |escape character"
    r"|connecting to |user authentication\s*$|using keyboard|=~=|last login|warning: permanently added"
    r"|connection (?:to|established))",
    re.IGNORECASE,
)
_REPLY = re.compile(
    r"neighbo|chassis ?id|system ?(?:desc|name)|\bsys ?name|local (?:intf|port)|lldp|\bcdp\b|device id", re.IGNORECASE
)


def split_transcript(text: str) -> list[tuple[str, str]]:
    """Return (command, reply) pairs of a session; what stood before the first has command `""`.

    Knows the prompts of `auditor.parse.cli.prompts` and `command: …` lines. A session is cut nowhere, however long.
    """
    pairs: list[tuple[str, list[str]]] = [("", [])]
    host = mark = ""
    for line in _plain_lines(text):
        if at_prompt := prompt(line, host, mark):
            host, mark = host or at_prompt.host, mark or at_prompt.mark
            pairs.append((at_prompt.command, []))
        else:
            pairs[-1][1].append(line)
    texts = [(command, "\n".join(reply).strip("\n")) for command, reply in pairs]
    return [(command, reply) for command, reply in texts if command or reply.strip()]


def _plain_lines(text: str) -> Iterator[str]:
    """Yield the lines of a session without escape sequences, made plain piece by piece."""
    start = 0
    while start < len(text):
        end = len(text) if len(text) - start <= RAW_CAP else text.rfind("\n", start, start + RAW_CAP)
        end = end if end > start else min(start + RAW_CAP, len(text))  # a line longer than that
        yield from _without_stamps(clean(text[start:end], RAW_CAP).split("\n"))
        start = end + text.startswith("\n", end)


def _without_stamps(lines: list[str]) -> list[str]:
    """Return lines without the time a terminal program wrote before each of them."""
    stamps = [_STAMP.match(line) for line in lines]
    written = [stamp for stamp, line in zip(stamps, lines, strict=True) if line.strip()]
    if len(written) < _FEW or None in written:
        return lines
    return [line[stamp.end() :] if stamp else line for stamp, line in zip(stamps, lines, strict=True)]


def greeting(before: str) -> tuple[str, str]:
    """Return the login banner a device showed before the first prompt, and what is none.

    The banner is without what the client and the user typed. The rest of a reply is no banner, as in a log that begins
    in the middle of one: a table, a list of neighbours, more than anybody greets with.
    """
    banner: list[str] = []
    for line in before.split("\n"):
        if _HOPS.search(line):
            banner.clear()  # what stood before belongs to the host the session went through
        elif not _TYPED.match(line):
            banner.append(line.rstrip())
    text = "\n".join(banner).strip("\n")
    is_reply = _REPLY.search(text) or normal.MAC_IN_TEXT.search(normal.plain_marks(text)) or len(text) > _BANNER_CAP
    return ("", text) if is_reply else (text, "")


def hostname(text: str) -> str:
    """Return the name in the first prompt of a recorded session, or an empty string."""
    for line in clean(text, RAW_CAP).split("\n"):
        if (at_prompt := prompt(line)) and (name := _name(at_prompt.host)):
            return name
    return ""


def configuration(text: str) -> tuple[str, str]:
    """Return the command that prints a configuration saved without a prompt, and the name in it."""
    start = text[:_CONFIG_CAP]
    match = _CONFIG_NAME.search(start)
    has_marks = match is not None and _INTERFACE.search(start) and len(_CONFIG_MARK.findall(start)) >= _FEW
    if not _CONFIG.search(start) and not has_marks:
        return "", ""
    is_vrp = (match is not None and match[1] == "sysname") or start.lstrip().startswith("!Software")
    return "display current-configuration" if is_vrp else "show running-config", match[2] if match else ""


def _name(host: str) -> str:
    """Return the name in a prompt without the number of a command, nothing of mere marks."""
    return re.sub(r"(?<=\w)\.\d{1,6}$", "", host) if re.match(r"\w", host) else ""
