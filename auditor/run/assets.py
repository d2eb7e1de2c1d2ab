"""Stored runs and their assets: listed, named by a person, explained."""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from auditor.errors import UsageError
from auditor.model import Audit, AuditedAsset
from auditor.normal import mac
from auditor.report.base import Options
from auditor.report.lens import narrow, reader_line
from auditor.report.words import counted
from auditor.run.devices import numbers_of
from auditor.run.home import old_store
from auditor.run.options import Judging
from auditor.run.recorded import kept_runs
from auditor.run.report import kept_report
from auditor.store.marks import makers_in_words
from auditor.store.numbers import number_of, spelled


def asset_cells(name: str, url: str) -> list[dict[str, str]]:
    """Return what is listed of each asset of a stored run: place, name, outcome, makers, key.

    The document is read as plain values: what its digest stands for was an audit when it was written.
    """
    store = kept_runs(url)
    run = store.find(name)
    try:
        return [_cells(asset) for asset in json.loads(store.document(run))["assets"]]
    except (ValueError, LookupError, TypeError) as exc:
        raise store.database.damage(f"run {run.id} is damaged: its document is none ({type(exc).__name__})") from None


def _cells(asset: Mapping[str, Any]) -> dict[str, str]:
    cells = {name: str(asset[name]) for name in ("site", "address", "name", "seen", "outcome")}
    return cells | {"makers": makers_in_words(asset), "key": str(asset["key"])}


def explanations(asset: str, run: str, style: str, judging: Judging) -> tuple[str, ...]:
    """Return the case for and against each asset a person means, as text, Markdown or JSON.

    Texts speak of laws that can bind whoever asks, and say how many others there are; JSON has every one.
    """
    from auditor.report.explain import explain

    stored = kept_report(run, judging)
    if style == "json":
        items = matches(stored.audit, asset, judging.store)
        return tuple(explain(item, stored.audit, style, stored.look) for item in items)
    audit, options = narrow(stored.audit, stored.look)
    items = matches(audit, asset, judging.store)
    return (*(explain(item, audit, style, options) for item in items), *_elsewhere(items, options))


def _elsewhere(items: Collection[AuditedAsset], options: Options) -> Iterator[str]:
    """Yield for whom the laws were chosen and how many were not, where it is said who asks."""
    if options.elsewhere is not None:
        keys = {item.asset.key for item in items}
        others = (one for one in options.elsewhere.assets if one.asset.key in keys)
        number = len({duty.policy for one in others for finding in one.findings for duty in finding.obligations})
        yield f"{reader_line(options)} {counted(number, 'law')} of other countries and roles: see -f json."


def matches(audit: Audit, name: str, url: str = "none") -> tuple[AuditedAsset, ...]:
    """Return the assets a person means; none is an error.

    One address may stand for a device at each of several sites. What the run does not call so is looked up among the
    devices of a store, by any number, mark, old key or finding.
    """
    digits = mac(name)
    items = tuple(item for item in audit.assets if name in _names(item) or (digits and digits in item.asset.macs))
    if items:
        return items
    numbers, older = _devices(name, url)
    items = tuple(item for item in audit.assets if _device(item, older) in numbers)
    if not items:
        raise UsageError(_unknown(audit, name, numbers), where="ASSET")
    return items


def only_match(audit: Audit, name: str, where: str = "ASSET", url: str = "none") -> str:
    """Return the key of the one asset a person means; several are an error that lists them."""
    keys = [item.asset.key for item in matches(audit, name, url)]
    if len(keys) > 1:
        raise UsageError(f"'{name}' stands for {len(keys)} assets; name one by its key: {', '.join(keys)}", where=where)
    return keys[0]


def _devices(name: str, url: str) -> tuple[set[int], Mapping[int, int]]:
    """Return the devices of a store that bear a name, and to which number merged ones lead."""
    store = old_store(url)
    if store is None:
        return {number_of(name) or 0}, {}
    from auditor.store import acts

    with store.database.reading() as base:
        return numbers_of(base, name), acts.merges(base)


def _device(item: AuditedAsset, older: Mapping[int, int]) -> int:
    number = number_of(item.device) or -1
    return older.get(number, number)


def _unknown(audit: Audit, name: str, numbers: Collection[int]) -> str:
    """Return why an asset is not in a run: an address that could not be read is not unknown."""
    failures = [f"{one.collector} {one.reason.value}" for one in audit.unread if one.target.address == name]
    if failures:
        return f"'{name}' is unread in run {audit.run.id}, and nobody spoke of it: {', '.join(dict.fromkeys(failures))}"
    if names := [spelled(number) for number in sorted(numbers) if number]:
        return f"{', '.join(names)} is not in run {audit.run.id}; 'auditor devices show {names[0]}' tells of it"
    return f"no asset '{name}' in run {audit.run.id}; 'auditor assets' lists them"


def _names(item: AuditedAsset) -> set[str]:
    asset = item.asset
    findings = {name for finding in (*item.findings, *item.parts) for name in (finding.id, finding.serial)}
    inside = {part.serial for part in asset.parts if not part.asset}
    return {asset.key, asset.name, asset.serial, asset.address, *asset.addresses, *findings, *inside} - {""}
