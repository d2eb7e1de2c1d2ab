"""The ports of a played switch: those its recording lacks, aggregates, members of a stack."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from auditor.ber import INTEGER, OCTET_STRING, integer_content
from auditor.lab.cast import Played
from auditor.lab.network import LabDevice
from auditor.model import VarBind
from auditor.oids import below

IF_NAME, IF_DESCR, IF_TYPE, IP_AD_ENT_IF_INDEX = map(below, ("ifName", "ifDescr", "ifType", "ipAdEntIfIndex"))
IF_PHYS_ADDRESS, ATTACHED = map(below, ("ifPhysAddress", "dot3adAggPortAttachedAggID"))
CLASS, SERIAL = map(below, ("entPhysicalClass", "entPhysicalSerialNum"))
ETHERNET, AGGREGATE = 6, 161
CHASSIS = 3
FIRST_MEMBER = 1001


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Interface indices of one switch by the name it prints."""

    index: dict[str, int]
    ethernet: tuple[int, ...]
    aggregates: tuple[int, ...]
    first_ip: int


def ports_of(varbinds: Iterable[VarBind]) -> Ports:
    """Return the ports an agent shows."""
    index: dict[str, int] = {}
    of_type: dict[int, list[int]] = {ETHERNET: [], AGGREGATE: []}
    first_ip = 0
    for bind in varbinds:
        if bind.oid.startswith((IF_DESCR, IF_NAME)):
            index[bind.raw.decode("utf-8", "replace")] = int(bind.oid.rpartition(".")[2])
        elif bind.oid.startswith(IF_TYPE) and (number := int.from_bytes(bind.raw, "big")) in of_type:
            of_type[number].append(int(bind.oid.rpartition(".")[2]))
        elif bind.oid.startswith(IP_AD_ENT_IF_INDEX) and not first_ip:
            first_ip = int.from_bytes(bind.raw, "big")
    return Ports(
        index=index, ethernet=tuple(of_type[ETHERNET]), aggregates=tuple(of_type[AGGREGATE]), first_ip=first_ip
    )


def with_ports(box: Played, plugs: Iterable[str]) -> tuple[VarBind, ...]:
    """Return what a switch says with the ports something is plugged into, if it lacks any."""
    varbinds, device = box.sample.varbinds, box.device
    if not varbinds:
        return ()
    wholes = {name: ports for name in dict.fromkeys(plugs) if (ports := device.ports_of(name))}
    bundles = {name: ports for name, ports in wholes.items() if ports != (name,)}
    index = ports_of(varbinds).index
    lacks = [name for name in dict.fromkeys((*wholes, *chain.from_iterable(wholes.values()))) if name not in index]
    index |= {name: number for number, name in enumerate(lacks, max(index.values(), default=0) + 1)}
    columns = [column for column in (IF_DESCR, IF_NAME) if any(bind.oid.startswith(column) for bind in varbinds)]
    rows = [VarBind(f"{at}{index[name]}", OCTET_STRING, name.encode()) for name in lacks for at in columns]
    rows += [_number(f"{IF_TYPE}{index[name]}", AGGREGATE if name in bundles else ETHERNET) for name in lacks]
    rows += [_number(f"{ATTACHED}{index[port]}", index[name]) for name, ports in bundles.items() for port in ports]
    return (*varbinds, *rows, *_members(device), *_shared(device, max(index.values(), default=0) + 1))


def _members(device: LabDevice) -> Iterator[VarBind]:
    """Yield the chassis of the further members of a stack."""
    for at, serial in enumerate(device.members, FIRST_MEMBER):
        yield _number(f"{CLASS}{at}", CHASSIS)
        yield VarBind(f"{SERIAL}{at}", OCTET_STRING, serial.encode())


def _shared(device: LabDevice, index: int) -> Iterator[VarBind]:
    """Yield the interface whose MAC the other one of a pair has too."""
    if device.shares:
        yield VarBind(f"{IF_DESCR}{index}", OCTET_STRING, b"ha")
        yield VarBind(f"{IF_PHYS_ADDRESS}{index}", OCTET_STRING, bytes.fromhex(device.shares))


def _number(oid: str, number: int) -> VarBind:
    return VarBind(oid, INTEGER, integer_content(number))
