"""Evidence files: certificates, photographs, invoices, kept by SHA-256, in the ledger.

The links are all there is to know of them: no pruning takes a link away, and none can be changed unseen.
"""

import errno
import hashlib
import json
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, or_, select

from auditor import ownership
from auditor.errors import InputError, OutputError
from auditor.normal import one_line
from auditor.store import acts, ledger
from auditor.store.files import whole_file
from auditor.store.media import CAP
from auditor.store.numbers import spelled
from auditor.store.schema import link

KIND = "evidence"
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFile:
    """One file attached to a device, or to a step of its removal; `at` is RFC 3339 (UTC).

    `original` is the SHA-256 of the file as it was given, where something was left out of what is kept.
    """

    device: int
    asset: str
    site: str
    step: str
    sort: str
    name: str
    type: str
    sha256: str
    length: int
    who: str
    at: str
    note: str = ""
    left_out: str = ""
    original: str = ""

    @property
    def identity(self) -> tuple[int, str, str]:
        """Return what is noted once: a file of a device and a step."""
        return (self.device, self.step, self.sha256)

    @property
    def words(self) -> str:
        """Return the file in words, as sheets and manifests name it."""
        step = f"step {self.step}, " if self.step else ""
        return one_line(f"{self.sort} '{self.name}' ({step}sha256 {self.sha256})", 300)


def add(base: Connection, one: EvidenceFile) -> None:
    """Note a file in the ledger."""
    cells = asdict(one)
    ledger.append(base, KIND, cells.pop("at"), cells)


def entries(base: Connection, number: int | None = None) -> tuple[EvidenceFile, ...]:
    """Return every file, or those of one device, oldest first, by the numbers of today."""
    older = acts.merges(base)
    query = select(link.c.content, link.c.at).where(link.c.kind == KIND).order_by(link.c.seq)
    if number is not None:
        own = acts.with_younger(older, [number]) or ()
        query = query.where(or_(*(link.c.content.contains(f'"device":{one},', autoescape=True) for one in own)))
    files = (EvidenceFile(**json.loads(row.content), at=row.at) for row in base.execute(query))
    files = (replace(one, device=older.get(one.device, one.device)) for one in files)
    return tuple(one for one in files if number in {None, one.device})


def place(folder: Path, sha256: str) -> Path:
    """Return where a file lies, by its digest."""
    return folder / sha256[:2] / sha256


def keep(folder: Path, sha256: str, content: bytes) -> None:
    """Keep a file where it is not there yet; it is its owner's alone."""
    path = place(folder, sha256)
    try:
        ownership.make_folder(path.parent, 0o700)
    except OSError as exc:
        raise OutputError(f"cannot be made: {exc.strerror}", where=str(path.parent)) from None
    if problem(folder, sha256, len(content)):
        with whole_file(path, 0o600) as file:
            file.write(content)


def read(folder: Path, one: EvidenceFile) -> bytes:
    """Return a file that is kept; one that is gone or changed is an `InputError`."""
    if what := problem(folder, one.sha256, one.length):
        raise InputError(what, where=f"{spelled(one.device)} {one.words}")
    return place(folder, one.sha256).read_bytes()


def damage(files: Sequence[EvidenceFile], folder: Path) -> Iterator[str]:
    """Yield each file that is gone or not what was kept, with its device."""
    for one in files:
        if what := problem(folder, one.sha256, one.length):
            yield f"{spelled(one.device)}: {one.words} {what}"


def problem(folder: Path, sha256: str, length: int) -> str:
    """Return what is wrong with a file that should be kept, or nothing."""
    path = place(folder, sha256)
    try:
        file = _open(path)
    except FileNotFoundError:
        return "is missing"
    except OSError as exc:
        return f"cannot be read ({exc.strerror})"
    with file:
        if os.fstat(file.fileno()).st_size != length:
            return "was changed"
        digest = hashlib.sha256()
        while block := file.read(BLOCK):
            digest.update(block)
    return "" if digest.hexdigest() == sha256 else "was changed"


def take(path: Path) -> bytes:
    """Return the octets of a file to attach; links, pipes, empty and large ones are refused."""
    where = one_line(str(path), 200)
    try:
        file = _open(path)
    except OSError as exc:
        problem = ownership.NOT_FOLLOWED if path.is_symlink() else f"cannot be read: {exc.strerror}"
        raise InputError(problem, where=where) from None
    with file:
        size = os.fstat(file.fileno()).st_size
        if not 0 < size <= CAP:
            raise InputError(f"has {size:,} octets; 1 to {CAP:,} are taken", where=where)
        content = file.read(CAP + 1)
    if len(content) > CAP:
        raise InputError(f"has more than {CAP:,} octets", where=where)
    return content


def _open(path: Path) -> IO[bytes]:
    """Open a regular file and nothing else: no link is followed, no pipe is waited for."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "it is no regular file")
    return os.fdopen(handle, "rb")


def copy(files: Sequence[EvidenceFile], folder: Path, other: Path) -> int:
    """Copy every file that is whole into another folder; return how many there are."""
    count = 0
    for one in {one.sha256: one for one in files}.values():
        if not problem(folder, one.sha256, one.length):
            keep(other, one.sha256, place(folder, one.sha256).read_bytes())
            count += 1
    return count
