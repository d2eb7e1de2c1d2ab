"""A topology for a person at a terminal: the tree, what is cut off, the order of removal."""

from collections.abc import Iterator

from auditor.normal import one_line
from auditor.report.base import Options
from auditor.report.topology.extract import Branch, Extract
from auditor.report.topology.graph import Topology
from auditor.report.topology.removal import REPLACE, PlanStep
from auditor.report.views import CELL
from auditor.report.words import counted

NAMED = 5
# Deeper lines are not indented further: nobody reads a line that begins at the right edge.
DEEPEST = 24


def as_text(extract: Extract, options: Options) -> str:
    """Return all sections, each under a title of its own."""
    sections = (
        ("Gateways", _gateways(extract.topology)),
        ("Who carries whom", _tree(extract, options)),
        ("What is cut off", _cuts(extract)),
        ("On a ring", _rings(extract)),
        ("Order of removal", _steps(extract)),
    )
    texts = ["\n".join((title, *lines)) for title, rows in sections if (lines := [f"  {row}" for row in rows])]
    return "\n\n".join(texts) + "\n" if texts else "No device was seen.\n"


def _gateways(topology: Topology) -> Iterator[str]:
    for key, why in topology.roots.items():
        if why:
            yield f"{topology.name(key)} ({_site(topology, key)}): {one_line(why, CELL)}"


def _site(topology: Topology, key: str) -> str:
    return one_line(topology.asset(key).site, CELL) or "no site"


def _tree(extract: Extract, options: Options) -> Iterator[str]:
    topology = extract.topology
    for line in extract.outline():
        indent = "  " * min(line.depth, DEEPEST)
        yield f"{indent}{label(topology, line, options)}"
        # Where nothing else hangs on it, the line has said how many they are.
        if line.folded and (extract.start or line.folded < topology.tree.sizes[line.key]):
            yield f"{indent}  {counted(line.folded, 'device')} without a finding"
    if number := extract.alone():
        yield f"{counted(number, 'device')} connected to nothing that was seen"


def label(topology: Topology, line: Branch, options: Options) -> str:
    """Return a device with its port, what was found on it, and what it carries and cuts off."""
    way = topology.way(line.key) if line.depth else None
    where = f" on {way.port}" if way and way.port else ""
    makers = "; ".join(f"{options.name(one.maker)}, {one.verdict.word}" for one in topology.findings(line.key))
    carries, cuts = topology.tree.sizes[line.key], topology.cuts.number(line.key)
    numbers = f"carries {carries:,}, cuts off {cuts:,}" if carries else ""
    says = "; ".join(filter(None, (makers, numbers)))
    return f"{topology.name(line.key)}{where}" + (f": {says}" if says else "")


def _cuts(extract: Extract) -> Iterator[str]:
    topology = extract.topology
    for key in sorted(extract.keys, key=lambda key: -topology.cuts.number(key)):
        if others := topology.cuts.off(key):
            more = f" and {len(others) - NAMED:,} more" if len(others) > NAMED else ""
            names = ", ".join(map(topology.name, others[:NAMED]))
            yield f"Without {topology.name(key)}: {counted(len(others), 'device')}, {names}{more}"


def _rings(extract: Extract) -> Iterator[str]:
    for key in extract.keys:
        if says := extract.topology.redundancy(key):
            yield f"{extract.topology.name(key)}: {says}"


def _steps(extract: Extract) -> Iterator[str]:
    visit = 0
    for step in extract.steps:
        if step.visit != visit:
            visit = step.visit
            yield f"Visit {visit}, {one_line(step.site, CELL) or 'no site'}"
        yield f"  {step.number}. {in_words(extract.topology, step)}"


def in_words(topology: Topology, step: PlanStep) -> str:
    """Return a step in words, with what makes it safe."""
    if step.what == REPLACE:
        number = topology.tree.sizes[step.key]
        hang = "hangs" if number == 1 else "hang"
        name = topology.name(step.key)
        return f"put the replacement of {name} into service: {counted(number, 'device')} {hang} on it"
    redundancy = topology.redundancy(step.key)
    return f"remove {topology.name(step.key)}" + (f" ({redundancy})" if redundancy else "")
