"""Objects of the MIBs this tool reads, each OID once, by the name its MIB gives it.

RFC 1213, 2465, 2863, 3411, 3414, 3418, 3621, 4188, 4293, 4363, 6933; IEEE 802.1AB of 2005 and 2009, 802.1Q,
802.3 clause 43; ANSI/TIA-1057; CISCO-CDP-MIB.
"""

from collections.abc import Mapping


def _children(parents: Mapping[str, str], **columns: str) -> dict[str, str]:
    """Return the children of nodes: `ifEntry="ifIndex=1 ifDescr=2"` names two."""
    words = ((node, *word.split("=")) for node, text in columns.items() for word in text.split())
    return {name: f"{parents[node]}.{number}" for node, name, number in words}


_ROOTS = {
    "ccitt": "0",
    "iso": "1",
    "zeroDotZero": "0.0",
    "mib-2": "1.3.6.1.2.1",
    "experimental": "1.3.6.1.3",
    "enterprises": "1.3.6.1.4.1",
    "snmpModules": "1.3.6.1.6.3",
    "dot3adAggPortEntry": "1.2.840.10006.300.43.1.2.1.1",
    "lldpObjects": "1.0.8802.1.1.2.1",
    "lldpV2Objects": "1.3.111.2.802.1.1.13.1",
    "ieee8021MstpPortEntry": "1.3.111.2.802.1.1.6.1.4.1",
}
_NODES = _ROOTS | _children(
    _ROOTS,
    **{"mib-2": "system=1 interfaces=2 ifEntry=2.2.1 atEntry=3.1.1 ipAddrEntry=4.20.1 ipNetToMediaEntry=4.22.1"
       " ipNetToPhysicalEntry=4.35.1 transmission=10 dot1dBase=17.1 dot1dBasePortEntry=17.1.4.1"
       " dot1dStpPortEntry=17.2.15.1 dot1dTpFdbEntry=17.4.3.1"
       " dot1qTpFdbEntry=17.7.1.2.2.1 dot1qVlanCurrentEntry=17.7.1.4.2.1 ifXEntry=31.1.1.1 ifStackEntry=31.1.2.1"
       " entPhysicalEntry=47.1.1.1.1 ipv6NetToMediaEntry=55.1.12.1 pethPsePortEntry=105.1.1.1"},
    enterprises="cdpCacheEntry=9.9.23.1.2.1.1",
    snmpModules="snmpEngine=10.2.1 usmStats=15.1.1",
    lldpObjects="lldpLocalSystemData=3 lldpLocPortEntry=3.7.1 lldpRemoteSystemsData=4 lldpRemEntry=4.1.1"
    " lldpRemManAddrEntry=4.2.1 lldpXMedRemInventoryEntry=5.4795.1.3.3.1",
    lldpV2Objects="lldpV2LocalSystemData=3 lldpV2RemEntry=4.1.1 lldpV2RemManAddrEntry=4.2.1",
)  # fmt: skip
NAMES: Mapping[str, str] = _NODES | _children(
    _NODES,
    system="sysDescr=1 sysObjectID=2 sysUpTime=3 sysUpTimeInstance=3.0 sysContact=4 sysName=5 sysLocation=6"
    " sysServices=7",
    snmpEngine="snmpEngineID=1",
    interfaces="ifNumber=1",
    ifEntry="ifIndex=1 ifDescr=2 ifType=3 ifMtu=4 ifSpeed=5 ifPhysAddress=6 ifAdminStatus=7 ifOperStatus=8",
    ifXEntry="ifName=1 ifAlias=18",
    ifStackEntry="ifStackStatus=3",
    atEntry="atPhysAddress=2",
    ipAddrEntry="ipAdEntAddr=1 ipAdEntIfIndex=2",
    ipNetToMediaEntry="ipNetToMediaPhysAddress=2 ipNetToMediaType=4",
    ipNetToPhysicalEntry="ipNetToPhysicalPhysAddress=4 ipNetToPhysicalType=6",
    ipv6NetToMediaEntry="ipv6NetToMediaPhysAddress=2",
    dot1dBase="dot1dBaseBridgeAddress=1",
    dot1dBasePortEntry="dot1dBasePortIfIndex=2",
    dot1dStpPortEntry="dot1dStpPortDesignatedBridge=8",
    ieee8021MstpPortEntry="ieee8021MstpPortDesignatedBridge=10",
    dot1dTpFdbEntry="dot1dTpFdbAddress=1 dot1dTpFdbPort=2 dot1dTpFdbStatus=3",
    dot1qTpFdbEntry="dot1qTpFdbPort=2 dot1qTpFdbStatus=3",
    dot1qVlanCurrentEntry="dot1qVlanFdbId=3",
    entPhysicalEntry="entPhysicalDescr=2 entPhysicalContainedIn=4 entPhysicalClass=5"
    " entPhysicalParentRelPos=6 entPhysicalName=7 entPhysicalHardwareRev=8 entPhysicalFirmwareRev=9"
    " entPhysicalSoftwareRev=10 entPhysicalSerialNum=11 entPhysicalMfgName=12 entPhysicalModelName=13",
    pethPsePortEntry="pethPsePortDetectionStatus=6",
    dot3adAggPortEntry="dot3adAggPortAttachedAggID=13",
    cdpCacheEntry="cdpCacheAddress=4 cdpCacheVersion=5 cdpCacheDeviceId=6 cdpCacheDevicePort=7 cdpCachePlatform=8"
    " cdpCacheCapabilities=9",
    lldpLocalSystemData="lldpLocChassisIdSubtype=1 lldpLocChassisId=2 lldpLocSysName=3",
    lldpLocPortEntry="lldpLocPortIdSubtype=2 lldpLocPortId=3 lldpLocPortDesc=4",
    lldpRemEntry="lldpRemChassisIdSubtype=4 lldpRemChassisId=5 lldpRemPortIdSubtype=6 lldpRemPortId=7 lldpRemPortDesc=8"
    " lldpRemSysName=9 lldpRemSysDesc=10 lldpRemSysCapEnabled=12",
    lldpRemManAddrEntry="lldpRemManAddrIfSubtype=3 lldpRemManAddrIfId=4",
    lldpXMedRemInventoryEntry="lldpXMedRemSoftwareRev=3 lldpXMedRemSerialNum=4 lldpXMedRemMfgName=5"
    " lldpXMedRemModelName=6",
    lldpV2LocalSystemData="lldpV2LocChassisIdSubtype=1 lldpV2LocChassisId=2",
    lldpV2RemEntry="lldpV2RemChassisIdSubtype=5 lldpV2RemChassisId=6 lldpV2RemPortIdSubtype=7 lldpV2RemPortId=8"
    " lldpV2RemPortDesc=9 lldpV2RemSysName=10 lldpV2RemSysDesc=11 lldpV2RemSysCapEnabled=13",
    lldpV2RemManAddrEntry="lldpV2RemManAddrIfSubtype=3 lldpV2RemManAddrIfId=4",
)
# Objects that have values, not the nodes above them.
LEAVES = frozenset(NAMES) - frozenset(_NODES)


def scalar(name: str) -> str:
    """Return the only instance of an object that has one."""
    return f"{NAMES[name]}.0"


def scalars(names: str) -> tuple[str, ...]:
    """Return the only instances of objects by their names, a blank between them."""
    return tuple(scalar(name) for name in names.split())


def columns(names: str) -> tuple[str, ...]:
    """Return the OIDs of columns by their names, a blank between them."""
    return tuple(NAMES[name] for name in names.split())


def below(name: str) -> str:
    """Return what the OIDs of everything below a node begin with."""
    return f"{NAMES[name]}."


ENTERPRISES = below("enterprises")
