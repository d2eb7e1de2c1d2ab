"""SNMP recordings to variables: `.snmprec` (snmpsim, LibreNMS), or a printed walk.

Text in, variables out; no file is opened here. Read the file as UTF-8 with `errors="surrogateescape"`, so that octets
that are not UTF-8 survive into the value.
"""

import re
from collections.abc import Callable, Iterator

from auditor import ber, normal
from auditor.errors import InputError
from auditor.model import VarBind
from auditor.parse import snmp_printed, snmpwalk
from auditor.parse.recording import Lines, RecordingNotes, SnmpRecording, collect, number_content

# What net-snmp prints of octets that are no text: sixteen of them a line. Some recorders kept the first line as octets
# and those behind it as they were printed.
_DUMP = re.compile(rb"([\s\S]{16})\n((?:[0-9A-F]{2} ?\n?){1,1024})\s*")
_NUMBERS = frozenset({ber.INTEGER, ber.COUNTER32, ber.GAUGE32, ber.TIMETICKS, ber.COUNTER64, ber.UINTEGER32})
_BLOBS = frozenset({ber.OCTET_STRING, ber.OPAQUE, ber.NSAP})
# What most lines of a long recording are, read without looking any closer.
_PIPED_PLAIN = re.compile(
    r"\.?(1(?:\.[0-9]{1,10})+)\|(?:(2|65|66|67|70|71)\|(-?[0-9]{1,20})|4x\|((?:[0-9A-Fa-f]{2})*))\Z", re.ASCII
)
_ESCAPE = re.compile(rb"\\(x[0-9A-Fa-f]{2}|[0-7]{1,3}|.)", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v", b"\n": b""}


def read(text: str) -> SnmpRecording:
    """Return the variables of a recording; its first line that looks like one tells the format."""
    return _whole(variables, text)


def snmprec(text: str) -> SnmpRecording:
    """Return the variables of `oid|tag|value` lines; `x` after a tag: hexadecimal, `e`: escapes."""
    return _whole(_piped, text)


def printed(text: str) -> SnmpRecording:
    """Return the variables a program printed, strings of several lines too; exceptions are none."""
    return _whole(lambda lines, notes: snmpwalk.variables(lines, notes, snmpwalk.SHAPES[0]), text)


def variables(lines: Lines, notes: RecordingNotes) -> Iterator[VarBind]:
    """Return the variables of a recording one by one; what cannot be read goes to the notes.

    `lines` begins the recording anew each time it is called: lines without their newline, in a file from Windows
    without the carriage return before it too.
    """
    blank, nameless = True, False
    for line in lines():
        if shape := snmpwalk.shape_of(line):
            return snmpwalk.variables(lines, notes, shape)
        if "|" in line and normal.oid(line.split("|", 1)[0]):
            return _piped(lines, notes)
        nameless = nameless or snmpwalk.is_nameless(line)
        blank = blank and not line.strip()
    if nameless:
        notes.complain("leaves out which variable each value is of (-Ov); record with -On")
    elif not blank:
        notes.complain("nothing in it looks like an SNMP variable")
    return iter(())


def _whole(variables_of: Callable[[Lines, RecordingNotes], Iterator[VarBind]], text: str) -> SnmpRecording:
    if text.count("\r\n") == text.count("\n"):
        # A file from Windows; elsewhere a carriage return is the device's own.
        text = text.replace("\r\n", "\n")
    notes = RecordingNotes()
    varbinds = tuple(variables_of(lambda: text.split("\n"), notes))
    return SnmpRecording(varbinds=varbinds, problems=tuple(notes.problems), remarks=tuple(notes.remarks))


def _piped(lines: Lines, notes: RecordingNotes) -> Iterator[VarBind]:
    numbers = ((number, line.rstrip("\r")) for number, line in enumerate(lines(), 1))
    return collect(((number, line) for number, line in numbers if line.strip() and line[0] != "#"), _piped_line, notes)


def _piped_line(line: str) -> VarBind | None:
    plain = _PIPED_PLAIN.match(line)
    if plain:
        tag, digits, octets = plain.group(2, 3, 4)
        raw = _without_dump(bytes.fromhex(octets)) if tag is None else number_content(digits)
        return VarBind(plain[1], ber.OCTET_STRING if tag is None else int(tag), raw)
    oid_text, bar, rest = line.partition("|")
    kind, second_bar, value = rest.partition("|")
    oid = normal.oid(oid_text)
    if not (oid and bar and second_bar):
        raise InputError(f"{line!r:.60} is not oid|tag|value")
    kind, _, module = kind.partition(":")
    tag = int(kind.rstrip("xe"))
    if tag in ber.EXCEPTIONS:
        return None
    if module:
        value = _start_value(value)
    return VarBind(oid, tag, _piped_value(tag, kind[-1], value))


def _piped_value(tag: int, notation: str, value: str) -> bytes:
    if notation == "x":
        digits = "".join(value.removeprefix("0x").split())
        # Some recorders cut a line at 4,095 characters, in the middle of an octet: what is whole is kept.
        raw = _without_dump(bytes.fromhex(digits[: len(digits) & ~1]))
        # snmpsim writes the four octets of an IpAddress in hexadecimal, but numbers never.
        return raw if tag not in _NUMBERS else ber.integer_content(int.from_bytes(raw, "big"))
    octets = value.encode("utf-8", "surrogateescape")
    if notation == "e":
        octets = _without_escapes(octets)
    return octets if tag in _BLOBS else snmp_printed.plain(tag, value)


def _without_dump(raw: bytes) -> bytes:
    dump = _DUMP.fullmatch(raw) if raw[16:17] == b"\n" else None
    return raw if dump is None else dump[1] + bytes.fromhex(dump[2].decode())


def _start_value(options: str) -> str:
    """Return the value a snmpsim variation module starts from, e.g. `min=0,max=9,function=sin`."""
    values = dict(part.split("=", 1) for part in options.split(",") if "=" in part)
    return values.get("value") or values.get("initial") or values.get("min") or "0"


def _without_escapes(octets: bytes) -> bytes:
    def one(match: re.Match[bytes]) -> bytes:
        code = match[1]
        if code[:1] == b"x" and len(code) > 1:
            return bytes([int(code[1:], 16)])
        return bytes([int(code, 8) & 0xFF]) if code.isdigit() else _ESCAPES.get(code, code)

    return _ESCAPE.sub(one, octets)
