"""Tables of MACs as text: ARP and neighbour tables, forwarding tables, arp-scan output, or one MAC a line."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from itertools import chain, islice

from auditor import normal
from auditor.errors import InputError
from auditor.imports import leases, objects
from auditor.imports.source import Source
from auditor.model import Fact, Record, quick_fact

LAST_VLAN = 4094
LINE_CAP = 4096
GLANCE = 200
SHORTEST = 12  # characters of a MAC without marks
DOTS, COLONS = 3, 7  # of an IPv4 address, of an IPv6 address written out
_BETWEEN = str.maketrans(",;|", "   ")
_MAC = re.compile(
    r"(?<![0-9A-Za-z:.\-])(?:(?:[0-9A-Fa-f]{1,2}([:\-]))(?:[0-9A-Fa-f]{1,2}\1){4}[0-9A-Fa-f]{1,2}|[0-9A-Fa-f]{4}([.\-])[0-9A-Fa-f]{4}\2[0-9A-Fa-f]{4}|[0-9A-Fa-f]{6}-[0-9A-Fa-f]{6}|[0-9A-Fa-f]{12})(?![0-9A-Za-z:.\-])"
)
_NAMES = (
    r"(?:[GXF]E|(?:10|25|40|50|100|200|400)GE|GigabitEthernet|TenGig\S*|Eth\S*|Et|Fa\S*|Gi|Te|Tw|Hu|Fo|Po|Eth-Trunk|gei|xgei|smartgroup"
    r"|[gx]*e?pon[_-]\S*?|ge-|xe-|et-|ae|bridge|ether|sfp|swp|eno|lan|port)"
)
_PORT = re.compile(rf"{_NAMES}[-_ ]?\d[\w/.:\-]*\Z|\d+/\d+/\d+(?:[/:]\d+)?\Z", re.IGNORECASE)
_NAME, _NUMBER = re.compile(rf"{_NAMES}\Z", re.IGNORECASE), re.compile(r"\d+(?:/\d+)+(?:[.:]\d+)?\Z")
_VLAN = re.compile(r"(?:vlan)?([0-9]{1,4})(?:/[-0-9]*)*\Z", re.IGNORECASE | re.ASCII)


def read(source: Source) -> Iterator[Record]:
    """Yield the table's rows as things its reporter, the file, said of its neighbours; in batches, so that memory stays bounded."""
    lines = source.text_lines()
    first = list(islice(lines, GLANCE))
    if leases.begins("\n".join(first)):
        yield from leases.read(source)
        return
    tally, is_json = Tally(), bool(first) and first[0].lstrip("\ufeff \t").startswith(("[", "{"))
    told = _entries(source) if is_json else tally.facts(chain(first, lines))
    empty = True
    for record in leases.batches(source, told):
        empty = False
        yield record
    if empty:
        raise InputError("shows no MAC address", where=str(source.path))
    if tally.bare:
        source.warn(
            f"{source.path}: lines with an address and no MAC: {tally.bare}, the first is line {tally.first_bare}"
        )
    yield from source.partial(tally.missed(), "table")


@dataclass(slots=True)
class Tally:
    """Counts the lines of a table that say more or less than one MAC."""

    bare: int = 0
    first_bare: int = 0
    long: int = 0
    crowded: int = 0
    first_crowded: int = 0

    def facts(self, lines: Iterable[str]) -> Iterator[Fact]:
        """Yield what each line says."""
        for number, line in enumerate(lines, 1):
            match = _MAC.search(line[:LINE_CAP])
            self.long += len(line) > LINE_CAP
            if match is None:
                if any(map(_address, _words(line))):
                    self.bare += 1
                    self.first_bare = self.first_bare or number
                continue
            digits = normal.mac(match.group())
            if len(line) > match.end() + SHORTEST and self._more(digits, line, match.end()):
                self.crowded += 1
                self.first_crowded = self.first_crowded or number
            yield from _row(line, digits)

    def missed(self) -> list[str]:
        """Return in words what was not taken."""
        told = f"lines with more than one MAC, of which the first was taken: {self.crowded}, the first is line {self.first_crowded}"
        long = f"lines longer than {LINE_CAP} characters, not read to their end: {self.long}"
        return [told] * bool(self.crowded) + [long] * bool(self.long)

    def _more(self, digits: str, line: str, start: int) -> bool:
        return any(normal.mac(match.group()) not in {"", digits} for match in _MAC.finditer(line, start, LINE_CAP))


def _row(line: str, digits: str) -> Iterator[Fact]:
    """Yield what one line says: an ARP entry where it shows an address, else a forwarding entry with its port and VLAN."""
    words = _words(line)
    address = next(filter(None, map(_address, words)), "")
    if address and "dst" in words:
        address = ""  # the far end of a tunnel, not the address of whoever has the MAC
    if address:
        yield quick_fact("arp.mac", normal.spelled(digits), "table", f"ip:{address}")
        return
    about = f"mac:{digits}"
    yield quick_fact("fdb.mac", normal.spelled(digits), "table", about)
    port = _port(words)
    if port:
        yield quick_fact("fdb.port", port, "table", about)
        vlans = [vlan for word in words if word != port and (vlan := _vlan(word))]
        # Beside a port that is all numbers any number may be anything; the first of several is taken where the port has a name.
        if vlans and (len(vlans) == 1 or not _NUMBER.match(port)):
            yield quick_fact("fdb.vlan", vlans[0], "table", about)


def _port(words: list[str]) -> str:
    """Return a port's name: one word, two such as `Te 1/7`, or what follows `dev`."""
    for at, word in enumerate(words):
        if _PORT.match(word):
            return word
        if "/" in word and at and _NUMBER.match(word) and _NAME.match(words[at - 1]):
            return f"{words[at - 1]} {word}"
    return words[words.index("dev") + 1] if "dev" in words[:-1] else ""


def _words(line: str) -> list[str]:
    return line[:LINE_CAP].translate(_BETWEEN).split()


def _entries(source: Source) -> Iterator[Fact]:
    """Yield what `ip -j neigh` or `bridge -j fdb show` lists, as the lines of their text forms say it."""
    for entry in objects.entries(objects.load(source)):
        said = {key: objects.text(entry, key) for key in ("dst", "lladdr", "mac", "ifname", "dev", "vlan")}
        digits = normal.mac(said["lladdr"] or said["mac"])
        if digits:
            line = said["dst"] if said["lladdr"] else f"dev {said['ifname'] or said['dev']} {said['vlan']}"
            yield from _row(f"{digits} {line}", digits)


def found(line: str) -> str:
    """Return the digits of the first MAC of a line, or nothing; only the beginning of an endless line is looked at."""
    match = _MAC.search(line[:LINE_CAP])
    return normal.mac(match.group()) if match else ""


def _address(word: str) -> str:
    # Most words of a table are none; asking ip_address about each would take most of the time.
    if word.count(".") != DOTS and "::" not in word and word.count(":") != COLONS:
        return ""
    if word.startswith("255."):  # a mask beside the address
        return ""
    try:
        return str(ip_address(word.strip("()[]'\"").partition("%")[0]))
    except ValueError:
        return ""


def _vlan(word: str) -> str:
    match = _VLAN.match(word)
    return match[1] if match and 0 < int(match[1]) <= LAST_VLAN else ""
