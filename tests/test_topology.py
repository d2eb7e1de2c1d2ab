"""A rural carrier from its tables to its graph: who is cut off, and a plan that cuts nobody off."""

import random
from datetime import date

import networkx as nx
import pytest

from auditor.assets.merge import survey
from auditor.model import Audit, AuditedAsset, Outcome, Run, Tables
from auditor.report.topology.graph import Topology
from auditor.report.topology.removal import REMOVE, REPLACE, removal_order
from tests.tools.rural_networks import Rural, draw, observations
from tests.tools.wired_networks import NOW

SEEDS = range(6)


def audit_of(net: Rural) -> Audit:
    network = survey(observations(net))
    return Audit(
        tool="0", tables=Tables(rules="0", oui=None), run=Run(id="r", started=NOW), finished=NOW,
        as_of=date(2026, 11, 23), unread=(), links=network.links, gateways=network.gateways,
        assets=tuple(AuditedAsset(asset=one.to_keep(), outcome=Outcome.NO_MATCH, why="-") for one in network.assets),
    )  # fmt: skip


def keys_of(net: Rural, topology: Topology) -> dict[str, str]:
    """Return the key of each drawn device; each is one asset, but for what another site hears of it."""
    by_mark = {(item.asset.site, mac): key for key, item in topology.items.items() for mac in item.asset.macs}
    by_mark |= {(item.asset.site, item.asset.serial): key for key, item in topology.items.items()}
    return {
        name: by_mark.get((net.sites[name], net.serial(name))) or by_mark[net.sites[name], net.mac(name)]
        for name in net.kinds
    }


def lost(wiring: "nx.Graph[str]", gone: str) -> set[str]:
    """Return what reaches the router no more when one device is taken out."""
    left = wiring.copy()
    left.remove_node(gone)
    return set(left) - (nx.node_connected_component(left, "router-0") if "router-0" in left else set())


@pytest.mark.parametrize("is_split", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_who_is_cut_off_equals_the_truth_for_every_device(seed, is_split):
    net = draw(seed, is_split=is_split)
    topology = Topology(audit_of(net))
    keys = keys_of(net, topology)
    names = {key: name for name, key in keys.items()}

    assert [topology.name(key) for key, why in topology.roots.items() if why] == ["router-0"]
    for name, key in keys.items():
        assert {names[one] for one in topology.cuts.off(key) if one in names} == lost(net.wiring, name), name


@pytest.mark.parametrize("is_split", [False, True])
@pytest.mark.parametrize("share", [0.2, 0.6, 1.0])
@pytest.mark.parametrize("seed", SEEDS[:4])
def test_a_plan_replayed_step_by_step_never_cuts_off_what_still_stands(seed, share, is_split):
    net = draw(seed, is_split=is_split)
    topology = Topology(audit_of(net))
    keys = keys_of(net, topology)
    names = {key: name for name, key in keys.items()}
    chance = random.Random(seed)
    going = {key for key in sorted(names) if chance.random() < share}
    cut_by = {one: lost(net.wiring, one) for one in net.kinds}

    steps = removal_order(topology, dict.fromkeys(going, ()), lambda _site, _before: ())

    assert sorted(step.key for step in steps if step.what == REMOVE) == sorted(going)
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    standing, replaced = set(net.kinds), set()
    for step in steps:
        name = names[step.key]
        backhaul = {one for one in net.kinds if name in cut_by[one] and keys[one] in going}
        assert backhaul <= replaced, "backhaul comes first"
        if step.what == REPLACE:
            replaced.add(name)
        else:
            standing.discard(name)
        left = net.wiring.subgraph(standing | replaced)
        assert set(left) == nx.node_connected_component(left, "router-0"), step


def test_a_site_is_left_when_everything_there_is_done():
    net = draw(3, is_split=True)
    topology = Topology(audit_of(net))
    going = {item.asset.key: () for item in topology.items.values() if item.asset.collectors}

    steps = removal_order(topology, going, lambda _site, _before: ())
    visits = [next(step.site for step in steps if step.visit == visit) for visit in range(1, steps[-1].visit + 1)]

    assert (visits[0], visits[-1]) == ("valley", "valley")
    assert sorted(visits[1:-1]) == ["tower-0", "tower-1", "tower-2", "tower-3"]


def test_a_ring_is_called_one_and_names_what_must_stand_meanwhile():
    net = draw(1)
    topology = Topology(audit_of(net))
    keys = keys_of(net, topology)

    assert topology.redundancy(keys["switch-0"]) == ""
    assert topology.redundancy(keys["switch-1"]) == "on a ring: no more is cut while switch-4 stands"
    net.wiring.remove_node("switch-4")
    assert {f"switch-{number}" for number in (2, 3)} <= lost(net.wiring, "switch-1")


def test_where_nothing_hangs_on_a_ring_but_its_switches_nothing_is_cut():
    net = Rural()
    net.add("router", 0)
    for number, above in enumerate(["router-0", "switch-0", "switch-1", "switch-2"]):
        net.add("switch", number, above)
    net.join("switch-3", "router-0")

    topology = Topology(audit_of(net))

    says = {topology.name(key): topology.redundancy(key) for key in topology.items}
    assert says["switch-0"] == "on a ring: nothing is cut while switch-2 stands"
