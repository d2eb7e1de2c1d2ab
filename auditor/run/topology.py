"""Who carries whom in a kept run, and in which order what covered makers made can go."""

from dataclasses import dataclass

from auditor.report.redact import pseudonymise, pseudonyms
from auditor.report.topology.exports import FORMATS
from auditor.report.topology.extract import Extract
from auditor.report.topology.graph import Topology
from auditor.report.topology.removal import removal_order
from auditor.run.assets import only_match
from auditor.run.filer import run_or_document
from auditor.run.knowledge import knowledge, look

HOPS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class TopologyRequest:
    """Whose topology is wanted, how much of it, and in which format."""

    run: str = "last"
    start: str = ""
    hops: int = HOPS
    gateways: tuple[str, ...] = ()
    style: str = "text"
    store: str = ""
    rules: tuple[str, ...] = ()
    redact: bytes = b""


def topology(request: TopologyRequest) -> bytes:
    """Return the topology of a stored run or an audit document, whole or around one device."""
    audit = run_or_document(request.run, request.store)
    start = only_match(audit, request.start, "--from", request.store) if request.start else ""
    gateways = [only_match(audit, name, "--gateway", request.store) for name in request.gateways]
    if request.redact:
        names = pseudonyms(audit, request.redact)
        audit, start = pseudonymise(audit, names), start and names.asset_key(start)
        gateways = list(map(names.asset_key, gateways))
    graph = Topology(audit, gateways)
    going = {key: (graph.name(key),) for key in graph.items if graph.findings(key)}
    steps = removal_order(graph, going, lambda _site, _before: ())
    extract = Extract(topology=graph, start=start, hops=request.hops, steps=steps)
    return FORMATS[request.style](extract, look(knowledge(request.rules)))
