"""A filing filled in: its table, its gaps, what is said beside it, how old its lists are."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from auditor.model import Applies, Outcome, Seen, Tier
from auditor.normal import one_line
from auditor.paperwork.case import FilingCase, FilingInputs, Line, ages, devices, stale
from auditor.paperwork.define import Filing, FilingColumn
from auditor.paperwork.forms import Form, forms
from auditor.paperwork.values import VALUES, first_ones
from auditor.report.coverage import scope_line
from auditor.report.views import CELL, DeviceFinding, device, device_findings, name_of
from auditor.report.words import DISCLAIMER, SILENCE, about, counted, counts, headline

NOTICE = "notice (DERIVED)"
GAP_HEAD = ("what is missing", "whose column", "missing for", "which", "how to get it")
DECIDE_NAME = "decide"
DECIDE = {
    "site": "site", "device": "name", "address": "address", "mac": "mac", "maker": "statutory", "model": "model",
    "serial_number": "serial", "category": "category", "place": "place", "verdict": "verdict", "why": "why",
    "asset": "key",
}  # fmt: skip
NAMED_IN_A_GAP = 25
NAMED_IN_A_REFUSAL = 5
EVERY_ROW = "every row"
EVERY_DEVICE = "every device of this filing"
# How an obligation opens the need for a purpose; asked for once, as the purpose of use.
PURPOSES = "purposes of the site"
WORDS = (
    "as_of", "run", "scanned", "rules", "lists", "headline", "devices", "read", "heard", "unread", "undetermined",
    "no_match",
    "match", "scope", "waived", "rows", "listed", "level", "below", "parts", "sites", "due", "since", "runs", "period",
    "unfinished",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of texts under their header.

    On paper a summary stands on the first page, and rows that differ in the column `merge_on` alone become one.
    """

    name: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_summary: bool = False
    merge_on: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something the paper needs and nobody has said, and how to get it."""

    what: str
    whose: str = ""
    number: int
    which: str
    how: str

    def cells(self) -> tuple[str, ...]:
        """Return the gap in the order of `GAP_HEAD`."""
        return (self.what, self.whose, str(self.number), self.which, self.how)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledFiling:
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
    refusal: str = ""
    forms: tuple[Form, ...] = ()


def fill(inputs: FilingInputs, filing: Filing, more: Sequence[Table] = (), missing: Sequence[Gap] = ()) -> FilledFiling:
    """Return a filing filled in; `more` tables follow its own; `missing` joins its gaps."""
    case = FilingCase(inputs, filing)
    lines = list(lines_of(case))
    words = _words(case, lines)
    own = [_table(case, lines)] if filing.columns else []
    more, refusal = (*more, *_to_decide(case)), _refusal(case)
    return FilledFiling(
        filing=filing,
        title=filing.title,
        tables=(*own, *(_ours(one, _notice(case)) for one in more)),
        gaps=(*_column_gaps(case, lines), *missing, *general_gaps(case)),
        says=(
            *filter(None, (_sentence(refusal),)),
            *(text.format_map(words) for text in (filing.none if filing.none and not lines else filing.statements)),
        ),
        cautions=(*(text.format_map(words) for text in filing.cautions), DISCLAIMER, SILENCE),
        about=tuple(_about(inputs, filing)),
        ages=tuple(ages(inputs, filing)),
        stale=tuple(stale(inputs, filing)),
        refusal=refusal,
        # A shared copy names nobody, so that nothing filled in there could be read back.
        forms=() if inputs.options.redacted else forms([case]),
    )


def _refusal(case: FilingCase) -> str:
    """Return why nobody can sign yet: devices whose story has no end; or nothing."""
    if not case.unfinished:
        return ""
    steps = ", ".join(key.replace("_", " ") for key in case.filing.complete)
    first = first_ones([name_of(pair) for pair in case.unfinished], NAMED_IN_A_REFUSAL)
    return f"not ready to be signed: {len(case.unfinished)} of {len(case.pairs)} devices lack one of {steps}: {first}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _about(inputs: FilingInputs, filing: Filing) -> Iterator[tuple[str, str]]:
    """Yield where the audit comes from; of policies only those the filing rests on."""
    for name, value in about(inputs.audit, inputs.options):
        if not (name.startswith("Policy ") and (filing.policies or filing.lists)):
            yield name, value


def lines_of(case: FilingCase) -> Iterator[Line]:
    """Yield what each row of a filing stands for."""
    inputs = case.inputs
    match case.filing.rows:
        case "devices":
            yield from _groups(case)
        case "sites":
            sites = {*case.by_site, *inputs.audit.run.sites, *(item.target.site for item in inputs.audit.unread)}
            yield from (Line(site=site) for site in sorted(sites))
        case "once":
            yield Line(pairs=())
        case "custody" | "costs" | "claims" | "invoices" as kind:
            for entry in getattr(inputs.facts, kind.removesuffix("s")):
                pair = case.by_name.get(entry.get("asset", ""))
                yield Line(entry=entry, pairs=() if pair is None else (pair,))
        case "layers":
            for layer in case.filing.layers:
                yield Line(layer=layer, entry=inputs.facts.share.get(layer.id, {}))


def _groups(case: FilingCase) -> Iterator[Line]:
    names = case.filing.group or ("device.finding",)
    groups: dict[tuple[str, ...], list[Line]] = {}
    for pair in case.pairs:
        line = Line(pairs=(pair,), site=pair.item.asset.site)
        groups.setdefault(tuple(VALUES[name](line, case) for name in names), []).append(line)
    pairs = sorted(groups.items()) if case.filing.group else groups.items()
    for _key, lines in pairs:
        yield Line(pairs=tuple(pair for line in lines for pair in line.pairs), site=lines[0].site)


def _table(case: FilingCase, lines: Sequence[Line]) -> Table:
    columns = case.filing.columns
    rows = tuple(tuple(cell(column, line, case) for column in columns) for line in lines)
    return _noted(Table(name=case.filing.id, head=tuple(column.head for column in columns), rows=rows), _notice(case))


def _to_decide(case: FilingCase) -> Iterator[Table]:
    """Yield the devices nobody may put under columns a law names before a person looked at them."""
    if case.to_decide:
        lines = [Line(pairs=(pair,)) for pair in case.to_decide]
        rows = tuple(tuple(VALUES[f"device.{name}"](line, case) for name in DECIDE.values()) for line in lines)
        yield Table(name=DECIDE_NAME, head=tuple(DECIDE), rows=rows)


def _notice(case: FilingCase) -> str:
    return f"Not legal advice. {VALUES['run.lists'](Line(), case)}. Run {VALUES['run.id'](Line(), case)}."


def _ours(one: Table, notice: str) -> Table:
    """Return a table no law names with its columns marked so and the notice in every row."""
    head = tuple(f"{label} (DERIVED)" for label in one.head)
    return _noted(replace(one, head=head, merge_on=f"{one.merge_on} (DERIVED)" if one.merge_on else ""), notice)


def _noted(one: Table, notice: str) -> Table:
    return replace(one, head=(*one.head, NOTICE), rows=tuple((*row, notice) for row in one.rows))


def cell(column: FilingColumn, line: Line, case: FilingCase) -> str:
    """Return what stands in a column: the filer's word, else the network's, else nothing."""
    answer = case.fact(column.fact, line) if column.fact else ""
    return answer or (VALUES[column.value](line, case) if column.value else "")


def _column_gaps(case: FilingCase, lines: Sequence[Line]) -> Iterator[Gap]:
    for column in case.filing.columns:
        how = column.gap or (case.inputs.filings.questions[column.fact].says if column.fact else "")
        empty = [line for line in lines if not cell(column, line, case)] if how else []
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
        first = name_of(line.pairs[0])
        return first if len(line.pairs) == 1 else f"{first} and {len(line.pairs) - 1} more"
    return line.site or line.entry.get("asset", "") or (line.layer.id if line.layer else "the filing")


def _which(names: Iterable[str]) -> str:
    return first_ones([one_line(name, CELL) for name in names], NAMED_IN_A_GAP)


def _gap(what: str, names: Sequence[str], how: str) -> Iterator[Gap]:
    """Yield the gap that some devices leave, or nothing where there are none."""
    if names:
        yield Gap(what=what, number=len(names), which=_which(names), how=how)


def general_gaps(case: FilingCase) -> Iterator[Gap]:
    """Yield what the run leaves open: devices unread, verdicts too low, purposes unsaid."""
    audit, inputs = case.inputs.audit, case.inputs
    for outcome, how in _OPEN.items():
        open_devices = [device(item.asset) for item in audit.assets if item.outcome is outcome]
        yield from _gap(f"a verdict ({outcome.value})", open_devices, how)
    targets = sorted({(item.target.site, item.target.address) for item in audit.unread})
    yield from _gap("a complete reading", [f"{site} {address}".strip() for site, address in targets], _UNREAD)
    yield from _judgement_gaps(case)
    yield from _gap("a device for these facts", inputs.facts.strangers(audit.assets), _STRANGER)


def _judgement_gaps(case: FilingCase) -> Iterator[Gap]:
    hearsay = [name_of(pair) for pair in case.pairs if pair.item.asset.seen is Seen.HEARD]
    yield from _gap("a reading of its own", hearsay, _HEARD)
    yield from _gap("evidence", _below(case), _BELOW)
    yield from _gap("a decision whether it belongs here", [name_of(pair) for pair in case.to_decide], _DECIDE)
    yield from _gap("one serial number", [name_of(pair) for pair in case.pairs if _has_two_serials(pair)], _LABEL)
    yield from _term_gaps(case)
    open_purpose = [name_of(pair) for pair in case.pairs if _depends_on_purpose(case, pair)]
    yield from _gap("purpose of use", open_purpose, _PURPOSE)
    needs: dict[str, dict[tuple[int, str], str]] = {}
    for pair in case.pairs:
        for duty in case.asking(pair.finding):
            for need in duty.needs:
                if not (duty.applies is Applies.IF_PURPOSE and need.startswith(PURPOSES)):
                    needs.setdefault(need, {})[id(pair.item), pair.finding.part] = name_of(pair)
    for need, names in sorted(needs.items()):
        how = _PURPOSE if need.startswith(PURPOSES) else _NEED
        which = EVERY_DEVICE if len(names) == len(case.pairs) > 1 else _which(names.values())
        yield Gap(what=need, number=len(names), which=which, how=how)
    components = [
        f"{device(pair.item.asset)} {pair.finding.part}"
        for pair in device_findings(case.inputs.audit)
        if pair.finding.is_component and pair.finding.tier is Tier.COVERED
    ]
    yield from _gap("a decision on components", components, _PART)


def _term_gaps(case: FilingCase) -> Iterator[Gap]:
    """Yield the devices whose story over the runs of a term does not hold together."""
    stories = [(pair, case.inputs.spans.get(pair.item.asset.key)) for pair in case.pairs]
    again = [
        f"{name_of(pair)} (removed {day}, seen {seen})"
        for pair, _ in stories
        if (day := case.inputs.facts.of_asset(pair.item.asset, pair.finding).get("removed"))
        and (seen := case.seen_again(pair, date.fromisoformat(day)))
    ]
    yield from _gap("a removal that holds", again, _AGAIN)
    stood = [(pair, span) for pair, span in stories if span and not case.day_of("removed", pair)]
    absent = [f"{name_of(pair)} (seen last {span.last})" for pair, span in stood if span.is_absent]
    yield from _gap("a word on where it is", absent, _ABSENT)
    otherwise = [f"{name_of(pair)} ({span.otherwise})" for pair, span in stood if span.otherwise]
    yield from _gap("a look at what the last run does not confirm", otherwise, _OTHERWISE)


def _below(case: FilingCase) -> list[str]:
    """Return the devices whose findings are too weak to enter the sheet."""
    rows_listed = {(id(pair.item), pair.finding.part) for pair in case.pairs}
    everyone = devices(case.inputs.audit, min(type(case.inputs.at_least)))
    return [
        f"{name_of(pair)} ({pair.finding.verdict.word})"
        for pair in everyone
        if (id(pair.item), pair.finding.part) not in rows_listed
        and pair.finding.verdict < case.inputs.at_least
        and case.is_covered(pair.finding)
    ]


def _has_two_serials(pair: DeviceFinding) -> bool:
    serials = {pair.finding.serial, pair.item.asset.serial} - {""}
    return len(serials) > 1 and not pair.finding.part


def _depends_on_purpose(case: FilingCase, pair: DeviceFinding) -> bool:
    return any(duty.applies is Applies.IF_PURPOSE for duty in case.asking(pair.finding))


def _words(case: FilingCase, lines: Sequence[Line]) -> dict[str, str]:
    audit, line = case.inputs.audit, Line()
    numbers = {label.lower().replace(" ", "_"): f"{number:,}" for label, number, _ in counts(audit)}
    return numbers | {
        "as_of": audit.as_of.isoformat(),
        "run": one_line(audit.run.id, CELL),
        "scope": scope_line(audit),
        "scanned": audit.run.started.date().isoformat(),
        "rules": audit.tables.rules,
        "lists": VALUES["run.lists"](line, case),
        "headline": headline(audit),
        "rows": counted(len(lines), "row"),
        "listed": counted(len(case.pairs), "device"),
        "level": case.inputs.at_least.word,
        "below": counted(len(_below(case)), "device"),
        "parts": str(sum(part.is_component for item in audit.assets for part in item.parts)),
        "sites": ", ".join(one_line(site, CELL) for site in sorted(case.by_site) if site) or "no site named",
        "due": VALUES["clock.due"](line, case) or "on a day nobody knows until the facts file starts the clock",
        "since": VALUES["clock.since"](line, case) or "a moment the facts file does not tell yet",
        "runs": VALUES["run.count"](line, case),
        "period": VALUES["period.words"](line, case) or "a period nobody has given the days of",
        "unfinished": counted(len(case.unfinished), "device"),
    }


_OPEN = {
    Outcome.UNREAD: "Read it again: see its reason on the sheet 'Unread' of the workbook of the run, and "
    "`auditor explain`.",
    Outcome.UNDETERMINED: "Give it a credential, or look at the label; `auditor explain` says which fact would "
    "settle it.",
}
_UNREAD = "Reach it, give it a credential, and scan again; or import what another system recorded of it."
_HEARD = "Only others spoke of it: read it, or look at its type plate, before it stands on a signed paper."
_STRANGER = (
    "The run knows no such key, address, name, serial number or MAC; "
    "correct the facts file or name the run that saw it."
)
_BELOW = "Too weak for this sheet: look at the label or read the device by another way, or lower --at-least."
_DECIDE = (
    "Only the prefix of a MAC speaks for it, or it is of a category a person has to judge: look at the label, or read "
    "it by another way; the table of what is to be decided names each."
)
_LABEL = "Two serial numbers are known of this box: read the label, and write it under [asset.NAME] of the facts file."
_AGAIN = "It was seen after the day it was removed, and counts as not removed: look where it stands, and note it anew."
_ABSENT = (
    "An earlier run saw it and the last one did not: note it as removed with `auditor removal note`, or find it; it "
    "counts as not removed."
)
_OTHERWISE = "An earlier run accused it and the last one does not; it stays on the list until a person waives it."
_PURPOSE = (
    'Say what the equipment is used for: purposes = ["public-safety"] under [site.NAME] or [asset.NAME] '
    "of the facts file, [] for none."
)
_NEED = "Ask the supplier or look it up in the purchase file; the law cannot be decided without it."
_PART = (
    "Only a person can say whether a component makes its host covered; the component is named, the host is not accused."
)
