"""A `Walk` under way, and the guards against hostile and endless tables.

No clock, no socket: each question is asked `ask()` for its next request and told what came back by `hear()` or
`missed()`.
"""

import operator
from collections import deque
from collections.abc import Callable, Iterator
from itertools import chain, repeat

from auditor import ber
from auditor.model import Reason, VarBind
from auditor.snmp import question
from auditor.snmp.message import GET, GET_BULK, GET_NEXT, Pdu
from auditor.snmp.script import Answer, Fault, Walk

_RESTARTS = 2
_SHRINK = 4
_BULK_MISSES = 2
_new_bind: Callable[[type[VarBind], tuple[str, int, bytes]], VarBind] = tuple.__new__
_Part = tuple[list[bytes], list[int], list[bytes]]


class WalkColumn:
    """One column of a walk: where it stands, and its rows as octets."""

    __slots__ = ("_parts", "_top", "cursor", "done", "fault", "name", "prefix", "rows")

    def __init__(self, name: str, after: str = "") -> None:
        self.name = name
        self.prefix = ber.oid(name)
        self._top = ber.oid(after) if after else self.prefix
        self.reset()

    def reset(self) -> None:
        """Begin at the top again."""
        self.cursor = self._top
        self.done = False
        self.fault: Fault | None = None
        self.rows = 0
        self._parts: list[_Part] = []

    def take(self, names: list[bytes], tags: list[int], values: list[bytes], most: int) -> None:
        """Take in rows that can be believed: inside the column, ascending, at most `most` in all."""
        names = self._inside(names, tags)
        cut = self._ascending(names)
        if self.rows + cut > most:
            cut = most - self.rows
            self.fail(Fault(reason=Reason.LIMIT, detail=f"{self.name} has more than {most} rows"))
        if cut:
            self._parts.append((names[:cut], tags[:cut], values[:cut]))
            self.cursor = names[cut - 1]
            self.rows += cut

    def fail(self, fault: Fault) -> None:
        """End the column, incomplete."""
        self.done = True
        self.fault = self.fault or fault

    def _inside(self, names: list[bytes], tags: list[int]) -> list[bytes]:
        if tags and max(tags) >= ber.NO_SUCH_OBJECT and not ber.EXCEPTIONS.isdisjoint(tags):
            names = names[: next(at for at, tag in enumerate(tags) if tag in ber.EXCEPTIONS)]
            self.done = True
        if names and not names[-1].startswith(self.prefix):
            cut = next(at for at, name in enumerate(names) if not name.startswith(self.prefix))
            if ber.arcs(names[cut]) <= ber.arcs(self.cursor):
                self._astray(names[cut])
            self.done = True
            names = names[:cut]
        return names

    def _ascending(self, names: list[bytes]) -> int:
        """Return how many names ascend; octets sort as OIDs but for arcs of different length."""
        if all(map(operator.lt, [self.cursor, *names], names)):
            return len(names)
        before = ber.arcs(self.cursor)
        for at, name in enumerate(names):
            here = ber.arcs(name)
            if here <= before or not name.startswith(self.prefix):
                self._astray(name)
                return at
            before = here
        return len(names)

    def _astray(self, name: bytes) -> None:
        self.fail(Fault(reason=Reason.PARTIAL, detail=f"OID did not increase at {ber.oid_text(name[:64])}"))

    @property
    def is_void(self) -> bool:
        """Tell whether none of its rows says anything."""
        return all(tag == ber.NULL for _, tags, _ in self._parts for tag in tags)

    def varbinds(self) -> Iterator[VarBind]:
        """Hand over the rows, decoded one part at a time; what was handed over is let go."""
        parts, self._parts = deque(self._parts), []
        while parts:
            yield from self._decode(parts.popleft())

    def _decode(self, part: _Part) -> Iterator[VarBind]:
        names, tags, values = part
        cut = len(self.prefix)
        oids = ber.spell_below(self.name, [name[cut:] for name in names])
        # What VarBind() does, without a call per row: a walk is thousands of them.
        return map(_new_bind, repeat(VarBind), zip(oids, tags, values, strict=True))


class Walking:
    """A `Walk` under way: all columns side by side, repeated if the agent restarts meanwhile."""

    def __init__(self, question: Walk, profile: question.AgentProfile, now: float) -> None:
        self.memory = 0
        self._columns = [WalkColumn(name, question.after) for name in question.columns]
        self._asked: list[WalkColumn] = []
        self._repetitions = 0
        self._width = max(1, len(self._columns))
        self._most = question.max_rows
        self._expect = question.expect
        self._learned = profile
        self._faults: list[Fault] = []
        self._repeats = 0
        self._grows = True
        self._single = False
        self._begin(now)

    def _begin(self, now: float) -> None:
        self._began = now
        self._restarts = self._learned.restarts
        self._replies = 0
        self._confirmed = False

    def ask(self) -> question.Ask | None:
        """Return the next rows to ask for, at the end a look at sysUpTime."""
        self._asked = [column for column in self._columns if not column.done][: self._width]
        if not self._asked:
            return question.Ask(GET, [question.SYS_UP_TIME]) if self._replies > 1 and not self._confirmed else None
        names = [column.cursor for column in self._asked]
        one = self._single or not self._learned.bulk or self._learned.bulk_misses >= _BULK_MISSES
        self._repetitions = 1 if one else max(1, self._learned.varbinds // len(names))
        self._single = False
        kind = GET_NEXT if self._repetitions == 1 else GET_BULK
        return question.Ask(kind, names, self._repetitions)

    def hear(self, pdu: Pdu, now: float) -> None:
        """Take in rows, an error, or the uptime."""
        if not self._asked:
            self._hear_uptime(pdu, now)
        elif pdu.status:
            self._refuse(pdu)
        else:
            self._hear_rows(pdu)

    def _hear_rows(self, pdu: Pdu) -> None:
        names, tags, values = ber.split_varbinds(pdu.region)
        width, count = len(self._asked), len(names)
        if not count:
            self._smaller(Fault(reason=Reason.PARTIAL, detail="reply without varbinds"))
            return
        for at, column in enumerate(self._asked):
            column.take(names[at::width], tags[at::width], values[at::width], self._most)
        self.memory += len(pdu.region) + count * question.HELD_PER_BIND
        self._replies += 1
        self._size_up(count, width)

    def _size_up(self, count: int, width: int) -> None:
        self._learned.bulk_heard |= self._repetitions > 1
        self._learned.fits = max(self._learned.fits, count)
        if any(column.done for column in self._asked) or not self._grows:
            return
        if count < width * self._repetitions:
            self._grows = False
        elif self._learned.is_quick:
            self._learned.grow()

    def _refuse(self, pdu: Pdu) -> None:
        at = pdu.which - 1
        if pdu.status == question.TOO_BIG:
            self._grows = False
            self._smaller(Fault(reason=Reason.PARTIAL, detail="tooBig even for one row"))
        elif self._repetitions > 1 and (pdu.status != question.NO_SUCH_NAME or not self._learned.bulk_heard):
            # An agent may know GETBULK and fail at it.
            self._learned.bulk_misses += 1
            self._single = True
        elif len(self._asked) > 1 and not 0 <= at < len(self._asked):
            self._width = 1
        elif pdu.status == question.NO_SUCH_NAME:
            self._asked[max(0, at)].done = True
        else:
            fault = question.status_fault(pdu.status)
            column = self._asked[at if 0 <= at < len(self._asked) else 0]
            column.fail(Fault(reason=fault.reason, detail=f"{fault.detail} in {column.name}"))

    def _smaller(self, fault: Fault) -> None:
        if self._repetitions > 1:
            self._learned.varbinds = max(1, self._repetitions // 2) * len(self._asked)
        elif len(self._asked) > 1:
            self._width = max(1, len(self._asked) // 2)
        else:
            self._asked[0].fail(fault)

    def _hear_uptime(self, pdu: Pdu, now: float) -> None:
        _, tags, values = ber.split_varbinds(pdu.region)
        self._confirmed = True
        is_restart = self._learned.restarts != self._restarts
        if not pdu.status and tags[:1] == [ber.TIMETICKS]:
            is_restart |= self._learned.hear_uptime(ber.number(values[0][:8]), now, self._began)
        if is_restart:
            self._repeat(now)

    def _repeat(self, now: float) -> None:
        self._repeats += 1
        if self._repeats > _RESTARTS:
            self._faults.append(Fault(reason=Reason.PARTIAL, detail="the agent keeps restarting"))
            return
        for column in self._columns:
            column.reset()
        self.memory = 0
        self._begin(now)

    def miss(self, *, last: bool) -> None:
        """Before giving up ask for much less, by GETNEXT where no GETBULK was ever answered."""
        if not last or not self._asked or self._repetitions == 1:
            return
        profile = self._learned
        if not profile.bulk_heard:
            profile.bulk_misses += 1
            self._single = True
        elif self._repetitions * len(self._asked) > profile.fits:
            profile.most = max(profile.fits, profile.varbinds // 2)
        profile.varbinds = max(1, profile.varbinds // _SHRINK)

    def give_up(self, fault: Fault) -> None:
        """Stop asking; every column not yet at its end is incomplete."""
        self._confirmed = True
        open_columns = [column for column in self._columns if not column.done]
        for column in open_columns:
            column.fail(fault)
        if not open_columns:
            self._faults.append(fault)

    def answer(self) -> Answer:
        """Return the rows, column by column."""
        faults = self._faults + [column.fault for column in self._columns if column.fault]
        rows = max((column.rows for column in self._columns), default=0)
        if not faults and rows < self._expect:
            detail = f"the agent left {self._columns[0].name} after {rows} of {self._expect} rows"
            faults.append(Fault(reason=Reason.PARTIAL, detail=detail))
        full = [column for column in self._columns if column.rows]
        binds = chain.from_iterable(column.varbinds() for column in full)
        is_void = bool(full) and all(column.is_void for column in full)
        return question.answer_of(binds, faults).outline((column.name for column in full), is_void=is_void)
