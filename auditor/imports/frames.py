"""What one Ethernet frame says of its sender: LLDP (IEEE 802.1AB) and CDP, by TLV."""

from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address

from auditor import normal
from auditor.model import Fact, Kind, about_lldp, about_mac

TEXT_CAP = 4096
TLVS = 64  # a frame holds no more that matter; a hostile one may hold hundreds
LLDP_HEADER, CDP_HEADER = 2, 4
MAC_OCTETS = 6
CHASSIS_MAC, CHASSIS_ADDRESS = 4, 5
PORT_MAC, PORT_ADDRESS = 3, 4
SNAP_CDP = b"\xaa\xaa\x03\x00\x00\x0c\x20\x00"
ND_HEAD, TARGET_LINK, _ADVERTISEMENT = 24, 2, b"\x88"
_NLPID_IP, _IPV4 = b"\x01\x01\xcc\x00\x04", 4
_LLDP_KINDS: Mapping[int, Kind] = {5: "lldp.sysname", 6: "lldp.sysdescr", 8: "lldp.address"}
_CDP_KINDS: Mapping[int, Kind] = {1: "cdp.deviceid", 6: "cdp.platform"}
_CDP_ADDRESSES, _CDP_VERSION = 2, 5


def lldp(payload: bytes, sender: str) -> Iterator[Fact]:
    """Return what an LLDPDU says; `sender` names the neighbour if the chassis ID is no MAC."""
    values = list(_lldp(payload))
    chassis = next((value for kind, value in values if kind == "lldp.chassis"), "")
    about = about_lldp(normal.mac(chassis)) if normal.mac(chassis) else about_mac(sender)
    if values and not normal.mac(chassis):
        values.insert(0, ("fdb.mac", normal.spelled(sender)))
    return (Fact(kind=kind, value=value, where="LLDP frame", about=about) for kind, value in values)


def cdp(payload: bytes, sender: str) -> Iterator[Fact]:
    """Return what a CDP announcement says (after SNAP: version, TTL, checksum, TLVs)."""
    values = list(_cdp(payload))
    if values:
        values.insert(0, ("fdb.mac", normal.spelled(sender)))
    return (Fact(kind=kind, value=value, where="CDP frame", about=about_mac(sender)) for kind, value in values)


def neighbour(message: bytes) -> tuple[bytes, str]:
    """Return address and MAC of an ICMPv6 neighbour advertisement (RFC 4861, 4.4), or empty."""
    if message[:1] != _ADVERTISEMENT or len(message) < ND_HEAD:
        return b"", ""
    at = ND_HEAD
    for _count in range(TLVS):
        size = 8 * message[at + 1] if at + 1 < len(message) else 0
        if not size:
            break
        if message[at] == TARGET_LINK and size == 8:  # noqa: PLR2004 - the length with a MAC of six octets
            return message[8:ND_HEAD], message[at + 2 : at + size].hex()
        at += size
    return b"", ""


def _lldp(payload: bytes) -> Iterator[tuple[Kind, str]]:
    for sort, value in _tlvs(payload, LLDP_HEADER, _lldp_head):
        text = ""
        if sort == 1 and len(value) > 1:
            yield "lldp.chassis", _identifier(value, CHASSIS_MAC, CHASSIS_ADDRESS)
        elif sort == 2 and len(value) > 1:  # noqa: PLR2004 - TLV types of IEEE 802.1AB, table 8-1
            yield "lldp.portid", _identifier(value, PORT_MAC, PORT_ADDRESS)
        elif sort in {5, 6}:
            text = normal.device_text(value[:TEXT_CAP]).strip()
        elif sort == 8 and len(value) > 2:  # noqa: PLR2004 - the same table
            text = _address(value[2 : 1 + value[0]])
        if text:
            yield _LLDP_KINDS[sort], text


def _tlvs(payload: bytes, head: int, split: Callable[[int], tuple[int, int]]) -> Iterator[tuple[int, bytes]]:
    """Yield type and value of each TLV; its head tells the type, and how far the next one lies."""
    at = 0
    for _count in range(TLVS):
        if at + head > len(payload):
            return
        sort, length = split(int.from_bytes(payload[at : at + head], "big"))
        if length < head:
            return
        yield sort, payload[at + head : at + length]
        at += length


def _lldp_head(word: int) -> tuple[int, int]:
    return word >> 9, LLDP_HEADER + (word & 0x1FF) if word >> 9 else 0  # type 0 ends the LLDPDU


def _identifier(value: bytes, is_mac: int, is_address: int) -> str:
    subtype, rest = value[0], value[1:]
    if subtype == is_mac and len(rest) == MAC_OCTETS:
        return normal.spelled(rest.hex())
    if subtype == is_address:
        return _address(rest[1:]) or normal.device_text(rest)
    return normal.device_text(rest[:TEXT_CAP]).strip()


def _address(octets: bytes) -> str:
    try:
        return str(ip_address(octets))
    except ValueError:
        return ""


def _cdp(payload: bytes) -> Iterator[tuple[Kind, str]]:
    for sort, value in _tlvs(payload[CDP_HEADER:], CDP_HEADER, lambda head: divmod(head, 1 << 16)):
        if sort in _CDP_KINDS and value:
            yield _CDP_KINDS[sort], normal.device_text(value[:TEXT_CAP]).strip()
        elif sort == _CDP_VERSION and value:
            # A platform alone is often a bare model; the software's own words name its maker.
            yield "lldp.sysdescr", normal.device_text(value[:TEXT_CAP]).strip()
        elif sort == _CDP_ADDRESSES:
            place = value.find(_NLPID_IP)
            octets = value[place + len(_NLPID_IP) :][:_IPV4] if place >= 0 else b""
            if len(octets) == _IPV4:
                yield "cdp.address", _address(octets)
