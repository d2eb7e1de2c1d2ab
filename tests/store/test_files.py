"""A report is written whole or not at all, and never anywhere else."""

import os
from pathlib import Path

import pytest

from auditor.errors import OutputError
from auditor.normal import file_name
from auditor.store.files import write


def test_a_report_replaces_the_one_before_it(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_bytes(b"old")

    write(path, b"new")

    assert path.read_bytes() == b"new"
    assert [item.name for item in tmp_path.iterdir()] == ["report.html"]


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    link = tmp_path / "report.html"
    link.symlink_to(victim)

    write(link, b"new")

    assert victim.read_bytes() == b"precious"
    assert (link.is_symlink(), link.read_bytes()) == (False, b"new")


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    write(pipe, b"report")

    assert os.read(reader, 100) == b"report"
    os.close(reader)
    assert pipe.is_fifo()
    assert [file.name for file in tmp_path.iterdir()] == ["pipe"]


def test_a_link_that_leads_to_a_device_is_not_replaced_by_a_report(tmp_path: Path) -> None:
    link = tmp_path / "stdout"
    link.symlink_to("/dev/null")

    with pytest.raises(OutputError, match="leave --output away"):
        write(link, b"report")

    assert link.is_symlink()


def test_a_trap_laid_for_the_spare_file_is_neither_followed_nor_removed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    trap = tmp_path / ".report.guessed.part"
    trap.symlink_to(victim)

    with pytest.raises(OutputError, match="File exists"):
        write(tmp_path / "report", b"new", lambda: "guessed")

    assert victim.read_bytes() == b"precious"
    assert trap.is_symlink()
    trap.unlink()
    trap.write_bytes(b"of another run")
    with pytest.raises(OutputError, match="File exists"):
        write(tmp_path / "report", b"new", lambda: "guessed")
    assert trap.read_bytes() == b"of another run"


def test_a_failure_leaves_nothing_half_written(tmp_path: Path) -> None:
    path = tmp_path / "report"
    path.mkdir()

    with pytest.raises(OutputError, match="cannot be written"):
        write(path, b"new")

    assert [item.name for item in tmp_path.iterdir()] == ["report"]


def test_a_missing_folder_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught:
        write(tmp_path / "none" / "report", b"")

    assert str(caught.value).endswith("cannot be written: No such file or directory")


def test_others_may_read_a_report_but_not_change_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write(tmp_path / "report", b"")
    finally:
        os.umask(before)

    assert (tmp_path / "report").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    "word", ["../../etc/passwd", "/etc/passwd", "a\0b", "..", "", "CON\n", "x" * 5000, "~root", "$(id)"]
)
def test_no_word_leads_out_of_the_folder(tmp_path: Path, word: str) -> None:
    path = tmp_path / f"audit-{file_name(word)}.{file_name(word)}"

    assert path.resolve().parent == tmp_path.resolve()
    assert len(path.name) < 255
