"""`auditor policies`: which laws and lists are known, as of which day, and what each asks."""

import click

from auditor.cli.common import RULES
from auditor.cli.terminal import tell, tell_line
from auditor.cli.values import POLICY as POLICY_VALUES
from auditor.run.knowledge import knowledge


@click.group("policies", short_help="List and show policies and their dates.")
def policies_command() -> None:
    """List and show the laws and lists, each with the day it was read."""


@policies_command.command("list")
@RULES
def list_command(rules: tuple[str, ...]) -> None:
    """List the policies: id, jurisdiction, the day it was read, title."""
    for policy in knowledge(rules).policies:
        tell_line(f"{policy.id}\t{policy.jurisdiction}\t{policy.read_on}\t{policy.title}")


@policies_command.command("show")
@click.argument("policy", shell_complete=POLICY_VALUES)
@RULES
def show(policy: str, rules: tuple[str, ...]) -> None:
    """Show every clause of POLICY: whom it names, what it asks, since when, where it is written."""
    (law,) = knowledge(rules, [policy]).policies
    seat = ", ".join((law.jurisdiction, *law.states))
    tell(f"{law.title}\nWho is bound: {law.bound}\nWhere: {seat}; as: {', '.join(law.roles) or 'anybody'}")
    tell(f"Read on: {law.read_on}\nThis is not legal advice.")
    for row in law.rows:
        until = f" until {row.until}" if row.until else ""
        due = f", due {row.due}" if row.due else ""
        due += ", due each year on {:02}-{:02}".format(*row.due_each) if row.due_each else ""
        begin = f"from {row.since}" if row.since else f"in force by {row.known_on}, first day not read"
        tell(f"\n{row.id}: {row.duty} ({row.applies.value}), {begin}{until}{due}")
        if row.purposes:
            tell_line(f"  decided by purposes: {', '.join(row.purposes)}")
        tell_line(f"  makers: {', '.join(row.makers)}; equipment: {', '.join(row.categories) or 'any'}")
        for line in filter(None, (row.condition, *row.exceptions)):
            tell_line(f"  {line}")
        tell_line(f"  {row.cite} <{row.url}> (evidence class {row.evidence_class})")
