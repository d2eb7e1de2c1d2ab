"""Findings a person set aside: who, why, on whose authority, until when. All required."""

import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from auditor import ownership
from auditor.errors import InputError, OutputError, RuleError
from auditor.model import Waiver
from auditor.tables import Section, finish, read_toml

DEFAULT = "waivers.toml"
WORDS = ("finding", "who", "why", "authority")
HEAD = "# Findings set aside. Each needs who, why, authority and until; after that day the finding counts again.\n"


def read_waivers(name: str = "") -> tuple[Waiver, ...]:
    """Return the waivers of a file, by default of `waivers.toml` here if there is one."""
    path = Path(name or DEFAULT)
    if not name and not path.is_file():
        return ()
    try:
        text = ownership.read(path).decode("utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(f"cannot be read: {getattr(exc, 'strerror', None) or 'not UTF-8'}", where=str(path)) from None
    top = read_toml(text, str(path), error=RuleError)
    waivers = tuple(_waiver(section) for section in top.sections("waiver"))
    finish(top)
    return waivers


def expired(waivers: Iterable[Waiver], today: date) -> tuple[Waiver, ...]:
    """Return the waivers whose last day has passed."""
    return tuple(waiver for waiver in waivers if waiver.until < today)


def add(waiver: Waiver, name: str = "") -> Path:
    """Append one waiver to a file, checked first; the file is created where there is none."""
    path = Path(name or DEFAULT)
    if path.is_file():
        read_waivers(str(path))
    entry = "".join(f"{key} = {_toml_text(getattr(waiver, key))}\n" for key in WORDS)
    try:
        handle = ownership.open_file(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, mode=0o644)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.write(("" if file.tell() else HEAD) + f"\n[[waiver]]\n{entry}until = {waiver.until.isoformat()}\n")
    except OSError as exc:
        raise OutputError(f"cannot be written: {exc.strerror}", where=str(path)) from None
    return path


def _waiver(section: Section) -> Waiver:
    until = section.day("until", required=True)
    return Waiver(**{key: section.text(key) for key in WORDS}, until=until or date.min)


def _toml_text(text: str) -> str:
    """Return a TOML basic string."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    return '"' + printable.replace("\\", "\\\\").replace('"', '\\"') + '"'
