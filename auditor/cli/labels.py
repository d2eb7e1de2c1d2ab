"""`auditor import --labels`: where the rows go, and what is said of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from auditor.cli.common import CommonOptions
from auditor.cli.terminal import stream, writing
from auditor.run.labels import label, whole_file


def write_labels(paths: Sequence[str], sort: str, target: str, common: CommonOptions) -> int:
    """Write a row for each line of the files; return the exit code: 3 where no line held a MAC."""
    with _stdout() if target == "-" else whole_file(Path(target)) as out:
        labels = label(paths, sort, out, common.rules, common.person)
    common.say(f"{labels.lines} lines: {labels.counts()}")
    return 0 if labels.lines > labels.without_mac else 3


@contextmanager
def _stdout() -> Iterator[IO[bytes]]:
    with writing():
        yield stream()
        stream().flush()
