"""A filing filled in: its table, what is missing and how to get it, what is said beside it, how old its lists are."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from auditor.model import Applies, Outcome, Seen, Tier
from auditor.normal import one_line
from auditor.paperwork.case import Case, Line, Scene, ages, devices, stale
from auditor.paperwork.define import Column, Filing
from auditor.paperwork.values import VALUES
from auditor.report.coverage import scope_line
from auditor.report.rows import CELL, Found, called, device, found, joined
from auditor.report.words import DISCLAIMER, SILENCE, about, counted, counts, headline

NOTICE = "notice (DERIVED)"
GAP_HEAD = ("what is missing", "whose column", "missing for", "which", "how to get it")
NAMED_IN_A_GAP = 25
EVERY_ROW = "every row"
EVERY_DEVICE = "every device of this filing"
# How an obligation opens the need for a purpose; asked for once, as the purpose of use.
PURPOSES = "purposes of the site"
WORDS = (
    "as_of", "run", "scanned", "rules", "lists", "headline", "devices", "read", "heard", "unread", "undetermined", "no_match",
    "match", "scope", "waived", "rows", "listed", "level", "below", "parts", "sites", "due", "since",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of texts under their header."""

    name: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something the paper needs and nobody has said: for how many rows, which, and how to get it."""

    what: str
    whose: str
    number: int
    which: str
    how: str

    def cells(self) -> tuple[str, ...]:
        """Return the gap in the order of `GAP_HEAD`."""
        return (self.what, self.whose, str(self.number), self.which, self.how)


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """A filing ready to be written. Its first table is the filing itself."""

    filing: Filing
    title: str
    tables: tuple[Table, ...]
    gaps: tuple[Gap, ...]
    says: tuple[str, ...]
    cautions: tuple[str, ...]
    about: tuple[tuple[str, str], ...]
    ages: tuple[tuple[str, date, int], ...]
    stale: tuple[str, ...]


def packet(case: Case, filing: Filing, more: Sequence[Table] = (), missing: Sequence[Gap] = ()) -> Packet:
    """Return a filing filled in; `more` tables follow its own, or stand alone where it has no columns; `missing` joins its gaps."""
    scene = Scene(case, filing)
    lines = list(lines_of(scene))
    words = _words(scene, lines)
    own = [_table(scene, lines)] if filing.columns else []
    return Packet(
        filing=filing,
        title=filing.title,
        tables=(*own, *(_ours(one, _notice(scene)) for one in more)),
        gaps=(*_column_gaps(scene, lines), *missing, *general_gaps(scene)),
        says=tuple(text.format_map(words) for text in filing.statements),
        cautions=(*(text.format_map(words) for text in filing.cautions), DISCLAIMER, SILENCE),
        about=tuple(_about(case, filing)),
        ages=tuple(ages(case, filing)),
        stale=tuple(stale(case, filing)),
    )


def _about(case: Case, filing: Filing) -> Iterator[tuple[str, str]]:
    """Yield where the audit comes from; the days of policies the filing does not rest on are left to the report of the run."""
    for name, value in about(case.audit, case.options):
        if not (name.startswith("Policy ") and (filing.policies or filing.lists)):
            yield name, value


def lines_of(scene: Scene) -> Iterator[Line]:
    """Yield what each row of a filing stands for."""
    case = scene.case
    match scene.filing.rows:
        case "devices":
            yield from _grouped(scene)
        case "sites":
            sites = {*scene.by_site, *case.audit.run.sites, *(item.target.site for item in case.audit.unread)}
            yield from (Line(site=site) for site in sorted(sites))
        case "once":
            yield Line(pairs=())
        case "custody" | "costs" as kind:
            entries = case.facts.custody if kind == "custody" else case.facts.cost
            for entry in entries:
                pair = scene.by_name.get(entry.get("asset", ""))
                yield Line(entry=entry, pairs=() if pair is None else (pair,))
        case "layers":
            for layer in scene.filing.layers:
                yield Line(layer=layer, entry=case.facts.share.get(layer.id, {}))


def _grouped(scene: Scene) -> Iterator[Line]:
    names = scene.filing.group or ("device.finding",)
    groups: dict[tuple[str, ...], list[Line]] = {}
    for pair in scene.pairs:
        line = Line(pairs=(pair,), site=pair.item.asset.site)
        groups.setdefault(tuple(VALUES[name](line, scene) for name in names), []).append(line)
    ordered = sorted(groups.items()) if scene.filing.group else groups.items()
    for _key, lines in ordered:
        yield Line(pairs=tuple(pair for line in lines for pair in line.pairs), site=lines[0].site)


def _table(scene: Scene, lines: Sequence[Line]) -> Table:
    columns = scene.filing.columns
    notice = _notice(scene)
    rows = tuple((*(cell(column, line, scene) for column in columns), notice) for line in lines)
    return Table(name=scene.filing.id, head=(*(column.head for column in columns), NOTICE), rows=rows)


def _notice(scene: Scene) -> str:
    return f"Not legal advice. {VALUES['run.lists'](Line(), scene)}. Run {VALUES['run.id'](Line(), scene)}."


def _ours(one: Table, notice: str) -> Table:
    """Return a table no law names with its columns marked so and the notice in every row."""
    head = (*(f"{label} (DERIVED)" for label in one.head), NOTICE)
    return Table(name=one.name, head=head, rows=tuple((*row, notice) for row in one.rows))


def cell(column: Column, line: Line, scene: Scene) -> str:
    """Return what stands in a column: the filer's word, else the network's, else nothing."""
    said = scene.fact(column.fact, line) if column.fact else ""
    return said or (VALUES[column.value](line, scene) if column.value else "")


def _column_gaps(scene: Scene, lines: Sequence[Line]) -> Iterator[Gap]:
    for column in scene.filing.columns:
        how = column.gap or (scene.case.shelf.questions[column.fact].says if column.fact else "")
        empty = [line for line in lines if not cell(column, line, scene)] if how else []
        if empty:
            yield Gap(
                what=column.name,
                whose="OFFICIAL" if column.official else "DERIVED",
                number=len(empty),
                which=EVERY_ROW if len(empty) == len(lines) > 1 else _which(_name(line) for line in empty),
                how=how,
            )


def _name(line: Line) -> str:
    if line.pairs:
        first = called(line.pairs[0])
        return first if len(line.pairs) == 1 else f"{first} and {len(line.pairs) - 1} more"
    return line.site or line.entry.get("asset", "") or (line.layer.id if line.layer else "the filing")


def _which(names: Iterable[str]) -> str:
    known = [one_line(name, CELL) for name in names]
    more = len(known) - NAMED_IN_A_GAP
    return joined(known[:NAMED_IN_A_GAP]) + (f"; and {more} more" if more > 0 else "")


def general_gaps(scene: Scene) -> Iterator[Gap]:
    """Yield what the run leaves open whatever the filing: devices nobody read, verdicts too low, purposes not said."""
    audit, case = scene.case.audit, scene.case
    for outcome, how in _OPEN.items():
        items = [item for item in audit.assets if item.outcome is outcome]
        if items:
            yield Gap(
                what=f"a verdict ({outcome.value})", whose="", number=len(items), which=_which(device(i.asset) for i in items), how=how
            )  # fmt: skip
    failed = sorted({(item.target.site, item.target.address) for item in audit.unread})
    if failed:
        which = _which(f"{site} {address}".strip() for site, address in failed)
        yield Gap(what="a complete reading", whose="", number=len(failed), which=which, how=_UNREAD)
    yield from _judgement_gaps(scene)
    strangers = case.facts.strangers(audit.assets)
    if strangers:
        yield Gap(
            what="a device for these facts", whose="", number=len(strangers), which=_which(strangers), how=_STRANGER
        )


def _judgement_gaps(scene: Scene) -> Iterator[Gap]:
    heard = [called(pair) for pair in scene.pairs if pair.item.asset.seen is Seen.HEARD]
    if heard:
        yield Gap(what="a reading of its own", whose="", number=len(heard), which=_which(heard), how=_HEARD)
    below = _below(scene)
    if below:
        yield Gap(what="evidence", whose="", number=len(below), which=_which(below), how=_BELOW)
    open_purpose = [pair for pair in scene.pairs if _has(scene, pair, Applies.IF_PURPOSE)]
    if open_purpose:
        which = _which(map(called, open_purpose))
        yield Gap(what="purpose of use", whose="", number=len(open_purpose), which=which, how=_PURPOSE)
    needs: dict[str, list[str]] = {}
    for pair in scene.pairs:
        for duty in scene.asking(pair.finding):
            for need in duty.needs:
                if not (duty.applies is Applies.IF_PURPOSE and need.startswith(PURPOSES)):
                    needs.setdefault(need, []).append(called(pair))
    for need, names in sorted(needs.items()):
        how = _PURPOSE if need.startswith(PURPOSES) else _NEED
        which = EVERY_DEVICE if len(set(names)) == len(scene.pairs) > 1 else _which(names)
        yield Gap(what=need, whose="", number=len(names), which=which, how=how)
    parts = [
        pair for pair in found(scene.case.audit) if pair.finding.is_component and pair.finding.tier is Tier.COVERED
    ]
    if parts:
        which = _which(f"{device(pair.item.asset)} {pair.finding.part}" for pair in parts)
        yield Gap(what="a decision on components", whose="", number=len(parts), which=which, how=_PART)


def _below(scene: Scene) -> list[str]:
    """Return the devices whose findings are too weak to enter the sheet."""
    entered = {(id(pair.item), pair.finding.part) for pair in scene.pairs}
    everyone = devices(scene.case.audit, min(type(scene.case.at_least)))
    return [
        f"{called(pair)} ({pair.finding.verdict.word})"
        for pair in everyone
        if (id(pair.item), pair.finding.part) not in entered
        and pair.finding.verdict < scene.case.at_least
        and scene.asked(pair.finding)
    ]


def _has(scene: Scene, pair: Found, state: Applies) -> bool:
    return any(duty.applies is state for duty in scene.asking(pair.finding))


def _words(scene: Scene, lines: Sequence[Line]) -> dict[str, str]:
    audit, line = scene.case.audit, Line()
    numbers = {label.lower().replace(" ", "_"): f"{number:,}" for label, number, _ in counts(audit)}
    return numbers | {
        "as_of": audit.as_of.isoformat(),
        "run": one_line(audit.run.id, CELL),
        "scope": scope_line(audit),
        "scanned": audit.run.started.date().isoformat(),
        "rules": audit.tables.rules,
        "lists": VALUES["run.lists"](line, scene),
        "headline": headline(audit),
        "rows": counted(len(lines), "row"),
        "listed": counted(len(scene.pairs), "device"),
        "level": scene.case.at_least.word,
        "below": counted(len(_below(scene)), "device"),
        "parts": str(sum(part.is_component for item in audit.assets for part in item.parts)),
        "sites": ", ".join(one_line(site, CELL) for site in sorted(scene.by_site) if site) or "no site named",
        "due": VALUES["clock.due"](line, scene) or "on a day nobody knows until the facts file starts the clock",
        "since": VALUES["clock.since"](line, scene) or "a moment the facts file does not tell yet",
    }


_OPEN = {
    Outcome.UNREAD: "Read it again: see its reason on the sheet 'Unread' of the workbook of the run, and `auditor explain`.",
    Outcome.UNDETERMINED: "Give it a credential, or look at the label; `auditor explain` says which fact would settle it.",
}
_UNREAD = "Reach it, give it a credential, and scan again; or import what another system recorded of it."
_HEARD = "Only others spoke of it: read it, or look at its type plate, before it stands on a signed paper."
_STRANGER = "The run knows no such key, address, name, serial number or MAC; correct the facts file or name the run that saw it."
_BELOW = "Too weak for this sheet: look at the label or read the device by another way, or lower --at-least."
_PURPOSE = 'Say what the equipment is used for: purposes = ["public-safety"] under [site.NAME] or [asset.NAME] of the facts file, [] for none.'
_NEED = "Ask the supplier or look it up in the purchase file; the law cannot be decided without it."
_PART = (
    "Only a person can say whether a component makes its host covered; the component is named, the host is not accused."
)
