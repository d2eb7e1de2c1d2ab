"""A topology in each format, read back by who would read it, whatever devices call themselves."""

import io
import itertools
import json
import re
import shutil
import subprocess
import time
import unicodedata
from dataclasses import replace
from xml.etree import ElementTree as ET

import networkx as nx
import pytest

from auditor.model import Audit
from auditor.report.base import Options
from auditor.report.redact import redact
from auditor.report.topology.exports import FORMATS
from auditor.report.topology.extract import Extract
from auditor.report.topology.graph import Topology
from auditor.report.topology.removal import removal_order
from tests.tools.audits import audit, large, poisoned
from tests.tools.hostile_audits import strings
from tests.tools.topologies import campus

SMALL = campus(40, ports=6, sites=2)
START = "hq/serial:hq-acc2"


def extract(base: Audit = SMALL, **words: object) -> Extract:
    graph = Topology(base)
    going = {key: (graph.name(key),) for key in graph.items if graph.findings(key)}
    steps = removal_order(graph, going, lambda _site, _before: ())
    return Extract(topology=graph, steps=steps, **words)  # type: ignore[arg-type]


def hostile() -> Audit:
    """Return an audit whose every word is hostile, cables and gateways included."""
    endless = itertools.cycle(strings())
    return poisoned(replace(audit(), assets=(*audit().assets, *large(60, 60).assets)), lambda: next(endless))


@pytest.mark.parametrize("name", FORMATS)
def test_no_control_character_reaches_an_export(name):
    text = FORMATS[name](extract(hostile()), Options()).decode()

    assert {char for char in text if unicodedata.category(char) in {"Cc", "Cs"} or char in "\u202e\u2066\u2028"} <= {
        "\n"
    }


@pytest.mark.parametrize("base", [SMALL, hostile()], ids=["small", "hostile"])
def test_graphml_holds_the_same_graph(base):
    made = extract(base)

    back = nx.read_graphml(io.BytesIO(FORMATS["graphml"](made, Options())))

    assert back.number_of_nodes() == len(set(made.keys))
    assert back.number_of_edges() == len(list(made.cables()))


def test_graphml_says_what_each_device_cuts_off():
    back = nx.read_graphml(io.BytesIO(FORMATS["graphml"](extract(), Options(names={"huawei": "Huawei"}))))

    names = {words["key"]: name for name, words in back.nodes(data=True)}
    switch, core = names[START], names["hq/serial:hq-core1"]
    assert back.nodes[switch]["cuts_off"] == 6
    assert back.nodes[switch]["makers"] == "Huawei confirmed"
    assert back.nodes[core]["gateway"] is True
    assert back.edges[core, switch]["port"] == "Te1/1/2"


@pytest.mark.parametrize("base", [SMALL, hostile()], ids=["small", "hostile"])
def test_drawio_is_one_cell_a_device_and_a_cable_and_no_markup(base):
    made = extract(base)

    root = ET.fromstring(FORMATS["drawio"](made, Options()))  # noqa: S314  # we made it ourselves
    cells = root.findall("diagram/mxGraphModel/root/mxCell")
    ids = {cell.get("id") for cell in cells}

    assert sum(cell.get("vertex") == "1" for cell in cells) == len(set(made.keys))
    edges = [cell for cell in cells if cell.get("edge") == "1"]
    assert len(edges) == len(list(made.cables()))
    assert {cell.get(end) for cell in edges for end in ("source", "target")} <= ids
    # Labels are text: draw.io reads them as HTML where a style says so.
    assert {"html=0" in (cell.get("style") or "") for cell in cells if cell.get("value") is not None} == {True}


@pytest.mark.parametrize("base", [SMALL, hostile()], ids=["small", "hostile"])
def test_dot_has_a_statement_a_line_and_closed_quotes(base):
    made = extract(base)

    lines = FORMATS["dot"](made, Options()).decode().splitlines()

    string = r'"(?:[^"\\]|\\["\\])*"'
    node = re.compile(rf"    n\d+ \[label={string}(?:, color=red)?\];")
    edge = re.compile(rf"  n\d+ -- n\d+ \[taillabel={string}, headlabel={string}\];")
    other = re.compile(
        rf"graph topology {{|  node \[shape=box\];|  rankdir=LR;|  subgraph cluster_\d+ {{|    label={string};|  }}|}}"
    )
    assert [line for line in lines if not (node.fullmatch(line) or edge.fullmatch(line) or other.fullmatch(line))] == []
    assert sum(bool(edge.fullmatch(line)) for line in lines) == len(list(made.cables()))
    assert sum(bool(node.fullmatch(line)) for line in lines) == len(set(made.keys))


@pytest.mark.real
@pytest.mark.parametrize("base", [SMALL, hostile()], ids=["small", "hostile"])
def test_graphviz_draws_it(base):
    if shutil.which("dot") is None:
        pytest.skip("dot (graphviz) is not installed")
    made = FORMATS["dot"](extract(base), Options())

    drawn = subprocess.run(["dot", "-Tplain"], input=made, capture_output=True, check=True).stdout.decode()

    assert len(re.findall(r"^node ", drawn, re.MULTILINE)) == made.count(b"    n")


def test_json_says_who_carries_whom_and_what_is_cut_off():
    document = json.loads(FORMATS["json"](extract(), Options()))
    devices = {one["key"]: one for one in document["devices"]}

    assert devices[START]["carried_by"] == "hq/serial:hq-core1"
    assert devices[START]["port"] == "Te1/1/2"
    assert sorted(devices[START]["cuts_off"]) == sorted(
        key for key, one in devices.items() if one["carried_by"] == START
    )
    assert devices["hq/serial:hq-core1"]["carried_by"] is None
    assert [step["what"] for step in document["steps"]] == ["replace", *["remove"] * 4] * 2
    assert document["gateways"][0]["because"] == "its ARP table has 412 addresses"


def test_what_is_around_a_device_is_shown_alone():
    made = extract(start=START, hops=1)
    document = json.loads(FORMATS["json"](made, Options()))

    keys = {one["key"] for one in document["devices"]}
    assert keys == {START, "hq/serial:hq-core1", "hq/serial:hq-core2"} | {
        f"hq/mac:hq-acc2-{port}" for port in range(1, 7)
    }
    assert {end for link in document["links"] for end in (link["one"], link["other"])} == keys
    assert FORMATS["text"](made, Options()).decode().count("hq-acc2-cam") >= 6


def test_the_text_names_gateways_cuts_and_steps_in_their_order():
    text = FORMATS["text"](extract(), Options(names={"huawei": "Huawei"})).decode()

    assert text.index("hq-core1 (hq): its ARP table has 412 addresses") < text.index("Who carries whom")
    assert "    hq-acc2 on Te1/1/2: Huawei, confirmed; carries 6, cuts off 6\n      5 devices without a finding" in text
    assert "Without hq-acc2: 6 devices" in text
    assert text.count("without a finding") == 6
    assert (
        text.index("put the replacement of hq-acc2")
        < text.index("remove hq-acc2-cam5")
        < text.index("remove hq-acc2\n")
    )


def test_a_shared_topology_names_no_device_and_keeps_its_shape():
    shared = extract(redact(SMALL, b"a key of the test"))

    text = b"".join(FORMATS[name](shared, Options()) for name in FORMATS).decode()

    assert not re.findall(r"hq|plant|core\d|acc\d", text)
    assert len(list(shared.cables())) == len(list(extract().cables()))


def test_an_audit_without_keys_of_carriers_is_read_by_the_names_of_switches():
    old = [
        replace(item, asset=replace(item.asset, place=item.asset.place and replace(item.asset.place, carriers=())))
        for item in SMALL.assets
    ]

    graph = Topology(replace(SMALL, assets=tuple(old)))

    assert graph.tree.parent["hq/mac:hq-acc2-3"] == START


def test_ten_thousand_devices_take_less_than_two_seconds():
    base = campus(10_000, sites=5)
    before = time.process_time()

    made = extract(base)
    assert len(made.topology.cuts.off("hq/serial:hq-acc7")) == 20

    assert time.process_time() - before < 2
