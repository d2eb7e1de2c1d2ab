"""Millions of MACs to registrant, maker, tier and kind: NumPy columns, bounded memory.

Notations are read exactly as `auditor.normal.mac` reads them, only many at a time. NumPy and pandas are loaded when
used.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO

from auditor import normal
from auditor.model import Strength, Tier
from auditor.rules.book import RuleBook
from auditor.rules.oui import Kind, Registry

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

CHUNK = 1 << 16  # rows at a time: their bytes and columns stay in a processor's cache
_BLOCK = 1 << 20  # bytes read from a stream at a time
_SEPARATOR, _COLON, _DASH, _END, _OTHER = 0x20, 0x60, 0xA0, 0x40, 0x80
_SEPARATOR_BITS = 0x3F  # what the three sorts of separator have in common
_LONGEST = 255
_OCTETS = 6
_UNREAD = -1
_DIGITS = 16
_NO_MAC = "-"
# Length of a text → where its six octets and its separators stand. Every other notation takes the slower way.
_LAYOUTS: Mapping[int, tuple[tuple[int, ...], tuple[int, ...]]] = MappingProxyType(
    {
        12: ((0, 2, 4, 6, 8, 10), ()),  # 00e0fc000001
        13: ((0, 2, 4, 7, 9, 11), (6,)),  # 00e0fc-000001
        14: ((0, 2, 5, 7, 10, 12), (4, 9)),  # 00e0.fc00.0001
        17: ((0, 3, 6, 9, 12, 15), (2, 5, 8, 11, 14)),  # 00:e0:fc:00:00:01
    }
)
_KINDS = tuple(Kind)
_WHOLE = 6  # hexadecimal digits of a 24-bit prefix
_PAGE = 1 << 12  # what 24 bits are cut into by 36-bit blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Which maker stands behind a registrant, and why that maker is in the vocabulary."""

    maker: str
    tier: Tier


def owners(book: RuleBook) -> dict[str, Owner]:
    """Return the maker of each registrant that a rule takes for more than a hint."""
    order = {Tier.COVERED: 0, Tier.WATCH: 1, Tier.OTHER: 2}
    rules = [rule for rule in book.rules if rule.registry and rule.strength >= Strength.STRONG]
    claims = [Owner(maker=rule.says.maker, tier=book.makers[rule.says.maker].tier) for rule in rules]
    by_rank = sorted(zip(rules, claims, strict=True), key=lambda pair: (order[pair[1].tier], pair[1].maker, pair[0].id))
    owners_of: dict[str, Owner] = {}
    for rule, claim in by_rank:
        for name in rule.registrants:
            owners_of.setdefault(name, claim)
    return owners_of


class Classifier:
    """The registry laid out for millions: a cell per 24-bit prefix, a page for one cut up."""

    def __init__(self, registry: Registry, own_blocks: Mapping[str, Owner]) -> None:
        blocks = [block for block in registry if _sort(int(block.prefix[:2], 16)) is Kind.UNIVERSAL]
        self.registrants = ("", *sorted({block.registrant for block in blocks}))
        self.makers = ("", *sorted({owner.maker for owner in own_blocks.values()}))
        self.tiers = ("", *(tier.value for tier in Tier))
        self._number = {name: number for number, name in enumerate(self.registrants)}
        self._specials = sorted(registry.specials, key=lambda special: len(special.prefix))
        self._lay_out([(block.prefix, self._number[block.registrant]) for block in blocks])
        self._own(own_blocks)

    def classify(self, texts: Iterable[object]) -> "pd.DataFrame":
        """Return registrant, maker, tier, kind for each text, in order; no MAC is `malformed`."""
        import numpy as np

        pieces = [self._batch(batch) for batch in _batches(texts)]
        pieces = pieces or [[np.empty(0, dtype=np.uint8)] * len(self._words)]
        return self._columns([np.concatenate(column) for column in zip(*pieces, strict=True)])

    def stream(self, file: BinaryIO) -> "Iterator[pd.DataFrame]":
        """Yield such columns for a file of one MAC a line, about a megabyte at a time."""
        for lines in _lines(file):
            yield self._columns(self._codes(lines))

    def _batch(self, batch: list[Any]) -> "list[np.ndarray]":
        codes = self._codes(_join(batch))
        # As many lines as texts means that each text was one line; counting them beforehand would cost a tenth of the
        # whole.
        return codes if codes[0].size == len(batch) else self._codes(_spell(batch))

    def _codes(self, lines: bytes) -> "list[np.ndarray]":
        """Return registrant, maker, tier and kind of each line as numbers of words."""
        import numpy as np

        high, low = _halves(lines)
        codes = self._cells.take(high)
        kind = self._sorts.take(high >> 16)
        closer = np.flatnonzero(codes >= len(self.registrants))
        if closer.size:
            page = codes.take(closer).astype(np.int32) - len(self.registrants)
            codes[closer] = self._pages.take((page << 12) | (low.take(closer) >> 12))
            names = closer[self._watched.take(page)]
            self._name_specials(names, (high[names].astype(np.int64) << 24) | low[names], codes, kind)
        unread = low == _UNREAD
        if unread.any():
            codes[unread] = 0
            kind[unread] = _KINDS.index(Kind.MALFORMED)
        return [codes, self._maker.take(codes), self._tier.take(codes), kind]

    def _name_specials(
        self, rows: "np.ndarray", macs: "np.ndarray", special_range: "np.ndarray", kind: "np.ndarray"
    ) -> None:
        """Give rows in a named range its kind and no registrant; the longest range wins."""
        for special in self._specials:
            hit = rows[(macs >> 4 * (12 - len(special.prefix))) == int(special.prefix, 16)]
            kind[hit] = _KINDS.index(special.kind)
            special_range[hit] = 0

    def _columns(self, codes: "list[np.ndarray]") -> "pd.DataFrame":
        import pandas as pd

        columns = {
            name: pd.Categorical.from_codes(code, dtype=words)
            for (name, words), code in zip(self._words.items(), codes, strict=True)
        }
        return pd.DataFrame(columns, copy=False)

    def _lay_out(self, rows: list[tuple[str, int]]) -> None:
        """Fill the cells of 24-bit prefixes, then pages of 4,096 cells for those cut up."""
        import numpy as np

        base = len(self.registrants)
        cut = {int(prefix[:6], 16) for prefix, _ in rows if len(prefix) > _WHOLE}
        heads = {cell for special in self._specials for cell in _cells_of(special.prefix)}
        pages = sorted(cut | heads)
        self._cells = np.zeros(1 << 24, dtype=np.min_scalar_type(base + len(pages)))
        for prefix, number in rows:
            if len(prefix) == _WHOLE:
                self._cells[int(prefix, 16)] = number
        self._pages = np.repeat(self._cells[pages][:, None], _PAGE, axis=1)
        page_of = {cell: page for page, cell in enumerate(pages)}
        for prefix, number in sorted(rows, key=lambda row: len(row[0])):
            if len(prefix) > _WHOLE:
                first = int(prefix[_WHOLE:].ljust(3, "0"), 16)
                self._pages[page_of[int(prefix[:_WHOLE], 16)], first : first + (1 << 4 * (9 - len(prefix)))] = number
        self._cells[pages] = np.arange(base, base + len(pages))
        self._watched = np.array([cell in heads for cell in pages])
        self._sorts = np.array([_KINDS.index(_sort(first)) for first in range(256)], dtype=np.uint8)

    def _own(self, blocks: Mapping[str, Owner]) -> None:
        import numpy as np
        import pandas as pd

        behind = [blocks.get(name) for name in self.registrants]
        self._maker = np.array([self.makers.index(owner.maker) if owner else 0 for owner in behind], dtype=np.int8)
        self._tier = np.array([self.tiers.index(owner.tier) if owner else 0 for owner in behind], dtype=np.int8)
        words = {"registrant": self.registrants, "maker": self.makers, "tier": self.tiers, "kind": _KINDS}
        self._words = {name: pd.CategoricalDtype([str(word) for word in makers]) for name, makers in words.items()}


def _cells_of(prefix: str) -> range:
    """Return the 24-bit prefixes a named range touches."""
    first = int(prefix[:6].ljust(6, "0"), 16)
    return range(first, first + (1 << 4 * max(0, 6 - len(prefix))))


def _sort(first: int) -> Kind:
    if first & 1:
        return Kind.GROUP
    return Kind.LOCAL if first & 2 else Kind.UNIVERSAL


def _batches(texts: Iterable[object]) -> Iterator[list[Any]]:
    """Yield lists of at most CHUNK texts out of a list, an array, a column, any iterable."""
    values: Any = texts.to_numpy() if hasattr(texts, "to_numpy") else texts
    if hasattr(values, "tolist") or isinstance(values, list):
        for start in range(0, len(values), CHUNK):
            piece = values[start : start + CHUNK]
            yield piece if isinstance(piece, list) else piece.tolist()
        return
    rows = iter(values)
    while batch := list(islice(rows, CHUNK)):
        yield batch


def _join(batch: list[Any]) -> bytes:
    """Return the texts as lines, nothing where one of them is no ASCII text."""
    try:
        return ("\n".join(batch) + "\n").encode("ascii")
    except (TypeError, UnicodeEncodeError):
        return b""


def _spell(batch: list[Any]) -> bytes:
    """Return the digits of each text as a line of its own, whatever was in it."""
    texts = (text.decode("latin-1") if isinstance(text, bytes) else text for text in batch)
    digits = (normal.mac(text) if isinstance(text, str) else "" for text in texts)
    return ("\n".join(digit or _NO_MAC for digit in digits) + "\n").encode("ascii")


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield whole lines, a megabyte at a time; one longer than that becomes a dash."""
    rest = b""
    while block := file.read(_BLOCK):
        whole, newline, rest = (rest + block.replace(b"\r", b"")).rpartition(b"\n")
        if newline:
            yield whole + newline
        elif len(rest) > _BLOCK:
            rest = _NO_MAC.encode()
    if rest:
        yield rest + b"\n"


def _halves(lines: bytes) -> "tuple[np.ndarray, np.ndarray]":
    """Return the first and last 24 bits of each line's MAC; without one, the last _UNREAD."""
    import numpy as np

    codes = np.frombuffer(lines.translate(_CODES), dtype=np.uint8)
    ends = np.flatnonzero(codes == _END)
    starts = np.concatenate((np.zeros(1, dtype=ends.dtype), ends[:-1] + 1))
    lengths = np.minimum(ends - starts, _LONGEST).astype(np.uint8)
    page = _Page(
        lines=lines,
        codes=codes,
        pairs=_pairs(codes),
        high=np.zeros(ends.size, dtype=np.int32),
        low=np.full(ends.size, _UNREAD, dtype=np.int32),
    )
    for length, (places, separators) in _LAYOUTS.items():
        rows = np.flatnonzero(lengths == length)
        if rows.size:
            page.read_even(starts[rows], rows, places, separators)
    for read_left in (page.read_split, page.read_one_by_one):
        left = np.flatnonzero(page.low == _UNREAD)
        if left.size:
            read_left(starts[left], ends[left], left)
    return page.high, page.low


@dataclass(slots=True)
class _Page:
    """Lines being read: each byte's code, the octet that begins there, what came of a line."""

    lines: bytes
    codes: "np.ndarray"
    pairs: "np.ndarray"
    high: "np.ndarray"
    low: "np.ndarray"

    def read_even(
        self, starts: "np.ndarray", rows: "np.ndarray", places: tuple[int, ...], separators: tuple[int, ...]
    ) -> None:
        """Read lines of one notation: octets at `places`, nothing but separators between them."""
        octets = [self.pairs.take(starts + place) for place in places]
        wrong = octets[0] | octets[1] | octets[2] | octets[3] | octets[4] | octets[5]
        good = wrong < 256  # noqa: PLR2004  an octet
        for place in separators:
            good &= (self.codes.take(starts + place) & _SEPARATOR_BITS) == _SEPARATOR
        self._keep(rows, octets, good)

    def read_split(self, starts: "np.ndarray", ends: "np.ndarray", rows: "np.ndarray") -> None:
        """Read lines of six octets of one or two digits, `0:e0:fc:0:0:1`, as net-snmp writes."""
        import numpy as np

        lengths = ends - starts + 1
        after = np.cumsum(lengths)
        codes = self.codes.take(np.arange(after[-1]) + np.repeat(starts - after + lengths, lengths))
        edges = np.flatnonzero((codes == _COLON) | (codes == _DASH) | (codes == _END))
        last = np.searchsorted(edges, after - 1)
        six = np.flatnonzero(np.diff(last, prepend=-1) == _OCTETS)
        if not six.size:
            return
        stops = [edges.take(last[six] - back) for back in range(_OCTETS - 1, -1, -1)]
        begins = [(after - lengths)[six], *(stop + 1 for stop in stops[:-1])]
        mark = codes.take(stops[0])
        good = mark != _END
        octets = []
        for number, (begin, stop) in enumerate(zip(begins, stops, strict=True)):
            wide = stop - begin == 2  # noqa: PLR2004  two digits
            high, low = codes.take(begin) * wide, codes.take(stop - 1)
            good &= (wide | (stop - begin == 1)) & ((high | low) < _DIGITS)
            if number < _OCTETS - 1:
                good &= codes.take(stop) == mark
            octets.append((high << 4) | low)
        self._keep(rows[six], octets, good)

    def read_one_by_one(self, starts: "np.ndarray", ends: "np.ndarray", rows: "np.ndarray") -> None:
        """Read what no rule for many at a time fits, each distinct text once."""
        kinds: dict[bytes, int] = {}
        for row, start, end in zip(rows.tolist(), starts.tolist(), ends.tolist(), strict=True):
            text = self.lines[start:end]
            value = kinds.get(text)
            if value is None:
                digits = normal.mac(text.decode("utf-8", "replace")) if end - start < _LONGEST else ""
                value = kinds[text] = int(digits, 16) if digits else -1
            if value >= 0:
                self.high[row], self.low[row] = value >> 24, value & 0xFFFFFF

    def _keep(self, rows: "np.ndarray", octets: "list[np.ndarray]", good: "np.ndarray") -> None:
        import numpy as np

        if not good.all():
            rows, octets = rows[good], [octet[good] for octet in octets]
        wide = [octet.astype(np.int32) for octet in octets]
        self.high[rows] = (wide[0] << 16) | (wide[1] << 8) | wide[2]
        self.low[rows] = (wide[3] << 16) | (wide[4] << 8) | wide[5]


def _pairs(codes: "np.ndarray") -> "np.ndarray":
    """Return for each place the octet its two digits spell, above 255 where there are none."""
    import numpy as np

    wide = codes.astype(np.uint16)
    wide |= (wide & 0xF0) << 8
    return (wide[:-1] << 4) | wide[1:]


def _codes() -> bytes:
    """Return what each byte is: value of a digit, sort of separator, end of line, other."""
    table = bytearray([_OTHER]) * 256
    for value, digit in enumerate(b"0123456789abcdef"):
        table[digit] = table[ord(chr(digit).upper())] = value
    table[ord(".")] = table[ord(" ")] = _SEPARATOR
    table[ord(":")], table[ord("-")], table[ord("\n")] = _COLON, _DASH, _END
    return bytes(table)


_CODES = _codes()
