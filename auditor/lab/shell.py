"""A recorded session played back: what one line typed at a prompt brings. No socket here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_PROMPT = re.compile(r"(?P<prompt><[\w.\-]+>|\[[~*]?[\w.\-]+\]|[\w.\-]+(?:\([\w\-]+\))?[>#])(?P<command>.*)")
_REJECTED = re.compile(r"Unrecognized command|Unknown command|Invalid input|Error: Too many parameters")
_QUIET = re.compile(
    r"(?:screen-length|terminal (?:length|width)|scroll|undo smart|infoswitch cli|disable|set cli|enable|yes|n)\b.*|",
    re.IGNORECASE,
)
_PAGING_OFF = re.compile(r"screen-length (?:0|disable)|terminal length 0|scroll|undo smart", re.IGNORECASE)
_LEAVES = frozenset({"quit", "exit", "logout"})
_TABLES = re.compile(r"\b(?:arp|mac|mac-address|lldp|cdp)\b")
_ASKS = re.compile(r"\[Y/N\]:\S*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellAnswer:
    """What a line brings: text, a new prompt, a question for a password, the end."""

    text: str = ""
    prompt: str = ""
    asks_password: bool = False
    ends: bool = False


class Shell:
    """One session of one device: where it stands, and whether it cuts pages."""

    def __init__(self, transcript: str) -> None:
        self.greeting, self._answers, self._first, self._unknown = _scenes(transcript)
        self.prompt = self._first
        self.paged = True

    @property
    def questions(self) -> tuple[str, ...]:
        """Return the greeting cut at each question (`[Y/N]:`) before the prompt."""
        return tuple(_ASKS.sub(lambda match: match[0][:6], part) for part in _cut(self.greeting))

    def enter(self, line: str) -> ShellAnswer:
        """Return what a device says to one line."""
        line = " ".join(line.split())
        if line.lower() in _LEAVES:
            return ShellAnswer(ends=True)
        if _PAGING_OFF.match(line):
            self.paged = False
        answer = self._answers.get(line)
        if line == "disable":
            self.prompt = self._first
        if answer is None:
            return ShellAnswer(text="" if _QUIET.fullmatch(line) else self._unknown)
        if answer.prompt and not answer.asks_password:
            self.prompt = answer.prompt
        return answer

    def let_in(self, answer: ShellAnswer) -> None:
        """Stand at the prompt behind a password that was right."""
        self.prompt = answer.prompt


def without_tables(transcript: str) -> str:
    """Return a transcript without the tables that name neighbours."""
    rest_lines: list[str] = []
    silent = False
    for line in transcript.split("\n"):
        match = _PROMPT.fullmatch(line)
        if match:
            silent = _TABLES.search(match["command"]) is not None
        if not silent:
            rest_lines.append(line)
    return "\n".join(rest_lines)


def _scenes(transcript: str) -> tuple[str, Mapping[str, ShellAnswer], str, str]:
    """Return greeting, answers by command, first prompt, and the word for unknown commands."""
    greeting: list[str] = []
    scenes: list[tuple[str, str, list[str]]] = []
    host = ""
    for line in transcript.rstrip("\n").split("\n"):
        match = _PROMPT.fullmatch(line)
        if match and (not host or host in match["prompt"]):
            host = host or match["prompt"].strip("<>[]~*#")
            scenes.append((match["prompt"], match["command"].strip(), []))
        else:
            (scenes[-1][2] if scenes else greeting).append(line)
    answers: dict[str, ShellAnswer] = {}
    for index, (prompt, command, reply) in enumerate(scenes):
        after = scenes[index + 1][0] if index + 1 < len(scenes) else prompt
        # Only what moved the session then moves it now: a reply recorded behind `enable` is given before it too.
        after = after if after != prompt else ""
        asks = bool(reply) and reply[-1].strip() == "Password:"
        answers.setdefault(command, ShellAnswer(text="\n".join(reply), prompt=after, asks_password=asks))
    first = scenes[0][0] if scenes else ">"
    answers.pop("", None)
    return "\n".join(greeting), answers, first, _unknown(answers, transcript, first)


def _unknown(answers: Mapping[str, ShellAnswer], transcript: str, prompt: str) -> str:
    rejection = next((answer.text for answer in answers.values() if _REJECTED.search(answer.text)), "")
    if rejection:
        return rejection
    if prompt.startswith("<") and "Comware" not in transcript:
        return "            ^\nError: Unrecognized command found at '^' position."
    if prompt.startswith("<"):
        return "            ^\n % Unrecognized command found at '^' position."
    return "            ^\n% Invalid input detected at '^' marker."


def _cut(greeting: str) -> list[str]:
    parts: list[str] = []
    rest = greeting
    while match := _ASKS.search(rest):
        parts.append(rest[: match.end()])
        rest = rest[match.end() :]
    return [*parts, rest]
