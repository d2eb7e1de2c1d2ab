"""A network of known shape and any size as an audit, for the tests of its drawings."""

from dataclasses import replace

from auditor.model import Audit, AuditedAsset, Gateway, Link, LinkSource, Outcome, Place
from tests.tools.audits import audit, camera, switch

SITES = ("hq", "plant", "depot", "north", "south")


def campus(devices: int, *, ports: int = 20, sites: int = 3) -> Audit:
    """Return sites of two cores in a ring with access switches, a device on each port; every fifth is covered."""
    items, links, gateways = [], [], []
    for number in range(sites):
        site = SITES[number] if number < len(SITES) else f"site-{number}"
        names = [f"{site}-core1", f"{site}-core2"]
        access = max(2, round(devices / sites / (ports + 1)))
        names += [f"{site}-acc{index}" for index in range(1, access + 1)]
        items += [_switch(site, name, covered=index % 5 == 3) for index, name in enumerate(names)]
        gateways.append(Gateway(asset=_key(site, names[0]), because="its ARP table has 412 addresses"))
        links.append(_link(site, names[0], "Te1/1/9", names[1], "Te1/1/9"))
        for index, name in enumerate(names[2:], 1):
            core = names[index % 2]
            links.append(_link(site, core, f"Te1/1/{index}", name, "Te1/0/1"))
            if index <= 2:
                links.append(_link(site, names[1 - index % 2], f"Te1/1/{index}", name, "Te1/0/2"))
            items += [_device(site, name, port) for port in range(1, ports + 1)]
    return replace(audit(), assets=tuple(items), links=tuple(links), gateways=tuple(gateways), unread=())


def _key(site: str, name: str) -> str:
    return f"{site}/serial:{name}"


def _switch(site: str, name: str, *, covered: bool) -> AuditedAsset:
    item = switch()
    asset = replace(
        item.asset, key=_key(site, name), site=site, name=name, serial=name, macs=(), addresses=(), address=""
    )
    if not covered:
        return AuditedAsset(asset=asset, outcome=Outcome.NO_MATCH, why="3 deciding facts, no rule fired")
    return replace(item, asset=asset, findings=(replace(item.findings[0], id=f"f-{name}", serial=name),))


def _device(site: str, name: str, port: int) -> AuditedAsset:
    item, key = camera(), f"{site}/mac:{name}-{port}"
    place = Place(switch=name, port=f"Gi1/0/{port}", because="alone there", carriers=(_key(site, name),))
    asset = replace(item.asset, key=key, site=site, name=f"{name}-cam{port}", macs=(), hearsay=(), place=place)
    if port % 5:
        return AuditedAsset(asset=asset, outcome=Outcome.NO_MATCH, why="nothing fired")
    return replace(item, asset=asset, findings=(replace(item.findings[0], id=f"f-{name}-{port}"),))


def _link(site: str, one: str, port: str, other: str, far_port: str) -> Link:
    return Link(one=_key(site, one), port=port, other=_key(site, other), far_port=far_port, source=LinkSource.LLDP)
