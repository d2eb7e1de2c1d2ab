"""Virtual machines, by their MACs and by the ports of hypervisors that were read."""

from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from auditor import normal
from auditor.assets.hypervisors import Hypervisors
from auditor.assets.identity import OWN_MAC_KINDS
from auditor.assets.place import UNMANAGED
from auditor.assets.surveyed import SurveyedAssets
from auditor.model import Asset, AssetKind, Confidence, NeighbourTable, Observation, Place, Seen

TABLE_KINDS = frozenset({"arp.mac", "fdb.mac"})
# The second digit of a MAC that is locally administered and no group's (IEEE 802).
LOCAL_DIGITS = frozenset("26ae")

Port = tuple[str, str, str]
NOWHERE: Port = ("", "", "")


def settle_guests(assets: SurveyedAssets, hypervisors: Hypervisors, branded: Callable[[str], bool]) -> Iterator[Asset]:
    """Yield the assets, virtual machines marked as such and placed on their host.

    Where there are any, `assets` are gone through several times; none is held but those on the ports of hosts.
    `branded` tells whether a MAC is of a maker somebody may look for: that is hardware on any port.
    """
    hosts: dict[str, Asset] = {}
    # Whoever tables alone speak of is no host, and its MAC tells whether it is a guest: nobody has to be placed for it.
    guests = {key for key, mac in assets.alone() if hypervisors.guest(mac)}
    for asset in assets.others:
        if asset.seen is Seen.READ and hypervisors.host(asset.facts):
            hosts[asset.key] = asset
        if _is_given(asset, hypervisors):
            guests.add(asset.key)
    hosts |= {asset.key: asset for asset in (_silent_hosts(assets, guests) if guests else ())}
    if not (hosts or guests):
        yield from assets
        return
    by_port = {port: host for _, host in sorted(hosts.items()) if (port := _port(host)) is not None}

    def settled() -> Iterator[Asset]:
        for asset in assets:
            host = by_port.get(_port(asset) or NOWHERE)
            yield asset if asset.key in hosts else _settle(asset, host, hypervisors, branded)

    company: dict[Port, list[Asset]] = defaultdict(list)
    for asset in settled() if by_port else ():
        if (port := _port(asset)) in by_port and port is not None and asset.key not in hosts:
            company[port].append(asset)
    yield from (_alone(asset, company.get(_port(asset) or NOWHERE, ())) for asset in settled())


def _silent_hosts(assets: Iterable[Asset], guests: Container[str]) -> Iterator[Asset]:
    """Yield what was read and has its port to itself but for `guests` (keys): it runs them."""
    read: dict[Port, Asset] = {}
    carriers: set[str] = set()
    for asset in assets:
        carriers.update(() if asset.place is None else asset.place.carriers)
        if asset.seen is Seen.READ and asset.key not in guests and (port := _port(asset)) is not None:
            read[port] = asset
    crowd, others = Counter[Port](), Counter[Port]()
    for asset in assets if read else ():
        if (port := _port(asset)) in read and port is not None:
            crowd[port] += 1
            others[port] += asset.key not in guests
    for port, asset in read.items():
        if 1 == others[port] < crowd[port] and asset.key not in carriers:
            yield asset


def _is_given(asset: Asset, hypervisors: Hypervisors) -> bool:
    """Tell whether each of its MACs is one that a hypervisor gives to its guests."""
    return bool(asset.macs) and all(map(hypervisors.guest, asset.macs))


def _port(asset: Asset) -> Port | None:
    place = asset.place
    return None if place is None or not place.port else (asset.site, place.switch, place.port)


def _settle(asset: Asset, host: Asset | None, hypervisors: Hypervisors, branded: Callable[[str], bool]) -> Asset:
    programs = {hypervisors.guest(mac) for mac in asset.macs}
    is_given = _is_given(asset, hypervisors)
    on_port = host is not None and asset.seen is Seen.HEARD and not any(branded(mac) for mac in asset.macs)
    if not is_given and not (on_port and asset.macs):
        return asset
    name = "" if host is None else normal.one_line(host.name or host.address)
    which = f" on {name}" if name else ""
    given = f" its MAC is one that {' or '.join(sorted(programs))} gives to its guests" if is_given else ""
    port = "it was learned on the port of that host" if name else "which hypervisor runs it was not seen"
    remark = f"A virtual machine{which}:{given}{', and' if given and name else ';' if given else ''} {port}."
    place = asset.place if host is None or asset.place is None else _on(asset.place, name, host.key)
    return replace(asset, kind=AssetKind.VIRTUAL, remarks=(*asset.remarks, remark), place=place)


def _on(place: Place, name: str, key: str) -> Place:
    because = f"{place.because} The port is that of {name}."
    return replace(place, behind=f"virtual machine on {name}", because=because, carriers=(key,))


def _alone(asset: Asset, company: Sequence[Asset]) -> Asset:
    """Return a host whose port it shares with its guests alone as one that is alone there."""
    place = asset.place
    if place is None or asset.kind is AssetKind.VIRTUAL or not company or not place.behind.startswith(UNMANAGED):
        return asset
    if any(other.kind is not AssetKind.VIRTUAL for other in company):
        return asset
    because = f"{place.because} The others there are its virtual machines."
    return replace(asset, place=replace(place, confidence=Confidence.HIGH, behind="", because=because))


def near_hosts(observations: Iterable[Observation], hypervisors: Hypervisors) -> frozenset[str]:
    """Return the locally administered MACs on the port of each host: on its least busy one."""
    records = list(observations)
    own = {
        (one.target.site, digits): number
        for number, one in enumerate(records)
        if hypervisors.host(one.plain)
        for fact in one.plain
        if fact.kind in OWN_MAC_KINDS and not fact.about and (digits := normal.mac(fact.value))
    }
    ports: dict[int, list[frozenset[str]]] = defaultdict(list)
    for one in records if own else ():
        for table in one.tables:
            for number, macs in _ports_of(table, one.target.site, own):
                ports[number].append(macs)
    return frozenset(
        mac
        for crowds in ports.values()
        for mac in min(crowds, key=lambda macs: (len(macs), sorted(macs)))
        if mac[1] in LOCAL_DIGITS
    )


def _ports_of(
    table: NeighbourTable, site: str, own: Mapping[tuple[str, str], int]
) -> Iterator[tuple[int, frozenset[str]]]:
    """Yield for each port on which a host was learned that host's number, and all MACs there."""
    crowds: dict[str, set[str]] = defaultdict(set)
    for mac, port in zip(table.macs, table.cells("port"), strict=True):
        if port is not None:
            crowds[port].add(mac)
    for macs in crowds.values():
        for number in {own[site, mac] for mac in macs if (site, mac) in own}:
            yield number, frozenset(macs)


def with_local_macs(asset: Asset, local: Mapping[tuple[str, str], frozenset[str]]) -> Asset:
    """Return an asset with the number of locally administered MACs in its tables."""
    if asset.seen is Seen.HEARD or not local:
        return asset
    macs = [local[target] for target in asset.targets if target in local]
    return replace(asset, local_macs=len(frozenset().union(*macs))) if macs else asset


def local_macs(
    observations: Iterable[Observation], usable: Callable[[str], bool]
) -> Mapping[tuple[str, str], frozenset[str]]:
    """Return by site and address of each reporter the MACs that nobody registered.

    Telephones, computers and containers make them up (IEEE 802, bit 0x02), so that they stand for no device.
    """
    macs: dict[tuple[str, str], set[str]] = defaultdict(set)
    for observation in observations:
        odd = (normal.mac(fact.value) for fact in observation.plain if fact.kind in TABLE_KINDS)
        local = {mac for table in observation.tables for mac in table.macs if mac[1] in LOCAL_DIGITS}
        local |= {mac for mac in odd if mac[1:2] in LOCAL_DIGITS} - {""}
        if own := {mac for mac in local if not usable(mac)}:
            macs[observation.target.site, observation.target.address] |= own
    return {place: frozenset(own) for place, own in macs.items()}
