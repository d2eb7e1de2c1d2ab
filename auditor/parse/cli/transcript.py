"""A recorded session cut into commands and their replies."""

import re

from auditor import normal
from auditor.parse.cli.text import RAW_CAP, clean

_BRACKETED = re.compile(
    r"(?:HRP_[AMS]|RBM_[PS])?<(?P<angle>[\w.\-()/]{1,64})>[ ]?(?P<angled>.*)"
    r"|(?:HRP_[AMS]|RBM_[PS])?\[[~*]?(?P<square>[\w.\-()/]{1,80})\][ ]?(?P<squared>.*)"
    r"|\[(?P<tik>[\w.\-+]{1,64}@[^\]\n]{1,64})\] ?(?:/[\w\- /]{0,40})?>[ ]?(?P<ticked>.*)"
)
_PLAIN = re.compile(
    r"(?:RP/\d+/\w+/\w+:)?(?:\{[\w:.\-]{1,40}\})?(?P<host>(?:[\w.\-]{1,64}@)?[\w.\-/]{1,64})"
    r"(?:\([\w.\-/ ]{1,40}\))?(?P<mark>[#>%$])[ ]?(?P<command>.*)"
)
_NAMED = re.compile(r"(?:#+ ?)?command: (?P<command>\S.*)", re.IGNORECASE)
_VERB = re.compile(
    r"(?:display|disp?|show?|sh|screen-length|screen-width|scroll|terminal|enable|en|undo|infoswitch|set cli|admin"
    r"|quit|exit|logout|return|end|get|print|export|/?(?:ip|interface|system|tool|export|routing) ?)\b.*|/[a-z].*",
    re.IGNORECASE,
)


_BANNER_CAP = 4_000
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

    Knows the prompts of VRP and Comware (`<SW1>`, `[~SW1-vlan1]`), of IOS, NX-OS, XR, EOS, ZXR10 (`sw1#`), of Junos
    (`user@sw1>`), of RouterOS (`[admin@r1] >`), and `command: …` lines.
    """
    pairs: list[tuple[str, list[str]]] = [("", [])]
    host = ""
    for line in clean(text, RAW_CAP).split("\n"):
        command, host = _command(line, host)
        if command is None:
            pairs[-1][1].append(line)
        else:
            pairs.append((command, []))
    texts = [(command, "\n".join(reply).strip("\n")) for command, reply in pairs]
    return [(command, reply) for command, reply in texts if command or reply.strip()]


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
        command, host = _command(line, "")
        if command is not None and host:
            return host.rpartition("@")[2]
    return ""


def _command(line: str, host: str) -> tuple[str | None, str]:
    """Return the command on a prompt line, perhaps empty, or None; and the host name."""
    line = line[:512].strip()
    if match := _NAMED.fullmatch(line):
        return match["command"].strip(), host
    if match := _BRACKETED.fullmatch(line):
        name = match["angle"] or match["tik"] or match["square"]
        command = (match["angled"] or match["ticked"] or match["squared"] or "").strip()
        if _VERB.fullmatch(command) or (host and not command and f"{name}-".startswith(f"{host}-")):
            return command, host or name
        return None, host
    if (match := _PLAIN.fullmatch(line)) is None:
        return None, host
    command = match["command"].strip()
    if _VERB.fullmatch(command) or (not command and host == match["host"]):
        return command, match["host"]
    return None, host
