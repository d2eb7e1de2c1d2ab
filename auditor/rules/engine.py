"""One linear-time engine for many expressions: RE2 behind a filter of literals, so hostile text costs what it weighs."""

from collections.abc import Iterable
from typing import Any


def encoded(text: str) -> bytes:
    """Return what the engine reads: UTF-8, a lone surrogate as a question mark."""
    return text.encode("utf-8", "replace")


def compiled(regex: str) -> Any:
    """Return one compiled expression over bytes; raise ValueError where RE2 does not take it."""
    import re2

    try:
        return re2.compile(encoded(regex), _options())
    except re2.error as exc:
        said = exc.args[0] if exc.args else exc
        raise ValueError(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)) from None


def groups(regex: str) -> tuple[str, ...]:
    """Return the named groups of an expression, sorted."""
    return tuple(sorted(_name(name) for name in compiled(regex).groupindex))


def captures(expression: Any, raw: bytes) -> tuple[tuple[str, str], ...] | None:
    """Return the named groups that took part in the first match, sorted and stripped; None where nothing matches."""
    found = expression.search(raw)
    if found is None:
        return None
    taken = ((_name(name), found.group(name)) for name in expression.groupindex)
    said = ((name, value.decode("utf-8", "replace").strip()) for name, value in taken if value is not None)
    return tuple(sorted((name, value) for name, value in said if value))


class Sieve:
    """Many expressions asked at once; answers with the numbers of all that match, in the order they were given."""

    def __init__(self, expressions: Iterable[str]) -> None:
        import re2

        self._filter = re2.Filter()
        self._size = 0
        for regex in expressions:
            self._filter.Add(encoded(regex), _options())
            self._size += 1
        if self._size:
            self._filter.Compile()

    def hits(self, raw: bytes) -> list[int]:
        """Return the numbers of the expressions found anywhere in `raw`, ascending."""
        if not self._size:
            return []
        return sorted(self._filter.Match(raw) or ())


def _options() -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    return options


def _name(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else name
