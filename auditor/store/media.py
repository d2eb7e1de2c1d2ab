"""What an evidence file is, by its octets and not its name: PDF, JPEG or PNG, no more.

Photographs lose the place they were taken at and whatever else a camera noted, save the orientation and the time.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from auditor.errors import InputError

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
SUFFIXES = {PDF: ".pdf", JPEG: ".jpg", PNG: ".png"}
SORTS = ("certificate", "photograph", "invoice", "receipt", "other")
CAP = 64 << 20
PIXELS = 200_000_000
_TAIL = 2048
_FILL, _SOI, _PNG_MARK = b"\xff\xff", b"\xff\xd8", b"\x89PNG\r\n\x1a\n"
_NEXT_MARKER = re.compile(rb"\xff(?=[^\x00\xd0-\xd7\xff])", re.DOTALL)
_APP0, _APP1, _APP2, _APP14, _COMMENT, _SCAN, _END = 0xE0, 0xE1, 0xE2, 0xEE, 0xFE, 0xDA, 0xD9
_APPS = range(0xE0, 0xF0)
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# What of a camera's notes is no more than how the picture is to be shown (JFIF, ICC, Adobe's colours).
_SHOW = {_APP0: b"JFIF\0", _APP2: b"ICC_PROFILE\0", _APP14: b"Adobe"}
_EXIF, _GPS = b"Exif\0\0", 0x8825
_ORIENTATION, _DATE_TIME, _EXIF_IFD, _TAKEN = 0x0112, 0x0132, 0x8769, 0x9003
_DAMAGED = "is a damaged PNG, or one that is cut short"
_CHUNKS = frozenset(b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT pHYs bKGD".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """The octets to keep, what they are, and in words what was left out of them."""

    type: str
    content: bytes
    left_out: str = ""


def examine(data: bytes, *, keep_positions: bool = False) -> Media:
    """Return a file as it is kept; what is no PDF or picture, or two at once, is refused."""
    try:
        if data.startswith(b"%PDF-"):
            media = _pdf(data)
        elif data.startswith(_SOI + b"\xff"):
            media = _jpeg(data, keep_positions=keep_positions)
        elif data.startswith(_PNG_MARK):
            media = _png(data, keep_positions=keep_positions)
        else:
            raise InputError("is neither a PDF nor a JPEG nor a PNG by its first octets")
    except (struct.error, IndexError):
        raise InputError("is cut short or damaged") from None
    if zipfile.is_zipfile(io.BytesIO(media.content)):
        raise InputError("is a ZIP archive at the same time; print it to a plain PDF or take a new picture")
    return media


def _pdf(data: bytes) -> Media:
    end = data.rfind(b"%%EOF")
    if end < max(0, len(data) - _TAIL):
        raise InputError("is a PDF without its end; it is cut short, or something was added to it")
    if data[end + 5 :].strip(b"\r\n\t \0"):
        raise InputError(f"has {len(data) - end - 5} octets after the end of the PDF; print it to a plain PDF")
    return Media(type=PDF, content=data)


# ── JPEG (ITU-T T.81, annex B; Exif 2.3) ──


def _jpeg(data: bytes, *, keep_positions: bool) -> Media:
    pieces, notes, exif, size = [_SOI], False, b"", 0
    for marker, piece in _segments(data):
        payload = piece[4:]
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", payload[1:5])
            size = max(size, height * width)
        is_note = marker == _COMMENT or (marker in _APPS and not payload.startswith(_SHOW.get(marker, b"\xff\xff")))
        if is_note and not keep_positions:
            notes = True
            exif = exif or (payload[len(_EXIF) :] if marker == _APP1 and payload.startswith(_EXIF) else b"")
            continue
        pieces.append(piece)
    _check_size(size)
    content = b"".join([pieces[0], _small_exif(exif), *pieces[1:]])
    return Media(type=JPEG, content=content, left_out=_left_out(data, content, notes=notes))


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield marker and octets of each part up to the end of the image, scans with their data."""
    at = 2
    while True:
        while data[at : at + 2] == _FILL:
            at += 1
        if data[at] != _FILL[0]:
            raise InputError("is a damaged JPEG")
        marker = data[at + 1]
        if marker == _END:
            yield marker, data[at : at + 2]
            return
        end = at + 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
        if marker == _SCAN:
            match = _NEXT_MARKER.search(data, end)
            end = match.start() if match else len(data)
        if end <= at + 3 or end >= len(data):
            raise InputError("is a JPEG that ends too early")
        yield marker, data[at:end]
        at = end


def _small_exif(tiff: bytes) -> bytes:
    """Return a segment with orientation and time alone, or nothing where a camera noted neither."""
    orientation, moment = _camera_notes(tiff) if tiff else (0, b"")
    if not orientation and not moment:
        return b""
    entries = [struct.pack(">HHIHH", _ORIENTATION, 3, 1, orientation, 0)] if orientation else []
    place = 8 + 2 + 12 * (len(entries) + bool(moment)) + 4
    entries += [struct.pack(">HHII", _DATE_TIME, 2, 20, place)] if moment else []
    body = _EXIF + b"MM\0*" + struct.pack(">IH", 8, len(entries)) + b"".join(entries) + b"\0\0\0\0" + moment
    return struct.pack(">BBH", 0xFF, _APP1, len(body) + 2) + body


def _camera_notes(tiff: bytes) -> tuple[int, bytes]:
    """Return orientation (1 to 8, or 0) and time (20 octets, or none) out of a camera's notes."""
    try:
        order = {b"II": "<", b"MM": ">"}[tiff[:2]]
        first = dict(_ifd(tiff, struct.unpack(f"{order}I", tiff[4:8])[0], order))
        more = dict(_ifd(tiff, struct.unpack(f"{order}I", first[_EXIF_IFD])[0], order)) if _EXIF_IFD in first else {}
        orientation = struct.unpack(f"{order}H", first.get(_ORIENTATION, b"\0\0\0\0")[:2])[0]
        place = more.get(_TAKEN) or first.get(_DATE_TIME)
        moment = tiff[(start := struct.unpack(f"{order}I", place)[0]) : start + 20] if place else b""
    except (KeyError, struct.error):
        return 0, b""
    is_time = re.fullmatch(rb"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d\0", moment) is not None
    return orientation if 1 <= orientation <= 8 else 0, moment if is_time else b""  # noqa: PLR2004 - Exif's eight


def _ifd(tiff: bytes, at: int, order: str) -> Iterator[tuple[int, bytes]]:
    """Yield tag and value field of each entry of a directory."""
    (count,) = struct.unpack(f"{order}H", tiff[at : at + 2])
    for place in range(at + 2, min(at + 2 + 12 * count, len(tiff) - 11), 12):
        yield struct.unpack(f"{order}H", tiff[place : place + 2])[0], tiff[place + 8 : place + 12]


# ── PNG (ISO/IEC 15948) ──


def _png(data: bytes, *, keep_positions: bool) -> Media:
    pieces, notes, at = [_PNG_MARK], False, len(_PNG_MARK)
    while True:
        if at + 12 > len(data):
            raise InputError(_DAMAGED)
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        chunk = data[at : at + length + 12]
        if len(chunk) < length + 12 or zlib.crc32(chunk[4:-4]) != struct.unpack(">I", chunk[-4:])[0]:
            raise InputError(_DAMAGED)
        if kind == b"IHDR":
            width, height = struct.unpack(">II", chunk[8:16])
            _check_size(width * height)
        if kind in _CHUNKS or keep_positions:
            pieces.append(chunk)
        else:
            notes = True
        at += length + 12
        if kind == b"IEND":
            content = b"".join(pieces)
            return Media(type=PNG, content=content, left_out=_left_out(data, content, notes=notes))


def _check_size(pixels: int) -> None:
    if not 0 < pixels <= PIXELS:
        raise InputError(f"has {pixels:,} pixels; 1 to {PIXELS:,} are taken")


def _left_out(data: bytes, content: bytes, *, notes: bool) -> str:
    """Return in words what a photograph lost."""
    if data == content:
        return ""
    return "the camera's notes, with any position" if notes else "octets after the end of the image"
