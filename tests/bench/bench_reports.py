"""Reports of 100,000 assets (10,000 findings).

Seconds, peak memory, size, and XLSX against openpyxl and XlsxWriter in the same run.

Run it with `python tests/bench/bench_reports.py [assets]`. Each format has a process of its own, so that peaks do not
mix; the audit itself is part of every peak and is shown in a line of its own. It fails when XLSX is not twice as fast
as openpyxl or needs 200 MB.
"""

import io
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from auditor.model import Audit
from auditor.report.base import Options
from auditor.report.registry import render
from auditor.report.rows import DeviceRow, FindingRow, UnreadRow, cells, columns, device_rows, finding_rows, unread_rows
from auditor.report.workbook import EVIDENCE_COLUMNS, OBLIGATION_COLUMNS, evidence_rows, obligation_rows
from tests.tools.audits import large

NAMES = ("xlsx", "html", "csv", "json", "jsonl", "text", "cyclonedx", "sarif", "pdf")
OPENPYXL = ("openpyxl", "openpyxl-write-only")
PEERS = (*OPENPYXL, "xlsxwriter")
TIMES_AS_FAST = 2
PEAK_MB = 200


def tables(audit: Audit) -> Iterator[tuple[Sequence[str], Iterable[Sequence[str]]]]:
    """Yield header and rows of the long sheets, cleaned of what peers refuse.

    Control characters. The other side pays for cleaning too.
    """
    for head, rows in (
        (columns(FindingRow), map(cells, finding_rows(audit))),
        (EVIDENCE_COLUMNS, evidence_rows(audit)),
        (columns(DeviceRow), map(cells, device_rows(audit))),
        (columns(UnreadRow), map(cells, unread_rows(audit))),
        (OBLIGATION_COLUMNS, obligation_rows(audit)),
    ):
        yield head, ([" ".join(value.split()) for value in row] for row in rows)


def xlsxwriter(audit: Audit) -> bytes:
    """Return the same tables as written by XlsxWriter in constant memory, everything as text."""
    from xlsxwriter import Workbook

    out = io.BytesIO()
    with Workbook(out, {"constant_memory": True}) as book:
        for head, rows in tables(audit):
            sheet = book.add_worksheet()
            for number, row in enumerate(chain([head], rows)):
                for index, value in enumerate(row):
                    if value:
                        sheet.write_string(number, index, value)
    return out.getvalue()


def openpyxl(audit: Audit, *, write_only: bool) -> bytes:
    """Return the same tables as written by openpyxl."""
    from openpyxl import Workbook

    book = Workbook(write_only=write_only)
    for head, rows in tables(audit):
        sheet = book.create_sheet()
        sheet.append(list(head))
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def work(name: str) -> Callable[[Audit], bytes]:
    """Return what is to be measured under a name."""
    if name == "xlsxwriter":
        return xlsxwriter
    if name in PEERS:
        return lambda audit: openpyxl(audit, write_only=name != "openpyxl")
    if name == "audit":
        return lambda _audit: b""
    return lambda audit: render(audit, name, Options())


def tell(line: str) -> None:
    """Print one line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def child(name: str, assets: int) -> None:
    """Measure one report and print the figures."""
    audit = large(assets, assets // 10)
    before = time.perf_counter()
    made = work(name)(audit)
    seconds = time.perf_counter() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    tell(json.dumps({"seconds": round(seconds, 2), "peak_mb": round(peak), "size_kb": len(made) // 1024}))


def main(assets: int) -> int:
    """Print the table and return 1 when a limit is broken."""
    figures = {}
    tell(f"{assets:,} assets, {assets // 10:,} findings\n{'format':<22}{'seconds':>9}{'peak MB':>9}{'size KB':>9}")
    for name in ("audit", *NAMES, *PEERS):
        done = subprocess.run([sys.executable, __file__, str(assets), name], capture_output=True, text=True, check=True)
        figures[name] = json.loads(done.stdout)
        one = figures[name]
        tell(f"{name:<22}{one['seconds']:>9}{one['peak_mb']:>9}{one['size_kb']:>9}")
    ratio = min(figures[peer]["seconds"] for peer in OPENPYXL) / figures["xlsx"]["seconds"]
    beside = figures["xlsxwriter"]["seconds"] / figures["xlsx"]["seconds"]
    tell(f"\nxlsx is {beside:.1f} times as fast as XlsxWriter in constant memory")
    peak = figures["xlsx"]["peak_mb"]
    promises = {
        f"xlsx {ratio:.1f} times as fast as openpyxl's faster mode, at least {TIMES_AS_FAST}": ratio >= TIMES_AS_FAST,
        f"xlsx peak {peak} MB, at most {PEAK_MB}": peak <= PEAK_MB,
    }
    for words, is_kept in promises.items():
        tell(f"{'kept' if is_kept else 'broken'}: {words}")
    return int(not all(promises.values()))


if __name__ == "__main__":
    NUMBER = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    if len(sys.argv) > 2:  # assets, then the name of one measurement
        child(sys.argv[2], NUMBER)
    else:
        sys.exit(main(NUMBER))
