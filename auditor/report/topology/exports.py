"""A topology for other programs: JSON, GraphML, DOT (Graphviz), draw.io."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as ET

from auditor.formats.fields import dump
from auditor.normal import one_line
from auditor.report.base import Options
from auditor.report.topology.extract import Extract
from auditor.report.topology.graph import Connection, Topology
from auditor.report.topology.text import as_text
from auditor.report.views import CELL

SCHEMA = 1
WIDTH, HEIGHT, COLUMN, ROW = 180, 44, 240, 60


def as_json(extract: Extract, _options: Options) -> bytes:
    """Return devices, cables, gateways and steps as one JSON object, schema 1."""
    topology = extract.topology
    steps = [{"step": one.number, "visit": one.visit, "site": one.site, "what": one.what, "asset": one.key}
             for one in extract.steps]  # fmt: skip
    document = {
        "schema": SCHEMA,
        "run": topology.audit.run.id,
        "from": extract.start or None,
        "hops": extract.hops if extract.start else None,
        "gateways": [{"asset": key, "because": why} for key, why in topology.roots.items() if why],
        "devices": [_device(extract, key) for key in extract.keys],
        "links": [_link(cable) for cable in extract.cables()],
        "steps": steps,
    }
    return dump(document, indent=1).encode() + b"\n"


def _device(extract: Extract, key: str) -> dict[str, object]:
    topology, item = extract.topology, extract.topology.items[key]
    way = topology.way(key)
    return {
        "key": key,
        "name": item.asset.name,
        "site": item.asset.site,
        "address": item.asset.address,
        "outcome": item.outcome.value,
        "findings": [
            {"maker": one.maker, "model": one.model, "category": one.category, "verdict": one.verdict.word}
            for one in topology.findings(key)
        ],
        "carried_by": way.one if way else None,
        "port": way.port if way else "",
        "hops": topology.tree.depth[key],
        "carries": topology.tree.sizes[key],
        "cuts_off": topology.cuts.off(key),
        "redundancy": topology.redundancy(key),
    }


def _link(cable: Connection) -> dict[str, object]:
    return {
        "one": cable.one, "ports": list(cable.ports), "other": cable.other, "far_ports": list(cable.far_ports),
        "source": cable.source, "confidence": cable.confidence.value,
    }  # fmt: skip


def as_graphml(extract: Extract, options: Options) -> bytes:
    """Return GraphML as networkx writes it."""
    import networkx as nx

    stream = BytesIO()
    nx.write_graphml_xml(graph(extract, options), stream, named_key_ids=True)
    return stream.getvalue() + b"\n"


def graph(extract: Extract, options: Options) -> "Any":
    """Return a `networkx.Graph` with the words people know on nodes and edges."""
    import networkx as nx

    topology = extract.topology
    made = nx.Graph()
    names = {key: f"n{index}" for index, key in enumerate(extract.keys)}
    for key in extract.keys:
        asset = topology.asset(key)
        words = {"label": topology.name(key), "key": key, "site": asset.site, "address": asset.address}
        makers = ", ".join(f"{options.name(one.maker)} {one.verdict.word}" for one in topology.findings(key))
        made.add_node(
            names[key], **_clean(words), makers=makers, outcome=topology.items[key].outcome.value,
            gateway=bool(topology.roots.get(key)), carries=topology.tree.sizes[key],
            cuts_off=topology.cuts.number(key),
        )  # fmt: skip
    for cable in extract.cables():
        made.add_edge(
            names[cable.one], names[cable.other], port=cable.port, far_port=cable.far_port,
            source=cable.source, confidence=cable.confidence.value,
        )  # fmt: skip
    return made


def _clean(words: Mapping[str, str]) -> dict[str, str]:
    return {name: one_line(value, CELL) for name, value in words.items()}


def as_dot(extract: Extract, options: Options) -> bytes:
    """Return an undirected graph in the DOT language, a cluster for each site."""
    topology, names = extract.topology, {key: f"n{index}" for index, key in enumerate(extract.keys)}
    lines = ["graph topology {", "  node [shape=box];", "  rankdir=LR;"]
    for number, (site, keys) in enumerate(extract.sites().items()):
        lines += [f"  subgraph cluster_{number} {{", f"    label={_quoted(one_line(site, CELL) or 'no site')};"]
        for key in keys:
            makers = ", ".join(options.name(one.maker) for one in topology.findings(key))
            colour = ", color=red" if makers else ""
            text = " | ".join(filter(None, (topology.name(key), makers)))
            lines.append(f"    {names[key]} [label={_quoted(text)}{colour}];")
        lines.append("  }")
    for cable in extract.cables():
        ports = f"taillabel={_quoted(cable.port)}, headlabel={_quoted(cable.far_port)}"
        lines.append(f"  {names[cable.one]} -- {names[cable.other]} [{ports}];")
    return ("\n".join([*lines, "}"]) + "\n").encode()


def _quoted(text: str) -> str:
    """Return a quoted string of DOT; a backslash would begin one of its escapes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def as_drawio(extract: Extract, options: Options) -> bytes:
    """Return an uncompressed draw.io diagram: a tree to the right, cables beside it dashed."""
    file = ET.Element("mxfile", {"host": "auditor"})
    model = ET.SubElement(ET.SubElement(file, "diagram", {"name": "Topology", "id": "topology"}), "mxGraphModel")
    root = ET.SubElement(model, "root")
    ET.SubElement(root, "mxCell", {"id": "0"})
    ET.SubElement(root, "mxCell", {"id": "1", "parent": "0"})
    names = {key: f"n{index}" for index, key in enumerate(extract.keys)}
    for row, key in enumerate(_in_rows(extract)):
        makers = ", ".join(options.name(one.maker) for one in extract.topology.findings(key))
        _box(root, extract.topology, key, makers, {"id": names[key], "y": str(row * ROW)})
    for index, cable in enumerate(extract.cables()):
        beside = "" if extract.topology.tree.parent[cable.other] == cable.one else "dashed=1;"
        ends = {"source": names[cable.one], "target": names[cable.other], "value": cable.port}
        style = f"html=0;endArrow=none;{beside}"
        edge = _cell(root, {"id": f"e{index}", "edge": "1", "style": style, **ends})
        ET.SubElement(edge, "mxGeometry", {"relative": "1", "as": "geometry"})
    ET.indent(file, " ")
    return ET.tostring(file, encoding="unicode").encode() + b"\n"


def _box(root: "ET.Element", topology: Topology, key: str, makers: str, words: dict[str, str]) -> None:
    value = ", ".join(filter(None, (topology.name(key), makers)))
    style = "rounded=1;whiteSpace=wrap;html=0;" + ("strokeColor=#B3322B;" if makers else "")
    cell = _cell(root, {"id": words["id"], "value": value, "vertex": "1", "style": style})
    at = {"x": str(topology.tree.depth[key] * COLUMN), "y": words["y"], "width": str(WIDTH), "height": str(HEIGHT)}
    ET.SubElement(cell, "mxGeometry", at | {"as": "geometry"})


def _cell(root: "ET.Element", words: dict[str, str]) -> "ET.Element":
    return ET.SubElement(root, "mxCell", words | {"parent": "1"})


def _in_rows(extract: Extract) -> list[str]:
    """Return the devices so that what hangs on one stands right behind it."""
    shown, tree = set(extract.keys), extract.topology.tree
    rows, stack = [], [key for key in reversed(list(extract.keys)) if tree.parent[key] not in shown]
    while stack:
        key = stack.pop()
        rows.append(key)
        stack.extend(one for one in reversed(tree.children[key]) if one in shown)
    return rows


FORMATS: dict[str, Callable[[Extract, Options], bytes]] = {
    "text": lambda extract, options: as_text(extract, options).encode(),
    "json": as_json,
    "graphml": as_graphml,
    "dot": as_dot,
    "drawio": as_drawio,
}
