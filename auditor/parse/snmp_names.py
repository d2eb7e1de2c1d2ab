"""Names of SNMP variables as net-snmp prints them with its MIB files loaded → dotted OIDs, for the variables this tool reads.

RFC 1213, 2863, 3411, 3418, 3621, 4188, 4293, 4363, 6933; IEEE 802.1AB and 802.3 clause 43; CISCO-CDP-MIB.
"""

import re
from collections.abc import Mapping

_SYSTEM, _INTERFACE, _BRIDGE, _LLDP = "1.3.6.1.2.1.1.", "1.3.6.1.2.1.2.2.1.", "1.3.6.1.2.1.17.", "1.0.8802.1.1.2.1."
_ENTITY, _CDP = "1.3.6.1.2.1.47.1.1.1.1.", "1.3.6.1.4.1.9.9.23.1.2.1.1."


def _numbered(prefix: str, **columns: str) -> dict[str, str]:
    return {name: prefix + column for name, column in columns.items()}


NAMES: Mapping[str, str] = {
    "iso": "1",
    "mib-2": "1.3.6.1.2.1",
    "transmission": "1.3.6.1.2.1.10",
    "experimental": "1.3.6.1.3",
    "enterprises": "1.3.6.1.4.1",
    "snmpModules": "1.3.6.1.6.3",
    "zeroDotZero": "0.0",
    **_numbered(
        _SYSTEM,
        sysDescr="1",
        sysObjectID="2",
        sysUpTime="3",
        sysContact="4",
        sysName="5",
        sysLocation="6",
        sysServices="7",
    ),
    "sysUpTimeInstance": "1.3.6.1.2.1.1.3.0",
    "snmpEngineID": "1.3.6.1.6.3.10.2.1.1",
    "ifNumber": "1.3.6.1.2.1.2.1",
    **_numbered(_INTERFACE, ifIndex="1", ifDescr="2", ifType="3", ifMtu="4", ifSpeed="5", ifPhysAddress="6"),
    **_numbered(_INTERFACE, ifAdminStatus="7", ifOperStatus="8"),
    "ifName": "1.3.6.1.2.1.31.1.1.1.1",
    "ifAlias": "1.3.6.1.2.1.31.1.1.1.18",
    "ifStackStatus": "1.3.6.1.2.1.31.1.2.1.3",
    "atPhysAddress": "1.3.6.1.2.1.3.1.1.2",
    "ipNetToMediaPhysAddress": "1.3.6.1.2.1.4.22.1.2",
    "ipNetToMediaType": "1.3.6.1.2.1.4.22.1.4",
    "ipNetToPhysicalPhysAddress": "1.3.6.1.2.1.4.35.1.4",
    **_numbered(_BRIDGE, dot1dBaseBridgeAddress="1.1", dot1dBasePortIfIndex="1.4.1.2", dot1dTpFdbAddress="4.3.1.1"),
    **_numbered(_BRIDGE, dot1dTpFdbPort="4.3.1.2", dot1dTpFdbStatus="4.3.1.3", dot1qTpFdbPort="7.1.2.2.1.2"),
    **_numbered(_BRIDGE, dot1qTpFdbStatus="7.1.2.2.1.3", dot1qVlanFdbId="7.1.4.2.1.3"),
    **_numbered(_ENTITY, entPhysicalDescr="2", entPhysicalVendorType="3", entPhysicalContainedIn="4"),
    **_numbered(_ENTITY, entPhysicalClass="5", entPhysicalParentRelPos="6", entPhysicalName="7"),
    **_numbered(_ENTITY, entPhysicalHardwareRev="8", entPhysicalFirmwareRev="9", entPhysicalSoftwareRev="10"),
    **_numbered(_ENTITY, entPhysicalSerialNum="11", entPhysicalMfgName="12", entPhysicalModelName="13"),
    **_numbered(_LLDP, lldpLocChassisIdSubtype="3.1", lldpLocChassisId="3.2", lldpLocPortIdSubtype="3.7.1.2"),
    **_numbered(_LLDP, lldpLocPortId="3.7.1.3", lldpLocPortDesc="3.7.1.4", lldpRemChassisIdSubtype="4.1.1.4"),
    **_numbered(_LLDP, lldpRemChassisId="4.1.1.5", lldpRemPortIdSubtype="4.1.1.6", lldpRemPortId="4.1.1.7"),
    **_numbered(_LLDP, lldpRemPortDesc="4.1.1.8", lldpRemSysName="4.1.1.9", lldpRemSysDesc="4.1.1.10"),
    "lldpRemManAddrIfSubtype": f"{_LLDP}4.2.1.3",
    **_numbered(_CDP, cdpCacheAddress="4", cdpCacheVersion="5", cdpCacheDeviceId="6", cdpCacheDevicePort="7"),
    "cdpCachePlatform": f"{_CDP}8",
    "dot3adAggPortAttachedAggID": "1.2.840.10006.300.43.1.2.1.1.13",
    "pethPsePortDetectionStatus": "1.3.6.1.2.1.105.1.1.1.6",
}
_NAME = re.compile(r"(?:[A-Za-z][\w\-]{0,63}::)([A-Za-z][\w\-]{0,63})(\.\S{1,512})?\Z", re.ASCII)
_INDEX = re.compile(
    r'ipv4\."(?P<ipv4>[0-9]{1,3}(?:\.[0-9]{1,3}){3})"|ipv6\."(?P<ipv6>[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){15})"'
    r"|(?P<octets>[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5})(?![0-9a-f:])"
)


def oid(name: str) -> str:
    """Return the dotted OID of `IF-MIB::ifDescr.3`, empty where the name is none this tool reads; indices that were spelled are numbers."""
    match = _NAME.match(name)
    if match is None or match[1] not in NAMES:
        return ""
    index = _INDEX.sub(_arcs, match[2] or "")
    return NAMES[match[1]] + index if re.fullmatch(r"(?:\.[0-9]{1,10})*", index, re.ASCII) else ""


def _arcs(match: "re.Match[str]") -> str:
    """Return an address in an index as its arcs (RFC 4001: type and length before an InetAddress; a MAC has neither)."""
    if match["ipv4"]:
        return f"1.4.{match['ipv4']}"
    octets = (match["ipv6"] or match["octets"]).split(":")
    arcs = ".".join(str(int(octet, 16)) for octet in octets)
    return f"2.16.{arcs}" if match["ipv6"] else arcs
