"""The nouns of the SNMP client: whom to ask, what to ask, what came back.

A *script* is a generator. It yields `Get` or `Walk`, is sent an `Answer` for each, and returns its value. It never sees
a timeout or a packet; where a device dies half-way every later answer is empty, incomplete and says why, so a script
that keeps what it was given loses nothing.
"""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from auditor import ber
from auditor.model import Reason, VarBind

Version = Literal["1", "2c", "3"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Community:
    """The password of SNMPv1 and v2c. Its repr shows none of it."""

    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An SNMPv3 user (RFC 3414); `auth` and `priv` as net-snmp names them, empty for none."""

    name: str
    auth: str = ""
    auth_secret: str = field(default="", repr=False)
    priv: str = ""
    priv_secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Agent:
    """One SNMP agent and how to be let in: address, UDP port, version and its login."""

    address: str
    port: int = 161
    version: Version = "2c"
    community: Community | None = None
    user: User | None = None
    context: str = ""
    label: str = ""

    def __post_init__(self) -> None:
        needs = "user" if self.version == "3" else "community"
        if getattr(self, needs) is None:
            raise ValueError(f"SNMP version {self.version} needs a {needs}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Get:
    """Ask for single objects by their whole OID, instance included.

    `context` is an SNMPv3 context name; `community_suffix` is appended to a v1/v2c community (`@10` asks a Cisco switch
    about VLAN 10).
    """

    oids: tuple[str, ...]
    context: str = ""
    community_suffix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """Ask for every row of the columns (or subtrees), side by side, at most `max_rows` of each.

    `expect` rows at least are known to exist (ifNumber, say): an agent that leaves the table sooner is marked
    incomplete. `after` begins behind an OID instead of at the top of each column.
    """

    columns: tuple[str, ...]
    max_rows: int = 200_000
    expect: int = 0
    after: str = ""
    context: str = ""
    community_suffix: str = ""


Question = Get | Walk


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why an agent could not be read, or not to the end."""

    reason: Reason
    detail: str = ""


class Answer:
    """What an agent said to one question.

    `complete` is false where something is known to be missing; `reason` and `why` then say what. Objects the agent says
    it does not have are in `absent`, not in `varbinds`. Varbinds of a walk come column by column, each in the order of
    the MIB; they are decoded when asked for.
    """

    __slots__ = ("_columns", "_is_void", "_varbinds", "absent", "complete", "reason", "why")

    def __init__(
        self,
        *,
        varbinds: Iterable[VarBind] = (),
        complete: bool = True,
        why: str = "",
        reason: Reason | None = None,
        absent: tuple[str, ...] = (),
    ) -> None:
        self._varbinds = varbinds
        self._columns: tuple[str, ...] | None = None
        self._is_void: bool | None = None
        self.complete = complete
        self.why = why
        self.reason = reason
        self.absent = absent

    @property
    def varbinds(self) -> tuple[VarBind, ...]:
        """Return every variable; decoded when first asked for."""
        if not isinstance(self._varbinds, tuple):
            self._varbinds = tuple(self._varbinds)
        return self._varbinds

    def drain(self) -> Iterator[VarBind]:
        """Yield every variable once and let it go: an endless table is never decoded whole."""
        binds, self._varbinds = self._varbinds, ()
        return iter(binds)

    def outline(self, columns: Iterable[str], *, is_void: bool) -> "Answer":
        """Say which columns have rows and whether all are void, so that none is decoded for it."""
        self._columns, self._is_void = tuple(columns), is_void
        return self

    def has(self, *names: str) -> bool:
        """Tell whether it holds a variable at or below any of these; without a name, any at all."""
        if self._columns is None:
            self._columns = tuple(bind.oid for bind in self.varbinds)
        below = tuple(f"{name}." for name in names)
        return any(not names or f"{column}.".startswith(below) for column in self._columns)

    @property
    def is_void(self) -> bool:
        """Tell whether NULL stands for each of its values: what a question holds (RFC 3416, 3)."""
        if self._is_void is None:
            self._is_void = bool(self.varbinds) and all(bind.tag == ber.NULL for bind in self.varbinds)
        return self._is_void

    def __repr__(self) -> str:
        state = "complete" if self.complete else f"incomplete: {self.why}"
        return f"Answer({state}, {len(self.varbinds)} varbinds)"


Script = Generator[Question, Answer, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What one agent cost and what was refused from it: packets, by kind."""

    requests: int = 0
    retries: int = 0
    replies: int = 0
    spoofed: int = 0
    malformed: int = 0
    stray: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One agent, done: `value` is what its script returned, even where `fault` cut it short.

    `engine_id` is the SNMPv3 engine ID as octets, empty where version 3 was not spoken; `seconds` from first packet to
    last.
    """

    agent: Agent
    value: Any = None
    fault: Fault | None = None
    counts: Counts = field(default_factory=Counts)
    engine_id: bytes = b""
    seconds: float = 0.0
