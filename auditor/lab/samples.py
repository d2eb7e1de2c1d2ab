"""One recorded device: `NAME.snmprec`, `.cli`, `.http`, `.banner` (samples/README.md)."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from auditor.errors import InputError
from auditor.model import VarBind
from auditor.parse import snmprec

LABELS = "labels.csv"
COLUMNS = ("sample", "maker", "brand", "model", "category", "outcome", "verdict", "shows", "name", "mac", "serial")
_REQUEST = re.compile(r">>> (?P<method>GET|POST|OPTIONS|DESCRIBE) (?P<path>/\S*)(?P<inside> \(logged in\))?\Z")
_STATUS = re.compile(r"HTTP/1\.[01] (?P<status>\d{3})(?: .*)?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedPage:
    """One recorded HTTP reply; `inside` pages are given only after a login."""

    path: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: str
    inside: bool = False

    def header(self, name: str) -> str:
        """Return the first header of that name, whatever its case, or an empty string."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Everything one recorded device says. `greetings` by fact kind, e.g. `ssh.banner`."""

    name: str
    varbinds: tuple[VarBind, ...] = ()
    transcript: str = ""
    pages: tuple[RecordedPage, ...] = ()
    greetings: tuple[tuple[str, str], ...] = ()

    def greeting(self, kind: str) -> str:
        """Return what it says of one kind, or an empty string."""
        return dict(self.greetings).get(kind, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The truth about one sample and what an audit must make of it; `verdict` is the least one."""

    sample: str
    maker: str
    brand: str
    model: str
    category: str
    outcome: str
    verdict: str
    shows: str
    name: str
    mac: str
    serial: str


def home() -> Path:
    """Return the folder of samples: in the installed package, else in the source tree."""
    inside = Path(__file__).with_name("recordings")
    return inside if inside.is_dir() else Path(__file__).parents[2] / "samples"


def read(folder: Path, name: str) -> Sample:
    """Return one sample; no such name, or a broken file, is an `InputError`."""
    base = folder / name
    texts = {end: _text(base.with_name(base.name + end)) for end in (".snmprec", ".cli", ".http", ".banner")}
    if not any(texts.values()):
        raise InputError("no such sample", where=str(base))
    walk = snmprec.snmprec(texts[".snmprec"])
    if walk.problems:
        raise InputError(walk.problems[0], where=f"{base}.snmprec")
    return Sample(
        name=name,
        varbinds=walk.varbinds,
        transcript=texts[".cli"],
        pages=tuple(pages(texts[".http"], f"{base}.http")),
        greetings=tuple(greetings(texts[".banner"], f"{base}.banner")),
    )


def labels(folder: Path) -> dict[str, Label]:
    """Return the labels of a sample folder by sample name."""
    rows = csv.DictReader(io.StringIO((folder / LABELS).read_text(encoding="utf-8")))
    if tuple(rows.fieldnames or ()) != COLUMNS:
        raise InputError(f"the first line must be {','.join(COLUMNS)}", where=str(folder / LABELS))
    return {row["sample"]: Label(**row) for row in rows}


def pages(text: str, where: str) -> Iterator[RecordedPage]:
    """Yield the recorded replies of an `.http` file."""
    for block in re.split(r"(?m)^(?=>>> )", text):
        if block.strip():
            yield _page(block, where)


def greetings(text: str, where: str) -> Iterator[tuple[str, str]]:
    r"""Yield (fact kind, words) of a `.banner` file; `\r`, `\n` and `\\` are escapes."""
    for number, line in enumerate(text.splitlines(), 1):
        kind, colon, words = line.partition(": ")
        if not colon or not re.fullmatch(r"[a-z0-9]+\.[a-z]+", kind):
            raise InputError(f"{line!r:.40} is not 'kind: words'", where=f"{where}: line {number}")
        yield kind, re.sub(r"\\([rn\\])", lambda escape: {"r": "\r", "n": "\n", "\\": "\\"}[escape[1]], words)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="surrogateescape") if path.is_file() else ""


def _page(block: str, where: str) -> RecordedPage:
    request_line, _, reply = block.partition("\n")
    head, _, body = reply.partition("\n\n")
    first, *fields = head.split("\n")
    request, status = _REQUEST.match(request_line), _STATUS.match(first)
    if request is None or status is None:
        raise InputError(f"{request_line!r:.60} is not followed by an HTTP reply", where=where)
    headers = tuple((name.strip(), value.strip()) for name, _, value in (field.partition(":") for field in fields))
    return RecordedPage(
        path=request["path"],
        status=int(status["status"]),
        headers=headers,
        body=body.strip("\n"),
        inside=request["inside"] is not None,
    )
