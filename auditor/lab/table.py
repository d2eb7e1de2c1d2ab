"""What an agent has to say: varbinds in MIB order, answers to GET, GETNEXT and GETBULK."""

import bisect
import struct
from collections.abc import Iterable
from itertools import chain

from auditor import ber
from auditor.model import VarBind
from auditor.snmp.message import GET, GET_BULK, GET_NEXT, SET, V1, Pdu

_TOO_BIG, _NO_SUCH_NAME, _READ_ONLY, _NOT_WRITABLE = 1, 2, 4, 17
_MOST_REPETITIONS = 4096

Response = tuple[int, int, bytes]


def _key(name: bytes) -> bytes:
    """Return a name in fixed-width arcs, which sort as OIDs do."""
    arcs = ber.arcs(name)
    return struct.pack(f">{len(arcs)}Q", *arcs)


class VarbindTable:
    """Varbinds ready to be asked for; the later of one name counts, exceptions do not."""

    def __init__(self, varbinds: Iterable[VarBind]) -> None:
        by_name = {ber.oid(bind.oid): bind for bind in varbinds if bind.tag not in ber.EXCEPTIONS}
        pairs = sorted((_key(name), name) for name in by_name)
        self._keys = [key for key, _ in pairs]
        self._names = [name for _, name in pairs]
        self._at = {name: at for at, name in enumerate(self._names)}
        self._encoded = [ber.join_varbinds([(name, by_name[name].tag, by_name[name].raw)]) for name in self._names]

    def __len__(self) -> int:
        return len(self._names)

    def _after(self, name: bytes) -> int:
        at = self._at.get(name)
        return bisect.bisect_right(self._keys, _key(name)) if at is None else at + 1

    def answer(self, version: int, pdu: Pdu, room: int) -> Response:
        """Return error-status, error-index and the varbinds of an answer within `room` octets."""
        names, _, _ = ber.split_varbinds(pdu.region)
        if pdu.kind == SET:
            return _READ_ONLY if version == V1 else _NOT_WRITABLE, 1, pdu.region
        if pdu.kind == GET_BULK:
            return 0, 0, self._bulk(names, max(0, pdu.status), max(0, pdu.which), room)
        rows = [self._one(pdu.kind, name) for name in names]
        if version == V1 and b"" in rows:
            return _NO_SUCH_NAME, rows.index(b"") + 1, pdu.region
        region = b"".join([row or _exception(pdu.kind, name) for row, name in zip(rows, names, strict=True)])
        return (_TOO_BIG, 0, b"") if len(region) > room else (0, 0, region)

    def _one(self, kind: int, name: bytes) -> bytes:
        if kind == GET_NEXT:
            at = self._after(name)
            return self._encoded[at] if at < len(self._encoded) else b""
        at_once = self._at.get(name) if kind == GET else None
        return b"" if at_once is None else self._encoded[at_once]

    def _bulk(self, names: list[bytes], alone: int, repetitions: int, room: int) -> bytes:
        once = [self._one(GET_NEXT, name) or _exception(GET_NEXT, name) for name in names[:alone]]
        rows = zip(*[self._run(name, min(repetitions, _MOST_REPETITIONS)) for name in names[alone:]], strict=True)
        return _fitting(list(chain(once, chain.from_iterable(rows))), room)

    def _run(self, name: bytes, repetitions: int) -> list[bytes]:
        at = self._after(name)
        run = self._encoded[at : at + repetitions]
        if len(run) < repetitions:
            last = self._names[-1] if run else name
            run += [_exception(GET_NEXT, last)] * (repetitions - len(run))
        return run


def _exception(kind: int, name: bytes) -> bytes:
    tag = ber.END_OF_MIB_VIEW if kind == GET_NEXT else ber.NO_SUCH_INSTANCE
    return ber.join_varbinds([(name, tag, b"")])


def _fitting(binds: list[bytes], room: int) -> bytes:
    region = b"".join(binds)
    while len(region) > room and binds:
        keep = min(len(binds) - 1, max(1, len(binds) * room // len(region)))
        binds = binds[:keep]
        region = b"".join(binds)
    return region
