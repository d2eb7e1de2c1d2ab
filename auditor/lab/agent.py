"""An SNMP agent for demo and tests: plays recorded varbinds, never writes.

`respond` is pure but for its counters: a datagram in, a datagram or nothing out. `Responder` puts it on UDP sockets.
"""

import resource
import selectors
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from auditor import ber
from auditor.ber import BerError
from auditor.lab.table import VarbindTable
from auditor.model import VarBind
from auditor.oids import below
from auditor.snmp import message, usm
from auditor.snmp.message import Pdu, Secured, Speaker
from auditor.snmp.script import User

_KINDS = {message.GET: "get", message.GET_NEXT: "next", message.GET_BULK: "bulk", message.SET: "set"}
_OVERHEAD = 256
_USM_STATS = below("usmStats") + "{}.0"
_BATCH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedAgent:
    """One device to play: where it listens, what it says, and to whom.

    `contexts` are further tables, asked for as community `public@10` or as SNMPv3 context `vlan-10`; keys are what
    follows the community (`@10`) or the context name. A `VarbindTable` may be shared by many devices. `max_size` is the
    largest reply in octets.
    """

    address: str
    port: int
    varbinds: Sequence[VarBind] | VarbindTable
    communities: tuple[str, ...] = ("public",)
    users: tuple[User, ...] = ()
    engine_id: bytes = b""
    boots: int = 1
    contexts: Mapping[str, Sequence[VarBind]] = field(default_factory=dict)
    max_size: int = message.MAX_SIZE
    versions: tuple[str, ...] = ("1", "2c", "3")


class Player:
    """Answers for one device."""

    def __init__(self, device: PlayedAgent, clock: Callable[[], float] = time.monotonic) -> None:
        self.device = device
        self.stats: Counter[str] = Counter()
        self.boots = device.boots
        self.engine_id = device.engine_id or _engine_id(device)
        self._clock = clock
        self._booted = clock()
        own = device.varbinds
        self._tables = {"": own if isinstance(own, VarbindTable) else VarbindTable(own)}
        self._tables |= {name: VarbindTable(binds) for name, binds in device.contexts.items()}
        suffixes = [name for name in self._tables if not name or name.startswith("@")]
        logins = [(plain, name) for plain in device.communities for name in suffixes]
        self._communities = {(plain + name).encode(): self._tables[name] for plain, name in logins}
        self._users = {user.name.encode(): user for user in device.users}
        self._keys: dict[bytes, usm.Keys] = {}
        self._salt = 0

    @property
    def engine_time(self) -> int:
        """Return snmpEngineTime in seconds."""
        return int(self._clock() - self._booted)

    def reboot(self) -> None:
        """Begin engine time anew, one boot later."""
        self.boots += 1
        self._booted = self._clock()

    def respond(self, datagram: bytes) -> bytes | None:
        """Return the answer to a datagram, nothing where an agent stays silent; all are counted."""
        try:
            version = message.version_of(datagram)
            if version == message.V3 and "3" not in self.device.versions:
                return None
            if version == message.V3:
                return self._answer_secured(message.read_secured(datagram), datagram)
            return self._plain(message.read_plain(datagram))
        except BerError:
            self.stats["malformed"] += 1
            return None

    def _plain(self, request: message.PlainMessage) -> bytes | None:
        table = self._communities.get(request.community)
        if ("1" if request.version == message.V1 else "2c") not in self.device.versions:
            return None
        if table is None:
            self.stats["bad_community"] += 1
            return None
        answer = self.answer(table, request.version, request.pdu)
        return None if answer is None else message.plain(request.version, request.community, answer)

    def answer(self, table: VarbindTable, version: int, request: Pdu) -> bytes | None:
        """Return the response PDU to a request PDU, nothing for what is no request."""
        kind = _KINDS.get(request.kind)
        if kind is None or (version == message.V1 and request.kind == message.GET_BULK):
            return None
        self.stats[kind] += 1
        status, which, region = table.answer(version, request, self.device.max_size - _OVERHEAD)
        return message.pdu(message.RESPONSE, request.request_id, status, which, region)

    def _answer_secured(self, request: Secured, datagram: bytes) -> bytes | None:
        who = request.speaker
        if who.engine_id != self.engine_id:
            return self._report(request, usm.UNKNOWN_ENGINE)
        user = self._users.get(who.user)
        if user is None:
            return self._report(request, usm.UNKNOWN_USER)
        keys = self._keys_of(user)
        level = request.flags & (message.AUTH | message.PRIV)
        if level != keys.flags:
            return self._report(request, usm.UNSUPPORTED_LEVEL)
        if keys.auth and not usm.is_genuine(keys, datagram, request.auth_at, request.digest):
            return self._report(request, usm.WRONG_DIGEST)
        is_timely = who.boots == self.boots < usm.MAX_BOOTS and abs(who.time - self.engine_time) <= usm.WINDOW
        if keys.auth and not is_timely:
            return self._report(request, usm.NOT_IN_WINDOW, keys)
        return self._answer_scoped(request, keys)

    def _answer_scoped(self, request: Secured, keys: usm.Keys) -> bytes | None:
        try:
            inner = usm.unseal(keys, request)
        except (usm.UsmError, BerError):
            return self._report(request, usm.DECRYPTION)
        table = self._tables.get(inner.context.decode("utf-8", "replace"))
        if table is None:
            self.stats["bad_context"] += 1
            return None
        answer = self.answer(table, message.V3, inner.pdu)
        if answer is None:
            return None
        return self.seal(request, keys, message.scoped_pdu(self.engine_id, inner.context, answer))

    def _keys_of(self, user: User) -> usm.Keys:
        name = user.name.encode()
        if name not in self._keys:
            self._keys[name] = usm.keys_for(user, self.engine_id)
        return self._keys[name]

    def _report(self, request: Secured, kind: int, keys: usm.Keys | None = None) -> bytes | None:
        self.stats[f"report_{kind}"] += 1
        if not request.flags & message.REPORTABLE:
            return None
        signing = usm.Keys(auth=keys.auth, auth_key=keys.auth_key) if keys else usm.Keys()
        bind = (ber.oid(_USM_STATS.format(kind)), ber.COUNTER32, b"\x01")
        body = message.pdu(message.REPORT, 0, 0, 0, ber.join_varbinds([bind]))
        return self.seal(request, signing, message.scoped_pdu(self.engine_id, b"", body))

    def seal(self, request: Secured, keys: usm.Keys, body: bytes) -> bytes:
        """Return a v3 message around a scopedPDU, signed and encrypted with `keys`."""
        who = Speaker(self.engine_id, self.boots, self.engine_time, request.speaker.user)
        self._salt += 1
        return usm.seal(keys, (request.msg_id, keys.flags), who, self._salt, body)


def _engine_id(device: PlayedAgent) -> bytes:
    """Return an engine ID of RFC 3411's format 4 under enterprise 8072: address and port."""
    return b"\x80\x00\x1f\x88\x04" + f"{device.address}:{device.port}".encode()[:27]


class Responder:
    """Plays devices on UDP; the constructor binds, `serve` answers."""

    def __init__(self, devices: Iterable[PlayedAgent]) -> None:
        self.players = [Player(device) for device in devices]
        self._selector = selectors.DefaultSelector()
        self._stopped = False
        _allow_files(len(self.players) + 64)
        for player in self.players:
            self._selector.register(_bind(player.device), selectors.EVENT_READ, player)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def stats(self) -> Counter[str]:
        """Return what all devices were asked together: get, next, bulk, set and so on."""
        return sum((player.stats for player in self.players), Counter())

    def stop(self) -> None:
        """Make `serve` return soon; may be called from another thread."""
        self._stopped = True

    def serve(self, poll: float = 0.1) -> None:
        """Answer until `stop` is called, which is noticed within `poll` seconds."""
        while not self._stopped:
            self.serve_once(poll)

    def serve_once(self, seconds: float) -> None:
        """Answer what has arrived, waiting for it at most `seconds`."""
        for key, _ in self._selector.select(seconds):
            if isinstance(key.fileobj, socket.socket):
                _answer_waiting(key.fileobj, key.data)

    def close(self) -> None:
        """Close every socket."""
        self._stopped = True
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self._selector.close()


def _answer_waiting(sock: socket.socket, player: Player) -> None:
    for _ in range(_BATCH):
        try:
            datagram, sender = sock.recvfrom(message.MAX_SIZE)
            answer = player.respond(datagram)
            if answer is not None:
                sock.sendto(answer, sender)
        except BlockingIOError:
            return
        except OSError:  # the asker is gone; the next one may not be
            player.stats["unsent"] += 1


def _bind(device: PlayedAgent) -> socket.socket:
    family = socket.AF_INET6 if ":" in device.address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.setblocking(False)
    try:
        sock.bind((device.address, device.port))
    except OSError:
        sock.close()
        raise
    return sock


def _allow_files(files: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < files:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (files if hard == resource.RLIM_INFINITY else min(files, hard), hard)
        )
