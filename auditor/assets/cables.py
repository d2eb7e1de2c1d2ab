"""The cables between assets that carry others: as announced over LLDP and CDP, else by tables."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator

from auditor.assets.board import Row, Switchboard
from auditor.assets.links import Announcement
from auditor.model import Confidence, Link, LinkSource

_Cables = dict[tuple[Row, Row], LinkSource]


def links(board: Switchboard, assets: Container[str], abroad: Iterable[Announcement] = ()) -> tuple[Link, ...]:
    """Return the links among assets, each cable once, its lesser end first; `abroad` leads to other sites."""
    cables = _announced([*board.announcements, *map(board.in_one_spelling, abroad)])
    near = _neighbours(board, cables)
    pairs = {frozenset((one.by, other.by)) for one, other in cables}
    for key in sorted(board.bridges):
        for row in board.above(key)[:1]:
            ends = sorted({_end(near, row, key), _end(near, _facing(board, key, row), row.by)})
            if len({end.by for end in ends}) > 1 and frozenset(end.by for end in ends) not in pairs:
                cables[ends[0], ends[1]] = LinkSource.TABLES
    return tuple(
        _link(board, *ends, source)
        for ends, source in sorted(cables.items())
        if ends[0].by in assets and ends[1].by in assets
    )


def _announced(claims: Iterable[Announcement]) -> _Cables:
    """Return each cable whose ends announce themselves; what only one end says of it is enough."""
    halves: dict[tuple[str, str], dict[str, tuple[str, LinkSource]]] = defaultdict(dict)
    for claim in sorted(claims, key=lambda one: (one.over == "cdp", one.by, one.port, one.of, one.far)):
        if claim.by != claim.of:
            halves[claim.by, claim.of].setdefault(claim.port, (claim.far, LinkSource(claim.over)))
    cables: _Cables = {}
    for one, other in sorted({(min(pair), max(pair)) for pair in halves}):
        for mine, theirs, source in _joined(halves.get((one, other), {}), halves.get((other, one), {})):
            cables[Row(one, mine), Row(other, theirs)] = source
    return cables


def _joined(
    mine: dict[str, tuple[str, LinkSource]], theirs: dict[str, tuple[str, LinkSource]]
) -> Iterator[tuple[str, str, LinkSource]]:
    """Yield the cables of two devices, each with both ports: a port alone on either side faces the other alone."""
    back = {far: port for port, (far, _) in theirs.items() if far}
    pairs = {port: back.get(port, far) for port, (far, _) in mine.items()}
    left = [port for port in theirs if port not in pairs.values()]
    bare = [port for port, far in pairs.items() if not far]
    if len(bare) == 1 and len(left) == 1:
        pairs[bare[0]] = left.pop()
    for port, far in pairs.items():
        yield port, far, mine[port][1]
    for port in left:
        yield theirs[port][0], port, theirs[port][1]


def _neighbours(board: Switchboard, cables: _Cables) -> dict[Row, set[str]]:
    """Return who is heard on each port, read or not."""
    near: dict[Row, set[str]] = defaultdict(set)
    for one, other in cables:
        near[one].add(other.by)
        near[other].add(one.by)
    for row, keys in board.announced():
        near[row] |= keys
    return near


def _facing(board: Switchboard, key: str, row: Row) -> Row:
    """Return the port of a switch that leads to the switch above it; without a name where it is open."""
    ports = sorted(board.links.toward.get((key, row.by), ()))
    return Row(key, ports[0] if ports else "")


def _end(near: dict[Row, set[str]], row: Row, other: str) -> Row:
    """Return the end of a cable seen in tables: what announces itself on the port stands between."""
    between = near.get(row, set()) - {row.by} if row.port else set()
    return Row(between.pop(), "") if len(between) == 1 and other not in between else row


def _link(board: Switchboard, one: Row, other: Row, source: LinkSource) -> Link:
    return Link(
        one=one.by,
        port=board.names(one)[1],
        other=other.by,
        far_port=board.names(other)[1],
        source=source,
        confidence=Confidence.MEDIUM if source is LinkSource.TABLES else Confidence.HIGH,
    )
