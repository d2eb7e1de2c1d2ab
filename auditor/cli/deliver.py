"""Where reports go: one to stdout or a file, several into a folder."""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from auditor import normal
from auditor.cli.common import CommonOptions
from auditor.cli.terminal import emit, is_terminal, tell, warn
from auditor.errors import UsageError
from auditor.model import Audit
from auditor.report.base import Options
from auditor.report.registry import FORMATS, render, render_pieces
from auditor.run.conclude import Conclusion
from auditor.run.configuration import places
from auditor.run.happenings import event_counts, events_of, site_lines
from auditor.run.recorded import contacts_on_failure
from auditor.store.files import make_folder, write_pieces

# Reports that a person reads as they are; all others have an escaping of their own.
FOR_PEOPLE = frozenset({"text", "markdown"})


Places = Mapping[str, tuple[float, float]]


def report(conclusion: Conclusion, common: CommonOptions) -> int:
    """Write the reports asked for, to a file, a folder or stdout; return the exit code."""
    options = looks(conclusion.look, places(common.config))
    counts = event_counts(events_of(conclusion.news)) if conclusion.news else None
    run = conclusion.audit.run
    kept = f"the run is kept, 'auditor report {run.id}' writes it again" if options.ledger else "the run is not kept"
    with contacts_on_failure(run, kept):
        write_reports(conclusion.audit, replace(options, events=counts), common)
    for line in site_lines(conclusion.news):
        common.person.say(line)
    for waiver in conclusion.late:
        warn(f"auditor: the waiver of {waiver.finding} ended on {waiver.until}; it counts again")
    return conclusion.exit_code


def write_reports(audit: Audit, options: Options, common: CommonOptions) -> None:
    """Write each report asked for; without an output the only one goes to stdout."""
    formats, output = common.format or ("text",), common.output
    for name in formats:
        if name not in FORMATS:
            raise UsageError(f"'{name}' is no format; known: {', '.join(FORMATS)}", where="--format")
    if common.redact:
        from auditor.report.redact import pseudonymise, pseudonyms

        names = pseudonyms(audit, redaction_key(common.redact))
        reader = options.organisation and names.reader(options.organisation)
        audit, options = pseudonymise(audit, names), replace(options, redacted=True, organisation=reader)
    if not output:
        if len(formats) > 1:
            raise UsageError("several formats need a folder to go to; add --output FOLDER", where="--format")
        _print(audit, formats[0], options)
        return
    stem = "audit" if common.stable else f"audit-{normal.file_name(audit.run.id)}"
    files = [_file(output, name, formats, stem) for name in formats]
    if len(formats) > 1 or output.endswith("/"):
        make_folder(Path(output))
    for name, path in zip(formats, files, strict=True):
        write_pieces(path, render_pieces(audit, name, options))
        common.person.say(f"wrote {path}")


def looks(look: Options, where: Places) -> Options:
    """Return how reports look on this terminal."""
    wide = shutil.get_terminal_size((120, 24)).columns if is_terminal() or "COLUMNS" in os.environ else 120
    return replace(look, places=where, width=wide, colour=is_terminal() and not os.environ.get("NO_COLOR"))


def _print(audit: Audit, name: str, options: Options) -> None:
    if FORMATS[name].binary and is_terminal():
        raise UsageError(f"{name} is no text for a terminal; add --output FILE", where="--format")
    if name in FOR_PEOPLE:
        tell(render(audit, name, options).decode("utf-8", "replace"), nl=False, colour=options.colour)
        return
    for piece in render_pieces(audit, name, options):
        emit(piece)


def redaction_key(name: str) -> bytes:
    """Return the secret names are replaced under, from the variable it is kept in."""
    key = os.environ.get(name, "")
    if not key:
        raise UsageError(
            f"set the variable {name} to a secret of your own; the same secret gives the same pseudonyms",
            where="--redact",
        )
    return key.encode()


def _file(output: str, name: str, formats: Sequence[str], stem: str) -> Path:
    path = Path(output)
    if len(formats) == 1 and not path.is_dir() and not output.endswith("/"):
        return path if path.suffix or path.exists() else path.with_name(f"{path.name}.{FORMATS[name].suffix}")
    if path.exists() and not path.is_dir():
        raise UsageError("is a file; several reports need a folder", where=f"--output {output}")
    suffix = FORMATS[name].suffix
    kind = "" if name == suffix else f"-{name.removesuffix(f'-{suffix}')}"
    return path / f"{stem}{kind}.{suffix}"
