"""Ask one target by probes and look at what it showed: the words of the probe tests.

No test in here.
"""

import asyncio
import datetime as dt
import hashlib

from auditor.collect.base import Setup
from auditor.collect.probe.collector import ProbeCollector
from auditor.model import Credential, Limits, Observation, Record, Target
from tests.tools.loopback import SCOPE

NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)


class Vault:
    def fetch(self, name: str, part: str) -> str:
        return "cam-canary" if (name, part) == ("cams", "password") else ""


def probe(ports: dict[str, int], *names: str, credentials: tuple[str, ...] = (), **limits: object) -> list[Record]:
    target = Target(address="127.0.0.1", ports=tuple(ports.items()), credentials=credentials)
    return list(ProbeCollector().collect([target], setup(names or tuple(ports), **limits)))


def setup(names: tuple[str, ...], **limits: object) -> Setup:
    return Setup(
        scope=SCOPE,
        credentials={"cams": Credential(name="cams", kind="http", user="audit")},
        secrets=Vault(),
        now=lambda: NOW,
        limits=Limits(**{"timeout": 0.5, "packets_per_second": 10_000.0, "deadline": 10.0, **limits}),
        probes=names,
    )


def said(records: list[Record]) -> dict[str, str]:
    found: dict[str, str] = {}
    for record in records:
        for fact in record.facts if isinstance(record, Observation) else ():
            found.setdefault(fact.kind, fact.value)
    return found


def greeting(text: bytes) -> object:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await writer.drain()
        await reader.read(1)

    return talk


def answer(body: str = "", status: str = "200 OK", **headers: str) -> str:
    rows = [f"HTTP/1.1 {status}", f"Content-Length: {len(body.encode())}"]
    return (
        "\r\n".join(rows + [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()])
        + "\r\n\r\n"
        + body
    )


DEVICE_INFO = (
    '<?xml version="1.0" encoding="UTF-8"?><DeviceInfo version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">'
    "<deviceName>cam</deviceName><model>DS-2CD2143G0-I</model><serialNumber>DS-2CD2143G0-I20230101AAWRDOC000001</"
    "serialNumber>"
    "<macAddress>bc:ad:28:00:00:01</macAddress></DeviceInfo>"
)


def guarded(body: str, right: str = "cam-canary", scheme: str = "Digest") -> object:
    """Answer one page to whoever solves the challenge, checked against RFC 7616 by hand."""

    def page(request: str, _body: str) -> str:
        rows = {name.lower(): value for name, _, value in (row.partition(": ") for row in request.splitlines()[1:])}
        given = rows.get("authorization", "")
        words = dict(part.split("=", 1) for part in given.removeprefix("Digest ").split(", ") if "=" in part)
        told = {key: value.strip('"') for key, value in words.items()}
        if told:
            md5 = lambda text: hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()  # noqa: E731 - a formula
            own, asked = md5(f"audit:cam:{right}"), md5(f"GET:{request.split()[1]}")
            if told["response"] == md5(f"{own}:n0nce:{told['nc']}:{told['cnonce']}:auth:{asked}"):
                return answer(body)
        return answer(
            status="401 Unauthorized", WWW_Authenticate=f'{scheme} realm="cam", nonce="n0nce", qop="auth,auth-int"'
        )

    return page
