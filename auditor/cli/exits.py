"""How the program ends: a line for what a user can put right, a traceback for a bug."""

import io
import sys
import traceback
from collections.abc import Callable

import click

from auditor.cli.terminal import finish, forsake, lament
from auditor.errors import FULL, AuditorError, OutputError
from auditor.normal import one_line

# EX_SOFTWARE of sysexits.h: no code of ours, so that no bug reads as findings.
BUG = 70
INTERRUPTED = 130
_USAGE = 2
_LONG = 4_000


def exit_code_of(program: Callable[[], object]) -> int:
    """Run a program to its end and return its exit code, once its output is on its way."""
    code = _code(program)
    try:
        finish()
    except BrokenPipeError:
        forsake(sys.stdout)
    except OutputError as exc:
        lament(f"auditor: {exc}")
        return code if code == INTERRUPTED else exc.exit_code
    return code


def _code(program: Callable[[], object]) -> int:
    try:
        code = program()
    except AuditorError as exc:
        problems = getattr(exc, "problems", (exc,))
        first, *others = (one_line(str(problem), _LONG) for problem in problems)
        lament(f"auditor: {first}", *others)
        return exc.exit_code
    except click.ClickException as exc:
        buffer = io.StringIO()
        exc.show(buffer)
        lament(buffer.getvalue())
        return _USAGE
    except (click.Abort, KeyboardInterrupt):
        lament("auditor: interrupted")
        return INTERRUPTED
    except SystemExit as exc:
        # click leaves with 1 where the reader of a pipe has gone, which is no fault and no finding.
        return exc.code if isinstance(exc.code, int) and exc.code != 1 else 0
    except Exception as exc:  # noqa: BLE001 - a bug: shown whole, under a code of its own
        return _bug(exc)
    return code if isinstance(code, int) else 0


def _bug(exc: Exception) -> int:
    if isinstance(exc, OSError) and exc.errno in FULL:
        forsake(sys.stdout)
        lament(f"auditor: the output cannot be written: {exc.strerror}")
        return _USAGE
    lament("".join(traceback.format_exception(exc)))
    return BUG
