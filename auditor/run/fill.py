"""Answers out of tables that people filled in, into the facts file that filings read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from auditor import ownership
from auditor.errors import InputError, OutputError, ProblemsError, UsageError
from auditor.formats.journal import stamp
from auditor.imports.grids import grids
from auditor.imports.source import SourceFile
from auditor.paperwork.answer_changes import Change, apply_answers
from auditor.paperwork.answer_names import AnswerNames
from auditor.paperwork.answers import AnswerReader, FormReading
from auditor.paperwork.case import FilingInputs
from auditor.paperwork.column_map import ColumnMap, read_map
from auditor.paperwork.facts import Facts
from auditor.paperwork.facts_file import write_facts
from auditor.paperwork.form_files import form_files
from auditor.paperwork.forms import forms
from auditor.paperwork.price_forms import price_forms
from auditor.run.cases import FilingCases, FilingRequest
from auditor.run.filer import facts_of
from auditor.run.home import account, now, old_store
from auditor.store import seals
from auditor.store.files import make_folder, write

FILL = "fill"
BEFORE = ".before"


@dataclass(frozen=True, slots=True, kw_only=True)
class FillResult:
    """What tables brought: the changes, notes on what was passed over, whether it was kept."""

    changes: tuple[Change, ...]
    notes: tuple[str, ...]
    is_kept: bool


def write_gaps(request: FilingRequest) -> list[Path]:
    """Write sheets to fill in: one workbook where `output` ends in .xlsx, else a folder of CSV."""
    cases = [one.case for one in FilingCases(request).prepare()]
    sheets = forms(cases)
    if not sheets:
        raise UsageError("asks its filer nothing", where=request.filing)
    is_book = request.output.suffix.casefold() == ".xlsx"
    folder = request.output.parent if is_book else request.output
    paths = []
    make_folder(folder)
    for name, content in form_files(sheets, cases[0].inputs.today, as_book=is_book, lists=price_forms(cases)).items():
        paths.append(request.output if is_book else folder / name)
        write(paths[-1], content)
    return paths


def fill_in(request: FilingRequest, files: Sequence[Path], columns: Path | None = None, *, keep: bool) -> FillResult:
    """Take the answers of some tables into the facts file, all of them or none.

    One wrong cell refuses all (`ProblemsError`, each by its sheet and cell). With `keep` the file is written, what
    stood in it before kept beside it, and the ledger of a store says what was answered, by whom and when.
    """
    if not request.facts:
        raise UsageError("name the facts file the answers go into; it is made where there is none", where="--facts")
    inputs = _inputs(request)
    names, path = AnswerNames(inputs), Path(request.facts)
    mapping = _map(columns, inputs) if columns else None
    reading = _read(files, names, mapping)
    if reading.refusals:
        raise ProblemsError([InputError(problem, where=where) for where, problem in reading.refusals])
    own = facts_of(request.facts, inputs.filings.questions) if path.exists() else Facts()
    facts, changes = apply_answers(reading, names, own)
    if keep and changes:
        _keep(write_facts(facts, inputs.filings.questions), path, changes, files, request)
    return FillResult(changes=changes, notes=tuple(reading.notes), is_kept=keep and bool(changes))


def _inputs(request: FilingRequest) -> FilingInputs:
    """Return the run with what is answered so far; a facts file need not be there yet."""
    own = request.facts if Path(request.facts).exists() else ""
    return FilingCases(replace(request, facts=own)).whole()


def _map(path: Path, inputs: FilingInputs) -> ColumnMap:
    try:
        return read_map(ownership.read(path).decode("utf-8"), str(path), inputs.filings.questions)
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(f"cannot be read: {getattr(exc, 'strerror', None) or exc}", where=str(path)) from None


def _read(files: Sequence[Path], names: AnswerNames, mapping: ColumnMap | None) -> FormReading:
    reader, warnings = AnswerReader(names, mapping), list[str]()
    for path in files:
        source = SourceFile(path=path, site="", at=now(), warn=warnings.append)
        reader.read(grids(source))
    if not reader.reading.answers and not reader.reading.entries and not reader.reading.refusals:
        reader.reading.notes.append("no cell holds an answer")
    reader.reading.notes[:0] = warnings
    return reader.reading


def _keep(text: str, path: Path, changes: Sequence[Change], files: Sequence[Path], request: FilingRequest) -> None:
    """Write the facts file and a link of the ledger, both or neither."""
    content = text.encode()
    entry = {
        "who": account(),
        "files": [{"name": one.name, "sha256": seals.digest(one).sha256} for one in files],
        "facts": {"name": path.name, "sha256": seals.sha256(content)},
        "answers": [[one.level, one.name, one.key, one.before, one.after] for one in changes],
    }
    store = old_store(request.store)
    if store is None:
        _replace(path, content)
        return
    from auditor.store import ledger

    with store.database.writing() as base:
        ledger.append(base, FILL, stamp(now()), entry)
        _replace(path, content)


def _replace(path: Path, content: bytes) -> None:
    try:
        if path.exists():
            ownership.replace_file(path.with_name(path.name + BEFORE), ownership.read(path))
        ownership.replace_file(path, content)
    except OSError as exc:
        raise OutputError(f"cannot be written: {exc.strerror}", where=str(path)) from None
