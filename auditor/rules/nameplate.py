"""The plate of a box, whoever made it: vendor, model, serial, firmware and role."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from auditor import normal
from auditor.model import Asset, Fact, Finding, HearsayList, Part, Verdict
from auditor.oids import ENTERPRISES
from auditor.rules.enterprises import Enterprises
from auditor.rules.systems import Cells, Systems

WORDS = 200
FIELDS = ("vendor", "model", "serial", "firmware", "role")
_SHORTEST, _DISTINCT = 6, 3  # characters of a serial number, and of them different ones
VALUE = "snmp.value"
# What an inventory states, and what a row of ENTITY-MIB says, each in the field it fills.
ROLE, CAPABILITIES = "inventory.role", "lldp.capabilities"
BOOKS = {
    "inventory.vendor": "vendor", "inventory.model": "model", "inventory.firmware": "firmware", ROLE: "role",
}  # fmt: skip
ROWS = {"entity.mfg": "vendor", "entity.model": "model", "entity.firmware": "firmware"}
_BOARD = re.compile(r"main|mother|\bmpu|\bsru|\bcpu|control|supervis|processor|engine|\bsystem", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Nameplate:
    """What stands on the plate of a box; what nobody says is empty.

    `conflict` is a sentence where two sources give it serial numbers that do not agree.
    """

    vendor: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""
    role: str = ""
    conflict: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nameplates:
    """Reads nameplates: grammars, enterprise numbers, names of makers by id, filler serials.

    `covered` are the names of covered makers, as letters: a number alone names none of them.
    """

    systems: Systems = field(default_factory=Systems)
    enterprises: Enterprises = field(default_factory=Enterprises)
    names: Mapping[str, str] = field(default_factory=dict)
    is_filler: Callable[[str], bool] = lambda _text: False
    covered: frozenset[str] = frozenset()

    def read(self, asset: Asset, findings: Iterable[Finding], builder: str = "") -> Nameplate:
        """Return what an asset is: by a probable finding, own words, books, hearsay, in this order.

        `builder` is who built it where rules recognised somebody else. A finding that is only possible says little, and
        what is no more than a hint the least.
        """
        by_verdict = sorted(findings, key=lambda one: one.order)
        sure = [self._of_finding(one) for one in by_verdict if one.verdict >= Verdict.PROBABLE]
        unsure = [self._of_finding(one) for one in by_verdict if one.verdict < Verdict.PROBABLE]
        own = [fact for fact in asset.facts if not fact.about and not fact.is_conclusion]
        hearsay = asset.hearsay.plain if isinstance(asset.hearsay, HearsayList) else asset.hearsay
        announcements = [item.fact for item in hearsay if not item.fact.is_conclusion]
        abilities = [fact for fact in announcements if fact.kind == CAPABILITIES]
        names = [fact for fact in announcements if fact.kind != CAPABILITIES]
        if not (own or announcements or sure or unsure):
            return Nameplate(serial=asset.serial or _board(asset.parts))
        hints = [fact for fact in own if (fact.kind, fact.where) in self.systems.hints]
        said = [*sure, *self._own([fact for fact in own if fact not in hints] if hints else own)]
        sources = [*said, {"vendor": builder}, self._books(own), *self._read(names), *unsure]
        sources += (*self._read(hints), *self._read(abilities))
        plate = {name: _first(sources, name) for name in FIELDS}
        serial = asset.serial or plate["serial"] or _board(asset.parts)
        return Nameplate(
            **plate | {"serial": serial, "model": plate["model"] or _first(sources, "series")},
            conflict=self._conflict(asset, own, said),
        )

    def _conflict(self, asset: Asset, own: Iterable[Fact], said: Iterable[Cells]) -> str:
        """Return a sentence on the first two sources whose serial numbers do not agree."""
        kinds = {"entity.serial", "inventory.serial"}
        facts = [(fact.kind, fact.value) for fact in own if fact.kind in kinds]
        rows = [value for kind, value in facts if kind == "entity.serial"]
        sources = {
            "its hardware table": [*rows, *(part.serial for part in asset.parts)] if rows else [],
            "another reply of its own": [cells.get("serial", "") for cells in said],
            "an inventory": [value for kind, value in facts if kind == "inventory.serial"],
        }
        numbers = {name: self._numbers(values) for name, values in sources.items()}
        for (one, mine), (other, theirs) in combinations(numbers.items(), 2):
            if mine and theirs and not any(_agree(left, right) for left in mine for right in theirs):
                return f"Serial {mine[0]} in {one}, {theirs[0]} in {other}: one box has one."
        return ""

    def _numbers(self, values: Iterable[str]) -> list[str]:
        texts = (normal.one_line(normal.serial(value), WORDS) for value in values)
        return sorted({text for text in texts if _is_number(text) and not self.is_filler(text)})

    def _of_finding(self, finding: Finding) -> Cells:
        vendor = finding.brand if finding.brand.casefold() != finding.maker else ""
        cells = {"vendor": vendor or self.names.get(finding.maker, finding.maker), "role": finding.category}
        return cells | {name: getattr(finding, name) for name in ("model", "serial", "firmware")}

    def _own(self, facts: list[Fact]) -> Iterator[Cells]:
        cells = self._read(fact for fact in facts if fact.kind != ROLE)
        yield {"vendor": self._holder(facts)}
        yield from (one for one in cells if "vendor" in one)
        yield self._row(facts, ROWS)
        yield from (one for one in cells if "vendor" not in one)

    def _holder(self, facts: Iterable[Fact]) -> str:
        """Return the vendor of sysObjectID; without one, of the only number that answered."""
        numbers = {_number(fact.value) for fact in facts if fact.kind == "snmp.sysobjectid"} - {""}
        vendors = {vendor for number in numbers if (vendor := self._vendor(number))}
        if not vendors:
            others = {fact.value for fact in facts if fact.kind == "snmp.enterprise"}
            vendors = {vendor for number in others if (vendor := self._vendor(number))}
        return next(iter(vendors)) if len(vendors) == 1 else ""

    def _vendor(self, number: str) -> str:
        if number in self.systems.enterprises:
            return self.systems.enterprises[number]
        vendor = self.systems.vendor(self.enterprises.holder(number))
        # A covered maker's number on another's box accuses nobody: whether it is theirs, findings say.
        return "" if any(normal.letters(vendor).startswith(name) for name in self.covered) else vendor

    def _read(self, facts: Iterable[Fact]) -> list[Cells]:
        """Return what the grammars read out of facts: of a maker's own variables first."""
        readings = ((fact.kind != VALUE, self.systems.read(fact.kind, fact.where, fact.value)) for fact in facts)
        hits = [hit for hit in readings if hit[1]]
        return [cells for _, cells in sorted(hits, key=lambda hit: (hit[0], sorted(hit[1].items())))]

    def _books(self, facts: Iterable[Fact]) -> Cells:
        """Return what an inventory states; a role by the word of the vocabulary, where it is one."""
        cells = self._row(facts, BOOKS)
        return cells | self.systems.read(ROLE, "", cells.get("role", ""))

    def _row(self, facts: Iterable[Fact], kinds: Mapping[str, str]) -> Cells:
        """Return the cells of one row: the first in order of place, then of the alphabet."""
        rows: dict[str, list[tuple[int, str, str]]] = {}
        for fact in facts:
            if fact.kind in kinds and (value := normal.one_line(normal.serial(fact.value), WORDS)):
                rows.setdefault(kinds[fact.kind], []).append((len(fact.where), fact.where, value))
        cells = {name: min(values)[-1] for name, values in rows.items()}
        vendor = self.systems.vendor(cells.get("vendor", ""))
        # Some agents put their model where the maker belongs.
        is_model = normal.letters(vendor) == normal.letters(cells.get("model", "-"))
        cells |= {"vendor": "" if is_model else vendor}
        # A model of figures alone is a part's number: it stands in only where nothing else names one.
        return cells if any(map(str.isalpha, cells.get("model", ""))) else cells | {"series": cells.pop("model", "")}


def _first(sources: Iterable[Cells], name: str) -> str:
    return next((text for cells in sources if (text := normal.one_line(cells.get(name, ""), WORDS))), "")


def _is_number(text: str) -> bool:
    return len(text) >= _SHORTEST and len(set(text)) >= _DISTINCT


def _agree(one: str, other: str) -> bool:
    """Tell whether two spell one number; firmware often writes the model in front of it."""
    short, long = sorted((normal.letters(one), normal.letters(other)), key=len)
    return long.endswith(short)


def _number(sysobjectid: str) -> str:
    name = normal.oid(sysobjectid)
    return name.removeprefix(ENTERPRISES).partition(".")[0] if name.startswith(ENTERPRISES) else ""


def _board(parts: Iterable[Part]) -> str:
    """Return the serial of the main board (entPhysicalClass module) of a box without one."""
    boards = [part for part in parts if part.serial and part.sort in {"module", "backplane"}]
    named = [part for part in boards if _BOARD.search(f"{part.name} {part.description}")]
    return (named or boards)[0].serial if named or len(boards) == 1 else ""
