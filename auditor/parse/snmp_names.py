"""Names of SNMP variables as programs with MIB files print them → dotted OIDs.

`IF-MIB::ifDescr.3`, `ifDescr[3]` (-OX), `interfaces.ifTable.ifEntry.ifDescr.3` (-Ou) and
`.iso.org.dod.internet.mgmt.mib-2.interfaces.ifTable.ifEntry.ifDescr.3` (-Of) are one variable.
"""

import re
from dataclasses import dataclass, field

from auditor import normal
from auditor.errors import InputError
from auditor.oids import LEAVES, NAMES

_LABEL = r"[A-Za-z][\w\-]{0,63}+"
# Nothing that was taken is given back: a line of quotes would take years.
_QUOTED = r"""\\?"[^"\n]{0,300}"|\\?'[^\n]{6}\\?'(?=[\].\s])|\\?'[^'\n]{0,300}'"""
_HEX = r"[0-9A-Fa-f]{1,2}(?::[0-9A-Fa-f]{1,2}){1,15}"
_PART = rf"(?>\.(?:{_HEX}|[0-9]{{1,10}}|ip[vV][46]z?(?![\w\-])|{_QUOTED})|\[[^\]\n]{{0,300}}\])"
# Labels from the root down, the last one names the object, then its index.
_PATH = rf"{_LABEL}(?:\.(?!ip[vV][46]z?[.\[]){_LABEL}(?![\w:\-])){{0,24}}+"
NAMED = rf"\.?(?:{_LABEL}::)?(?P<labels>{_PATH})(?P<index>{_PART}{{0,128}}+)"
_NAMED = re.compile(rf"{NAMED}\Z", re.ASCII)
_PLAIN = re.compile(r"(?:\.[0-9]{1,10})*+\Z", re.ASCII)
_PARTS = re.compile(_PART, re.ASCII)
_QUOTES = re.compile(r"""\\?(["'])(?P<text>.*?)\\?\1\Z""", re.ASCII)
_ADDRESS_TYPES = {"ipv4": "1", "ipv6": "2"}
_OCTETS = re.compile(rf"(?:STRING: )?({_HEX})", re.ASCII)
_OCTET = re.compile(r"[0-9A-Fa-f]{1,2}\Z", re.ASCII)
_IPV6_OCTETS = 16
_TICKS = re.compile(
    r"(?:(?P<days>[0-9]{1,5}) days?, |(?P<day>[0-9]{1,5}):(?=[0-9]{1,2}:[0-9]{2}:))?"
    r"(?P<h>[0-9]{1,2}):(?P<m>[0-9]{2}):(?P<s>[0-9]{2})\.(?P<c>[0-9]{2})\Z",
    re.ASCII,
)
# What the names of objects in the standard MIBs begin with. Of those that are not among the names here nothing is made,
# however they are printed.
_FAMILIES = (
    "if ip ipv6 inet icmp tcp udp egp snmp sys hr at dot1 dot1d dot1q dot1x dot1ag dot3 dot3ad ent lldp lldpV2 lldpXMed"
    " lldpXdot1 lldpXdot3 ether etherStats etherHistory history alarm event log nlm usm vacm rp peth ospf bgp rip2 vrrp"
    " isis pim igmp mld rmon probe host matrix filter channel buffer media ppp radius mte sched notification prt ups"
    " expr pw mau ifMau"
)
_STANDARD = re.compile(f"(?:{'|'.join(_FAMILIES.split())})[A-Z0-9]", re.ASCII)


class UnknownNameError(InputError):
    """A name of a MIB whose objects may matter and are not known here."""


def is_leaf(labels: str) -> bool:
    """Tell whether the last of some labels is an object known here, one that has values."""
    return labels.rpartition(".")[2] in LEAVES


def is_standard(name: str) -> bool:
    """Tell whether a name is an object of the standard MIBs that nothing is made of."""
    match = _NAMED.match(name)
    return match is not None and _STANDARD.match(match["labels"].rpartition(".")[2]) is not None


@dataclass(slots=True)
class SnmpNames:
    """Reads the names of one recording; `macs` are those that an index shows in part only."""

    macs: dict[str, set[str]] = field(default_factory=dict)

    def oid(self, name: str, value: str = "") -> str:
        """Return the dotted OID of a name, or raise `InputError` where it cannot be told.

        The value of dot1dTpFdbAddress is the index of its row (RFC 4188), which its name shows in part only.
        """
        match = _NAMED.match(name)
        label = match["labels"].rpartition(".")[2] if match else ""
        if match is None or label not in NAMES:
            raise UnknownNameError(f"{name!r:.60} is a name of a MIB this tool does not know; record with -On")
        index = match["index"]
        if label == "dot1dTpFdbAddress" and (digits := normal.mac(value)):
            arcs = ".".join(map(str, bytes.fromhex(digits)))
            if quoted := _QUOTES.match(index[1:]):
                self.macs.setdefault(quoted["text"], set()).add(arcs)
            return f"{NAMES[label]}.{arcs}"
        return NAMES[label] + self._arcs(label, index)

    def _arcs(self, label: str, index: str) -> str:
        """Return an index as arcs with a dot before each."""
        if _PLAIN.match(index):
            return index
        parts: list[str] = []
        for match in _PARTS.finditer(index):
            text = match[0][1:].removesuffix("]") if match[0][0] == "[" else match[0][1:]
            quoted = _QUOTES.match(text)
            is_address = quoted and parts and parts[-1] in _ADDRESS_TYPES.values()
            arcs = _address_arcs(quoted["text"]) if quoted and is_address else ""
            parts.append(arcs or (self._row_of(label, quoted["text"]) if quoted else _part(text)))
        return "".join(f".{part}" for part in parts)

    def _row_of(self, label: str, text: str) -> str:
        """Return the MAC of a row as arcs: octets that are no characters show as dots."""
        macs = self.macs.get(text, set()) if label.startswith("dot1dTpFdb") else set()
        if len(macs) != 1:
            raise InputError(f"{text!r:.40} shows an index in part only; record with -On")
        return next(iter(macs))


def _part(text: str) -> str:
    """Return one part of an index as arcs (RFC 2578, 7.7)."""
    if text.lower() in _ADDRESS_TYPES:
        return _ADDRESS_TYPES[text.lower()]
    if match := _OCTETS.fullmatch(text):
        return ".".join(str(int(octet, 16)) for octet in match[1].split(":"))
    if match := _TICKS.match(text):
        days = int(match["days"] or match["day"] or 0)
        seconds = ((days * 24 + int(match["h"])) * 60 + int(match["m"])) * 60 + int(match["s"])
        return str(seconds * 100 + int(match["c"]))
    if not normal.oid(text):
        raise InputError(f"{text!r:.40} is an index that cannot be read; record with -On")
    return text


def _address_arcs(text: str) -> str:
    """Return an address behind its type as arcs, its length before it (RFC 4001)."""
    if text.count(".") == 3 and normal.oid(text):  # noqa: PLR2004 - IPv4
        return f"4.{text}"
    octets = text.split(":")
    is_whole = len(octets) == _IPV6_OCTETS and all(_OCTET.match(octet) for octet in octets)
    return ".".join([str(_IPV6_OCTETS), *(str(int(octet, 16)) for octet in octets)]) if is_whole else ""
