"""Whom a row of a filled-in table speaks of: devices by any of their names, models, sites."""

from collections.abc import Iterable
from functools import cached_property

from auditor.model import Asset, Finding
from auditor.normal import mac, one_line
from auditor.paperwork.case import FilingInputs
from auditor.paperwork.facts import names, units

DEVICE, UNKNOWN = "device", ""
# Columns that name a device, the surest first; the number of a store is written D-000042.
DEVICE_NAMES = ("asset", "device", "finding", "serial_seen", "address", "mac")
GROUP_NAMES = {"model": "model", "maker": "maker", "site": "site", "share": "layer"}


class AnswerNames:
    """Every name that devices, models, makers, sites and layers of a run go by."""

    def __init__(self, inputs: FilingInputs) -> None:
        self.inputs = inputs

    @cached_property
    def _devices(self) -> dict[str, dict[str, tuple[Asset, Finding | None]]]:
        """Return the devices of a name, each by its key in a facts file: one name may be several's."""
        by_name: dict[str, dict[str, tuple[Asset, Finding | None]]] = {}
        for item in self.inputs.audit.assets:
            findings: list[Finding | None] = [*units(item)] or [None]
            for finding in findings:
                key = finding.id if finding and finding.unit else item.asset.key
                own = {*names(item.asset, finding), *([item.device] if item.device and key == item.asset.key else [])}
                for name in own:
                    by_name.setdefault(_plain(name), {})[key] = (item.asset, finding)
        return by_name

    def device(self, text: str) -> list[str]:
        """Return the keys of the devices a text names: none, one, or several that share a name."""
        return sorted(self._devices.get(_plain(text), {}))

    def spellings(self, key: str) -> list[str]:
        """Return every name a device may have in a facts file, the surest first."""
        return names(*self._devices[_plain(key)][key])

    def answers(self, key: str) -> dict[str, str]:
        """Return what is said of a device by any of its names."""
        asset, finding = self._devices[_plain(key)][key]
        return dict(self.inputs.facts.of_asset(asset, finding))

    def group(self, level: str, text: str) -> str:
        """Return a model, maker, site or layer as a facts file names it, or nothing."""
        return self._groups[level].get(_plain(text), UNKNOWN)

    @cached_property
    def _groups(self) -> dict[str, dict[str, str]]:
        inputs = self.inputs
        findings = [finding for item in inputs.audit.assets for finding in units(item)]
        makers = {finding.maker for finding in findings}
        layers = [layer.id for filing in inputs.filings.by_id.values() for layer in filing.layers]
        return {
            "model": _by_name(finding.model for finding in findings),
            "maker": _by_name(makers) | {_plain(inputs.options.name(maker)): maker for maker in makers},
            "site": _by_name([*inputs.audit.run.sites, *(item.asset.site for item in inputs.audit.assets)]),
            "share": _by_name(layers),
        }


def _by_name(texts: Iterable[str]) -> dict[str, str]:
    return {_plain(text): text for text in texts if text}


def _plain(text: str) -> str:
    return mac(text) or one_line(text).casefold()
