"""The page: one self-contained HTML file that asks nothing of any network.

Findings travel in a JSON block that is data to the browser, not script; the template escapes the rest; a content
security policy names the one script and the one style sheet by their hashes, so nothing else could run even if it
got in.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from auditor.formats.fields import dump
from auditor.model import Applies, Audit, Evidence, Finding, Obligation, Tier
from auditor.normal import one_line
from auditor.report import charts, laws, views
from auditor.report.agenda import GAPS_TITLE, TITLE, gaps, task_lines
from auditor.report.base import Options
from auditor.report.coverage import scope_line
from auditor.report.coverage import table as coverage_table
from auditor.report.dates import COUNTED, DATE_HEAD, LAW_HEAD, date_rows, laws_told
from auditor.report.excerpt import excerpt
from auditor.report.lens import ELSEWHERE, reader_line
from auditor.report.next_steps import HEARD_ENDS, HEARD_TITLE, STEP_HEAD, next_steps
from auditor.report.parts import cells as part_cells
from auditor.report.parts import part_rows
from auditor.report.rows import device_rows, finding_row, unread_rows, waiver_in_words
from auditor.report.topology.picture import cable_rows, site_pictures
from auditor.report.words import DISCLAIMER, SILENCE, about, counts, headline, sites

# What a page shows of the books: how many, and the first of those that were not seen.
NOT_SEEN = "not seen"
BOOK_CELLS = ("site", "address", "name", "serial", "mac", "model", "remark")
MOST_MISSING = 50


def as_html(audit: Audit, options: Options) -> bytes:
    """Return the page as UTF-8."""
    from markupsafe import Markup

    style, script = _part("page.css"), _part("page.js")
    sites_known = sites(audit)
    makers, by_site, verdicts = charts.by_maker(audit, options), charts.by_site(audit), charts.by_verdict(audit)
    page: str = template("page.html").render(
        title=one_line(options.title),
        answer=headline(audit),
        agenda=_agenda(audit, options),
        counts=counts(audit),
        charts=[("Verdicts", verdicts), ("Makers", makers), ("Sites", by_site)],
        spoken=charts.caption_of,
        site_map=charts.site_map(audit, options.places, sites_known),
        about=[(name, one_line(value, 4096)) for name, value in about(audit, options)],
        notes=views.notes(audit),
        as_of=audit.as_of.isoformat(),
        sites=[one_line(site) for site in sites_known],
        scope=scope_line(audit),
        coverage=coverage_table(audit),
        books=_books(options),
        steps={"title": HEARD_TITLE, "says": HEARD_ENDS, "head": STEP_HEAD, "rows": next_steps(audit, options)},
        topology=site_pictures(audit, options),
        laws=_laws(audit, options),
        has_parts=any(item.asset.parts for item in audit.assets),
        silence=SILENCE,
        disclaimer=DISCLAIMER,
        policy=f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "base-uri 'none'; form-action 'none'",
        # Both are files of this package; the data has every character that could end the block escaped.
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        data=Markup(json_for_script(page_data(audit, options))),  # noqa: S704
    )
    return page.encode()


def _books(options: Options) -> dict[str, object]:
    """Return how many devices are on the books, seen, or both, and the first that were not seen."""
    head, *lines = ((), ()) if options.redacted else options.books() or ((), ())
    rows = [dict(zip(head, line, strict=False)) for line in lines]
    counts = Counter(row.get("state", "") for row in rows)
    missing = [row for row in rows if row.get("state") == NOT_SEEN]
    return {
        "counts": ", ".join(f"{count:,} {state}" for state, count in counts.items() if state),
        "head": [name.capitalize() for name in BOOK_CELLS],
        "rows": [[row[name] for name in BOOK_CELLS] for row in missing[:MOST_MISSING]],
        "more": max(0, len(missing) - MOST_MISSING),
    }


def _agenda(audit: Audit, options: Options) -> dict[str, object]:
    """Return the first screen: for whom, what must be done, what is missing, whom nothing binds."""
    others = laws_told(options.elsewhere) if options.elsewhere else []
    return {
        "reader": reader_line(options),
        "title": TITLE,
        "lines": task_lines(audit, options),
        "gaps_title": GAPS_TITLE,
        "gaps": gaps(audit, options),
        "elsewhere": ELSEWHERE,
        "others": [law.cells() for law in others],
    }


def _laws(audit: Audit, options: Options) -> dict[str, object]:
    """Return the tables about laws: laws, dates, clauses, and lists that ask nothing."""
    asked_of = laws.clauses(audit)
    places = laws.jurisdictions(asked_of)
    return {
        "counted": COUNTED,
        "head": LAW_HEAD,
        "rows": [law.cells() for law in laws_told(audit)],
        "date_head": DATE_HEAD,
        "dates": list(date_rows(audit, options)),
        "lists": [f"{place.name}: {'; '.join(place.context)}." for place in places if place.context],
        "clauses": [
            (f"{place.name}. {laws.HEADINGS[applies]}", [_clause(item, asked_of, audit, options) for item in items])
            for place in places
            for applies, items in place.asks
        ],
        "number": sum(len(items) for place in places for _applies, items in place.asks),
    }


def _clause(item: Obligation, asked_of: Mapping[Obligation, int], audit: Audit, options: Options) -> dict[str, str]:
    return laws.clause(item, asked_of[item], audit, options) | {"url": _link(item)}


def _link(item: Obligation) -> str:
    return item.url if item.url.startswith("https://") else ""


@cache
def template(name: str) -> Any:
    """Return a template of this room; what goes into it is escaped unless it is marked as ours."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    env = Environment(
        loader=PackageLoader("auditor.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return env.get_template(name)


def json_for_script(value: object) -> str:
    """Return JSON that may stand in a script element: no `<`, `>`, `&` (HTML 13.2.5.4)."""
    return dump(value).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def page_data(audit: Audit, options: Options) -> dict[str, object]:
    """Return all tables of the page, each distinct text kept once and named by its number."""
    pool = _Pool({item.asset.key: views.device(item.asset) for item in audit.assets}, options)
    findings = [_finding(pair, options, pool, audit.as_of) for pair in views.device_findings(audit)]
    devices = [
        [
            pool.text(cell)
            for cell in (row.site, row.device, row.address, row.mac, row.serial, row.outcome, row.makers, row.seen,
                         f"{row.switch} {row.port}".strip(), views.join((row.why, row.remarks, row.conflicts)))
        ]
        for row in device_rows(audit, options.name)
    ]  # fmt: skip
    parts = [[pool.text(cell) for cell in part_cells(row)] for row in part_rows(audit)]
    unread = [
        [pool.text(cell) for cell in (row.site, row.address, row.collector, row.reason, row.means, row.detail)]
        for row in unread_rows(audit)
    ]
    return {
        "texts": pool.texts,
        "evidence": pool.evidences,
        "obligations": pool.obligations,
        "findings": findings,
        "devices": devices,
        "parts": parts,
        "unread": unread,
        "cables": [[one, other, pool.text(port), pool.text(far)] for one, other, port, far in cable_rows(audit)],
    }


class _Pool:
    """Hands out a number for each distinct text, piece of evidence and obligation."""

    def __init__(self, devices: Mapping[str, str], options: Options) -> None:
        self._devices = devices
        self._options = options
        self.texts: list[str] = []
        self.evidences: list[list[int]] = []
        self.obligations: list[list[int]] = []
        self._numbers: dict[object, int] = {}

    def text(self, value: str) -> int:
        return self._number(value, self.texts, value)

    def evidence(self, item: Evidence) -> int:
        captures = ", ".join(f"{name} = {value}" for name, value in item.captures)
        fact, by = item.fact, self._devices.get(item.by, item.by)
        cells = (item.strength.word, item.because, item.rule, item.source, fact.kind, fact.where, captures, by)
        quote = excerpt(fact.value, [value for _name, value in item.captures] + [item.says.maker, item.says.brand]).text
        row = [*(self.text(one_line(cell)) for cell in cells), self.text(quote), self.text(one_line(item.witness))]
        return self._number(("evidence", *row), self.evidences, row)

    def obligation(self, item: Obligation) -> int:
        cells = (
            item.policy, item.title or item.policy, item.applies.value, self._options.asks(item.duty),
            item.condition, item.cite, _link(item), str(item.since or ""), str(item.until or ""),
            item.bound, "; ".join(item.needs), laws.place_of(item), str(item.due or ""),
        )  # fmt: skip
        row = [self.text(one_line(cell)) for cell in cells]
        return self._number(("obligation", *row), self.obligations, row)

    def _number(self, key: object, store: list[object] | list[str] | list[list[int]], value: object) -> int:
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(store)
            store.append(value)  # type: ignore[arg-type]  # one counter for three lists, each fed its own type
        return number


def _mere_lists(finding: Finding) -> list[Obligation]:
    return [item for item in finding.obligations if item.context and item.applies is not Applies.NO]


def _finding(pair: views.DeviceFinding, options: Options, pool: _Pool, as_of: date) -> list[object]:
    row, finding = finding_row(pair, as_of), pair.finding
    tier = "" if finding.tier is Tier.COVERED else "watched, not a covered maker"
    texts = (
        row.site, views.name_of(pair), row.address, options.name(finding.maker),
        options.label(finding.maker, row.brand), row.model,
        options.name(finding.category) if finding.category else "", row.serial, views.place(pair.item.asset), row.why,
        row.mac, row.firmware, row.seen, views.component(finding), tier, waiver_in_words(row),
        "; ".join(views.missing(pair)), "; ".join(views.needs_of(finding)), row.asset, row.finding,
        one_line(pair.item.asset.place.because) if pair.item.asset.place else "",
        "; ".join(dict.fromkeys(map(laws.title, _mere_lists(finding)))), row.due, row.due_under,
    )  # fmt: skip
    return [
        int(finding.verdict),
        *(pool.text(text) for text in texts),
        list(map(pool.evidence, finding.evidence)),
        list(map(pool.evidence, finding.against)),
        list(map(pool.obligation, views.binding(finding))),
    ]


@cache
def _part(name: str) -> str:
    return resources.files("auditor.report").joinpath("templates", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
