"""`auditor filings`: the paperwork of a run, filled in as far as the network and the filer's facts go, with a list of what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from auditor import ownership
from auditor.cli.common import DATE, QUIET, REDACT, RULES, STORE, Shared, now, option
from auditor.cli.deliver import made, redaction_key
from auditor.cli.knowledge import knowledge
from auditor.cli.paperwork import asked_again, configured, facts_of, noted, run_or_document
from auditor.cli.terminal import tell, tell_line, warn
from auditor.errors import InputError, RuleError, UsageError
from auditor.model import Verdict
from auditor.paperwork import plan
from auditor.paperwork.case import STALE_DAYS, Case, Scene, stale
from auditor.paperwork.define import Filing, Shelf
from auditor.paperwork.filled import Packet, packet
from auditor.paperwork.paper import files
from auditor.paperwork.plan import Plan
from auditor.paperwork.prices import PRICES, REPLACEMENTS, Entry
from auditor.paperwork.prices import read as read_prices
from auditor.paperwork.registry import shelf
from auditor.paperwork.share import share
from auditor.paperwork.skeleton import skeleton
from auditor.report.base import Options
from auditor.store.files import write as write_file

ALL = "all"


@click.group("filings", short_help="Write the paperwork laws ask for.")
def filings_command() -> None:
    """List and write filings: each as CSV and XLSX, as a page where a person signs it, with a list of what is missing."""


@filings_command.command("list")
@RULES
def listed(rules: tuple[str, ...]) -> None:
    """List the filings: id, where they are written, who files, title."""
    for filing in shelf(Shared(rules=rules).rule_folders).filings.values():
        tell_line(f"{filing.id}\t{filing.cite}\t{filing.filer}\t{filing.title}")


@filings_command.command("show")
@click.argument("filing")
@RULES
def show(filing: str, rules: tuple[str, ...]) -> None:
    """Show the columns of FILING, whose they are, and which keys of a facts file they take."""
    known = shelf(Shared(rules=rules).rule_folders)
    (one,) = _wanted(known, filing)
    tell(
        f"{one.title}\n{one.filer}\n{one.purpose}\n{one.cite} {one.url} (evidence {one.evidence_class}, read {one.read_on})"
    )
    for column in one.columns:
        asked = known.questions.get(column.fact)
        where = f"{column.fact} under {', '.join(asked.at)}: {asked.says}" if asked else "from the run"
        tell_line(f"{column.head}\t{where}")


@filings_command.command("facts")
@click.argument("filing")
@click.argument("run", default="last", metavar="[RUN|AUDIT.json]")
@option("--facts", default="", metavar="FILE", help="What is answered already.")
@STORE
@RULES
@click.pass_context
def facts_command(ctx: click.Context, /, filing: str, run: str, **given: Any) -> None:
    """Print a facts file for FILING (an id, or `all`) with every open question as a remark, to be filled in."""
    known = shelf(Shared(rules=given["rules"]).rule_folders)
    config = (ctx.find_root().obj or {}).get("config") or ""
    wanted = _wanted(known, filing)
    case = case_of(Asked(filings=wanted, known=known, config=config, **given), run)
    tell(skeleton([Scene(case, one) for one in wanted]), nl=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What `filings write` was asked for."""

    filings: Sequence[Filing]
    known: Shelf
    facts: str = ""
    prices: str = ""
    replacements: str = ""
    output: Path = Path("filings")
    store: str = ""
    rules: tuple[str, ...] = ()
    as_of: datetime | None = None
    at_least: Verdict = Verdict.PROBABLE
    max_age: int = STALE_DAYS
    despite_age: bool = False
    pdf: bool = False
    redact: str = ""
    config: str = ""
    quiet: bool = False

    def say(self, message: str) -> None:
        """Tell the person at the terminal something that is not data."""
        if not self.quiet:
            warn(message)


@filings_command.command("write")
@click.argument("filing")
@click.argument("run", default="last", metavar="[RUN|AUDIT.json]")
@option(
    "--facts", default="", metavar="FILE", help="What the network cannot know, as TOML; `filings show` lists the keys."
)
@option("--prices", default="", metavar="FILE", help="Prices for the removal plan, CSV or TOML; none is built in.")
@option("--replacements", default="", metavar="FILE", help="Candidates for the removal plan, CSV or TOML.")
@option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), required=True, help="The folder to write to."
)
@option(
    "--as-of", type=DATE, metavar="DATE", help="Ask the laws of that day (default: the day the run was judged for)."
)
@option(
    "--at-least",
    type=click.Choice([verdict.word for verdict in Verdict]),
    default=Verdict.PROBABLE.word,
    show_default=True,
    help="The lowest verdict that enters a sheet.",
)
@option(
    "--max-age",
    type=click.IntRange(min=0),
    default=STALE_DAYS,
    show_default=True,
    metavar="DAYS",
    help="Refuse on older tables.",
)
@option("--despite-age", is_flag=True, help="Write in spite of tables that are too old, and say so in every file.")
@option("--pdf", is_flag=True, help="Also as PDF, where a person signs (extra: pdf).")
@STORE
@RULES
@REDACT
@QUIET
@click.pass_context
def write_command(ctx: click.Context, /, filing: str, run: str, at_least: str, **given: Any) -> None:
    """Write FILING (an id, or `all`) of a stored run or an audit document into a folder.

    Nothing is certified: a person signs. Exits 4 where a table the filing rests on is older than --max-age days.
    """
    known = shelf(Shared(rules=given["rules"]).rule_folders)
    config = (ctx.find_root().obj or {}).get("config") or ""
    asked = Asked(
        filings=_wanted(known, filing), known=known, at_least=Verdict[at_least.upper()], config=config, **given,
    )  # fmt: skip
    write_filings(asked, run)


def write_filings(asked: Asked, run: str) -> list[Path]:
    """Write filings and return their files; refuse where a table is too old, before any file is touched."""
    case = case_of(asked, run)
    for filing in asked.filings:
        old = stale(case, filing)
        if old and not asked.despite_age:
            raise RuleError(
                f"{'; '.join(old)}; more than {asked.max_age} days: update the tables, or say --despite-age",
                where=filing.id,
            )
    written = []
    for filing in asked.filings:
        sheet = filled(case, filing, asked)
        for name, content in files(sheet, case.today, pdf=asked.pdf).items():
            written.append(_put(asked.output / name, content))
        asked.say(f"{filing.id}: {len(sheet.tables[0].rows)} rows, {len(sheet.gaps)} gaps")
    return written


def filled(case: Case, filing: Filing, asked: Asked) -> Packet:
    """Return a filing filled in; the removal plan with the prices and candidates that were brought."""
    if filing.rows != "plan":
        return packet(case, filing)
    prices, candidates = _brought(asked.prices, PRICES), _brought(asked.replacements, REPLACEMENTS)
    removal = Plan(Scene(case, filing), prices=prices, candidates=candidates)
    return packet(case, filing, more=plan.tables(removal), missing=tuple(plan.gaps(removal)))


def _brought(path: str, kind: str) -> tuple[Entry, ...]:
    try:
        return read_prices(ownership.read(Path(path)), path, kind) if path else ()
    except OSError as exc:
        raise InputError(f"cannot be read: {exc.strerror}", where=path) from None


def case_of(asked: Asked, run: str) -> Case:
    """Return the run with the filer's facts and the laws asked again."""
    audit = run_or_document(run, asked.store)
    facts = facts_of(asked.facts, asked.known.questions)
    facts = configured(facts, asked.config).under(noted(audit, asked.store))
    known = knowledge(Shared(rules=asked.rules).rule_folders)
    day = asked.as_of.date() if asked.as_of else audit.as_of
    case = Case(
        audit=asked_again(audit, known.policies, facts, day),
        facts=facts,
        shelf=asked.known,
        today=now(),
        options=Options(names=known.names()),
        at_least=asked.at_least,
        max_age=asked.max_age,
    )
    return share(case, redaction_key(asked.redact)) if asked.redact else case


def _wanted(known: Shelf, wanted: str) -> list[Filing]:
    if wanted == ALL:
        return list(known.filings.values())
    if wanted not in known.filings:
        raise UsageError(f"no filing '{wanted}'; known: {', '.join(known.filings)}, {ALL}", where="FILING")
    return [known.filings[wanted]]


def _put(path: Path, content: bytes) -> Path:
    made(path.parent)
    write_file(path, content)
    return path
