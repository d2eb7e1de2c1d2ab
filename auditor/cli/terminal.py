"""The one way out to a person: nothing a file or a device says can steer a terminal.

`tell` and `tell_line` print on stdout for people, `warn` and `lament` on stderr, `emit` on stdout for programs.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import IO, Any

import click

from auditor import normal
from auditor.errors import OutputError

# The colours of our own reports (ECMA-48 8.3.117): all that is ever let through, and only where colour was asked for.
COLOURS = ("\x1b[1;31m", "\x1b[33m", "\x1b[36m", "\x1b[0m")


def tell(text: str, *, nl: bool = True, colour: bool = False) -> None:
    """Print text for a person; of what is no letter, newlines, tabs and our colours are left."""
    emit(normal.harmless(text, COLOURS if colour else ()), nl=nl)


def tell_line(text: str) -> None:
    """Print one line for a person; what would begin another line is a blank."""
    tell(text.replace("\n", " "))


def warn(message: str) -> None:
    """Print one line on stderr; where nobody can read it, the run goes on."""
    _err(normal.one_line(message, len(message) + 1))


def lament(text: str) -> None:
    """Print several lines on stderr: usage, tracebacks, many problems at once."""
    _err(normal.harmless(text).rstrip("\n"))


def emit(content: str | bytes, *, nl: bool = False) -> None:
    """Write what a program reads, byte by byte."""
    with stream():
        click.echo(content, nl=nl, color=True)


def is_terminal() -> bool:
    """Tell whether a person looks at stdout."""
    return sys.stdout is not None and sys.stdout.isatty()


def is_watched() -> bool:
    """Tell whether a person looks at stderr."""
    return sys.stderr is not None and sys.stderr.isatty()


@contextlib.contextmanager
def stream() -> Iterator[IO[bytes]]:
    """Lend stdout; where it is closed or full, that is an `OutputError`."""
    if sys.stdout is None:
        raise OutputError("is closed", where="stdout")
    try:
        yield sys.stdout.buffer
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as exc:
        forsake(sys.stdout)
        raise OutputError(f"cannot be written: {exc.strerror}", where="stdout") from None


def finish() -> None:
    """Push out what is still held back; raise `OutputError` where stdout does not take it."""
    if sys.stdout is not None:
        with stream():
            pass


def forsake(which: Any) -> None:
    """Let what is held back for a stream vanish, so that the interpreter does not complain."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), which.fileno())


def _err(text: str) -> None:
    if sys.stderr is None:
        return
    try:
        click.echo(text, err=True)
    except OSError:
        forsake(sys.stderr)
