"""The paper of a binder holds hostile names without a word off its page or on another."""

import shutil
import subprocess
from dataclasses import replace

import pytest

from auditor.paperwork.binder import BinderFile, binder_paper
from auditor.paperwork.filled import fill
from auditor.report.pdf import typeset
from tests.paperwork.test_paper_boxes import PAGE, SHELF, TODAY, WIDE, _page, case, hostile, overlapping
from tests.tools.audits import audit, large
from tests.tools.pictures import photograph

NUMBER = 40


def test_no_word_of_a_binder_leaves_its_page_or_lies_on_another(tmp_path):
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    (tmp_path / "a.jpg").write_bytes(photograph())
    items = [item for item in large(NUMBER * 2, NUMBER * 2).assets if item.findings[0].verdict.word != "possible"]
    devices = tuple(hostile(index, item) for index, item in enumerate(items))
    sheet = fill(case(base=replace(audit(), assets=devices)), SHELF.by_id["custody_log"])
    files = [
        BinderFile(
            sort=sort, title=f'D-000001: {letter * 120}.jpg #image("/etc/passwd")', says=(letter * 300, "*[x]*"),
            pages=pages,
        )
        for letter in WIDE
        for sort, pages in (("photograph", (("/a.jpg", 1),)), ("invoice", ()))
    ]  # fmt: skip
    digests = [(f"photographs/{index:03}-{letter * 60}", "1", "ab" * 32) for index, letter in enumerate(WIDE * 10)]

    paper = typeset("binder.typ", binder_paper("W" * 200, [sheet], files, digests, TODAY), tmp_path)

    words = ["pdftotext", "-bbox", "-", "-"]
    text = subprocess.run(words, input=paper, capture_output=True, check=True).stdout.decode()
    every = [_page(*groups) for groups in PAGE.findall(text)]
    assert len(every) > len(WIDE)
    assert "/etc/passwd" in text  # printed, not opened
    for width, height, boxes in every:
        assert not [box for box in boxes if box[0] < 0 or box[1] < 0 or box[2] > width or box[3] > height]
        assert list(overlapping(boxes)) == []
