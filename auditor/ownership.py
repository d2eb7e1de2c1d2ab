"""Who could change a file that decides what a run does: we, root and sudo's caller may.

The folders above it count too, since whoever may write a folder may put another file in its place; a sticky folder such
as /tmp passes, as nobody can take away another's file there. `--trust FOLDER` (`AUDITOR_TRUST`) takes a folder on a
person's word. Access control lists are not looked at.
"""

import errno
import grp
import os
import pwd
import shlex
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from auditor.errors import UsageError

MOST_LINKS = 40
OTHERS = 0o002
GROUP = 0o020
NOT_FOLLOWED = "is a symbolic link, which is not followed here; name the file itself, or remove the link"

# Process-wide, like the umask: which folders a person vouches for.
_NAMED: list[Path] = []


@contextmanager
def trust(folders: Iterable[str | Path]) -> Iterator[None]:
    """Take some folders, whoever may write them, on a person's word while the block runs."""
    mine = [Path(folder).expanduser().resolve() for folder in folders]
    _NAMED.extend(mine)
    try:
        yield
    finally:
        # A block may end late and out of order; it takes back its own word and nobody else's.
        for folder in mine:
            _NAMED.remove(folder)


def check(path: Path, *, follow: bool = True) -> None:
    """Refuse a path somebody else could change; what does not exist is judged by its folders.

    Without `follow` a symbolic link as its last component is refused too, in a trusted folder as well.
    """
    if not follow and path.is_symlink():
        raise UsageError(NOT_FOLLOWED, where=str(path))
    if _is_named(Path(os.path.abspath(path))):  # noqa: PTH100 - resolve() would follow the links
        return
    for step, info in _steps(path.absolute()):
        problem = _problem(step, info)
        if problem and not _is_named(step):
            raise _refusal(path, step, info, problem)


def check_folder(folder: Path) -> None:
    """Refuse a folder of data files that somebody else could change, or anything in it."""
    try:
        inner = [entry for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith(".")]
        files = [entry for place in (folder, *inner) for entry in place.iterdir() if entry.suffix in {".toml", ".tsv"}]
        for place in (folder, *inner):
            check(place)
            info = place.stat()
            if info.st_mode & OTHERS and not _is_named(place.resolve()):
                raise _refusal(place, place, info, "others may add files to this folder; chmod o-w it")
    except OSError as exc:
        raise UsageError(f"cannot be read: {exc.strerror}", where=str(exc.filename)) from None
    for file in files:
        check(file)


def is_safe(path: Path) -> bool:
    """Tell whether `check` lets a path pass."""
    try:
        check(path)
    except UsageError:
        return False
    return True


def open_file(path: Path, flags: int = os.O_RDONLY, *, follow: bool = True, mode: int = 0o600) -> int:
    """Return a descriptor of a file nobody else could change; `mode` is that of a new file.

    The open file is checked once more, so that nothing is gained by putting another in its place meanwhile.
    """
    check(path, follow=follow)
    try:
        handle = os.open(path, flags | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW), mode)
    except OSError as exc:
        if exc.errno == errno.ELOOP and not follow:
            raise UsageError(NOT_FOLLOWED, where=str(path)) from None
        raise
    info = os.fstat(handle)
    problem = "" if _is_named(path.resolve()) else _problem(path, info)
    if problem:
        os.close(handle)
        raise _refusal(path, path, info, problem)
    return handle


def read(path: Path) -> bytes:
    """Return the octets of a file nobody else could change."""
    with os.fdopen(open_file(path), "rb") as file:
        return file.read()


def replace_file(path: Path, data: bytes) -> None:
    """Replace a file of its owner's alone in one step; on any failure what stood there stays."""
    beside = path.with_name(f".{path.name}.new")
    try:
        handle = open_file(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, follow=False)
        with open(handle, "wb") as file:  # noqa: PTH123 - a handle, opened with its mode from the first moment
            file.write(data)
            file.flush()
            os.fsync(handle)
        beside.replace(path)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise


def make_folder(folder: Path, mode: int = 0o755) -> None:
    """Make a folder that nobody else could change, and those above it that are missing."""
    check(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=mode)
    check(folder)


def _steps(path: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield the root and each folder, link and file on the way to a path, as far as it exists."""
    left = list(reversed(path.parts[1:]))
    here, links = Path(path.anchor), 0
    yield here, here.lstat()
    while left:
        word = left.pop()
        step = here.parent if word == ".." else here / word
        try:
            info = step.lstat()
        except OSError:
            return
        yield step, info
        if not stat.S_ISLNK(info.st_mode):
            here = step
            continue
        links += 1
        if links > MOST_LINKS:
            raise UsageError("leads through too many symbolic links", where=str(path))
        target = step.readlink()
        here = Path(target.anchor) if target.is_absolute() else here
        left += reversed(target.parts[1:] if target.is_absolute() else target.parts)


def _problem(step: Path, info: os.stat_result) -> str:
    """Return who besides us could change one step and what to do about it, or nothing."""
    kind, mode = ("folder" if stat.S_ISDIR(info.st_mode) else "file"), stat.S_IMODE(info.st_mode)
    if info.st_uid not in _owners():
        return f"this {kind} belongs to {_user(info.st_uid)}, who could change it; chown it to {_user(os.geteuid())}"
    if stat.S_ISDIR(info.st_mode):
        if mode & stat.S_ISVTX and step != Path(step.anchor):
            return ""
    elif not stat.S_ISREG(info.st_mode):
        return ""
    if mode & OTHERS:
        return f"others may write this {kind}; chmod o-w it"
    if mode & GROUP and not _private(info.st_gid):
        return f"the group {_group(info.st_gid)} may write this {kind}; chmod g-w it"
    return ""


def _refusal(path: Path, step: Path, info: os.stat_result, problem: str) -> UsageError:
    folder = step if stat.S_ISDIR(info.st_mode) else step.parent
    above = "" if step == path.absolute() or step == path else f"{step}: "
    return UsageError(
        f"{above}{problem}, or trust it by name: --trust {shlex.quote(str(folder.absolute()))}", where=str(path)
    )


def _owners() -> frozenset[int]:
    """Return whose files are as good as ours: root's and, for root, those of sudo's caller."""
    caller = os.environ.get("SUDO_UID", "") if os.geteuid() == 0 else ""
    return frozenset({0, os.geteuid(), *([int(caller)] if caller.isdecimal() else [])})


def _private(gid: int) -> bool:
    """Tell whether a group is the private one of a user we trust, with nobody else in it."""
    users = [user for user in map(_entry, _owners()) if user is not None]
    names = {user.pw_name for user in users}
    try:
        group = grp.getgrgid(gid)
    except KeyError:
        return gid in _owners()
    if gid not in _owners() and group.gr_name not in names:
        return False
    others = {user.pw_name for user in pwd.getpwall() if user.pw_gid == gid} | set(group.gr_mem)
    return others <= names


def _entry(uid: int) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        return None


def _user(uid: int) -> str:
    user = _entry(uid)
    return user.pw_name if user else f"user {uid}"


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def _is_named(path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in _NAMED)
