"""`auditor serve`: pages and a REST interface over the store, and who may ask."""

import json
from dataclasses import asdict

import click

from auditor.cli.common import STORE, STYLE, option, takes
from auditor.cli.terminal import note, tell, tell_line
from auditor.report.columns import aligned
from auditor.run.tokens import give, revoke, tokens_of
from auditor.store.tokens import ROLES
from auditor.web.server import ServeRequest, serve

HEAD = ("NUMBER", "NAME", "ROLE", "SITES", "GIVEN BY", "DAY", "REVOKED")


@click.group("serve", short_help="Show the store to people and programs on a network.", invoke_without_command=True)
@takes(ServeRequest, "request")
@STORE
@click.pass_context
def serve_command(ctx: click.Context, /, request: ServeRequest, store: str) -> None:
    """Serve pages and a REST interface over the store until interrupted.

    On loopback it prints a token that opens it once, for whoever started it; everybody else takes a token of their own.
    """
    if ctx.invoked_subcommand is None:
        serve(request, store, note)


@serve_command.group("token")
def token_group() -> None:
    """Say who may ask, what they may, and at which sites."""


@token_group.command("add")
@click.argument("name")
@option("--role", default=ROLES[0], show_default=True, type=click.Choice(ROLES), help="What NAME may do.")
@option("--at-site", "sites", multiple=True, metavar="SITE", help="Bind it to a site (repeatable; default: all).")
@STORE
def add_command(name: str, role: str, sites: tuple[str, ...], store: str) -> None:
    """Print a token for NAME; only its digest is kept, so that nothing prints it again."""
    tell_line(give(name, role, sites, store))


@token_group.command("list")
@STORE
@STYLE
def list_command(store: str, style: str) -> None:
    """List who may ask, without any secret."""
    entries = [asdict(one) for one in tokens_of(store)]
    if style == "json":
        tell(json.dumps([{key: one[key] for key in one if key != "digest"} for one in entries], indent=1))
    elif entries:
        words = ("id", "name", "role", "sites", "who", "at", "revoked")
        rows = [{**one, "sites": ", ".join(one["sites"]) or "all", "at": one["at"][:10]} for one in entries]
        tell("\n".join(aligned([HEAD, *(tuple(str(row[word]) for word in words) for row in rows)])))


@token_group.command("revoke")
@click.argument("name")
@STORE
def revoke_command(name: str, store: str) -> None:
    """Take back the token of NAME; the sessions it opened end with it."""
    note(revoke(name, store))
