"""One binder a site: plan, custody, photographs, certificates, as a PDF and a folder."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.errors import UsageError
from auditor.model import Audit
from auditor.normal import file_name, one_line
from auditor.paperwork.binder import FILINGS, GROUPS, BinderFile, binder_paper
from auditor.paperwork.case import FilingInputs
from auditor.paperwork.filled import FilledFiling
from auditor.paperwork.paper import files as filing_files
from auditor.report.pdf import pages_of, typeset, typesetter
from auditor.run.cases import FilingCases, FilingRequest, PreparedFiling
from auditor.run.evidence import evidence_of
from auditor.run.filings import fill_prepared
from auditor.run.home import evidence_folder, now
from auditor.run.recorded import kept_runs
from auditor.run.verify import Basis, seal
from auditor.store import seals
from auditor.store.files import make_folder, write
from auditor.store.media import PDF, SUFFIXES
from auditor.store.numbers import spelled
from auditor.store.runs import Store

if TYPE_CHECKING:
    from auditor.store.evidence import EvidenceFile

PAPER = "binder.pdf"
MOST_NAMES = 12  # devices that the title of a file names


@dataclass(frozen=True, slots=True, kw_only=True)
class Binder:
    """A binder that was written: its paper, how many files it has, what it could not show."""

    paper: Path
    files: int
    notes: tuple[str, ...]


def write_binder(request: FilingRequest, site: str, *, is_signed: bool = False) -> Binder:
    """Write the binder of one site into a folder that is empty, and seal it.

    A file of evidence that is gone or changed is an `InputError`: nothing is sealed around it.
    """
    typesetter()  # says what is missing before any file is written
    folder, store = request.output, kept_runs(request.store)
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError("is not empty; a binder seals every file of its folder", where=str(folder))
    sheets = dict(_sheets(request, site))
    groups = list(_contents(store, site))
    for name, sheet in sheets.items():
        for file, content in filing_files(sheet, now()).items():
            _write(folder / FILINGS[name] / file, content)
    files, notes = list[BinderFile](), list[str]()
    for own, path, content in groups:
        _write(folder / path, content)
        pages = pages_of(folder, path) if own[0].type == PDF else pages_of(folder, path, most=1)
        files.append(_binder_file(own, path, pages))
        if not pages:
            notes.append(f"{path} cannot be shown on paper; it lies in the folder")
    digests = [(one.name, f"{one.length}", one.sha256) for one in seals.inside(folder)]
    title = f"Binder of {site}"
    paper = binder_paper(title, list(sheets.values()), files, digests, now())
    _write(folder / PAPER, typeset("binder.typ", paper, folder))
    basis = Basis(store=request.store, rules=request.rules, config=request.config)
    manifest = seal(request.run, folder, basis, is_signed=is_signed)
    return Binder(paper=folder / PAPER, files=len(manifest.files), notes=tuple(notes))


def _sheets(request: FilingRequest, site: str) -> Iterator[tuple[str, FilledFiling]]:
    for name in FILINGS:
        (one,) = FilingCases(replace(request, filing=name)).prepare()
        own: PreparedFiling = replace(one, inputs=_at(one.inputs, site))
        yield name, replace(fill_prepared(own, request), forms=())


def _at(case: FilingInputs, site: str) -> FilingInputs:
    """Return a case with the devices of one site alone; one that has none is a `UsageError`."""
    audit = case.audit
    assets = tuple(item for item in audit.assets if item.asset.site == site)
    if not assets:
        sites = sorted({one_line(item.asset.site, 40) for item in audit.assets})
        raise UsageError(f"the run knows no device there; its sites: {', '.join(sites)}", where=f"--site {site:.40}")
    own: Audit = replace(
        audit,
        assets=assets,
        unread=tuple(item for item in audit.unread if item.target.site == site),
        run=replace(audit.run, sites=(site,)),
    )
    return replace(case, audit=own)


def _contents(store: Store, site: str) -> Iterator[tuple[list["EvidenceFile"], str, bytes]]:
    """Yield each file of a site: the devices it is of, its path in the binder, its octets."""
    from auditor.store import evidence

    groups: dict[tuple[str, str], list[EvidenceFile]] = {}
    for one in evidence_of(store):
        if one.site == site:
            groups.setdefault((one.sort, one.sha256), []).append(one)
    folder = evidence_folder(store) if groups else Path()
    for number, own in enumerate(groups.values(), 1):
        first = own[0]
        stem = file_name(Path(first.name).stem)[:40]
        path = f"{GROUPS[first.sort][0]}/{number:03}-{spelled(first.device)}-{stem}{SUFFIXES[first.type]}"
        yield own, path, evidence.read(folder, first)


def _binder_file(own: Sequence["EvidenceFile"], path: str, pages: Sequence[int]) -> BinderFile:
    first = own[0]
    devices = ", ".join(dict.fromkeys(spelled(one.device) for one in own[:MOST_NAMES]))
    more = f" and {len(own) - MOST_NAMES} more" if len(own) > MOST_NAMES else ""
    says = [f"{path}, SHA-256 {first.sha256}", *dict.fromkeys(map(_attachment, own[:MOST_NAMES]))]
    if first.left_out:
        says.append(f"Left out: {first.left_out}. As it was given: SHA-256 {first.original}")
    if not pages:
        says.append("This program could not show it on paper; open the file itself.")
    return BinderFile(
        sort=first.sort, title=f"{devices}{more}: {first.name}", says=tuple(says),
        pages=tuple((f"/{path}", page) for page in pages),
    )  # fmt: skip


def _attachment(one: "EvidenceFile") -> str:
    step = f"Proof of the step '{one.step}'. " if one.step else ""
    return f"{step}Attached by {one.who or 'nobody named'} on {one.at[:10]}. {one.note}".strip()


def _write(path: Path, content: bytes) -> None:
    make_folder(path.parent)
    write(path, content)
