"""Printed walks → variables: net-snmp with any `-O`, SnmpSoft, iReasoning.

A variable is `.1.3.6.1.2.1.1.5.0 = STRING: "sw1"` or `SNMPv2-MIB::sysName.0 = STRING: sw1` of snmpwalk, `sysName.0 sw1`
of `snmpwalk -Oqs`, `OID=.1.3.6.1.2.1.1.5.0, Type=OctetString, Value=sw1` of SnmpSoft's SnmpWalk.exe,
`Name/OID: sysName.0; Value (OctetString): sw1` of iReasoning's MIB browser.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from auditor import ber, normal
from auditor.errors import InputError
from auditor.model import VarBind
from auditor.parse import snmp_printed
from auditor.parse.recording import Lines, RecordingNotes, collect, number_content
from auditor.parse.snmp_names import NAMED, SnmpNames, UnknownNameError, is_leaf, is_standard

BY_NAMES = "names its variables by MIBs, of which this tool knows those it reads; record with -On"
NO_TYPES = "leaves out the types of its variables, which were guessed; record with -On"
GLANCE = 50
_NUMERIC = r"\.?(?:[0-9]+|iso)(?:\.[0-9]+)+"
# What most lines of a long recording are, read without looking any closer.
_PRINTED_NUMBER = re.compile(
    r"\.?(1(?:\.[0-9]{1,10})+) = (INTEGER|Counter32|Gauge32|Unsigned32|UInteger32|Counter64|Timeticks): "
    r"(?:\(?(-?[0-9]{1,20})(?![0-9])|[A-Za-z][\w\-]*\((-?[0-9]{1,20})\))",
    re.ASCII,
)
_TYPES_ELSEWHERE = {
    "OctetString": "STRING",
    "Integer": "INTEGER",
    "Integer32": "INTEGER",
    "Gauge": "Gauge32",
    "Counter": "Counter32",
    "TimeTicks": "Timeticks",
    "ObjectIdentifier": "OID",
}
_TICKS = re.compile(r"\(([0-9]{1,10})\)\s*\Z", re.ASCII)
_CLOCK = re.compile(r"(?:([0-9]+)(?:\.|:| days?, ))?([0-9]{1,3}):([0-9]{2}):([0-9]{2})\.([0-9]{2})\Z", re.ASCII)
# Octets that are no text: between blanks (SnmpSoft), or behind 0x (iReasoning).
_HEX_WORDS = re.compile(
    r"(?: +[0-9A-Fa-f]{2}(?: [0-9A-Fa-f]{2})* +|0x[0-9A-Fa-f]{2}(?:[ :-]?(?:0x)?[0-9A-Fa-f]{2})*)\Z", re.ASCII
)
_AROUND = re.compile(r"Total: [0-9]+\Z|\*{5} SNMP QUERY |\Z", re.ASCII)
_NAMELESS = re.compile(r"(?:STRING|Hex-STRING|OID|Timeticks|INTEGER|Gauge32|Counter32|IpAddress): ")
_ROOTS = frozenset({"mib-2", "enterprises", "iso"})
_TELLING = re.compile(r"[a-z][a-z0-9]*[A-Z]", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkShape:
    """How a program begins a variable: its name, and its type where that stands apart.

    Quick is what has no sign between name and value.
    """

    begins: "re.Pattern[str]"
    is_quick: bool


_KIND = r"(?P<kind>[A-Za-z0-9 ]{1,20})"
SHAPES: Sequence[WalkShape] = tuple(
    WalkShape(begins=re.compile(begins, re.ASCII), is_quick=begins.endswith("(?: |$)"))
    for begins in (
        rf"(?P<oid>{_NUMERIC}|{NAMED}) =(?: |(?=$))",
        rf"OID=(?P<oid>{_NUMERIC}), Type={_KIND}, Value=",
        rf"Name/OID: (?P<oid>{_NUMERIC}|{NAMED}); Value \({_KIND}\): ?",
        rf"(?P<oid>\.?(?:1|iso)(?:\.[0-9]+){{6,128}}|{NAMED})(?: |$)",
    )
)


def shape_of(line: str) -> WalkShape | None:
    """Return how the program prints whose first variable a line is, None where it is none."""
    return next((shape for shape in SHAPES if (head := shape.begins.match(line)) and _is_sure(shape, head, line)), None)


def begins(text: str) -> bool:
    """Tell whether text is the beginning of what a program printed of an agent."""
    lines = text.splitlines()
    return any(map(shape_of, lines)) or (bool(lines) and is_nameless(lines[0]))


def is_nameless(line: str) -> bool:
    """Tell whether a line is a value without its name (`-Ov`)."""
    return _NAMELESS.match(line) is not None


def variables(lines: Lines, notes: RecordingNotes, shape: WalkShape) -> Iterator[VarBind]:
    """Yield the variables a program printed, strings of several lines too; exceptions are none."""
    walk = PrintedWalk(shape=shape, notes=notes)
    if "kind" not in shape.begins.groupindex and (shape.is_quick or walk.lacks_types(lines())):
        notes.remark(NO_TYPES)
        walk.value = snmp_printed.untyped
    return collect(walk.texts(lines()), walk.variable, notes)


@dataclass(slots=True)
class PrintedWalk:
    """Reads one recording of a shape; `value` reads what stands behind a name."""

    shape: WalkShape
    notes: RecordingNotes
    names: SnmpNames = field(default_factory=SnmpNames)
    value: Callable[[str, str], VarBind | None] = snmp_printed.typed

    def lacks_types(self, lines: Iterable[str]) -> bool:
        """Tell whether none of the first variables says its type; `-OQ` leaves them all out."""
        heads = ((head, line) for line in lines if (head := self._head(line)))
        values = (line[head.end() :] for head, line in heads)
        first = list(islice((value for value in values if not snmp_printed.NO_TYPE.match(value)), GLANCE))
        return bool(first) and not any(map(snmp_printed.is_typed, first))

    def texts(self, lines: Iterable[str]) -> Iterator[tuple[int, str]]:
        """Yield each variable and its line number; a line without a name goes with the one before."""
        start, parts = 0, list[str]()
        for number, line in enumerate(lines, 1):
            if not line:
                parts += [line] if parts else []
            elif self._head(line):
                if parts:
                    yield start, _joined(parts)
                start, parts = number, [line]
            elif parts and not line.startswith(snmp_printed.NO_VALUE) and not self._is_around(line):
                parts.append(line)
            elif line.strip() and not parts and line[0] != "#" and not self._is_around(line):
                yield number, line
        if parts:
            yield start, _joined(parts)

    def variable(self, text: str) -> VarBind | None:
        """Return one variable; None where the agent had none or nothing is made of it."""
        plain = _PRINTED_NUMBER.match(text)
        if plain:
            return VarBind(plain[1], snmp_printed.TYPES[plain[2]][0], number_content(plain[3] or plain[4]))
        head = self.shape.begins.match(text)
        if head is None:
            raise InputError(f"{text!r:.60} is no variable as the others are written")
        name, rest = head["oid"], text[head.end() :]
        oid = normal.oid(name)
        if not oid:
            self.notes.remark(BY_NAMES)
            if rest.startswith(snmp_printed.NO_VALUE):
                return None
            try:
                oid = self.names.oid(name, rest.partition(": ")[2] or rest)
            except UnknownNameError:
                if is_standard(name):
                    return None
                raise
        return _of_kind(oid, head["kind"], rest) if "kind" in head.re.groupindex else self.value(oid, rest)

    def _is_around(self, line: str) -> bool:
        """Tell whether a program for Windows says this before or after its variables."""
        return "kind" in self.shape.begins.groupindex and _AROUND.match(line) is not None

    def _head(self, line: str) -> "re.Match[str] | None":
        head = self.shape.begins.match(line)
        return head if head and _is_name(self.shape, head) else None


def _is_sure(shape: WalkShape, head: "re.Match[str]", line: str) -> bool:
    """Tell whether a line can be the first variable: its object is one known here."""
    if shape.is_quick and (head.end() == len(line) or line[head.end()] == "="):
        return False
    if "kind" in head.re.groupindex or not head["labels"]:
        return True
    return (bool(head["index"]) and is_leaf(head["labels"])) or ("::" in head["oid"] and not shape.is_quick)


def _is_name(shape: WalkShape, head: "re.Match[str]") -> bool:
    """Tell whether a line begins a variable; text of several lines may begin with any word."""
    labels = head.re.groupindex.get("labels") and head["labels"]
    if not labels or "::" in head["oid"]:
        return True
    label = labels.rpartition(".")[2]
    if not head["index"]:
        return label == "sysUpTimeInstance"
    is_path = head["oid"][0] == "." or not shape.is_quick
    return is_path or is_leaf(label) or label in _ROOTS or _TELLING.match(label) is not None


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else "\n".join(parts).rstrip("\n")


def _of_kind(oid: str, kind: str, value: str) -> VarBind | None:
    """Return a variable whose type is named as SnmpSoft and iReasoning do."""
    kind, value = _TYPES_ELSEWHERE.get(kind, kind), value.rstrip("\r\n")
    if kind.lower().startswith(("nosuch", "endofmib")):
        return None
    if kind == "Null":
        return VarBind(oid, ber.NULL, b"")
    if kind not in snmp_printed.TYPES:
        raise InputError(f"{kind!r:.40} is no type this reader knows; record with -On")
    if kind == "Timeticks":
        return VarBind(oid, ber.TIMETICKS, number_content(_ticks(value)))
    if kind == "STRING" and _HEX_WORDS.match(value):
        return VarBind(oid, ber.OCTET_STRING, snmp_printed.hexadecimal(value.replace("-", " ")))
    return snmp_printed.typed(oid, f"{kind}: {value}")


def _ticks(value: str) -> str:
    """Return hundredths of a second from `1 hours 2 minutes 3 seconds (372300)` or `1:02:03.00`."""
    if match := _TICKS.search(value):
        return match[1]
    if match := _CLOCK.match(value.strip()):
        days, hours, minutes, seconds, hundredths = (int(digits or 0) for digits in match.groups())
        return str((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 100 + hundredths)
    raise InputError(f"{value!r:.40} is no time")
