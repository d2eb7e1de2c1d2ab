"""A case as it may be shared: the audit without identifiers, and the filer's answers told apart by whether they name anybody."""

from collections.abc import Mapping
from dataclasses import replace

from auditor.model import Audit, AuditedAsset
from auditor.paperwork.case import Case
from auditor.paperwork.define import SHARES, Question
from auditor.paperwork.facts import Facts, Values, units
from auditor.report.redact import Pseudonyms, pseudonyms, renamed

KEEP, WITHHOLD = SHARES
WITHHELD = "withheld"


def share(case: Case, key: bytes) -> Case:
    """Return a case whose filings name no site, device, person, address or serial number; the same key gives the same names."""
    names = pseudonyms(case.audit, key)
    shared = renamed(case.audit, names)
    return replace(
        case,
        audit=shared,
        facts=_facts(case, shared, names),
        options=replace(case.options, redacted=True),
    )


def _facts(case: Case, shared: Audit, names: Pseudonyms) -> Facts:
    told, ask = case.facts, case.shelf.questions

    def answers(values: Values) -> Values:
        return {key: _answer(ask.get(key), value, names) for key, value in values.items()}

    def tables(known: Mapping[str, Values]) -> dict[str, Values]:
        return {key: answers(values) for key, values in known.items()}

    entries = {
        name: tuple({**answers(entry), **_whose(entry, case, shared)} for entry in getattr(told, name))
        for name in ("custody", "cost")
    }
    return Facts(
        filer=answers(told.filer),
        site={names.site(site): answers(values) for site, values in told.site.items()},
        maker=tables(told.maker),
        model={names.text(model): answers(values) for model, values in told.model.items()},
        asset={key: answers(values) for key, values in _devices(case, shared, names).items()},
        share=tables(told.share),
        **entries,
    )


def _devices(case: Case, shared: Audit, names: Pseudonyms) -> dict[str, Values]:
    """Return what was said of each device under the one name it has in the shared copy; strangers stay strangers."""
    told: dict[str, Values] = {}
    for item, other in zip(case.audit.assets, shared.assets, strict=True):
        # The key stands for the whole stack, the serial number for its first member alone.
        alone = replace(item.asset, serial="") if any(part.unit for part in item.parts) else item.asset
        told[other.asset.key] = case.facts.of_asset(alone)
        for finding, renamed_finding in zip(units(item), units(other), strict=True):
            told[renamed_finding.id] = case.facts.of_asset(item.asset, finding)
    unknown = case.facts.strangers(case.audit.assets)
    strangers = {names.hashed("asset", name): case.facts.asset[name] for name in unknown}
    return {key: values for key, values in (told | strangers).items() if values}


def _whose(entry: Values, case: Case, shared: Audit) -> Values:
    """Return the device a custody event or a cost line is of, by its name in the shared copy."""
    wanted = entry.get("asset", "")
    if not wanted:
        return {}
    alone = Facts(asset={wanted: {"found": "yes"}})
    pairs = zip(case.audit.assets, shared.assets, strict=True)
    found = (_named(alone, item, other) for item, other in pairs)
    return {"asset": next(filter(None, found), WITHHELD)}


def _named(alone: Facts, item: AuditedAsset, shared: AuditedAsset) -> str:
    """Return the name in the shared copy of a device, or of a member of its stack, of which something was told; else nothing."""
    if alone.of_asset(item.asset):
        return shared.asset.key
    told = (other for one, other in zip(units(item), units(shared), strict=True) if alone.of_asset(item.asset, one))
    return next((other.id if other.unit else shared.asset.key for other in told), "")


def _answer(question: Question | None, value: str, names: Pseudonyms) -> str:
    """Return an answer that names nobody: what is free text is taken for a name unless its question says otherwise."""
    how = "" if question is None else question.share
    if how == WITHHOLD:
        return WITHHELD
    free = question is None or (question.type == "text" and not question.choices)
    return names.hashed("answer", value) if free and how != KEEP else names.text(value)
