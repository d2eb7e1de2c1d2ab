"""Assets as the audit document has them, and a store in memory that numbers night after night."""

from auditor.store.marks import Mark, makers
from auditor.store.numbers import Known, number

# Documentation MACs (RFC 7042).
CAMERA, BRIDGE, OTHER = "00005e005301", "00005e005302", "00005e005303"


def finding(maker, verdict="probable", **values):
    """Return a finding as a document has it."""
    blank = dict.fromkeys(("brand", "model", "category", "firmware", "serial", "part", "unit"), "")
    more = {"for": [], "against": [], "obligations": [], "waived": None, "tier": "covered"}
    return {"id": f"{maker}-id", "maker": maker, "verdict": verdict} | blank | more | values


BLANK = {
    "site": "hq", "address": "", "serial": "", "macs": [], "name": "", "seen": "read", "said": [], "conflicts": [],
    "collectors": ["snmp"], "outcome": "no-match", "findings": [], "parts": [], "place": None,
}  # fmt: skip


def sighting(*, at="", maker="", members=(), **values):
    """Return an asset; its key is that of its strongest mark, its place a pair of switch and port."""
    asset = BLANK | {"address": at, "addresses": [at] if at else []} | values
    mark = f"serial:{asset['serial']}" if asset["serial"] else f"mac:{asset['macs'][0]}" if asset["macs"] else at
    asset = {"key": f"{asset['site']}/{mark}"} | asset
    if maker:
        asset["findings"] = [finding(maker)]
    if asset["place"]:
        switch, port = asset["place"]
        asset["place"] = {"switch": switch, "port": port, "confidence": "high", "carriers": [], "behind": ""}
    parts = [{"part": str(row), "class": "chassis", "serial": member} for row, member in enumerate(members)]
    return asset | {"parts": parts}


class Store:
    """Marks and merges of all nights, in memory."""

    def __init__(self):
        self.marks, self.makers, self.names, self.resolves, self.next = {}, {}, {}, {}, 1

    def night(self, *assets, decisions=()):
        """Number assets and keep their marks; return the number of each in the order given."""
        known = Known(marks=self.marks, next=self.next, makers=self.makers, names=self.names, resolves=self.resolves)
        self.last = numbering = number(assets, known, decisions)
        self.marks = self.marks | {Mark(*mark[:3]): mark.device for mark in numbering.marks}
        self.resolves = self.resolves | {younger: older for older, younger in numbering.merges}
        self.next += len(numbering.new)
        for asset in assets:
            device = numbering.of.get(asset["key"])
            if makers(asset):
                self.makers[device] = makers(asset)
            if asset["name"]:
                self.names[device] = asset["name"]
        return [numbering.of.get(asset["key"]) for asset in assets]
