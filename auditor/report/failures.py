"""What could not be read: device by device, those that failed alike together."""

from dataclasses import dataclass

from auditor.model import Audit, Outcome, Seen, Unread
from auditor.normal import one_line
from auditor.report.coverage import NO_SITE
from auditor.report.views import device, natural
from auditor.report.words import REASON_MEANS


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Devices of a site that failed alike; `partly` where the rest of them was read."""

    site: str
    names: tuple[str, ...]
    reasons: tuple[str, ...]
    partly: bool


def unread_groups(audit: Audit) -> list[Failed]:
    """Return the failures by site, then by the first address of each group the way people count."""
    devices = _devices(audit)
    alike: dict[tuple[str, tuple[str, ...], bool], list[str]] = {}
    for (site, address), reasons in failures(audit).items():
        name, partly = devices.get((site, address), ("", False))
        alike.setdefault((site, reasons, partly), []).append(
            f"{one_line(address)} ({name})" if name else one_line(address)
        )
    return [
        Failed(site=one_line(site) or NO_SITE, names=tuple(names), reasons=reasons, partly=partly)
        for (site, reasons, partly), names in alike.items()
    ]


def failures(audit: Audit) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return why something could not be read, each reason once, by site and address."""
    by_device: dict[tuple[str, str], list[Unread]] = {}
    for one in audit.unread:
        by_device.setdefault((one.target.site, one.target.address), []).append(one)
    pairs = sorted(by_device.items(), key=lambda pair: (pair[0][0], natural(pair[0][1])))
    return {at: tuple(dict.fromkeys(_reason(one) for one in errors)) for at, errors in pairs}


def _devices(audit: Audit) -> dict[tuple[str, str], tuple[str, bool]]:
    """Return by site and address what the device there is called, and whether it was read."""
    devices: dict[tuple[str, str], tuple[str, bool]] = {}
    for item in audit.assets:
        asset = item.asset
        read = asset.seen is Seen.READ and item.outcome is not Outcome.UNREAD
        name = device(asset) if asset.name else ""
        for address in (*asset.addresses, asset.address):
            devices[asset.site, address] = (name if name != address else "", read)
    return devices


def _reason(one: Unread) -> str:
    means = REASON_MEANS[one.reason]
    detail = one_line(one.detail)
    if not detail or detail.startswith(means):
        return f"{one.collector}: {detail or means}"
    return f"{one.collector}: {means}: {detail}"
