"""`make fuzz`: a million broken SNMP packets, a hundred thousand hostile texts a parser.

A refusal (`AuditorError`) is fine. Anything else a parser raises comes through and ends the run: that is the bug to
mend.
"""

import contextlib
import os
import random
import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import chain, cycle
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor import normal
from auditor.errors import AuditorError
from auditor.formats import journal
from auditor.imports.registry import FORMATS, read
from auditor.imports.source import SourceFile
from auditor.model import Fact, Observation, Target
from auditor.parse import cli, snmprec, xml
from auditor.policy import load as policies
from auditor.rules import load as rules
from auditor.rules.read import read_rule_file
from auditor.rules.vocabulary import Vocabulary
from auditor.store.waivers import read_waivers
from auditor.targets import config
from tests.parse import test_cli_fuzz
from tests.tools import figures, snmp_fuzz
from tests.tools.hostile_audits import strings

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 21, tzinfo=UTC)
PACKETS = 1_000_000
TEXTS = 100_000
EXAMPLES = 10_000
# No single packet or text may take longer, and the whole run may not grow by more.
SECONDS = 2.0
MEGABYTES = 300
LONGEST = 30_000
NOISE = [
    "\0", "\x1b[2J", "\x08", "\r", "\n\n", "\ufeff", "\u2028", "\ud800", "\U0001d573",
    "=cmd|' /C calc'!A0", "[" * 400, "{" * 400, "<a>" * 300,
    '"', "'", "\\", "\\u", "&#xd800;",
    '<!DOCTYPE a [<!ENTITY b "c">]>', "%s", "1" * 400, "-1", "1e999", "NaN", "null", "true", "[[", "]]",
    "0x",
    "99999999999999999999", "0001-01-01", "|", ",", ";", "\t" * 60, " " * 3000, "\xb2", "\u0663", "::", "/0",
    "ff:ff:ff:ff:ff:ff",
]  # fmt: skip
VALUE = re.compile(r'"[^"\n]{0,200}"|\b[0-9][0-9a-fA-F:./-]*\b')
VALUES = [
    '"x"', '""', "1", "-1", "0", "[]", "{}", "[[]]", "true", "null", "1e400", "0.5", '"\\ud800"', '"\\u0000"',
    "1979-05-27",
    "99999999999999999999",
    '"10.0.0.0/0"', '"::/0"', '"(?P<a>"', '"(a+)+$"', '"\u202e"', '{"a":1}', '["a"]', "inf", "nan",
    "1.3.6.1.4.1.99999999999", "ff:ff", "255.255.255.256",
]  # fmt: skip

NMAP = """<?xml version="1.0"?><nmaprun><host><status state="up"/><address addr="192.0.2.1" addrtype="ipv4"/>
<address addr="00:E0:FC:00:00:01" addrtype="mac" vendor="Huawei"/><hostnames><hostname name="sw1"/></hostnames><ports>
<port protocol="tcp" portid="80"><state state="open"/><service name="http" product="DNVRS-Webs"/>
<script id="http-title" output="x"/>
</port></ports></host></nmaprun>"""
CONFIG = """[defaults]\ncredentials = ["core"]\n[limits]\npackets_per_second = 50\n[credential.core]
kind = "snmp-v3"\nuser = "a"
auth = "SHA256"\nauth_secret = "env:A"\n[site.hq]\nsubnets = ["10.1.0.0/16"]\nports = { snmp = 161 }
latitude = 48.2\nlongitude = 16.4
[options]\nformat = ["json"]\n"""
WAIVER = """[[waiver]]\nfinding = "f"\nwho = "a"\nwhy = "b"\nauthority = "c"\nuntil = 2027-01-01\n"""
TABLE = """ip,mac,vendor,model,serial,site\n192.0.2.1,00:e0:fc:00:00:01,Huawei,S5720,210235,hq\n192.0.2.2,,,"a,b",,\n"""
EXPORTS = """[{"name":"sw1","device_type":{"model":"S5720","manufacturer":{"name":"Huawei"}},"site":{"name":"hq"},
"serial":"2102",
"primary_ip":{"address":"192.0.2.1/24"},"hostname":"sw1","sysObjectID":"1.3.6.1.4.1.2011.2.23.1","ip":"192.0.2.1",
"vendor":"huawei",
"os_ver":"5","sysDescr":"VRP","hardware":"S5720"}]"""
PRINTED = """SNMPv2-MIB::sysDescr.0 = STRING: Example OS
of 2026
SNMPv2-MIB::sysObjectID.0 = OID: SNMPv2-SMI::enterprises.9.1
BRIDGE-MIB::dot1dTpFdbAddress.'..^.S2' = STRING: 0:0:5e:0:53:32
IP-MIB::ipNetToPhysicalPhysAddress.3.ipv4."192.0.2.65" = STRING: 0:0:5e:0:53:41

sysDescr.0 Example OS
lldpRemChassisId[0:0:00:00.00][11][1] "00 00 5E 00 53 01 "
dot1qTpFdbPort[10][0:0:5e:0:53:33] 1
entPhysicalClass.1 chassis

.iso.org.dod.internet.mgmt.mib-2.system.sysDescr.0 = Hex-STRING: 45 78 61  [Exa]
.iso.3.6.1.2.1.1.3.0 = 987654

OID=.1.3.6.1.2.1.1.1.0, Type=OctetString, Value=  00 00 5E
Name/OID: sysUpTime.0; Value (TimeTicks): 2 hours (987654)
"""
REPLIES = """<DeviceInfo xmlns="http://www.isapi.org/ver20/XMLSchema"><model>DS-2CD2386G2-IU</model></DeviceInfo>

{"DeviceInfo": {"model": "DS-2CD2386G2-IU", "serialNumber": "DS-2CD2386G2-IU20220401AAWRJ00000017"}}

deviceType=IPC-HFW2431S-S-S2
serialNumber=5E00000PAZ00017

ATI
Manufacturer: huawei
Model: E3372
Revision: 21.180.01.00.00

{"wa_inner_version": "BD_VIPMF286V1.0.0B10", "model_name": "MF286"}

#masscan
open tcp 80 192.0.2.12 1764000000
banner tcp 80 192.0.2.12 1764000001 http HTTP/1.1 200 OK\\x0d\\x0aServer: x

[{"mac": "bc:ad:28:00:00:01", "is_wired": true, "sw_mac": "00:e0:fc:00:00:01", "sw_port": 3, "vlan": 10}]

[{"_id": "x", "_deviceId": {"_Manufacturer": "x"}, "Device": {"DeviceInfo": {"ModelName": {"_value": "y"}}}}]

/ip dhcp-server lease
add address=192.0.2.12 mac-address=\\
    BC:AD:28:00:00:01 comment="a"
"""
LEASES = """lease 192.0.2.9 {\n  hardware ethernet 00:e0:fc:00:00:09;\n  client-hostname "cam";
  set vendor-class-identifier = "dahua";\n}
1732180000 00:e0:fc:00:00:0a 192.0.2.10 cam2 *\n"""


@dataclass
class Sort:
    """One sort of text: honest beginnings, and who reads it."""

    name: str
    share: int
    seeds: list[str]
    reads: Callable[[str], object]


@dataclass
class Figure:
    """What one sort cost: how many were read.

    Where that was counted, how many were refused and the slowest in seconds.
    """

    name: str
    read: int = 0
    refused: int | None = None
    slowest: float | None = None
    seconds: float = 0.0
    slow: list[str] = field(default_factory=list)

    def line(self) -> str:
        refused = "" if self.refused is None else f"{self.refused:,} refused, "
        slowest = "" if self.slowest is None else f"slowest {self.slowest * 1000:.0f} ms, "
        return f"{self.name:22} {self.read:9,} read, {refused}0 uncaught, {slowest}{self.seconds:.0f} s"


def swapped(text: str, dice: random.Random) -> str:
    """Return a text with values of a sort nobody expects, to reach what lies behind the syntax."""
    values = list(VALUE.finditer(text))
    for match in sorted(dice.sample(values, min(len(values), dice.randint(1, 3))), key=lambda match: -match.start()):
        text = text[: match.start()] + dice.choice(VALUES) + text[match.end() :]
    return text[:LONGEST]


def broken(text: str, dice: random.Random) -> str:
    """Return a text with pieces cut, repeated, moved or made of what has no business there."""
    if dice.random() < 0.5:
        return swapped(text, dice)
    for _ in range(dice.randint(1, 5)):
        at, kind = dice.randrange(len(text) + 1), dice.randrange(7)
        piece = text[at : at + dice.randint(1, 40)]
        if kind == 0:
            text = text[:at] + dice.choice(NOISE) + text[at:]
        elif kind == 1:
            text = text[:at] + text[at + len(piece) :]
        elif kind == 2:
            text = text[:at] + piece * dice.randint(2, 30) + text[at:]
        elif kind == 3:
            text = text[:at] + chr(dice.randrange(0x300)) + text[at + 1 :]
        elif kind == 4:
            text = text[:at]
        elif kind == 5:
            text = text[:at] + dice.choice(hostile()) + text[at:]
        else:
            other = dice.randrange(len(text) + 1)
            text = text[:other] + piece + text[other:]
    return text[:LONGEST]


@cache
def hostile() -> list[str]:
    return [text for text in strings() if len(text) < 2_000]


@cache
def words() -> Vocabulary:
    return rules.load().words


def sorts(folder: Path) -> list[Sort]:
    """Return every sort of text with its parsers; shares add up to 100."""
    samples, knowledge = ROOT / "samples", ROOT / "oui_rules"
    fact = Fact(kind="snmp.sysdescr", value="VRP", where="1.3.6.1.2.1.1.1.0", about="mac:00e0fc000001")
    seen = journal.encode(
        Observation(target=Target(address="192.0.2.1", site="hq"), collector="snmp", at=NOW, facts=(fact,))
    )
    replies = [path.read_text(encoding="utf-8", errors="replace")[:4_000] for path in sorted(samples.rglob("*.cli"))]
    walks = [
        path.read_text(encoding="utf-8", errors="replace")[:3_000] for path in sorted(samples.rglob("*.snmprec"))[:20]
    ]
    rule_files = [
        path.read_text(encoding="utf-8")[:3_000] for path in sorted((knowledge / "makers").glob("*.toml"))[:20]
    ]
    laws = [path.read_text(encoding="utf-8")[:3_000] for path in sorted((knowledge / "policies").glob("*.toml"))]
    files = Files(folder)
    imports = [seen, NMAP, TABLE, EXPORTS, LEASES, *REPLIES.split("\n\n"), *replies[:3], *walks[:3]]
    return [
        Sort("CLI, HTTP, XML, search", 40, [], lambda _text: None),
        Sort("recorded CLI", 10, replies, lambda text: cli.facts("display version", text, "huawei_vrp")),
        Sort("journal", 12, [seen], journal.decode),
        Sort("snmprec, snmpwalk", 8, [*walks, *PRINTED.split("\n\n")], snmprec.read),
        Sort("every import", 16, imports, files.imported),
        Sort("auditor.toml", 5, [CONFIG], lambda text: config.parse(text, "auditor.toml")),
        Sort("rule files", 4, rule_files, lambda text: read_rule_file(text, "makers/huawei.toml", words())),
        Sort("policies", 3, laws, lambda text: policies.read(text, "law.toml")),
        Sort("waivers", 2, [WAIVER], files.waivers),
    ]


class Files:
    """Readers that want a file get one, made anew each time; importers take turns."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "text"
        self.formats = cycle([*(name for name in FORMATS if name != "pcap"), "auto"])

    def _written(self, text: str) -> Path:
        self.path.write_bytes(text.encode("utf-8", "surrogatepass"))
        return self.path

    def imported(self, text: str) -> None:
        source = SourceFile(path=self._written(text), site="", at=NOW, warn=lambda _text: None)
        for record in read(source, next(self.formats)):
            journal.encode(record).encode("utf-8")

    def waivers(self, text: str) -> None:
        read_waivers(str(self._written(text)))


def texts(count: int = TEXTS, seed: int = 0) -> Iterator[Figure]:
    """Feed so many hostile texts to the parsers and yield the figures of each sort."""
    with tempfile.TemporaryDirectory(dir=_memory_folder()) as folder:
        for sort in sorts(Path(folder)):
            yield _fed(sort, count * sort.share // 100, random.Random(seed))


def _memory_folder() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - written a hundred thousand times


def _fed(sort: Sort, count: int, dice: random.Random) -> Figure:
    start, refused, slowest = time.monotonic(), 0, 0.0
    slow: list[str] = []
    for _ in range(count):
        text = broken(dice.choice(sort.seeds), dice) if sort.seeds else test_cli_fuzz.broken(dice)
        began = time.perf_counter()
        try:
            sort.reads(text) if sort.seeds else test_cli_fuzz.read(text, dice)
        except AuditorError:
            refused += 1
        except BaseException:
            sys.stderr.write(f"{sort.name}: {text!r}\n")
            raise
        took = time.perf_counter() - began
        slowest = max(slowest, took)
        slow += [text] if took > SECONDS else []
    return Figure(sort.name, count, refused, slowest, time.monotonic() - start, slow)


def packets(count: int = PACKETS, seed: int = 0) -> Figure:
    """Feed so many broken packets to the BER reader, the USM session and the agent."""
    began = time.monotonic()
    slow = snmp_fuzz.main(count, seed)
    return Figure("SNMP packets", read=count, seconds=time.monotonic() - began, slow=["packet"] * slow)


def properties(examples: int = EXAMPLES) -> Iterator[Figure]:
    """Let hypothesis look for what the mutations miss.

    BER reader, MAC parser, CLI cleaners, rule loader (R16).
    """
    for name, values, reads in (
        ("hypothesis: BER", st.binary(max_size=300), snmp_fuzz.swallow),
        ("hypothesis: MAC", st.text(max_size=60), _mac),
        ("hypothesis: CLI", st.text(max_size=500), _cleaned),
        ("hypothesis: XML", st.text(alphabet="<>/a&;#x'\"=! []-", max_size=200), _xml),
        ("hypothesis: rules", _rule_texts(), _rule),
    ):
        began = time.monotonic()
        every = settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        every(given(values)(reads))()
        yield Figure(name, read=examples, seconds=time.monotonic() - began)


def _mac(text: str) -> None:
    digits = normal.mac(text)
    assert not digits or (len(digits) == 12 and set(digits) <= set("0123456789abcdef"))


def _cleaned(text: str) -> None:
    shown = cli.clean(text)
    assert not [char for char in shown if char < " " and char not in "\n\t"]
    assert cli.clean(shown) == shown
    cli.split_transcript(text)
    cli.hostname(text)


def _xml(text: str) -> None:
    xml.texts(xml.parse(text))


def _rule_texts() -> st.SearchStrategy[str]:
    keys = st.sampled_from(
        ["id", "fact", "regex", "oid", "category", "strength", "because", "source", "never", "table", "where", "x"]
    )
    values = st.one_of(
        st.text(max_size=30).map(_quoted), st.integers().map(str), st.just("[]"), st.just("true"), st.just("[[1]]")
    )
    lines = st.lists(st.tuples(keys, values).map(" = ".join), max_size=8, unique_by=lambda line: line.split(" ")[0])
    return lines.map(lambda rows: 'name = "Huawei"\n[[rule]]\n' + "\n".join(rows))


def _quoted(text: str) -> str:
    return '"' + "".join(char if char.isalnum() or char in " .()[]+*?|^$" else " " for char in text) + '"'


def _rule(text: str) -> None:
    with contextlib.suppress(AuditorError):
        read_rule_file(text, "makers/huawei.toml", words())


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(count: int = PACKETS, texts_count: int = TEXTS, examples: int = EXAMPLES) -> int:
    """Print what was read and what it cost.

    Return how many were too slow, plus one where memory grew too much.
    """
    before, slow = _peak(), 0
    for figure in chain([packets(count)], texts(texts_count), properties(examples)):
        say(figure.line())
        slow += len(figure.slow)
    grown = _peak() - before
    cost = f"{slow} slower than {SECONDS:g} s; memory grew by {grown} MB to {_peak()} MB at most ({MEGABYTES} allowed)"
    say(cost)
    wrong = slow + (grown > MEGABYTES)
    if (count, texts_count, examples) >= (PACKETS, TEXTS, EXAMPLES):
        read = f"{count:,} packets, {texts_count:,} texts a parser, {examples:,} examples of each property"
        figures.keep("R16", "fuzz", f"0 uncaught in {read}; {cost}", held=not wrong)
    return wrong


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    sys.exit(min(1, main(*(int(word) for word in sys.argv[1:]))))
