"""Findings that people set aside: kept in a store or a file, honoured, listed, ended."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from auditor import pipeline
from auditor.errors import UsageError
from auditor.formats.journal import stamp
from auditor.judge import finding_id
from auditor.model import Audit, AuditedAsset, Finding, Waiver
from auditor.report import views
from auditor.run.assets import matches
from auditor.run.devices import ADVICE, numbers_of, one_number
from auditor.run.home import now, old_store
from auditor.run.knowledge import knowledge
from auditor.run.recorded import kept_runs, stored_audit
from auditor.store.numbers import number_of, spelled
from auditor.store.rows import DecisionRow, WaiverRow
from auditor.store.waivers import add, read_waivers

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverLine:
    """A waiver as it is listed: its number in the store (0: it stands in a file) and its state."""

    id: int
    state: str
    what: str
    until: str
    who: str
    why: str
    authority: str
    ended: str = ""


@dataclass(slots=True)
class _Aside:
    """What is set aside in a run: waivers by the id of their finding, ended ones, sentences."""

    waivers: dict[str, Waiver]
    late: dict[str, Waiver]
    notes: list[str]


def waive_in_file(waiver: Waiver, file: str, url: str) -> Path:
    """Write a waiver of a finding of the last run to the waivers file and return that file."""
    _demand_day(waiver.until)
    items = matches(stored_audit("last", url), waiver.finding, url)
    ids = {finding.id for item in items for finding in (*item.findings, *item.parts)}
    if waiver.finding not in ids:
        raise UsageError(
            f"'{waiver.finding}' names an asset; its findings are {', '.join(sorted(ids)) or 'none'}", where="FINDING"
        )
    return add(waiver, file)


def waive(name: str, row: WaiverRow, url: str) -> str:
    """Keep a waiver, or a silence, in a store and return it in a line.

    `name` is a finding or a device, or empty where `row` names a site, and a maker unless it is a silence.
    """
    from auditor.store import acts

    _demand_day(date.fromisoformat(row.until))
    _demand_words(name, row)
    store = kept_runs(url, ADVICE)
    with store.database.writing() as base:
        row = _bound(base, name, row, url) if name else row
        number = acts.add_waiver(base, replace(row, at=stamp(now())))
    return f"waiver {number}: {row.words()} until {row.until}; 'auditor waive end {number}' ends it"


def end(name: str, who: str, why: str, url: str) -> str:
    """End a waiver by its number before its day, and return that in a line."""
    from auditor.store import acts

    with kept_runs(url, ADVICE).database.writing() as base:
        rows = {row.id: row for row in acts.waivers(base)}
        number = int(name) if name.isdecimal() else 0
        if number not in rows:
            raise UsageError("there is no such waiver; 'auditor waive list' lists them", where=name)
        if rows[number].ended:
            raise UsageError(f"was ended by {rows[number].ended}", where=f"waiver {number}")
        acts.decide(base, DecisionRow(sort=acts.END, devices=str(number), who=who, why=why, at=stamp(now())))
    return f"waiver {number} is ended: {rows[number].words()}"


def waiver_lines(file: str, url: str) -> list[WaiverLine]:
    """Return every waiver of a store and of the waivers file, with where each stands today."""
    store, rows = old_store(url), [_row(waiver) for waiver in read_waivers(file)]
    if store:
        from auditor.store import acts

        with store.database.reading() as base:
            rows += acts.waivers(base)
    today = now().date()
    return [
        WaiverLine(
            id=row.id, state=row.state(today), what=row.words(), until=row.until, who=row.who, why=row.why,
            authority=row.authority, ended=row.ended,
        )
        for row in rows
    ]  # fmt: skip


def set_aside(
    audit: Audit, devices: Mapping[str, str], waivers: Sequence[Waiver], base: "Connection | None" = None
) -> tuple[Audit, tuple[Waiver, ...]]:
    """Return an audit with the numbers and waivers of a store, and waivers that have ended.

    A waiver hangs on its device: an older key or number, and a weaker reading, change nothing. One that is bound to a
    law sets a finding aside only where no other law asks for anything; else a note says so.
    """
    rows, names = [_row(waiver) for waiver in waivers], {}
    if base is not None:
        from auditor.store import acts, directory

        rows += [row for row in acts.waivers(base) if not (row.ended or row.silence)]
        names = directory.names_of(base, set(filter(None, map(number_of, devices.values())))) if rows else {}
    aside = _Aside({}, {}, [])
    if rows:
        book = _WaiverIndex(rows, names, audit.as_of)
        for item in audit.assets:
            for finding in (*item.findings, *item.parts):
                book.judge(item, finding, devices.get(item.asset.key, ""), aside)
    audit = pipeline.numbered(audit, devices, aside.waivers)
    audit = replace(audit, notes=(*audit.notes, *aside.notes)) if aside.notes else audit
    return audit, tuple(aside.late.values())


class _WaiverIndex:
    """Waivers by what they are of."""

    def __init__(self, rows: Sequence[WaiverRow], names: Mapping[int, Collection[str]], day: date) -> None:
        self.names, self.day = names, day.isoformat()
        self.by_mark: dict[object, list[WaiverRow]] = defaultdict(list)
        for row in rows:
            self.by_mark[row.finding or row.device or (row.maker, row.site)].append(row)

    def judge(self, item: AuditedAsset, finding: Finding, device: str, aside: _Aside) -> None:
        """Note by which waivers a finding is set aside, or was until one ended."""
        number = number_of(device) if device else None
        ids = [
            finding_id(name, finding.maker, finding.part) for name in (device, *self.names.get(number or 0, ())) if name
        ]
        own = ids[0] if ids else finding.id
        marks = dict.fromkeys([own, finding.id, *ids, number, (finding.maker, item.asset.site)])
        rows = [row for mark in marks if mark is not None for row in self.by_mark.get(mark, ())]
        in_force = [row for row in rows if row.until >= self.day]
        whole = next((row for row in in_force if not row.law), None)
        laws = {row.law: row for row in in_force if row.law}
        asking = {duty.policy for duty in views.binding(finding)}
        if whole is not None:
            aside.waivers[own] = _waiver(whole, own)
        elif laws and asking and asking <= laws.keys():
            aside.waivers[own] = _waiver(next(iter(laws.values())), own, f" (under {', '.join(sorted(asking))} only)")
        elif laws:
            aside.notes += _law_notes(item, laws, asking)
        elif rows:
            aside.late[own] = _waiver(max(rows, key=lambda row: row.until), own)


def _law_notes(item: AuditedAsset, laws: Mapping[str, WaiverRow], asking: Collection[str]) -> Iterator[str]:
    for law, row in laws.items():
        if law in asking:
            name = views.device(item.asset)
            yield f"Under {law} alone {name} is waived until {row.until} by {row.who}: {row.why} Other laws still ask."


def _waiver(row: WaiverRow, finding: str, words: str = "") -> Waiver:
    until = date.fromisoformat(row.until)
    return Waiver(finding=finding, who=row.who, why=f"{row.why}{words}", authority=row.authority, until=until)


def _row(waiver: Waiver) -> WaiverRow:
    words = {name: getattr(waiver, name) for name in ("finding", "who", "why", "authority")}
    return WaiverRow(**words, until=waiver.until.isoformat())


def _bound(base: "Connection", name: str, row: WaiverRow, url: str) -> WaiverRow:
    """Return a waiver bound to the finding or the device a person means."""
    from auditor.store import directory

    for one in directory.finding_names(base):
        if name in {finding_id(one.name, one.maker, one.part), finding_id(spelled(one.device), one.maker, one.part)}:
            own = finding_id(spelled(one.device), one.maker, one.part)
            return replace(row, device=one.device, finding=own, maker=one.maker)
    if numbers_of(base, name):
        return replace(row, device=one_number(base, name, kept_runs(url)))
    items = matches(stored_audit("last", url), name, url)
    ids = {finding.id for item in items for finding in (*item.findings, *item.parts)}
    if name not in ids:
        raise UsageError(f"'{name}' has no number in the store; name a finding: {', '.join(sorted(ids)) or 'none'}")
    return replace(row, finding=name)


def _demand_day(until: date) -> None:
    if until < now().date():
        raise UsageError("has passed; a waiver holds until a day to come", where=f"--until {until}")


def _demand_words(name: str, row: WaiverRow) -> None:
    """Demand that a waiver says of what it is, and names a maker and a law that are known."""
    basis = knowledge()
    if row.silence and not (name or row.site):
        raise UsageError("a silence is of a device or of a site; name one, or --at-site", where="--silence")
    if not row.silence and not name and not (row.maker and row.site):
        raise UsageError("name a finding or a device, or --maker with --at-site", where="FINDING")
    if name and (row.maker or row.site):
        raise UsageError(f"'{name}' is one device; --maker and --at-site are for all of a site", where="FINDING")
    if row.maker and row.maker not in basis.book.words.makers:
        raise UsageError(
            f"'{row.maker}' is no maker; known: {', '.join(sorted(basis.book.words.makers))}", where="--maker"
        )
    laws = sorted(policy.id for policy in basis.policies)
    if row.law and row.law not in laws:
        raise UsageError(f"no policy '{row.law}'; known: {', '.join(laws)}", where="--law")
