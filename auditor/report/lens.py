"""A report for one reader: what laws ask that can bind an organisation, the rest put aside.

It is a lens on reports alone: verdicts, obligations, the audit document and exit codes never change by it.
"""

from collections.abc import Callable
from dataclasses import replace

from auditor.model import Audit, AuditedAsset, Finding, Obligation, Organisation
from auditor.normal import one_line
from auditor.report.base import Options

UNKNOWN_READER = (
    "Nobody said who is asking, so the laws of every country and role stand here."
    " Say it in auditor.toml: [organisation] with country, state and roles."
)
ELSEWHERE = "Other countries and roles"
Keep = Callable[[Obligation, str], bool]


def narrow(audit: Audit, options: Options) -> tuple[Audit, Options]:
    """Return an audit with what can bind the reader, and beside it what cannot."""
    reader = options.organisation
    if reader is None:
        return audit, options

    def binds(item: Obligation, site: str) -> bool:
        reach = options.reach.get(item.policy)
        return reach is None or reader.can_be_bound(reach, site)

    rest = _keeping(audit, lambda item, site: not binds(item, site))
    return _keeping(audit, binds), replace(options, elsewhere=rest)


def reader_line(options: Options) -> str:
    """Return for whom the laws of a report were selection, in a sentence."""
    reader = options.organisation
    if reader is None:
        return UNKNOWN_READER
    return f"Laws that can bind {reader_words(reader, options)}. What cannot stands under: {ELSEWHERE}."


def reader_words(reader: Organisation, options: Options) -> str:
    """Return who asks, `Example Carrier (US: operator …)`."""
    seat = reader.seats[0] if reader.seats else None
    where = " ".join(filter(None, (seat.country, seat.state))) if seat else ""
    roles = "no role of these" if reader.roles == () else "roles not said" if reader.roles is None else ""
    names = ", ".join(options.names.get(role, role) for role in reader.roles or ())
    return one_line(f"{reader.name or 'the organisation'} ({where or 'country not said'}: {roles or names})")


def _keeping(audit: Audit, keep: Keep) -> Audit:
    """Return an audit with some of its obligations; alike findings share their list of them."""
    selection: dict[tuple[int, str], tuple[Obligation, ...]] = {}

    def of(finding: Finding, site: str) -> Finding:
        key = (id(finding.obligations), site)
        if key not in selection:
            selection[key] = tuple(item for item in finding.obligations if keep(item, site))
        return replace(finding, obligations=selection[key])

    def device(item: AuditedAsset) -> AuditedAsset:
        if not (item.findings or item.parts):
            return item
        site = item.asset.site
        return replace(
            item,
            findings=tuple(of(finding, site) for finding in item.findings),
            parts=tuple(of(finding, site) for finding in item.parts),
        )

    return replace(audit, assets=tuple(map(device, audit.assets)))
