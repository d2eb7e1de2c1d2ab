"""BER as SNMP uses it (X.690, RFC 3417 section 8).

Everything here is fed by strangers: a reader either returns what it found or raises `BerError`, in time linear to its
input.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import repeat

INTEGER = 0x02
OCTET_STRING = 0x04
NULL = 0x05
OBJECT_IDENTIFIER = 0x06
SEQUENCE = 0x30
IP_ADDRESS = 0x40
COUNTER32 = 0x41
GAUGE32 = 0x42
TIMETICKS = 0x43
OPAQUE = 0x44
NSAP = 0x45
COUNTER64 = 0x46
UINTEGER32 = 0x47
NO_SUCH_OBJECT = 0x80
NO_SUCH_INSTANCE = 0x81
END_OF_MIB_VIEW = 0x82

EXCEPTIONS = frozenset((NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_MIB_VIEW))

MAX_SUBIDENTIFIER = 0xFFFFFFFF
MAX_SUBIDENTIFIERS = 128
_SHORT = 0x80
_LENGTH_OCTETS = 4
_FIRST_ARC = 40
_ROOT_ARCS = 3
_LAST_ROOT = 2
_HIGH = bytes(range(_SHORT, 256))

RawBind = tuple[bytes, int, bytes]


class BerError(ValueError):
    """The octets are no BER that SNMP allows."""


def length(size: int) -> bytes:
    """Return the definite form of a length."""
    if size < _SHORT:
        return bytes((size,))
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((_SHORT | len(octets),)) + octets


def tlv(tag: int, content: bytes) -> bytes:
    """Return one type-length-value."""
    return bytes((tag,)) + length(len(content)) + content


def integer(number: int, tag: int = INTEGER) -> bytes:
    """Return an INTEGER, or a Counter, Gauge or TimeTicks by `tag`, in as few octets as fit."""
    return tlv(tag, integer_content(number))


def integer_content(number: int) -> bytes:
    """Return the content octets of an INTEGER, as few as can hold it."""
    return number.to_bytes((number + (number < 0)).bit_length() // 8 + 1, "big", signed=True)


class _Octets(dict[str, bytes]):
    """Encodes sub-identifiers; keeps those of two octets, all a MAC or an address needs."""

    def __missing__(self, text: str) -> bytes:
        number = int(text)
        if not 0 <= number <= MAX_SUBIDENTIFIER:
            raise ValueError(text)
        encoded = _arc(number)
        if text == str(number) and len(encoded) <= 2:  # noqa: PLR2004 - 16,384 entries at most
            self[text] = encoded
        return encoded


_OCTETS = _Octets()


def _arc(number: int) -> bytes:
    octets = [number & 0x7F]
    while number := number >> 7:
        octets.append(_SHORT | (number & 0x7F))
    return bytes(reversed(octets))


def oid(text: str) -> bytes:
    """Return the content octets of a dotted OBJECT IDENTIFIER, or raise `BerError`."""
    root, second, *rest = (*text.split("."), "0") if "." not in text else text.split(".")
    try:
        first = int(root), int(second)
        # A generator would take twice as long, and a walk has hundreds of thousands.
        below = b"".join([_OCTETS[part] for part in rest])
    except ValueError:
        raise BerError(f"no object identifier: {text[:80]!r}") from None
    fits = 0 <= first[0] < _ROOT_ARCS and 0 <= first[1] <= MAX_SUBIDENTIFIER
    if not fits or (first[0] < _LAST_ROOT and first[1] >= _FIRST_ARC) or len(rest) > MAX_SUBIDENTIFIERS - 2:
        raise BerError(f"no object identifier: {text[:80]!r}")
    return _arc(first[0] * _FIRST_ARC + first[1]) + below


def number(content: bytes) -> int:
    """Return the value of an INTEGER's content octets; none at all counts as zero."""
    return int.from_bytes(content, "big", signed=True)


class _Arcs(dict[bytes, str]):
    """Spells sub-identifiers; keeps those of two octets, all a MAC or an address needs."""

    def __missing__(self, octets: bytes) -> str:
        value = 0
        for octet in octets:
            value = value << 7 | octet & 0x7F
        text = str(value)
        if len(octets) <= 2:  # noqa: PLR2004 - 16,384 entries at most
            self[octets] = text
        return text


_ARC = re.compile(rb"[\x80-\xff]{0,4}[\x00-\x7f]|[\x80-\xff]+[\x00-\x7f]?", re.DOTALL)
_ARCS = _Arcs()


def suffix(octets: bytes) -> str:
    """Return sub-identifiers as dotted decimal; never raises."""
    return ".".join([_ARCS[arc] for arc in _ARC.findall(octets)])


class _Spelled(dict[bytes, str]):
    """Spells runs of sub-identifiers and remembers them: VLANs and OUIs come again."""

    def __missing__(self, octets: bytes) -> str:
        if len(self) > _REMEMBERED:
            self.clear()
        text = self[octets] = suffix(octets)
        return text


_REMEMBERED = 50_000
_SPELLED = _Spelled()
_MARK = b"\x80"


@lru_cache(maxsize=MAX_SUBIDENTIFIERS)
def _halves(arcs: int) -> re.Pattern[bytes]:
    # No arc begins with 0x80 (X.690, 8.19.2), so it can mark where a name begins; the few arcs that hold one go the
    # slow way. Written out instead of counted: repeated groups cost the regex engine more than the rest together.
    arc = rb"[\x81-\xff]*[\x00-\x7f]"
    return re.compile(_MARK + b"(" + arc * (arcs - 2) + b")(" + arc * 2 + b")", re.DOTALL)


def spell_below(prefix: str, suffixes: Sequence[bytes]) -> Iterable[str]:
    """Return dotted names of rows below a prefix, quickly where all have as many arcs."""
    arcs = len(suffixes[0].translate(None, _HIGH)) if suffixes else 0
    spell = _SPELLED.__getitem__
    if arcs <= 2:  # noqa: PLR2004 - short enough to be remembered whole
        return map(".".join, zip(repeat(prefix), map(spell, suffixes), strict=False))
    pieces = _halves(arcs).split(_MARK + _MARK.join(suffixes))
    if len(pieces) == 3 * len(suffixes) + 1 and not any(pieces[::3]):
        return map(".".join, zip(repeat(prefix), map(spell, pieces[1::3]), map(spell, pieces[2::3]), strict=False))
    return [f"{prefix}.{suffix(octets)}" for octets in suffixes]


def oid_text(octets: bytes) -> str:
    """Return an OBJECT IDENTIFIER as dotted decimal; empty octets give `0.0`."""
    head, _, rest = suffix(octets).partition(".")
    first = int(head or 0)
    root = min(first // _FIRST_ARC, _LAST_ROOT)
    start = f"{root}.{first - root * _FIRST_ARC}"
    return f"{start}.{rest}" if rest else start


def arcs(octets: bytes) -> tuple[int, ...]:
    """Return the sub-identifiers of an OBJECT IDENTIFIER as numbers, to compare them."""
    return tuple([int(_ARCS[arc]) for arc in _ARC.findall(octets)])


def header(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """Return tag, start and end of the value at `at`; beyond `end` is a `BerError`."""
    if at + 2 > end:
        raise BerError("cut off within a header")
    tag, size, start = data[at], data[at + 1], at + 2
    if size >= _SHORT:
        octets = size & 0x7F
        if not 0 < octets <= _LENGTH_OCTETS or start + octets > end:
            raise BerError("impossible length")
        size = int.from_bytes(data[start : start + octets], "big")
        start += octets
    if start + size > end:
        raise BerError("length beyond the end")
    return tag, start, start + size


def expect(data: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """Return start and end of the value at `at`, which must carry `tag`."""
    actual, start, stop = header(data, at, end)
    if actual != tag:
        raise BerError(f"tag 0x{actual:02x} where 0x{tag:02x} belongs")
    return start, stop


def _content(low: int, high: int) -> bytes:
    sizes = (re.escape(bytes((size,))) + b".{%d}" % size for size in range(low, high + 1))
    return b"(" + b"|".join(sizes) + b")"


_LENGTH = rb"(?:[\x00-\x7f]|\x81.|\x82..)"
CONTENT = _content(0, 127)
# One alternative per possible length lets the regex engine, not a Python loop, cut a list of varbinds into pieces.
_VARBIND = re.compile(b"0" + _LENGTH + b"\x06" + _content(1, 127) + b"(.)" + CONTENT, re.DOTALL)


def split_varbinds(region: bytes) -> tuple[list[bytes], list[int], list[bytes]]:
    """Return names, tags and contents of varbinds as octets; broken lists are a `BerError`.

    The length of each SEQUENCE is implied by what it holds and is not asked for twice.
    """
    pieces = _VARBIND.split(region)
    if any(pieces[::4]):
        return _split_slowly(region)
    names = [name[1:] for name in pieces[1::4]]
    return names, list(b"".join(pieces[2::4])), [value[1:] for value in pieces[3::4]]


def _split_slowly(region: bytes) -> tuple[list[bytes], list[int], list[bytes]]:
    names, tags, values = [], [], []
    at, end = 0, len(region)
    while at < end:
        inside, stop = expect(region, at, end, SEQUENCE)
        start, name_end = expect(region, inside, stop, OBJECT_IDENTIFIER)
        tag, value, value_end = header(region, name_end, stop)
        if value_end != stop:
            raise BerError("a varbind holds more than name and value")
        names.append(region[start:name_end])
        tags.append(tag)
        values.append(region[value:value_end])
        at = stop
    return names, tags, values


def join_varbinds(binds: Sequence[RawBind]) -> bytes:
    """Return varbinds, each name octets, tag and content, as one list without its own header."""
    return b"".join([tlv(SEQUENCE, tlv(OBJECT_IDENTIFIER, name) + tlv(tag, value)) for name, tag, value in binds])
