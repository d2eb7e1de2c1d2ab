"""What one device, file or row may cost: each bound with the worst input for it, and what memory that takes.

    python -m tests.tools.costs          prints the table of docs/promises.md
    python -m tests.tools.costs --json   the same for a test: octets of memory per unit, by name

Each is played twice, at a small size and at four times that, in a process forked off for it: what the peak grew by says
what an octet, a row or a value costs. What has to be refused is played once.
"""

import gzip
import io
import json
import os
import re
import sys
import tempfile
import traceback
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from auditor import ber
from auditor.errors import InputError
from auditor.imports import objects, source, spreadsheets, transcripts, walks, workbook_parts
from auditor.imports.registry import read as read_file
from auditor.imports.source import SourceFile
from auditor.model import Limits, VarBind
from auditor.oids import NAMES
from auditor.parse import cli, snmp, web
from auditor.store import documents

AT = datetime(2026, 11, 21, 5, tzinfo=UTC)
FACTOR = 4
MEGABYTE = 1 << 20
_PEAK = re.compile(r"VmHWM:\s*(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One bound: what is bounded, by which name and at how much, and what a unit costs at most.

    `play` takes the worst input of a size; `size` is the smaller one it is played at, in units. `each` is in octets of
    memory; zero where the input has to be refused, and takes `refused` megabytes at most.
    """

    what: str
    name: str
    limit: int
    unit: str
    size: int
    each: int
    play: Callable[[int], None]
    refused: int = 0

    def line(self) -> str:
        """Return what docs/promises.md says of it: a row of a table, but for the figure measured last."""
        bound = f"| {self.what} | `{self.name}` | {self.limit:,} {self.unit}s |"
        if not self.each:
            return f"{bound} refused; {self.refused} MB |"
        article, most = "an" if self.unit.startswith("o") else "a", self.each * self.limit / 1e6
        return f"{bound} {self.each} octets {article} {self.unit}, {most:,.0f} MB |"


def _rows(column: str, head: tuple[int, ...], value: bytes, count: int) -> Iterator[VarBind]:
    oid = NAMES[column]
    for number in range(count):
        arcs = ".".join(map(str, (*head, *number.to_bytes(3, "big"))))
        yield VarBind(f"{oid}.{arcs}", ber.OCTET_STRING, value or b"\x00\x14\x22" + number.to_bytes(3, "big"))


def forwarding(count: int) -> None:
    """Take in a forwarding table."""
    snmp.facts(_rows("dot1qTpFdbPort", (20, 0, 20, 34), b"\x07", count))


def resolution(count: int) -> None:
    """Take in an ARP table."""
    snmp.facts(_rows("ipNetToMediaPhysAddress", (7, 10), b"", count))


def names(count: int) -> None:
    """Take in the names of ports."""
    snmp.facts(_rows("ifDescr", (), b"GigabitEthernet1/0/1", count))


def reply(octets: int) -> None:
    """Read a reply of a command line that is a MAC table to its end."""
    line = "  20  0014.2200.{:02x}{:02x}  DYNAMIC  Gi1/0/7\n"
    text = "".join(line.format(number >> 8 & 255, number & 255) for number in range(octets // 45))
    cli.read("show mac address-table", text, cap=octets)


def _packed(octets: int) -> bytes:
    """Return what unpacks to so many octets, made without holding them."""
    packer = zlib.compressobj()
    return b"".join(packer.compress(b"<a>" * 1000) for _ in range(octets // 3000)) + packer.flush()


def page(octets: int) -> None:
    """Read a page that unpacks to far more than it may."""
    packed = _packed(octets)
    top = web.head(b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n")
    assert top is not None
    list(web.page(web.whole(top, packed), "/"))


def _import(name: str, data: bytes, sort: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(data)
        with suppress(InputError):  # a file that is refused in the end was read as well
            for _record in read_file(SourceFile(path=path, site="hq", at=AT, warn=lambda _text: None), sort):
                pass


def table(octets: int) -> None:
    """Read a CSV of short rows."""
    _import("a.csv", b"ip,mac,vendor\n" + b"10.0.0.1,,a\n" * (octets // 12), "csv")


def exported(octets: int) -> None:
    """Read a JSON export of empty objects."""
    row = b'{"id":1,"name":"a","device_type":{"model":"b"},"site":{}},'
    _import("a.json", b"[" + row * (octets // len(row)) + b"{}]", "netbox")


def markup(octets: int) -> None:
    """Read XML of empty elements."""
    row = b"<host><status state='up'/></host>"
    data = b"<nmaprun>" + row * (octets // len(row)) + b"</nmaprun>"
    _import("a.xml", data, "nmap")


def sheet(octets: int) -> None:
    """Read a workbook whose only sheet has a row of cells after the other."""
    cells = '<c r="A{0}" t="inlineStr"><is><t>{1}</t></is></c><c r="B{0}" t="inlineStr"><is><t>{2}</t></is></c>'
    lines = [cells.format(1, "ip", "vendor")]
    lines += [cells.format(number, "10.0.0.1", "a") for number in range(2, octets // 128)]
    rows = "".join(f'<row r="{number}">{line}</row>' for number, line in enumerate(lines, 1))
    parts = {
        "xl/_rels/workbook.xml.rels": b'<R><R Id="r1" Target="worksheets/s.xml"/></R>',
        "xl/workbook.xml": b'<w xmlns:r="r"><sheets><sheet name="a" r:id="r1"/></sheets></w>',
        "xl/worksheets/s.xml": f"<w><sheetData>{rows}</sheetData></w>".encode(),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    _import("a.xlsx", out.getvalue(), "xlsx")


def walk(octets: int) -> None:
    """Read a printed walk of a forwarding table."""
    line = ".1.3.6.1.2.1.17.7.1.2.2.1.2.20.0.20.34.{}.{}.{} = INTEGER: 7\n"
    count = octets // 62
    lines = (line.format(at >> 16, at >> 8 & 255, at & 255) for at in range(count))
    _import("a.snmpwalk", "".join(lines).encode(), "snmpwalk")


def log(octets: int) -> None:
    """Read the log of a session."""
    _import("a.log", b"sw1#show version\n" + b"Cisco IOS Software, line after line\n" * (octets // 37), "cli")


def journal_line(octets: int) -> None:
    """Read a journal whose only line is a table of so many octets."""
    head = (
        b'{"type":"table","target":{"address":"10.0.0.1","site":""},"collector":"snmp","at":"2026-11-21T05:00:00Z",'
        b'"table":"fdb","columns":["mac"],"rows":['
    )
    rows = b",".join(b'["001422%06x"]' % number for number in range(octets // 17))
    _import("a.jsonl", head + rows + b"]}\n", "journal")


def long_line(octets: int) -> None:
    """Read a journal with a line longer than any may be."""
    _import(
        "a.jsonl", b'{"type":"run","journal":1,"id":"r","started":"2026-11-21T05:00:00Z"}\n' + b"x" * octets, "journal"
    )


def bomb(octets: int) -> None:
    """Read a packed recording that swells to so much."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=9) as file:
        for _ in range(octets // MEGABYTE):
            file.write((b"#" * 1023 + b"\n") * 1024)
    _import("a.snmpwalk", out.getvalue(), "snmpwalk")


def document(octets: int) -> None:
    """Unpack a document of a store that is larger than any may be."""
    with suppress(zlib.error):
        documents.inflate(_packed(octets), octets // 2)


_LIMITS = Limits()
COSTS = (
    Cost(what="forwarding table over SNMP", name="Limits.max_rows", limit=_LIMITS.max_rows, unit="row", size=6_000,
         each=450, play=forwarding),
    Cost(what="ARP table over SNMP", name="Limits.max_rows", limit=_LIMITS.max_rows, unit="row", size=6_000,
         each=450, play=resolution),
    Cost(what="names of ports over SNMP", name="Limits.max_rows", limit=_LIMITS.max_rows, unit="row", size=6_000,
         each=450, play=names),
    Cost(what="reply to one command (SSH)", name="Limits.max_output", limit=_LIMITS.max_output, unit="octet",
         size=150_000, each=40, play=reply),
    Cost(what="answer over HTTP or to a probe", name="web.BODY_CAP", limit=web.BODY_CAP, unit="octet",
         size=8 * MEGABYTE, each=0, refused=6, play=page),
    Cost(what="CSV file", name="spreadsheets.CAP", limit=spreadsheets.CAP, unit="octet", size=150_000, each=12,
         play=table),
    Cost(what="workbook, a part of it unpacked", name="workbook_parts.CAP", limit=workbook_parts.CAP, unit="octet",
         size=300_000, each=12, play=sheet),
    Cost(what="JSON export", name="objects.CAP", limit=objects.CAP, unit="octet", size=300_000, each=16, play=exported),
    Cost(what="XML export", name="objects.XML_CAP", limit=objects.XML_CAP, unit="octet", size=600_000, each=26,
         play=markup),
    Cost(what="walk", name="walks.CAP", limit=walks.CAP, unit="octet", size=800_000, each=12, play=walk),
    Cost(what="session log", name="transcripts.CAP", limit=transcripts.CAP, unit="octet", size=800_000, each=8,
         play=log),
    Cost(what="line of a journal", name="source.LINE_CAP", limit=source.LINE_CAP, unit="octet", size=300_000, each=32,
         play=journal_line),
    Cost(what="longer line of a journal", name="source.LINE_CAP", limit=source.LINE_CAP, unit="octet",
         size=source.LINE_CAP + 2 * MEGABYTE, each=0, refused=240, play=long_line),
    Cost(what="packed file that swells", name="source.SWELLS", limit=source.SWELLS, unit="time", size=96 * MEGABYTE,
         each=0, refused=16, play=bomb),
    Cost(what="document of a store", name="documents.CAP", limit=documents.CAP, unit="octet", size=16 * MEGABYTE,
         each=0, refused=24, play=document),
)  # fmt: skip


def peak(play: Callable[[int], None], size: int) -> int:
    """Return by how many octets the memory of a process that is forked off for it grows."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            before = _high_water()
            play(size)
            os.write(writer, str(_high_water() - before).encode())
        except BaseException:  # noqa: BLE001 - a child that goes on would be a second parent
            traceback.print_exc()
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        figure = pipe.read()
    os.waitpid(child, 0)
    return int(figure)


def _high_water() -> int:
    """Return the highest resident memory so far, in octets; ru_maxrss remembers the parent's."""
    match = _PEAK.search(Path("/proc/self/status").read_text(encoding="ascii"))
    return int(match[1]) * 1024 if match else 0


def measure(cost: Cost) -> float:
    """Return what a unit costs in octets, or in megabytes what refusing takes."""
    if not cost.each:
        return peak(cost.play, cost.size) / MEGABYTE
    small, large = (peak(cost.play, size) for size in (cost.size, FACTOR * cost.size))
    return (large - small) / ((FACTOR - 1) * cost.size)


def main(words: list[str]) -> int:
    """Print the table; return how many bounds cost more than they may."""
    if words == ["--json"]:
        sys.stdout.write(json.dumps({cost.what: measure(cost) for cost in COSTS}))
        return 0
    broken = 0
    for cost in COSTS:
        figure, most = measure(cost), cost.each or cost.refused
        broken += figure > most
        sys.stdout.write(f"{cost.line()} {figure:.0f} |\n")
        sys.stdout.flush()
    return broken


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
