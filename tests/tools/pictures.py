"""Pictures and papers for the tests: whole ones, with notes of a camera, with more behind their end."""

import struct
import zlib

TIME = b"2026:02:03 10:11:12\0"
# One of the places that the notes of a camera hold, to look for afterwards.
LATITUDE = b"44.0512345N"


def segment(marker, payload):
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def exif(order=">"):
    """Return the notes of a camera: orientation, time, a directory of positions."""
    mark = b"MM\0*" if order == ">" else b"II*\0"
    ifd0 = 8
    place = ifd0 + 2 + 3 * 12 + 4
    gps = place + 2 + 12 + 4 + len(TIME)
    head = mark + struct.pack(f"{order}I", ifd0) + struct.pack(f"{order}H", 3)
    entries = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, 6, 0)
    entries += struct.pack(f"{order}HHII", 0x8769, 4, 1, place) + struct.pack(f"{order}HHII", 0x8825, 4, 1, gps)
    more = struct.pack(f"{order}H", 1) + struct.pack(f"{order}HHII", 0x9003, 2, 20, place + 18) + bytes(4) + TIME
    there = (
        struct.pack(f"{order}H", 1) + struct.pack(f"{order}HHII", 2, 2, len(LATITUDE), gps + 18) + bytes(4) + LATITUDE
    )
    return b"Exif\0\0" + head + entries + bytes(4) + more + there


def jpeg(*notes, tail=b"", size=8):
    """Return a grey square as a camera writes one (ITU-T T.81, baseline), notes first."""
    code = bytes([1]) + bytes(15) + b"\0"  # one code of one bit
    parts = [
        segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
        *notes,
        segment(0xDB, b"\0" + b"\1" * 64),
        segment(0xC0, struct.pack(">BHHBBBB", 8, size, size, 1, 1, 0x11, 0)),
        segment(0xC4, b"\0" + code),
        segment(0xC4, b"\x10" + code),
        segment(0xDA, b"\1\1\0\0\x3f\0"),
        b"\x3f" * (1 if size <= 8 else size * size // 256),
    ]  # fmt: skip
    return b"\xff\xd8" + b"".join(parts) + b"\xff\xd9" + tail


def photograph(order=">"):
    """Return a photograph with a position in the notes of the camera and in XMP."""
    xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x exif:GPSLatitude='" + LATITUDE + b"'/>")
    return jpeg(segment(0xE1, exif(order)), xmp, segment(0xFE, b"taken at " + LATITUDE))


def chunk(kind, payload):
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


def png(*notes, tail=b"", width=4):
    """Return a grey square as PNG."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, 4, 8, 0, 0, 0, 0))
    rows = zlib.compress((b"\0" + b"\x80" * min(width, 4)) * 4)
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(notes) + chunk(b"IDAT", rows) + chunk(b"IEND", b"") + tail


def pdf(pages=1):
    """Return a PDF of so many pages, each with its number."""
    import typst

    return typst.compile("#pagebreak()\n".join(f"= Certificate, page {at + 1}\n" for at in range(pages)).encode())
