"""How a change of law alone is printed: `auditor judge --compare-dates`."""

from datetime import datetime

from auditor.cli.common import Shared
from auditor.cli.terminal import tell
from auditor.run.compare import compare_laws


def show_laws(name: str, shared: Shared, days: tuple[datetime, datetime]) -> None:
    """Print each group of devices of which the laws of two days ask different things, and what."""
    old, new = (day.date() for day in days)
    changes = compare_laws(name, shared, (old, new), shared.person)
    for change in changes:
        lines = [f"  - {ask}" for ask in change.no_longer] + [f"  + {ask}" for ask in change.anew]
        tell("\n".join([", ".join(change.devices), *lines]))
    count = sum(len(change.devices) for change in changes)
    shared.say(f"{count} assets are asked something else on {new} than on {old}; no device changed.")
