"""What the tests of the SNMP client share.

An agent of ours in a thread, a real snmpd, tables made up at random.
"""

import contextlib
import shutil
import subprocess
import threading
import time

import pytest
from hypothesis import strategies as st

from auditor import ber
from auditor.lab.agent import Responder
from auditor.model import Limits, VarBind
from auditor.snmp.client import Client
from auditor.snmp.script import Agent, Community, Get, User, Walk
from tests.tools.loopback import free_port

LIMITS = Limits(packets_per_second=0.0, timeout=0.5, retries=2, deadline=20.0)
PUBLIC = Community(secret="public")
AUTHS = {"MD5": "MD5", "SHA": "SHA", "SHA224": "SHA-224", "SHA256": "SHA-256", "SHA384": "SHA-384", "SHA512": "SHA-512"}
PRIVS = {"DES": "DES", "AES": "AES", "AES192": "AES-192", "AES256": "AES-256"}


@contextlib.contextmanager
def playing(*devices):
    """Play devices in a thread."""
    with Responder(devices) as responder:
        thread = threading.Thread(target=responder.serve, args=(0.01,), daemon=True)
        thread.start()
        yield responder
        responder.stop()
        thread.join()


def users() -> list[User]:
    """Return a user for every level and pair of protocols that net-snmp and we both speak."""
    named = [User(name="open"), *(User(name=f"a{auth}", auth=auth, auth_secret="authpass123") for auth in AUTHS)]
    return named + [
        User(name=f"{auth}{priv}", auth=auth, auth_secret="authpass123", priv=priv, priv_secret="privpass123")
        for auth in AUTHS
        for priv in PRIVS
    ]


def program(name: str) -> str:
    """Return the path of a Debian program, or skip the test by its name."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@contextlib.contextmanager
def snmpd(folder, address: str):
    """Run net-snmp's own agent and yield its port."""
    path, port = program("snmpd"), free_port(address)
    lines = ["rocommunity public", "sysDescr a real snmpd", "sysLocation lab", "rouser open noauth"]
    for user in users()[1:]:
        secret = f' {PRIVS[user.priv]} "{user.priv_secret}"' if user.priv else ""
        lines.append(f'createUser {user.name} {AUTHS[user.auth]} "{user.auth_secret}"{secret}')
        lines.append(f"rouser {user.name} {'priv' if user.priv else 'auth'}")
    config = folder / "snmpd.conf"
    config.write_text("createUser open\n" + "\n".join(lines) + "\n", encoding="ascii")
    command = [
        path,
        "-f",
        "-Lo",
        "-C",
        "-c",
        str(config),
        "-I",
        "-smux",
        "-p",
        str(folder / "pid"),
        f"udp:{address}:{port}",
    ]
    environment = {"SNMP_PERSISTENT_DIR": str(folder), "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment) as running:
        try:
            _await(running, address, port)
            yield port
        finally:
            running.terminate()


def _await(running, address: str, port: int) -> None:
    for _ in range(100):
        (result,) = Client(Limits(packets_per_second=0.0, timeout=0.2, retries=0)).run(
            [(Agent(address, port, "2c", PUBLIC), get("1.3.6.1.2.1.1.1.0"))]
        )
        if result.fault is None:
            return
        if running.poll() is not None:
            pytest.skip("snmpd does not start here")
        time.sleep(0.05)
    pytest.fail("snmpd does not answer")


def get(*oids: str, **options):
    return (yield Get(oids=oids, **options))


def walk(*columns: str, **options):
    return (yield Walk(columns=columns, **options))


def ask(agent: Agent, script, limits: Limits = LIMITS):
    """Run one script against one agent and return its answer."""
    (result,) = Client(limits).run([(agent, script)])
    assert result.fault is None, result.fault
    return result.value


_TAGS = (
    ber.INTEGER,
    ber.OCTET_STRING,
    ber.OBJECT_IDENTIFIER,
    ber.IP_ADDRESS,
    ber.COUNTER32,
    ber.GAUGE32,
    ber.TIMETICKS,
    ber.COUNTER64,
)


def _raw(tag: int, seed: int, text: bytes) -> bytes:
    if tag == ber.OBJECT_IDENTIFIER:
        return ber.oid(f"1.3.6.1.4.1.{seed}")
    if tag == ber.IP_ADDRESS:
        return seed.to_bytes(4, "big")
    if tag == ber.OCTET_STRING:
        return text
    number = seed if tag == ber.COUNTER64 else seed % 2**31
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def tables(size: int = 60):
    """Return a strategy for MIBs: a few columns, arcs of every length, values of every type."""
    arc = st.one_of(st.integers(0, 3), st.integers(0, 300), st.integers(0, 2**32 - 1))
    name = st.lists(arc, min_size=1, max_size=6).map(lambda arcs: "1.3.6.1.2.1." + ".".join(map(str, arcs)))
    bind = st.tuples(name, st.sampled_from(_TAGS), st.integers(0, 2**32 - 1), st.binary(max_size=200))
    return st.lists(bind, max_size=size).map(_mib)


def _mib(rows) -> list[VarBind]:
    known = {name: VarBind(name, tag, _raw(tag, seed, text)) for name, tag, seed, text in rows}
    return sorted(known.values(), key=lambda bind: tuple(map(int, bind.oid.split("."))))
