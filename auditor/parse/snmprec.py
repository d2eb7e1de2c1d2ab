"""SNMP recordings to variables: `.snmprec` (snmpsim, LibreNMS), `snmpwalk -On` or `-Oneb`.

Text in, variables out; no file is opened here. Read the file as UTF-8 with `errors="surrogateescape"`, so that octets
that are not UTF-8 survive into the value.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from auditor import ber, normal, oids
from auditor.errors import InputError
from auditor.model import VarBind
from auditor.parse import snmp_names

_NUMBERS = frozenset({ber.INTEGER, ber.COUNTER32, ber.GAUGE32, ber.TIMETICKS, ber.COUNTER64, ber.UINTEGER32})
_BLOBS = frozenset({ber.OCTET_STRING, ber.OPAQUE, ber.NSAP})
_LONGEST_NUMBER = 20
_NO_TYPE = "has no type this reader knows"
_LAST_DIGIT = "9"
_REMEMBERED = 4096
MANY_PROBLEMS = 100

Lines = Callable[[], Iterable[str]]

_WALK_LINE = re.compile(
    r"(\.?(?:[0-9]+|iso)(?:\.[0-9]+)+|[A-Za-z][\w\-]{0,63}::[\w\-]{1,64}(?:\.\S{1,512})?) =(?: |$)", re.ASCII
)
# `-Oq` leaves out the equals sign too; only an OID of its length is one.
_QUICK_LINE = re.compile(r"(\.(?:1|iso)(?:\.[0-9]+){6,128})(?: |$)", re.ASCII)
# What most lines of a long recording are, read without looking any closer.
_PRINTED_NUMBER = re.compile(
    r"\.?(1(?:\.[0-9]{1,10})+) = (INTEGER|Counter32|Gauge32|Unsigned32|UInteger32|Counter64|Timeticks): "
    r"(?:\(?(-?[0-9]{1,20})(?![0-9])|[A-Za-z][\w\-]*\((-?[0-9]{1,20})\))",
    re.ASCII,
)
_PIPED_PLAIN = re.compile(
    r"\.?(1(?:\.[0-9]{1,10})+)\|(?:(2|65|66|67|70|71)\|(-?[0-9]{1,20})|4x\|((?:[0-9A-Fa-f]{2})*))\Z", re.ASCII
)
_PAIRS = re.compile(r"[0-9A-Fa-f]{2}(?: [0-9A-Fa-f]{2})+ ?\Z", re.ASCII)
_DOTTED = re.compile(r"(?:\.|iso\.|[\w\-]{1,64}::)\S+\Z", re.ASCII)
_ENUM = re.compile(r"[A-Za-z][\w\-]*\((-?[0-9]+)\)")
_NUMBER = re.compile(r"\(?(-?[0-9]+)\)?")
_WRONG_TYPE = re.compile(r"Wrong Type \(should be [^)]*\): ")
_NO_VALUE = ("No Such ", "No more variables", "End of MIB")
_ESCAPE = re.compile(rb"\\(x[0-9A-Fa-f]{2}|[0-7]{1,3}|.)", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v", b"\n": b""}
# Columns that net-snmp prints through their DISPLAY-HINT ("0:e0:fc:0:0:1") when it has loaded the MIB files.
_MAC_COLUMNS = oids.columns(
    "ifPhysAddress ipNetToMediaPhysAddress ipNetToPhysicalPhysAddress dot1dBaseBridgeAddress dot1dTpFdbAddress"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpRecording:
    """The variables of a recording in its order, and what could not be read, a sentence a line.

    `remarks` say how the recording is worse than it could have been, though it was read.
    """

    varbinds: tuple[VarBind, ...]
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(slots=True)
class RecordingNotes:
    """What is to be said of a recording beside its variables; whole once all of them were taken.

    `problems` are the first of the lines that could not be read, `unread` counts them all.
    """

    unread: int = 0
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def complain(self, problem: str) -> None:
        """Note a line that could not be read."""
        self.unread += 1
        if len(self.problems) < MANY_PROBLEMS:
            self.problems.append(problem)

    def remark(self, remark: str) -> None:
        """Note once how the recording is worse than it could have been."""
        if remark not in self.remarks:
            self.remarks.append(remark)


def read(text: str) -> SnmpRecording:
    """Return the variables of a recording; its first line that looks like one tells the format."""
    return _whole(variables, text)


def snmprec(text: str) -> SnmpRecording:
    """Return the variables of `oid|tag|value` lines; `x` after a tag: hexadecimal, `e`: escapes."""
    return _whole(_piped, text)


def snmpwalk(text: str) -> SnmpRecording:
    """Return the variables net-snmp printed, strings of several lines too; exceptions are none."""
    return _whole(_printed, text)


def variables(lines: Lines, notes: RecordingNotes) -> Iterator[VarBind]:
    """Return the variables of a recording one by one; what cannot be read goes to the notes.

    `lines` begins the recording anew each time it is called: lines without their newline, in a file from Windows
    without the carriage return before it too.
    """
    blank = True
    for line in lines():
        if _WALK_LINE.match(line):
            return _printed(lines, notes)
        if _QUICK_LINE.match(line):
            return _without_types(lines, notes, _QUICK_LINE)
        if "|" in line and normal.oid(line.split("|", 1)[0]):
            return _piped(lines, notes)
        blank = blank and not line.strip()
    if not blank:
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
    return _collect(((number, line) for number, line in numbers if line.strip() and line[0] != "#"), _piped_line, notes)


def _printed(lines: Lines, notes: RecordingNotes) -> Iterator[VarBind]:
    if _lacks_types(lines):
        return _without_types(lines, notes, _WALK_LINE)
    return _collect(_texts(lines(), _WALK_LINE, notes), _printed_line, notes)


def _lacks_types(lines: Lines) -> bool:
    """Tell whether no variable says its type (`-OQ`): the first that says one ends the search."""
    lacking = False
    for _, text in _texts(lines(), _WALK_LINE, RecordingNotes()):
        try:
            varbind = _printed_line(text)
        except (ValueError, InputError) as exc:
            if _NO_TYPE not in str(exc):
                return False
            lacking = True
        else:
            if varbind is not None and varbind.raw:
                return False
    return lacking


def _without_types(lines: Lines, notes: RecordingNotes, begins: "re.Pattern[str]") -> Iterator[VarBind]:
    """Return the variables of a recording without types (`-OQ`, `-Oq`), guessed by their looks."""
    notes.remark("leaves out the types of its variables, which were guessed; record with -On")
    return _collect(_texts(lines(), begins, notes), lambda line: _untyped_line(line, begins), notes)


def _collect(
    texts: Iterable[tuple[int, str]], parse: Callable[[str], VarBind | None], notes: RecordingNotes
) -> Iterator[VarBind]:
    for number, text in texts:
        try:
            varbind = parse(text)
        except (ValueError, InputError) as exc:
            notes.complain(f"line {number}: {exc}")
        else:
            if varbind is not None:
                yield varbind


# ── .snmprec ──────────────────────────────────────────────────────────────────────────────


def _piped_line(line: str) -> VarBind | None:
    plain = _PIPED_PLAIN.match(line)
    if plain:
        tag, digits, octets = plain.group(2, 3, 4)
        raw = bytes.fromhex(octets) if tag is None else _number_content(digits)
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
        raw = bytes.fromhex(digits[: len(digits) & ~1])
        # snmpsim writes the four octets of an IpAddress in hexadecimal, but numbers never.
        return raw if tag not in _NUMBERS else ber.integer_content(int.from_bytes(raw, "big"))
    octets = value.encode("utf-8", "surrogateescape")
    if notation == "e":
        octets = _without_escapes(octets)
    return octets if tag in _BLOBS else _value(tag, value)


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


# ── snmpwalk ──────────────────────────────────────────────────────────────────────────────


def _texts(lines: Iterable[str], begins: "re.Pattern[str]", notes: RecordingNotes) -> Iterator[tuple[int, str]]:
    """Yield each variable and its line number; a line without an OID goes with the one before."""
    start, parts = 0, list[str]()
    for number, line in enumerate(lines, 1):
        head = begins.match(line)
        if head:
            if parts:
                yield start, _joined(parts)
            start, parts = number, [line]
            if line[0] > _LAST_DIGIT and "::" in head[1]:
                notes.remark("names its variables by MIBs, of which this tool knows those it reads; record with -On")
        elif parts and not line.startswith(_NO_VALUE):
            parts.append(line)
        elif line.strip() and not parts and line[0] != "#":
            yield number, line
    if parts:
        yield start, _joined(parts)


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else "\n".join(parts).rstrip("\n")


def _printed_line(line: str) -> VarBind | None:
    plain = _PRINTED_NUMBER.match(line)
    if plain:
        return VarBind(plain[1], _WALK_TYPES[plain[2]][0], _number_content(plain[3] or plain[4]))
    head = _WALK_LINE.match(line)
    if head is None:
        raise InputError(f"{line!r:.60} is not .oid = TYPE: value")
    oid = _oid(head[1])
    rest = line[head.end() :]
    if "Wrong Type" in rest:
        rest = _WRONG_TYPE.sub("", rest, count=1)
    if rest.startswith(_NO_VALUE):
        return None
    if rest in {"", '""'}:
        return VarBind(oid, ber.OCTET_STRING, b"")
    if rest == "NULL":
        return VarBind(oid, ber.NULL, b"")
    kind, colon, value = rest.partition(":")
    tag, parse = _WALK_TYPES.get(kind, (None, None)) if colon else (None, None)
    if tag is None or parse is None:
        raise InputError(f"{rest!r:.60} {_NO_TYPE}; record with -On or -Oneb")
    value = value.removeprefix(" ")
    if tag == ber.OCTET_STRING and kind == "STRING":
        return VarBind(oid, tag, _hinted_mac(oid, value) or parse(value))
    return VarBind(oid, tag, parse(value))


def _untyped_line(line: str, begins: "re.Pattern[str]") -> VarBind | None:
    head = begins.match(line)
    if head is None:
        raise InputError(f"{line!r:.60} is not .oid value")
    oid, value = _oid(head[1]), line[head.end() :]
    if value.startswith(_NO_VALUE):
        return None
    plain = value.strip()
    if _PAIRS.match(plain + " ") or _PAIRS.match(plain):
        return VarBind(oid, ber.OCTET_STRING, bytes.fromhex(plain))
    if plain.lstrip("-").isdecimal() and plain.isascii() and len(plain) <= _LONGEST_NUMBER:
        return VarBind(oid, ber.INTEGER, ber.integer_content(int(plain)))
    if _DOTTED.match(plain) and (named_oid := _oid(plain)):
        return VarBind(oid, ber.OBJECT_IDENTIFIER, ber.oid(named_oid))
    if plain.count(".") == 3 and plain.replace(".", "").isdecimal():  # noqa: PLR2004 - IPv4
        return VarBind(oid, ber.IP_ADDRESS, _ip_octets(plain))
    return VarBind(oid, ber.OCTET_STRING, _hinted_mac(oid, plain) or _walk_string(value.strip(" ")))


def _oid(text: str) -> str:
    """Return an OID in dotted decimal, whether it was written so or by the names of MIBs."""
    oid = normal.oid(text) or snmp_names.oid(text)
    if not oid:
        raise InputError(f"{text!r:.60} is a name of a MIB this tool does not know; record with -On")
    return oid


def _hinted_mac(oid: str, value: str) -> bytes:
    if any(normal.under(oid, column) for column in _MAC_COLUMNS):
        return bytes.fromhex(normal.mac(value))
    return b""


def _walk_string(value: str) -> bytes:
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return value.encode("utf-8", "surrogateescape")


def _walk_hex(value: str) -> bytes:
    # After the octets net-snmp may show them as text once more, in brackets (-OT).
    return bytes.fromhex(value.partition("[")[0].replace(":", " "))


def _walk_bits(value: str) -> bytes:
    digits = re.match(r"((?:[0-9A-Fa-f]{2}\s+)*(?:[0-9A-Fa-f]{2})?)", value)
    return bytes.fromhex(digits[1] if digits else "")


def _walk_number(value: str) -> bytes:
    match = _ENUM.match(value) or _NUMBER.match(value)
    if not match:
        raise InputError(f"{value!r:.40} is no number")
    return ber.integer_content(int(match[1]))


_WALK_TYPES: Mapping[str, tuple[int, Callable[[str], bytes]]] = {
    "STRING": (ber.OCTET_STRING, _walk_string),
    "Hex-STRING": (ber.OCTET_STRING, _walk_hex),
    "BITS": (ber.OCTET_STRING, _walk_bits),
    "INTEGER": (ber.INTEGER, _walk_number),
    "Counter32": (ber.COUNTER32, _walk_number),
    "Gauge32": (ber.GAUGE32, _walk_number),
    "Unsigned32": (ber.GAUGE32, _walk_number),
    "UInteger32": (ber.UINTEGER32, _walk_number),
    "Counter64": (ber.COUNTER64, _walk_number),
    "Timeticks": (ber.TIMETICKS, _walk_number),
    "OID": (ber.OBJECT_IDENTIFIER, lambda value: _value(ber.OBJECT_IDENTIFIER, value)),
    "IpAddress": (ber.IP_ADDRESS, lambda value: _value(ber.IP_ADDRESS, value)),
    "Network Address": (ber.IP_ADDRESS, _walk_hex),
    "Opaque": (ber.OPAQUE, lambda value: value.encode("utf-8", "surrogateescape")),
}


# ── values ────────────────────────────────────────────────────────────────────────────────


@lru_cache(maxsize=_REMEMBERED)
def _number_content(digits: str) -> bytes:
    return ber.integer_content(int(digits))


def _value(tag: int, value: str) -> bytes:
    if tag in _NUMBERS:
        return ber.integer_content(int(value))
    if tag == ber.OBJECT_IDENTIFIER:
        # zeroDotZero (RFC 2578) is how SNMP spells "no object"; recordings leave it blank.
        oid = normal.oid(value) or snmp_names.oid(value.strip()) if value.strip() else "0.0"
        if not oid:
            raise InputError(f"{value!r:.60} is no OBJECT IDENTIFIER; record with -On")
        return ber.oid(oid)
    if tag == ber.IP_ADDRESS:
        return _ip_octets(value)
    if tag == ber.NULL:
        return b""
    raise InputError(f"tag {tag} is no SNMP type")


def _ip_octets(value: str) -> bytes:
    parts = value.strip().split(".")
    if len(parts) != 4 or not all(part.isdecimal() and int(part) <= 0xFF for part in parts):  # noqa: PLR2004 - IPv4
        raise InputError(f"{value!r:.40} is no IpAddress")
    return bytes(int(part) for part in parts)
