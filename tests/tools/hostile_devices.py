"""R10: devices whose every word is hostile, read by every way, reported in every format."""

import csv
import io
import itertools
import json
import re
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree as ET

from auditor import ber, pipeline
from auditor.collect.probe.collector import ProbeCollector
from auditor.collect.probe.registry import PROBES
from auditor.collect.snmp.collector import SnmpCollector
from auditor.formats import journal
from auditor.imports import registry
from auditor.imports.source import SourceFile
from auditor.lab import samples
from auditor.lab.agent import PlayedAgent
from auditor.model import Audit, Credential, Fact, Observation, Record, Run, Target, VarBind
from auditor.report.base import Options
from auditor.report.explain import STYLES, explain
from auditor.report.registry import FORMATS, render
from auditor.report.sheets import FORMULA_STARTS
from tests.report.test_hostile import KNOWN_ELEMENTS, Tags, decoded, is_control
from tests.tools import ssh_faults
from tests.tools.hostile_audits import strings
from tests.tools.probe_lab import Net
from tests.tools.probe_recordings import play
from tests.tools.promises import NOW, Promise, Secrets, _playing, free_port, setup

ABOUTS = ("", "mac:00e0fc000001", "ip:192.0.2.7", "lldp:", "part:")
SAMPLES = ("huawei/s5720", "zte/zxr10-5960", "hikvision/ds-2cd2143")
PUBLIC = Credential(name="public", kind="snmp-v2c")


class Words:
    """Hostile words, each once and then from the beginning again."""

    def __init__(self, number: int) -> None:
        self.endless = itertools.cycle(text for text in strings(number) if len(text) < 2_000)
        self.drawn = 0

    def next(self) -> str:
        self.drawn += 1
        return next(self.endless)

    def raw(self) -> bytes:
        return self.next().encode("utf-8", "surrogatepass")


def over_snmp(words: Words) -> Iterator[Record]:
    """Read recorded devices whose every string is a hostile one.

    What identifies them still stands behind it.
    """
    folder, port = samples.home(), free_port()
    recorded = sorted(folder.rglob("*.snmprec"))[:12]
    devices = []
    for number, path in enumerate(recorded, 1):
        sample = samples.read(folder, str(path.relative_to(folder).with_suffix("")))
        binds = tuple(_hostile(bind, words) for bind in sample.varbinds)
        devices.append(PlayedAgent(address=f"127.96.0.{number}", port=port, varbinds=binds))
    with _playing(devices):
        targets = [Target(address=d.address, ports=(("snmp", port),), credentials=("public",)) for d in devices]
        yield from SnmpCollector().collect(targets, setup([PUBLIC], Secrets(community="public")))


def _hostile(bind: VarBind, words: Words) -> VarBind:
    if bind.tag != ber.OCTET_STRING or len(bind.raw) == 6:
        return bind
    return bind._replace(raw=words.raw() + b" " + bind.raw)


def over_ssh(words: Words) -> Iterator[Record]:
    """Read switches that print hostile words around what they print, greeting included."""
    played = ssh_faults.healthy(6)
    for case in played:
        replies = case.device.replies
        case.device.replies = {
            line: "\n".join(part for row in text.split("\n") for part in (_printed(words), row, _printed(words)))
            for line, text in replies.items()
        }
        case.device.greeting = _printed(words)
    with ssh_faults.Zoo(played) as zoo:
        for told in zoo.read().values():
            yield from told.records


def _printed(words: Words) -> str:
    return words.next().encode("utf-8", "replace").decode()


def over_http(words: Words, number: int = 12) -> Iterator[Record]:
    """Read pages whose headers, titles and bodies are hostile."""
    with Net() as net:
        ports = [net.http({"/": _page(words)}) for _ in range(number)]
        how = setup([], Secrets(), probes=("http",))
        yield from ProbeCollector().collect(
            [Target(address="127.0.0.1", site=str(p), ports=(("http", p),)) for p in ports], how
        )


def over_probes(words: Words) -> Iterator[Record]:
    """Play every probe's recording with hostile words where a header, element or field begins."""

    def spoil(reply: bytes) -> bytes:
        head, *parts = re.split(rb"(?<=: )|(?<=[^?/]>)|(?<=:\")", reply)
        return head + b"".join(b" ".join(words.raw().splitlines()) + part for part in parts)

    for name in PROBES:
        with Net() as net:
            target = Target(address="127.0.0.1", site=name, ports=tuple(play(net, name, spoil).items()))
            yield from ProbeCollector().collect([target], setup([], Secrets(), probes=(name,)))


def _page(words: Words) -> bytes:
    names = (b"Server", b"Set-Cookie", b"WWW-Authenticate", b"Content-Type")
    headers = [name + b": " + b"".join(words.raw().splitlines()) for name in names]
    return b"\r\n".join((b"HTTP/1.1 200 OK", *headers)) + b"\r\n\r\n<title>" + words.raw() + b"</title>" + words.raw()


def over_every_kind(words: Words, kinds: Sequence[str]) -> Iterator[Record]:
    """Yield observations in which every kind of fact is hostile, place and all."""
    for about in ABOUTS:
        name = about if about in ABOUTS[:3] else about + words.next()
        facts = [Fact(kind=kind, value=words.next(), where=words.next(), about=name) for kind in kinds]
        real = [
            Fact(
                kind="snmp.sysdescr", value=f"{words.next()} VRP (R) software, Version 5.170 (S5720 V200R010C00SPC600)"
            )
        ]
        where = Target(address=f"192.0.2.{len(about)}", site=words.next())
        yield Observation(target=where, collector="snmp", at=NOW, facts=(*facts, *real))


def read_back(records: Sequence[Record]) -> tuple[list[Record], int]:
    """Write a journal, read it as `import` does; return records and how many lines were none."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.jsonl"
        text = "".join(journal.encode(record) + "\n" for record in records)
        path.write_text(text, encoding="utf-8")
        broken = sum(not isinstance(json.loads(line), dict) for line in text.split("\n") if line)
        broken += text.count("\n") - len(records)
        source = SourceFile(path=path, site="", at=NOW, warn=lambda _text: None)
        return list(registry.read(source, "journal")), broken


def judged(records: Sequence[Record], known: pipeline.Knowledge) -> Audit:
    case = pipeline.AuditCase(run=Run(id="hostile", started=NOW), finished=NOW, as_of=date(2026, 11, 21))
    return pipeline.audit(records, known, case)


def faults(audit: Audit, known: pipeline.Knowledge) -> dict[str, int]:
    """Return how many formulas, control characters and tags got through, over all reports."""
    counts = {"formulas": 0, "control characters": 0, "tags": 0}
    for name, kind in FORMATS.items():
        if name == "pdf" and find_spec("typst") is None:
            continue
        made = render(audit, name, Options(names=known.names()))
        if kind.suffix == "xlsx":
            _workbook(made, counts)
        elif not kind.binary:
            _text(kind.suffix, made.decode(), counts)
    for item in audit.assets:
        for style in STYLES:
            counts["control characters"] += sum(
                is_control(char) and char != "\n" for char in explain(item, audit, style)
            )
    return counts


def _text(suffix: str, text: str, counts: dict[str, int]) -> None:
    allowed = {"\n", "\r"} if suffix == "csv" else {"\n"}
    counts["control characters"] += sum(is_control(char) and char not in allowed for char in set(text))
    if suffix == "csv":
        cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
        counts["formulas"] += sum(cell.lstrip().startswith(FORMULA_STARTS) for cell in cells)
    if suffix == "html":
        tags = Tags(text)
        counts["tags"] += len(tags.handlers) + tags.counts["img"] + (tags.counts["script"] != 2)
    if suffix == "md":
        rows = [re.sub(r"\\.", "", line) for line in text.splitlines() if line.startswith("|")]
        counts["tags"] += sum("<" in row for row in rows)


def _workbook(made: bytes, counts: dict[str, int]) -> None:
    with zipfile.ZipFile(io.BytesIO(made)) as book:
        names = [name for name in book.namelist() if "worksheets/sheet" in name]
        sheets = [ET.fromstring(book.read(name)) for name in names]  # noqa: S314 - ours
    elements = [element for sheet in sheets for element in sheet.iter()]
    counts["formulas"] += sum(element.tag.rpartition("}")[2] not in KNOWN_ELEMENTS for element in elements)
    texts = [decoded(element.text or "") for element in elements if element.tag.endswith("}t")]
    counts["control characters"] += sum(is_control(char) for text in texts for char in text)


def survived(number: int = 1000) -> Promise:
    """R10: so many hostile strings through the collectors into every report."""
    words, known = Words(number), pipeline.learn()
    kinds = sorted(known.book.words.kinds)
    live = [*over_snmp(words), *over_ssh(words), *over_http(words), *over_probes(words)]
    records, broken = read_back([*live, *over_every_kind(words, kinds)])
    audit = judged(records, known)
    counts = faults(audit, known)
    heard = {fact.kind for record in live if isinstance(record, Observation) for fact in record.facts}
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    findings = sum(bool(item.findings) for item in audit.assets)
    kept = not any(counts.values()) and not broken and findings > 0 and len(heard) > 15 and words.drawn >= number
    return Promise(
        "R10",
        f"{number} hostile strings, {len(heard)} kinds heard live and all {len(kinds)} in a journal, in "
        f"{len(FORMATS)} reports",
        f"{told}, {broken} broken lines; {words.drawn} words, {findings} findings",
        kept,
    )
