"""`auditor verify`: judge a run again and prove the same bytes; seal a folder of reports."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from auditor.cli.common import FILE, FOLDER, RULES, STORE, config_file, option
from auditor.cli.person import AtTerminal
from auditor.cli.terminal import note, tell_line
from auditor.errors import UsageError
from auditor.run.verify import Basis, Check, seal, verify_all, verify_manifest, verify_run
from auditor.store.seals import NAME, sign

DIFFERS = 1


@click.command("verify", short_help="Prove that a run, judged again, gives the same bytes.")
@click.argument("what", metavar="[MANIFEST|RUN]", default="")
@option("--seal", "folder", type=FOLDER, metavar="FOLDER", help="Write FOLDER/manifest.json over its files.")
@option("--sign", "key", type=FILE, metavar="KEY", help="Sign the manifest with this ssh key.")
@option("--signers", type=FILE, metavar="FILE", help="Check the signature: ssh's allowed_signers.")
@option("--identity", default="", metavar="NAME", help="Whose signature it must be, as in --signers.")
@option("--journal", default="", metavar="FILE", help="The journal, where it is not at its old place.")
@STORE
@RULES
@click.pass_context
def verify_command(
    ctx: click.Context, /, what: str, store: str, rules: tuple[str, ...], journal: str, **seals: Any
) -> None:
    """Judge a run again with its journal, date and waivers: the same bytes, or what differs.

    Without a word: the last run, after the ledger of the store and the digest of every document in it.

    Exits 0 where all is the same and 1 where anything differs. A signature is also checked by stock OpenSSH:
    ssh-keygen -Y verify -f SIGNERS -I NAME -n auditor -s manifest.json.sig < manifest.json
    """
    basis = Basis(config=config_file(), store=store, rules=rules, journal=journal, warn=AtTerminal().warn)
    if seals["folder"] is not None:
        _seal(what or "last", basis, seals["folder"], seals["key"])
        return
    if seals["key"] is not None or bool(seals["signers"]) != bool(seals["identity"]):
        raise UsageError("--sign needs --seal FOLDER; --signers and --identity need each other")
    if what and Path(what).is_file():
        checks = verify_manifest(Path(what), basis, seals["signers"], seals["identity"])
    else:
        checks = verify_run(what, basis) if what else verify_all(basis)
    ctx.exit(DIFFERS if _print(checks) else 0)


def _print(checks: Iterator[Check]) -> bool:
    """Print what is the same at once, what differs at the end; tell whether anything does."""
    differences = []
    for check in checks:
        if check.same is False:
            differences.append(f"differs: {check.text}")
        else:
            tell_line(f"same: {check.text}" if check.same else check.text)
    for line in differences:
        tell_line(line)
    return bool(differences)


def _seal(run: str, basis: Basis, folder: Path, key: Path | None) -> None:
    manifest = seal(run, folder, basis, is_signed=key is not None)
    note(f"sealed {len(manifest.files)} files in {folder / NAME}")
    if key:
        note(f"signed: {sign(folder / NAME, key)}")
