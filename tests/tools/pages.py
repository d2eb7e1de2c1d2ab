"""Every filing of the carrier sample as PDF, and each of its pages as a picture to look at.

    python -m tests.tools.pages [FOLDER]

Writes `FOLDER/<filing>.pdf`, `FOLDER/<filing>-NN.png` at 80 dots an inch, and `pages.tsv`: pages and octets of each.
Needs pdftoppm (poppler) and the extra `pdf`.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from click.testing import CliRunner

from auditor.cli import main
from tests.cli.test_filings import scan_into

DOTS = "80"
FACTS = """
[filer]
filer_name = "Example Carrier"
frn = "0001234567"
approved = 2026-10-01
spending_days = [2027-02-10, 2027-08-10]
discovered = 2026-11-20T15:30:00-05:00
submitted = 2026-11-23T10:00:00-05:00
[[claim]]
claim_ref = "C-1"
currency = "USD"
amount_claimed = 1500
amount_paid = 1000
[[invoice]]
invoice_ref = "R-7"
claim_ref = "C-1"
currency = "USD"
amount = 1250.50
"""


def draw(folder: Path) -> list[tuple[str, int, int]]:
    """Write the filings and their pages; return name, pages and octets of each paper."""
    program = shutil.which("pdftoppm")
    if program is None:
        raise SystemExit("pdftoppm is missing; on Debian: sudo apt install poppler-utils")
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as name:
        store = scan_into("carrier", Path(name))
        facts = Path(name) / "facts.toml"
        facts.write_text(FACTS)
        words = ["filings", "write", "all", "--store", store, "--facts", facts, "-o", folder, "--pdf", "--despite-age"]
        result = CliRunner().invoke(main, [str(word) for word in words])
        if result.exit_code:
            raise SystemExit(result.output)
    papers = sorted(folder.glob("*.pdf"))
    for paper in papers:
        subprocess.run([program, "-r", DOTS, "-png", paper, paper.with_suffix("")], check=True)
    return [(one.stem, len(list(folder.glob(f"{one.stem}-*.png"))), one.stat().st_size) for one in papers]


if __name__ == "__main__":
    place = Path(sys.argv[1] if len(sys.argv) > 1 else "artefacts/pages")
    lines = [f"{name}\t{pages}\t{octets}" for name, pages, octets in draw(place)]
    (place / "pages.tsv").write_text("filing\tpages\toctets\n" + "\n".join(lines) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(lines) + "\n")
