"""`auditor filings`: the paperwork of a run, filled in, with a list of what is missing."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from auditor.cli import values
from auditor.cli.common import COUNTRY, DATE, FILE, OWN_FOLDER, POLICY, QUIET, REDACT, RULES, STORE, config_file, option
from auditor.cli.deliver import redaction_key
from auditor.cli.terminal import emit, note, tell, tell_line
from auditor.model import Verdict
from auditor.normal import one_line
from auditor.paperwork.case import STALE_DAYS
from auditor.report.words import counted
from auditor.run.binder import write_binder
from auditor.run.evidence import Attachment, attach, attachments
from auditor.run.filings import ALL, FilingRequest, choose, due_dates, facts_file, filings, left_out, write_filings
from auditor.run.fill import fill_in, write_gaps
from auditor.run.removal import STATES
from auditor.store.media import SORTS
from auditor.store.numbers import spelled
from auditor.store.seals import NAME, sign

VERDICTS = click.Choice([verdict.word for verdict in Verdict])
RUN = click.argument("run", default="last", metavar="[RUN|AUDIT.json]", shell_complete=values.RUN)


@click.group("filings", short_help="Write the paperwork laws ask for.")
def filings_command() -> None:
    """List and write filings: as CSV and XLSX, as a page to be signed, with what is missing."""


@filings_command.command("list")
@RULES
def list_command(rules: tuple[str, ...]) -> None:
    """List the filings: id, where they are written, who files, title."""
    for filing in filings(rules).by_id.values():
        tell_line(f"{filing.id}\t{filing.cite}\t{filing.filer}\t{filing.title}")


@filings_command.command("show")
@click.argument("filing", shell_complete=values.FILING)
@RULES
def show(filing: str, rules: tuple[str, ...]) -> None:
    """Show the columns of FILING, whose they are, and which keys of a facts file they take."""
    book = filings(rules)
    for one in choose(book, filing):
        evidence = f"evidence {one.evidence_class}, read {one.read_on}"
        tell(f"{one.title}\n{one.filer}\n{one.purpose}\n{one.cite} {one.url} ({evidence})")
        for column in one.columns:
            question = book.questions.get(column.fact)
            says = f"{column.fact} under {', '.join(question.at)}: {question.says}" if question else "from the run"
            tell_line(f"{column.head}\t{says}")


@filings_command.command("facts")
@click.argument("filing", shell_complete=values.FILING)
@RUN
@option("--facts", default="", metavar="FILE", help="What is answered already.")
@POLICY
@COUNTRY
@STORE
@RULES
def facts_command(**words: Any) -> None:
    """Print a facts file for FILING (an id, or `all`): open questions are remarks to fill in."""
    tell(facts_file(FilingRequest(config=config_file(), **words)), nl=False)


@filings_command.command("calendar")
@click.argument("filing", default="all", shell_complete=values.FILING)
@RUN
@option("--facts", default="", metavar="FILE", help="The days the letters to you name; none is guessed.")
@option("-f", "--format", "style", type=click.Choice(["text", "ics"]), default="text", help="A table, or RFC 5545.")
@POLICY
@COUNTRY
@STORE
@RULES
def calendar_command(style: str, **words: Any) -> None:
    """Print the days FILING (an id, or `all`) is due by the facts file, in the order of time."""
    days, file = due_dates(FilingRequest(config=config_file(), **words))
    if style == "ics":
        emit(file.decode())
        return
    for one in days:
        tell_line(f"{one.day}\t{one.what}{f' {one.number}' if one.number else ''}\t{one.filing}\t{one.because}")


@filings_command.command("gaps")
@click.argument("filing", shell_complete=values.FILING)
@RUN
@option("--facts", default="", metavar="FILE", help="What is answered already.")
@option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="The workbook to write (.xlsx), or a folder for CSV.",
)
@STORE
@RULES
def gaps_command(**words: Any) -> None:
    """Write the sheets to fill in for FILING (an id, or `all`): devices, models, makers, sites."""
    for path in write_gaps(FilingRequest(config=config_file(), **words)):
        note(str(path))


@filings_command.command("fill")
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@option("--facts", required=True, metavar="FILE", help="The facts file the answers go into; made where there is none.")
@option("--run", default="last", show_default=True, metavar="RUN|AUDIT.json", help="The run whose devices are meant.")
@option("--columns", type=FILE, metavar="MAP", help="What the columns of another's table answer, as TOML.")
@option("--check", is_flag=True, help="Only say what would be taken; write nothing.")
@STORE
@RULES
def fill_command(files: tuple[Path, ...], columns: Path | None, *, check: bool, **words: Any) -> None:
    """Take answers from sheets that were filled in, XLSX or CSV, into the facts file.

    All or nothing: each wrong cell is named with what to write, and nothing is taken. An empty cell takes nothing back.
    """
    result = fill_in(FilingRequest(filing=ALL, config=config_file(), **words), files, columns, keep=not check)
    for line in result.notes:
        note(line)
    for one in result.changes:
        was = f" (was {one.before})" if one.before else ""
        tell_line(one_line(f"{one.where}\t{one.level} {one.name}\t{one.key} = {one.after}{was}"))
    note(f"{counted(len(result.changes), 'answer')} {'would be new' if check else 'taken'}")


@filings_command.command("attach")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@option(
    "--device", "devices", multiple=True, required=True, metavar="D-42", help="The device (repeatable), by any name."
)
@option("--step", type=click.Choice(STATES), help="The step of its removal that the files prove.")
@option("--sort", type=click.Choice(SORTS), help="What the files are (default: a picture is a photograph).")
@option("--note", default="", help="What else there is to say.")
@option("--who", default="", help="Who attaches them (default: the account).")
@option("--keep-positions", is_flag=True, help="Keep where a photograph was taken, and all else its camera noted.")
@STORE
def attach_command(files: tuple[Path, ...], store: str, **words: Any) -> None:
    """Attach certificates, photographs, invoices to devices: PDF, JPEG or PNG, at most 64 MB.

    The store keeps them by SHA-256 and names them in its ledger. Positions and other notes of a camera are left out
    unless asked for; the orientation and the time stay.
    """
    for line in attach(files, Attachment(**words), store):
        note(line)


@filings_command.command("attached")
@click.argument("device", default="")
@STORE
def attached_command(device: str, store: str) -> None:
    """List the files attached to DEVICE, or to any: number, sort, name, SHA-256, who, day."""
    for one in attachments(store, device):
        cells = (spelled(one.device), one.step, one.sort, one.name, f"{one.length}", one.sha256, one.who, one.at[:10])
        tell_line("\t".join(map(one_line, cells)))


@filings_command.command("binder")
@RUN
@option("--site", required=True, metavar="NAME", help="The site whose binder it is.")
@option("--facts", default="", metavar="FILE", help="What the network cannot know, as TOML.")
@option("--prices", default="", metavar="FILE", help="Prices for the plan, CSV, XLSX or TOML; none is built in.")
@option("--replacements", default="", metavar="FILE", help="Candidates for the plan, CSV, XLSX or TOML.")
@option("-o", "--output", type=OWN_FOLDER, required=True, help="The folder to write to; it has to be empty.")
@option("--sign", "key", type=FILE, metavar="KEY", help="Sign the manifest with this ssh key.")
@STORE
@RULES
def binder_command(site: str, key: Path | None, **words: Any) -> None:
    """Write one binder of a site: plan, custody, photographs, certificates, manifest, sealed.

    A folder, and all of it as one PDF (extra: pdf). `auditor verify FOLDER/manifest.json` compares every file.
    """
    request = FilingRequest(filing=ALL, config=config_file(), **words)
    binder = write_binder(request, site, is_signed=key is not None)
    for line in binder.notes:
        note(line)
    note(f"{binder.paper}: {counted(binder.files, 'file')} sealed")
    if key:
        note(f"signed: {sign(request.output / NAME, key)}")


@filings_command.command("write")
@click.argument("filing", shell_complete=values.FILING)
@RUN
@option(
    "--facts", default="", metavar="FILE", help="What the network cannot know, as TOML; `filings show` lists the keys."
)
@option("--prices", default="", metavar="FILE", help="Prices for the plan, CSV, XLSX or TOML; none is built in.")
@option("--replacements", default="", metavar="FILE", help="Candidates for the plan, CSV, XLSX or TOML.")
@option("-o", "--output", type=OWN_FOLDER, required=True, help="The folder to write to.")
@option(
    "--as-of",
    type=DATE,
    metavar="DATE",
    help="Ask the laws of that day (default: the day a filing is for, else the day the run was judged for).",
)
@option(
    "--at-least",
    type=VERDICTS,
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
@option("--period", default="", metavar="N|DAY|DAY..DAY", help="The period of a report by period (default: due next).")
@option("--previous", default="", metavar="RUN|AUDIT.json", help="What last year's annual report was made of.")
@POLICY
@COUNTRY
@option("--pdf", is_flag=True, help="Also as PDF, where a person signs (extra: pdf).")
@STORE
@RULES
@REDACT
@QUIET
def write_command(at_least: str, as_of: datetime | None, redact: str, *, quiet: bool, **words: Any) -> None:
    """Write FILING (an id, or `all`) of a stored run or an audit document into a folder.

    Nothing is certified: a person signs. Exits 4 where a table the filing rests on is older than --max-age days, and
    where FILING cannot be signed yet: then the list of what is open is written, and no page to sign.
    """
    request = FilingRequest(
        config=config_file(),
        at_least=Verdict[at_least.upper()],
        as_of=as_of.date() if as_of else None,
        redact=redaction_key(redact) if redact else b"",
        **words,
    )
    if not quiet and (rest := left_out(request)):
        note(f"cannot bind whoever asks, and left out: {', '.join(rest)}")
    for filing in write_filings(request):
        if not quiet:
            note(f"{filing.id}: {filing.rows} rows, {filing.gaps} gaps{', no page to sign yet' * bool(filing.refusal)}")
