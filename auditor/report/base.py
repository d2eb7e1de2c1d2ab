"""What every report is: a pure function from an audit and options to bytes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from auditor.model import Audit, Organisation, Reach

# An unknown word of so few letters is taken for initials.
_INITIALS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a report is to look, not what it says.

    `names` maps ids of makers, categories and duties to the names people use (from the vocabulary); `places` a site to
    its latitude and longitude in degrees; `width` is in terminal cells. `events` counts the devices to which an event
    (`new`, `gone` …) came since the run before, by (site, event); None where no store can say. `ledger` names the link
    under which a store keeps the run, `origin` what it rests on that nobody here recorded. `organisation` is who asks,
    `reach` whom each policy can bind, `idle` duties that ask nobody to act; `elsewhere` is the audit with what cannot
    bind the organisation alone. `books` gives the run beside the books of its store, a table with its head first, empty
    where it has none; it is asked for where it is shown.
    """

    width: int = 100
    colour: bool = False
    title: str = "Network equipment audit"
    names: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    redacted: bool = False
    organisation: Organisation | None = None
    reach: Mapping[str, Reach] = field(default_factory=dict)
    idle: frozenset[str] = frozenset()
    elsewhere: Audit | None = None
    events: Mapping[tuple[str, str], int] | None = None
    ledger: str = ""
    origin: str = ""
    books: Callable[[], Sequence[Sequence[str]]] = tuple

    def name(self, word: str) -> str:
        """Return the name people use for a maker or category, or its id spelled out."""
        name = self.names.get(word)
        if name is not None:
            return name
        return word.upper() if len(word) <= _INITIALS else word[:1].upper() + word[1:]

    def asks(self, duty: str) -> str:
        """Return a duty as people read it; an unknown word is spelled out."""
        return self.names.get(duty) or duty[:1].upper() + duty[1:].replace("-", " ")

    def label(self, maker: str, brand: str) -> str:
        """Return the brand on the box, or nothing where it is the maker's own name."""
        own = {maker.casefold(), self.name(maker).casefold()}
        return "" if brand.casefold() in own else brand


class Render(Protocol):
    """Turns an audit into the bytes of one report."""

    def __call__(self, audit: Audit, options: Options, /) -> bytes:
        """Return the whole report; the same audit and options give the same bytes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One kind of report: what it is for, how its files end, and who makes it.

    One that is `whole` says what every law asks, whoever reads it. What may be larger than the memory is made in
    `pieces` as well, of the same bytes.
    """

    says: str
    suffix: str
    render: Render
    binary: bool = False
    pieces: Callable[[Audit], Iterator[bytes]] | None = None
    whole: bool = False
