"""Replies for tests, many in a file: `=== name | command | what comes out`, then the text."""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "parse"


@dataclass(frozen=True, slots=True)
class PlayedReply:
    """One reply of the file: the command and what must come out, the text."""

    words: tuple[str, ...]
    text: str


def replies(name: str) -> dict[str, PlayedReply]:
    """Return the replies of a file by their names."""
    played = {}
    for part in (FOLDER / name).read_text(encoding="utf-8").split("=== ")[1:]:
        head, _, text = part.partition("\n")
        title, *words = (word.strip() for word in head.split("|"))
        played[title] = PlayedReply(tuple(words), text)
    return played
