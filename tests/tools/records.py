"""Short words for the records of small networks."""

from datetime import UTC, datetime

from auditor.model import Fact, Observation, Target

AT = datetime(2026, 11, 21, tzinfo=UTC)


def seen(address, *facts, site="hq", collector="snmp"):
    return Observation(target=Target(address=address, site=site), collector=collector, at=AT, facts=tuple(facts))


def fact(kind, value, where="", about=""):
    return Fact(kind=kind, value=value, where=where, about=about)


def serial(value):
    return fact("entity.serial", value, "1")


def mac(value):
    return fact("if.mac", value, "ifPhysAddress.1")


def name(value):
    return fact("snmp.sysname", value)


def descr(value):
    return fact("snmp.sysdescr", value)


def arp(address, digits):
    return fact("arp.mac", digits, "", f"ip:{address}")


def learned(digits, port):
    about = f"mac:{digits}"
    return fact("fdb.mac", digits, "", about), fact("fdb.port", port, "", about)


def lldp(port, row="7.1", **words):
    """Return a neighbour on a port.

    Chassis, sysname, sysdescr, portid, address as they are announced.
    """
    about = f"lldp:{row}"
    said = [fact(f"lldp.{kind}", value, "", about) for kind, value in words.items()]
    return *said, fact("lldp.localport", port, "", about)
