"""SNMP value octets → text, by BER tag (RFC 3416 section 2, X.690).

Everything here may come from a hostile agent: lengths are capped, and octets that make no sense give an empty result.
"""

from ipaddress import IPv6Address

from auditor import ber
from auditor.model import VarBind
from auditor.normal import HEX_MARK, device_text, mac

UNSIGNED = frozenset({ber.COUNTER32, ber.GAUGE32, ber.TIMETICKS, ber.COUNTER64, ber.UINTEGER32})
NOTHING = ber.EXCEPTIONS | {ber.NULL}

TEXT_OCTETS = 4096
NUMBER_OCTETS = 9
OID_OCTETS = 640
MAC_OCTETS = 6
MAC_TEXT = range(11, 24)
IPV4_ARCS = 4
IPV6_ARCS = 16

HEX = {str(number): f"{number:02x}" for number in range(256)}


def text(bind: VarBind) -> str:
    """Return a variable as text: decimal, dotted, UTF-8 or `hex:…`; empty for nothing."""
    tag, raw = bind.tag, bind.raw
    if tag == ber.OCTET_STRING:
        return octets(raw)
    if tag == ber.OBJECT_IDENTIFIER:
        return oid_text(raw)
    if tag == ber.INTEGER or tag in UNSIGNED:
        value = number(bind)
        return "" if value is None else str(value)
    if tag == ber.IP_ADDRESS:
        return ".".join(map(str, raw)) if len(raw) == IPV4_ARCS else ""
    return "" if tag in NOTHING or not raw else HEX_MARK + raw[:TEXT_OCTETS].hex()


def octets(raw: bytes) -> str:
    """Return an OCTET STRING as text, UTF-16LE of plain letters (radios) included."""
    raw = raw[:TEXT_OCTETS]
    body = raw.rstrip(b"\0")
    if b"\0" in body and not any(raw[1::2]):
        return raw[::2].rstrip(b"\0").decode("latin-1")
    return device_text(raw)


def number(bind: VarBind) -> int | None:
    """Return an integer of any SNMP type, or nothing where the variable holds none."""
    if not 0 < len(bind.raw) <= NUMBER_OCTETS or not (bind.tag == ber.INTEGER or bind.tag in UNSIGNED):
        return None
    return int.from_bytes(bind.raw, "big", signed=bind.tag == ber.INTEGER)


def oid_text(raw: bytes) -> str:
    """Return an OBJECT IDENTIFIER as dotted decimal, empty where cut short or too long."""
    if not raw or len(raw) > OID_OCTETS or raw[-1] & 0x80:
        return ""
    return ber.oid_text(raw)


def mac_digits(raw: bytes) -> str:
    """Return the digits of a MAC sent as six octets or as text; empty for none or void."""
    if len(raw) == MAC_OCTETS:
        digits = raw.hex()
    elif len(raw) in MAC_TEXT and raw.isascii():
        digits = mac(raw.decode("ascii"))
    else:
        return ""
    return "" if digits in {"000000000000", "ffffffffffff"} else digits


def arcs_ip(arcs: list[str]) -> str:
    """Return the IP address of 4 or 16 decimal arcs, empty where it is none."""
    if len(arcs) == IPV4_ARCS:
        return ".".join(arcs) if all(arc in HEX for arc in arcs) else ""
    if len(arcs) != IPV6_ARCS or not all(arc in HEX for arc in arcs):
        return ""
    return IPv6Address(bytes(map(int, arcs))).compressed
