"""One declaration for each option of a request: an annotation of its field."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, get_type_hints


@dataclass(frozen=True, slots=True)
class Option:
    """What a person reads of an option: help, short spelling, a word for its value, choices."""

    help: str
    short: str = ""
    metavar: str = ""
    choices: tuple[str, ...] = ()
    shows_default: bool = False


@dataclass(frozen=True, slots=True)
class OptionField:
    """A field of a request that is an option: its name, type, default and declaration."""

    name: str
    type: Any
    default: Any
    option: Option


def option_fields(request: type) -> Iterator[OptionField]:
    """Yield the options of a request in their order; fields without an `Option` are none."""
    hints = get_type_hints(request, include_extras=True)
    for entry in fields(request):
        for option in getattr(hints[entry.name], "__metadata__", ()):
            yield OptionField(entry.name, hints[entry.name].__origin__, entry.default, option)
