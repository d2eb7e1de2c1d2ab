"""Values of SNMP variables as programs print them → the octets the agent sent.

With their types (`INTEGER: up(1)`, net-snmp's default) or without (`up`, `-OQ` and `-Oq`); then the object says what
its values are, and what is no object known here is guessed by its looks.
"""

import re
from collections.abc import Callable, Mapping

from auditor import ber, normal
from auditor.errors import InputError
from auditor.model import VarBind
from auditor.oids import below
from auditor.parse import snmp_names
from auditor.parse.recording import ip_octets, number_content
from auditor.parse.snmp_entity import CLASSES


def _prefixes(names: str) -> tuple[str, ...]:
    """Return what the OIDs of columns begin with, by their names."""
    return tuple(map(below, names.split()))


NO_VALUE = ("No Such ", "No more variables", "End of MIB")
# What stands without a type where others have theirs: nothing, and times (-Ot).
NO_TYPE = re.compile(rf'(?:{"|".join(NO_VALUE)}|(?:""|NULL|[0-9]*)\Z)', re.ASCII)
_NUMBERS = frozenset({ber.INTEGER, ber.COUNTER32, ber.GAUGE32, ber.TIMETICKS, ber.COUNTER64, ber.UINTEGER32})
_WRONG_TYPE = re.compile(r"Wrong Type \(should be [^)]*\): ")
_TYPED = re.compile(r"(?P<kind>[A-Z][A-Za-z0-9 \-]{1,20}): ?(?P<value>.*)\Z", re.DOTALL | re.ASCII)
_ENUM = re.compile(r"[A-Za-z][\w\-]* ?\((-?[0-9]{1,20})\)", re.ASCII)
_NUMBER = re.compile(r"\(?(-?[0-9]{1,20})(?![0-9])", re.ASCII)
_AMOUNT = re.compile(r"(-?[0-9]{1,20})(?: [a-z/ ]{1,40})?\Z", re.ASCII)
_LABEL = re.compile(r"[a-z][A-Za-z0-9\-]*\Z", re.ASCII)
_PAIRS = re.compile(r"[0-9A-Fa-f]{2}(?:[ \n]{1,2}[0-9A-Fa-f]{2})*[ \n]{1,2}\Z", re.ASCII)
_SHOWN_AS_TEXT = re.compile(r" {2,3}\[[^\n]{1,16}\](?=\n|\Z)")
_DOTTED = re.compile(r"(?:\.|(?:iso|ccitt|enterprises|mib-2)\.|[\w\-]{1,64}::)\S+\Z", re.ASCII)
# Columns that net-snmp prints through their DISPLAY-HINT ("0:e0:fc:0:0:1") when it has loaded the MIB files.
_MAC_COLUMNS = _prefixes(
    "ifPhysAddress ipNetToMediaPhysAddress ipNetToPhysicalPhysAddress ipv6NetToMediaPhysAddress atPhysAddress"
    " dot1dBaseBridgeAddress dot1dTpFdbAddress"
)
_OCTETS_AS_TEXT = _prefixes("lldpRemChassisId lldpLocChassisId dot1dStpPortDesignatedBridge")
_TEXTS = _prefixes(
    "sysDescr sysContact sysName sysLocation ifDescr ifName ifAlias entPhysicalDescr entPhysicalName"
    " entPhysicalHardwareRev entPhysicalFirmwareRev entPhysicalSoftwareRev entPhysicalSerialNum entPhysicalMfgName"
    " entPhysicalModelName lldpLocSysName lldpLocPortId lldpLocPortDesc lldpRemPortId lldpRemPortDesc lldpRemSysName"
    " lldpRemSysDesc lldpXMedRemSoftwareRev lldpXMedRemSerialNum lldpXMedRemMfgName lldpXMedRemModelName"
    " cdpCacheVersion cdpCacheDeviceId cdpCacheDevicePort cdpCachePlatform"
)
_STATES = "up down testing unknown dormant notPresent lowerLayerDown"
_CHASSIS = "chassisComponent interfaceAlias portComponent macAddress networkAddress interfaceName local"
_PORT = "interfaceAlias portComponent macAddress networkAddress interfaceName agentCircuitId local"
# What an enumeration is called by the labels of its numbers, from 1 on.
_LABELS: Mapping[str, str] = {
    "ifAdminStatus": _STATES,
    "ifOperStatus": _STATES,
    "ifStackStatus": "active notInService notReady createAndGo createAndWait destroy",
    "ipNetToMediaType": "other invalid dynamic static",
    "ipNetToPhysicalType": "other invalid dynamic static local",
    "dot1dTpFdbStatus": "other invalid learned self mgmt",
    "dot1qTpFdbStatus": "other invalid learned self mgmt",
    "entPhysicalClass": " ".join(CLASSES.values()),
    "pethPsePortDetectionStatus": "disabled searching deliveringPower fault test otherFault",
    "lldpLocChassisIdSubtype": _CHASSIS,
    "lldpRemChassisIdSubtype": _CHASSIS,
    "lldpV2RemChassisIdSubtype": _CHASSIS,
    "lldpLocPortIdSubtype": _PORT,
    "lldpRemPortIdSubtype": _PORT,
    "lldpV2RemPortIdSubtype": _PORT,
    "lldpRemManAddrIfSubtype": "unknown ifIndex systemPortNumber",
    "lldpV2RemManAddrIfSubtype": "unknown ifIndex systemPortNumber",
}
_ENUMS: Mapping[str, Mapping[str, int]] = {
    below(name): {label: number for number, label in enumerate(labels.split(), 1)} for name, labels in _LABELS.items()
} | {below("ifType"): {"other": 1, "ethernetCsmacd": 6, "softwareLoopback": 24, "ieee8023adLag": 161}}


def typed(oid: str, text: str) -> VarBind | None:
    """Return a variable from `TYPE: value`; None where the agent had none."""
    if "Wrong Type" in text:
        text = _WRONG_TYPE.sub("", text, count=1)
    if text.startswith(NO_VALUE):
        return None
    if text in {"", '""'}:
        return VarBind(oid, ber.OCTET_STRING, b"")
    if text == "NULL":
        return VarBind(oid, ber.NULL, b"")
    if text.isdecimal() and text.isascii():
        return VarBind(oid, ber.TIMETICKS, number_content(text))  # -Ot leaves out their type
    match = _TYPED.match(text)
    tag, parse = TYPES.get(match["kind"], (None, None)) if match else (None, None)
    if match is None or tag is None or parse is None:
        raise InputError(f"{text!r:.60} has no type this reader knows; record with -On or -Oneb")
    if parse is string:
        return VarBind(oid, tag, octets(oid, match["value"]))
    return VarBind(oid, tag, parse(match["value"]))


def is_typed(text: str) -> bool:
    """Tell whether a value says its type."""
    match = _TYPED.match(_WRONG_TYPE.sub("", text, count=1))
    return match is not None and match["kind"] in TYPES


def untyped(oid: str, text: str) -> VarBind | None:
    """Return a variable from a value without its type; None where none was sent or is read."""
    if text.startswith(NO_VALUE):
        return None
    plain, column = text.strip(), _column(oid)
    if plain[:1] == '"' and _PAIRS.match(plain[1:-1]):
        return VarBind(oid, ber.OCTET_STRING, bytes.fromhex(plain[1:-1]))
    if column in _ENUMS and _LABEL.match(plain):
        number = _ENUMS[column].get(plain)
        return None if number is None else VarBind(oid, ber.INTEGER, ber.integer_content(number))
    if (column and column not in _ENUMS) or plain[:1] == '"':
        return VarBind(oid, ber.OCTET_STRING, octets(oid, text.strip(" ")))
    return VarBind(oid, *_guess(plain))


def _guess(value: str) -> tuple[int, bytes]:
    """Return tag and octets of a value by its looks: a number, an OID, an address, else text."""
    if match := _AMOUNT.match(value):
        return ber.INTEGER, number_content(match[1])
    if _DOTTED.match(value) or value == "zeroDotZero":
        return ber.OBJECT_IDENTIFIER, object_identifier(value)
    if value.count(".") == 3 and value.replace(".", "").isdecimal():  # noqa: PLR2004 - IPv4
        return ber.IP_ADDRESS, ip_octets(value)
    return ber.OCTET_STRING, string(value)


def plain(tag: int, value: str) -> bytes:
    """Return a value of a known tag from its plain text; raise `InputError` where it is none."""
    if tag in _NUMBERS:
        return ber.integer_content(int(value))
    if tag == ber.OBJECT_IDENTIFIER:
        return object_identifier(value)
    if tag == ber.IP_ADDRESS:
        return ip_octets(value)
    if tag == ber.NULL:
        return b""
    raise InputError(f"tag {tag} is no SNMP type")


def octets(oid: str, value: str) -> bytes:
    """Return an OCTET STRING: text, or a MAC through its display hint."""
    column = _column(oid)
    if column in _MAC_COLUMNS or column in _OCTETS_AS_TEXT:
        if (column in _MAC_COLUMNS or value[:1] != '"') and (digits := normal.mac(value)):
            return bytes.fromhex(digits)
        inside = value.strip('"')
        if len(inside) in {6, 8} and inside.count(".") > 1 and value[:1] == '"':
            raise InputError(f"{value!r:.40} shows octets as characters (-Oa); record with -On")
    return string(value)


def string(value: str) -> bytes:
    """Return the octets of text, with or without quotes around it."""
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return value.encode("utf-8", "surrogateescape")


def hexadecimal(value: str) -> bytes:
    """Return octets written as digits, one or two each; the text behind them (-OT) is none."""
    words = _SHOWN_AS_TEXT.sub("", value).replace(":", " ").replace("0x", " ").split()
    return bytes.fromhex("".join(word.zfill(2) for word in words))


def object_identifier(value: str) -> bytes:
    """Return an OID in numbers or names; recordings leave zeroDotZero (RFC 2578) blank."""
    text = value.strip()
    if not text:
        return ber.oid("0.0")
    return ber.oid(normal.oid(text) or snmp_names.SnmpNames().oid(text))


def _column(oid: str) -> str:
    """Return what the OIDs of its column begin with, where the values of that are known here."""
    return next(filter(oid.startswith, _KNOWN), "") if oid.startswith(_KNOWN) else ""


def _bits(value: str) -> bytes:
    digits = re.match(r"((?:[0-9A-Fa-f]{2}\s+)*(?:[0-9A-Fa-f]{2})?)", value)
    return bytes.fromhex(digits[1] if digits else "")


def _integer(value: str) -> bytes:
    match = _ENUM.match(value) or _NUMBER.match(value)
    if not match:
        raise InputError(f"{value!r:.40} is no number")
    return number_content(match[1])


def _opaque(value: str) -> bytes:
    return value.encode("utf-8", "surrogateescape")


_KNOWN = (*_MAC_COLUMNS, *_OCTETS_AS_TEXT, *_TEXTS, *_ENUMS)
# By the names net-snmp gives them, and those of SnmpSoft and iReasoning.
TYPES: Mapping[str, tuple[int, Callable[[str], bytes]]] = {
    "STRING": (ber.OCTET_STRING, string),
    "Hex-STRING": (ber.OCTET_STRING, hexadecimal),
    "BITS": (ber.OCTET_STRING, _bits),
    "INTEGER": (ber.INTEGER, _integer),
    "Counter32": (ber.COUNTER32, _integer),
    "Gauge32": (ber.GAUGE32, _integer),
    "Unsigned32": (ber.GAUGE32, _integer),
    "UInteger32": (ber.UINTEGER32, _integer),
    "Counter64": (ber.COUNTER64, _integer),
    "Timeticks": (ber.TIMETICKS, _integer),
    "OID": (ber.OBJECT_IDENTIFIER, object_identifier),
    "IpAddress": (ber.IP_ADDRESS, ip_octets),
    "Network Address": (ber.IP_ADDRESS, hexadecimal),
    "Opaque": (ber.OPAQUE, _opaque),
}
