"""The SNMP client against pysnmp, snmpbulkwalk and gufo_snmp: devices per CPU second.

    python -m tests.bench.bench_snmp [inventory] [v3] [get] [memory]

Every engine reads the same simulated switches (48 ports, 2,000 FDB rows, 500 ARP rows, ENTITY-MIB, LLDP) from a
responder in a process of its own, runs in a process of its own, and must come back with the same number of values.
`pip install gufo-snmp` adds that row.
"""

import asyncio
import importlib.util
import json
import platform
import random
import resource
import shutil
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from auditor import ber
from auditor.lab.agent import PlayedAgent, Responder
from auditor.lab.table import VarbindTable
from auditor.model import Limits, VarBind
from auditor.snmp.client import Client
from auditor.snmp.script import Agent, Community, Get, User, Walk

PORT = 16163
AT_ONCE = 16
REPETITIONS = 50
SYSTEM = tuple(f"1.3.6.1.2.1.1.{number}.0" for number in (1, 2, 3, 5, 6))
ENTITY = tuple(f"1.3.6.1.2.1.47.1.1.1.1.{column}" for column in (2, 5, 7, 11, 12, 13))
PORTS = ("1.3.6.1.2.1.2.2.1.2", "1.3.6.1.2.1.2.2.1.6", "1.3.6.1.2.1.17.1.4.1.2")
ARP = ("1.3.6.1.2.1.4.22.1.2",)
FDB = ("1.3.6.1.2.1.17.7.1.2.2.1.2",)
LLDP = tuple(f"1.0.8802.1.1.2.1.4.1.1.{column}" for column in (5, 7, 9, 10))
TABLES = (ENTITY, PORTS, ARP, FDB, LLDP)
COLUMNS = tuple(column for table in TABLES for column in table)
USER = User(name="audit", auth="SHA256", auth_secret="authpass123", priv="AES", priv_secret="privpass123")
OF_PEER = {"inventory": {"pysnmp": 40.0, "snmpbulkwalk": 8.0, "gufo": 0.9}, "v3": {"pysnmp": 20.0, "gufo": 5.0}}
MEGABYTES = 120
TABLE_KINDS = 10


def switch(number: int) -> list[VarBind]:
    """Return what a simulated switch says, with MACs of its own.

    About 3,100 varbinds, about 30 octets each.
    """
    binds = [VarBind(oid, ber.OCTET_STRING, b"S5720-52X-LI, Version 5.170 " + oid.encode()) for oid in SYSTEM]
    binds[1] = VarBind(SYSTEM[1], ber.OBJECT_IDENTIFIER, ber.oid("1.3.6.1.4.1.2011.2.23.291"))
    binds[2] = VarBind(SYSTEM[2], ber.TIMETICKS, b"\x05\x00\x00\x00")
    binds += [
        VarBind(f"{column}.{row}", ber.OCTET_STRING, b"part %d of the switch" % row)
        for column in ENTITY
        for row in range(1, 61)
    ]
    binds += [VarBind(f"{PORTS[0]}.{row}", ber.OCTET_STRING, b"GigabitEthernet0/0/%d" % row) for row in range(1, 49)]
    binds += [VarBind(f"{PORTS[1]}.{row}", ber.OCTET_STRING, bytes((0, 0xE0, 0xFC, 0, 0, row))) for row in range(1, 49)]
    binds += [VarBind(f"{PORTS[2]}.{row}", ber.INTEGER, bytes((row,))) for row in range(1, 49)]
    binds += [
        VarBind(f"{ARP[0]}.7.10.0.{n >> 8}.{n & 255}", ber.OCTET_STRING, b"\x00\xe0\xfc\x01" + n.to_bytes(2, "big"))
        for n in range(500)
    ]
    seed = random.Random(number)
    makers = [seed.randbytes(3) for _ in range(20)]
    macs = [".".join(map(str, seed.choice(makers) + seed.randbytes(3))) for _ in range(2000)]
    binds += [VarBind(f"{FDB[0]}.{10 + n % 3}.{mac}", ber.INTEGER, bytes((1 + n % 48,))) for n, mac in enumerate(macs)]
    binds += [
        VarBind(f"{column}.0.{row}.1", ber.OCTET_STRING, b"neighbour %d" % row)
        for column in LLDP
        for row in range(1, 25)
    ]
    return binds


VALUES = 5 + 360 + 144 + 500 + 2000 + 96


def address(number: int) -> str:
    return f"127.72.{number // 250}.{number % 250 + 1}"


def respond(count: int) -> None:
    """Play so many switches until the standard input closes."""
    tables = [VarbindTable(switch(number)) for number in range(min(count, TABLE_KINDS))]
    devices = [
        PlayedAgent(address=address(number), port=PORT, varbinds=tables[number % len(tables)], users=(USER,))
        for number in range(count)
    ]
    with Responder(devices) as responder:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        responder.serve(0.5)


def pull() -> Any:
    """Read everything an inventory needs."""
    count = len((yield Get(oids=SYSTEM)).varbinds)
    for columns in TABLES:
        count += len((yield Walk(columns=columns)).varbinds)
    return count


def one_get() -> Any:
    """Read sysDescr."""
    return len((yield Get(oids=SYSTEM[:1])).varbinds)


def run_ours(work: str, count: int, at_once: int) -> int:
    version = "3" if work == "v3" else "2c"
    let_in: dict[str, Any] = {"user": USER} if work == "v3" else {"community": Community(secret="public")}
    script = pull if work == "inventory" else one_get
    jobs = ((Agent(address(number), PORT, version, **let_in), script()) for number in range(count))
    return sum(result.value for result in Client(Limits(packets_per_second=0.0, in_flight=at_once)).run(jobs))


def _gufo_options(number: int, work: str) -> dict[str, Any]:
    from gufo.snmp import SnmpVersion
    from gufo.snmp.user import Aes128Key, Sha256Key
    from gufo.snmp.user import User as GufoUser

    options: dict[str, Any] = {"addr": address(number), "port": PORT, "timeout": 5.0}
    if work != "v3":
        return {**options, "community": "public", "version": SnmpVersion.v2c, "max_repetitions": REPETITIONS}
    user = GufoUser(
        USER.name, auth_key=Sha256Key(USER.auth_secret.encode()), priv_key=Aes128Key(USER.priv_secret.encode())
    )
    return {**options, "user": user, "version": SnmpVersion.v3}


def run_gufo_threads(work: str, count: int, at_once: int) -> int:
    from gufo.snmp.sync import SnmpSession

    def one(number: int) -> int:
        with SnmpSession(**_gufo_options(number, work)) as session:
            if work != "inventory":
                return len([session.get(SYSTEM[0])])
            return len(session.get_many(SYSTEM)) + sum(len(list(session.getbulk(column))) for column in COLUMNS)

    with ThreadPoolExecutor(at_once) as pool:
        return sum(pool.map(one, range(count)))


def run_gufo_async(work: str, count: int, at_once: int) -> int:
    from gufo.snmp.aio import SnmpSession

    async def one(number: int) -> int:
        async with SnmpSession(**_gufo_options(number, work)) as session:
            if work != "inventory":
                return len([await session.get(SYSTEM[0])])
            found = len(await session.get_many(SYSTEM))
            for column in COLUMNS:
                found += len([value async for value in session.getbulk(column)])
            return found

    return asyncio.run(_together(one, count, at_once))


async def _together(one: Callable[[int], Coroutine[Any, Any, int]], count: int, at_once: int) -> int:
    gate = asyncio.Semaphore(at_once)

    async def gated(number: int) -> int:
        async with gate:
            return await one(number)

    return sum(await asyncio.gather(*map(gated, range(count))))


def run_pysnmp(work: str, count: int, at_once: int) -> int:
    warnings.simplefilter("ignore")
    return asyncio.run(_pysnmp_v3(count, at_once) if work == "v3" else _pysnmp_v2c(work, count, at_once))


async def _pysnmp_v2c(work: str, count: int, at_once: int) -> int:
    import pysnmp.hlapi.v1arch.asyncio as hlapi

    let_in = hlapi.CommunityData("public", mpModel=1)  # noqa: S508 - v2c is what is compared
    dispatcher = hlapi.SnmpDispatcher()

    async def one(number: int) -> int:
        target = await hlapi.UdpTransportTarget.create((address(number), PORT), timeout=5, retries=1)
        wanted = [hlapi.ObjectType(hlapi.ObjectIdentity(oid)) for oid in SYSTEM[: 1 if work == "get" else None]]
        _, _, _, binds = await hlapi.get_cmd(dispatcher, let_in, target, *wanted, lookupMib=False)
        found = len(binds)
        for column in COLUMNS if work == "inventory" else ():
            start = hlapi.ObjectType(hlapi.ObjectIdentity(column))
            options = {"lookupMib": False, "lexicographicMode": False}
            async for _, _, _, binds in hlapi.bulk_walk_cmd(
                dispatcher, let_in, target, 0, REPETITIONS, start, **options
            ):
                found += len(binds)
        return found

    found = await _together(one, count, at_once)
    dispatcher.close()
    return found


async def _pysnmp_v3(count: int, at_once: int) -> int:
    import pysnmp.hlapi.v3arch.asyncio as hlapi

    engine = hlapi.SnmpEngine()
    protocols = {"authProtocol": hlapi.USM_AUTH_HMAC192_SHA256, "privProtocol": hlapi.USM_PRIV_CFB128_AES}
    let_in = hlapi.UsmUserData(USER.name, USER.auth_secret, USER.priv_secret, **protocols)

    async def one(number: int) -> int:
        target = await hlapi.UdpTransportTarget.create((address(number), PORT), timeout=10, retries=1)
        wanted = hlapi.ObjectType(hlapi.ObjectIdentity(SYSTEM[0]))
        failed, _, _, binds = await hlapi.get_cmd(engine, let_in, target, hlapi.ContextData(), wanted, lookupMib=False)
        return 0 if failed else len(binds)

    found = await _together(one, count, at_once)
    engine.close_dispatcher()
    return found


def run_snmpbulkwalk(_work: str, count: int, at_once: int) -> int:
    common = ["-v2c", "-c", "public", "-m", "", "-Onq"]

    def lines(command: list[str], number: int, oids: tuple[str, ...]) -> int:
        done = subprocess.run([*command, f"{address(number)}:{PORT}", *oids], capture_output=True, check=True)
        return sum(line.startswith(b".1") for line in done.stdout.splitlines())

    def one(number: int) -> int:
        walks = (lines(["snmpbulkwalk", *common, f"-Cr{REPETITIONS}"], number, (column,)) for column in COLUMNS)
        return lines(["snmpget", *common], number, SYSTEM) + sum(walks)

    with ThreadPoolExecutor(at_once) as pool:
        return sum(pool.map(one, range(count)))


ENGINES: dict[str, Callable[[str, int, int], int]] = {
    "ours": run_ours,
    "gufo_snmp, threads": run_gufo_threads,
    "gufo_snmp, async": run_gufo_async,
    "net-snmp snmpbulkwalk": run_snmpbulkwalk,
    "pysnmp": run_pysnmp,
}
COUNTS = {
    "inventory": {
        "ours": 300,
        "gufo_snmp, threads": 300,
        "gufo_snmp, async": 150,
        "net-snmp snmpbulkwalk": 24,
        "pysnmp": 8,
    },
    "v3": {"ours": 1000, "gufo_snmp, threads": 300, "gufo_snmp, async": 300, "pysnmp": 100},
    "get": {"ours": 1000, "gufo_snmp, threads": 1000, "gufo_snmp, async": 1000, "pysnmp": 300},
}


def cpu() -> float:
    mine, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return mine.ru_utime + mine.ru_stime + children.ru_utime + children.ru_stime


def measure(engine: str, work: str, count: int, at_once: int) -> None:
    """Run one engine in this process and print what it cost."""
    run = ENGINES[engine]
    run(work, 1, 1)  # imports, and the one mebibyte of digest that is paid once per password
    began, spent = time.monotonic(), cpu()
    values = run(work, count, at_once)
    cost = {"values": values, "wall": time.monotonic() - began, "cpu": cpu() - spent}
    sys.stdout.write(json.dumps(cost | {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}) + "\n")


def measured(engine: str, work: str, count: int, at_once: int = AT_ONCE) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.bench_snmp", "--measure", engine, work, str(count), str(at_once)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def is_here(engine: str) -> bool:
    if "gufo" in engine:
        return importlib.util.find_spec("gufo") is not None
    return shutil.which("snmpbulkwalk") is not None if "bulkwalk" in engine else True


def compare(work: str) -> bool:
    """Print one table; tell whether every peer was beaten by as much as promised."""
    say(f"\n{work}: engine                 devices   /s per core   CPU ms/device   wall s   ours is")
    at_once = AT_ONCE if work == "inventory" else 64
    ours, met = 0.0, True
    wanted = VALUES if work == "inventory" else 1
    for engine, count in COUNTS[work].items():
        if not is_here(engine):
            say(f"  {engine:28} not installed")
            continue
        cost = measured(engine, work, count, at_once)
        rate = count / cost["cpu"]
        ours = ours or rate
        peer = next((factor for name, factor in OF_PEER.get(work, {}).items() if name in engine), 0.0)
        whole = "" if cost["values"] == wanted * count else f"  {cost['values']} of {wanted * count} values"
        met &= ours / rate >= peer and (not whole or engine != "ours")
        aim = f" (aim {peer:g}x)" if peer else ""
        say(
            f"  {engine:28} {count:5} {rate:12.1f} {1000 / rate:14.2f} {cost['wall']:10.2f}   "
            f"{ours / rate:.2f}x{aim}{whole}"
        )
    return met


def remember() -> bool:
    """Print the peak memory of an inventory of 1,000 switches, all in flight at once."""
    cost = measured("ours", "inventory", 1000, 1000)
    say(
        f"\nmemory: 1,000 switches in flight, peak {cost['peak']:.0f} MB (limit {MEGABYTES} MB), "
        f"{1000 / cost['wall']:.0f} devices/s wall"
    )
    return cost["peak"] < MEGABYTES and cost["values"] == VALUES * 1000


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    """Run what was asked for, everything by default; return 1 where a promise was not kept."""
    if arguments[:1] == ["--respond"]:
        respond(int(arguments[1]))
        return 0
    if arguments[:1] == ["--measure"]:
        measure(arguments[1], arguments[2], int(arguments[3]), int(arguments[4]))
        return 0
    say(
        f"{platform.machine()}, Python {platform.python_version()}; one responder process; {REPETITIONS} "
        f"repetitions for the others"
    )
    command = [sys.executable, "-m", "tests.bench.bench_snmp", "--respond", "1000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as responder:
        assert responder.stdout is not None
        if not responder.stdout.readline():
            return 1
        try:
            wanted = arguments or ["inventory", "v3", "get", "memory"]
            met = [remember() if work == "memory" else compare(work) for work in wanted]
        finally:
            responder.kill()
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
