"""`auditor enrol`: the SSH host keys that are trusted, listed, handed on and taken over."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from auditor.cli.common import FILE, STORE, STYLE, option
from auditor.cli.terminal import emit, tell, warn
from auditor.report.columns import aligned
from auditor.run.host_keys import enrolled_keys, forget, known_hosts_of, take_over

HEAD = ("SITE", "HOST", "TYPE", "FINGERPRINT")
SITE = option("--site", default="", metavar="NAME", help="The keys of this site; without it those of every site.")


@click.group("enrol", short_help="List, export and import SSH host keys.")
def enrol_command() -> None:
    """Look after the SSH host keys that scans trust.

    `auditor scan --enrol` fetches the keys of new devices; compare the fingerprints it prints with what the devices
    show. No password is sent to a device whose key is not enrolled or has changed.
    """


@enrol_command.command("list")
@STYLE
@STORE
def list_command(style: str, store: str) -> None:
    """List every key by its fingerprint; without a site it counts for all sites."""
    keys = [asdict(key) for key in enrolled_keys(store)]
    if style == "json":
        emit(json.dumps(keys, indent=1), nl=True)
    elif keys:
        tell("\n".join(aligned([HEAD, *([str(cell) for cell in key.values()] for key in keys)])))
    else:
        warn("no SSH host key is enrolled; 'auditor scan --enrol' fetches them")


@enrol_command.command("export")
@SITE
@STORE
def export_command(site: str, store: str) -> None:
    """Print keys as a known_hosts file of OpenSSH."""
    emit(known_hosts_of(store, site))


@enrol_command.command("import")
@click.argument("file", type=FILE)
@SITE
@option("--replace", is_flag=True, help="Replace keys that differ: a person has compared them.")
@STORE
def import_command(file: Path, site: str, store: str, *, replace: bool) -> None:
    """Take over the keys of FILE, a known_hosts file (as from `ssh-keyscan`)."""
    warn(take_over(file, store, site, replace=replace))


@enrol_command.command("forget")
@click.argument("host")
@SITE
@STORE
def forget_command(host: str, site: str, store: str) -> None:
    """Take back the key of HOST, an address or `[address]:port`: it was replaced or reset."""
    warn(forget(host, store, site))
