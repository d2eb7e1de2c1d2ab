"""Names of SNMP variables as net-snmp prints them with its MIB files loaded → dotted OIDs."""

import re

from auditor.oids import NAMES

_NAME = re.compile(r"(?:[A-Za-z][\w\-]{0,63}::)([A-Za-z][\w\-]{0,63})(\.\S{1,512})?\Z", re.ASCII)
_INDEX = re.compile(
    r'ipv4\."(?P<ipv4>[0-9]{1,3}(?:\.[0-9]{1,3}){3})"|ipv6\."(?P<ipv6>[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){15})"'
    r"|(?P<octets>[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5})(?![0-9a-f:])"
)


def oid(name: str) -> str:
    """Return the dotted OID of `IF-MIB::ifDescr.3`, empty for a name this tool does not read."""
    match = _NAME.match(name)
    if match is None or match[1] not in NAMES:
        return ""
    index = _INDEX.sub(_arcs, match[2] or "")
    return NAMES[match[1]] + index if re.fullmatch(r"(?:\.[0-9]{1,10})*", index, re.ASCII) else ""


def _arcs(match: "re.Match[str]") -> str:
    """Return an address in an index as its arcs (RFC 4001; a MAC has no type and length)."""
    if match["ipv4"]:
        return f"1.4.{match['ipv4']}"
    octets = (match["ipv6"] or match["octets"]).split(":")
    arcs = ".".join(str(int(octet, 16)) for octet in octets)
    return f"2.16.{arcs}" if match["ipv6"] else arcs
