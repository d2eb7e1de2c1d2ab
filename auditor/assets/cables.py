"""The cables between assets that carry others: as announced, else by tables of MACs."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence

from auditor.assets.board import Row, Switchboard
from auditor.assets.links import Announcement
from auditor.model import Confidence, Link, LinkSource

# Whose word on a far port weighs more; a designated bridge (IEEE 802.1D) names none.
_TRUST = {"lldp": LinkSource.LLDP, "cdp": LinkSource.CDP, "stp": LinkSource.STP}
_RANKS = {over: rank for rank, over in enumerate(_TRUST)}
_Pairs = dict[tuple[Row, Row], LinkSource]
_Halves = dict[str, tuple[tuple[str, ...], LinkSource]]


class Cables:
    """The cables of a board; `carriers` has for each switch what it hangs on."""

    def __init__(self, board: Switchboard, abroad: Iterable[Announcement] = ()) -> None:
        """Work them out; announcements `abroad` are of devices at other sites."""
        self.board = board
        self.carriers: dict[str, str] = {}
        self._cables = _announced([*board.announcements, *map(board.in_one_spelling, abroad)])
        near = _neighbours(board, self._cables)
        pairs = {frozenset((one.by, other.by)) for one, other in self._cables}
        for key in sorted(board.bridges):
            for row in board.above(key)[:1]:
                upper, lower = _end(near, row, key), _end(near, _facing(board, key, row), row.by)
                self.carriers[key] = upper.by if lower.by == key else lower.by
                if upper.by != lower.by and frozenset((upper.by, lower.by)) not in pairs:
                    self._cables[min(upper, lower), max(upper, lower)] = LinkSource.TABLES

    def links(self, assets: Container[str]) -> tuple[Link, ...]:
        """Return the cables among assets, each once."""
        return tuple(
            _link(self.board, *ends, source)
            for ends, source in sorted(self._cables.items())
            if ends[0].by in assets and ends[1].by in assets
        )


def _announced(claims: Iterable[Announcement]) -> _Pairs:
    """Return each cable whose ends announce themselves; what only one end says of it is enough."""
    halves: dict[tuple[str, str], _Halves] = defaultdict(dict)
    for claim in sorted(claims, key=lambda one: (_RANKS[one.over], one.by, one.port, one.of, one.far)):
        if claim.by != claim.of:
            halves[claim.by, claim.of].setdefault(claim.port, (claim.far, _TRUST[claim.over]))
    cables: _Pairs = {}
    for one, other in sorted({(min(pair), max(pair)) for pair in halves}):
        for mine, theirs, source in _joined(halves.get((one, other), {}), halves.get((other, one), {})):
            cables[Row(one, mine), Row(other, theirs)] = source
    return cables


def _joined(mine: _Halves, theirs: _Halves) -> Iterator[tuple[str, str, LinkSource]]:
    """Yield the cables of two devices; a port left alone on either side faces the other."""
    back = {far: port for port, (names, _) in theirs.items() for far in names}
    pairs = {port: back.get(port) or _far(names, theirs) for port, (names, _) in mine.items()}
    left = [port for port in theirs if port not in pairs.values()]
    bare = [port for port in pairs if not pairs[port]]
    if len(bare) == 1 and len(left) == 1:
        pairs[bare[0]] = left.pop()
    for port, far in pairs.items():
        yield port, far, mine[port][1]
    for port in left:
        yield _far(theirs[port][0], mine), port, theirs[port][1]


def _far(names: Sequence[str], ports: Container[str]) -> str:
    """Return the name of a far port that its owner uses itself, else the first."""
    return next((name for name in names if name in ports), names[0] if names else "")


def _neighbours(board: Switchboard, cables: _Pairs) -> dict[Row, set[str]]:
    """Return who is heard on each port, read or not."""
    near: dict[Row, set[str]] = defaultdict(set)
    for one, other in cables:
        near[one].add(other.by)
        near[other].add(one.by)
    for row, key in board.between():
        near[row].add(key)
    return near


def _facing(board: Switchboard, key: str, row: Row) -> Row:
    """Return the port of a switch that leads to the one above it, nameless where open."""
    ports = sorted(board.links.toward.get((key, row.by), ()))
    return Row(key, ports[0] if ports else "")


def _end(near: dict[Row, set[str]], row: Row, other: str) -> Row:
    """Return the end of a cable seen in tables, or what announces itself on its port."""
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
