"""Errors a user can act on, each with its exit code.

AuditorError (2)
├── UsageError (2)        the command line, a target or the configuration is wrong
├── InputError (2)        a file that was to be read is not what it should be
├── OutputError (2)       a file could not be written
├── ServiceError (2)      a server that was named could not be read or written
├── RuleError (4)         rules, policies, waivers or tables are invalid, expired or too old
├── LockedError (5)       another run holds the lock
└── InterruptedRunError (130) stopped by the user; what was read is in the journal

A device that fails is no error but a value, `auditor.model.Unread`. A bug is a traceback.
"""

from collections.abc import Iterable
from errno import EACCES, EDQUOT, EFBIG, EIO, ENOSPC

# What writing ends with where the disk is at fault.
FULL = frozenset({ENOSPC, EDQUOT, EFBIG, EIO})


class AuditorError(Exception):
    """Something the user can put right, told in one line: what, where, what to do."""

    exit_code = 2

    def __init__(self, problem: str, *, where: str = "") -> None:
        super().__init__(f"{where}: {problem}" if where else problem)
        self.problem = problem
        self.where = where

    def under(self, parent: str) -> "AuditorError":
        """Return the problem one level further out: `maker.toml: ` before `rule[3].regex`."""
        return type(self)(self.problem, where=f"{parent}{self.where}".removesuffix(": "))


class UsageError(AuditorError):
    """The command line, a target or the configuration is wrong; nothing was contacted."""


class InputError(AuditorError):
    """A file that was to be read is not what it should be."""


class OutputError(AuditorError):
    """A file could not be written; what stood there before is untouched."""


class ServiceError(AuditorError):
    """A server that was named could not be read or written over its API."""


class RuleError(AuditorError):
    """Rules, policies, waivers or tables are invalid, expired or too old for what was asked."""

    exit_code = 4


class LockedError(AuditorError):
    """Another run holds the lock."""

    exit_code = 5


class InterruptedRunError(AuditorError):
    """The user stopped the run; what was read is in the journal."""

    exit_code = 130


class OutOfScopeError(OSError):
    """An address may not be contacted, and was not; `why` names the exclusion or the rule."""

    def __init__(self, why: str) -> None:
        super().__init__(EACCES, why)
        self.why = why


class ProblemsError(AuditorError):
    """Several problems of one kind, told at once, one a line."""

    def __init__(self, problems: Iterable[AuditorError]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
        self.exit_code = max((problem.exit_code for problem in self.problems), default=2)
