"""A case as it may be shared: audit and answers without what names anybody."""

from collections.abc import Mapping
from dataclasses import replace

from auditor.model import Audit, AuditedAsset
from auditor.paperwork.case import FilingInputs
from auditor.paperwork.define import SHARES, Question
from auditor.paperwork.facts import LISTED, Facts, Values, units
from auditor.report.redact import Pseudonyms, pseudonymise, pseudonyms

KEEP, WITHHOLD = SHARES
WITHHELD = "withheld"


def share(inputs: FilingInputs, key: bytes) -> FilingInputs:
    """Return a case that names nobody and nothing; the same key gives the same names."""
    names = pseudonyms(inputs.audit, key)
    return replace(
        inputs,
        audit=pseudonymise(inputs.audit, names),
        facts=_facts(inputs, names),
        spans={names.asset_key(key): span for key, span in inputs.spans.items()},
        options=replace(inputs.options, redacted=True),
    )


def share_audit(audit: Audit, key: bytes) -> Audit:
    """Return another audit that names nobody, by the same names under the same key."""
    return pseudonymise(audit, pseudonyms(audit, key))


def _facts(inputs: FilingInputs, names: Pseudonyms) -> Facts:
    source, ask = inputs.facts, inputs.filings.questions

    def answers(values: Values) -> Values:
        return {key: _answer(ask.get(key), value, names) for key, value in values.items()}

    def tables(answers_by_name: Mapping[str, Values]) -> dict[str, Values]:
        return {key: answers(values) for key, values in answers_by_name.items()}

    entries = {
        name: tuple({**answers(entry), **_whose(entry, inputs, names)} for entry in getattr(source, name))
        for name in LISTED
    }
    return Facts(
        filer=answers(source.filer),
        site={names.pseudonym("site", site): answers(values) for site, values in source.site.items()},
        maker=tables(source.maker),
        model={names.text(model): answers(values) for model, values in source.model.items()},
        asset={key: answers(values) for key, values in _devices(inputs, names).items()},
        share=tables(source.share),
        **entries,
    )


def _devices(inputs: FilingInputs, names: Pseudonyms) -> dict[str, Values]:
    """Return what was said of each device under its pseudonym; strangers stay strangers."""
    values: dict[str, Values] = {}
    for item in inputs.audit.assets:
        # The key stands for the whole stack, the serial number for its first member alone.
        alone = replace(item.asset, serial="") if any(part.unit for part in item.parts) else item.asset
        values[names.asset_key(item.asset.key)] = inputs.facts.of_asset(alone)
        for finding in units(item):
            values[names.pseudonym("finding", finding.id)] = inputs.facts.of_asset(item.asset, finding)
    unknown = inputs.facts.strangers(inputs.audit.assets)
    strangers = {names.pseudonym("asset", name): inputs.facts.asset[name] for name in unknown}
    return {key: answers for key, answers in (values | strangers).items() if answers}


def _whose(entry: Values, inputs: FilingInputs, names: Pseudonyms) -> Values:
    """Return the device a custody event or a cost line is of, by its name in the shared copy."""
    name = entry.get("asset", "")
    if not name:
        return {}
    alone = Facts(asset={name: {"name": "yes"}})
    pseudonyms = (_pseudonym(alone, item, names) for item in inputs.audit.assets)
    return {"asset": next(filter(None, pseudonyms), WITHHELD)}


def _pseudonym(alone: Facts, item: AuditedAsset, names: Pseudonyms) -> str:
    """Return the pseudonym of a device or member that facts speak of; else nothing."""
    key = names.asset_key(item.asset.key)
    if alone.of_asset(item.asset):
        return key
    findings = (finding for finding in units(item) if alone.of_asset(item.asset, finding))
    return next((names.pseudonym("finding", finding.id) if finding.unit else key for finding in findings), "")


def _answer(question: Question | None, value: str, names: Pseudonyms) -> str:
    """Return an answer that names nobody: free text counts as a name unless said otherwise."""
    how = "" if question is None else question.share
    if how == WITHHOLD:
        return WITHHELD
    free = question is None or (question.type in {"text", "serial"} and not question.choices)
    return names.pseudonym("answer", value) if free and how != KEEP else names.text(value)
