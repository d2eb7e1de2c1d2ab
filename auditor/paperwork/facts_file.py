"""A facts file written out: the filer's answers as TOML that `facts.read` reads back alike."""

import json
import re
from collections.abc import Iterator, Mapping

from auditor.paperwork.define import Question
from auditor.paperwork.facts import LISTED, NAMED, NONE_APPLIES, Facts, Values

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z", re.ASCII)
_BARE_VALUES = frozenset({"date", "time", "number", "money"})


def write_facts(facts: Facts, questions: Mapping[str, Question]) -> str:
    """Return answers as a TOML document, the same answers always as the same text."""
    lines: list[str] = []
    for head, values in _tables(facts):
        if values:
            lines += [
                *([""] if lines else []),
                head,
                *(_line(key, text, questions[key]) for key, text in values.items()),
            ]
    return "\n".join(lines) + "\n" if lines else ""


def _tables(facts: Facts) -> Iterator[tuple[str, Values]]:
    yield "[filer]", facts.filer
    for level in NAMED:
        for name, values in sorted(getattr(facts, level).items()):
            yield f"[{level}.{_key(name)}]", values
    for level in LISTED:
        yield from ((f"[[{level}]]", entry) for entry in getattr(facts, level))


def _key(name: str) -> str:
    return name if _BARE.match(name) else _string(name)


def _line(key: str, text: str, question: Question) -> str:
    return f"{key} = {_value(text, question)}"


def _value(text: str, question: Question) -> str:
    if question.type == "list":
        items = [] if text == NONE_APPLIES else text.split("; ")
        return f"[{', '.join(map(_string, items))}]"
    if question.type == "days":
        return f"[{', '.join(text.split('; '))}]"
    if question.type == "flag":
        return "true" if text == "yes" else "false"
    return text if question.type in _BARE_VALUES else _string(text)


def _string(text: str) -> str:
    """Return a text as a basic string of TOML, whose escapes are those of JSON but for U+007F."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
