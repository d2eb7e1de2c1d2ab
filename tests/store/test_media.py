"""Evidence files by their octets: what is taken, what a photograph loses, what is refused."""

import io
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.errors import InputError
from auditor.store.media import examine
from tests.tools.pictures import LATITUDE, TIME, chunk, exif, jpeg, pdf, photograph, png, segment


@pytest.mark.parametrize("order", [">", "<"])
def test_a_photograph_loses_its_position_and_keeps_its_time_and_orientation(order):
    media = examine(photograph(order))

    assert (media.type, LATITUDE in media.content, TIME in media.content) == ("image/jpeg", False, True)
    assert struct.pack(">HHIH", 0x0112, 3, 1, 6) in media.content
    assert "position" in media.left_out
    assert examine(media.content).content == media.content


def test_positions_stay_where_that_is_asked_for():
    media = examine(photograph(), keep_positions=True)

    assert (media.content, media.left_out) == (photograph(), "")


def test_a_picture_without_notes_stays_octet_for_octet():
    for data in (jpeg(), png()):
        assert (examine(data).content, examine(data).left_out) == (data, "")


def test_what_stands_behind_the_end_of_a_picture_is_left_out():
    for whole, data in ((jpeg(), jpeg(tail=b"<script>")), (png(), png(tail=b"<script>"))):
        media = examine(data)
        assert media.content == whole
        assert "after the end" in media.left_out


def test_a_png_loses_its_texts():
    note = chunk(b"tEXt", b"Comment\0" + LATITUDE)

    assert examine(png(note)).content == png()
    assert examine(png(note), keep_positions=True).content == png(note)


def test_a_pdf_is_kept_as_it_is():
    data = pdf()

    assert (examine(data).type, examine(data).content) == ("application/pdf", data)


def packed(data):
    """Return a file with an archive behind it."""
    out = io.BytesIO(data)
    out.seek(0, io.SEEK_END)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("run.sh", "#!/bin/sh")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"<html><script>", "neither a PDF nor a JPEG nor a PNG"),
        (b"MZ\x90\x00", "neither a PDF"),
        (b"GIF89a", "neither a PDF"),
        (b"%PDF-1.7\nno end", "without its end"),
        (b"%PDF-1.7\n%%EOF\n<script>", "after the end of the PDF"),
        (b"%PDF-1.7\n" + packed(b"x") + b"\n%%EOF", "ZIP archive"),
        (b"\xff\xd8\xff\xe0", "cut short"),
        (jpeg()[:-20], "ends too early"),
        (jpeg(size=60000), "pixels"),
        (png()[:-6], "damaged PNG"),
        (png().replace(b"IDAT", b"IDAX"), "damaged PNG"),
        (png(width=1 << 30), "pixels"),
        (b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", 0xFFFFFFFF, b"IHDR"), "damaged PNG"),
    ],
)
def test_what_is_no_such_file_or_two_at_once_is_refused(data, problem):
    with pytest.raises(InputError, match=problem):
        examine(data)


def test_an_archive_behind_a_picture_goes_with_the_rest():
    assert examine(packed(jpeg())).content == jpeg()


@pytest.mark.parametrize("cut", range(6, len(exif()), 7))
def test_notes_that_are_cut_anywhere_are_left_out_all_the_same(cut):
    media = examine(jpeg(segment(0xE1, exif()[:cut])))

    assert LATITUDE not in media.content


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, len(photograph()) - 1), octet=st.integers(0, 255))
def test_no_damaged_octet_brings_anything_but_a_refusal(at, octet):
    data = bytearray(photograph())
    data[at] = octet
    try:
        media = examine(bytes(data))
    except InputError:
        return
    assert media.content.startswith(b"\xff\xd8")
