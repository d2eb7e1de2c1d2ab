"""`auditor policies`: which laws and lists are known, as of which day, and what each asks."""

import click

from auditor import pipeline
from auditor.cli.common import RULES
from auditor.cli.knowledge import knowledge


@click.group("policies", short_help="List and show policies and their dates.")
def policies_command() -> None:
    """List and show the laws and lists, each with the day it was read."""


@policies_command.command("list")
@RULES
def listed(rules: tuple[str, ...]) -> None:
    """List the policies: id, jurisdiction, the day it was read, title."""
    for policy in _load(rules).policies:
        click.echo(f"{policy.id}\t{policy.jurisdiction}\t{policy.read_on}\t{policy.title}")


@policies_command.command("show")
@click.argument("policy")
@RULES
def show(policy: str, rules: tuple[str, ...]) -> None:
    """Show every clause of POLICY: whom it names, what it asks, since when, where that is written."""
    (found,) = _load(rules, policy).policies
    click.echo(f"{found.title}\nWho is bound: {found.bound}\nRead on: {found.read_on}\nThis is not legal advice.")
    for row in found.rows:
        until = f" until {row.until}" if row.until else ""
        due = f", due {row.due}" if row.due else ""
        due += ", due each year on {:02}-{:02}".format(*row.due_each) if row.due_each else ""
        click.echo(f"\n{row.id}: {row.duty} ({row.applies.value}), from {row.since}{until}{due}")
        if row.purposes:
            click.echo(f"  decided by purposes: {', '.join(row.purposes)}")
        click.echo(f"  makers: {', '.join(row.makers)}; equipment: {', '.join(row.categories) or 'any'}")
        for line in filter(None, (row.condition, *row.exceptions)):
            click.echo(f"  {line}")
        click.echo(f"  {row.cite} <{row.url}> (evidence class {row.evidence_class})")


def _load(rules: tuple[str, ...], *wanted: str) -> pipeline.Knowledge:
    from pathlib import Path

    return knowledge([Path(folder) for folder in rules], wanted)
