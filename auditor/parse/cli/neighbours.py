"""LLDP and CDP neighbours as the CLIs print them: one block of values a neighbour."""

import re
from collections.abc import Iterator

from auditor import normal
from auditor.model import Fact, Kind, about_lldp
from auditor.parse.cli.tables import mac_in
from auditor.parse.cli.text import lines

# What the makers call the same field. Keys are compared in lower case with blanks, dashes and underscores taken out.
_FIELDS = {
    "chassis": {"chassisid", "chassisidsubtype", "chassisid/subtype", "chassismacaddress", "remotechassisid"},
    "sysname": {"systemname", "sysname", "deviceid", "identity", "remotesystemname"},
    "sysdescr": {"systemdescription", "sysdesc", "sysdescription", "systemdesc", "remotesystemdescription"},
    "portid": {"portid", "portid/subtype", "remoteportid", "portid(outgoingport)", "interfacename"},
    "local": {"localintf", "localinterface", "localport", "localportid", "interface", "localportname"},
    "platform": {"platform"},
    "capabilities": {"enabledcapabilities", "systemcapabilitiesenabled", "capabilitiesenabled", "enabled"},
}
_KINDS: dict[str, Kind] = {"chassis": "lldp.chassis", "sysname": "lldp.sysname", "sysdescr": "lldp.sysdescr"}
_KINDS |= {"portid": "lldp.portid", "local": "lldp.localport", "platform": "cdp.platform"}
_KINDS["capabilities"] = "lldp.capabilities"
_CDP_KINDS: dict[str, Kind] = {"sysname": "cdp.deviceid", "local": "cdp.localport"}
_NAMES = {name: field for field, names in _FIELDS.items() for name in names}
_PAIR = re.compile(r"[ \t]{0,40}([A-Za-z][A-Za-z0-9 /_\-()]{1,40}?)[ \t]{0,40}[:=][ \t]?(.*)")
_LOCAL = re.compile(
    r"(?P<vrp>[A-Za-z][\w\-]{0,30}\d[\w/.:]{0,30})[ \t]{1,4}has \d{1,4} neighbou?r"
    r"|LLDP neighbou?r-information of port \d{1,6} ?\[(?P<comware>[^\]]{1,60})\]"
    r"|Interface (?P<eos>[A-Za-z][\w/.\-]{1,40}) detected \d{1,4} LLDP neighbou?r",
    re.IGNORECASE,
)
_TIK = re.compile(r'([a-z][a-z\-]{1,30})=("[^"]{0,300}"|\S{0,300})')
# A neighbour may tell these twice (its port by number and by name, LLDP and LLDP-MED); the first one counts.
_AGAIN = {"portid", "capabilities"}
_SILENT = {"", "-", "--", "n/a", "not advertised", "- not advertised", "null"}
_DESCR_CAP = 2_000


def neighbours(command: str, text: str, *, protocol: str = "lldp") -> Iterator[Fact]:
    """Yield what each neighbour announced over LLDP or CDP, and on which own port."""
    reader = _tik_blocks if "interface=" in text and "identity=" in text else _blocks
    facts = [fact for block in reader(text) for fact in _facts(command, block, protocol)]
    if not facts and protocol == "lldp":
        facts = [fact for block in _rows(text) for fact in _facts(command, block, protocol)]
    yield from facts


def _rows(text: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a table of neighbours: own port, chassis MAC, the neighbour's port."""
    for line in map(normal.plain_marks, lines(text)):
        match = mac_in(line)
        if match is None:
            continue
        before, after = line[: match.start()].split(), line[match.end() :].split()
        yield {"local": before[0] if before else "", "chassis": match[0], "portid": after[0] if after else ""}


def _blocks(text: str) -> Iterator[dict[str, str]]:
    """Yield one dictionary a neighbour; a repeated field or a local port begins a new one."""
    block: dict[str, str] = {}
    local, descr = "", False
    for line in lines(text):
        if heading := _LOCAL.search(line):
            yield block
            local = next(filter(None, heading.groups()))
            block, descr = {"local": local}, False
            continue
        field, value = _field(line)
        if field:
            # One local port was announced for all neighbours below it, or each neighbour brings its own.
            if field in block and field not in _AGAIN and not (field == "local" and local):
                yield block
                block = {"local": local} if local else {}
            block = _begin(block, field, value, local)
            descr = field == "sysdescr"
        elif descr:
            descr = _append(block, line)
    yield block


def _begin(block: dict[str, str], field: str, value: str, local: str) -> dict[str, str]:
    """Put one field into a block; an announced local port is not overruled."""
    if field == "local":
        block["local"] = local or value.split(",", maxsplit=1)[0].strip()
        if ", port id" in value.lower():
            block["portid"] = value.rpartition(":")[2].strip()
    elif field == "platform":
        platform, _, others = value.partition(",")
        block |= {"platform": platform.strip(), "capabilities": others.rpartition(":")[2].strip()}
    elif field == "chassis" or field not in block:
        block[field] = value
    return block


def _append(block: dict[str, str], line: str) -> bool:
    """Add a continuation line of a system description; return whether more may follow."""
    word = line.strip()
    if word and (_PAIR.fullmatch(line) is None or line[:1].isspace() or "," in line.split(":", maxsplit=1)[0]):
        block["sysdescr"] = f"{block['sysdescr']}\n{word}".strip()[:_DESCR_CAP]
        return True
    return not word and not block["sysdescr"]


def _field(line: str) -> tuple[str, str]:
    match = _PAIR.fullmatch(line)
    if match is None:
        return "", ""
    name = re.sub(r"[ _\-]", "", match[1]).lower()
    field, value = _NAMES.get(name, ""), match[2].strip().lstrip(": ")
    if "/subtype" in name:
        value = value.rsplit("/", 1)[0]
    return field, value


def _tik_blocks(text: str) -> Iterator[dict[str, str]]:
    """Yield the entries of RouterOS `ip neighbor print detail`: `key=value` under a row number."""
    keys = {"interface": "local", "mac-address": "chassis", "identity": "sysname", "platform": "platform"}
    keys |= {"system-description": "sysdescr", "interface-name": "portid", "system-caps-enabled": "capabilities"}
    for entry in re.split(r"\n(?=[ \t]{0,4}\d{1,5} )", text):
        pairs = ((keys.get(match[1], ""), match[2].strip('"')) for match in _TIK.finditer(entry))
        yield {field: value.split(",")[0] if field == "local" else value for field, value in pairs if field}


def _facts(command: str, block: dict[str, str], protocol: str) -> Iterator[Fact]:
    values = {field: value for field, value in block.items() if value.strip().lower() not in _SILENT}
    who = values.get("chassis", "") or values.get("sysname", "")
    if not who:
        return
    about = about_lldp(normal.mac(who) or normal.one_line(who, 120))
    for field, kind in (_KINDS | _CDP_KINDS if protocol == "cdp" else _KINDS).items():
        if field in values:
            yield Fact(kind=kind, value=values[field], where=command, about=about)
