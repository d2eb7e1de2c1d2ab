"""The report on paper, set by Typst (the `pdf` extra). Data goes in as JSON, so device text never becomes markup."""

from importlib import resources

from auditor.document import dump
from auditor.errors import UsageError
from auditor.model import Audit, Tier
from auditor.normal import one_line
from auditor.report.base import Options
from auditor.report.rows import Found, asked, binding, finding_row, found, missing, place, unread_rows
from auditor.report.words import DISCLAIMER, SILENCE, about, counts, headline


def as_pdf(audit: Audit, options: Options) -> bytes:
    """Return the PDF; without the extra installed it is a `UsageError` that names it."""
    return typeset("report.typ", paper(audit, options))


def typeset(template: str, data: dict[str, object]) -> bytes:
    """Return a PDF of one of this room's Typst templates; `data` reaches it as `sys.inputs.data`, JSON text."""
    try:
        import typst
    except ImportError:
        raise UsageError(
            "PDF reports need the extra 'pdf': pip install 'network-equipment-auditor[pdf]'", where="format"
        ) from None
    source = resources.files("auditor.report").joinpath("templates", template).read_bytes()
    made: bytes = typst.compile(source, format="pdf", sys_inputs={"data": dump(data)})
    return made


def paper(audit: Audit, options: Options) -> dict[str, object]:
    """Return what the PDF prints, every text clean and on one line."""
    pairs = found(audit)
    return {
        "title": one_line(options.title),
        "date": [audit.finished.year, audit.finished.month, audit.finished.day],
        "as_of": audit.as_of.isoformat(),
        "answer": headline(audit),
        "counts": [[label, f"{number:,}", means] for label, number, means in counts(audit)],
        "notes": [one_line(note) for note in audit.notes],
        "findings": [_finding(pair, options) for pair in pairs if pair.finding.tier is Tier.COVERED],
        "listed": [_finding(pair, options) for pair in pairs if pair.finding.tier is not Tier.COVERED],
        "duties": _duties(pairs, options),
        "unread": [[row.site, row.address, row.collector, row.means, row.detail] for row in unread_rows(audit)],
        "about": [[name, one_line(value, 4096)] for name, value in about(audit, options)],
        "silence": SILENCE,
        "disclaimer": DISCLAIMER,
    }


def _finding(pair: Found, options: Options) -> dict[str, str]:
    row, asset = finding_row(pair), pair.item.asset
    return {
        "verdict": row.verdict,
        "site": row.site,
        "device": row.device,
        "address": row.address if row.address != row.device else "",
        "maker": options.name(row.maker),
        "brand": options.label(row.maker, row.brand),
        "model": row.model,
        "serial": row.serial,
        "place": place(asset),
        "why": row.why,
        "part": row.part,
        "waived": f"waived until {row.waived_until} by {row.waived_by}: {row.waived_why}" if row.waived_until else "",
        "asked": asked(pair.finding),
        "missing": "; ".join(missing(pair)),
    }


def _duties(pairs: list[Found], options: Options) -> list[dict[str, object]]:
    clauses: dict[tuple[str, ...], int] = {}
    for pair in pairs:
        for item in binding(pair.finding):
            key = (
                item.title or item.policy,
                item.applies.value,
                options.asks(item.duty),
                item.condition,
                item.cite,
                item.bound,
            )
            clauses[key] = clauses.get(key, 0) + 1
    names = ("title", "applies", "duty", "condition", "cite", "bound")
    return [
        {**dict(zip(names, map(one_line, key), strict=True)), "findings": number}
        for key, number in sorted(clauses.items())
    ]
