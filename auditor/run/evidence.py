"""Evidence files of devices: attached, listed, checked, copied with the store."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.errors import AuditorError, InputError, ProblemsError, UsageError
from auditor.formats.journal import stamp
from auditor.normal import one_line
from auditor.run.devices import one_number
from auditor.run.home import account, evidence_folder, now
from auditor.run.recorded import kept_runs
from auditor.store.media import JPEG, PNG, Media, examine
from auditor.store.numbers import spelled
from auditor.store.runs import Store
from auditor.store.seals import sha256

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from auditor.store.evidence import EvidenceFile

ADVICE = "keeps no device; files are attached to devices of a store"
NAME = 120
PICTURES = (JPEG, PNG)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """What is said of files: the devices they are of, a step of the removal, their sort."""

    devices: tuple[str, ...]
    step: str | None = None
    sort: str | None = None
    note: str = ""
    who: str = ""
    keep_positions: bool = False


def attach(files: Sequence[Path], what: Attachment, url: str) -> list[str]:
    """Keep files and note them in the ledger, all or none; return a line for each and device."""
    from auditor.store import evidence

    store = kept_runs(url, ADVICE)
    folder = evidence_folder(store)
    contents = _examined_all(files, keep_positions=what.keep_positions)
    lines = []
    with store.database.writing() as base:
        entries, before = list(_entries(base, what, store)), {one.identity for one in evidence.entries(base)}
        for path, original, media in contents:
            digest = sha256(media.content)
            evidence.keep(folder, digest, media.content)
            for entry in entries:
                one = replace(
                    entry, sort=what.sort or ("photograph" if media.type in PICTURES else "other"),
                    name=one_line(path.name, NAME), type=media.type, sha256=digest, length=len(media.content),
                    left_out=media.left_out, original="" if original == digest else original,
                )  # fmt: skip
                lines.append(_line(one, is_new=one.identity not in before))
                if one.identity not in before:
                    evidence.add(base, one)
                before.add(one.identity)
    return lines


def _examined_all(files: Sequence[Path], *, keep_positions: bool) -> list[tuple[Path, str, Media]]:
    """Return each file with the SHA-256 it came with; all that are refused show at once."""
    from auditor.store import evidence

    contents, problems = [], list[AuditorError]()
    for path in files:
        try:
            data = evidence.take(path)
            contents.append((path, sha256(data), examine(data, keep_positions=keep_positions)))
        except InputError as exc:
            problems.append(exc if exc.where else InputError(exc.problem, where=one_line(str(path), 200)))
    if problems:
        raise ProblemsError(problems)
    return contents


def _entries(base: "Connection", what: Attachment, store: Store) -> Iterator["EvidenceFile"]:
    """Yield what is noted of each device, without a file yet; a step must stand in the store."""
    from auditor.store import acts, directory
    from auditor.store.evidence import EvidenceFile

    numbers = list(dict.fromkeys(one_number(base, name, store) for name in what.devices))
    by_number = {entry.number: entry for entry in directory.devices(base, numbers=numbers)}
    for number in numbers:
        if what.step and what.step not in {step.state for step in acts.steps_of(base, number)}:
            raise UsageError(
                f"nobody noted that {spelled(number)} was {what.step}; 'auditor removal note' does", where="--step"
            )
        entry = by_number[number]
        yield EvidenceFile(
            device=number, asset=entry.key, site=entry.site, step=what.step or "", note=one_line(what.note, 400),
            who=one_line(what.who or account(), NAME), at=stamp(now()), sort="", name="", type="", sha256="", length=0,
        )  # fmt: skip


def _line(one: "EvidenceFile", *, is_new: bool) -> str:
    if not is_new:
        return f"{spelled(one.device)}: {one.words}, attached before"
    loss = f"; left out: {one.left_out}" if one.left_out else ""
    return f"{spelled(one.device)}: {one.words}, {one.length:,} octets{loss}"


def attachments(url: str, device: str = "") -> Sequence["EvidenceFile"]:
    """Return the files of a store, or those of the one device a person means, oldest first."""
    from auditor.store import evidence

    store = kept_runs(url, ADVICE)
    with store.database.reading() as base:
        number = one_number(base, device, store) if device else None
        return evidence.entries(base, number)


def evidence_of(store: Store) -> Sequence["EvidenceFile"]:
    """Return every file a store knows of."""
    from auditor.store import evidence

    with store.database.reading() as base:
        return evidence.entries(base)


def evidence_damage(store: Store) -> Iterator[str]:
    """Yield each file that is gone or changed, by its device."""
    from auditor.store import evidence

    if files := evidence_of(store):
        yield from evidence.damage(files, evidence_folder(store))


def copy_evidence(store: Store, folder: Path) -> int:
    """Copy the files of a store into another folder; return how many there are."""
    from auditor.store import evidence

    files = evidence_of(store)
    return evidence.copy(files, evidence_folder(store), folder) if files else 0
