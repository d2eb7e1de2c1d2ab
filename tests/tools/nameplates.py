"""Whether what a device is said to be is what its recording's label says: `walks/` of the corpus.

python -m tests.tools.nameplates          print shares and what was named otherwise
"""

import csv
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from auditor.model import AuditedAsset, Seen
from auditor.pipeline import Knowledge, learn
from tests.tools.accuracy import corpus, right_model
from tests.tools.walks import judged

FIELDS = ("vendor", "model", "serial", "firmware")
# Labels name a system where they could name its vendor: the word of the label → the vendor.
VENDORS = {
    "edgeswitch": "ubiquiti", "edgeos": "ubiquiti", "fiberstore": "fs", "panos": "palo alto networks", "sm-os": "siae",
    "radlan": "allied telesis", "alliedware": "allied telesis", "ip office": "avaya", "netman": "riello ups",
    "cumulus": "nvidia", "anue": "ixia", "acano": "cisco", "haproxy": "haproxy", "wd": "western digital",
    "n-tron": "red lion", "hp print": "hp", "bdcom": "bdcom", "sonus": "ribbon", "ns-bsd": "stormshield",
    "fortiswitch": "fortinet", "v-solution": "v-sol", "edge-core": "edgecore", "hpe comware": "hpe", "swos": "mikrotik",
}  # fmt: skip
_HIDDEN = re.compile(r"<private>|redacted|anonymi[sz]ed.*|serialnumber", re.IGNORECASE)


@dataclass(slots=True)
class Plates:
    """Of labels that name a field, how many are said rightly; of all, how many say it at all."""

    labels: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    shown: Counter[str] = field(default_factory=Counter)
    devices: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        cells = (f"{name} {self.right[name]} of {self.labels[name]}" for name in FIELDS if self.labels[name])
        shown = (f"{name} {self.shown[name]}" for name in FIELDS)
        return f"{', '.join(cells)} right; said of {self.devices}: {', '.join(shown)}"

    def add(self, row: dict[str, str], own: AuditedAsset | None) -> None:
        """Compare one device with its label."""
        self.devices += 1
        texts = plate(own)
        for name in FIELDS:
            wanted, said = row.get(name, "").strip(), texts[name]
            self.shown[name] += bool(said)
            if not wanted or _HIDDEN.fullmatch(wanted):
                continue
            self.labels[name] += 1
            is_right = _is_vendor(said, wanted) if name == "vendor" else right_model(said, wanted)
            self.right[name] += is_right
            if not is_right:
                self.wrong.append(f"{row['file']}: {name} {wanted!r}, not {said!r}")


def plate(own: AuditedAsset | None) -> dict[str, str]:
    """Return what an audit says a device is."""
    if own is None:
        return dict.fromkeys(FIELDS, "")
    return {"vendor": own.vendor, "model": own.model, "serial": own.asset.serial, "firmware": own.firmware}


def _is_vendor(said: str, wanted: str) -> bool:
    label, vendor = wanted.casefold(), said.casefold()
    aliases = [name for word, name in VENDORS.items() if word in label]
    return bool(vendor) and (vendor in aliases or vendor.split()[0] in label or label.split()[0] in vendor)


def measure(folder: Path, known: Knowledge) -> dict[str, Plates]:
    """Return the figures of covered makers' recordings and all others whose label is of hardware."""
    plates = {"covered": Plates(), "others": Plates()}
    for row, own in _rows(folder, known):
        if row["quality"] != "strong":
            continue
        plates["others" if row["maker"] == "none" else "covered"].add(row, own)
    return plates


def _rows(folder: Path, known: Knowledge) -> Iterator[tuple[dict[str, str], AuditedAsset | None]]:
    with (folder / "walks.tsv").open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table, delimiter="\t"):
            assets = judged(folder / "walks" / row["file"], known)
            yield row, next((asset for asset in assets if asset.asset.seen is Seen.READ), None)


def report(plates: dict[str, Plates]) -> str:
    """Return the figures in words."""
    lines = [f"what each device is, {sort}: {one}" for sort, one in plates.items()]
    return "\n".join(lines + [f"  named otherwise: {line}" for one in plates.values() for line in one.wrong])


if __name__ == "__main__":
    where = corpus()
    sys.stdout.write(f"{report(measure(where, learn()))}\n" if where else "skipped: no corpus (set AUDITOR_CORPUS)\n")
