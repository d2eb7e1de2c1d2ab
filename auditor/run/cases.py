"""What each filing is made from: runs of a term, the filer's facts, laws of its day."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from auditor import pipeline
from auditor.errors import AuditorError, UsageError
from auditor.formats import document
from auditor.formats.journal import instant
from auditor.model import Audit, Organisation, Verdict
from auditor.paperwork.case import STALE_DAYS, FilingCase, FilingInputs
from auditor.paperwork.define import Filing, Filings
from auditor.paperwork.facts import Facts
from auditor.paperwork.periods import Period, period_of
from auditor.paperwork.registry import all_filings
from auditor.paperwork.share import share, share_audit
from auditor.run.context import context_in_force, context_of
from auditor.run.filer import device_facts, facts_of, run_or_document, site_facts, weighed_again
from auditor.run.home import now, old_store
from auditor.run.knowledge import knowledge, look, rule_folders
from auditor.run.term import Term, over_term
from auditor.store.runs import Store

ALL = "all"
TERM = "term"
LAST = "last"


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
    period: str = ""
    previous: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedFiling:
    """A filing with all it is made from; `before` is the audit of a year ago, if kept."""

    filing: Filing
    inputs: FilingInputs
    before: Audit | None = None

    @property
    def case(self) -> FilingCase:
        """Return the case of it."""
        return FilingCase(self.inputs, self.filing)


def filings(rules: Sequence[str] = ()) -> Filings:
    """Return every filing there is, the built-in ones and the user's own over them."""
    return all_filings(rule_folders(rules))


def choose(book: Filings, name: str, policies: Collection[str] | None = None) -> list[Filing]:
    """Return the filing whose id it is or begins so, or all that some policies ask for."""
    if name == ALL:
        return [
            filing
            for filing in book.by_id.values()
            if policies is None or not (laws := {*filing.policies, *filing.lists}) or laws.intersection(policies)
        ]
    matches = [one for one in book.by_id if one == name] or [one for one in book.by_id if one.startswith(name)]
    if len(matches) != 1:
        problem = f"'{name}' fits {', '.join(matches)}" if matches else f"no filing '{name}'"
        raise UsageError(f"{problem}; known: {', '.join(book.by_id)}, {ALL}", where="FILING")
    return [book.by_id[matches[0]]]


@dataclass(frozen=True)
class FilingCases:
    """Makes the cases of the filings asked for; what several rest on is made once."""

    request: FilingRequest

    @cached_property
    def book(self) -> Filings:
        """Return every filing there is."""
        return filings(self.request.rules)

    @cached_property
    def basis(self) -> pipeline.Knowledge:
        """Return the policies asked for."""
        return knowledge(self.request.rules, self.request.policy, self.request.country)

    @cached_property
    def choice(self) -> list[Filing]:
        """Return the filings asked for; of all only those that can bind whoever asks."""
        forms = choose(self.book, self.request.filing, {policy.id for policy in self.basis.policies})
        return [one for one in forms if self.request.filing != ALL or self.can_bind(one)]

    @cached_property
    def left_out(self) -> tuple[str, ...]:
        """Return the filings that `all` leaves out, since they cannot bind whoever asks."""
        forms = choose(self.book, self.request.filing)
        return tuple(one.id for one in forms if one not in self.choice)

    def can_bind(self, filing: Filing) -> bool:
        """Tell whether one of a filing's policies can bind the organisation at one of its sites."""
        reader, reach = self.organisation, self.basis.reach()
        if reader is None or not filing.policies:
            return True
        sites = ({item.asset.site for item in self.last.assets} if self.has_run else set()) or {""}
        laws = [reach[name] for name in filing.policies if name in reach]
        return not laws or any(reader.can_be_bound(law, site) for law in laws for site in sites)

    @property
    def has_run(self) -> bool:
        """Tell whether there is a run at all: days that letters name need none."""
        return Path(self.request.run).is_file() or self.store is not None

    @cached_property
    def organisation(self) -> Organisation | None:
        """Return who asks: as it was recorded with a stored run, else as it is configured."""
        if self.store is None:
            return context_in_force(self.request.config).organisation
        return context_of(self.store, self.store.find(self.last.run.id), self.request.config).organisation

    @cached_property
    def last(self) -> Audit:
        """Return the run asked for; `last` of a past period is the newest that began in it."""
        return run_or_document(self.request.run, self.request.store)

    @cached_property
    def store(self) -> Store | None:
        """Return the store that keeps the run; a document stands alone unless a store knows its run.

        The default store is nobody's wish where a document is named: one that cannot be read stops nothing then.
        """
        if not Path(self.request.run).is_file():
            return old_store(self.request.store)
        try:
            store = old_store(self.request.store)
            run = document.load(Path(self.request.run).read_bytes()).run.id
            return store if store and run in {row.id for row in store.runs()} else None
        except AuditorError:
            if self.request.store:
                raise
            return None

    @cached_property
    def answers(self) -> Facts:
        """Return the filer's facts, those of the configuration beneath them."""
        facts = facts_of(self.request.facts, self.book.questions)
        return facts.under(site_facts(self.request.config))

    def prepare(self) -> Iterator[PreparedFiling]:
        """Yield each filing with its case."""
        inputs_by_day: dict[tuple[object, ...], FilingInputs] = {}
        for filing in self.choice:
            period = period_of(filing, self.answers, self.request.period, now().date())
            audit = self._run(period)
            # The newest run stands for today: a year that ended since it was judged is over.
            newest = max(audit.as_of, now().date()) if self.request.run == LAST else audit.as_of
            day = self.request.as_of or (filing.day(newest) if filing.year_end else audit.as_of)
            key = (audit.run.id, day, filing.over, period)
            if key not in inputs_by_day:
                inputs_by_day[key] = self._inputs(self._term(audit, filing.over), day, period)
            yield PreparedFiling(filing=filing, inputs=inputs_by_day[key], before=self._before(filing, audit, day))

    def whole(self) -> FilingInputs:
        """Return the run asked for with every device of its term, whatever filing speaks of it."""
        return self._inputs(self._term(self.last), self.request.as_of or self.last.as_of, None)

    def _run(self, period: Period | None) -> Audit:
        """Return the run asked for, or the newest that had begun when a named period ended."""
        if not (self.request.period and period and self.store and self.request.run == LAST):
            return self.last
        audit = self._newest(period.last)
        if audit is None:
            raise UsageError(f"no run had begun by {period.last}", where="--period")
        return audit

    def _newest(self, day: date, but: str = "") -> Audit | None:
        """Return the newest stored run that had begun on a day, but for one; else None."""
        rows = self.store.runs() if self.store else ()
        older = [row for row in rows if instant(row.started).date() <= day and row.id != but]
        return document.load(self.store.document(older[-1])) if self.store and older else None

    def _term(self, audit: Audit, over: str = TERM) -> Term:
        if over != TERM or self.store is None:
            return Term(audit=audit)
        key = audit.run.id
        if key not in self._terms:
            first = self.answers.filer.get("inventory_day", "")
            day = date.fromisoformat(first) if first else None
            self._terms[key] = over_term(audit, self.store, day, self.request.at_least)
        return self._terms[key]

    @cached_property
    def _terms(self) -> dict[str, Term]:
        return {}

    def _inputs(self, term: Term, day: date, period: Period | None) -> FilingInputs:
        facts, audit = self._weighed(term, day)
        inputs = FilingInputs(
            audit=audit,
            facts=facts,
            filings=self.book,
            today=now(),
            options=look(self.basis, self.organisation),
            at_least=self.request.at_least,
            max_age=self.request.max_age,
            spans=term.spans,
            term=term.runs,
            period=period,
        )
        return share(inputs, self.request.redact) if self.request.redact else inputs

    def _weighed(self, term: Term, day: date) -> tuple[Facts, Audit]:
        """Return the facts of a term's devices, and its audit by the laws of a day."""
        facts = self.answers.under(device_facts(term.audit, self.store, term.books))
        return facts, weighed_again(term.audit, self.basis.policies, facts, day)

    def _before(self, filing: Filing, audit: Audit, day: date) -> Audit | None:
        """Return what a yearly filing stood on a year before: by name, else the newest run of then."""
        if "changes" not in filing.more:
            return None
        year_ago = day.replace(year=day.year - 1) if (day.month, day.day) != (2, 29) else date(day.year - 1, 2, 28)
        if self.request.previous:
            term = Term(audit=run_or_document(self.request.previous, self.request.store))
        elif before := self._newest(year_ago, but=audit.run.id):
            term = self._term(before)
        else:
            return None
        _, audit_then = self._weighed(term, year_ago)
        return share_audit(audit_then, self.request.redact) if self.request.redact else audit_then
