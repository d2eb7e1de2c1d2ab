"""No mangled file ends an import in anything but records or one line naming it."""

import random
import time

import pytest

from auditor.errors import InputError
from auditor.imports.registry import FORMATS, read, recognise
from auditor.imports.source import LINE_CAP
from auditor.model import Reason
from tests.imports.test_exports import SADP, U2000
from tests.imports.test_imports import SAMPLES
from tests.imports.test_workbooks import workbook

ROUNDS = 120
SPICE = (
    b"\0",
    b"\xff\xfe",
    b'"',
    b"{",
    b"}" * 50,
    b"[" * 3000,
    b"\n" * 20,
    b"9" * 5000,
    b"<!ENTITY",
    b"\xe2\x80\xae",
    b",",
    b"=cmd|' /C calc'!A0",
)
TEXTS = {name: (text if isinstance(text, bytes) else text.encode()) for name, (_file, text) in SAMPLES.items()}
TEXTS |= {"sadp": SADP.encode(), "u2000": U2000.encode(), "xlsx": workbook()}


def mangled(data, chance):
    out = bytearray(data)
    for _blow in range(chance.randrange(1, 6)):
        at = chance.randrange(len(out)) if out else 0
        blow = chance.randrange(4)
        if blow == 0:
            out[at : at + chance.randrange(40)] = b""
        elif blow == 1:
            out[at:at] = chance.choice(SPICE)
        elif blow == 2:
            out[at:at] = out[at : at + chance.randrange(200)]
        elif out:
            out[at] = chance.randrange(256)
    return bytes(out)


@pytest.mark.parametrize("sample", TEXTS)
def test_a_mangled_file_gives_records_or_one_line(file, sample):
    chance = random.Random(sample)
    sort = sample if sample in FORMATS else "csv"
    told = []
    for _round in range(ROUNDS):
        source = file("bad.txt", mangled(TEXTS[sample], chance))
        recognise(source)
        try:
            list(read(source, sort))
        except InputError as exc:
            told.append(str(exc))
    assert [line for line in told if not line.startswith(str(source.path)) or "\n" in line] == []


@pytest.mark.parametrize("sort", FORMATS)
@pytest.mark.parametrize(
    "data", [b"", b"\0" * 5000, b"\xff\xfe", b"\xff\xfe\xd8", b"a," * 200_000, b"-" * 400_000, b"0:" * 200_000], ids=len
)
def test_rubbish_of_every_sort_ends_at_once_in_every_format(file, sort, data):
    started = time.monotonic()
    source = file("rubbish", data)

    try:
        list(read(source, sort))
    except InputError as exc:
        told = str(exc)
    else:
        told = str(source.path)

    assert told.startswith(str(source.path))
    assert time.monotonic() - started < 5


def test_a_journal_line_beyond_all_measure_is_too_long_and_the_rest_is_read(file):
    line = TEXTS["journal"].splitlines(keepends=True)[-1]
    source = file("run.jsonl", line + b'{"type":"' + b"x" * LINE_CAP + b'"}\n' + line)

    records = list(read(source, "journal"))

    *kept, left = records
    assert len(kept) == 2
    assert (left.reason, left.detail) == (
        Reason.PARTIAL,
        "line 2 is longer than 64 MB, which no line of a journal is; left out",
    )
