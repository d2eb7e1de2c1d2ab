"""What masscan wrote: hosts with open ports and what they greeted with.

`-oJ`, `-oD`, `-oL`, or what stood on the terminal; its `-oX` is read like nmap's.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from auditor import normal
from auditor.errors import InputError
from auditor.imports.nmap import greetings
from auditor.imports.objects import plain
from auditor.imports.source import SourceFile
from auditor.model import Fact, Observation, Record, Target

LINE_CAP = 65_536
LAST_PORT = 65_535
MANY_HOSTS = 1 << 20
TORN = "lines that are no result of masscan, passed over"
_JSON = re.compile(r'\s*\{\s*"ip":\s*"[0-9a-fA-F.:]{2,45}",\s*"timestamp":\s*"[0-9]+"')
_LIST = re.compile(
    r"(open|banner) (tcp|udp|sctp) ([0-9]{1,5}) ([0-9a-fA-F.:]{2,45}) [0-9]{1,12}(?: (\S{1,64}) (.*))?\Z"
)
_SAID = re.compile(
    r"(Discovered open|Banner on) port ([0-9]{1,5})/(tcp|udp|sctp) on ([0-9a-fA-F.:]{2,45}?):?"
    r"(?: \[(\S{1,64})\] (.*))?\s*\Z"
)
_FIRST = frozenset("obDB{ \t")  # of a line that may be a result
_FRAME = re.compile(r"\s*(?:[\[\],]|#.*|\{\s*\"?finished.*|)\s*\Z")


@dataclass(slots=True)
class _ScannedHost:
    """One address: its open TCP ports, and what was said there, each once."""

    ports: set[int] = field(default_factory=set)
    facts: dict[Fact, None] = field(default_factory=dict)


def begins(text: str) -> bool:
    """Tell whether text is the beginning of what masscan wrote."""
    lines = [line for line in text.splitlines() if line.strip() not in {"", "["}][:3]
    return any(_JSON.match(line) or _LIST.match(line) or _SAID.match(line) for line in lines)


def read(source: SourceFile) -> Iterator[Record]:
    """Yield every address that answered with its ports and greetings."""
    hosts: dict[str, _ScannedHost] = {}
    torn = 0
    for line in source.text_lines():
        if line.isspace() or not line:
            continue
        results = list(_results(line[:LINE_CAP].rstrip("\r\n")))
        torn += not results and not _FRAME.match(line[:LINE_CAP])
        for address, port, protocol, name, said in results:
            host = hosts.setdefault(address, _ScannedHost())
            if len(hosts) > MANY_HOSTS:
                raise InputError(f"holds more than {MANY_HOSTS} hosts; split it", where=str(source.path))
            host.ports |= {port} if protocol == "tcp" else set()
            host.facts.update(dict.fromkeys(greetings(name, said, f"{port}/{protocol}")))
    if not hosts:
        raise InputError("holds no result of masscan", where=str(source.path))
    for address, host in hosts.items():
        numbers = ",".join(map(str, sorted(host.ports)))
        ports = [Fact(kind="ports.open", value=numbers, where="masscan")] if numbers else []
        target = Target(address=address, site=source.site)
        yield Observation(target=target, collector="masscan", at=source.at, facts=(*ports, *host.facts))
    yield from source.partial([f"{TORN}: {torn}"] if torn else [], "masscan")


def _results(line: str) -> Iterator[tuple[str, int, str, str, str]]:
    """Yield address, port, protocol, the name of a greeting and the greeting."""
    if line[:1] not in _FIRST:
        rows = []
    elif match := _LIST.match(line):
        _sort, protocol, port, address, name, said = match.groups()
        rows = [(address, port, protocol, name or "", said or "")]
    elif match := _SAID.match(line):
        _sort, port, protocol, address, name, said = match.groups()
        rows = [(address, port, protocol, name or "", said or "")]
    else:
        rows = list(_object(line)) if _JSON.match(line) else []
    for address, port, protocol, name, said in rows:
        if port.isdecimal() and 0 < int(port[:6]) <= LAST_PORT and normal.is_address(address):
            yield address, int(port), protocol, name, said


def _object(line: str) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield what one object says: ports in a list (`-oJ`), or one port with its data (`-oD`)."""
    try:
        entry = json.loads(line.strip().rstrip(","))
    except (ValueError, RecursionError):
        return
    ports = entry.get("ports") if isinstance(entry, dict) else None
    for port in ports if isinstance(ports, list) else [entry]:
        if isinstance(port, dict):
            data = port.get("service", port.get("data"))
            data = data if isinstance(data, dict) else {}
            name = plain(data.get("name")) or plain(data.get("service_name"))
            yield (
                plain(entry.get("ip")),
                plain(port.get("port")),
                plain(port.get("proto")),
                name,
                plain(data.get("banner")),
            )
