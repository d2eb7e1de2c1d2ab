"""Which formats can be imported, and which one a file is in."""

import importlib
import json
import re
import zipfile
from collections.abc import Callable, Iterator

from auditor.errors import InputError, UsageError
from auditor.imports import exports, leases, macs, masscan, objects, replies, transcripts
from auditor.imports.containers import MAGICS
from auditor.imports.source import Importer, SourceFile
from auditor.model import REPORT_MARK, Reason, Record
from auditor.parse import cli, recorders, snmpwalk

# Each format's module has one function, `read`; a module is loaded when a file of its sort turns up.
FORMATS: dict[str, str] = {
    "journal": "auditor.imports.journals",
    "snmprec": "auditor.imports.walks",
    "snmpwalk": "auditor.imports.walks",
    "cli": "auditor.imports.transcripts",
    "nmap": "auditor.imports.nmap",
    "csv": "auditor.imports.spreadsheets",
    "xlsx": "auditor.imports.workbooks",
    "netbox": "auditor.imports.netbox",
    "librenms": "auditor.imports.librenms",
    "netdisco": "auditor.imports.netdisco",
    "reply": "auditor.imports.replies",
    "masscan": "auditor.imports.masscan",
    "export": "auditor.imports.exports",
    "leases": "auditor.imports.leases",
    "macs": "auditor.imports.macs",
    "pcap": "auditor.imports.captures",
    "recorder": "auditor.imports.recorders",
}

# Suffixes that say it outright, so that even an empty recording is a device that said nothing.
SUFFIXES = frozenset({"snmprec", "snmpwalk"})
# What a file begins with → what it is and how to make it readable; told where people would otherwise guess.
PACKED = {
    b"PK\x03\x04": "is a zip archive; unpack it first",
    b"7z\xbc\xaf": "is a 7z archive; unpack it first",
    b"Rar!": "is a RAR archive; unpack it first",
    b"\xfd7zX": "is packed with xz; unpack it first",
    b"\x28\xb5\x2f\xfd": "is packed with zstd; unpack it first",
    b"\xd0\xcf\x11\xe0": "is an old Excel or Word file; save it as .xlsx or CSV",
    b"%PDF": "is a PDF; export the table it shows as CSV",
}
# A file of such a name was meant to be read; so was one that is packed, JSON, XML or nmap's own text. Notes and
# pictures were not.
MEANT = frozenset({
    "csv", "tsv", "xls", "xlsx", "xlsm", "ods", "json", "jsonl", "ndjson", "xml", "nmap", "gnmap", "pcap", "pcapng",
    "cap", "leases", "lst", "rsc", "walk", "snmpwalk", "snmprec", "arp", "fdb", "mac", "macs"
})  # fmt: skip
# What an audit document has, and nothing else: its assets, or what stands around them.
AUDIT_KEYS = (("findings", "outcome", "collectors", "seen"), ("schema", "summary", "tables", "run"))
AUDIT = "is an audit document of this program, judged already; import the journal of its run, or judge that run again"
NOTHING = "shows no device; nothing was read from it"
_SAMPLE = 65_536
_NULS = 100
# What a saved reply may be taken for; the command in its file's name tells better.
RESEMBLED = frozenset({"", "csv", "macs", "leases"})
_SNMPREC = re.compile(r"^\.?[0-9]+(?:\.[0-9]+)+\|[0-9]+[a-z]*(?::\w+)?\|", re.MULTILINE)


def _looks_journal(text: str) -> bool:
    """Tell whether a line is an object of a journal, no export with a key called type."""
    first = text.lstrip("\ufeff \t\r\n").partition("\n")[0]
    try:
        entry = json.loads(first)
    except (ValueError, RecursionError):
        return re.match(r'\{\s*"type"\s*:\s*"(?:run|observation|table|unread)"', first) is not None
    return isinstance(entry, dict) and "type" in entry


def _looks_json(*marks: str) -> Callable[[str], bool]:
    """Return a sign for exports as JSON: an object or a list, and every one of these keys in it."""
    return lambda text: text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["} and all(f'"{mark}"' in text for mark in marks)


def _is_audit(text: str) -> bool:
    """Tell whether text is the beginning of an audit document, or of its lines."""
    return any(_looks_json(*marks)(text) for marks in AUDIT_KEYS)


def _looks_csv(text: str) -> bool:
    from auditor.imports.spreadsheets import find_header

    return find_header(text) is not None


# In this order: what a file surely is comes before what its text merely resembles.
SIGNS: dict[str, Callable[[str], bool]] = {
    "journal": _looks_journal,
    "netbox": _looks_json("device_type", "site"),
    "librenms": _looks_json("sysObjectID", "hostname"),
    "netdisco": _looks_json("ip", "os_ver", "vendor"),
    "nmap": lambda text: "<nmaprun" in text[:8192],
    "export": exports.begins,
    "reply": replies.begins,
    "masscan": masscan.begins,
    "recorder": recorders.is_list,
    "snmprec": lambda text: _SNMPREC.search(text[:8192]) is not None,
    "snmpwalk": lambda text: snmpwalk.begins(text[:8192]),
    "leases": leases.begins,
    "csv": _looks_csv,
    "cli": lambda text: any(command for command, _ in cli.split_transcript(text)) or cli.configuration(text)[0] != "",
    "macs": lambda text: _looks_json("duid", "ip-address")(text) or macs.shows(text),
}


def importer(name: str) -> Importer:
    """Return the reader of one format."""
    if name not in FORMATS:
        raise UsageError(f"'{name}' is no format; known: auto, {', '.join(FORMATS)}", where="--type")
    read: Importer = importlib.import_module(FORMATS[name]).read
    return read


OTHERWISE = {
    b"# Masscan": "is what masscan writes with -oG; import what it writes with -oX, -oJ or -oL",
    b"# Nmap": "is what nmap writes with -oN or -oG; import what it writes with -oX",
    REPORT_MARK.encode(): "is a report of this program for people to read; import the journal it was made from",
}


def recognise(source: SourceFile) -> str:
    """Return the format a file's beginning shows, or nothing where it shows none."""
    by_name = source.path.name.removesuffix(".gz").rpartition(".")[2]
    if by_name in SUFFIXES:
        return by_name
    start = source.beginning(4)
    if start in MAGICS:
        return "pcap"
    if start in PACKED:
        return "xlsx" if _is_workbook(source) else ""
    text = source.head(_SAMPLE)
    if _is_audit(text):
        raise InputError(AUDIT, where=str(source.path))
    # The tables of a report in Markdown are nobody's inventory.
    if text.startswith(REPORT_MARK):
        return ""
    # Text has hardly a NUL; pictures and archives are full of them, and may hold anything that looks like a table.
    if text.count("\0") * _NULS > len(text):
        return ""
    name = next((name for name, shows in SIGNS.items() if shows(text)), "")
    return "cli" if name in RESEMBLED and transcripts.is_reply(source.path.name, text, name) else name


def recognise_among(source: SourceFile) -> str:
    """Return the format of a file of a folder; `auto` if only reading tells, else nothing."""
    try:
        return recognise(source) or ("auto" if is_meant(source) else "")
    except InputError:
        return "auto"


def why_not(source: SourceFile) -> str:
    """Say why a file is in no format this tool knows, and what to do about it."""
    start = source.beginning(512)
    if not start.strip():
        return "is empty; nothing was read from it"
    if start[257:262] == b"ustar":
        return "is a tar archive; unpack it first"
    for sign, says in (PACKED | OTHERWISE).items():
        if start.startswith(sign):
            return says
    if objects.begins(source):
        return "is JSON of no shape this tool knows; export the table it holds as CSV"
    return f"is in no format this tool recognises; say --type ({', '.join(FORMATS)})"


def is_meant(source: SourceFile) -> bool:
    """Tell whether a file of unknown format may hold devices, by its name or content."""
    name = source.path.name.lower().removesuffix(".gz")
    start = source.beginning(512)
    text = start.decode("latin-1").lstrip("\ufeff\xef\xbb\xbf \t\r\n")
    return (
        name.rpartition(".")[2] in MEANT
        or start[:4] in PACKED
        or start[257:262] == b"ustar"
        or (text.startswith(("# Nmap", "<?xml")) and not name.endswith(".svg"))
        or objects.begins(source)
    )


def sniff(source: SourceFile) -> str:
    """Return the format a file's beginning shows; raise `InputError` where it shows none."""
    name = recognise(source)
    if not name:
        raise InputError(why_not(source), where=str(source.path))
    return name


def read(source: SourceFile, sort: str = "auto") -> Iterator[Record]:
    """Yield the records of one file, of the named sort or its own; none makes it unread."""
    name = sniff(source) if sort == "auto" else sort
    empty = True
    for record in importer(name)(source):
        empty = False
        yield record
    if empty:
        source.warn(f"{source.path}: {NOTHING}")
        yield source.unread(name, Reason.NOT_PARSED, NOTHING)


def read_among(source: SourceFile, sort: str = "auto") -> Iterator[Record]:
    """Yield the records of one file of several; what is wrong makes it alone unread."""
    try:
        yield from read(source, sort)
    except InputError as exc:
        source.warn(str(exc))
        where = exc.where.removeprefix(str(source.path)).lstrip(": ")
        yield source.unread(
            "import" if sort == "auto" else sort, Reason.NOT_PARSED, f"{where}: {exc.problem}" if where else exc.problem
        )


def _is_workbook(source: SourceFile) -> bool:
    try:
        with zipfile.ZipFile(source.path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (OSError, ValueError, RuntimeError, zipfile.BadZipFile):
        return False
