"""LLDP and CDP neighbours told line by line: `name: value`, one block a neighbour."""

import re
from collections.abc import Iterator

from auditor import normal
from auditor.parse.cli import names
from auditor.parse.cli.tables import mac_in
from auditor.parse.cli.text import lines

_PAIR = re.compile(
    r"[ \t]{0,40}(?:[\-+*|•][ \t]{0,8}(?:\|[ \t]{0,40})?)?(?P<name>[A-Za-z][A-Za-z0-9 /_\-()&#]{1,60}?)[ \t]{0,40}"
    r"(?:[ .]\.{2,80}|[:=](?!:))[ \t]?(?P<value>.*)"
)
# Another pair on the same line: `Port: 1/1       Index    : 1`.
_BESIDE = re.compile(r"[ \t]{3,40}[A-Z][A-Za-z]{1,20}[ \t]{0,20}:[ \t]")
# Lines that announce the own port of all neighbours below them.
_LOCAL = re.compile(
    r"(?P<vrp>[A-Za-z][\w\-]{0,30}\d[\w/.:]{0,30})[ \t]{1,4}has \d{1,4} neighbou?r"
    r"|Local Interface (?P<dell>[A-Za-z][\w\-]{0,30} \d[\w/.:]{0,30}) has \d{1,4} neighbou?r"
    r"|LLDP neighbou?r-information of port (?:\d{1,6} ?)?\[(?P<comware>[^\]]{1,60})\]"
    r"|(?:Interface|Port) (?P<eos>[A-Za-z]{0,20}\d[\w/.:\-]{0,40}|[A-Za-z][\w/.\-]{1,40})"
    r" detected \d{1,4} (?:LLDP )?neighbou?r"
    r"|Port (?P<sros>\d[\w/]{0,20}) Bridge \S{1,30} Remote Peer"
    r"|^Port Name: (?P<panos>[a-z]{2,20}[\d/.]{1,20})[ \t]{0,8}$"
    r"|^Remote data, (?P<hios>\d[\d/]{0,12}) - #\d"
    r"|^interface (?P<acos>[a-z]{2,20} \d{1,4}):$"
    r"|Neighbor learned on port (?P<forti>\S{1,40}) by LLDP"
    r"|^[ \t]{0,8}Local (?:port[ :]{1,4})?(?P<plus>(?:port)?\d{1,3}(?:[./]\d{1,3}){0,3}):?[ \t]{0,8}$"
    r"|LLDP (?:nearest-\S{1,20} |.{0,20})?Agents on Local (?:Slot/)?Port:? (?P<aos>\d[\w/]{0,20})"
    r"|^ ?(?:Port (?P<mrv>\d{1,3})|\* (?P<mos>[a-z]{1,6}\d{1,3}(?:/\d{1,3})?))[ \t]{0,8}$"
    r"|^Port ID : (?P<dlink>\d{1,3}(?:[:/]\d{1,3}){0,2})[ \t]{0,8}$"
    r"|^(?P<bare>(?:Eth|Gi|Te|Fa|swp|xe-|ge-|et-)[A-Za-z]{0,20}[ \-]?\d{1,4}(?:[/:.]\d{1,4}){0,4}):?[ \t]{0,8}$",
    re.IGNORECASE,
)
# A block in whose heading the neighbour stands: AOS.
_CHASSIS = re.compile(r"[ \t]{0,8}Chassis (?P<chassis>[0-9A-Fa-f:.\-]{7,39}), Port (?P<port>\S[^\n]{0,59}):[ \t]{0,8}")
_OUTGOING = re.compile(r",[ \t]{0,8}Port ID[^:]{0,40}:[ \t]{0,8}(?P<port>\S.{0,80})", re.IGNORECASE)
_RULE = re.compile(r"[ \t|+]*[-=]{5}[-=+| \t]*")
_SORT_BEFORE = re.compile(
    r"(?:mac|ifname|ifalias|local|ip|mac-address)[ \t]{1,20}(?=\S)|\([a-z 46]{2,20}\) (?=\S)", re.IGNORECASE
)
_SORT_AFTER = re.compile(
    r"[ \t]{1,8}\((?:subtype:|ipv[46]|mac|ifname|ifalias|if ?name|mac address|local|interface name)[^)]{0,20}\)$",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\([^()]{0,40}\)")
# Lines that end a description: other things a neighbour announces, whatever they are called.
_OTHERS = re.compile(
    r"(?:time|ttl|hold|age|expire|capab|systemcap|syscap|mgmt|management|autoneg|vlan|pvid|physical|media|power|max|link|total"
    r"|port|med\b|index|ppvid|unknown|poe|oui|802|advert|operational|mau|chassis|interface|native|duplex|vtp|platform"
    r"|entry|unicast|second|update|discovered|oid|agent|remote|local|peer|supported|enabled|lldp|cdp|inventory|hardware"
    r"|firmware|asset|manufacturer|model|serial|network|location|protocol|subtype|synce)"
)
# A neighbour may tell these twice (its port by number and by name, LLDP and LLDP-MED); the first one counts.
_AGAIN = frozenset({"portid", "portdescr", "capabilities", "address", "version"})
_SILENT = frozenset({
    "", "-", "--", "n/a", "not advertised", "- not advertised", "null", "none", "not received", "<not advertised>",
    "not specified", "not present", "(null)"
})  # fmt: skip
# What a description may say of itself in words of its own: only a name in a list ends it.
_IN_DESCRIPTIONS = frozenset({"sysname", "port", "local", "sysdescr"})
_START = 2_000  # characters
_DESCR_CAP = 2_000
_COLUMN = 31  # characters of a value on one line of D-Link's
_TEXTS = frozenset({"sysname", "sysdescr", "portid", "portdescr"})

# What says who a neighbour is.
IDENTITY = ("chassis", "sysname", "deviceid")

Block = dict[str, str]


def neighbours(text: str, protocol: str) -> list[Block]:
    """Return one dictionary a neighbour; a repeated field or a local port begins a new one."""
    if "interface=" in text and "mac-address=" in text:
        blocks = _tik(text)
    elif _KEY.search(text[:_START]):
        blocks = _keyed(text)
    else:
        blocks = _BlockReader(protocol).blocks(_NUMBERED.sub(r"\1", _DEVICE.sub("LOCAL-PORT:", text)))
    return [fields for block in blocks if (fields := _without_blanks(block)) and names_neighbour(fields)]


def names_neighbour(block: Block) -> bool:
    """Tell whether a block says who the neighbour is."""
    return any(block.get(field) for field in IDENTITY)


def is_silent(value: str) -> bool:
    """Tell whether a value says that there is none: dashes, `n/a`, `(null)`."""
    return value.strip().lower() in _SILENT or not value.strip(" \t-")


def _without_blanks(block: Block) -> Block:
    return {field: value for field, value in block.items() if not is_silent(value)}


class _BlockReader:
    """Reads the lines of a reply into blocks."""

    def __init__(self, protocol: str) -> None:
        self._protocol = protocol
        self._block: Block = {}
        self._local = ""  # announced for all neighbours below it; else each brings its own
        self._open = ""  # the field whose text goes on over lines
        self._cut = ("", 0)  # the field whose value filled its column, and where the column begins

    def blocks(self, text: str) -> Iterator[Block]:
        """Yield the blocks of a reply."""
        for line in lines(text):
            yield from self._line(line.strip(" |") if line.lstrip().startswith("|") else line)
        yield self._block

    def _line(self, line: str) -> Iterator[Block]:
        if self._goes_on(line):
            return
        if (heading := self._announcement(line)) is not None:
            yield self._block
            self._local = next(filter(None, heading.groups()))
            self._block, self._open = {"local": self._local}, ""
            return
        if heading := _CHASSIS.fullmatch(line):
            yield self._block
            self._block = {"local": self._local, "chassis": heading["chassis"], "portid": heading["port"].strip()}
            self._open = ""
            return
        if _RULE.fullmatch(line):
            self._open = ""
            return
        title, value = _pair(line)
        name, field = names.letters(title), self._field_of(title, value)
        if self._open and not field and not _OTHERS.match(name):
            self._open = self._open if self._append(line) else ""
        elif field:
            yield from self._field(field, name, value, line)
        elif name:
            self._open = ""

    def _announcement(self, line: str) -> "re.Match[str] | None":
        """Return the port a line announces; `Port ID : 7` below a chassis is the neighbour's."""
        heading = _LOCAL.search(line) if _may_announce(line) else None
        is_far = heading is not None and heading["dlink"] and "chassis" in self._block and "portid" not in self._block
        return None if is_far else heading

    def _goes_on(self, line: str) -> bool:
        """Add what a line holds below a value that filled its column: D-Link wraps within words."""
        field, column = self._cut
        text = line[column:].rstrip()
        if not field or not text or line[:column].strip():
            self._cut = ("", 0)
            return False
        self._block[field] = f"{self._block.get(field, '')}{text}"[:_DESCR_CAP]
        self._cut = (field, column) if len(text) == _COLUMN else ("", 0)
        return True

    def _field_of(self, title: str, value: str) -> str:
        """Return what a name means here; in a description, or as a heading, only what is in a list."""
        field = names.of_name(title, is_listed=not value)
        if self._open == "sysdescr" and field in _IN_DESCRIPTIONS:
            return names.of_name(title, is_listed=True)
        if field in self._block and field != "port" and field != names.of_name(title, is_listed=True):
            return ""  # said already, in words of a list
        if field == "local" and self._local and names.letters(title) == "port":
            return "portid"
        if field != "port":
            return field
        # A port's name is the own one's before the neighbour is named.
        return "" if "chassis" in self._block and "local" not in self._block else "local"

    def _field(self, field: str, name: str, value: str, line: str) -> Iterator[Block]:
        self._open = ""
        if field == "version":
            if self._protocol != "cdp":
                return
            field = "sysdescr"
        if "subtype" in name and "/" not in line and mac_in(value) is None:
            return
        if field == "local" and not value:
            return
        value = _plain(value) if field in {"chassis", "portid", "local", "address"} else value
        if field == "address" and not _is_address(value):
            self._open = "address"
            return
        if field == "deviceid" and self._protocol == "lldp":
            field = "chassis" if normal.mac(value) else "sysname"
        if self._begins(field, name, value):
            yield self._block
            self._block = {"local": self._local} if self._local else {}
        self._put(field, value)
        self._open = "sysdescr" if field == "sysdescr" else ""
        self._cut = (field, line.find(value)) if len(value) == _COLUMN and field in _TEXTS else ("", 0)

    def _begins(self, field: str, name: str, value: str) -> bool:
        """Tell whether a field cannot be the same neighbour's."""
        if field not in self._block or field in _AGAIN or (field == "local" and (self._local or "portid" in name)):
            return False
        return not (field in {"sysname", "deviceid"} and self._block[field] == value)

    def _put(self, field: str, value: str) -> None:
        block = self._block
        if field == "local":
            block["local"] = self._local or block.get("local", "") or value.split(",", maxsplit=1)[0].strip()
            if outgoing := _OUTGOING.search(value):
                block["portid"] = outgoing["port"].strip()
        elif field == "platform":
            platform, _, others = value.partition(",")
            block |= {"platform": platform.strip(), "capabilities": others.rpartition(":")[2].strip()}
        elif field == "address" and block.get(field, value) != value:
            block.setdefault("address again", value)
        elif field == "chassis" or field not in block:
            block[field] = value

    def _append(self, line: str) -> bool:
        """Add a line to the text that goes on; return whether more may follow."""
        word = line.strip()
        if self._open == "address":
            address = next(filter(_is_address, reversed(word.split())), "")
            if address:
                self._block.setdefault("address", address)
            return not address
        if word:
            self._block["sysdescr"] = f"{self._block.get('sysdescr', '')}\n{word}".strip()[:_DESCR_CAP].rstrip('"')
            return True
        return not self._block.get("sysdescr")


def _may_announce(line: str) -> bool:
    """Tell whether a line may announce a port: most are `name: value`, and need no closer look."""
    text = line.strip()
    if ":" not in text[:-1] or text.startswith(("Local", "Port ID :", "Port Name: ")):
        return True
    return "neighbo" in text.lower() or "Agents" in text or "Peer" in text


def _pair(line: str) -> tuple[str, str]:
    """Return the name of a line without what stands in brackets, and its value without quotes."""
    match = _PAIR.fullmatch(line)
    if match is None:
        return "", ""
    name = _ASIDE.sub("", match["name"])
    value = match["value"].strip().strip('",').lstrip(": ").strip('"')
    if beside := _BESIDE.search(value):
        value = value[: beside.start()]
    if "/subtype" in match["name"].lower().replace(" ", "") and "/" in value:
        value = value.rsplit("/", 1)[0]
    return name, value


def _plain(value: str) -> str:
    """Return an identifier without its sort: `mac 00:…`, `Te 1/0/1 (IfName)`."""
    sort = _SORT_BEFORE.match(value)
    value = value[sort.end() if sort else 0 :].partition("; ")[0].rstrip()
    return _SORT_AFTER.sub("", value).strip()


def _is_address(value: str) -> bool:
    return re.match(r"[0-9A-Fa-f]{0,4}[.:][0-9A-Fa-f.:]{2,40}\b", value) is not None or normal.mac(value) != ""


# NetworkManager numbers its neighbours: `NEIGHBOR[0].CHASSIS-ID:`.
_DEVICE = re.compile(r"^NEIGHBOR\[\d{1,4}\]\.DEVICE:", re.MULTILINE)
_NUMBERED = re.compile(r"^NEIGHBOR\[\d{1,4}\]\.([A-Z])", re.MULTILINE)
# lldpctl's keys: `lldp.eth0.chassis.mac=…`; the neighbour begins where its way is named.
_KEY = re.compile(r"^lldp\.(\S{1,40}?)\.(via|(?:chassis|port)\.[\w\-]{1,20})=(.{0,300})$", re.MULTILINE)
_KEY_FIELDS = {
    "chassis.mac": "chassis", "chassis.local": "chassis", "chassis.name": "sysname", "chassis.descr": "sysdescr",
    "chassis.mgmt-ip": "address", "port.ifname": "portid", "port.mac": "portid", "port.local": "portid",
    "port.descr": "portdescr",
}  # fmt: skip


def _keyed(text: str) -> Iterator[Block]:
    """Yield the neighbours of `lldpctl -f keyvalue`: a key and a value a line."""
    block: Block = {}
    for match in _KEY.finditer(text):
        if match[1] != block.get("local") or match[2] == "via":
            yield block
            block = {"local": match[1]}
        if field := _KEY_FIELDS.get(match[2]):
            block.setdefault(field, match[3].strip())
    yield block


_TIK = re.compile(r'([a-z][a-z0-9\-]{1,30})=("[^"]{0,2000}"|\S{0,300})')
_TIK_FIELDS = {
    "interface": "local", "mac-address": "chassis", "identity": "sysname", "platform": "platform",
    "system-description": "sysdescr", "interface-name": "portid", "system-caps-enabled": "capabilities",
    "address": "address",
}  # fmt: skip


def _tik(text: str) -> Iterator[Block]:
    """Yield the entries of RouterOS `ip neighbor print detail`: `key=value` under a row number."""
    for entry in re.split(r"\n(?=[ \t]{0,4}\d{1,5} )", text):
        pairs = ((_TIK_FIELDS.get(match[1], ""), match[2].strip('"')) for match in _TIK.finditer(entry))
        fields = {field: re.sub(r"\s*\n\s*", " ", value) for field, value in pairs if field}
        if "local" in fields:
            fields["local"] = fields["local"].split(",", maxsplit=1)[0]
        yield fields
