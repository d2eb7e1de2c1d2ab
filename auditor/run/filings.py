"""The paperwork of a run, filled in as far as the facts go, with a list of what is missing."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from auditor import ownership
from auditor.errors import InputError, RuleError, UsageError
from auditor.formats.journal import stamp
from auditor.model import Verdict
from auditor.paperwork import plan
from auditor.paperwork.case import STALE_DAYS, FilingCase, FilingInputs, stale
from auditor.paperwork.define import Filing, Filings
from auditor.paperwork.filled import FilledFiling, fill
from auditor.paperwork.paper import files
from auditor.paperwork.plan import Plan
from auditor.paperwork.prices import PRICES, REPLACEMENTS, Entry
from auditor.paperwork.prices import read as read_prices
from auditor.paperwork.registry import all_filings
from auditor.paperwork.share import share
from auditor.paperwork.skeleton import skeleton
from auditor.run.filer import device_facts, facts_of, run_or_document, site_facts, weighed_again
from auditor.run.home import now, old_store
from auditor.run.knowledge import knowledge, look, rule_folders
from auditor.store.files import make_folder, write

ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingRequest:
    """Which filing of which run or audit document, with whose facts and prices, and where to."""

    filing: str  # an id, or `all`
    run: str = "last"
    facts: str = ""
    prices: str = ""
    replacements: str = ""
    output: Path = Path("filings")
    store: str = ""
    rules: tuple[str, ...] = ()
    as_of: date | None = None
    at_least: Verdict = Verdict.PROBABLE
    max_age: int = STALE_DAYS
    despite_age: bool = False
    pdf: bool = False
    redact: bytes = b""
    policy: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    config: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFiling:
    """A filing that was written: its files, how many rows it has, how many things are missing."""

    id: str
    files: tuple[Path, ...]
    rows: int
    gaps: int


def filings(rules: Sequence[str] = ()) -> Filings:
    """Return every filing there is, the built-in ones and the user's own over them."""
    return all_filings(rule_folders(rules))


def choose(book: Filings, name: str, policies: Collection[str] | None = None) -> list[Filing]:
    """Return the filing of an id, or all that some policies ask for."""
    if name == ALL:
        return [
            filing
            for filing in book.by_id.values()
            if policies is None or not (laws := {*filing.policies, *filing.lists}) or laws.intersection(policies)
        ]
    if name not in book.by_id:
        raise UsageError(f"no filing '{name}'; known: {', '.join(book.by_id)}, {ALL}", where="FILING")
    return [book.by_id[name]]


def facts_file(request: FilingRequest) -> str:
    """Return a facts file with every open question as a remark."""
    return skeleton([FilingCase(case, filing) for case, filing in cases_of(request)])


def write_filings(request: FilingRequest) -> Iterator[WrittenFiling]:
    """Write filings and yield each; refuse where a table is too old, before any file is touched."""
    cases = cases_of(request)
    for case, filing in cases:
        old = stale(case, filing)
        if old and not request.despite_age:
            raise RuleError(
                f"{'; '.join(old)}; more than {request.max_age} days: update the tables, or say --despite-age",
                where=filing.id,
            )
    for case, filing in cases:
        yield _write(filing, case, request)
        _rely(filing, case, request)


def _rely(filing: Filing, case: FilingInputs, request: FilingRequest) -> None:
    """Note in the store that a filing rests on a run, so that pruning leaves it."""
    store = None if Path(request.run).is_file() else old_store(request.store)
    if store:
        store.rely("filing", store.find(case.audit.run.id), filing.id, stamp(now()))


def _write(filing: Filing, case: FilingInputs, request: FilingRequest) -> WrittenFiling:
    sheet = _fill(case, filing, request)
    paths = []
    for name, content in files(sheet, case.today, pdf=request.pdf).items():
        path = request.output / name
        make_folder(path.parent)
        write(path, content)
        paths.append(path)
    return WrittenFiling(id=filing.id, files=tuple(paths), rows=len(sheet.tables[0].rows), gaps=len(sheet.gaps))


def _fill(case: FilingInputs, filing: Filing, request: FilingRequest) -> FilledFiling:
    """Return a filing filled in; the removal plan with the filer's prices and candidates."""
    if filing.rows != "plan":
        return fill(case, filing)
    prices, candidates = _entries(request.prices, PRICES), _entries(request.replacements, REPLACEMENTS)
    removal = Plan(FilingCase(case, filing), prices=prices, candidates=candidates)
    return fill(case, filing, more=plan.tables(removal), missing=tuple(plan.gaps(removal)))


def _entries(path: str, kind: str) -> tuple[Entry, ...]:
    try:
        return read_prices(ownership.read(Path(path)), path, kind) if path else ()
    except OSError as exc:
        raise InputError(f"cannot be read: {exc.strerror}", where=path) from None


def cases_of(request: FilingRequest) -> list[tuple[FilingInputs, Filing]]:
    """Return the filings asked for, each with the run and the laws asked again on its day."""
    book = filings(request.rules)
    basis = knowledge(request.rules, request.policy, request.country)
    forms = choose(book, request.filing, {policy.id for policy in basis.policies})
    audit = run_or_document(request.run, request.store)
    facts = facts_of(request.facts, book.questions)
    facts = facts.under(site_facts(request.config)).under(device_facts(audit, request.store))
    inputs: dict[date, FilingInputs] = {}
    for filing in forms:
        day = request.as_of or filing.day(audit.as_of)
        if day not in inputs:
            case = FilingInputs(
                audit=weighed_again(audit, basis.policies, facts, day),
                facts=facts,
                filings=book,
                today=now(),
                options=look(basis),
                at_least=request.at_least,
                max_age=request.max_age,
            )
            inputs[day] = share(case, request.redact) if request.redact else case
    return [(inputs[request.as_of or filing.day(audit.as_of)], filing) for filing in forms]
