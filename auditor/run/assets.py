"""Stored runs and their assets: listed, named by a person, explained, set aside."""

from pathlib import Path

from auditor.errors import UsageError
from auditor.model import Audit, AuditedAsset, Waiver
from auditor.normal import mac
from auditor.run.home import now, old_store
from auditor.run.knowledge import knowledge
from auditor.run.recorded import kept_runs, stored_audit
from auditor.store.history import Sighting, history
from auditor.store.rows import Stored
from auditor.store.waivers import add


def runs(url: str) -> tuple[Stored, ...]:
    """Return the stored runs, oldest first; a store that does not exist yet holds none."""
    store = old_store(url)
    return store.runs() if store else ()


def assets_over_time(url: str) -> tuple[Sighting, ...]:
    """Return every asset of every stored run, with the runs that first and last held it."""
    store = kept_runs(url)
    return history(store.audit(run) for run in store.runs())


def explanations(asset: str, run: str, url: str, style: str) -> tuple[str, ...]:
    """Return the case for and against each asset a person means, as text, Markdown or JSON."""
    from auditor.report.base import Options
    from auditor.report.explain import explain

    audit = stored_audit(run, url)
    options = Options(names=knowledge().names())
    return tuple(explain(item, audit, style, options) for item in matches(audit, asset))


def waive(waiver: Waiver, file: str, url: str) -> Path:
    """Write a waiver of a finding of the last run to the waivers file and return that file."""
    if waiver.until < now().date():
        raise UsageError("has passed; a waiver holds until a day to come", where=f"--until {waiver.until}")
    items = matches(stored_audit("last", url), waiver.finding)
    ids = {finding.id for item in items for finding in (*item.findings, *item.parts)}
    if waiver.finding not in ids:
        raise UsageError(
            f"'{waiver.finding}' names an asset; its findings are {', '.join(sorted(ids)) or 'none'}", where="FINDING"
        )
    return add(waiver, file)


def matches(audit: Audit, name: str) -> tuple[AuditedAsset, ...]:
    """Return the assets a person means; none is an error.

    One address may stand for a device at each of several sites.
    """
    digits = mac(name)
    items = tuple(item for item in audit.assets if name in _names(item) or (digits and digits in item.asset.macs))
    if not items:
        raise UsageError(_unknown(audit, name), where="ASSET")
    return items


def only_match(audit: Audit, name: str, where: str = "ASSET") -> str:
    """Return the key of the one asset a person means; several are an error that lists them."""
    keys = [item.asset.key for item in matches(audit, name)]
    if len(keys) > 1:
        raise UsageError(f"'{name}' stands for {len(keys)} assets; name one by its key: {', '.join(keys)}", where=where)
    return keys[0]


def _unknown(audit: Audit, name: str) -> str:
    """Return why an asset is not in a run: an address that could not be read is not unknown."""
    failures = [f"{one.collector} {one.reason.value}" for one in audit.unread if one.target.address == name]
    if failures:
        return f"'{name}' is unread in run {audit.run.id}, and nobody spoke of it: {', '.join(dict.fromkeys(failures))}"
    return f"no asset '{name}' in run {audit.run.id}; 'auditor assets' lists them"


def _names(item: AuditedAsset) -> set[str]:
    asset = item.asset
    findings = {name for finding in (*item.findings, *item.parts) for name in (finding.id, finding.serial)}
    inside = {part.serial for part in asset.parts if not part.asset}
    return {asset.key, asset.name, asset.serial, asset.address, *asset.addresses, *findings, *inside} - {""}
