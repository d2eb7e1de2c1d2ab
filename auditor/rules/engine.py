"""Many expressions in linear time: RE2 behind a filter of literals, for hostile text."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

CAPTURE_CAP = 256  # octets; a model or a serial is shorter, and a device may say anything


def encoded(text: str) -> bytes:
    """Return what the engine reads: UTF-8, a lone surrogate as a question mark."""
    return text.encode("utf-8", "replace")


@lru_cache(maxsize=4096)
def compiled(regex: str) -> Any:
    """Return one compiled expression over bytes; raise ValueError where RE2 does not take it."""
    import re2

    try:
        return re2.compile(encoded(regex), _options())
    except re2.error as exc:
        reasons = exc.args[0] if exc.args else exc
        raise ValueError(reasons.decode("utf-8", "replace") if isinstance(reasons, bytes) else str(reasons)) from None


def groups(regex: str) -> tuple[str, ...]:
    """Return the named groups of an expression, sorted."""
    return tuple(sorted(_name(name) for name in compiled(regex).groupindex))


def first_match(expression: Any, raw: bytes) -> tuple[int, tuple[tuple[str, str], ...]] | None:
    """Return where the first match begins, in octets, and its groups; None without one."""
    match = expression.search(raw)
    if match is None:
        return None
    captures = ((_name(name), match.group(name)) for name in expression.groupindex)
    capture = ((name, value[:CAPTURE_CAP].decode("utf-8", "replace").strip()) for name, value in captures if value)
    return match.start(), tuple(sorted((name, value) for name, value in capture if value))


class Sieve:
    """Many expressions asked at once; answers with the numbers of those that match.

    Expressions with a telling literal wait behind a filter of literals; the others run side by side in one automaton.
    """

    def __init__(self, expressions: Iterable[str]) -> None:
        raws = [encoded(regex) for regex in expressions]
        whole = _filter(raws)
        # What might match an empty text has no literal to wait for.
        bare = frozenset(whole.Match(b"", True) or ()) if whole else frozenset()
        self._lettered = [number for number in range(len(raws)) if number not in bare]
        self._bare = sorted(bare)
        self._filter = _filter([raws[number] for number in self._lettered])
        self._set = _set([raws[number] for number in self._bare])

    def hits(self, raw: bytes) -> list[int]:
        """Return the numbers of the expressions found anywhere in `raw`, ascending."""
        numbers = [self._lettered[at] for at in self._filter.Match(raw) or ()] if self._filter else []
        if self._set:
            numbers += [self._bare[at] for at in self._set.Match(raw) or ()]
        return sorted(numbers) if numbers else numbers


def _filter(raws: Sequence[bytes]) -> Any:
    import re2

    if not raws:
        return None
    sieve = re2.Filter()
    for raw in raws:
        sieve.Add(raw, _options())
    sieve.Compile()
    return sieve


def _set(raws: Sequence[bytes]) -> Any:
    import re2

    if not raws:
        return None
    options = _options()
    # A set that runs out of memory would stay silent; this is ample for thousands of rules, and tests compare.
    options.max_mem = 256 << 20
    together = re2.Set.SearchSet(options)
    for raw in raws:
        together.Add(raw)
    together.Compile()
    return together


def _options() -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    return options


def _name(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else name
