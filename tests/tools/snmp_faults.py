"""An SNMP agent that misbehaves in every way known, and what the client must make of it.

`make faults` plays them all next to healthy devices, three rounds, and prints how each was survived.
"""

import dataclasses
import heapq
import random
import selectors
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from auditor import ber
from auditor.lab.agent import PlayedAgent, Player
from auditor.model import Limits, Reason, VarBind
from auditor.snmp import message
from auditor.snmp.client import Client
from auditor.snmp.script import Agent, Community, Get, Result, User, Walk
from tests.tools.loopback import free_port

ROWS = 120
SYS_DESCR = "1.3.6.1.2.1.1.1.0"
SYS_UP_TIME = "1.3.6.1.2.1.1.3.0"
COLUMN = "1.3.6.1.2.1.2.2.1.2"
OTHER = "1.3.6.1.2.1.2.2.1.3"
AFTER = "1.3.6.1.2.1.4.1.0"
USER = User(name="audit", auth="SHA256", auth_secret="authpass123", priv="AES", priv_secret="privpass123")
LIMITS = Limits(packets_per_second=0.0, timeout=0.25, retries=2, deadline=6.0, max_rows=3000)
TABLE = (
    VarBind(SYS_DESCR, ber.OCTET_STRING, b"a switch"),
    VarBind(SYS_UP_TIME, ber.TIMETICKS, b"\x05\x00\x00\x00"),
    *(VarBind(f"{COLUMN}.{row}", ber.OCTET_STRING, b"port %d" % row) for row in range(1, ROWS + 1)),
    *(VarBind(f"{OTHER}.{row}", ber.INTEGER, b"\x06") for row in range(1, ROWS + 1)),
    VarBind(AFTER, ber.INTEGER, b"\x01"),
)

OWN, PORT_NEXT_DOOR, HOST_NEXT_DOOR = "own", "port", "host"


class Sent(NamedTuple):
    """One datagram a faulty agent sends: from which of its sockets, and how many seconds late."""

    data: bytes
    source: str = OWN
    late: float = 0.0


class Watched(Player):
    """Counts how often its table is begun at the top."""

    def answer(self, table, version, asked):
        if asked.kind in (message.GET_NEXT, message.GET_BULK):
            names, _, _ = ber.split_varbinds(asked.region)
            self.stats["begun"] += names[0] == ber.oid(COLUMN)
        return super().answer(table, version, asked)


class Scene:
    """What a fault may look at and remember."""

    def __init__(self, player: Player) -> None:
        self.player = player
        self.asked = 0
        self.times: list[float] = []
        self.tokens = 1.0
        self.noted = 0.0


Misbehave = Callable[[Scene, bytes, bytes | None], list[Sent]]


class Fault(NamedTuple):
    """One way to misbehave, and what must come of it.

    `rows` of the first column at least, and the reason (none: read whole).
    """

    act: Misbehave
    reason: Reason | None
    rows: int = ROWS
    version: str = "2c"
    most: int = 60
    table: tuple[VarBind, ...] = TABLE
    device: dict = {}  # noqa: RUF012 - a NamedTuple default nobody writes to


def _fine(_scene, _asked, reply):
    return [Sent(reply)] if reply else []


def _remake(reply: bytes, **changes) -> bytes:
    plain = message.read_plain(reply)
    pdu = plain.pdu._replace(**{k: v for k, v in changes.items() if k in plain.pdu._fields})
    community = changes.get("community", plain.community)
    return message.plain(changes.get("version", plain.version), community, message.pdu(*pdu))


def _respond_with(binds, asked: bytes, status: int = 0, which: int = 0) -> list[Sent]:
    plain = message.read_plain(asked)
    region = ber.join_varbinds([(ber.oid(bind.oid), bind.tag, bind.raw) for bind in binds])
    return [
        Sent(
            message.plain(
                plain.version,
                plain.community,
                message.pdu(message.RESPONSE, plain.pdu.request_id, status, which, region),
            )
        )
    ]


def _walks(asked: bytes) -> bool:
    return message.read_plain(asked).pdu.kind in (message.GET_NEXT, message.GET_BULK)


def _in_walks(act: Misbehave) -> Misbehave:
    """Misbehave in walks only; GETs are answered properly."""
    return lambda scene, asked, reply: act(scene, asked, reply) if _walks(asked) else _fine(scene, asked, reply)


def _wanted(asked: bytes) -> int:
    pdu = message.read_plain(asked).pdu
    names, _, _ = ber.split_varbinds(pdu.region)
    return len(names) * (pdu.which if pdu.kind == message.GET_BULK else 1)


def _rows(asked: bytes, *numbers: int) -> list[Sent]:
    """Answer with rows of the columns asked for, side by side."""
    names, _, _ = ber.split_varbinds(message.read_plain(asked).pdu.region)
    columns = [column for name in names for column in (COLUMN, OTHER) if name.startswith(ber.oid(column))]
    binds = [VarBind(f"{column}.{number}", ber.OCTET_STRING, b"row") for number in numbers for column in columns]
    return _respond_with(binds, asked)


def _cursor(asked: bytes) -> int:
    names, _, _ = ber.split_varbinds(message.read_plain(asked).pdu.region)
    return (*ber.arcs(names[0])[len(ber.arcs(ber.oid(COLUMN))) :], 0)[0]


def _loop(_scene, asked, _reply):
    return _rows(asked, 1, 2, 3, 1, 2, 3)


def _same_again(_scene, asked, _reply):
    return _rows(asked, 1)


def _decreasing(_scene, asked, _reply):
    return _rows(asked, 1, 2, 3, 4, 5, 6, 5, 4)


def _endless(_scene, asked, _reply):
    start = _cursor(asked)
    return _rows(asked, *range(start + 1, start + 41))


def _too_big(_scene, asked, reply):
    return _respond_with([], asked, status=1) if _wanted(asked) > 5 else [Sent(reply)]


def _always_too_big(_scene, asked, _reply):
    return _respond_with([], asked, status=1)


def _error(status: int) -> Misbehave:
    def act(scene, asked, reply):
        scene.asked += 1
        return [Sent(reply)] if scene.asked == 1 else _respond_with([], asked, status=status, which=1)

    return _in_walks(act)


def _rate_limited(scene, _asked, reply):
    now = time.monotonic()
    scene.tokens = min(1.0, scene.tokens + (now - scene.noted) * 5)
    scene.noted = now
    if scene.tokens < 1:
        return []
    scene.tokens -= 1
    return [Sent(reply)]


def _missing_one(_scene, asked, reply):
    region = message.read_plain(reply).pdu.region
    names, tags, values = ber.split_varbinds(region)
    if len(names) < 2 or _walks(asked):
        return [Sent(reply)]
    return [Sent(_remake(reply, region=ber.join_varbinds(list(zip(names, tags, values, strict=True))[:-1])))]


def _jump_out(_scene, asked, _reply):
    return _respond_with([VarBind("1.3.6.1.2.1.31.1.1.1.1.1", ber.OCTET_STRING, b"elsewhere")], asked)


def _jump_back(_scene, asked, _reply):
    return _respond_with([VarBind("1.3.6.1.2.1.1.1.0", ber.OCTET_STRING, b"back")], asked)


def _reboot(scene, asked, reply):
    """Restart in the middle of the first walk: sysUpTime begins anew."""
    scene.asked += _walks(asked)
    names, tags, values = ber.split_varbinds(message.read_plain(reply).pdu.region)
    if scene.asked < 2 or _walks(asked):
        return [Sent(reply)]
    young = [(n, t, b"\x20" if t == ber.TIMETICKS else v) for n, t, v in zip(names, tags, values, strict=True)]
    return [Sent(_remake(reply, region=ber.join_varbinds(young)))]


def _reboot_for_ever(scene, _asked, reply):
    scene.asked += 1
    names, tags, values = ber.split_varbinds(message.read_plain(reply).pdu.region)
    ticks = (0x7FFFFFFF - scene.asked * 1000).to_bytes(4, "big")
    younger = [(n, t, ticks if t == ber.TIMETICKS else v) for n, t, v in zip(names, tags, values, strict=True)]
    return [Sent(_remake(reply, region=ber.join_varbinds(younger)))]


def _no_bulk(_scene, asked, reply):
    return [] if message.read_plain(asked).pdu.kind == message.GET_BULK else [Sent(reply)]


def _bulk_fails(_scene, asked, reply):
    bulk = message.read_plain(asked).pdu.kind == message.GET_BULK
    return _respond_with([], asked, status=5) if bulk else [Sent(reply)]


def _gets_fail(_scene, asked, reply):
    """Fail at every GET of more than one object, and blame the first."""
    return _respond_with([], asked, status=5, which=1) if not _walks(asked) and _wanted(asked) > 1 else [Sent(reply)]


def _dies(scene, asked, reply):
    scene.asked += _walks(asked)
    return [Sent(reply)] if scene.asked < 2 else []


def _forged(data: bytes) -> bytes:
    return data.replace(b"a switch", b"a forger").replace(b"port", b"liar")


def _spoof(source: str) -> Misbehave:
    """Answer properly, after a forged answer from elsewhere."""
    return lambda _scene, _asked, reply: [Sent(_forged(reply), source), Sent(reply)]


def _on_data(act: Callable[[Scene, bytes, message.Secured], list[Sent]]) -> Misbehave:
    """Misbehave in v3 once the engine is known; the discovery is answered properly."""

    def acts(scene, asked, reply):
        received = message.read_secured(asked)
        return act(scene, reply, received) if received.speaker.user and reply else _fine(scene, asked, reply)

    return acts


def _wrong_digest(_scene, reply, _asked):
    at = message.read_secured(reply).auth_at
    return [Sent(reply[:at] + bytes(24) + reply[at + 24 :])]


def _open_reply(scene: Scene, asked: message.Secured) -> bytes:
    table = [(ber.oid(SYS_DESCR), ber.OCTET_STRING, b"a forger")]
    pdu = message.pdu(message.RESPONSE, asked.msg_id, 0, 0, ber.join_varbinds(table))
    who = message.Speaker(scene.player.engine_id, scene.player.boots, scene.player.engine_time, asked.speaker.user)
    body = message.scoped_pdu(scene.player.engine_id, b"", pdu)
    return message.secure_message(asked.msg_id, 0, message.usm_parameters(who), body)


def _downgrade(scene, _reply, asked):
    return [Sent(_open_reply(scene, asked))]


def _report(scene: Scene, asked: message.Secured, number: int) -> bytes:
    bind = (ber.oid(f"1.3.6.1.6.3.15.1.1.{number}.0"), ber.COUNTER32, b"\x01")
    body = message.scoped_pdu(
        scene.player.engine_id, b"", message.pdu(message.REPORT, 0, 0, 0, ber.join_varbinds([bind]))
    )
    who = message.Speaker(scene.player.engine_id, scene.player.boots, scene.player.engine_time)
    return message.secure_message(asked.msg_id, 0, message.usm_parameters(who), body)


def _window(scene, _reply, asked):
    return [Sent(_report(scene, asked, 2))]


def _engines(scene, _asked, _reply):
    received = message.read_secured(_asked)
    scene.asked += 1
    scene.player.engine_id = b"\x80\x00\x1f\x88\x04engine%d" % scene.asked
    return [Sent(_report(scene, received, 4))]


def _forged_report(scene, reply, asked):
    """Once proven, an unsigned report `wrong digest` comes before each true answer."""
    scene.asked += 1
    return [Sent(_report(scene, asked, 5)), Sent(reply)] if scene.asked > 1 else [Sent(reply)]


def _reboot_v3(scene, asked, reply):
    scene.asked += 1
    if scene.asked == 4:
        scene.player.reboot()
        reply = scene.player.respond(asked)
    return _fine(scene, asked, reply)


def _many(binds: dict[str, VarBind]) -> tuple[VarBind, ...]:
    return tuple(binds.get(bind.oid, bind) for bind in TABLE)


def _valued(tag: int, raw: bytes) -> tuple[VarBind, ...]:
    return _many({f"{COLUMN}.7": VarBind(f"{COLUMN}.7", tag, raw)})


HOSTILE = "=cmd|' /C calc'!A1\x1b[2J<script>alert(1)</script>../../etc/passwd\u202e\0".encode()
_GARBAGE = random.Random(7).randbytes(400)

FAULTS: dict[str, Fault] = {
    "silent": Fault(lambda *_: [], Reason.TIMEOUT, 0),
    "wrong request id": Fault(lambda _s, _a, r: [Sent(_remake(r, request_id=7))], Reason.PROTOCOL, 0),
    "wrong community": Fault(lambda _s, _a, r: [Sent(_remake(r, community=b"other"))], Reason.SPOOFED, 0),
    "wrong version": Fault(lambda _s, _a, r: [Sent(_remake(r, version=0))], Reason.PROTOCOL, 0),
    "request echoed": Fault(lambda _s, a, _r: [Sent(a)], Reason.PROTOCOL, 0),
    "truncated": Fault(lambda _s, _a, r: [Sent(r[: len(r) // 2])], Reason.PROTOCOL, 0),
    "truncated varbinds": Fault(
        lambda _s, _a, r: [Sent(_remake(r, region=message.read_plain(r).pdu.region[:-3]))], Reason.PROTOCOL, 0
    ),
    "garbage": Fault(lambda *_: [Sent(_GARBAGE)], Reason.PROTOCOL, 0),
    "empty datagram": Fault(lambda *_: [Sent(b"")], Reason.PROTOCOL, 0),
    "absurd length": Fault(lambda *_: [Sent(b"\x30\x84\xff\xff\xff\xff\x02\x01\x01")], Reason.PROTOCOL, 0),
    "absurd integer": Fault(
        lambda *_: [Sent(message.plain(1, b"public", ber.tlv(0xA2, ber.tlv(2, bytes(300)))))], Reason.PROTOCOL, 0
    ),
    "only from another port": Fault(lambda _s, _a, r: [Sent(_forged(r), PORT_NEXT_DOOR)], Reason.SPOOFED, 0),
    "only from another address": Fault(lambda _s, _a, r: [Sent(_forged(r), HOST_NEXT_DOOR)], Reason.SPOOFED, 0),
    "spoofed before true, port": Fault(_spoof(PORT_NEXT_DOOR), None),
    "spoofed before true, address": Fault(_spoof(HOST_NEXT_DOOR), None),
    "duplicate": Fault(lambda _s, _a, r: [Sent(r), Sent(r)], None),
    "flood of 200": Fault(lambda _s, _a, r: [Sent(r)] * 200, None),
    "late": Fault(lambda _s, _a, r: [Sent(r, OWN, 0.3)], None, most=60),
    "loop": Fault(_in_walks(_loop), Reason.PARTIAL, 3, most=8),
    "same row again": Fault(_in_walks(_same_again), Reason.PARTIAL, 1, most=8),
    "decreasing": Fault(_in_walks(_decreasing), Reason.PARTIAL, 6, most=8),
    "endless": Fault(_in_walks(_endless), Reason.LIMIT, 3000, most=120),
    "tooBig above 5": Fault(_in_walks(_too_big), None, most=70),
    "always tooBig": Fault(_in_walks(_always_too_big), Reason.PARTIAL, 0),
    "small replies": Fault(_fine, None, device={"max_size": 484}),
    "rate limited": Fault(_rate_limited, None, most=60),
    "genErr": Fault(_error(5), Reason.PARTIAL, 1),
    "authorizationError": Fault(_error(16), Reason.AUTHORIZATION, 1),
    "unknown error": Fault(_error(77), Reason.PARTIAL, 1),
    "missing varbind": Fault(_missing_one, Reason.PARTIAL),
    "no varbinds": Fault(_in_walks(lambda _s, a, _r: _respond_with([], a)), Reason.PARTIAL, 0),
    "jumps out of the table": Fault(_in_walks(_jump_out), Reason.PARTIAL, 0),
    "jumps back": Fault(_in_walks(_jump_back), Reason.PARTIAL, 0),
    "silent to GETBULK": Fault(_no_bulk, None, most=260),
    "genErr to GETBULK": Fault(_bulk_fails, None, most=260),
    "genErr to GETs of several": Fault(_gets_fail, None, most=60),
    "dies half-way": Fault(_dies, Reason.TIMEOUT, 1),
    "restarts half-way": Fault(_reboot, None),
    "restarts for ever": Fault(_reboot_for_ever, Reason.PARTIAL),
    "60 kB string": Fault(_fine, None, table=_valued(ber.OCTET_STRING, b"x" * 60_000), most=70),
    "not UTF-8": Fault(_fine, None, table=_valued(ber.OCTET_STRING, b"\xff\xfe\x80")),
    "hostile text": Fault(_fine, None, table=_valued(ber.OCTET_STRING, HOSTILE)),
    "INTEGER of 20 octets": Fault(_fine, None, table=_valued(ber.INTEGER, b"\x7f" * 20)),
    "NULL for a string": Fault(_fine, None, table=_valued(ber.NULL, b"")),
    "v1 only, noSuchName": Fault(_fine, None, version="1", device={"versions": ("1",)}, most=300),
    "v3 wrong digest": Fault(_on_data(_wrong_digest), Reason.SPOOFED, 0, "3"),
    "v3 plaintext downgrade": Fault(_on_data(_downgrade), Reason.SPOOFED, 0, "3"),
    "v3 never in the time window": Fault(_on_data(_window), Reason.AUTHENTICATION, 0, "3"),
    "v3 engine ID changes": Fault(_engines, Reason.PROTOCOL, 0, "3"),
    "v3 boots at maximum": Fault(_fine, Reason.AUTHENTICATION, 0, "3", device={"boots": 2**31 - 1}),
    "v3 no report": Fault(lambda *_: [], Reason.TIMEOUT, 0, "3"),
    "v3 unknown user": Fault(_fine, Reason.AUTHENTICATION, 0, "3", device={"users": ()}),
    "v3 wrong password": Fault(
        _fine,
        Reason.AUTHENTICATION,
        0,
        "3",
        device={"users": (dataclasses.replace(USER, auth_secret="somethingelse"),)},
    ),
    "v3 wrong privacy password": Fault(
        _fine,
        Reason.AUTHENTICATION,
        0,
        "3",
        device={"users": (dataclasses.replace(USER, priv_secret="somethingelse"),)},
    ),
    "v3 security level not offered": Fault(
        _fine, Reason.AUTHENTICATION, 0, "3", device={"users": (dataclasses.replace(USER, priv=""),)}
    ),
    "v3 forged reports": Fault(_on_data(_forged_report), None, version="3"),
    "v3 restart half-way": Fault(_reboot_v3, None, version="3"),
}


class Zoo:
    """Plays every fault on an address of its own, and healthy devices beside them, in a thread."""

    def __init__(self, net: int, healthy: int = 14) -> None:
        self.net = net
        self.port = free_port()
        self.scenes: dict[str, Scene] = {}
        self.healthy = [f"healthy {number}" for number in range(healthy)]
        self._late: list[tuple[float, int, socket.socket, bytes, tuple]] = []
        self._selector = selectors.DefaultSelector()
        self._doors: dict[tuple[str, str], socket.socket] = {}
        self._stop = False
        for name in (*FAULTS, *self.healthy):
            self._add(name)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def address(self, name: str) -> str:
        return f"127.{self.net}.1.{(*FAULTS, *self.healthy).index(name) + 1}"

    def _add(self, name: str) -> None:
        fault = FAULTS.get(name, Fault(_fine, None))
        options = {"users": (USER,), **fault.device}
        self.scenes[name] = Scene(
            Watched(PlayedAgent(address=self.address(name), port=self.port, varbinds=fault.table, **options))
        )
        places = {OWN: (self.address(name), self.port), PORT_NEXT_DOOR: (self.address(name), 0)}
        places[HOST_NEXT_DOOR] = (self.address(name).replace(".1.", ".2."), self.port)
        for door, place in places.items():
            opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            opened.setblocking(False)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
            opened.bind(place)
            self._doors[name, door] = opened
        self._selector.register(self._doors[name, OWN], selectors.EVENT_READ, name)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop = True
        self._thread.join()
        for opened in self._doors.values():
            opened.close()
        self._selector.close()

    def _serve(self) -> None:
        while not self._stop:
            for key, _ in self._selector.select(0.02):
                self._hear(key.fileobj, key.data)
            while self._late and self._late[0][0] <= time.monotonic():
                _, _, door, data, asker = heapq.heappop(self._late)
                door.sendto(data, asker)

    def _hear(self, opened: socket.socket, name: str) -> None:
        scene = self.scenes[name]
        act = FAULTS[name].act if name in FAULTS else _fine
        while True:
            try:
                asked, asker = opened.recvfrom(65_535)
            except BlockingIOError:
                return
            scene.times.append(time.monotonic())
            for sent in act(scene, asked, scene.player.respond(asked)):
                door = self._doors[name, sent.source]
                if sent.late:
                    heapq.heappush(self._late, (time.monotonic() + sent.late, len(scene.times), door, sent.data, asker))
                else:
                    door.sendto(sent.data, asker)

    def agent(self, name: str, port: int = 0) -> Agent:
        version = FAULTS[name].version if name in FAULTS else "2c"
        if version == "3":
            return Agent(self.address(name), port or self.port, "3", user=USER, label=name)
        return Agent(self.address(name), port or self.port, version, community=Community(secret="public"), label=name)

    @property
    def stats(self) -> Counter:
        return sum((scene.player.stats for scene in self.scenes.values()), Counter())


def pull():
    """Ask for a name and a table, as a collector does."""
    first = yield Get(oids=(SYS_DESCR, SYS_UP_TIME))
    table = yield Walk(columns=(COLUMN, OTHER), max_rows=LIMITS.max_rows, expect=ROWS)
    return first, table


def rows(result: Result) -> int:
    """Return how many rows of the first column were read."""
    return sum(bind.oid.startswith(COLUMN + ".") for bind in result.value[1].varbinds)


def reason(result: Result) -> Reason | None:
    """Return why a device was not read whole, none where it was."""
    found = (result.fault, *result.value)
    return next((said.reason for said in found if said is not None and said.reason is not None), None)


def survive(zoo: Zoo, names, limits: Limits = LIMITS) -> dict[str, Result]:
    """Read devices side by side and return what came of each."""
    jobs = [(zoo.agent(name), pull()) for name in names]
    return {result.agent.label: result for result in Client(limits).run(jobs)}


def is_as_it_should_be(name: str, result: Result) -> bool:
    """Tell whether a device was read as far as it can be, with no forged word believed."""
    fault = FAULTS.get(name, Fault(_fine, None))
    said = b"".join(bind.raw for answer in result.value for bind in answer.varbinds)
    honest = b"forger" not in said and b"liar" not in said
    # A device that breaks off keeps the rows read before; how many fit the first reply is the client's affair.
    enough = rows(result) == fault.rows if fault.rows in (0, 3000, ROWS) else fault.rows <= rows(result) < ROWS
    return honest and enough and reason(result) is fault.reason and result.counts.requests <= fault.most
