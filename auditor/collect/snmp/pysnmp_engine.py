"""The SNMP collector over pysnmp instead of our own client: slower, a second opinion.

Same questions, same facts. One engine for the run, no MIB look-ups, and walks guarded as ours are: inside the column,
ascending, no more rows than asked for. pysnmp itself takes answers from any address; prefer our client where that
matters.
"""

import asyncio
import warnings
from collections.abc import Generator, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from auditor import ber
from auditor.collect.snmp.collector import SnmpCollector
from auditor.errors import OutOfScopeError
from auditor.model import Limits, Reason, Scope, VarBind
from auditor.normal import under
from auditor.snmp.pace import Gate
from auditor.snmp.script import Agent, Answer, Fault, Get, Question, Result, Script, Walk

with warnings.catch_warnings():
    # pysnmp 7.1 warns of its own deprecated names while it is imported.
    warnings.simplefilter("ignore")
    from pyasn1.codec.ber import encoder
    from pysnmp.hlapi.v3arch import asyncio as hlapi
    from pysnmp.proto import errind

AT_ONCE = 32
REPETITIONS = 25
TOO_BIG, NO_SUCH_NAME = 1, 2
AUTH = {
    "": hlapi.USM_AUTH_NONE,
    "MD5": hlapi.USM_AUTH_HMAC96_MD5,
    "SHA": hlapi.USM_AUTH_HMAC96_SHA,
    "SHA224": hlapi.USM_AUTH_HMAC128_SHA224,
    "SHA256": hlapi.USM_AUTH_HMAC192_SHA256,
    "SHA384": hlapi.USM_AUTH_HMAC256_SHA384,
    "SHA512": hlapi.USM_AUTH_HMAC384_SHA512,
}
# net-snmp's AES192 and AES256 extend the key as Blumenthal's draft says; Cisco's way ends in C.
PRIV = {
    "": hlapi.USM_PRIV_NONE,
    "DES": hlapi.USM_PRIV_CBC56_DES,
    "AES": hlapi.USM_PRIV_CFB128_AES,
    "AES192": hlapi.USM_PRIV_CFB192_AES_BLUMENTHAL,
    "AES256": hlapi.USM_PRIV_CFB256_AES_BLUMENTHAL,
    "AES192C": hlapi.USM_PRIV_CFB192_AES,
    "AES256C": hlapi.USM_PRIV_CFB256_AES,
}
REFUSED = (
    errind.AuthenticationError,
    errind.AuthenticationFailure,
    errind.WrongDigest,
    errind.UnknownUserName,
    errind.UnknownSecurityName,
    errind.UnsupportedSecurityLevel,
    errind.DecryptionError,
)


class PysnmpCollector(SnmpCollector):
    """The SNMP collector with pysnmp underneath."""

    def __init__(self) -> None:
        super().__init__(PysnmpClient)


class _Reply(NamedTuple):
    fault: Fault | None
    status: int
    binds: list[VarBind]


class PysnmpClient:
    """Runs scripts against agents as `auditor.snmp.client.Client` does."""

    def __init__(self, limits: Limits, _gate: Gate | None, scope: Scope) -> None:
        self._limits, self._scope = limits, scope

    def run(self, jobs: Iterable[tuple[Agent, Script]]) -> Iterator[Result]:
        """Yield one result per job, a few agents at a time."""
        waiting = iter(jobs)
        loop = asyncio.new_event_loop()
        engine = hlapi.SnmpEngine()
        try:
            while batch := list(islice(waiting, min(AT_ONCE, self._limits.in_flight))):
                talks = (_Talk(engine, agent, self._limits, self._scope).hold(script) for agent, script in batch)
                yield from loop.run_until_complete(_all(talks))
        finally:
            engine.close_dispatcher()
            loop.run_until_complete(asyncio.sleep(0))
            loop.close()


async def _all(talks: Iterable[Any]) -> list[Result]:
    return list(await asyncio.gather(*talks))


class _Talk:
    """One agent being asked."""

    def __init__(self, engine: Any, agent: Agent, limits: Limits, scope: Scope) -> None:
        self._engine, self._agent, self._limits, self._scope = engine, agent, limits, scope
        self._transport: Any = None
        self._dead: Fault | None = None

    async def hold(self, script: Script) -> Result:
        """Ask what the script wants to know, one question after the other."""
        value = None
        try:
            async with asyncio.timeout(self._limits.deadline):
                value = await self._hold(script)
        except TimeoutError:
            self._dead = Fault(reason=Reason.LIMIT, detail=f"not done within {self._limits.deadline:g} s")
            script.close()
        return Result(agent=self._agent, value=value, fault=self._dead)

    async def _hold(self, script: Generator[Question, Answer, Any]) -> Any:
        answer = None
        while True:
            try:
                question = next(script) if answer is None else script.send(answer)
            except StopIteration as end:
                return end.value
            dead = self._dead
            if dead is not None:
                answer = Answer(complete=False, why=dead.detail, reason=dead.reason)
            else:
                answer = await (self._get(question) if isinstance(question, Get) else self._walk(question))

    async def _get(self, question: Get) -> Answer:
        binds: list[VarBind] = []
        absent: list[str] = []
        groups = [list(question.oids)]
        while groups:
            group = groups.pop()
            reply = await self._ask(question, "get", group)
            if reply.fault is not None:
                self._dead = reply.fault
                dead = reply.fault
                return Answer(varbinds=binds, complete=False, why=dead.detail, reason=dead.reason, absent=tuple(absent))
            if reply.status and len(group) > 1:
                # SNMPv1 refuses a whole request for one absent object; the guilty one is found by halving.
                groups += [group[len(group) // 2 :], group[: len(group) // 2]]
            elif reply.status:
                absent += group
            else:
                binds += [bind for bind in reply.binds if bind.tag not in ber.EXCEPTIONS]
                absent += [bind.oid for bind in reply.binds if bind.tag in ber.EXCEPTIONS]
        return Answer(varbinds=tuple(binds), absent=tuple(absent))

    async def _walk(self, question: Walk) -> Answer:
        binds: list[VarBind] = []
        whys: list[str] = []
        reason = None
        for column in question.columns:
            rows, fault = await self._column(question, column)
            binds += rows
            if fault is not None:
                whys.append(fault.detail)
                reason = reason or fault.reason
            if self._dead is not None:
                break
        return Answer(varbinds=tuple(binds), complete=not whys, why="; ".join(dict.fromkeys(whys)), reason=reason)

    async def _column(self, question: Walk, column: str) -> tuple[list[VarBind], Fault | None]:
        rows: list[VarBind] = []
        cursor, most = question.after or column, REPETITIONS
        while True:
            kind = "next" if self._agent.version == "1" or most == 1 else "bulk"
            reply = await self._ask(question, kind, [cursor], most)
            if reply.fault is not None:
                self._dead = reply.fault
                return rows, reply.fault
            if reply.status == TOO_BIG and most > 1:
                most //= 2
                continue
            if reply.status:
                is_end = reply.status == NO_SUCH_NAME
                return rows, None if is_end else Fault(
                    reason=Reason.PARTIAL, detail=f"error-status {reply.status} in {column}"
                )
            fault, at_end = _take(rows, reply.binds, column, question)
            if at_end:
                return rows, fault
            cursor = rows[-1].oid

    async def _ask(self, question: Question, kind: str, oids: list[str], most: int = 0) -> _Reply:
        agent, limits = self._agent, self._limits
        try:
            if self._transport is None:
                self._scope.check(agent.address)
                kinds = hlapi.Udp6TransportTarget if ":" in agent.address else hlapi.UdpTransportTarget
                self._transport = await kinds.create((agent.address, agent.port), limits.timeout, limits.retries)
            command = {"get": hlapi.get_cmd, "next": hlapi.next_cmd, "bulk": hlapi.bulk_cmd}[kind]
            numbers = (0, most) if kind == "bulk" else ()
            names = [hlapi.ObjectType(hlapi.ObjectIdentity(oid)) for oid in oids]
            context = hlapi.ContextData(contextName=(question.context or agent.context).encode())
            login = _login(agent, question.community_suffix)
            error, status, _, binds = await command(
                self._engine, login, self._transport, context, *numbers, *names, lookupMib=False
            )
        except OutOfScopeError as exc:
            return _Reply(Fault(reason=Reason.EXCLUDED, detail=exc.why), 0, [])
        except Exception as exc:  # noqa: BLE001 - pysnmp raises many sorts; the type says which
            return _Reply(Fault(reason=Reason.PROTOCOL, detail=f"pysnmp: {type(exc).__name__}"), 0, [])
        if error:
            return _Reply(_fault(error), 0, [])
        return _Reply(None, int(status), [_bind(name, value) for name, value in binds])


def _take(rows: list[VarBind], reply: list[VarBind], column: str, question: Walk) -> tuple[Fault | None, bool]:
    """Take rows in as far as they can be believed; return what is wrong, and whether it ended."""
    last, most = _arcs(rows[-1].oid if rows else question.after or column), question.max_rows
    for bind in reply:
        if bind.tag in ber.EXCEPTIONS or not under(bind.oid, column):
            return None, True
        arcs = _arcs(bind.oid)
        if arcs <= last:
            return Fault(reason=Reason.PARTIAL, detail=f"OID did not increase at {bind.oid}"), True
        if len(rows) >= most:
            return Fault(reason=Reason.LIMIT, detail=f"{column} has more than {most} rows"), True
        rows.append(bind)
        last = arcs
    return None, not reply


def _arcs(oid: str) -> list[int]:
    return [int(arc) for arc in oid.split(".")]


def _bind(name: Any, value: Any) -> VarBind:
    octets = encoder.encode(value)
    tag, start, end = ber.header(octets, 0, len(octets))
    return VarBind(str(name), tag, octets[start:end])


def _login(agent: Agent, suffix: str) -> Any:
    if agent.user is not None:
        user = agent.user
        return hlapi.UsmUserData(
            user.name,
            authKey=user.auth_secret or None,
            privKey=user.priv_secret or None,
            authProtocol=AUTH[user.auth],
            privProtocol=PRIV[user.priv],
        )
    secret = agent.community.secret if agent.community else ""
    return hlapi.CommunityData(secret + suffix, mpModel=0 if agent.version == "1" else 1)


def _fault(error: Any) -> Fault:
    if isinstance(error, errind.RequestTimedOut):
        return Fault(reason=Reason.TIMEOUT, detail="no reply")
    reason = Reason.AUTHENTICATION if isinstance(error, REFUSED) else Reason.PROTOCOL
    return Fault(reason=reason, detail=f"pysnmp: {type(error).__name__}")
