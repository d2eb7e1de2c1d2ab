"""One row of anybody's inventory → one observation: empty cells dropped, addresses cleaned, no two devices under one label."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address

from auditor import normal
from auditor.imports.objects import Entry, text
from auditor.imports.source import Source
from auditor.model import Fact, Observation, Record, Target

VALUE_CAP = 16_384
LABEL_CAP = 200
EMPTY = frozenset({"-", "--", "---", "/", "n/a", "na", "none", "null", "nil", "unknown", "not available"})
_SPLIT = re.compile(r"[,;\s]+")
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?\Z", re.ASCII)


@dataclass(slots=True)
class Rows:
    """Turns the rows of one file into observations; `collector` is the word the journal will use."""

    source: Source
    collector: str = "inventory"
    found: int = 0
    passed: int = 0
    taken: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)

    def observe(self, values: Mapping[str, str], where: str) -> Iterator[Record]:
        """Yield what one row says. Keys are kinds of fact, and `address` and `site`; a row that says nothing is no device."""
        told = {key: cell for key, value in values.items() if (cell := clean(value))}
        address, site = address_of(told.pop("address", "")), _site(told.pop("site", "")) or self.source.site
        if not told and not address:
            return
        facts = tuple(Fact(kind=kind, value=value, where=where) for kind, value in told.items())
        target = Target(address=self._label(address, site, told, where), site=site)
        yield Observation(target=target, collector=self.collector, at=self.source.at, facts=facts)

    def entries(
        self, listed: Iterable[Entry], mark: str, values: Callable[[Entry], Mapping[str, str]], number: str
    ) -> Iterator[Record]:
        """Yield what each object of a list says; one without the key `mark`, or that says nothing, is no device, and told.

        `number` is the key under which objects bear a number of their own.
        """
        for place, entry in enumerate(listed, 1):
            told = list(self.observe(values(entry), f"device {text(entry, number) or place}")) if mark in entry else []
            self.found += bool(told)
            self.passed += not told
            yield from told
        if self.found and self.passed:
            self.source.warn(
                f"{self.source.path}: {self.passed} of {self.found + self.passed} entries are no devices, passed over"
            )

    def _label(self, address: str, site: str, told: Mapping[str, str], where: str) -> str:
        """Return the first label that no other device of the file bears: a gateway's address may stand in many rows."""
        name = told.get("inventory.name") or told.get("snmp.sysname") or ""
        serial, mac = told.get("inventory.serial", ""), told.get("inventory.mac", "")
        for label in filter(None, (address, name, serial, mac)):
            if _same(self.taken.setdefault((site, label), (name, serial)), (name, serial)):
                return normal.one_line(label, LABEL_CAP)
        return f"{self.source.path.name} {where}"


def clean(value: str) -> str:
    """Return a cell without padding, or empty where it only says that nothing is known."""
    text = value.strip().strip("\0\ufeff").strip()[:VALUE_CAP]
    return "" if text.casefold() in EMPTY else text


def address_of(text: str) -> str:
    """Return the first address or host name of a cell, without a prefix length; 0.0.0.0 and prose are none."""
    word = _SPLIT.split(text.strip(), maxsplit=1)[0].partition("/")[0] if text else ""
    try:
        address = ip_address(word.partition("%")[0])
    except ValueError:
        return word if text == word and _HOST.match(word) else ""
    return "" if address.is_unspecified else str(address)


def _site(text: str) -> str:
    """Return a site's name; a subnet mask in a column called subnet is none."""
    try:
        ip_address(text.partition("/")[0])
    except ValueError:
        return normal.one_line(text, LABEL_CAP)
    return ""


def _same(known: tuple[str, str], mine: tuple[str, str]) -> bool:
    """Tell whether two rows under one label may be one device: the same name, or nothing that tells them apart."""
    for one, other in zip(known, mine, strict=True):
        if one and other:
            return one == other
    return True
