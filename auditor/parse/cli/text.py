"""Terminal text made plain: escape sequences and pagers go, the device's words stay."""

import re

_PAGER_TAIL = 160
OUTPUT_CAP = 262_144
LINE_CAP = 2_000
RAW_CAP = 8_000_000

_OSC = re.compile(r"\x1b[\]PX^_][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)?")
_CSI = re.compile(r"(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,16}[@-~]?")
_ESC = re.compile(r"\x1b[ -/]{0,4}[0-~]?")
# SmartAX and VRP print a blank and step back over it (ESC[1D); the blank is not part of the word.
_STEP_BACK = re.compile(r" \x1b\[1D")
# A pager erases itself: cursor left, blanks over it, cursor left again.
_WIPED = re.compile(r"\x1b\[\d{1,4}D {0,256}(?=\x1b\[\d{1,4}D)")
_FORMS = (
    r"(?:-{2,4} ?more ?-{2,4}, ?next page[^\n\r\x08\x1b]{0,80}"
    r"|-{2,6} ?\(? ?more ?[^\n\r\x08\x1b]{0,60}?\)? ?-{2,6}(?: or \(q\)uit)?"
    r"|<-{2,4} ?more ?-{2,4}>"
    r"|press (?:any key|<space>|space|enter|return) to (?:continue|proceed|scroll)[^\n\r\x08\x1b]{0,60}"
    r"|-- ?\[q quit\|[^\n\r\x08\x1b]{0,60}"
    r"|ctrl\+c (?:esc )?q quit [^\n\r\x08\x1b]{0,60})[ \t]{0,80}"
)
_PAGER = re.compile(rf"[ \t]{{0,8}}{_FORMS}", re.IGNORECASE)
# Where its key was not sent blindly, it stays a line of its own, and that is none of the reply.
_PAGER_LINE = re.compile(rf"^[ \t]{{0,8}}{_FORMS}\r?\n", re.IGNORECASE | re.MULTILINE)
_HINT = re.compile(r"-[ ]?\(?[ ]?more|press |q quit", re.IGNORECASE)
_ERASED = re.compile(r"[\x08\x7f]+ *[\x08\x7f]*")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_REJECTED = re.compile(
    r"(?:^|\n)[ \t]*\^|% ?(?:invalid|unknown|incomplete|ambiguous|unrecognized)|(?:unrecognized|unknown) command"
    r"|error: ?(?:unrecognized|incomplete|wrong parameter|too many parameters|ambiguous)|incomplete command"
    r"|wrong parameter found|too many parameters|bad command name|syntax error|expected end of command|no such command"
    r"|invalid input|invalid command|command not found",
    re.IGNORECASE,
)
_FORBIDDEN = re.compile(
    r"permission denied|authorization failed|not authorized|insufficient privilege|no permission"
    r"|privilege.{0,20}too low|access denied|user.{0,40}is not allowed",
    re.IGNORECASE,
)
# A refusal is a line or three; a long answer that happens to hold one of the phrases is an answer.
_REFUSAL_CAP = 600


def clean(text: str, cap: int = OUTPUT_CAP) -> str:
    """Return terminal output without escape sequences, pagers, erased and control characters."""
    text = text[:RAW_CAP]
    if _HINT.search(text):
        text = _PAGER.sub("", _PAGER_LINE.sub("", text))
    if "\x1b" in text or "\x9b" in text:
        text = _STEP_BACK.sub("", text)
        text = _ESC.sub("", _CSI.sub("", _OSC.sub("", _WIPED.sub("", text))))
    text = _ERASED.sub("", text).replace("\r\n", "\n")
    if "\r" in text:
        text = "\n".join(_visible(line) for line in text.split("\n"))
    return _CONTROL.sub("", text)[:cap]


def dedent(text: str) -> str:
    """Return text without the blanks that every line begins with."""
    margins = [len(line) - len(line.lstrip(" ")) for line in text.split("\n") if line.strip()]
    margin = min(margins, default=0)
    return "\n".join(line[margin:] for line in text.split("\n")) if margin else text


def pager_waits(tail: str) -> bool:
    """Tell whether the last thing on a terminal is a pager that waits for a key."""
    return any(match.end() >= len(tail.rstrip()) for match in _PAGER.finditer(tail, max(0, len(tail) - _PAGER_TAIL)))


def lines(text: str) -> list[str]:
    """Return the lines of a reply, none longer than a row can be, so that no parser works hard."""
    return [line[:LINE_CAP].rstrip() for line in text.splitlines()]


def is_refusal(output: str) -> bool:
    """Tell whether a device answered that it does not know the command."""
    return len(output) < _REFUSAL_CAP and _REJECTED.search(output) is not None


def forbidden(output: str) -> bool:
    """Tell whether a device said this account may not run the command."""
    return len(output) < _REFUSAL_CAP and _FORBIDDEN.search(output) is not None


def _visible(line: str) -> str:
    """Return what stays visible of a line a carriage return was sent in: the part written last."""
    return next((part for part in reversed(line.split("\r")) if part.strip()), "")
