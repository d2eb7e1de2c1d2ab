"""`auditor verify`: judge a run again and prove the same bytes, or say exactly what differs; seal and sign a folder of reports."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from auditor import __version__, ownership, pipeline
from auditor.cli.common import RULES, STORE, Shared, data_home, option, store_url
from auditor.cli.knowledge import knowledge
from auditor.cli.settings import circumstances
from auditor.cli.terminal import tell_line, warn
from auditor.errors import InputError, UsageError
from auditor.formats import document
from auditor.formats.document import dump, to_document
from auditor.model import Audit, Waiver
from auditor.normal import file_name, one_line
from auditor.policy.oblige import Circumstances
from auditor.report.base import Options
from auditor.report.registry import FORMATS, render
from auditor.rules import load as rule_files
from auditor.rules.oui_update import folder_in
from auditor.run.recorded import read_journal
from auditor.store import seals as trust
from auditor.store.files import write
from auditor.store.seals import Digest, Manifest
from auditor.store.sqlite import Store, Stored, open_store

DIFFERS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Where runs, rules and the configuration are, and the journal where it was moved."""

    store: str = ""
    rules: tuple[str, ...] = ()
    journal: str = ""
    config: str = ""

    @property
    def folders(self) -> list[Path]:
        """Return the user's own rule folders."""
        return Shared(rules=self.rules).rule_folders


@click.command("verify", short_help="Prove that a run, judged again, gives the same bytes.")
@click.argument("what", metavar="[MANIFEST|RUN]", default="last")
@option(
    "--seal",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Write FOLDER/manifest.json over its files.",
)
@option(
    "--sign",
    "key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="KEY",
    help="Sign the manifest with this ssh key.",
)
@option(
    "--signers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Check the signature: ssh's allowed_signers.",
)
@option("--identity", default="", metavar="NAME", help="Whose signature it must be, as in --signers.")
@option("--journal", default="", metavar="FILE", help="The journal, where it is not at its old place.")
@STORE
@RULES
@click.pass_context
def verify_command(
    ctx: click.Context, /, what: str, store: str, rules: tuple[str, ...], journal: str, **given: Any
) -> None:
    """Judge a run again with its journal, its date and its waivers: the same bytes, or exactly what differs.

    Exits 0 where all is the same and 1 where anything differs. A signature is also checked by stock OpenSSH:
    ssh-keygen -Y verify -f SIGNERS -I NAME -n auditor -s manifest.json.sig < manifest.json
    """
    asked = Asked(config=(ctx.find_root().obj or {}).get("config") or "", store=store, rules=rules, journal=journal)
    if given["seal"] is not None:
        _seal(what, asked, given["seal"], given["key"])
        return
    if given["key"] is not None or bool(given["signers"]) != bool(given["identity"]):
        raise UsageError("--sign needs --seal FOLDER; --signers and --identity need each other")
    path = Path(what)
    if path.is_file():
        told = _check_manifest(path, asked, given["signers"], given["identity"])
    else:
        told = _check_run(what, asked)
    for line in told:
        tell_line(f"differs: {line}")
    ctx.exit(DIFFERS if told else 0)


def _check_manifest(path: Path, asked: Asked, signers: Path | None, identity: str) -> list[str]:
    """Return what differs from what a manifest says: files, tables, journal, judgement."""
    manifest = trust.decode(path.read_bytes(), str(path))
    if signers:
        ownership.check(signers)
        tell_line(trust.check_signature(path, signers, identity))
    told = list(trust.changed_files(manifest, path.parent))
    if not told:
        tell_line(f"same: {len(manifest.files)} files")
    store, row = _row(manifest.run, asked)
    if manifest.document != trust.sha256(store.document(row).encode()):
        told.append("the stored audit document is not the one the manifest was written over")
    if manifest.tool != __version__:
        tell_line(f"sealed by {one_line(manifest.tool)}, not judged again")
        return told + _check_journal(Path(asked.journal or row.journal), manifest.journal)
    told += [f"table {line}" for line in trust.changed_tables(manifest.tables, tables(asked))]
    purposes = {site: Circumstances(purposes=words) for site, words in manifest.purposes.items()}
    told += _check_stored(store, row, manifest.journal, asked, purposes)
    return told + _check_reports(manifest, document.load(store.document(row)), knowledge(asked.folders).names())


def _check_reports(manifest: Manifest, audit: Audit, names: Mapping[str, str]) -> list[str]:
    """Render the run's reports again and return those files named after it that are not what the run says.

    Filings rest on facts that are not in the run, the table for a terminal on its width: these are held by their digest alone.
    """
    mine = [one for one in manifest.files if one.name.startswith(f"audit-{file_name(audit.run.id)}")]
    known: dict[str, set[str]] = {}
    for name, kind in FORMATS.items():
        if name != "text" and any(one.name.endswith(f".{kind.suffix}") for one in mine):
            known.setdefault(kind.suffix, set()).add(trust.sha256(render(audit, name, Options(names=names))))
    told = []
    for one in mine:
        suffixes = [suffix for suffix in known if one.name.endswith(f".{suffix}")]
        if any(one.sha256 in known[suffix] for suffix in suffixes):
            tell_line(f"same: {one.name} rendered again")
        elif suffixes:
            told.append(f"{one.name}: not what the run gives when rendered again (another version, or a shared copy)")
    return told


def _check_run(name: str, asked: Asked) -> list[str]:
    """Return what differs when a stored run is judged again."""
    store, row = _row(name, asked)
    journal = Digest(name=Path(row.journal).name, sha256=row.sha256, length=-1)
    return _check_stored(store, row, journal, asked, circumstances(asked.config))


def _check_stored(
    store: Store, row: Stored, journal: Digest, asked: Asked, around: Mapping[str, Circumstances]
) -> list[str]:
    path = Path(asked.journal or row.journal)
    told = _check_journal(path, journal)
    text = store.document(row)
    again = dump(to_document(judged_again(document.load(text), path, asked, around)))
    if again == text:
        tell_line(f"same: audit document of run {row.id}, sha256 {trust.sha256(text.encode())}")
        return told
    return told + (trust.differences(json.loads(text), json.loads(again)) or ["the spelling of the audit document"])


def _check_journal(path: Path, journal: Digest) -> list[str]:
    if trust.digest(path).sha256 != journal.sha256:
        return [f"journal {path.name}: sha256 is not the {journal.sha256} it was judged from"]
    tell_line(f"same: journal {path.name}, sha256 {journal.sha256}")
    return []


def judged_again(audit: Audit, journal: Path, asked: Asked, around: Mapping[str, Circumstances]) -> Audit:
    """Return an audit judged anew from its journal, with its own day, end, policies and waivers and the tables of today."""
    opened = read_journal(journal, warn=lambda text: warn(f"auditor: {text}"))
    known = knowledge(asked.folders, [name for name, _ in audit.tables.policies])
    case = pipeline.Case(
        run=opened.run, finished=audit.finished, as_of=audit.as_of, circumstances=around, waivers=_waivers(audit)
    )
    # What its notes tell of waivers and removals lies in files of their own, not in the journal.
    return replace(pipeline.audit(opened.records, known, case), notes=audit.notes)


def _waivers(audit: Audit) -> tuple[Waiver, ...]:
    findings = (finding for item in audit.assets for finding in (*item.findings, *item.parts))
    return tuple(finding.waiver for finding in findings if finding.waiver is not None)


def tables(asked: Asked) -> dict[str, str]:
    """Return the tables a judgement rests on: the version of the rules, the digests of registry, policies and filings."""
    builtin, oui = rule_files.builtin(), folder_in(data_home())
    folders = [builtin, *asked.folders]
    found = {
        name: [folder / name for folder in folders if (folder / name).is_dir()] for name in ("policies", "filings")
    }
    return {name: trust.folder_digest(places) for name, places in found.items()} | {
        "rules": rule_files.load(asked.folders).version,
        "oui": trust.folder_digest([oui or builtin / "oui"]),
    }


def _seal(name: str, asked: Asked, folder: Path, key: Path | None) -> None:
    store, row = _row(name, asked)
    text = store.document(row)
    audit = document.load(text)
    said = {site: one.purposes for site, one in circumstances(asked.config).items() if one.purposes is not None}
    manifest = Manifest(
        run=row.id, as_of=row.as_of, finished=row.finished, tool=audit.tool, document=trust.sha256(text.encode()),
        journal=trust.digest(Path(asked.journal or row.journal)), tables=tables(asked), purposes=said,
        files=trust.inside(folder),
    )  # fmt: skip
    path = folder / trust.NAME
    write(path, trust.encode(manifest))
    warn(f"sealed {len(manifest.files)} files in {path}")
    if key:
        warn(f"signed: {trust.sign(path, key)}")


def _row(name: str, asked: Asked) -> tuple[Store, Stored]:
    store = open_store(store_url(asked.store))
    if store is None or not store.path.is_file():
        raise UsageError(
            "keeps no run; a run is verified where it is stored", where=f"--store {store_url(asked.store)}"
        )
    row = store.find(name)
    path = Path(asked.journal or row.journal)
    if not path.is_file():
        raise InputError(f"the journal of run {row.id} is gone; name it with --journal", where=str(path))
    return store, row
