"""Tables read by the titles over their columns, never by position."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from auditor import normal
from auditor.parse.cli.text import lines

# What a title is called, letters alone in lower case, and what stands below it. The longest title that fits counts.
_TITLES = {
    "mac": "mac macaddress macaddr macadress hardwareaddr hardwareaddress hwaddress hwaddr physicaladdress"
    " linklayeraddress linklayeraddr lladdr etheraddress destmac destinationaddress destinationmacaddress"
    " ethernetaddress stationaddress",
    "address": "ip ipaddress internetaddress ipv4address ipv6address ipaddr ipv6addr host protocoladdress"
    " inetaddress neighboraddress address managementaddress mgmtaddress managementip mgmtip",
    "vlan": "vlan vlanid vid vlanno vlanvsisi vlanvsibd vlanvsi dot1q vlantag",
    "vlan name": "vlanname vlannametag",
    "port": "port ports interface interfaces logicalinterface destinationport portindex learnedfrom"
    " learnedfromfilteredon portnexthop"
    " portnickname sourceidentifier portvirtualportlist fsp interfacename portname destport phyport"
    " physicalport portno if intf iface memberport sourceport porttrunk portlinkagg switchport"
    " portnumber device vport oninterface ponport outgoinginterface source devname",
    "timeout": "timeout",
    "age": "age agemin agingtime aging ageingtimer agesec ages agingtimes",
    "type": "type mactype state status flags macflags mode method entrytype fwd operation domain attribute",
    "row": "no # index num number id entry srvp srvpindex bundle bundleindex rtr rtrid nh nhindex ifindex",
    "local": "localintf localinterface localport localintrfce lclport localif locport local localportid localint"
    " locportid",
    "parent": "parentinterface",
    "portid": "portid portinfo neighborintf neighborport neighborportid remoteport remoteportid nbrintf"
    " neighborinterface"
    " neighbourport remoteinterface remport remoteintf portiddesc peerport neiintf remportid",
    "portdescr": "portdescr portdescription portdesc remoteportdescr",
    "chassis": "chassisid chassis remotechassisid neighborchassisid remotechassis remchassisid",
    "device": "deviceid neighbordeviceid neighborid",
    "sysname": "systemname sysname neighbordev neighbordevice remotedevice neighbor remotesystemname neighbour"
    " devicename neighborname remotename peer nbrname remotesystem remotehost neidevice neighborsystemname"
    " name hostname remotesysname remotehostname remhostname identity",
    "platform": "platform",
    "vendorclass": "vci vendorclass vendorclassid",
    "hold": "holdtime holdtme ttl exptime exptimes expire hldtme hold",
    "capabilities": "capability capabilities cap capab capa caps",
    "protocol": "protocol protocols",
    "aside": "bridge learn moves lastmove secure ntfy vpi vpn vpninstance vrf zone dead"
    " tunneldest lastseen master static expirem remid remoteid vc vr time lastchange servid fid"
    " interfacetype agingmin hardwaretype hwtype flagsmask mask speed location description oui ouisubtype version"
    " board",
}
# What a title says beside another: SR Linux calls the own port `Name`, FortiOS numbers its ports and names them.
_NEXT_TO = {"neighborsystemname": {"name": "local", "neighbor": ""}, "devname": {"portno": "row", "device": "row"}}
_ROLES = {title: role for role, titles in _TITLES.items() for title in titles.split()}
# How a title begins, so that most lines need no closer look.
_STARTS = frozenset(title[:3] for title in _ROLES)
_LONGEST = 5  # words
_RULE = re.compile(r"[ \t]*[|+]?[-=*]{3}[-=+*| \t]*|[ \t]*[-=]+(?:[ \t|+]+[-=]+)+[ \t|]*")
_RUN = re.compile(r"[-=*]+")
_CELL = re.compile(r"[^\s|](?:[^\s|]| (?=[^\s|]))*")
_WORD = re.compile(r"[^\s|]+")
_DOMAIN = re.compile(r"[ \t]{0,8}Bridging domain[ \t]{0,4}:[^,\n]{1,80}, VLAN : (\w{1,8})")
_ASKED = re.compile(r"[ \t]{0,8}Status and Counters - Address Table - (\S{12,17})")
_ABOVE = 3
_FEW = 2
# Marks, and units such as (s), (min).
_ASIDE = re.compile(r"\((?:s|sec|min|m)\.?\)|[^a-z0-9# ]")
_TITLES_CAP = 400


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what stands in it, and from where to where in a line its title does."""

    role: str
    start: int
    end: int


@dataclass(slots=True)
class Layout:
    """The columns of a table; where a word stands decides, and is looked up once a place."""

    columns: tuple[Column, ...]
    is_ruled: bool = False
    places: dict[tuple[int, int], Column] = field(default_factory=dict)

    def cells(self, line: str) -> dict[str, str]:
        """Return what a line holds by role; of two columns of one role the first counts."""
        if not self.is_ruled and len(wide := _CELL.findall(line)) == len(self.columns):
            return self._row([(column, 0, 0, cell) for column, cell in zip(self.columns, wide, strict=True)])
        return self._row([(self._place(word), *word.span(), word[0]) for word in _WORD.finditer(line)])

    def _place(self, word: re.Match[str]) -> Column:
        """Return the column of a word; a MAC pushed aside by a long one stands in that of MACs."""
        column = self._column(word.span())
        if column.role in {"mac", "address"} or normal.MAC_IN_TEXT.fullmatch(word[0]) is None:
            return column
        return next((other for other in self.columns if other.role == "mac"), column)

    def _row(self, words: Iterable[tuple[Column, int, int, str]]) -> dict[str, str]:
        """Join the words of each column; beyond a wide gap stands what has no title."""
        row: dict[str, str] = {}
        ends: dict[str, tuple[Column, int]] = {}
        for column, start, end, word in words:
            owner, until = ends.get(column.role, (column, start))
            if owner is column and (self.is_ruled or start - until <= 1):
                row[column.role] = f"{row[column.role]} {word}" if column.role in row else word
                ends[column.role] = (column, end)
        return row

    def _column(self, span: tuple[int, int]) -> Column:
        """Return the column a word stands under: where it shares most places, else the nearest."""
        if span not in self.places:
            overlaps = [min(span[1], column.end) - max(span[0], column.start) for column in self.columns]
            self.places[span] = self.columns[overlaps.index(max(overlaps))]
        return self.places[span]


Row = Mapping[str, str]


def rows(text: str, *, with_macs: bool = False) -> Iterator[Row]:
    """Yield each line below titles as what its columns hold; perhaps only those with a MAC."""
    above: list[str] = []
    layout = Layout(())
    domain: Row = {}
    for line in map(_plain, lines(text)):
        domain = _domain(line, domain)
        has_mac = normal.MAC_IN_TEXT.search(line) is not None
        if not has_mac and _RULE.fullmatch(line):
            if marks := _under_rule(above, line):
                layout = Layout(marks, is_ruled=True)
            above = []
        elif not line.strip():
            above = []
        elif titles := () if has_mac else _head(above, line):
            layout = Layout(titles)
            above = [*above, line][-_ABOVE:]
        else:
            above = [] if _is_aside(line) else [*above, line][-_ABOVE:]
            if layout.columns and (has_mac or "mac" in domain if with_macs else not _is_aside(line)):
                yield {**domain, **layout.cells(line)}


def _domain(line: str, domain: Row) -> Row:
    """Return what holds for rows below: the VLAN of a bridge (Junos), the MAC asked for (AOS-S)."""
    if match := _DOMAIN.match(line) if "VLAN :" in line else None:
        return {"vlan": match[1]}
    match = _ASKED.match(line) if "Address Table - " in line else None
    return domain if match is None or not normal.mac(match[1]) else {"mac": match[1]}


def _plain(line: str) -> str:
    line = normal.plain_marks(line)
    return line.expandtabs() if "\t" in line else line


def _is_aside(line: str) -> bool:
    return ": " in line.strip()[:40] or line.rstrip().endswith(":")


def _head(above: Sequence[str], line: str) -> tuple[Column, ...]:
    """Return the columns a line of titles names, with the line above where both are titles."""
    words = line[:_TITLES_CAP].lower().split()
    if _STARTS.isdisjoint(word.lstrip("|+*(")[:3] for word in words) or _is_aside(line):
        return ()
    columns = _columns(line)
    if not _is_head(columns, line):
        return ()
    before = _columns(above[-1]) if above else ()
    if not before or not _is_head(before, above[-1]):
        return columns
    return max(_two_lines(above[-1], line), before, columns, key=_weight)


def _weight(columns: Sequence[Column]) -> tuple[bool, int]:
    """Return which reading of titles counts: one with MACs, then that with the most roles."""
    return any(column.role == "mac" for column in columns), _count(columns)


def _count(columns: Sequence[Column]) -> int:
    """Return how many columns have a role."""
    return sum(bool(column.role) for column in columns)


def _is_head(columns: Sequence[Column], line: str) -> bool:
    count = _count(columns)
    return count >= _FEW and count * 2 >= len(columns) and normal.MAC_IN_TEXT.search(line) is None


def _columns(line: str) -> tuple[Column, ...]:
    """Return the titles in a line: cells between wide gaps, taken apart where it takes."""
    columns: list[Column] = []
    for cell in _CELL.finditer(line):
        if role := _ROLES.get(_title(cell[0])):
            columns.append(Column(role, cell.start(), cell.end()))
        else:
            columns.extend(_apart(cell[0], cell.start()))
    return _beside(columns, [_title(line[column.start : column.end]) for column in columns])


def _beside(columns: Sequence[Column], names: Sequence[str]) -> tuple[Column, ...]:
    """Return columns with the roles that their titles have beside each other."""
    roles = {name: role for beside in names for name, role in _NEXT_TO.get(beside, {}).items()}
    return tuple(
        replace(column, role=roles.get(name, column.role)) for column, name in zip(columns, names, strict=True)
    )


def _apart(cell: str, start: int) -> Iterator[Column]:
    """Yield the titles in one cell, the longest first; other words are columns of no role."""
    words = list(_WORD.finditer(cell))
    at = 0
    while at < len(words):
        for count in range(min(_LONGEST, len(words) - at), 0, -1):
            begin, end = words[at].start(), words[at + count - 1].end()
            role = _ROLES.get(_title(cell[begin:end]), "")
            if role or count == 1:
                yield Column(role, start + begin, start + end)
                at += count
                break


def _title(text: str) -> str:
    return _ASIDE.sub("", text.lower()).replace(" ", "")


def _two_lines(upper: str, lower: str) -> tuple[Column, ...]:
    """Return the columns of titles written over two lines."""
    cells = [(cell.start(), cell.end(), cell[0]) for cell in _CELL.finditer(upper)]
    below = [(cell.start(), cell.end(), cell[0]) for cell in _CELL.finditer(lower)]
    columns = []
    for start, end, words in cells:
        under = next(((a, b, w) for a, b, w in below if a < end and start < b), None)
        title = f"{words} {under[2]}" if under else words
        role = _ROLES.get(_title(title)) or _ROLES.get(_title(words), "")
        columns.append(Column(role, min(start, under[0]) if under else start, max(end, under[1]) if under else end))
    alone = [(a, b, w) for a, b, w in below if not any(a < end and start < b for start, end, _ in cells)]
    columns += [Column(_ROLES.get(_title(w), ""), a, b) for a, b, w in alone]
    return tuple(sorted(columns, key=lambda column: column.start))


def _under_rule(above: Sequence[str], rule: str) -> tuple[Column, ...]:
    """Return the columns a rule of dashes marks off below titles."""
    runs = [(run.start(), run.end()) for run in _RUN.finditer(rule)]
    if len(runs) < _FEW:
        return ()
    columns, names = [], []
    for number, (start, end) in enumerate(runs):
        until = runs[number + 1][0] if number + 1 < len(runs) else None
        texts = [line[start:until].strip(" |") for line in above if normal.MAC_IN_TEXT.search(line) is None]
        role = _role_of(texts)
        columns.append(Column(role, start, end))
        names.append(_title(" ".join(texts)))
    return _beside(columns, names) if _count(columns) >= _FEW else ()


def _role_of(texts: Sequence[str]) -> str:
    """Return the role of a title over several lines: all of it, else its last lines."""
    for first in range(len(texts)):
        if role := _ROLES.get(_title(" ".join(texts[first:]))):
            return role
    return next((role for text in reversed(texts) if (role := _ROLES.get(_title(text)))), "")
