"""Tables of MACs as text: ARP, neighbours, forwarding, arp-scan, or one MAC a line."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address
from itertools import chain, islice
from sys import intern

from auditor import normal
from auditor.errors import InputError
from auditor.imports import leases, objects
from auditor.imports.batches import TableRow, batches
from auditor.imports.source import SourceFile
from auditor.model import Cell, Fact, Record

LAST_VLAN = 4094
LINE_CAP = 4096
GLANCE = 200
# Sorts of lines that are counted.
BARE = "lines with an address and no MAC"
CROWDED = "lines with more than one MAC, of which the first was taken"
LONG = f"lines longer than {LINE_CAP} characters, not read to their end"
DOUBTFUL = "lines with an address and what may be a MAC, in no column of MACs"
SHORTEST = 12  # characters of a MAC without marks
DOTS, COLONS = 3, 7  # of an IPv4 address, of an IPv6 address written out
_REMEMBERED = 1 << 14
_USUAL: Mapping[str, Cell] = {"text": ""}
_BETWEEN = str.maketrans(",;|=<>\"'()[]{}", " " * 14)
_LETTER = re.compile(r"[A-Fa-f]")
_MENTIONS = re.compile(r"\bmacs?\b|mac[-_ ]?addr|hw[-_ ]?addr|hardware|physical|lladdr|link[- ]?layer", re.IGNORECASE)
# What programs call these in JSON and XML, as letters and digits in lower case; the first that holds one counts.
_KEYS = {
    "mac": "mac macaddress macaddr lladdr linklayeraddress hwaddress hwaddr hardwareaddress clientmac hw clientid",
    "ip": "ip ipaddress ipaddr ipv4 ipv4address inetaddr address dst ip6 ipv6 ipv6address",
    "name": "hostname clienthostname",
    "port": "ifname dev port interface intf",
    "vlan": "vlan vlanid",
}
_NAMES = (
    r"(?:[GXF]E|(?:10|25|40|50|100|200|400)GE|"
    r"GigabitEthernet|TenGig\S*|Eth\S*|Et|Fa\S*|Gi|Te|Tw|Hu|Fo|Po|Eth-Trunk|gei|xgei|smartgroup"
    r"|[gx]*e?pon[_-]\S*?|ge-|xe-|et-|ae|bridge|ether|sfp|swp|eno|lan|port)"
)
_PORT = re.compile(rf"{_NAMES}[-_ ]?\d[\w/.:\-]*\Z|\d+/\d+/\d+(?:[/:]\d+)?\Z", re.IGNORECASE)
# Pairs of digits in a row: a MAC between blanks that cannot be told from what stands beside it.
_PAIRS = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{2}(?: [0-9A-Fa-f]{2}){5}(?![0-9A-Za-z])")
_NAME, _NUMBER = re.compile(rf"{_NAMES}\Z", re.IGNORECASE), re.compile(r"\d+(?:/\d+)+(?:[.:]\d+)?\Z")
_VLAN = re.compile(r"(?:vlan)?([0-9]{1,4})(?:/[-0-9]*)*\Z", re.IGNORECASE | re.ASCII)


def read(source: SourceFile) -> Iterator[Record]:
    """Yield the rows as what the file said of its neighbours, in bounded batches."""
    lines = source.text_lines()
    first = list(islice(lines, GLANCE))
    start = "\n".join(first)
    if leases.begins(start):
        yield from leases.read(source)
        return
    json_lines = _documents(source, start.lstrip("\ufeff \t\r\n")[:1])
    tally = LineCount(columns=columns(first))
    rows = tally.rows(chain(first, lines)) if json_lines is None else entry_rows(json_lines)
    empty = True
    for record in batches(source, rows):
        empty = False
        yield record
    if empty:
        raise InputError("shows no MAC address", where=str(source.path))
    for problem in tally.words(BARE):
        source.warn(f"{source.path}: {problem}")
    yield from source.partial(tally.words(CROWDED, LONG, DOUBTFUL), "table")


def shows(text: str) -> bool:
    """Tell whether text is a table of MACs, with marks or as a column of bare ones."""
    lines = [normal.plain_marks(line[:LINE_CAP]) for line in text.splitlines()[:GLANCE]]
    marks = [match for line in lines for match in normal.MAC_IN_TEXT.finditer(line)]
    if any(match["octet"] or _LETTER.search(match[0]) for match in marks):
        return True
    if marks and any(map(_MENTIONS.search, lines)):
        return True
    places = columns(lines)
    bare = [normal.mac(match[0]) for line in lines for match in _bare(line, places)]
    # Half of all random numbers would be group addresses, which no device has, and half of the others local ones.
    return bool(bare) and not any(map(normal.is_group, bare)) and sum(map(normal.is_local, bare)) * 2 <= len(bare)


def columns(lines: Iterable[str]) -> frozenset[int]:
    """Return where bare MACs stand in a line, by words: in half of the lines, or titled.

    One of them at least has to have a letter; article numbers, telephone numbers and times have none.
    """
    cells = [normal.plain_marks(line[:LINE_CAP]) for line in lines if line.strip()]
    places: dict[int, list[str]] = {}
    for line in cells:
        for match in normal.MAC_IN_TABLE.finditer(line):
            if match[0].isalnum() and not normal.MAC_IN_TEXT.match(line, match.start()):
                places.setdefault(_place(line, match), []).append(match[0])
    few = 1 if any(map(_MENTIONS.search, cells)) else len(cells)
    return frozenset(at for at, runs in places.items() if any(map(_LETTER.search, runs)) and len(runs) * 2 >= few)


def _place(line: str, match: "re.Match[str]") -> int:
    return len(line[: match.start()].translate(_BETWEEN).split())


def _bare(line: str, places: frozenset[int]) -> "Iterator[re.Match[str]]":
    """Yield the MACs without marks in a line that stand where MACs stand."""
    if places:
        yield from (match for match in normal.MAC_IN_TABLE.finditer(line) if _place(line, match) in places)


@dataclass(slots=True)
class LineCount:
    """Counts the lines of a table that say more or less than one MAC."""

    columns: frozenset[int] = frozenset()
    counts: Counter[str] = field(default_factory=Counter)
    first: dict[str, int] = field(default_factory=dict)

    def rows(self, lines: Iterable[str]) -> Iterator[TableRow]:
        """Yield what each line says of a MAC."""
        for number, whole in enumerate(lines, 1):
            if len(whole) > LINE_CAP:
                self.counts[LONG] += 1
            line = normal.plain_marks(whole[:LINE_CAP])
            match = normal.MAC_IN_TEXT.search(line) or next(_bare(line, self.columns), None)
            if match is None:
                if any(map(_address, _words(line))):
                    self._note(DOUBTFUL if normal.MAC_IN_TABLE.search(line) or _PAIRS.search(line) else BARE, number)
                continue
            digits = normal.mac(match[0])
            rest = normal.MAC_IN_TEXT.finditer(line, match.end()) if len(line) > match.end() + SHORTEST else ()
            if any(normal.mac(other[0]) not in {"", digits} for other in rest):
                self._note(CROWDED, number)
            yield TableRow(digits, *_cells_of(f"{line[: match.start()]} {line[match.end() :]}"))

    def words(self, *sorts: str) -> list[str]:
        """Return in words how many lines there were of some sorts, and the first of each."""
        return [
            f"{sort}: {self.counts[sort]}" + (f", the first is line {self.first[sort]}" if sort in self.first else "")
            for sort in sorts
            if self.counts[sort]
        ]

    def _note(self, sort: str, number: int) -> None:
        self.counts[sort] += 1
        self.first.setdefault(sort, number)


@lru_cache(maxsize=_REMEMBERED)
def _cells_of(line: str) -> tuple[str, Mapping[str, Cell]]:
    """Return what stands beside a MAC: the address of an ARP entry, else port and VLAN.

    Many lines of a table differ in their MACs alone.
    """
    words = _words(line)
    address = next(filter(None, map(_address, words)), "")
    if address and "dst" in words:
        address = ""  # the far end of a tunnel, not the address of whoever has the MAC
    if address:
        return address, _USUAL
    port = _port(words)
    vlans = [vlan for word in words if word != port and (vlan := _vlan(word))] if port else []
    # Beside a port that is all numbers any number may be anything; the first of several is taken where the port has a
    # name.
    sure = len(vlans) == 1 or not _NUMBER.match(port)
    return "", _columns(port, vlans[0] if vlans and sure else "")


def _columns(port: str, vlan: str) -> Mapping[str, Cell]:
    """Return the columns of a forwarding entry that say something."""
    cells: dict[str, Cell] = {**_USUAL}
    if port:
        cells["port"] = intern(port)
    if vlan:
        cells["vlan"] = intern(vlan)
    return cells


def _port(words: list[str]) -> str:
    """Return a port's name: one word, two such as `Te 1/7`, or what follows `dev`."""
    for at, word in enumerate(words):
        if _PORT.match(word):
            return word
        if "/" in word and at and _NUMBER.match(word) and _NAME.match(words[at - 1]):
            return f"{words[at - 1]} {word}"
    return words[words.index("dev") + 1] if "dev" in words[:-1] else ""


def _words(line: str) -> list[str]:
    return line.translate(_BETWEEN).split()


def _documents(source: SourceFile, first: str) -> "Iterator[objects.Entry] | None":
    """Return JSON objects or XML elements at any depth; None where it is neither."""
    if first == "<":
        return objects.elements(source)
    if first not in {"[", "{"}:
        return None
    try:
        return objects.inner(objects.load_all(source))
    except InputError:
        if objects.begins(source):
            raise
        return None


def entry_rows(lines: Iterable[objects.Entry]) -> Iterator[Fact | TableRow]:
    """Yield what each object says of the MAC it holds."""
    for entry in lines:
        plain = {re.sub(r"[^a-z0-9]", "", str(key).lower()): key for key in entry}
        entries = {
            name: [objects.text(entry, str(plain[key])) for key in keys.split() if key in plain]
            for name, keys in _KEYS.items()
        }
        digits = next(filter(None, map(normal.mac, entries["mac"])), "") or leases.duid_mac(objects.text(entry, "duid"))
        if not digits:
            continue
        address = next(filter(None, map(_address, entries["ip"])), "")
        name, port, vlan = (next(filter(None, entries[key]), "") for key in ("name", "port", "vlan"))
        # The far end of a tunnel (`bridge -j fdb`) is not the address of whoever has the MAC.
        if address and ("lladdr" in plain or "dst" not in plain):
            yield TableRow(digits, address, _USUAL)
        else:
            yield TableRow(digits, "", _columns(port, _vlan(vlan)))
        yield from leases.client_facts(digits, name, "table", address=address)


def found(line: str) -> str:
    """Return the digits of a line's first MAC, or nothing; an endless line is cut."""
    match = normal.MAC_IN_TABLE.search(normal.plain_marks(line[:LINE_CAP]))
    return normal.mac(match[0]) if match else ""


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
