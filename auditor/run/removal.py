"""The removal of a device, from the finding to its disposal."""

STATES = ("found", "confirmed", "planned", "removed", "disposed")
GONE = frozenset({"removed", "disposed"})
