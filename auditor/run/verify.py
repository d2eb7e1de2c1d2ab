"""Proof that a run judged again gives the same bytes; seals over folders of reports."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from auditor import ownership, pipeline
from auditor.errors import AuditorError, InputError, UsageError
from auditor.formats import document
from auditor.formats.document import to_document
from auditor.formats.fields import dump
from auditor.formats.journal import stamp
from auditor.model import Audit, Waiver
from auditor.normal import file_name, one_line
from auditor.policy.oblige import Circumstances
from auditor.report.base import Options
from auditor.report.registry import FORMATS, render
from auditor.rules import load as rule_files
from auditor.rules.oui_update import folder_in
from auditor.run.context import context_of, organisation_json, read_context
from auditor.run.evidence import evidence_damage, evidence_of
from auditor.run.happenings import kept_look
from auditor.run.home import data_home, evidence_folder, now
from auditor.run.knowledge import knowledge, look, rule_folders
from auditor.run.packed import content_digest
from auditor.run.recorded import kept_journal, kept_runs, read_journal, silent
from auditor.store import seals
from auditor.store.files import write
from auditor.store.numbers import spelled
from auditor.store.rows import Stored
from auditor.store.runs import Store
from auditor.store.seals import Digest, Manifest
from auditor.version import VERSION

NOT_RENDERED = "not what the run gives when rendered again (another version, or a shared copy)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was compared, and whether it is the same; None is a note on the way."""

    same: bool | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """Where runs, rules, configuration and a journal that moved are; who takes warnings."""

    store: str = ""
    rules: tuple[str, ...] = ()
    journal: str = ""
    config: str = ""
    warn: Callable[[str], None] = silent


def verify_store(basis: Basis) -> Iterator[Check]:
    """Check the ledger of a store and every document by its digest."""
    from auditor.store import ledger

    store = kept_runs(basis.store, "keeps no run; a run is verified where it is stored")
    problems = list(store.damage(whole=True))
    problems += [] if problems else evidence_damage(store)
    yield from map(_differs, problems)
    if not problems:
        with store.database.reading() as base:
            head = ledger.head(base)
        yield _same(f"ledger of {head.links} links, {head.digest} of {head.at}, and every document")


def verify_all(basis: Basis) -> Iterator[Check]:
    """Check the store, then judge its last run again, as far as that can be read."""
    checks = list(verify_store(basis))
    yield from checks
    try:
        yield from verify_run("last", basis)
    except AuditorError as exc:
        if all(check.same for check in checks):
            raise
        yield _differs(exc.problem)


def verify_run(name: str, basis: Basis) -> Iterator[Check]:
    """Judge a stored run again and yield what is the same and what differs."""
    store, row = _row(name, basis)
    journal = Digest(name=Path(row.journal).name, sha256=row.sha256, length=-1)
    yield from _check_stored(store, row, journal, basis, context_of(store, row, basis.config).circumstances)


def verify_manifest(path: Path, basis: Basis, signers: Path | None = None, identity: str = "") -> Iterator[Check]:
    """Compare with a manifest all it speaks of: files, tables, journal, judgement, reports."""
    manifest = seals.decode(path.read_bytes(), str(path))
    if signers:
        ownership.check(signers)
        yield Check(same=None, text=seals.check_signature(path, signers, identity))
    elif (signature := seals.signature_of(path)).is_file():
        yield Check(same=None, text=f"not checked: the signature {signature.name}; name --signers and --identity")
    changes = list(seals.changed_files(manifest, path.parent))
    yield from map(_differs, changes)
    if not changes:
        yield _same(f"{len(manifest.files)} files")
    store, row = _row(manifest.run, basis)
    yield from _check_evidence(manifest, store)
    text = store.document(row)
    if manifest.document != seals.sha256(text.encode()):
        yield _differs("the stored audit document is not the one the manifest was written over")
    if manifest.tool != VERSION:
        yield Check(same=None, text=f"sealed by {one_line(manifest.tool)}, not judged again")
        yield _check_journal(_journal(row, basis), manifest.journal)
        return
    yield from (_differs(f"table {line}") for line in seals.changed_tables(manifest.tables, _tables(basis)))
    context = read_context(manifest.organisation, manifest.purposes)
    yield from _check_stored(store, row, manifest.journal, basis, context.circumstances)
    audit, origin = document.load(text), context_of(store, row, basis.config).origin
    options = kept_look(store, audit, look(knowledge(basis.rules), context.organisation), origin)
    yield from _check_reports(manifest, audit, options)


def seal(name: str, folder: Path, basis: Basis, *, is_signed: bool = False) -> Manifest:
    """Write a manifest over the files of a folder and the run they were made of.

    A signature that stands there is replaced by a new one, and by nothing else.
    """
    signature = seals.signature_of(folder / seals.NAME)
    if signature.is_file() and not is_signed:
        raise UsageError("a signature stands there; sign again with --sign KEY, or remove it", where=str(signature))
    store, row = _row(name, basis)
    text = store.document(row)
    context = context_of(store, row, basis.config)
    manifest = Manifest(
        run=row.id,
        as_of=row.as_of,
        finished=row.finished,
        tool=document.load(text).tool,
        document=seals.sha256(text.encode()),
        journal=replace(seals.digest(_journal(row, basis)), sha256=content_digest(_journal(row, basis))),
        tables=_tables(basis),
        purposes=context.purposes,
        files=seals.inside(folder),
        organisation=organisation_json(context.organisation),
        evidence=_evidence(store, document.load(text)),
    )
    write(folder / seals.NAME, seals.encode(manifest))
    store.rely("seal", row, manifest.document, stamp(now()))
    return manifest


def _evidence(store: Store, audit: Audit) -> tuple[Digest, ...]:
    """Return the digests of the files attached to the devices of a run, by device and name."""
    numbers = {item.device for item in audit.assets if item.device}
    files = [one for one in evidence_of(store) if spelled(one.device) in numbers]
    return tuple(
        Digest(name=one_line(f"{spelled(one.device)} {one.sort} {one.name}"), sha256=one.sha256, length=one.length)
        for one in files
    )


def _check_evidence(manifest: Manifest, store: Store) -> Iterator[Check]:
    """Compare each attached file the manifest names with what is kept of it."""
    if not manifest.evidence:
        return
    from auditor.store import evidence

    folder, count = evidence_folder(store), 0
    for one in manifest.evidence:
        if what := evidence.problem(folder, one.sha256, one.length):
            yield _differs(f"evidence {one_line(one.name)} (sha256 {one.sha256}) {what}")
        else:
            count += 1
    if count:
        yield _same(f"{count} of {len(manifest.evidence)} files of evidence")


def _same(text: str) -> Check:
    return Check(same=True, text=text)


def _differs(text: str) -> Check:
    return Check(same=False, text=text)


def _check_reports(manifest: Manifest, audit: Audit, options: Options) -> Iterator[Check]:
    """Render the run's reports again and compare the files named after it.

    Filings rest on facts that are not in the run, the table for a terminal on its width: their digest alone holds them.
    """
    files = [one for one in manifest.files if one.name.startswith(f"audit-{file_name(audit.run.id)}")]
    digests: dict[str, set[str]] = {}
    for name, kind in FORMATS.items():
        if name != "text" and any(one.name.endswith(f".{kind.suffix}") for one in files):
            digests.setdefault(kind.suffix, set()).add(seals.sha256(render(audit, name, options)))
    for one in files:
        suffixes = [suffix for suffix in digests if one.name.endswith(f".{suffix}")]
        if any(one.sha256 in digests[suffix] for suffix in suffixes):
            yield _same(f"{one.name} rendered again")
        elif suffixes:
            yield _differs(f"{one.name}: {NOT_RENDERED}")


def _check_stored(
    store: Store, row: Stored, journal: Digest, basis: Basis, around: Mapping[str, Circumstances]
) -> Iterator[Check]:
    path = _journal(row, basis)
    yield _check_journal(path, journal)
    text = store.document(row, by_ledger=False)
    again = dump(to_document(_judged_again(document.load(text), path, basis, around)))
    if again == text:
        yield _same(f"audit document of run {row.id}, sha256 {seals.sha256(text.encode())}")
    else:
        lines = seals.differences(json.loads(text), json.loads(again))
        yield from map(_differs, lines or ["the spelling of the audit document"])


def _check_journal(path: Path, journal: Digest) -> Check:
    if content_digest(path) == journal.sha256:
        return _same(f"journal {path.name}, sha256 {journal.sha256}")
    return _differs(f"journal {path.name}: sha256 is not the {journal.sha256} it was judged from")


def _judged_again(audit: Audit, journal: Path, basis: Basis, around: Mapping[str, Circumstances]) -> Audit:
    """Return an audit judged anew by its own day, end, policies and waivers and today's tables."""
    recording = read_journal(journal, warn=basis.warn)
    case = pipeline.AuditCase(run=recording.run, finished=audit.finished, as_of=audit.as_of, circumstances=around)
    today = knowledge(basis.rules, [name for name, _ in audit.tables.policies])
    again = pipeline.audit(recording.records, today, case)
    again = pipeline.numbered(again, recording.devices, dict(_waived(audit)))
    # What is told of waivers and removals lies in the store, not in the journal.
    removals = {item.asset.key: item.removal for item in audit.assets}
    assets = tuple(replace(item, removal=removals.get(item.asset.key, "")) for item in again.assets)
    return replace(again, assets=assets, notes=audit.notes)


def _waived(audit: Audit) -> Iterator[tuple[str, Waiver]]:
    """Yield each waiver with the id of the finding it set aside."""
    findings = (finding for item in audit.assets for finding in (*item.findings, *item.parts))
    yield from ((finding.id, finding.waiver) for finding in findings if finding.waiver is not None)


def _tables(basis: Basis) -> dict[str, str]:
    """Return the version of the rules, and the digests of registry, policies and filings."""
    builtin, oui, own = rule_files.builtin(), folder_in(data_home()), rule_folders(basis.rules)
    folders = {
        name: [folder / name for folder in (builtin, *own) if (folder / name).is_dir()]
        for name in ("policies", "filings")
    }
    return {name: seals.folder_digest(places) for name, places in folders.items()} | {
        "rules": rule_files.load(own).version,
        "oui": seals.folder_digest([oui or builtin / "oui"]),
    }


def _row(name: str, basis: Basis) -> tuple[Store, Stored]:
    store = kept_runs(basis.store, "keeps no run; a run is verified where it is stored")
    row = store.find(name)
    path = _journal(row, basis)
    if not path.is_file():
        raise InputError(f"the journal of run {row.id} is gone; name it with --journal", where=str(path))
    return store, row


def _journal(row: Stored, basis: Basis) -> Path:
    return Path(basis.journal) if basis.journal else kept_journal(row.journal)
