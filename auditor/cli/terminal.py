"""The one way out to a person: nothing a file or a device says can steer a terminal.

`tell` and `tell_line` print on stdout for people, `emit` on stdout for programs, `note`, `warn`, `lament` and `log` on
stderr. There every line is text, or a JSON object with its time (RFC 3339) and level: `shape` says which.
"""

import contextlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import click

from auditor import normal
from auditor.errors import OutputError

# The colours of our own reports (ECMA-48 8.3.117): all that is ever let through, and only where colour was asked for.
COLOURS = ("\x1b[1;31m", "\x1b[33m", "\x1b[36m", "\x1b[0m")
# Process-wide, as stderr is: how it is written, the last one counts; empty where nobody has chosen.
_SHAPES = [""]


def tell(text: str, *, nl: bool = True, colour: bool = False) -> None:
    """Print text for a person; of what is no letter, newlines, tabs and our colours are left."""
    emit(normal.harmless(text, COLOURS if colour else ()), nl=nl)


def program() -> list[str]:
    """Return the words by which this program can be called again, as it was called now."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return [sys.executable, "-m", "auditor"]
    found = shutil.which(called.name)
    is_on_path = found is not None and Path(found).resolve() == called.resolve()
    return [called.name if is_on_path else str(called)]


def tell_line(text: str) -> None:
    """Print one line for a person; what would begin another line is a blank."""
    tell(text.replace("\n", " "))


def note(message: str) -> None:
    """Print one line on stderr that is no warning; where nobody can read it, the run goes on."""
    log("info", message)


def warn(message: str) -> None:
    """Print one line of warning on stderr."""
    log("warning", message)


def log(level: str, message: str, at: datetime | None = None, **more: object) -> None:
    """Print one line on stderr; as JSON with more keys."""
    _err(json_line(level, message, at, **more) if is_json() else normal.one_line(message, len(message) + 1))


def lament(*texts: str) -> None:
    """Print errors on stderr, of several lines each: usage, tracebacks, many problems at once."""
    if is_json():
        for text in texts:
            _err(json_line("error", normal.harmless(text).rstrip("\n")))
    else:
        _err(normal.harmless("\n".join(texts)).rstrip("\n"))


def json_line(level: str, message: str, at: datetime | None = None, **more: object) -> str:
    """Return a line of JSON; its message goes without our name before it."""
    time = (at or datetime.now(UTC)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"time": time, "level": level, **more, "message": message.removeprefix("auditor: ")})


def is_json() -> bool:
    """Tell whether stderr is for a program."""
    return _SHAPES[-1:] == ["json"]


def shape(log_format: str) -> None:
    """Write stderr as `text` or `json` from now on, unless that was chosen before."""
    if not _SHAPES[-1]:
        _SHAPES[-1] = log_format


@contextlib.contextmanager
def shaped(log_format: str) -> Iterator[None]:
    """Write stderr as `text` or `json` while the block runs; empty leaves the choice open."""
    _SHAPES.append(log_format)
    try:
        yield
    finally:
        _SHAPES.pop()


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
