"""One declaration for each option of a request: an annotation of its field."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """What a person reads of an option: help, short spelling, a word for its value, choices."""

    help: str
    short: str = ""
    metavar: str = ""
    choices: tuple[str, ...] = ()
    shows_default: bool = False
