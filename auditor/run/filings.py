"""The paperwork of a run, filled in as far as the facts go, with a list of what is missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from auditor import ownership
from auditor.errors import InputError, RuleError
from auditor.formats.journal import stamp
from auditor.paperwork import plan
from auditor.paperwork.case import stale
from auditor.paperwork.filled import FilledFiling, fill
from auditor.paperwork.ics import SUFFIX, calendar_file
from auditor.paperwork.paper import files
from auditor.paperwork.periods import DueDate, calendar
from auditor.paperwork.prices import PRICES, REPLACEMENTS, Entry
from auditor.paperwork.prices import read as read_prices
from auditor.paperwork.removal import Plan
from auditor.paperwork.skeleton import skeleton
from auditor.paperwork.supplements import dates, family, missing, supplements
from auditor.run.cases import ALL, FilingCases, FilingRequest, PreparedFiling, choose, filings
from auditor.run.home import now
from auditor.store.files import make_folder, write

__all__ = ["ALL", "FilingRequest", "WrittenFiling", "choose", "facts_file", "filings", "write_filings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFiling:
    """A filing that was written: its files, how many rows it has, how many things are missing.

    `refusal` says why there is nothing to sign yet.
    """

    id: str
    files: tuple[Path, ...]
    rows: int
    gaps: int
    refusal: str = ""


def facts_file(request: FilingRequest) -> str:
    """Return a facts file with every open question as a remark."""
    return skeleton([one.case for one in FilingCases(request).prepare()])


def due_dates(request: FilingRequest) -> tuple[list[DueDate], bytes]:
    """Return the days filings are due by the facts, and the same as an iCalendar file."""
    source = FilingCases(request)
    days = calendar(source.choice, source.answers, now().date())
    return days, calendar_file(days, now())


def left_out(request: FilingRequest) -> tuple[str, ...]:
    """Return the filings that `all` leaves out, since they cannot bind whoever asks."""
    return FilingCases(request).left_out if request.filing == ALL else ()


def write_filings(request: FilingRequest) -> Iterator[WrittenFiling]:
    """Write filings and yield each; refuse where a table is too old, before any file is touched."""
    source = FilingCases(request)
    cases = list(source.prepare())
    for one in cases:
        old = stale(one.inputs, one.filing)
        if old and not request.despite_age:
            raise RuleError(
                f"{'; '.join(old)}; more than {request.max_age} days: update the tables, or say --despite-age",
                where=one.filing.id,
            )
    for one in cases:
        entry = _write(one, request)
        _rely(one, source)
        yield entry
        if entry.refusal and request.filing != ALL:
            raise RuleError(entry.refusal, where=entry.id)


def _rely(one: PreparedFiling, source: FilingCases) -> None:
    """Note in the store that a filing rests on a run, so that pruning leaves it."""
    if source.store and not Path(source.request.run).is_file():
        source.store.rely("filing", source.store.find(one.inputs.audit.run.id), one.filing.id, stamp(now()))


def _write(one: PreparedFiling, request: FilingRequest) -> WrittenFiling:
    sheet, paths = fill_prepared(one, request), []
    contents = files(sheet, one.inputs.today, pdf=request.pdf)
    if "calendar" in one.filing.more:
        contents[f"{one.filing.id}{SUFFIX}"] = calendar_file(dates(one.inputs, family(one.case)), one.inputs.today)
    for name, content in contents.items():
        path = request.output / name
        make_folder(path.parent)
        write(path, content)
        paths.append(path)
    return WrittenFiling(
        id=one.filing.id, files=tuple(paths), rows=len(sheet.tables[0].rows), gaps=len(sheet.gaps),
        refusal=sheet.refusal + _stale_page(one.filing.id, request.output) if sheet.refusal else "",
    )  # fmt: skip


def _stale_page(name: str, folder: Path) -> str:
    """Return that a page to sign of an earlier day still stands in a folder, or nothing."""
    pages = [path.name for path in (folder / f"{name}.html", folder / f"{name}.pdf") if path.exists()]
    return f"; {' and '.join(pages)} there is older and no longer true: remove it" if pages else ""


def fill_prepared(one: PreparedFiling, request: FilingRequest) -> FilledFiling:
    """Return a filing filled in; the removal plan with the filer's prices and candidates."""
    case = one.case
    more, gaps = supplements(case, one.before), tuple(missing(case, one.before))
    if one.filing.rows == "plan":
        prices, candidates = _entries(request.prices, PRICES), _entries(request.replacements, REPLACEMENTS)
        removal = Plan(case, prices=prices, candidates=candidates)
        more, gaps = (*plan.tables(removal), *more), (*plan.gaps(removal), *gaps)
    return fill(one.inputs, one.filing, more=more, missing=gaps)


def _entries(path: str, kind: str) -> tuple[Entry, ...]:
    try:
        return read_prices(ownership.read(Path(path)), path, kind) if path else ()
    except OSError as exc:
        raise InputError(f"cannot be read: {exc.strerror}", where=path) from None
