"""What others announce of a device (LLDP, CDP), compared with its own words."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from auditor import normal
from auditor.model import Fact

LINK_KINDS = {"lldp.localport": "LLDP", "cdp.localport": "CDP"}
# What a claim says → what a device says of the same thing itself.
WORDS = {"lldp.sysname": "snmp.sysname", "cdp.deviceid": "snmp.sysname", "lldp.sysdescr": "snmp.sysdescr"}
OWN_KINDS = frozenset({*WORDS.values(), "entity.model", "if.name", "if.descr"})
ADDRESS_KINDS = frozenset({"lldp.address", "cdp.address"})
PRODUCT_KINDS = frozenset({"lldp.sysdescr", "cdp.platform"})
MIN_PART = 3


# What LLDP and CDP call a device that has others behind it, or none; letters as most CLIs print them.
_WORD = re.compile(r"[a-z][a-z-]*")
_EDGES = frozenset({"t", "telephone", "phone", "w", "wlan", "wlan-access-point", "wlan-ap"})
_BRIDGES = frozenset({"b", "bridge", "switch", "r", "router", "p", "repeater", "br", "c", "docsis"})
_STATIONS = frozenset({"s", "station", "station-only", "host", "o", "other"})


class Carries(Enum):
    """What a device says to have behind itself: phones and access points are no switches."""

    UNKNOWN = "unknown"
    NOTHING = "nothing"
    DEVICES = "devices"
    NETWORK = "network"

    @classmethod
    def of(cls, claim: Iterable[Fact]) -> "Carries":
        """Return what the capabilities in a claim say (IEEE 802.1AB, system capabilities)."""
        texts = (fact.value.casefold() for fact in claim if fact.kind == "lldp.capabilities")
        words = {word for text in texts for word in _WORD.findall(text)}
        if words & _EDGES:
            return cls.DEVICES
        if words & _BRIDGES:
            return cls.NETWORK
        return cls.NOTHING if words & _STATIONS else cls.UNKNOWN


class Stance(Enum):
    """How a claim stands to the device's own words; silent without anything to compare."""

    AGREES = "agrees"
    SILENT = "silent"
    MIXED = "mixed"
    CONTRADICTS = "contradicts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What a device that answered says of itself, by kind, folded for comparison."""

    words: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> "Own":
        """Return the device's own words among its facts."""
        by_kind: dict[str, set[str]] = {}
        for fact in facts:
            if not fact.about and fact.kind in OWN_KINDS and (text := fold(fact.value)):
                by_kind.setdefault(fact.kind, set()).add(text)
        return cls(words={kind: frozenset(texts) for kind, texts in by_kind.items()})

    def says(self, kind: str, text: str) -> bool:
        """Tell whether the device itself says just this."""
        return fold(text) in self.words.get(kind, ())

    def compare(self, fact: Fact) -> bool | None:
        """Tell whether one word of a claim is the device's own; None without one to compare."""
        text, own = fold(fact.value), self.words.get(WORDS.get(fact.kind, ""), frozenset())
        return any(_same(text, mine) for mine in own) if text and own else None

    def stance(self, claim: Iterable[Fact]) -> Stance:
        """Return how a whole claim stands to the device's words; a name alone says nothing."""
        compare = [(fact.kind, self.compare(fact)) for fact in claim]
        answers = {answer for _, answer in compare} - {None}
        products = {answer for kind, answer in compare if kind in PRODUCT_KINDS}
        if not answers or (answers == {True} and products and True not in products):
            return Stance.SILENT
        if answers == {True}:
            return Stance.AGREES
        return Stance.CONTRADICTS if answers == {False} else Stance.MIXED


NOBODY = Own(words={})


def fold(text: str) -> str:
    """Return a text in one line and in lower case."""
    return normal.one_line(text).casefold()


def _same(one: str, other: str) -> bool:
    """Tell whether two texts are equal or one holds the other: LLDP cuts, names lack domains."""
    shorter, longer = sorted((one, other), key=len)
    return one == other or (len(shorter) >= MIN_PART and shorter in longer)
