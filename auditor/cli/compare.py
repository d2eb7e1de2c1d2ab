"""How a change of law alone is printed: `auditor judge --compare-dates`."""

from datetime import datetime

from auditor.cli.common import CommonOptions
from auditor.cli.terminal import tell
from auditor.run.compare import compare_laws


def show_laws(name: str, common: CommonOptions, days: tuple[datetime, datetime]) -> None:
    """Print each group of devices of which the laws of two days ask different things, and what."""
    old, new = (day.date() for day in days)
    changes = compare_laws(name, common, (old, new), common.person)
    for change in changes:
        lines = [f"  - {ask}" for ask in change.no_longer] + [f"  + {ask}" for ask in change.anew]
        tell("\n".join([", ".join(change.devices), *lines]))
    count = sum(len(change.devices) for change in changes)
    common.say(f"{count} assets are asked something else on {new} than on {old}; no device changed.")
