"""What each node cuts off equals what a second library says, node by node, on drawn graphs."""

import random
import time

import networkx as nx
import pytest

from auditor.report.topology.search import Cuts, Tree, components, reached

SEEDS = range(40)


def drawn(seed, nodes=40):
    """Return a graph of several parts with some rings, as lists of neighbours, and its roots."""
    chance = random.Random(seed)
    graph = {f"n{index}": [] for index in range(nodes)}
    for index in range(1, nodes):
        if chance.random() < 0.95:
            join(graph, f"n{index}", f"n{chance.randrange(max(0, index - 6), index)}")
    for _ in range(chance.randrange(8)):
        join(graph, *chance.sample(sorted(graph), 2))
    roots = [chance.choice(part) for part in components(graph)]
    return graph, [*roots, *(key for key in chance.sample(sorted(graph), 2) if key not in roots)]


def join(graph, one, other):
    if other not in graph[one]:
        graph[one].append(other)
        graph[other].append(one)


def truth(graph, roots, node):
    """Return what no longer reaches a root once a node is gone, by taking it out and looking."""
    left = nx.Graph([(one, other) for one, others in graph.items() for other in others])
    left.add_nodes_from(graph)
    left.remove_node(node)
    alive = set().union(*(nx.node_connected_component(left, root) for root in roots if root != node), set())
    return set(left) - alive


@pytest.mark.parametrize("seed", SEEDS)
def test_who_is_cut_off_is_who_reaches_no_root_any_more(seed):
    graph, roots = drawn(seed)
    cuts = Cuts.of(graph, roots)

    for node in graph:
        assert set(cuts.off(node)) == truth(graph, roots, node)
        assert cuts.number(node) == len(cuts.off(node))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_tree_has_shortest_ways_and_says_by_what_else_each_branch_is_reached(seed):
    graph, roots = drawn(seed)
    tree, cuts = Tree.of(graph, roots), Cuts.of(graph, roots)
    plain = nx.Graph([(one, other) for one, others in graph.items() for other in others])
    plain.add_nodes_from(graph)
    lengths = nx.multi_source_dijkstra_path_length(plain, set(roots), weight=None)

    assert tree.depth == lengths
    assert {node: len(list(tree.below(node))) for node in graph} == tree.sizes
    for node, others in tree.bypasses.items():
        off = set(cuts.off(node))
        assert {child for child in tree.children[node] if child not in off} >= set(others)
    for node in graph:
        # Where nothing is cut off, at least one branch says why.
        assert not tree.children[node] or cuts.number(node) or tree.bypasses[node]


def test_parts_that_nothing_connects_are_parts():
    assert list(components({"a": ["c"], "b": [], "c": ["a"]})) == [["a", "c"], ["b"]]
    assert list(reached({"a": ["b"], "b": ["a", "c"], "c": ["b"]}, ["a"], {"b"})) == ["a"]


def test_ten_thousand_devices_in_a_chain_or_a_star_take_a_moment():
    chain = {
        f"n{index}": [f"n{other}" for other in (index - 1, index + 1) if 0 <= other < 10_000] for index in range(10_000)
    }
    ring = chain | {"n0": ["n1", "n9999"], "n9999": ["n9998", "n0"]}
    before = time.process_time()

    assert Cuts.of(chain, ["n0"]).number("n1") == 9_998
    assert Cuts.of(ring, ["n0"]).number("n1") == 0
    assert Tree.of(ring, ["n0"]).bypasses["n1"] == {"n2": "n5001"}
    assert time.process_time() - before < 1
